"""Every pack reaches every consumer once, whatever is lost on the way and whoever is away meanwhile."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.pipeline.lanes import Lanes
from ingest.store.batch import LaneMove
from ingest.wire.topics import Lane
from ingest.wire.window import SIZES, LaneWindow

SIZE = SIZES[Lane.DATA]


class Consumer:
    """Takes packs and acknowledges as the platform does; while it is ``away`` it takes none and says nothing."""

    def __init__(self, name: str, **how: int) -> None:
        self.name, self.lanes = name, Lanes(**how)
        self.got: list[int] = []
        self.away = False

    def take(self, seq: int, floor: int) -> None:
        if not self.away and self.lanes.accept("g", "b", seq, floor):
            self.got.append(seq)

    def word(self) -> LaneMove | None:
        """What it would say on ``down/ack``, if anything."""
        moves = [] if self.away else self.lanes.take_moves()
        return next((move for move in moves if move.position >= 0), None)


class Gateway:
    """A spool without a disk."""

    def __init__(self) -> None:
        self.window = LaneWindow(Lane.DATA)
        self.consumers = [Consumer("ingest"), Consumer("detect", reach=1)]
        self.next_seq = self.floor = 0
        self.now_s = 0.0

    def send(self, *, lost: bool = False) -> int:
        count = 0
        self.window.check_stall(self.now_s)
        for _ in range(3):
            self.window.keep(self.floor)
            after, portion = self.window.portion(self.next_seq, self.now_s)
            assert 0 <= portion <= SIZE
            for seq in range(after + 1, after + 1 + portion):
                assert self.floor <= seq < self.next_seq
                if not lost:
                    for consumer in self.consumers:
                        consumer.take(seq, self.floor)
                self.window.sent(seq, self.now_s)
            count += portion
        return count

    def hear(self, consumer: Consumer, *, lost: bool = False) -> None:
        said = consumer.word()
        if said is None or lost:
            return
        if self.window.acknowledge(consumer.name, said.position, self.now_s, lacks=said.lacks):
            self.floor = self.window.released + 1


events = st.lists(
    st.one_of(
        st.sampled_from(["send", "lose", "reconnect", "wait"]),
        st.tuples(st.just("make"), st.integers(1, 400)),
        st.tuples(st.sampled_from(["ack", "ack lost", "goes", "comes"]), st.integers(0, 1)),
    ),
    min_size=1,
    max_size=100,
)


@given(events)
def test_every_pack_reaches_every_consumer_once(happenings: list[str | tuple[str, int]]) -> None:
    gateway = Gateway()
    for happening in happenings:
        gateway.now_s += 0.1
        match happening:
            case "send" | "lose":
                gateway.send(lost=happening == "lose")
            case "reconnect":
                gateway.window.restart(gateway.now_s)
            case "wait":
                gateway.now_s += 5
            case ("make", count):
                gateway.next_seq += count
            case ("ack" | "ack lost" as word, which):
                gateway.hear(gateway.consumers[which], lost=word == "ack lost")
            case ("goes" | "comes" as word, which):
                gateway.consumers[which].away = word == "goes"

    for consumer in gateway.consumers:
        consumer.away = False
    for _ in range(2 * gateway.next_seq // SIZE + 20):
        gateway.now_s += 70
        gateway.send()
        for consumer in gateway.consumers:
            gateway.hear(consumer)
    assert gateway.floor == gateway.next_seq
    ingest, detect = gateway.consumers
    assert sorted(ingest.got) == list(range(gateway.next_seq))
    assert detect.got == list(range(gateway.next_seq)), "what is judged comes in its order"


@given(st.integers(0, 1), st.lists(st.tuples(st.integers(0, 20), st.integers(1, 200)), min_size=1, max_size=100))
def test_nobody_waits_for_one_that_is_away(which: int, made: list[tuple[int, int]]) -> None:
    """In bursts and after quiet minutes alike."""
    gateway = Gateway()
    gateway.consumers[which].away = True
    up = gateway.consumers[1 - which]
    gateway.next_seq += SIZE + 1
    for _ in range(3):  # the first burst is more than a window: it takes the two seconds in which nobody is away yet
        gateway.now_s += 2.5
        gateway.send()
        gateway.hear(up)
    assert up.got == list(range(gateway.next_seq))
    for count, quiet_s in made:
        gateway.now_s += quiet_s
        gateway.next_seq += count
        gateway.send()
        gateway.hear(up)
        assert up.got == list(range(gateway.next_seq))
