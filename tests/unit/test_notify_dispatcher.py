"""Who is served first, and what a slow, dead or broken channel does to the others: nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from alarms.errors import ChannelError
from alarms.notify.dispatcher import Dispatcher, Outcome, Task
from alarms.notify.message import Notice
from alarms.notify.port import Channel
from tests.notices import a_notice

Eventually = Callable[..., None]


class Slow:
    """A provider that takes some time for each message."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s

    def send(self, address: str, notice: Notice) -> str:
        threading.Event().wait(self.takes_s)
        return "ok"


class Stuck:
    """A provider that answers when the test lets it; ``inside`` counts who waits for it."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.inside = 0
        self.sent: list[str] = []

    def send(self, address: str, notice: Notice) -> str:
        self.inside += 1
        assert self.free.wait(30)
        self.sent.append(notice.key)
        return "late but ok"


class Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, address: str, notice: Notice) -> str:
        raise self.error


def a_task(number: int, *, urgent: bool = True, channel: str = "phone", address: str = "") -> Task:
    return Task(notice=a_notice(number), channel=channel, address=address or str(number), urgent=urgent, attempt=1)


@contextmanager
def running(channels: Mapping[str, Channel], **more: float) -> Iterator[tuple[Dispatcher, list[Outcome]]]:
    outcomes: list[Outcome] = []
    options = {"workers": 16, "ordinary": 16, **more}
    dispatcher = Dispatcher(channels, outcomes.append, **options)  # type: ignore[arg-type]
    dispatcher.start()
    try:
        yield dispatcher, outcomes
    finally:
        dispatcher.stop()


def test_fifty_emergencies_among_a_thousand_leave_first(eventually: Eventually) -> None:
    with running({"phone": Slow(0.02)}) as (dispatcher, outcomes):
        for number in range(950):
            dispatcher.submit(a_task(number, urgent=False))
        for number in range(1000, 1050):
            dispatcher.submit(a_task(number))
        eventually(lambda: sum(one.task.urgent for one in outcomes) == 50, "all emergencies have left")
        ahead = [one for one in outcomes if not one.task.urgent]
        assert len(ahead) < 200, "four rounds of the emergencies' workers, not the queue of the others"
        eventually(lambda: len(outcomes) == 1000, "nobody is forgotten", within_s=30)
        assert all(one.ok for one in outcomes)


def test_emergencies_leave_although_every_ordinary_worker_is_stuck(eventually: Eventually) -> None:
    stuck = Stuck()
    with running({"sms": stuck, "phone": Slow(0)}, ordinary=2) as (dispatcher, outcomes):
        for number in range(20):
            dispatcher.submit(a_task(number, urgent=False, channel="sms"))
        eventually(lambda: stuck.inside == 2, "both ordinary workers are stuck")
        dispatcher.submit(a_task(100))
        eventually(lambda: [one.task.notice.key for one in outcomes] == [a_notice(100).key], "the emergency has left")
        stuck.free.set()
        eventually(lambda: len(outcomes) == 21, "the others follow")


def test_a_send_is_not_started_twice_at_once(eventually: Eventually) -> None:
    stuck = Stuck()
    with running({"phone": stuck}) as (dispatcher, outcomes):
        assert dispatcher.submit(a_task(1))
        assert not dispatcher.submit(a_task(1))
        stuck.free.set()
        eventually(lambda: len(outcomes) == 1, "the one attempt ends")
        assert not dispatcher.submit(a_task(1)), "the journal has not taken note yet"
        dispatcher.done(a_notice(1).key)
        assert dispatcher.submit(a_task(1))
        eventually(lambda: len(outcomes) == 2, "the second attempt ends")


def test_a_hanging_attempt_is_told_as_failed_and_not_repeated_beside_itself(eventually: Eventually) -> None:
    stuck = Stuck()
    with running({"phone": stuck}, limit_s=0.05) as (dispatcher, outcomes):
        dispatcher.submit(a_task(1))
        eventually(lambda: outcomes, "the attempt is given up")
        assert (outcomes[0].ok, outcomes[0].permanent) == (False, False)
        assert "no answer within" in outcomes[0].result
        dispatcher.done(a_notice(1).key)
        assert not dispatcher.submit(a_task(1)), "the first one may still arrive"
        stuck.free.set()
        eventually(lambda: dispatcher.submit(a_task(1)), "it has ended, so it may be tried again")
        eventually(lambda: len(outcomes) == 2, "the second attempt ends")
        assert outcomes[1].ok


def test_an_address_that_holds_on_to_everything_costs_two_attempts(eventually: Eventually) -> None:
    stuck = Stuck()
    with running({"phone": stuck}, limit_s=0.05, workers=1) as (dispatcher, outcomes):
        for number in range(5):
            dispatcher.submit(a_task(number, address="the dead one"))
        eventually(lambda: len(outcomes) == 5, "all are told as failed")
        assert stuck.inside == 2
        assert "still under way" in outcomes[-1].result
        stuck.free.set()
        dispatcher.submit(a_task(9, address="another"))
        eventually(lambda: outcomes[-1].ok, "others are served")


def test_a_channel_that_is_not_set_up_fails_for_good(eventually: Eventually) -> None:
    with running({}) as (dispatcher, outcomes):
        dispatcher.submit(a_task(1, channel="pigeon"))
        eventually(lambda: outcomes, "it is told")
        assert (outcomes[0].ok, outcomes[0].permanent, outcomes[0].result) == (False, True, "no channel 'pigeon'")


def test_what_the_provider_said_comes_back(eventually: Eventually) -> None:
    error = ChannelError("HTTP 410", permanent=True, gone=True, retry_after_s=7)
    with running({"phone": Failing(error)}) as (dispatcher, outcomes):
        dispatcher.submit(a_task(1))
        eventually(lambda: outcomes, "it is told")
        (told,) = outcomes
        assert (told.ok, told.result, told.permanent, told.gone, told.retry_after_s) == (
            False,
            "HTTP 410",
            True,
            True,
            7,
        )


def test_a_fault_in_a_library_is_no_end(eventually: Eventually) -> None:
    with running({"phone": Failing(ZeroDivisionError("138 0013 8000")), "sms": Slow(0)}, workers=1) as (
        dispatcher,
        outcomes,
    ):
        dispatcher.submit(a_task(1))
        dispatcher.submit(a_task(2, channel="sms"))
        eventually(lambda: len(outcomes) == 2, "the worker goes on")
        assert [(one.ok, one.result) for one in outcomes] == [(False, "ZeroDivisionError"), (True, "ok")]
