"""Mosquitto's dynamic-security state: the file that both embedded brokers read and write."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from console.cli.embedded.accounts import Role
from console.cli.embedded.errors import EmbeddedPartError
from console.cli.embedded.private_file import write_private

# the passwords are random and long: more rounds would only slow a thousand gateways that reconnect at once
_ITERATIONS = 101
_SALT_BYTES = 12

State = dict[str, Any]  # Any: a JSON object of the broker, of which we know a part


def acls(role: Role) -> list[dict[str, Any]]:  # Any: JSON
    """The role's rules as the broker has them."""
    rules = [("publishClientSend", topic) for topic in role.writes]
    for topic in role.reads:
        rules += [("subscribePattern", topic), ("publishClientReceive", topic)]
    return [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for kind, topic in rules]


def refresh(path: Path, roles: Mapping[str, Role], passwords: Mapping[str, str]) -> None:
    """Make the accounts ``passwords`` stand in the file with the roles of their names; all others are kept.

    The file is written only when something changes.
    """
    before = _load(path)
    state = json.loads(json.dumps(before))
    state["defaultACLAccess"] = {
        "publishClientSend": False,
        "publishClientReceive": False,
        "subscribe": False,
        "unsubscribe": True,
    }
    state.setdefault("groups", [])
    for username, password in passwords.items():
        role = roles[username]
        _put(state, "roles", "rolename", {"rolename": role.name, "acls": acls(role)})
        _put(state, "clients", "username", _account(state, username, password, role.name))
    if state != before:
        write_private(path, json.dumps(state, indent="\t"))


def _load(path: Path) -> State:
    try:
        state = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise EmbeddedPartError(f"the broker's accounts in {path} cannot be read: {error}") from error
    if not isinstance(state, dict):
        raise EmbeddedPartError(f"the broker's accounts in {path} are not a JSON object")
    return state


def _put(state: State, table: str, key: str, entry: dict[str, Any]) -> None:  # Any: JSON
    entries = state.setdefault(table, [])
    for index, old in enumerate(entries):
        if old.get(key) == entry[key]:
            entries[index] = entry
            return
    entries.append(entry)


def _account(state: State, username: str, password: str, role: str) -> dict[str, Any]:  # Any: JSON
    """The account's entry; an entry that already has this password keeps its salt."""
    entry = {"username": username, "roles": [{"rolename": role}]}
    for old in state.get("clients", []):
        if old.get("username") == username and _has_password(old, password):
            return entry | {name: old[name] for name in ("password", "salt", "iterations")}
    salt = os.urandom(_SALT_BYTES)
    return entry | {
        "password": base64.b64encode(_hash(password, salt, _ITERATIONS)).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": _ITERATIONS,
    }


def _has_password(entry: Mapping[str, Any], password: str) -> bool:  # Any: JSON
    try:
        stored, salt = base64.b64decode(entry["password"]), base64.b64decode(entry["salt"])
        return hmac.compare_digest(stored, _hash(password, salt, int(entry["iterations"])))
    except (KeyError, ValueError, TypeError):
        return False


def _hash(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations)
