"""Rule files: every alarm record has an answer, a wrong file is refused by name, thresholds lie over profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from alarms.core.engine import Core, CoreDevice
from alarms.core.errors import RuleFileError
from alarms.core.profiles import load_profiles
from alarms.core.rules import PARAMETERS, RuleType, Where
from alarms.core.thresholds import parameters_of
from alarms.lifecycle.alarm import AlarmKind, Priority
from ingest.wire.signals import SIGNALS, Signal

PROFILES = load_profiles()
RULE = """
kind = "meter"
en = "Test"
zh = "测试"
[[rule]]
rule = "test_rule"
type = "limit"
where = "gateway"
signal = "current_a"
kind = "electrical"
priority = "high"
en = "Test"
zh = "测试"
parameters = { limit = 10 }
"""


@pytest.mark.parametrize("signal", [s for s in SIGNALS if s.alarm], ids=lambda s: s.name)
@pytest.mark.parametrize("profile", [None, "no such profile", *PROFILES.names])
def test_every_alarm_record_has_a_rule_whatever_the_device(profile: str | None, signal: Signal) -> None:
    rule = PROFILES.direct(profile, signal.name)
    assert rule is not None
    assert rule.type is RuleType.DIRECT
    assert rule.where is Where.ALARMS
    assert PROFILES.rule(rule.rule) is not None


def test_telemetry_sets_off_nothing_by_itself() -> None:
    assert all(PROFILES.direct(None, s.name) is None for s in SIGNALS if not s.alarm)


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        ("help_call", AlarmKind.HELP_CALL),
        ("smoke", AlarmKind.FIRE),
        ("heat_alarm", AlarmKind.FIRE),
        ("call_point", AlarmKind.FIRE),
        ("gas", AlarmKind.GAS),
        ("co", AlarmKind.CO),
        ("water_flow", AlarmKind.WATER_FLOW),
    ],
)
def test_life_safety_is_an_emergency_that_only_a_person_ends(signal: str, kind: AlarmKind) -> None:
    rule = PROFILES.direct(None, signal)
    assert rule is not None
    assert (rule.kind, rule.priority, rule.latching, rule.siren) == (kind, Priority.EMERGENCY, True, True)


def test_a_suspected_fall_is_less_than_a_confirmed_one_and_no_fall_is_nothing() -> None:
    confirmed, suspected = PROFILES.direct("pendant", "fall", 2), PROFILES.direct("pendant", "fall", 1)
    assert confirmed is not None
    assert suspected is not None
    assert (confirmed.rule, confirmed.priority) == ("fall_confirmed", Priority.EMERGENCY)
    assert (suspected.rule, suspected.priority) == ("fall_suspected", Priority.HIGH)
    assert (confirmed.verdict(2), confirmed.verdict(0)) == (True, None)


def test_a_device_that_comes_online_clears_what_its_absence_raised() -> None:
    rule = PROFILES.direct(None, "online")
    assert rule is not None
    assert (rule.verdict(0), rule.verdict(1)) == (True, False)
    gateway = PROFILES.direct("gateway", "online")
    assert gateway is not None
    assert gateway.rule == "gateway_lost"


def test_a_cancelled_call_is_no_alarm_and_says_what_it_takes_back() -> None:
    rule = PROFILES.direct(None, "call_cancel")
    assert rule is not None
    assert rule.clears == "help_call"


def test_every_rule_and_profile_speaks_both_languages() -> None:
    assert all(rule.text_en and rule.text_zh for rule in PROFILES.rules)
    profiles = [PROFILES.profile(name) for name in PROFILES.names]
    assert all(profile is not None and profile.en and profile.zh for profile in profiles)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("limit = 10", "limit = 99_999", "limit"),
        ("limit = 10", "hysteresis = 1", "limit"),
        ("limit = 10", 'limit = "ten"', "limit"),
        ("limit = 10", "limit = 10, side = 'left'", "side"),
        ("limit = 10", "limit = 10, speed = 3", "speed"),
        ('"high"', '"urgent"', "priority"),
        ('"current_a"', '"current"', "signal"),
        ('"gateway"', '"alarms"', "where"),
        ('type = "limit"', 'type = "magic"', "type"),
        ('rule = "test_rule"', 'rule = "Test Rule"', "rule"),
        ('rule = "test_rule"', 'rule = "smoke"', "rule"),
        ('kind = "meter"', 'kind = "thing"', "kind"),
        ('kind = "meter"', 'kind = "meter"\nheartbeat_s = 0', "heartbeat_s"),
        ('kind = "meter"', 'kind = "meter"\nuses = ["nothing"]', "uses"),
        ('kind = "meter"', 'kind = "meter"\ncolour = "red"', "colour"),
        ('kind = "meter"', "kind = ", "file"),
    ],
)
def test_a_wrong_rule_file_is_refused_with_file_rule_key_value_and_range(tmp_path: Path, old, new, key) -> None:
    (tmp_path / "mine.toml").write_text(RULE.replace(old, new, 1), "utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_profiles(tmp_path)
    assert refused.value.file == "mine.toml"
    assert refused.value.key == key
    assert refused.value.allowed


def test_a_site_may_add_families_and_replace_ours(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(RULE, "utf-8")
    (tmp_path / "leak_sensor.toml").write_text('kind = "water"\nheartbeat_s = 60\nen = "L"\nzh = "漏"\n', "utf-8")
    profiles = load_profiles(tmp_path)
    mine, leak = profiles.profile("mine"), profiles.profile("leak_sensor")
    assert mine is not None
    assert leak is not None
    assert mine.rules[0].parameters == {"side": "above", "limit": 10, "hysteresis": 0, "on_s": 0, "off_s": 0}
    assert leak.heartbeat_s == 60


def test_a_wrong_threshold_falls_back_alone_and_is_reported() -> None:
    rule = PROFILES.rule("voltage_high")
    assert rule is not None
    used, problems = parameters_of(rule, {"voltage_high": {"limit": 1e9, "on_s": 5, "colour": "red"}}, "device m1")
    assert (used["limit"], used["on_s"]) == (275, 5)
    assert [(problem.source, problem.parameter) for problem in problems] == [
        ("device m1", "limit"),
        ("device m1", "colour"),
    ]
    assert "0 to 1000" in problems[0].text


def test_the_core_reports_refused_thresholds_and_rules_that_do_not_exist() -> None:
    wrong = {"voltage_high": {"limit": "much"}, "device_silent": {"missed": 0}, "no_such_rule": {"limit": 1}}
    meter = CoreDevice(device_id="m", number=1, profile="meter", thresholds=wrong)
    assert {problem.rule for problem in Core(PROFILES, [meter], "gateway").problems} == {"voltage_high", "no_such_rule"}
    assert {problem.rule for problem in Core(PROFILES, [meter], "platform").problems} == {
        "device_silent",
        "no_such_rule",
    }


def test_a_core_without_devices_does_nothing() -> None:
    core = Core(PROFILES, [], "platform")
    assert core.tick(0.0) == []
    assert core.restore(core.state(), 0.0) == []


def test_the_page_about_rules_names_every_profile_type_and_parameter() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    words = {*PROFILES.names, *RuleType, *(name for bounds in PARAMETERS.values() for name in bounds)}
    assert [word for word in sorted(words) if f"`{word}`" not in page] == []
