"""One press told on two topics is one press."""

from __future__ import annotations

from collections import deque

WINDOW_S = 2.0
_MOST = 4096


class Folding:
    """Pairs the tellings of an event that come on different topics within ``WINDOW_S``.

    Zigbee2MQTT tells a press in the device's JSON and, when asked to, on ``…/action`` too. Two tellings on one topic
    are two presses.
    """

    def __init__(self) -> None:
        self._unpaired: dict[tuple[str, str], deque[tuple[float, str]]] = {}

    def is_repeat(self, device: str, event: str, topic: str, received_s: float) -> bool:
        """True when this telling is the second half of one that came before on another topic."""
        waiting = self._unpaired.setdefault((device, event), deque(maxlen=_MOST))
        while waiting and received_s - waiting[0][0] > WINDOW_S:
            waiting.popleft()
        for place, (_, told_on) in enumerate(waiting):
            if told_on != topic:
                del waiting[place]
                return True
            break  # the oldest is of the same topic, and so are all the others
        waiting.append((received_s, topic))
        return False

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set: what waits for its second half waits just as long."""
        for key, waiting in self._unpaired.items():
            self._unpaired[key] = deque(((at_s + by_s, topic) for at_s, topic in waiting), maxlen=_MOST)

    def forget(self, now_s: float) -> None:
        """Drop what is too old to be paired."""
        self._unpaired = {
            key: waiting for key, waiting in self._unpaired.items() if waiting and now_s - waiting[-1][0] <= WINDOW_S
        }
