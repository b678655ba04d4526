"""An authority of one's own: what it may say, what clients believe, who keeps it and renews in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from console.errors import CertificateError
from console.tls import machine
from console.tls.authority import CERTIFICATE_LIFE, make_authority, permits
from console.tls.keeper import RENEWED_BEFORE, Keeper
from console.tls.names import Name, covers, names_of, parse_name
from console.tls.pair import read_certificate
from tests.certificates import NOW, Issuer, handshake
from tests.moved_clock import MovedClock

LAN = IPv4Address("192.168.1.20")
MACHINE: list[Name] = ["localhost", IPv4Address("127.0.0.1"), "care-pc", "care-pc.local", LAN]


class Home:
    """A machine with a clock, names and addresses to be moved."""

    def __init__(self, data: Path, *given: Name) -> None:
        self.clock = MovedClock(NOW)
        self.names = list(MACHINE)
        self.keeper = Keeper(data, given, lambda: self.names)

    def look(self) -> bool:
        return self.keeper.look(self.clock.now())

    @property
    def served(self) -> x509.Certificate:
        return read_certificate(self.keeper.certificate)

    def refusal(self, host: str) -> str:
        """What a phone says that trusts the authority."""
        pair = (self.keeper.certificate, self.keeper.key)
        return handshake(read_certificate(self.keeper.authority), pair, host)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, "care.example.org")


def test_phones_that_trust_it_believe_every_name_of_the_machine(home: Home) -> None:
    assert home.look()
    for host in ("localhost", "127.0.0.1", "care-pc", "care-pc.local", "192.168.1.20", "care.example.org"):
        assert home.refusal(host) == "", host
    assert "mismatch" in home.refusal("other.local")


def test_it_is_as_harmless_as_a_phones_trust_allows(home: Home) -> None:
    home.look()
    authority = read_certificate(home.keeper.authority)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    for word in ("care.example.org", "x.care.example.org", "any.local", "10.1.2.3", "fd00::1", "care-pc"):
        assert permits(authority, parse_name(word)), word
    for word in ("example.org", "bank.example", "8.8.8.8", "2001:db8::1", "xlocal.com"):
        assert not permits(authority, parse_name(word)), word
    for certificate in (authority, home.served):
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    served = home.served
    assert served.not_valid_after_utc - served.not_valid_before_utc <= timedelta(days=398)
    assert not served.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize("stolen", ["bank.example", "8.8.8.8"])
def test_who_steals_it_cannot_speak_for_others(tmp_path: Path, stolen: str) -> None:
    thief = Issuer("care.example.org")
    said = thief.refusal(thief.make(tmp_path, [parse_name(stolen)]), stolen)
    assert "permitted subtree violation" in said


def test_private_keys_are_for_their_owner_only(home: Home) -> None:
    home.look()
    folder = home.keeper.key.parent
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_it_is_renewed_by_itself_before_its_end_and_phones_notice_nothing(home: Home) -> None:
    assert home.look()
    authority, key, first = home.keeper.authority.read_bytes(), home.keeper.key.read_bytes(), home.served
    assert not home.look()
    home.clock.forward((CERTIFICATE_LIFE - RENEWED_BEFORE).total_seconds() - 60)
    assert not home.look()
    home.clock.forward(120)
    assert home.look()
    assert home.served.not_valid_after_utc > first.not_valid_after_utc
    assert (home.keeper.authority.read_bytes(), home.keeper.key.read_bytes()) == (authority, key)
    assert not home.look()


def test_a_new_address_and_a_new_name_are_in_it_at_the_next_look(home: Home) -> None:
    home.look()
    authority = home.keeper.authority.read_bytes()
    home.names += [IPv4Address("10.0.0.7"), "new-pc.local"]
    assert home.look()
    assert covers(names_of(home.served), "10.0.0.7")
    assert home.refusal("new-pc.local") == ""
    home.names.remove(LAN)
    assert not home.look(), "an address that is gone may come back"
    assert home.keeper.authority.read_bytes() == authority


def test_names_of_the_machine_that_it_may_not_speak_for_are_left_out(home: Home) -> None:
    home.look()
    home.names.append("moved.example.com")
    assert not home.look()
    assert not covers(names_of(home.served), "moved.example.com")


def test_a_name_that_comes_later_needs_a_new_authority_and_it_says_so(home: Home, tmp_path: Path) -> None:
    home.look()
    Home(tmp_path, "later.lan").keeper.check_given()
    with pytest.raises(CertificateError, match=r"made without later\.example\.org") as refused:
        Home(tmp_path, "later.example.org").keeper.check_given()
    assert "remove that folder" in str(refused.value)


def test_without_the_authoritys_key_the_certificate_serves_until_its_end(home: Home) -> None:
    home.look()
    (home.keeper.key.parent / "authority.key").unlink()
    assert not home.look()
    home.clock.forward(CERTIFICATE_LIFE.total_seconds())
    with pytest.raises(CertificateError, match=r"authority\.key cannot be read"):
        home.look()


def test_a_start_that_died_half_way_begins_anew(home: Home) -> None:
    home.look()
    home.keeper.authority.unlink()
    with pytest.raises(CertificateError, match="from a backup"):
        home.look()
    home.keeper.certificate.unlink()
    assert home.look()
    assert home.refusal("care-pc.local") == ""


@pytest.mark.parametrize("broken", ["console.crt", "console.key"])
def test_what_cannot_be_served_is_made_anew(home: Home, broken: str) -> None:
    home.look()
    (home.keeper.key.parent / broken).write_text("not PEM")
    assert home.look()
    assert home.refusal("care-pc.local") == ""


def test_a_clock_in_the_past_makes_no_authority_that_is_over_tomorrow(home: Home) -> None:
    home.clock.set_by((datetime(1970, 1, 2, tzinfo=UTC) - NOW).total_seconds())
    with pytest.raises(CertificateError, match="clock says 1970-01-02"):
        home.look()


def test_when_the_authoritys_own_time_ends_nothing_is_written_again_and_again(home: Home) -> None:
    home.look()
    home.clock.forward(timedelta(days=3650 - 10).total_seconds())
    assert home.look()
    assert not home.look()
    home.clock.forward(timedelta(days=20).total_seconds())
    assert not home.look()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a directory should be")
    with pytest.raises(CertificateError, match="cannot be written"):
        Home(tmp_path / "data").look()


@pytest.mark.parametrize(
    "word", ["", "https://care.local", "care.local:8080", "a b", "*.local", "-x.local", "1.2.3", "安心"]
)
def test_what_is_no_name_is_refused_with_an_example(word: str) -> None:
    with pytest.raises(CertificateError, match=r"care\.home\.arpa"):
        parse_name(word)


@pytest.mark.parametrize("word", ["care", "app", "xn--p1ai"])
def test_a_word_that_may_be_a_top_level_domain_is_refused_with_what_to_take(word: str) -> None:
    """The constraint of a name is for everything below it too."""
    with pytest.raises(CertificateError, match=rf"{word}\.local"):
        parse_name(word)


def test_names_are_read_as_people_write_them() -> None:
    assert parse_name(" Care.Example.ORG. ") == "care.example.org"
    assert parse_name("192.168.1.20") == LAN
    assert parse_name("fd00::1") == ip_address("fd00::1")


def test_a_certificate_covers_its_hosts_as_a_browser_sees_it() -> None:
    names: list[Name] = ["*.example.org", "care.local", LAN, ip_address("fd00::1")]
    for host in ("a.example.org", "CARE.local", "192.168.1.20", "[fd00::1]"):
        assert covers(names, host), host
    for host in ("example.org", "a.b.example.org", "192.168.1.21", "local"):
        assert not covers(names, host), host


def test_the_machine_knows_itself() -> None:
    found = machine.names()
    assert found[:2] == ["localhost", IPv4Address("127.0.0.1")]
    authority = make_authority("Anxin", found, NOW).certificate
    assert all(permits(authority, name) for name in found)
    assert all(address.is_private and not address.is_loopback for address in machine.addresses())
