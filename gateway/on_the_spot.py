"""What the site itself does about an alarm, before anybody beyond the gateway knows of it."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.devices import Known
from gateway.judge import Judge
from gateway.packing import Datum
from gateway.planned import Planned
from gateway.siren import Reason, Sounding
from gateway.states import States
from gateway.verification import Verification
from ingest.wire.signals import JUDGEMENT_PREFIX
from ingest.wire.site_config import SiteConfig


class OnTheSpot:
    """Sounds the siren for the rules that ask for it, fire alarms of one detector after their verification, none during
    announced work, and stops when the device itself takes its alarm back."""

    def __init__(
        self, judge: Judge, sounding: Sounding, states: States, verification: Verification, planned: Planned
    ) -> None:
        self._judge = judge
        self._sounding = sounding
        self._states = states
        self._verification = verification
        self._planned = planned

    def act(self, known: Known, datum: Datum, now_s: float) -> None:
        """React to one record of the alarm lane."""
        is_raised: bool | None
        if datum.signal.startswith(JUDGEMENT_PREFIX):
            rule, is_raised = self._judge.rule_of(datum), bool(datum.value)
        else:
            rule, is_raised = self._judge.direct(known, datum)
        if rule is None:
            return
        if rule.clears is not None:
            if is_raised:
                self._cleared(rule.clears, datum.device_id)
        elif not rule.siren:
            return
        elif is_raised and not self._states.is_on(datum.device_id, "test"):
            if not self._planned.holds(rule, datum, now_s):
                self._sound(self._verification.raised(rule, datum, now_s))
        elif is_raised is False:
            self._cleared(rule.rule, datum.device_id)

    def tick(self, now_s: float) -> bool:
        """Sound what has waited long enough, and what stands at the end of work; True when there was something."""
        over = self._planned.over(now_s)
        due = [reason for rule, datum in over for reason in self._verification.raised(rule, datum, now_s)]
        due += self._verification.due(now_s)
        self._sound(due)
        return bool(over or due)

    def command(self, rule: str | None, device_id: str | None, *, on: bool) -> None:
        """The platform wants the siren on or off for what fits; None fits all."""
        self._verification.silenced(rule, device_id)
        self._planned.cleared(rule, device_id)
        if on:
            self._sound([Reason(rule or "command", device_id or "")])
        else:
            self._sounding.stop(rule, device_id)

    def configure(self, config: SiteConfig) -> None:
        """Work with another configuration from now on."""
        self._verification.configure(config)
        self._planned.configure(config)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set: every wait stays as long."""
        self._verification.clock_set(by_s)

    def _sound(self, reasons: Iterable[Reason]) -> None:
        for reason in reasons:
            self._sounding.start(reason.rule, reason.device_id)

    def _cleared(self, rule: str, device_id: str) -> None:
        self._verification.cleared(rule, device_id)
        self._planned.cleared(rule, device_id)
        self._sounding.stop(rule, device_id)
