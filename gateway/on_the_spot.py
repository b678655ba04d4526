"""What the site itself does about an alarm, before anybody beyond the gateway knows of it."""

from __future__ import annotations

from gateway.devices import Known
from gateway.judge import Judge
from gateway.packing import Datum
from gateway.siren import Sounding
from gateway.states import States
from ingest.wire.signals import JUDGEMENT_PREFIX


class OnTheSpot:
    """Sounds the siren for the rules that ask for it, and stops when the device itself takes its alarm back.

    It is silent in a device's test, and for work that was announced.
    """

    def __init__(self, judge: Judge, sounding: Sounding, states: States) -> None:
        self._judge = judge
        self._sounding = sounding
        self._states = states

    def act(self, known: Known, datum: Datum) -> None:
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
                self._sounding.stop(rule.clears, datum.device_id)
        elif not rule.siren:
            return
        elif is_raised:
            is_test = self._states.is_on(datum.device_id, "test")
            if not is_test and not self._judge.announced.covers(datum.device_id, rule, datum.at_s):
                self._sounding.start(rule.rule, datum.device_id)
        elif is_raised is False:
            self._sounding.stop(rule.rule, datum.device_id)
