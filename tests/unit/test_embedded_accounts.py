"""The accounts' rules, read as sentences."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from console.cli.embedded import accounts
from console.cli.embedded.accounts import SERVICE_ROLES, Role, gateway_role, native_role
from ingest.wire import topics
from ingest.wire.topics import Lane
from tests.mqtt_filters import matches


def may_write(role: Role, topic: str) -> bool:
    return any(matches(rule, topic) for rule in role.writes)


def may_read(role: Role, topic: str) -> bool:
    return any(matches(rule, topic) for rule in role.reads)


def writers(topic: str) -> set[str]:
    return {name for name, role in SERVICE_ROLES.items() if may_write(role, topic)}


def readers(topic: str) -> set[str]:
    return {name for name, role in SERVICE_ROLES.items() if may_read(role, topic)}


def test_only_the_console_commands_alarms_and_only_alarms_reads_it() -> None:
    do = topics.alarm_do("site", "alarm")
    assert writers(do) == {"console"}
    assert readers(do) == {"alarms"}
    for_a_person = topics.person_do("contact:c1")
    assert (writers(for_a_person), readers(for_a_person)) == ({"console"}, {"alarms"})
    assert writers("anxin/v1/console/tab/replies") == {"alarms", "console"}


def test_only_the_engine_states_alarms() -> None:
    state = topics.alarm("site", "alarm")
    assert writers(state) == {"alarms"}
    assert readers(state) == {"alarms", "console", "sim"}


def test_only_the_engine_tells_displays_and_they_hear_nothing_else() -> None:
    assert (writers(topics.notice("corridor-2")), readers(topics.notice("corridor-2"))) == ({"alarms"}, {"display"})
    display = SERVICE_ROLES["display"]
    assert (display.writes, display.reads) == ((), ("anxin/v1/notify/+",))


def test_no_program_speaks_for_a_gateway() -> None:
    for lane in Lane:
        assert writers(topics.up(7, "home-7", lane)) == set()
    assert writers(topics.status(7, "home-7")) == {"admin"}
    assert writers(topics.up(0, "detect", Lane.ALARM)) == {"detect"}


def test_each_lane_has_its_readers_and_their_acknowledgements() -> None:
    assert readers(topics.up(7, "home-7", Lane.ALARM)) == {"alarms", "detect"}
    assert readers(topics.up(7, "home-7", Lane.DATA)) == {"ingest", "detect"}
    assert readers(topics.up(7, "home-7", Lane.MOTION)) == {"detect"}
    assert writers(topics.ack(7, "home-7", "ingest")) == {"ingest", "alarms"}
    assert writers(topics.ack(7, "home-7", "detect")) == {"detect", "alarms"}
    assert writers(topics.command(7, "home-7")) == {"alarms"}
    assert writers(topics.config(7, "home-7")) == {"alarms"}


def test_only_the_administrator_touches_the_accounts() -> None:
    assert writers("$CONTROL/dynamic-security/v1") == {"admin"}
    assert readers("$CONTROL/dynamic-security/v1/response") == {"admin"}


def test_a_gateway_has_exactly_its_prefix_and_its_native_devices() -> None:
    role = gateway_role(0x2A, "home-7")
    assert set(role.writes) == {
        "anxin/v1/gw/2a/home-7/up/#",
        "anxin/v1/gw/2a/home-7/status",
        "native/home-7/#",
    }
    assert set(role.reads) == {"anxin/v1/gw/2a/home-7/down/#", "native/home-7/#"}
    devices = native_role("home-7")
    assert devices.writes == devices.reads == ("native/home-7/#",)


def test_every_role_has_a_name_of_its_own() -> None:
    names = [*SERVICE_ROLES, gateway_role(1, "a").name, gateway_role(1, "b").name, native_role("a").name]
    assert len(set(names)) == len(names)
    assert all(name == role.name for name, role in SERVICE_ROLES.items())


@pytest.mark.parametrize("name", ["admin", "alarms", "detect", "native-a", "gateway-a", "", ".", ".."])
def test_names_that_no_gateway_may_have(name: str) -> None:
    assert accounts.is_reserved(name)


def test_passwords_are_made_once_and_kept_private(tmp_path: Path) -> None:
    made = accounts.service_passwords(tmp_path)
    assert set(made) == set(SERVICE_ROLES)
    assert len(set(made.values())) == len(made)
    assert all(len(password) >= 32 for password in made.values())
    assert accounts.service_passwords(tmp_path) == made
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    for name in made:
        assert stat.S_IMODE((tmp_path / "secrets" / name).stat().st_mode) == 0o600


def test_a_password_file_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    accounts.service_passwords(tmp_path)
    (tmp_path / "secrets" / "alarms").write_text("")
    assert len(accounts.service_passwords(tmp_path)["alarms"]) >= 32


def test_the_configuration_key_is_one_pair(tmp_path: Path) -> None:
    public = accounts.config_public_key(tmp_path)
    assert len(bytes.fromhex(public)) == 32
    assert accounts.config_public_key(tmp_path) == public
    assert accounts.config_private_key(tmp_path) == (tmp_path / "secrets" / "config_key").read_text()
