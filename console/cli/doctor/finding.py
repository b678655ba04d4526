"""What one look of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How it stands."""

    OK = "ok"
    SLOW = "slow"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact; ``advice`` says what to do where something is to be done."""

    check: str
    verdict: Verdict
    text: str
    advice: str = ""
    facts: dict[str, Any] = field(default_factory=dict)  # Any: JSON values

    def row(self) -> dict[str, Any]:  # Any: JSON values
        return {
            **self.facts,
            "check": self.check,
            "verdict": str(self.verdict),
            "text": self.text,
            "advice": self.advice,
        }


def worst(findings: list[Finding]) -> Verdict:
    """The gravest verdict."""
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.OK)
