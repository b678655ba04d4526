"""Standards as data: profiles name a number instead of holding it, and a name that means nothing is refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from alarms.core import standards
from alarms.core.engine import Core, CoreDevice
from alarms.core.errors import RuleFileError
from alarms.core.profiles import load_profiles
from alarms.core.standards import load_standards
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

STANDARDS = load_standards()
PROFILES = load_profiles()
NOW = 1_700_000_000.0
STANDARD = """
id = "GB 1-2026"
en = "Test"
zh = "测试"
[[value]]
name = "limit"
value = 14
unit = "1/s"
clause = "4.3"
sure = "known"
en = "Limit"
zh = "限值"
[[value]]
name = "setting"
low = 20
high = 1_000
unit = "mA"
clause = ""
sure = "verified"
en = "Setting"
zh = "设定"
"""
RULE = """
kind = "meter"
en = "Test"
zh = "测试"
[[rule]]
rule = "test_rule"
type = "limit"
where = "gateway"
signal = "residual_current_ma"
kind = "electrical"
priority = "high"
en = "Test"
zh = "测试"
parameters = { limit = "GB 50116-2013/residual_current_setting.high" }
settable = { limit = "GB 14287.2-2014/alarm_setting" }
"""


def test_a_file_is_called_like_its_edition() -> None:
    files = {path.stem for path in Path(standards.__file__).with_suffix("").glob("*.toml")}
    assert files == {re.sub(r"[^a-z0-9]+", "_", standard.id.lower()) for standard in STANDARDS}


def test_a_rule_takes_the_number_and_remembers_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(RULE, "utf-8")
    rule = load_profiles(tmp_path).rule("test_rule")
    assert rule is not None
    assert rule.number("limit") == 500
    assert str(rule.source("limit", 500)) == "GB 50116-2013, 9.2.3"
    assert rule.source("limit", 400) is None


@pytest.mark.parametrize(
    ("old", "new", "key", "hint"),
    [
        ("GB 50116-2013", "GB 50116-1998", "limit", "GB 50116-2013"),
        ("residual_current_setting.high", "leak", "limit", "GB 50116-2013/natural_leakage"),
        ("setting.high", "setting", "limit", "residual_current_setting.low or"),
        ("GB 50116-2013/residual_current_setting.high", "lots", "limit", "a number from 20 to 1000"),
        ('"GB 50116-2013/residual_current_setting.high"', "1_001", "limit", "a number from 20 to 1000"),
        ("GB 14287.2-2014/alarm_setting", "GB 14287.2-2014/all", "limit", "GB 14287.2-2014/alarm_setting"),
        ("settable = { limit", "settable = { speed", "speed", "limit"),
    ],
)
def test_a_name_that_means_nothing_is_refused_with_those_that_do(tmp_path: Path, old, new, key, hint) -> None:
    (tmp_path / "mine.toml").write_text(RULE.replace(old, new, 1), "utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_profiles(tmp_path)
    assert (refused.value.file, refused.value.rule, refused.value.key) == ("mine.toml", "test_rule", key)
    assert hint in refused.value.allowed


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("value = 14", "", "value"),
        ("value = 14", "value = 14\nhigh = 15", "value"),
        ("value = 14", 'value = "14"', "value"),
        ("low = 20", "low = 2_000", "value"),
        ('"known"', '"surely"', "sure"),
        ('clause = "4.3"', "", "clause"),
        ('en = "Limit"', 'en = ""', "en"),
        ('name = "limit"', 'name = "setting"', "name"),
        ('name = "limit"', 'name = "limit"\ncolour = "red"', "colour"),
        ('id = "GB 1-2026"', "", "id"),
        ('id = "GB 1-2026"', 'year = 2026\nid = "GB 1-2026"', "year"),
        ("value = 14", "value = ", "file"),
    ],
)
def test_a_wrong_standard_is_refused_by_file_and_key(tmp_path: Path, old, new, key) -> None:
    (tmp_path / "gb_1_2026.toml").write_text(STANDARD.replace(old, new, 1), "utf-8")
    with pytest.raises(RuleFileError) as refused:
        load_standards(tmp_path)
    assert (refused.value.file, refused.value.key) == ("gb_1_2026.toml", key)


def test_an_edition_stands_in_one_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(STANDARD, "utf-8")
    with pytest.raises(RuleFileError, match="no other file"):
        load_standards(tmp_path)


def test_a_limit_has_the_unit_of_its_signal() -> None:
    cited = [(rule.signal, rule.cited["limit"].value) for rule in PROFILES.rules if "limit" in rule.cited]
    assert cited
    assert [value for signal, value in cited if value.unit != BY_NAME[signal].unit] == []


def test_an_alarm_names_the_standard_until_the_limit_is_set_otherwise() -> None:
    plain = CoreDevice(device_id="m1", number=1, profile="meter")
    ours = CoreDevice(device_id="m2", number=2, profile="meter", thresholds={"arc_fault": {"limit": 20}})
    core = Core(PROFILES, [plain, ours], "gateway")
    batch = ReadingBatch(
        device=np.array([1, 2], np.int32),
        signal=np.full(2, BY_NAME["arc_half_cycles"].number, np.int16),
        element=np.zeros(2, np.int8),
        observed_s=np.full(2, NOW),
        received_s=np.full(2, NOW),
        value=np.full(2, 40.0),
    )
    standard = {found.subject: found.evidence.get("standard") for found in core.update(batch, NOW)}
    assert standard == {"m1": "GB 14287.4-2014", "m2": None}
