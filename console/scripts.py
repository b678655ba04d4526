"""What to do: the steps for each kind of alarm, in the order in which a person takes them."""

from __future__ import annotations

from alarms.lifecycle import linkage, sprinkler
from alarms.lifecycle.alarm import AlarmKind
from console.language import N_
from ingest.wire.life_stage import Stage

_GO = N_("Go to the room now.")
_RECORD = N_("Resolve the alarm and say how it ended.")

_FALLEN = (
    N_("Do not lift the resident yet: look for pain, wounds, and whether they can answer."),
    N_("Hit the head, strong pain, cannot move or does not answer: call 120 and stay."),
    N_("Unhurt: help up with the lifting routine, then watch for an hour."),
    N_("Tell the first contact."),
    _RECORD,
)

STEPS: dict[AlarmKind, tuple[str, ...]] = {
    AlarmKind.HELP_CALL: (
        N_("Acknowledge, so that the resident's lamp shows that the call was heard."),
        N_("Speak to the resident if you can; go to the room or send the nearest carer."),
        N_("Breathing trouble, chest pain, bleeding or confusion: call 120 at once."),
        N_("No answer and nobody can go: call the first contact."),
        _RECORD,
    ),
    AlarmKind.FALL: (N_("Go to the resident at once. Take a second person along if you can."), *_FALLEN),
    AlarmKind.FIRE: (
        N_("Send someone to look, with a radio. Do not wait for a second alarm."),
        N_("Fire or smoke seen: call 119, start the evacuation, close doors, do not use lifts."),
        N_("Move the residents of this room and of both neighbours first; check who cannot walk."),
        N_("Steam or cooking: air the room and stay until the detector is quiet."),
        _RECORD,
    ),
    AlarmKind.GAS: (
        N_("Switch nothing on or off there; use no bell and no telephone in the room."),
        N_("Close the gas valve if you can reach it; open windows; bring everyone out."),
        N_("Call the gas company from outside; call 119 if the smell is strong."),
        _RECORD,
    ),
    AlarmKind.CO: (
        N_("Bring everyone out into fresh air, open windows, switch the boiler or stove off."),
        N_("Headache, sickness or unconscious: call 120 and say that it may be carbon monoxide."),
        N_("Nobody goes back before the level is near zero."),
        _RECORD,
    ),
    AlarmKind.WATER_FLOW: (
        N_("Water flows in the sprinkler pipe: treat it as a fire until you have looked."),
        N_("Send someone to the zone; fire seen: call 119 and evacuate."),
        N_("No fire: look for a broken head or a test valve left open; check that the pump runs."),
        N_("Close the zone valve only when it is certain that nothing burns, and post a guard."),
        _RECORD,
    ),
    AlarmKind.LEAK: (
        N_("Go and look; close the water valve of the room."),
        N_("Keep residents off the wet floor; switch off sockets that may get wet."),
        N_("Call maintenance."),
        _RECORD,
    ),
    AlarmKind.ELECTRICAL: (
        N_("Do not touch the device or a wet floor around it."),
        N_("Switch off the circuit at the board and look for heat or smell of burning."),
        N_("Smoke or fire: call 119. Someone hurt: call 120 after the current is off."),
        N_("Leave the circuit off until an electrician has released it."),
        _RECORD,
    ),
    AlarmKind.INACTIVITY: (
        N_("Call the resident by telephone or through the room's intercom."),
        N_("No answer within two minutes: go to the room, or ask the first contact who has a key."),
        N_("Resident is out: set them as away, so that the watch rests."),
        N_("Found ill or fallen: call 120."),
        _RECORD,
    ),
    AlarmKind.BED_EXIT: (
        N_("Check whether the resident is back in bed or in the bathroom."),
        N_("Not back: go to the room; night and risk of falling: go at once."),
        _RECORD,
    ),
    AlarmKind.CLIMATE: (
        N_("Ask how the resident feels; offer water or a blanket."),
        N_("Set heating or cooling; check the windows."),
        N_("Call maintenance if the room does not recover within the hour."),
        _RECORD,
    ),
    AlarmKind.TAMPER: (
        _GO,
        N_("Look whether the device hangs in its place and is closed."),
        N_("Nobody authorised worked on it: tell the supervisor."),
        _RECORD,
    ),
    AlarmKind.FAULT: (
        N_("This place may not be watched now. Decide who looks after the resident meanwhile."),
        N_("Check power and network of the device or gateway."),
        N_("A call button or smoke alarm that stays faulty: replace it within two hours."),
        _RECORD,
    ),
    AlarmKind.BATTERY: (
        N_("Replace the battery today; press the test button afterwards."),
        _RECORD,
    ),
    AlarmKind.TEST: (
        N_("Somebody tests. Check that room and resident shown here are right."),
        _RECORD,
    ),
    AlarmKind.UNREADABLE: (
        N_("A gateway sent an alarm that could not be read. Treat it as a call from this site."),
        N_("Call the site or go there, and ask in every room that has a button."),
        N_("Tell the installer; the bytes are shown below."),
        _RECORD,
    ),
}

