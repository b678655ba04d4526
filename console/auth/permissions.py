"""Roles and what each may do. Every route names one of these; what is not listed is not allowed."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    CARER = "carer"
    SUPERVISOR = "supervisor"
    INSTALLER = "installer"
    ADMINISTRATOR = "administrator"
    FAMILY = "family"


class Permission(StrEnum):
    """What a route asks for."""

    PUBLIC = "public"  # nobody need be logged in
    LOCAL = "local"  # this machine, or the bearer token of the settings
    SIGNED_IN = "signed_in"  # any account
    SEE_ALARMS = "see_alarms"
    ANSWER_ALARMS = "answer_alarms"
    SEE_HISTORY = "see_history"
    SEE_SITES = "see_sites"
    SEE_DEVICES = "see_devices"


_DESK = frozenset({Permission.SEE_ALARMS, Permission.ANSWER_ALARMS, Permission.SEE_HISTORY, Permission.SEE_SITES})

ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: _DESK | {Permission.SEE_DEVICES},
    Role.CARER: _DESK,
    Role.SUPERVISOR: _DESK | {Permission.SEE_DEVICES},
    Role.INSTALLER: frozenset({Permission.SEE_SITES, Permission.SEE_DEVICES}),
    Role.ADMINISTRATOR: _DESK | {Permission.SEE_DEVICES},
    Role.FAMILY: frozenset(),
}


def allows(role: str, permission: Permission) -> bool:
    """True when the role holds the permission; an unknown role holds none."""
    try:
        held = ALLOWED[Role(role)]
    except ValueError:
        return False
    return permission is Permission.SIGNED_IN or permission in held
