"""What is written for the embedded broker, and which one is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.cli.embedded import accounts, broker, mosquitto
from console.cli.embedded.errors import MissingEmbeddedPartError


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Mosquitto in a prefix of its own."""
    program = tmp_path / "prefix" / "sbin" / "mosquitto"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


def with_plugin(program: Path) -> Path:
    plugin = program.parents[1] / "lib" / "mosquitto_dynamic_security.so"
    plugin.parent.mkdir()
    plugin.touch()
    return plugin


def test_mosquitto_and_the_plugin_of_its_own_prefix_are_found(installed: Path) -> None:
    plugin = with_plugin(installed)
    assert mosquitto.find_mosquitto() == installed
    assert mosquitto.find_plugin(installed) == plugin


def test_mosquitto_is_told_to_keep_what_it_acknowledged_and_to_let_nobody_in(tmp_path: Path) -> None:
    text = mosquitto.configuration(tmp_path, Path("/lib/plugin.so"), tmp_path / "s.json", ["listener 1883 127.0.0.1"])
    lines = text.splitlines()
    for line in (
        "listener 1883 127.0.0.1",
        "allow_anonymous false",
        "plugin /lib/plugin.so",
        f"plugin_opt_config_file {tmp_path}/s.json",
        "max_queued_messages 0",
        "max_inflight_messages 65535",
        "set_tcp_nodelay true",
        "persistence true",
        f"persistence_location {tmp_path}/",
    ):
        assert line in lines


def test_the_settings_choose_the_broker(tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_plugin(installed)
    passwords = accounts.service_passwords(tmp_path)
    command = broker.prepare(tmp_path, 1883, passwords)
    assert command.argv == (str(installed), "-c", str(tmp_path / "broker" / "mosquitto.conf"))
    assert "Mosquitto" in command.describe
    socket = broker.socket(tmp_path)
    assert f"listener 0 {socket}" in (tmp_path / "broker" / "mosquitto.conf").read_text().splitlines()
    monkeypatch.setattr(broker, "ensure_packages", lambda: tmp_path)
    monkeypatch.setenv("ANXIN_BROKER", "aedes")
    monkeypatch.setenv("ANXIN_BROKER_LISTEN", "0.0.0.0")
    command = broker.prepare(tmp_path, 1883, passwords)
    assert "aedes" in command.describe
    assert command.argv[2:] == (str(tmp_path / "broker" / "dynamic-security.json"), "0.0.0.0", "1883", str(socket))


def test_a_directory_too_deep_for_a_socket_has_none(tmp_path: Path) -> None:
    assert broker.socket(tmp_path) == tmp_path / "broker" / "mqtt.sock"
    assert broker.socket(tmp_path / ("x" * 100)) is None


def test_mosquitto_that_is_wanted_and_missing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosquitto, "find_mosquitto", lambda: None)
    with pytest.raises(MissingEmbeddedPartError, match="Mosquitto is not installed"):
        broker.prepare(tmp_path, 1883, accounts.service_passwords(tmp_path), choice="mosquitto")