FALL_STEPS: dict[str, tuple[str, ...]] = {
    "suspected": (
        N_("Go at once, as for a fall: whether it was one shows only there. Call out, or speak through the intercom."),
        N_("On their feet and well: it was a false alarm. Ask what they did just now and note it."),
        *_FALLEN,
    ),
    "recovered": (
        N_("They are up and walking: nobody need run. Look in on them soon, within the hour."),
        N_("Ask about pain, dizziness and the head. A blow to the head or blood thinners: tell the doctor today."),
        N_("Confused, sleepy, sick or in strong pain: call 120."),
        N_("Look for what made them stumble: shoes, floor, light, new medication. Note it and see to it."),
        N_("Several near falls in a week: have walking and medication checked."),
        _RECORD,
    ),
}
"""A fall that is not certain, or from which somebody got up by themselves, by its stage."""

FIRE_STEPS: dict[str, tuple[str, ...]] = {
    "pre_alarm": (
        N_("One detector says smoke where people cook or bathe. Look now: it sounds when the time runs out."),
        N_("Fire or smoke seen: press “Confirm fire” at once, call 119, start the evacuation."),
        N_("Steam or cooking: air the room. When the detector is quiet the pre-alarm ends by itself."),
        N_("Certain that nothing burns and the detector stays on: resolve it as a false alarm."),
    ),
}
"""A fire that is not certain, by its stage."""

LIFE_STEPS: dict[str, tuple[str, ...]] = {
    Stage.ASKED: (
        N_("The resident and the family are asked whether all is well. Nobody need run yet."),
        N_("You know that all is well: say so. Resident is out: set them as away, so that the watch rests."),
        N_("Unanswered and still no sign of life, it becomes an alarm by itself."),
    ),
}
"""A missing sign of life that is no more than a question yet."""

RULE_STEPS: dict[str, tuple[str, ...]] = {
    sprinkler.VALVE: (
        N_("Go to the valve, open it fully, and lock or seal it open."),
        N_("Work on the pipe: somebody walks through the zone until the valve is open again."),
        _RECORD,
    ),
    linkage.STUCK: (
        N_("Go there if the way is safe, and move it by hand: open the door, shut the valve, cut the power."),
        N_("Tell the fire service what does not work."),
        _RECORD,
    ),
    sprinkler.VALVE_IN_FIRE: (
        N_("The sprinklers have no water: call 119 and evacuate, as for any fire."),
        N_("Open the valve fully if the way to it is safe, and stay with it."),
        N_("Close it again only when the fire service says so."),
        _RECORD,
    ),
}
"""Where the rule says more than the kind."""


_BY_STAGE = {AlarmKind.FIRE: FIRE_STEPS, AlarmKind.FALL: FALL_STEPS, AlarmKind.INACTIVITY: LIFE_STEPS}


def steps_of(kind: AlarmKind, stage: str = "", rule: str = "") -> tuple[str, ...]:
    """The steps for an alarm; ``stage`` says how certain it is, empty where nobody said."""
    return _BY_STAGE.get(kind, {}).get(stage, RULE_STEPS.get(rule, STEPS[kind]))
