"""Life safety judged at the site: the same core as the platform's, with the rules whose place is the gateway."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.errors import StateError
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule
from gateway.devices import Known
from gateway.packing import Datum
from ingest.log import Log
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME, FALL_CODES, JUDGEMENT_PREFIX
from ingest.wire.site_config import SiteConfig

Heard = tuple[Known, Datum, float]
"""A device, its reading, and when it was received."""


class Judge:
    """The core over the devices of one gateway."""

    def __init__(self, profiles: Profiles, config: SiteConfig | None, log: Log) -> None:
        self._profiles = profiles
        self._log = log
        self._core = self._build(config)

    def configure(self, config: SiteConfig, now_s: float) -> list[Datum]:
        """Judge by another configuration, going on from what is known; the judgements that follow from it."""
        state = self._core.state()
        self._core = self._build(config)
        return self.restore(state, now_s)

    def update(self, heard: Sequence[Heard], now_s: float) -> list[Datum]:
        """Judge readings; what was found, as records of the alarm lane."""
        rows = [
            (known.number, BY_NAME[datum.signal].number, datum.element, datum.at_s, received_s, _number(datum.value))
            for known, datum, received_s in heard
            if known.number is not None and datum.signal in BY_NAME
        ]
        if not rows:
            return []
        columns = tuple(zip(*rows, strict=True))
        batch = ReadingBatch(
            device=np.array(columns[0], np.int32),
            signal=np.array(columns[1], np.int16),
            element=np.array(columns[2], np.int8),
            observed_s=np.array(columns[3], np.float64),
            received_s=np.array(columns[4], np.float64),
            value=np.array(columns[5], np.float64),
        )
        return list(self._records(self._core.update(batch, now_s)))

    def tick(self, now_s: float) -> list[Datum]:
        """Judge the passing of time."""
        return list(self._records(self._core.tick(now_s)))

    def direct(self, known: Known, datum: Datum) -> tuple[Rule | None, bool | None]:
        """The rule that an alarm-class record is about, and whether it raises (True) or clears (False) it."""
        value = _number(datum.value)
        rule = self._profiles.direct(known.profile, datum.signal, value)
        return rule, None if rule is None else rule.verdict(value)

    def drawn(self, known: Known, datum: Datum) -> Datum:
        """An alarm-class record with the signals that its rule wants to be seen beside it."""
        rule, is_raised = (None, None) if datum.signal.startswith(JUDGEMENT_PREFIX) else self.direct(known, datum)
        if rule is None or not rule.beside or not is_raised or known.number is None:
            return datum
        series = self._core.beside(known.number, rule)
        return replace(datum, evidence={**(datum.evidence or {}), "series": series}) if series else datum

    def rule_of(self, judgement: Datum) -> Rule | None:
        """The rule behind a record ``judge/…``."""
        return self._profiles.rule(judgement.signal.removeprefix(JUDGEMENT_PREFIX))

    def state(self) -> bytes:
        """For ``save_state``."""
        return self._core.state(history=False)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set: every wait stays as long."""
        self._core.clock_set(by_s)

    def restore(self, saved: bytes, now_s: float, *, set_by_s: float = 0.0) -> list[Datum]:
        """Go on from a saved state; the clock was set by ``set_by_s`` since. What has lost its place is cleared."""
        try:
            return list(self._records(self._core.restore(saved, now_s, set_by_s=set_by_s)))
        except StateError as error:
            self._log.warning("judge.state_refused", error=error)
            return []

    def _build(self, config: SiteConfig | None) -> Core:
        devices = [
            CoreDevice(
                device_id=device.device_id,
                number=device.number,
                profile=device.profile,
                room_id=device.room_id,
                room_use=device.use,
                thresholds=device.thresholds,
                out_of_service=device.out_of_service,
            )
            for device in (config.devices if config is not None else ())
        ]
        core = Core(self._profiles, devices, "gateway")
        for problem in core.problems:
            self._log.warning("judge.threshold_refused", source=problem.source, rule=problem.rule, reason=problem.text)
        return core

    def _records(self, judgements: Sequence[Judgement]) -> Iterator[Datum]:
        for judgement in judgements:
            yield Datum(
                device_id=judgement.subject,
                signal=f"{JUDGEMENT_PREFIX}{judgement.rule}",
                value=judgement.raised,
                at_s=judgement.at_s,
                evidence=judgement.evidence or None,
            )


def _number(value: float | bool | str) -> float:
    return float(FALL_CODES.get(value, FALL_CODES["confirmed"])) if isinstance(value, str) else float(value)
