"""A day in half hours: what was counted stays counted, in its place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from console.residents.rhythm import HALF_HOUR, rhythm

UNTIL = datetime(2026, 3, 1, 13, 10, tzinfo=UTC)


def row(ago: int, moved: int = 0, **more: Any) -> dict[str, Any]:
    return {"ago": ago, "moved": moved, "doors": 0, "in_bed": False, "last_at": None, **more}


def test_a_morning_of_sleep_then_breakfast_then_nothing() -> None:
    last = UNTIL - timedelta(hours=3)
    rows = [row(ago, in_bed=True) for ago in range(12, 28)]
    rows += [row(8, 12, last_at=last - timedelta(hours=1)), row(7, 3, doors=2), row(6, 1, last_at=last)]
    found = rhythm(rows, UNTIL)
    assert (found.last_at, len(found.slots)) == (last, 48)
    assert sum(slot.in_bed for slot in found.slots) == 16
    assert [slot.level for slot in found.slots[-9:]] == [3, 1, 1, 0, 0, 0, 0, 0, 0]
    assert found.slots[-1].begins_at == UNTIL - HALF_HOUR
    assert found.slots[0].begins_at == UNTIL - timedelta(hours=24)


@given(st.lists(st.tuples(st.integers(-5, 60), st.integers(0, 500)), max_size=40))
def test_nothing_of_the_day_is_lost_and_nothing_else_comes_in(rows: list[tuple[int, int]]) -> None:
    found = rhythm([row(ago, moved) for ago, moved in rows], UNTIL)
    assert sum(slot.moved for slot in found.slots) == sum(moved for ago, moved in rows if 0 <= ago < 48)
    assert all((slot.level > 0) == (slot.moved > 0) and slot.level <= 3 for slot in found.slots)


def test_an_empty_day_says_so() -> None:
    assert rhythm([], UNTIL).last_at is None
