"""The inbox of ``alarms`` against what it promises: over generated floods, taken in turns."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from alarms.engine.inbox import Early, Glance, Inbox
from ingest.mqtt import Connected, Item, Message
from ingest.wire import topics

PACK = topics.up(7, "gw-pine", topics.Lane.ALARM)
COMMAND = topics.alarm_do("pine", "a1")

places = st.frozensets(st.sampled_from(["sos", "leak", "smoke", "room:1", "room:2"]), min_size=1, max_size=2)
packs = st.tuples(st.booleans(), places)
floods = st.lists(st.lists(packs | st.sampled_from(["command", "connected"]), max_size=30), max_size=6)


def see(payload: bytes) -> Glance:
    kind, _, about = payload.decode().partition("|")
    return Glance(is_emergency=kind == "emergency", about=frozenset(about.split(",")))


def item_of(number: int, what: tuple[bool, frozenset[str]] | str) -> Item:
    match what:
        case "connected":
            return Connected(number, resumed=False)
        case "command":
            return Message(COMMAND, b"", False, 0.0, 1, number, 1)
        case (is_emergency, about):
            kind = "emergency" if is_emergency else "plain"
            return Message(PACK, f"{kind}|{','.join(sorted(about))}".encode(), False, 0.0, 1, number, 1)
    raise AssertionError(what)


def number_of(item: Item) -> int:
    return item.mid if isinstance(item, Message) else item.connection  # type: ignore[union-attr]  # none is posted


def turns_of(flood: list[list[tuple[bool, frozenset[str]] | str]], most: int) -> tuple[list[Item], list[list[Item]]]:
    """What came, and what each turn took: one turn after each arrival, then until nothing waits."""
    inbox, came, turns = Inbox(see), [], []
    for arrival in flood:
        arrived = [item_of(len(came) + place, what) for place, what in enumerate(arrival)]
        came += arrived
        inbox.add(arrived)
        turns.append(inbox.take(most))
    while inbox:
        turns.append(inbox.take(most))
    return came, turns


def is_pack(item: Item) -> bool:
    return isinstance(item, Message) and item.topic == PACK


def about(item: Item) -> frozenset[str]:
    return see(item.payload).about if isinstance(item, Message) and is_pack(item) else frozenset()


@given(floods, st.integers(5, 20))
def test_everything_comes_out_once_and_no_turn_is_longer_than_it_may_be(flood: list, most: int) -> None:
    came, turns = turns_of(flood, most)
    assert sorted(number_of(item) for turn in turns for item in turn) == list(range(len(came)))
    assert all(len(turn) <= most for turn in turns)


@given(floods, st.integers(5, 20))
def test_what_is_about_one_device_or_room_never_changes_places(flood: list, most: int) -> None:
    _, turns = turns_of(flood, most)
    taken = [item for turn in turns for item in turn]
    for later, item in enumerate(taken):
        for earlier in taken[:later]:
            if about(item) & about(earlier):
                assert number_of(earlier) < number_of(item)


@given(floods, st.integers(5, 20))
def test_people_and_emergencies_keep_their_order_among_each_other(flood: list, most: int) -> None:
    _, turns = turns_of(flood, most)
    first = [number_of(item) for turn in turns for item in turn if not is_pack(item) or b"emergency" in item.payload]
    assert first == sorted(first)


@given(floods, st.integers(5, 20))
def test_a_pack_that_passed_another_says_so(flood: list, most: int) -> None:
    """Whoever passes an earlier pack is Early: its floor must not make the earlier one a repeat."""
    _, turns = turns_of(flood, most)
    taken = [item for turn in turns for item in turn]
    for place, item in enumerate(taken):
        passed = any(number_of(other) < number_of(item) and is_pack(other) for other in taken[place + 1 :])
        assert isinstance(item, Early) or not (is_pack(item) and passed)


def flood_of(first_turn: Callable[[Inbox], None]) -> list[int]:
    inbox = Inbox(see)
    first_turn(inbox)
    return [number_of(item) for item in inbox.take(50)]


def test_an_emergency_behind_a_thousand_others_is_in_the_next_turn() -> None:
    plain = [item_of(number, (False, frozenset({f"leak-{number}"}))) for number in range(1000)]
    press = item_of(1000, (True, frozenset({"sos"})))
    assert flood_of(lambda inbox: inbox.add([*plain, press])) == [1000, *range(10)]


def test_without_an_emergency_a_flood_is_taken_as_it_came() -> None:
    plain = [item_of(number, (False, frozenset({f"leak-{number}"}))) for number in range(1000)]
    assert flood_of(lambda inbox: inbox.add(plain)) == list(range(50))
