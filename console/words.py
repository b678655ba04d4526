"""The words for kinds, priorities, states and the rest, marked for translation."""

from __future__ import annotations

from alarms.core.motion.sensitivity import Sensitivity
from alarms.lifecycle.alarm import AlarmKind, Disposition, Flag, Priority, Reached, Response, Suppression
from alarms.lifecycle.effects import Reason
from alarms.lifecycle.events import Because
from console.auth.permissions import Role
from console.language import N_
from ingest.wire.life_stage import Stage

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

FALL_STAGES: dict[str, str] = {
    "suspected": N_("Suspected fall"),
    "confirmed": N_("Confirmed fall"),
    "recovered": N_("Near fall: stood up and walked"),
}

FIRE_STAGES: dict[str, str] = {
    "pre_alarm": N_("Fire pre-alarm"),
    "cleared": N_("Fire pre-alarm, over by itself"),
    "alarm": N_("Fire alarm"),
    "confirmed": N_("Confirmed fire"),
}

LIFE_STAGES: dict[str, str] = {
    Stage.ASKED: N_("Is all well? No sign of life for long"),
    Stage.MISSING: N_("No sign of life"),
}

TRIGGERS: dict[str, str] = {
    "device": N_("Another detector"),
    "person": N_("A person"),
    "time": N_("The detector stood by it"),
}

FALL_BEFORE: dict[str, str] = {
    "walking": N_("Before: walking"),
    "moving": N_("Before: moving"),
    "still": N_("Before: at rest"),
}

FALL_AFTER: dict[str, str] = {
    "still": N_("Lay still"),
    "moving": N_("Moved, did not get up"),
    "walking": N_("Stood up and walked"),
}

PLACEMENTS: dict[str, str] = {
    "waist": N_("worn at the waist"),
    "wrist": N_("worn on the wrist"),
    "neck": N_("worn round the neck"),
    "pocket": N_("carried in a pocket"),
    "unknown": N_("place on the body not known"),
}

SENSITIVITIES: dict[str, str] = {
    Sensitivity.LOW: N_("low"),
    Sensitivity.NORMAL: N_("normal"),
    Sensitivity.HIGH: N_("high"),
}

HEAT_CLASSES: dict[str, str] = {"a1": N_("class A1"), "a2": N_("class A2"), "b": N_("class B")}

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

REACHED: dict[str, str] = {
    Reached.IN_PERSON: N_("Somebody was with them"),
    Reached.SPOKEN: N_("Somebody spoke with them"),
    Reached.AT_ORIGIN: N_("Cancelled with the button at the place"),
}

BECAUSE: dict[str, str] = {Because.FIRE_OVER: N_("The fire is over")}

SUPPRESSIONS: dict[str, str] = {
    Suppression.SHELVED: N_("Put aside"),
    Suppression.PLANNED: N_("Planned work"),
    Suppression.OUT_OF_SERVICE: N_("Out of service"),
}

