"""Which packs of a lane are on their way: nobody waits for a consumer that says nothing; it gets them later."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ingest.wire.topics import Lane
from ingest.wire.window import SIZES, LaneWindow

SIZE = SIZES[Lane.DATA]


def go(window: LaneWindow, next_seq: int, now_s: float) -> list[int]:
    """Everything that may go out now goes out."""
    gone: list[int] = []
    while (portion := window.portion(next_seq, now_s))[1]:
        after, count = portion
        for seq in range(after + 1, after + 1 + count):
            window.sent(seq, now_s)
            gone.append(seq)
    return gone


def test_new_packs_wait_for_the_slower_of_two_that_work() -> None:
    window = LaneWindow(Lane.DATA)
    assert go(window, 100, 0.0) == list(range(SIZE))
    window.acknowledge("detect", 9, 0.1)
    assert go(window, 100, 0.1) == []
    window.acknowledge("ingest", 4, 0.2)
    assert go(window, 100, 0.2) == list(range(SIZE, SIZE + 5))
    assert window.released == 4


def test_while_one_says_nothing_the_other_gets_everything_that_is_new() -> None:
    window = LaneWindow(Lane.DATA)
    judged, again = -1, []
    for second in range(600):
        made = second + 1
        window.check_stall(second)
        for seq in go(window, made, second):
            if seq <= judged:
                again.append(second)
            judged = max(judged, seq)
        assert judged == made - 1, "no new pack waits"
        window.acknowledge("detect", judged, second)
    assert window.released == -1
    assert len(again) < 60, "the one that is away is asked less and less often, with less and less"
    assert max(later - earlier for earlier, later in pairwise(again)) <= 60


def test_one_that_is_back_gets_the_backlog_as_fast_as_it_acknowledges_while_new_packs_go_on() -> None:
    window = LaneWindow(Lane.DATA)
    for second in range(300):
        window.check_stall(second)
        go(window, second + 1, second)
        window.acknowledge("detect", second, second)
    # it says where it stands, and that what comes now is no use without the rest
    assert not window.acknowledge("ingest", -1, 300.0, lacks=True)
    stored, rounds, made = -1, 0, 300
    while stored < made - 1:
        made += 1
        rounds += 1
        for seq in go(window, made, 300.0 + rounds):
            stored = seq if seq == stored + 1 else stored
        window.acknowledge("detect", made - 1, 300.0 + rounds)
        window.acknowledge("ingest", stored, 300.0 + rounds)
    assert rounds <= made / SIZE + 2
    assert window.released == made - 1
    assert window.due_s is None


@pytest.mark.parametrize("delay_s", [1.0, 8.0, 20.0, 25.0])
def test_a_consumer_that_is_slow_is_not_kept_busy_with_repeats(delay_s: float) -> None:
    """Each pack takes long through a queue; once that is known nothing is sent twice, and the other does not wait."""
    window = LaneWindow(Lane.DATA)
    queue: list[tuple[float, int]] = []
    sent: list[tuple[float, int]] = []
    stored = -1
    for tick in range(1200):
        now_s = tick / 2
        window.check_stall(now_s)
        gone = go(window, tick, now_s)
        queue += [(now_s + delay_s, seq) for seq in gone]
        sent += [(now_s, seq) for seq in gone]
        if tick > 400:
            assert window.sent_to == tick - 1, "nothing new waits"
        window.acknowledge("detect", window.sent_to, now_s)
        while queue and queue[0][0] <= now_s:
            stored = max(stored, queue.pop(0)[1])
        window.acknowledge("ingest", stored, now_s)
    late = [seq for at_s, seq in sent if at_s > 200]
    assert len(late) == len(set(late))


def test_an_outage_makes_nobody_slow() -> None:
    window = LaneWindow(Lane.ALARM)
    for second in range(600):
        window.check_stall(second)
        go(window, 1, second)
    window.acknowledge("alarms", 0, 600.0)
    go(window, 2, 601.0)
    window.acknowledge("alarms", 1, 601.1)
    go(window, 3, 602.0)
    assert window.due_s is not None
    assert window.due_s <= 604.5, "the next press that is lost is sent again after two seconds, or little more"


def test_a_consumer_that_knows_more_than_a_restarted_gateway_does_not_make_it_flood_the_other() -> None:
    window = LaneWindow(Lane.DATA)
    window.keep(100)  # ingest stood at 99 when the gateway ended, detect at 5,000
    assert go(window, 6000, 0.0) == list(range(100, 100 + SIZE))
    window.acknowledge("detect", 5000, 0.1)
    new = go(window, 6000, 0.1)
    assert new == list(range(5001, 5001 + SIZE)), "what is new for detect, and nothing more at once"
    window.acknowledge("ingest", 110, 0.2)
    assert go(window, 6000, 0.2) == list(range(132, 143))


def test_what_the_spool_has_dropped_is_waited_for_by_nobody() -> None:
    window = LaneWindow(Lane.DATA)
    go(window, 40, 0.0)
    window.keep(39)
    assert window.released == 38
    assert go(window, 41, 0.1) == list(range(SIZE, 41))[-2:]


def test_an_old_acknowledgement_takes_nothing_back() -> None:
    window = LaneWindow(Lane.MOTION)
    window.sent(0, 0.0)
    window.sent(1, 0.0)
    assert window.acknowledge("detect", 1, 0.1)
    assert not window.acknowledge("detect", 0, 0.2)
    assert not window.acknowledge("ingest", 7, 0.2), "it has no say about motion"
    assert window.released == 1
    assert window.due_s is None
