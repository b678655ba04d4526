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
    SHELVE_ALARMS = "shelve_alarms"
    RUN_DRILLS = "run_drills"
    SEE_HISTORY = "see_history"
    EXPORT_HISTORY = "export_history"  # a file leaves the console, with names
    SEE_SITES = "see_sites"
    SEE_DEVICES = "see_devices"
    EDIT_PEOPLE = "edit_people"  # how others are reached, whose a badge is
    SEE_SETUP = "see_setup"
    EDIT_SITES = "edit_sites"  # sites, floors, rooms, gateways, devices
    EDIT_RESIDENTS = "edit_residents"  # and their contacts
    EDIT_POLICIES = "edit_policies"  # who is told when: policies, rotas, planned work
    EDIT_ACCOUNTS = "edit_accounts"
    SEE_FAMILY = "see_family"  # what one's own elder shares


_DESK = frozenset({Permission.SEE_ALARMS, Permission.ANSWER_ALARMS, Permission.SEE_HISTORY, Permission.SEE_SITES})
_WHOLE_DESK = _DESK | {Permission.SHELVE_ALARMS, Permission.RUN_DRILLS, Permission.SEE_DEVICES}
_PEOPLE = frozenset({Permission.SEE_SETUP, Permission.EDIT_PEOPLE, Permission.EDIT_RESIDENTS, Permission.EDIT_POLICIES})
_EQUIPMENT = frozenset({Permission.SEE_SETUP, Permission.EDIT_SITES})

ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.OPERATOR: _WHOLE_DESK,
    Role.CARER: _DESK,
    Role.SUPERVISOR: _WHOLE_DESK | _PEOPLE | {Permission.EXPORT_HISTORY},
    Role.INSTALLER: _EQUIPMENT | {Permission.SEE_SITES, Permission.SEE_DEVICES},
    Role.ADMINISTRATOR: _WHOLE_DESK | _PEOPLE | _EQUIPMENT | {Permission.EDIT_ACCOUNTS, Permission.EXPORT_HISTORY},
    Role.FAMILY: frozenset({Permission.SEE_FAMILY}),
}

_NEED_SECOND = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.INSTALLER)

_HOMES = (
    (Permission.SEE_ALARMS, "/"),
    (Permission.SEE_SITES, "/sites"),
    (Permission.SEE_DEVICES, "/devices"),
    (Permission.SEE_FAMILY, "/family"),
)


def allows(role: str, permission: Permission) -> bool:
    """True when the role holds the permission; an unknown role holds none."""
    try:
        held = ALLOWED[Role(role)]
    except ValueError:
        return False
    return permission is Permission.SIGNED_IN or permission in held


def needs_second(role: str) -> bool:
    """True for a role that may change who is alarmed: a password alone is not enough for it."""
    return role in _NEED_SECOND


def home_of(role: str) -> str:
    """The first page that a role may see."""
    return next((path for permission, path in _HOMES if allows(role, permission)), "/")