FLAGS: dict[str, str] = {
    Flag.LATE: N_("Arrived late: check now"),
    Flag.TEST: N_("Test"),
    Flag.DRILL: N_("Drill"),
    Flag.CANARY: N_("The platform's own test call"),
    Flag.UNREGISTERED: N_("Device is not registered"),
    Flag.BAD_CLOCK: N_("Device clock is wrong"),
    Flag.UNREADABLE: N_("Message could not be read"),
    Flag.NOT_JOURNALED: N_("Not yet stored: the disk is full"),
    Flag.NEAR_FALL: N_("Near fall: they have got up"),
    Flag.PRE_ALARM: N_("One detector: sounds when it is verified"),
    Flag.QUESTION: N_("Only the resident and the family are asked"),
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

ROOM_USES: dict[str, str] = {
    "bedroom": N_("Bedroom"),
    "bathroom": N_("Bathroom"),
    "kitchen": N_("Kitchen"),
    "living": N_("Living room"),
    "corridor": N_("Corridor"),
    "other": N_("Something else"),
}

OUTPUT_DOES: dict[str, str] = {
    "siren": N_("Siren"),
    "door_release": N_("Door release"),
    "gas_shut": N_("Gas valve shut"),
    "water_shut": N_("Water valve shut"),
    "power_cut": N_("Power cut"),
}

FLOW_TESTS: dict[str, str] = {
    "missed": N_("planned, but no water flowed"),
    "overdue": N_("last tested more than a quarter ago"),
    "never": N_("no test is known"),
}
"""Why a test flow of the sprinklers is a task."""

LINK_REASONS: dict[str, str] = {
    "two_triggers": N_("two independent triggers"),
    "person": N_("a person"),
    "feeds": N_("it feeds what must not lose power"),
    "gas": N_("gas stands at the site: a spark could light it"),
    "flow": N_("a fire stands: the sprinkler needs the water"),
}

GATEWAY_STATES: dict[str, str] = {
    "online": N_("Online"),
    "offline": N_("Offline"),
    "never": N_("Never heard"),
    "revoked": N_("Revoked"),
}

LOG_EVENTS: dict[str, str] = {
    "Raised": N_("Raised"),
    "Recurred": N_("Pressed or reported again"),
    "Confirmed": N_("Confirmed"),
    "ConfirmFire": N_("Fire confirmed by a person"),
    "Linked": N_("Linkage"),
    "Moved": N_("Answer of an output"),
    "Recovered": N_("They have got up: a near fall"),
    "Cleared": N_("Cause is gone"),
    "Acknowledge": N_("Acknowledged"),
    "Attend": N_("Attended"),
    "Resolve": N_("Resolved"),
    "Note": N_("Note"),
    "StepDue": N_("Nobody answered: next person told"),
    "ReturnDue": N_("Came back: acknowledged but not resolved"),
    "Stay": N_("Somebody stays at the place"),
    "Assign": N_("Somebody was asked to take it"),
    "SetOut": N_("Somebody is on the way"),
    "TurnBack": N_("Does not come after all"),
    "NotArrived": N_("Was to be there by now and has not said so"),
    "Grouped": N_("Belongs to an incident"),
    "Shelve": N_("Put aside"),
    "Unshelve": N_("Taken back"),
    "ShelfOver": N_("The time aside is over: it rings again"),
    "ClockSet": N_("The clock was set: every wait stays as long as it was"),
}

REASONS: dict[str, str] = {
    Reason.NEW_ALARM: N_("new alarm"),
    Reason.ESCALATED: N_("nobody had answered"),
    Reason.REPEATED: N_("still nobody had answered"),
    Reason.RAISED_AGAIN: N_("pressed or reported again"),
    Reason.FORGOTTEN: N_("acknowledged but not resolved"),
    Reason.ASSIGNED: N_("asked to take it"),
    Reason.MORE_URGENT: N_("it is confirmed, and more urgent now"),
    Reason.MORE_NEEDED: N_("more people are needed"),
    Reason.HANDED_OVER: N_("the channel before brought no sign of life"),
    Reason.SHELF_OVER: N_("the time aside is over"),
    Reason.SPREADS: N_("the fire has reached another room"),
    Reason.CONFIRMED: N_("another detector of the same room"),
    Reason.ALL_CLEAR: N_("family hears that it is over"),
    Reason.DIGEST: N_("news of the day for family"),
    Reason.CHECK_IN: N_("family asks whether all is fine"),
    Reason.TEST: N_("a test calls nobody"),
    Reason.LOW_PRIORITY: N_("low priorities stand in the list only"),
    Reason.FIRST_STEP_LATER: N_("the policy waits whether it passes"),
    Reason.NO_TARGET: N_("nobody is registered for this step"),
    Reason.ROTA_GAP: N_("nobody was on duty: everyone was told"),
    Reason.ANSWERED_MEANWHILE: N_("somebody had answered meanwhile"),
    Reason.NEAR_FALL: N_("a near fall wakes nobody"),
    Reason.VERIFYING: N_("one detector: it is told when it is verified"),
    Reason.SHELVED: N_("put aside"),
    Reason.PLANNED: N_("planned work"),
    Reason.OUT_OF_SERVICE: N_("the device is out of service"),
    Reason.HOURLY_LIMIT: N_("this person's limit for an hour was reached"),
    Reason.NO_ANSWERED_TEST: N_("no test message to this person was ever answered"),
    Reason.CHANNEL_ENDED: N_("what counted has ended: no channel is left"),
    Reason.IN_INCIDENT: N_("another alarm of the incident tells of it"),
    Reason.BUNDLED: N_("many alarms: low priorities are told together"),
    Reason.QUIET_HOURS: N_("quiet hours of this person"),
    Reason.NOT_SHARED: N_("the resident does not share it with this person"),
}

PROBLEMS: dict[str, str] = {
    "signed_out": N_("Please log in."),
    "second_factor": N_("Your account needs a second step to log in. Open the console and follow it."),
    "ended_by_administrator": N_("An administrator has ended this session. Log in again, or ask why."),
    "ended_elsewhere": N_("You have ended this session from another browser. Log in again."),
    "ended_factor_set": N_("The second step of your account was set up anew, so this session has ended. Log in again."),
    "ended_factor_reset": N_(
        "An administrator has reset the second step of your account. Log in with your password and set it up anew."
    ),
    "wait_code": N_("Too many wrong codes."),
    "wrong_code": N_("This code is wrong or too old. Type the one that the app shows now."),
    "used_code": N_("This code was used already. Wait until the app shows the next one."),
    "factor_meanwhile": N_("The second step was set up elsewhere meanwhile. Log in again."),
    "half_over": N_("The second step took more than ten minutes, or was done already. Log in again."),
    "own_access": N_("Your own sessions and second step are on the page of your account."),
    "factor_needed": N_("Your role needs the second step; it cannot be turned off."),
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
    "not_reached": N_("Say how the person was reached: in person, by voice, or with the button at the place."),
    "aside_already": N_("It has been put aside already."),
    "not_aside": N_("It is not put aside."),
    "verifying": N_("It waits for its verification: resolve it as a false alarm, or confirm the fire."),
    "no_fire": N_("Only a fire alarm is confirmed as a fire."),
    "no_reason": N_("Say why it is put aside."),
    "too_long": N_("It can be put aside for at most 24 hours from now."),
    "needs_second": N_("An emergency is put aside by two people: a second one must agree with account and password."),
    "wrong_second": N_("The second person's account or password is wrong."),
    "second_may_not": N_("The second person may not answer alarms of this site."),
    "not_first": N_("An incident is resolved at the alarm that it began with."),
    "faults_only": N_("Only faults are resolved together; every room of a fire is seen by itself."),
    "not_assignable": N_("This person does not answer alarms of that site. Choose somebody of the list."),
    "unknown_resident": N_("There is no such resident."),
    "unknown_site": N_("There is no such site."),
    "unknown_floor": N_("There is no such floor."),
    "too_heavy": N_("The file is too large."),
    "unknown_entry": N_("This is not there any more. Somebody may have removed it."),
    "no_link": N_("There is no login link for yourself or for a disabled account."),
    "no_disposition": N_("Say how it ended: choose one of the list."),
    "database_away": N_("The history is not reachable. Live alarms are not affected."),
    "invalid": N_("The request is not valid. Reload the page and try again."),
    "method_not_allowed": N_("This address does not take such a request."),
    "too_many_feeds": N_("Too many live views are open."),
    "busy": N_("Too many logins at the moment. Try again in a few seconds."),
    "wait": N_("Too many wrong logins. Please wait before the next try."),
    "wrong_login": N_("Name or password is wrong."),
    "used_link": N_("This login link has been used or is too old. Ask for a new one."),
    "wrong_token": N_("This link is not valid. Copy it whole, or open the newest message."),
    "expired_token": N_("This link is too old. Open the newest message."),
    "too_often": N_("Too many tries. Wait a minute."),
    "gone_channel": N_("This channel is not on the list any more."),
    "no_web_push": N_("Messages to browsers are not set up."),
    "internal": N_("Something went wrong in the console. It has been written to the log."),
}

REFUSALS: dict[str, str] = {
    "its condition still stands": "still_present",
    "say how the person was reached": "not_reached",
    "it is put aside already": "aside_already",
    "it is not put aside": "not_aside",
    "it waits for its verification": "verifying",
    "only a fire alarm": "no_fire",
    "say why it is put aside": "no_reason",
    "it can be put aside for at most 24 hours": "too_long",
    "an emergency is put aside by two people": "needs_second",
    "it is not the first alarm of an incident": "not_first",
    "only faults are resolved together": "faults_only",
}
"""How the lifecycle's own reasons begin, and the problem that tells them in the person's language."""
