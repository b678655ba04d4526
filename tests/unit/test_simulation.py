"""Seeded days of a small home on virtual time: clean as the product is, and broken where a bug is planted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from alarms.engine.ended_channels import EndedChannels
from alarms.engine.fires import Fires
from alarms.engine.loop import Loop
from alarms.engine.outbox import Outbox
from alarms.engine.telling import Telling
from alarms.journal.journal import Journal
from tests.simulation.found import FOUND
from tests.simulation.run import Broken, run

SEEDS = (1, 4, 6, 14)
MOST_SEEDS = 12


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seeded_day_keeps_every_promise(seed: int) -> None:
    outcome = run(seed, 1)
    assert outcome.broken is None, "\n".join(outcome.broken.story)
    assert outcome.counts["presses"] > 0


@pytest.mark.long
@pytest.mark.parametrize("seed", FOUND)
def test_a_seed_that_found_something_finds_nothing_now(seed: int) -> None:
    outcome = run(seed, 1)
    assert outcome.broken is None, "\n".join(outcome.broken.story)


def test_a_seed_replays_exactly() -> None:
    first, again = (run(4, 0.5) for _ in range(2))
    assert first.fingerprint == again.fingerprint
    assert first.counts == again.counts


def found(seeds: Iterable[int] = range(1, MOST_SEEDS + 1)) -> Broken | None:
    """The first promise that a planted bug breaks, within a stated number of seeded days."""
    outcomes = (run(seed, 1) for seed in seeds)
    return next((outcome.broken for outcome in outcomes if outcome.broken is not None), None)


def test_a_message_that_leaves_before_the_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    commit, carry_out = Journal.transaction, Loop._carry_out
    waiting: list[tuple[Loop, Outbox]] = []
    due = Loop._due

    def due_then_send(loop: Loop, now: object, out: Outbox) -> None:
        due(loop, now, out)  # type: ignore[arg-type]
        waiting.append((loop, out))

    @contextmanager
    def transaction(journal: Journal) -> Iterator[None]:
        with commit(journal):
            yield
            while waiting:
                carry_out(*waiting.pop())

    monkeypatch.setattr(Loop, "_due", due_then_send)
    monkeypatch.setattr(Journal, "transaction", transaction)
    monkeypatch.setattr(Loop, "_carry_out", lambda *_: None)
    assert found() is not None


@pytest.mark.parametrize("lost", ["returns_due", "steps_due"])
def test_a_lost_deadline_is_found(monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    monkeypatch.setattr(Journal, lost, lambda *_, **__: [])
    assert found() is not None


@pytest.mark.long
def test_a_channel_that_is_asked_again_after_its_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EndedChannels, "has_ended", lambda *_: False)
    assert found() is not None


def test_an_end_that_relatives_do_not_hear_of_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Telling, "_all_clear", lambda *_: None)
    assert found() is not None


def test_a_relative_for_whom_the_desk_waits_for_ever_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Journal, "expected_by", lambda *_, **__: [])
    assert found() is not None


def test_a_program_that_does_not_watch_its_clock_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.clock.SET_S", float("inf"))
    assert found(FOUND) is not None


def test_a_verification_that_never_ends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fires, "due", lambda fires, now: iter(()))
    broken = found(seeds=(18,))
    assert broken is not None
    assert broken.promise == "the program rests between turns"


def test_a_wait_that_no_second_sign_ends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fires, "borne_out", lambda fires, onset, now: iter(()))
    broken = found(seeds=(18,))
    assert broken is not None
    assert broken.promise == "a fire alarm waits no longer than it may"


def test_an_output_that_is_asked_for_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Journal, "was_linked", lambda journal, incidents, output_id: False)
    broken = found(seeds=(14,))
    assert broken is not None
    assert broken.promise == "a fire switches what it must, once, with two triggers"
