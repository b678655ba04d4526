"""Providers and the phones behind them: slow, failing, refusing, silent, or saying no to what they have taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from alarms.notify.dispatcher import Task
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Delivery
from tests.simulation.story import Story
from tests.simulation.timeline import Timeline

_TIMEOUT_S = 5.0


class Mood(StrEnum):
    """How a provider behaves at an address."""

    WELL = "well"
    FAILING = "failing"  # 503
    REFUSING = "refusing"  # 404: trying again is no use
    SILENT = "silent"  # no answer
    TAKES_AND_FAILS = "takes and fails"  # delivers the message and never says so
    ENDED = "ended"  # 410: this address will never work again


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the channel makes of the provider's answer."""

    ok: bool
    text: str
    permanent: bool = False
    gone: bool = False


class Phones:
    """``ring`` is called with the alarm when a phone shows a message."""

    def __init__(self, timeline: Timeline, story: Story, oracle: Oracle, ring: Callable[[str], None]) -> None:
        self._timeline = timeline
        self._story = story
        self._oracle = oracle
        self._ring = ring
        self._moods: dict[str, Mood] = {}
        self.addresses: list[str] = []

    def set_mood(self, address: str, mood: Mood) -> None:
        self._story.tell("provider of {} is {}", address, mood)
        self._moods[address] = mood

    def is_well_again(self, address: str) -> None:
        """A trouble has passed; what has ended meanwhile stays so."""
        if not self.has_ended(address):
            self.set_mood(address, Mood.WELL)

    def mend(self) -> None:
        """Everything works again, but what has ended."""
        self._moods = {address: mood for address, mood in self._moods.items() if mood is Mood.ENDED}

    def has_ended(self, address: str) -> bool:
        return self._moods.get(address) is Mood.ENDED

    def ask(self, task: Task, life: int, answered: Callable[[Answer], None]) -> None:
        """A message is on its way to its provider; ``answered`` is called later."""
        random = self._timeline.random
        if task.address not in self.addresses:
            self.addresses.append(task.address)
        there_s = random.uniform(0.01, 0.3)
        back_s = there_s + random.uniform(0.01, 0.3)

        def arrive() -> None:
            mood = self._moods.get(task.address, Mood.WELL)
            if mood in (Mood.WELL, Mood.TAKES_AND_FAILS):
                self._deliver(task, life, told=mood is Mood.WELL)
            late_s = _TIMEOUT_S if mood in (Mood.SILENT, Mood.TAKES_AND_FAILS) else back_s - there_s
            self._timeline.after(late_s, lambda: answered(_ANSWERS[mood]))

        self._timeline.after(there_s, arrive)

    def _deliver(self, task: Task, life: int, *, told: bool) -> None:
        notice = task.notice
        self._story.tell("phone {} rings: {} ({})", task.address, notice.key, notice.reason)
        self._oracle.delivered(Delivery(key=notice.key, alarm_id=notice.alarm_id, life=life, told=told))
        self._ring(notice.alarm_id)


_ANSWERS = {
    Mood.WELL: Answer(ok=True, text="HTTP 200"),
    Mood.FAILING: Answer(ok=False, text="HTTP 503"),
    Mood.REFUSING: Answer(ok=False, text="HTTP 404", permanent=True),
    Mood.SILENT: Answer(ok=False, text="ReadTimeout"),
    Mood.TAKES_AND_FAILS: Answer(ok=False, text="ReadTimeout"),
    Mood.ENDED: Answer(ok=False, text="HTTP 410", permanent=True, gone=True),
}
