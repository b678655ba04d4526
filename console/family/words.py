"""What the family app says, marked for translation."""

from __future__ import annotations

from alarms.engine.family_view import Did, Standing, Who
from console.language import N_
from ingest.registry.family_model import Share

STANDINGS: dict[Standing, str] = {
    Standing.UNDER_WAY: N_("An alarm is under way"),
    Standing.ASKED: N_("Is all well?"),
    Standing.HELPED: N_("Somebody is on it"),
    Standing.OVER: N_("It is over"),
    Standing.WELL: N_("All is well"),
    Standing.QUIET: N_("Nothing is under way"),
    Standing.PRIVATE: N_("You will hear when something is over"),
}

MORE: dict[Standing, str] = {
    Standing.UNDER_WAY: N_("Staff are told again and again until somebody takes it."),
    Standing.ASKED: N_("No sign of life for long. Unanswered, this becomes an alarm."),
    Standing.HELPED: N_("Somebody has taken it or is on the way."),
    Standing.OVER: N_("The last alarm has ended."),
    Standing.WELL: N_("No alarm is open."),
    Standing.QUIET: N_("This is about what is shared with you; other things are not."),
    Standing.PRIVATE: N_("What is going on is not shared with you while it goes on."),
}

SINCE = N_("Since %(time)s.")
BACK = N_("Signs of life since %(time)s: watched again.")
SILENT = N_("No sign of life since %(time)s.")

HELP: dict[tuple[Who, Did], str] = {
    (Who.YOU, Did.TOLD): N_("You were told at %(time)s"),
    (Who.YOU, Did.TOOK): N_("You took it at %(time)s"),
    (Who.YOU, Did.THERE): N_("You are there since %(time)s"),
    (Who.YOU, Did.COMING): N_("You are on the way, there at %(time)s"),
    (Who.YOU, Did.NOT_ARRIVED): N_("You were to be there at %(time)s"),
    (Who.RESIDENT, Did.TOLD): N_("The resident was told at %(time)s"),
    (Who.RESIDENT, Did.TOOK): N_("The resident took it at %(time)s"),
    (Who.RESIDENT, Did.THERE): N_("The resident is there since %(time)s"),
    (Who.RESIDENT, Did.COMING): N_("The resident is on the way, there at %(time)s"),
    (Who.RESIDENT, Did.NOT_ARRIVED): N_("The resident was to be there at %(time)s"),
    (Who.FAMILY, Did.TOLD): N_("Other family was told at %(time)s"),
    (Who.FAMILY, Did.TOOK): N_("Other family took it at %(time)s"),
    (Who.FAMILY, Did.THERE): N_("Other family is there since %(time)s"),
    (Who.FAMILY, Did.COMING): N_("Other family is on the way, there at %(time)s"),
    (Who.FAMILY, Did.NOT_ARRIVED): N_("Other family was to be there at %(time)s"),
    (Who.STAFF, Did.TOLD): N_("Staff were told at %(time)s"),
    (Who.STAFF, Did.TOOK): N_("Staff took it at %(time)s"),
    (Who.STAFF, Did.THERE): N_("Staff are there since %(time)s"),
    (Who.STAFF, Did.COMING): N_("Staff are on the way, there at %(time)s"),
    (Who.STAFF, Did.NOT_ARRIVED): N_("Staff were to be there at %(time)s"),
}

ASKED: dict[Who, str] = {
    Who.YOU: N_("You asked at %(time)s: are you fine?"),
    Who.RESIDENT: N_("Somebody asked at %(time)s: are you fine?"),
    Who.FAMILY: N_("Other family asked at %(time)s: are you fine?"),
    Who.STAFF: N_("Somebody asked at %(time)s: are you fine?"),
}

FINE: dict[Who, str] = {
    Who.YOU: N_("You said at %(time)s that all is fine."),
    Who.RESIDENT: N_("The resident said at %(time)s: I am fine."),
    Who.FAMILY: N_("Other family said at %(time)s that all is fine."),
    Who.STAFF: N_("Somebody said at %(time)s that all is fine."),
}

SHARES: dict[Share, str] = {
    Share.ENDINGS: N_("that somebody was called and it is over"),
    Share.CALLS: N_("calls for help and falls"),
    Share.SAFETY: N_("fire, gas, water and electricity"),
    Share.ROUTINE: N_("unusual quiet, leaving the bed, room climate, changes in the routine"),
    Share.PLACE: N_("in which room"),
    Share.HELPERS: N_("who was told and who has it"),
    Share.ACTIVITY: N_("the last sign of activity"),
    Share.CHECK_IN: N_("the question whether all is fine"),
}

NOTES: dict[str, str] = {
    "on_the_way": N_("The desk knows that you are on the way."),
    "turned_back": N_("The desk knows that you do not come."),
    "asked": N_("Asked."),
    "fine": N_("Thank you."),
    "answered": N_("Thank you. The question is answered."),
    "away": N_("Thank you. Nobody watches for signs of life until you say “Back at home”, or until there are some."),
    "others_in": N_("Thank you. The home is still watched: somebody else lives there."),
    "back": N_("Thank you. The watch goes on."),
    "saved": N_("Saved."),
    "sent": N_("A test message is on its way. Open it here and say that you got it; only then do messages count."),
}

FAULTS: dict[str, str] = {
    "over": N_("This alarm is over."),
    "no_answer": N_("The alarm service did not answer. Press again, or telephone."),
    "not_saved": N_("It could not be saved. Try again in a minute."),
    "not_shared": N_("This is not shared with you."),
    "too_often": N_("Too many tries. Wait a minute."),
    "quiet": N_("Say both when it becomes quiet and until when; the news of the day comes outside of it."),
}
