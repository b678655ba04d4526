"""Every text of the console in Chinese and in English, and every word that an alarm may need."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from alarms.core.fall_evidence import of_fall
from alarms.core.falls import Did, Drawn, Fall
from alarms.core.motion.doing import Doing
from alarms.core.motion.sensitivity import Sensitivity
from alarms.lifecycle.alarm import AlarmKind, Disposition, Flag, Priority, Reached, Response, Suppression
from alarms.lifecycle.effects import Reason
from alarms.lifecycle.events import Because, Event
from console import words
from console.auth.permissions import Role
from console.catalogue import incomplete
from console.language import LANGUAGES, LOCALE, choose_language, load_catalogues
from console.scripts import FALL_STEPS, STEPS
from ingest.wire.fall_stage import Stage
from ingest.wire.motion import Placement
from ingest.wire.signals import DERIVED, Kind


def test_what_a_fall_draws_has_a_name_in_both_languages() -> None:
    fall = Fall(
        wearer=0, stage=Stage.SUSPECTED, placement=Placement.WAIST, impact_at=1.0, judged_at=3.0, logit=2.0, limit=0.5,
        peak_g=4.7, turn_deg=87.0, before=Did(doing=Doing.STILL, from_s=-2.0, to_s=1.0),
        drawn=Drawn(times_s=[1.0], peaks_g=[4.7], tilts_deg=[0.0]),
    )  # fmt: skip
    drawn = of_fall(fall, Sensitivity.NORMAL)
    for english, chinese in (DERIVED[one["signal"]] for one in [drawn, *drawn["series"]]):
        assert english.isascii()
        assert not chinese.isascii()


@pytest.mark.long  # anxin check asks the same
def test_every_text_is_translated_in_both_languages_and_none_is_left_over() -> None:
    assert incomplete() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_its_places_for_values(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "console.po").open("rb") as file:
        catalogue = read_po(file)
    place = re.compile(r"%\(\w+\)s|\{\w+\}")
    for message in catalogue:
        if isinstance(message.id, str) and message.id:
            assert sorted(place.findall(message.id)) == sorted(place.findall(str(message.string))), message.id


def test_chinese_is_chinese() -> None:
    chinese = load_catalogues()["zh"]
    falls = (words.FALL_STAGES, words.FALL_BEFORE, words.FALL_AFTER, words.PLACEMENTS, words.SENSITIVITIES)
    ends = (words.REACHED, words.BECAUSE, words.SUPPRESSIONS)
    sets = (*falls, *ends, words.KINDS, words.PROBLEMS, words.REASONS, words.LOG_EVENTS)
    scripts = (*STEPS.values(), *FALL_STEPS.values())
    for text in [*(text for each in sets for text in each.values()), *(s for steps in scripts for s in steps)]:
        assert re.search(r"[\u4e00-\u9fff]", chinese.gettext(text)), text


def test_every_kind_has_a_word_and_says_what_to_do() -> None:
    assert set(words.KINDS) == set(AlarmKind)
    assert set(STEPS) == set(AlarmKind)
    assert set(FALL_STEPS) < set(words.FALL_STAGES)
    assert set(words.PLACEMENTS) == {placement.name.lower() for placement in Placement}
    assert set(words.SENSITIVITIES) == set(Sensitivity)
    assert set(words.PRIORITIES) == set(Priority)
    assert set(words.RESPONSES) == set(Response)
    assert set(words.DISPOSITIONS) == set(Disposition)
    assert set(words.FLAGS) == set(Flag)
    assert set(words.REACHED) == set(Reached)
    assert set(words.BECAUSE) == set(Because)
    assert set(words.SUPPRESSIONS) == set(Suppression)
    assert set(words.REASONS) == set(Reason)
    assert set(words.LOG_EVENTS) == {"Raised", *(event.__name__ for event in get_args(Event))}
    assert set(words.ROLES) == set(Role)
    assert set(words.DEVICE_KINDS) == set(Kind)


@pytest.mark.parametrize(
    ("chosen", "account", "accepted", "language"),
    [
        ("en", "zh", "zh", "en"),
        (None, "en", "zh", "en"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "de,zh-TW;q=0.8,en;q=0.9", "en"),
        (None, None, "de", "zh"),
        (None, None, "", "zh"),
        ("xx", None, "en;q=nonsense,;;,zh", "zh"),
    ],
)
def test_the_persons_choice_then_the_accounts_then_the_browsers(
    chosen: str | None, account: str | None, accepted: str, language: str
) -> None:
    assert choose_language(chosen, account, accepted, "zh") == language
