"""The words for kinds, priorities, states and the rest, marked for translation."""

from __future__ import annotations

from alarms.lifecycle.alarm import AlarmKind, Disposition, Flag, Priority, Response
from console.auth.permissions import Role
from console.language import N_

KINDS: dict[str, str] = {
    AlarmKind.HELP_CALL: N_("Help call"),
    AlarmKind.FALL: N_("Fall"),
    AlarmKind.FIRE: N_("Fire"),
    AlarmKind.GAS: N_("Gas leak"),
    AlarmKind.CO: N_("Carbon monoxide"),
    AlarmKind.WATER_FLOW: N_("Sprinkler water flow"),
    AlarmKind.LEAK: N_("Water leak"),
    AlarmKind.ELECTRICAL: N_("Electrical danger"),
    AlarmKind.INACTIVITY: N_("No sign of life"),
    AlarmKind.BED_EXIT: N_("Left the bed"),
    AlarmKind.CLIMATE: N_("Room climate"),
    AlarmKind.TAMPER: N_("Tamper"),
    AlarmKind.FAULT: N_("Equipment fault"),
    AlarmKind.BATTERY: N_("Battery low"),
    AlarmKind.TEST: N_("Test"),
    AlarmKind.UNREADABLE: N_("Unreadable alarm"),
}

PRIORITIES: dict[str, str] = {
    Priority.EMERGENCY: N_("Emergency"),
    Priority.HIGH: N_("High"),
    Priority.MEDIUM: N_("Medium"),
    Priority.LOW: N_("Low"),
}

RESPONSES: dict[str, str] = {
    Response.NEW: N_("Unanswered"),
    Response.ACKNOWLEDGED: N_("Acknowledged"),
    Response.ATTENDED: N_("Attended"),
    Response.RESOLVED: N_("Resolved"),
}

CONDITIONS: dict[str, str] = {"active": N_("Still present"), "cleared": N_("No longer present")}

DISPOSITIONS: dict[str, str] = {
    Disposition.HELPED: N_("Helped on the spot"),
    Disposition.MEDICAL: N_("Medical help called"),
    Disposition.FIRE_SERVICE: N_("Fire service called"),
    Disposition.NO_NEED: N_("No help needed"),
    Disposition.FALSE_ALARM: N_("False alarm"),
    Disposition.TEST: N_("It was a test"),
    Disposition.REPAIRED: N_("Repaired"),
    Disposition.OTHER: N_("Something else"),
}

FLAGS: dict[str, str] = {
    Flag.LATE: N_("Arrived late: check now"),
    Flag.TEST: N_("Test"),
    Flag.UNREGISTERED: N_("Device is not registered"),
    Flag.BAD_CLOCK: N_("Device clock is wrong"),
    Flag.UNREADABLE: N_("Message could not be read"),
    Flag.NOT_JOURNALED: N_("Not yet stored: the disk is full"),
}

ROLES: dict[str, str] = {
    Role.OPERATOR: N_("Operator"),
    Role.CARER: N_("Carer"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.INSTALLER: N_("Installer"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.FAMILY: N_("Family"),
}

DEVICE_KINDS: dict[str, str] = {
    "meter": N_("Electricity meter"),
    "fire": N_("Fire detector"),
    "water": N_("Water and sprinklers"),
    "ambient": N_("Room sensor"),
    "wearable": N_("Worn device"),
    "button": N_("Call button"),
}

SITE_KINDS: dict[str, str] = {"nursing_home": N_("Nursing home"), "private_home": N_("Private home")}

GATEWAY_STATES: dict[str, str] = {
    "online": N_("Online"),
    "offline": N_("Offline"),
    "never": N_("Never heard"),
    "revoked": N_("Revoked"),
}

LOG_EVENTS: dict[str, str] = {
    "Raised": N_("Raised"),
    "Recurred": N_("Pressed or reported again"),
    "Cleared": N_("Cause is gone"),
    "Acknowledge": N_("Acknowledged"),
    "Attend": N_("Attended"),
    "Resolve": N_("Resolved"),
    "Note": N_("Note"),
    "StepDue": N_("Nobody answered: next person told"),
    "ReturnDue": N_("Came back: acknowledged but not resolved"),
}

PROBLEMS: dict[str, str] = {
    "signed_out": N_("Please log in."),
    "forbidden": N_("Your account may not do this."),
    "cross_site": N_("The request came from another site and was refused."),
    "csrf": N_("The page is too old. Reload it and try again."),
    "not_found": N_("There is no such page."),
    "unknown_alarm": N_("This alarm is not open. It may have been resolved."),
    "conflict": N_("Somebody was faster."),
    "refused": N_("This step is not possible now."),
    "bad_command": N_("The alarm service did not understand the command."),
    "no_answer": N_("The alarm service did not answer. Try again; the same step is never done twice."),
    "still_present": N_(
        "The cause is still present. Resolve it when it is gone, or now as a false alarm, a test or repaired."
    ),
    "no_disposition": N_("Say how it ended: choose one of the list."),
    "database_away": N_("The history is not reachable. Live alarms are not affected."),
    "invalid": N_("The request is not valid."),
    "method_not_allowed": N_("This address does not take such a request."),
    "too_many_feeds": N_("Too many live views are open."),
    "busy": N_("Too many logins at the moment. Try again in a few seconds."),
    "wait": N_("Too many wrong logins. Please wait before the next try."),
    "wrong_login": N_("Name or password is wrong."),
    "used_link": N_("This login link has been used or is too old. Ask for a new one."),
    "internal": N_("Something went wrong in the console. It has been written to the log."),
}
