"""Escalation: who is told after how many seconds, over what, and when a forgotten alarm comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alarms.lifecycle.alarm import AlarmKind, Priority

DUTY = "duty"
CONTACTS = "contacts"
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Told ``after_s`` seconds after the step before it; the first one of an emergency always at once.

    ``who``: ``duty`` (the site's rotas), ``duty:{rota}``, ``contacts``, ``everyone``, ``user:{id}``, ``contact:{id}``.
    ``channels``: only these, in this order; empty: each person's own order.
    """

    after_s: float
    who: tuple[str, ...]
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Steps in order; the last one repeats every ``repeat_s`` until somebody answers, without end.

    ``return_s`` after the acknowledgement an unresolved alarm is new again; None: it stays acknowledged. Escalation
    goes on until ``acknowledgements`` people have taken it. A channel that has brought no sign of life from a phone
    within ``hand_over_s`` hands over to the person's next one.
    """

    steps: tuple[Step, ...]
    repeat_s: float
    return_s: float | None
    acknowledgements: int = 1
    hand_over_s: float = 20
    name: str = ""

    def channels_of(self, number: int) -> tuple[str, ...]:
        """The channels of a step by its number; the last step repeats."""
        return self.steps[min(max(number, 0), len(self.steps) - 1)].channels if self.steps else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A policy and what it is for; an empty tuple and None stand for all."""

    policy: Policy
    site_id: str | None = None
    kinds: tuple[AlarmKind, ...] = ()
    priorities: tuple[Priority, ...] = ()

    def fits(self, site_id: str, kind: AlarmKind, priority: Priority) -> bool:
        """Whether it is for such an alarm."""
        return (
            self.site_id in (None, site_id)
            and (not self.kinds or kind in self.kinds)
            and (not self.priorities or priority in self.priorities)
        )

    @property
    def exactness(self) -> tuple[bool, bool, bool]:
        """A policy for a site goes before one for a kind, this before one for a priority."""
        return self.site_id is not None, bool(self.kinds), bool(self.priorities)


class Policies:
    """What applies to an alarm: the most exact of the chosen ones, else the priority's default."""

    def __init__(self, defaults: Mapping[Priority, Policy], chosen: tuple[Chosen, ...] = ()) -> None:
        self._defaults = defaults
        self._chosen = sorted(chosen, key=lambda one: one.exactness, reverse=True)

    def __getitem__(self, priority: Priority) -> Policy:
        return self._defaults[priority]

    def with_chosen(self, chosen: tuple[Chosen, ...]) -> Policies:
        """The same defaults with other chosen ones."""
        return Policies(self._defaults, chosen)

    def of(self, site_id: str, kind: AlarmKind, priority: Priority) -> Policy:
        """The policy of such an alarm. An emergency never gets one that tells nobody."""
        for one in self._chosen:
            if one.fits(site_id, kind, priority) and (one.policy.steps or priority is not Priority.EMERGENCY):
                return one.policy
        return self._defaults[priority]


NOBODY = Policy(steps=(), repeat_s=0, return_s=None)
"""Stands in the list, without a deadline."""

_DUTY = (DUTY,)
_ALL = (DUTY, CONTACTS)

DEFAULT_POLICIES = Policies(
    {
        Priority.EMERGENCY: Policy(
            steps=(Step(after_s=0, who=_DUTY), Step(after_s=30, who=_ALL)), repeat_s=60, return_s=180
        ),
        Priority.HIGH: Policy(
            steps=(Step(after_s=0, who=_DUTY), Step(after_s=60, who=_DUTY), Step(after_s=180, who=_ALL)),
            repeat_s=300,
            return_s=600,
            hand_over_s=60,
        ),
        Priority.MEDIUM: Policy(steps=(Step(after_s=0, who=_DUTY),), repeat_s=1800, return_s=900, hand_over_s=300),
        Priority.LOW: NOBODY,
    }
)
