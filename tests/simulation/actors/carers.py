"""Carers: they hear, take, attend, resolve; race each other, forget, look away, and tidy up in the morning."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tests.simulation.desk import Desk, Reply, Shown
from tests.simulation.timeline import DAY_S
from tests.simulation.world import World

_MORNING_S = 9 * 3600.0
_DRILL_S = 3600.0


def begin(world: World) -> None:
    """Let people work."""
    carers = Carers(world, world.desk)
    world.desk.on_change = carers.see
    world.on_ring.append(carers.hear)
    world.timeline.often(world.weather.nobody_home, carers.leave)
    world.timeline.at(_MORNING_S, carers.tidy)
    world.timeline.often(world.weather.drills, carers.drill)


class Carers:
    """Everybody on duty, in front of one console and with phones in their pockets."""

    def __init__(self, world: World, desk: Desk) -> None:
        self._world = world
        self._desk = desk
        self._names = [f"carer-{number}" for number in range(1, world.weather.carers + 1)]
        self._seen: set[tuple[str, int]] = set()
        self._away_until_s = self._drill_until_s = 0.0

    def see(self, alarm: Shown) -> None:
        """Something new stands on the screen: somebody looks at it, or two do."""
        random = self._world.random
        if alarm.response != "new" or (alarm.alarm_id, alarm.round) in self._seen:
            return
        self._seen.add((alarm.alarm_id, alarm.round))
        reaction_s = random.lognormvariate(3.0, 1.0)
        self._later(reaction_s, alarm.alarm_id)
        if random.random() < 0.15:
            self._later(reaction_s + random.choice((0.0, 0.01, 0.5)), alarm.alarm_id)

    def hear(self, alarm_id: str) -> None:
        """A phone rings."""
        if self._world.random.random() < 0.2:
            self._later(self._world.random.uniform(5, 120), alarm_id)

    def leave(self) -> None:
        """Nobody looks at anything for a while."""
        stay_s = self._world.random.choice((600, 3600, 4 * 3600))
        self._away_until_s = self._world.timeline.now_s + stay_s
        self._world.story.tell("nobody looks for {} s", stay_s)

    def drill(self) -> None:
        """An exercise, one at a time."""
        world, random = self._world, self._world.random
        if self._looks and world.timeline.now_s >= self._drill_until_s:
            self._drill_until_s = world.timeline.now_s + _DRILL_S
            kind, profile = random.choice(
                (("fire", "smoke_alarm"), ("help_call", "sos_button"), ("help_call", "pendant"))
            )
            self._desk.drill(self._somebody(), kind, random.choice(world.devices(profile)), lambda _: None)

    def tidy(self) -> None:
        """In the morning somebody deals with what was left."""
        world = self._world
        world.timeline.after(DAY_S, self.tidy)
        if world.random.random() < 0.2:
            return
        for number, alarm_id in enumerate(list(self._desk.alarms)):
            world.timeline.after(5.0 * number, partial(self._end, alarm_id, self._somebody()))
        if len(self._seen) > 1000:
            self._seen = {key for key in self._seen if key[0] in self._desk.alarms}

    def _later(self, delay_s: float, alarm_id: str) -> None:
        self._world.timeline.after(delay_s, partial(self._take, alarm_id, self._somebody()))

    def _somebody(self) -> str:
        return self._world.random.choice(self._names)

    @property
    def _looks(self) -> bool:
        return not self._world.calm and self._world.timeline.now_s >= self._away_until_s

    def _take(self, alarm_id: str, who: str) -> None:
        world, random = self._world, self._world.random
        alarm = self._desk.alarms.get(alarm_id)
        if alarm is None or alarm.response != "new" or not self._looks:
            return
        chance = random.random()
        if chance < world.weather.ignored:
            return
        if random.random() < world.weather.put_aside:
            self._put_aside(alarm, who)
            return
        if alarm.kind == "fire" and 0.8 < chance < 0.85:
            self._desk.ask(alarm, "confirm_fire", who, lambda _: None)
        do = "acknowledge" if chance < 0.85 else "attend"
        self._desk.ask(alarm, do, who, partial(self._taken, alarm_id, who, do))

    def _put_aside(self, alarm: Shown, who: str) -> None:
        """Two people agree to hear it again later."""
        until = self._world.timeline.now() + timedelta(seconds=self._world.random.choice((5, 60, 600, 7200)))
        more = {"until": until.isoformat(), "note": "the plumber is there", "second": self._somebody()}
        self._desk.ask(alarm, "shelve", who, lambda _: None, **more)

    def _taken(self, alarm_id: str, who: str, do: str, reply: Reply | None) -> None:
        timeline, random = self._world.timeline, self._world.random
        if reply is None:  # nobody answers: once more
            timeline.after(random.uniform(1, 10), partial(self._take, alarm_id, who))
        elif reply.ok and random.random() < 0.9:  # else forgotten
            if do == "acknowledge" and random.random() < 0.7:
                timeline.after(random.expovariate(1 / 100), partial(self._attend, alarm_id, who))
            else:
                timeline.after(random.expovariate(1 / 200), partial(self._end, alarm_id, who))

    def _attend(self, alarm_id: str, who: str) -> None:
        alarm, random = self._desk.alarms.get(alarm_id), self._world.random
        if alarm is None or alarm.response == "attended" or not self._looks:
            return
        self._desk.ask(alarm, "attend", who, partial(self._attended, alarm_id, who))
        if random.random() < 0.1:
            self._desk.ask(alarm, "note", who, lambda _: None, note="brought some water")

    def _attended(self, alarm_id: str, who: str, reply: Reply | None) -> None:
        random = self._world.random
        if reply is not None and reply.ok and random.random() < 0.9:
            self._world.timeline.after(random.expovariate(1 / 300), partial(self._end, alarm_id, who))

    def _end(self, alarm_id: str, who: str) -> None:
        alarm = self._desk.alarms.get(alarm_id)
        if alarm is None or not self._looks:
            return
        how = self._world.random.choice(("helped", "medical", "no_need", "false_alarm", "other"))
        again = partial(self._ended, alarm_id, who)
        self._desk.ask(alarm, "resolve", who, again, disposition=how, reached="in_person")

    def _ended(self, alarm_id: str, who: str, reply: Reply | None) -> None:
        """A fire that still burns, or an alarm that has come back, is looked at again."""
        if reply is None or not reply.ok:
            delay_s = self._world.random.uniform(10, 600)
            self._world.timeline.after(delay_s, partial(self._end, alarm_id, who))
