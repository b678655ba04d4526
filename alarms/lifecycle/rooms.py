"""Which rooms of a site are near each other: the one meaning of "near" for fires, sprinklers and what confirms them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Rooms:
    """Rooms by the zone that they belong to, and the doorways between them.

    Parameters
    ----------
    zone_of
        The zone of every room; None, as a room that is not there, is no zone.
    doorways
        Pairs of rooms that adjoin, in either order.
    """

    def __init__(self, zone_of: Mapping[str, str | None], doorways: Iterable[tuple[str, str]] = ()) -> None:
        self._zone_of = zone_of
        self._doorways = frozenset(frozenset(pair) for pair in doorways)

    def are_near(self, one: str | None, other: str | None) -> bool:
        """Whether two rooms of one site are of one zone or adjoin; where a zone is not known, everything is near.

        A doorway adds to what a zone says and takes nothing away: one that nobody has entered is never a silence.
        """
        zone, zone_of_other = self._zone(one), self._zone(other)
        is_one_zone = zone is None or zone_of_other is None or zone == zone_of_other
        return is_one_zone or frozenset((one, other)) in self._doorways

    def _zone(self, room_id: str | None) -> str | None:
        return None if room_id is None else self._zone_of.get(room_id)
