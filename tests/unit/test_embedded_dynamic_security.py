"""The accounts' file of both embedded brokers."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from console.cli.embedded import dynamic_security
from console.cli.embedded.accounts import Role
from console.cli.embedded.errors import EmbeddedPartError

ROLES = {"alarms": Role(name="alarms", writes=("a/+",), reads=("b/#",))}


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def has_password(state: dict[str, Any], username: str, password: str) -> bool:
    (entry,) = [client for client in state["clients"] if client["username"] == username]
    salt = base64.b64decode(entry["salt"])
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, entry["iterations"])
    return base64.b64encode(digest).decode() == entry["password"]


def test_a_new_file_denies_what_no_rule_allows(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    dynamic_security.refresh(path, ROLES, {"alarms": "secret"})
    state = read(path)
    assert state["defaultACLAccess"] == {
        "publishClientSend": False,
        "publishClientReceive": False,
        "subscribe": False,
        "unsubscribe": True,
    }
    assert [(rule["acltype"], rule["topic"]) for rule in state["roles"][0]["acls"]] == [
        ("publishClientSend", "a/+"),
        ("subscribePattern", "b/#"),
        ("publishClientReceive", "b/#"),
    ]
    assert all(rule["allow"] for rule in state["roles"][0]["acls"])
    assert has_password(state, "alarms", "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    dynamic_security.refresh(path, ROLES, {"alarms": "secret"})
    before = path.stat()
    dynamic_security.refresh(path, ROLES, {"alarms": "secret"})
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_new_password_and_new_rules_replace_the_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    dynamic_security.refresh(path, {"alarms": Role(name="alarms", writes=("#",))}, {"alarms": "old"})
    dynamic_security.refresh(path, ROLES, {"alarms": "new"})
    state = read(path)
    assert len(state["clients"]) == len(state["roles"]) == 1
    assert has_password(state, "alarms", "new")
    assert "#" not in [rule["topic"] for rule in state["roles"][0]["acls"]]


def test_the_accounts_of_gateways_and_what_we_do_not_know_stay(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    gateway = {"username": "home-7", "password": "x", "salt": "y", "iterations": 101, "roles": [], "textname": "Home"}
    path.write_text(json.dumps({"clients": [gateway], "roles": [{"rolename": "gateway-home-7"}], "later": 1}))
    dynamic_security.refresh(path, ROLES, {"alarms": "secret"})
    state = read(path)
    assert gateway in state["clients"]
    assert {"rolename": "gateway-home-7"} in state["roles"]
    assert state["later"] == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_damaged_file_is_not_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    with pytest.raises(EmbeddedPartError, match=r"state\.json"):
        dynamic_security.refresh(path, ROLES, {"alarms": "secret"})
    assert path.read_text() == content
