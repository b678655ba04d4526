"""A certificate of one's own: every wrong thing has its words, and a renewed one is taken while the console runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from console.errors import CertificateError
from console.tls.authority import new_key
from console.tls.follow import Follower
from console.tls.pair import faults, read_pair
from ingest.log import Log
from tests.certificates import LONG_AGO, NOW, Issuer, key_pem, shake, trusting


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer("care.example.org", at=LONG_AGO)


def test_a_good_pair_has_no_faults(issuer: Issuer, tmp_path: Path) -> None:
    assert list(faults(read_pair(*issuer.make(tmp_path, ["care.example.org"])), NOW)) == []


def test_every_wrong_pair_says_what_is_wrong(issuer: Issuer, tmp_path: Path) -> None:
    certificate, key = issuer.make(tmp_path, ["care.example.org"])
    other = issuer.make(tmp_path, ["care.example.org"], stem="other")[1]
    secret, junk = tmp_path / "secret.key", tmp_path / "junk"
    secret.write_bytes(key_pem(new_key(), b"a passphrase"))
    junk.write_bytes(b"\x30\x82 not PEM")
    for wrong, said in (
        ((tmp_path / "none.crt", key), "the certificate .*none.crt cannot be read: No such file"),
        ((certificate, tmp_path / "none.key"), "the key .*none.key cannot be read: No such file"),
        ((tmp_path, key), "cannot be read: Is a directory"),
        ((certificate, other), "does not belong to the certificate"),
        ((certificate, secret), "has a passphrase.*openssl pkey"),
        ((junk, key), "no certificate in PEM form.*-inform der"),
        ((certificate, junk), "no private key in PEM form"),
        ((key, certificate), "no certificate in PEM form"),
    ):
        with pytest.raises(CertificateError, match=said):
            read_pair(*wrong)


def test_what_browsers_refuse_is_told_and_served_all_the_same(
    issuer: Issuer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An alarm desk with a warning in front is better than none."""
    pair = issuer.make(tmp_path, [], at=LONG_AGO)
    told = list(faults(read_pair(*pair), NOW))
    assert "ended on" in told[0]
    assert "names no host" in told[1]
    assert "clock" in next(faults(read_pair(*pair), LONG_AGO - timedelta(days=3)))
    Follower(*pair, Log("console")).start(NOW)
    assert caplog.text.count("certificate.refused_by_browsers") == 2


class Console:
    """The server's side: which certificate a new connection gets."""

    def __init__(self, folder: Path, issuer: Issuer) -> None:
        self._issuer = issuer
        self._folder = folder
        self.pair = issuer.make(folder, ["old.local"])
        self.follower = Follower(*self.pair, Log("console"))
        self.follower.start(NOW)

    def renew(self, name: str) -> None:
        for made, place in zip(self._issuer.make(self._folder, [name], stem="new"), self.pair, strict=True):
            made.replace(place)

    def serves(self, host: str, *, named: bool = True) -> bool:
        context = trusting(self._issuer.authority.certificate)
        context.check_hostname = False
        found = shake(context, self.follower.context, host if named else None).getpeercert()
        assert found is not None
        return ("DNS", host) in found["subjectAltName"]


@pytest.fixture
def console(tmp_path: Path, issuer: Issuer) -> Console:
    return Console(tmp_path, issuer)


def test_a_renewed_certificate_is_taken_without_a_restart(console: Console) -> None:
    assert console.serves("old.local")
    assert not console.follower.look()
    console.renew("new.local")
    assert console.follower.look()
    assert console.serves("new.local")
    assert console.serves("new.local", named=False), "a phone that comes by address names no host"
    assert not console.follower.look()


def test_half_a_renewal_is_waited_for_and_the_old_one_serves(
    console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key = console.pair
    before = certificate.read_bytes(), key.read_bytes()
    console.renew("new.local")
    after = certificate.read_bytes(), key.read_bytes()
    certificate.write_bytes(before[0])
    for _ in range(3):
        assert not console.follower.look()
    assert caplog.text.count("certificate.not_taken") == 1
    certificate.write_bytes(b"")
    assert not console.follower.look()
    certificate.unlink()
    assert not console.follower.look()
    assert console.serves("old.local")
    certificate.write_bytes(after[0])
    assert console.follower.look()
    assert console.serves("new.local")


def test_files_behind_links_are_followed_as_certbot_keeps_them(tmp_path: Path, issuer: Issuer) -> None:
    first, second = (issuer.make(tmp_path, [f"{stem}.local"], stem=stem) for stem in ("first", "second"))
    live = tmp_path / "live.crt", tmp_path / "live.key"
    for link, target in zip(live, first, strict=True):
        link.symlink_to(target)
    follower = Follower(*live, Log("console"))
    follower.start(NOW)
    for link, target in zip(live, second, strict=True):
        new = link.with_suffix(".new")
        new.symlink_to(target)
        new.replace(link)
    assert follower.look()
