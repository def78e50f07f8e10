"""Days that a real Home Assistant lives through, timer by timer, in frozen time."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from random import Random
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.origin import UNAVAILABLE, Origin

CHOICES: Final[dict[str, tuple[tuple[str, ...], float]]] = {
    "binary_sensor.door": (("on", "off"), 1500),
    "binary_sensor.motion": (("on", "off"), 300),
    "input_boolean.guests": (("on", "off"), 20_000),
    "media_player.tv": (("off", "idle", "playing", "paused"), 500),
    "person.anna": (("home", "not_home", "Work"), 6000),
    "person.ben": (("home", "not_home"), 5000),
    "sensor.lux": (tuple(str(5 * n) for n in range(2, 16)), 400),
    "switch.pump": (("off", "on"), 1200),
    "sensor.temperature": (tuple(str(n / 2) for n in range(34, 50)), 900),
}
"""Entity to its states, and to the mean seconds for which it stays in one."""
OUTAGES: Final = ("unavailable", "unknown")
PLACES: Final = {"home": (0.0, 0.0), "Work": (0.03, 0.1), "not_home": (0.4, 0.4)}
"""Where people are, in degrees from home; versions of Home Assistant look at this or at
the names of zones."""
ZONES: Final = {"home": ["zone.home"], "Work": ["zone.work"]}

type Step = tuple[datetime, str, str]


def scripted(start: datetime, end: datetime, seed: int) -> list[Step]:
    """Return changes of states in order; the same for the same seed.

    No two come at the same millisecond, and none on a full second.
    """
    random = Random(seed)  # noqa: S311 - a script, no secret
    steps: list[Step] = []
    for entity_id, (states, mean_s) in CHOICES.items():
        now, state = start, states[0]
        while True:
            now += timedelta(seconds=5 + ceil(random.expovariate(1 / mean_s)))
            if now >= end:
                break
            options = [name for name in states if name != state]
            failed, gone = random.random() < 0.04, random.choice(OUTAGES)
            if entity_id.startswith("person"):
                # People move seldom. What becomes of one whose place is not known
                # has changed with versions.
                failed, gone = random.random() < 0.3, OUTAGES[0]
            state = gone if failed else random.choice(options)
            steps.append(
                (
                    now + timedelta(milliseconds=random.randrange(510, 990)),
                    entity_id,
                    state,
                )
            )
    return sorted(steps)


@dataclass
class Life:
    """What happened while Home Assistant lived."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    rows: list[Row] = field(default_factory=list)
    """Every change of a state, as the archive would hold it."""
    fired: dict[str, list[int]] = field(default_factory=dict)
    """Automation to the instants at which it ran, ms UTC."""

    def begin(self) -> None:
        """Watch states and automations from now on."""
        self.hass.bus.async_listen("state_changed", self._changed)
        self.hass.bus.async_listen("automation_triggered", self._ran)

    def set(self, entity_id: str, state: str) -> None:
        """Let an entity enter a state."""
        attributes: dict[str, Any] = {}
        if entity_id.startswith("person.") and state in PLACES:
            north, east = PLACES[state]
            attributes = {
                "in_zones": ZONES.get(state, []),
                "latitude": self.hass.config.latitude + north,
                "longitude": self.hass.config.longitude + east,
            }
        if entity_id == "binary_sensor.motion":
            attributes = {"device_class": "motion"}
        self.hass.states.async_set(entity_id, state, attributes)

    async def until(self, moment: datetime) -> None:
        """Let time pass up to an instant, and every timer ring when it is due."""
        while (due := self._next_timer()) is not None and due < moment:
            self.freezer.move_to(due)
            await self._settle()
        self.freezer.move_to(moment)
        await self._settle()

    async def live(self, steps: list[Step], end: datetime) -> None:
        """Live through scripted changes."""
        for moment, entity_id, state in steps:
            await self.until(moment)
            self.set(entity_id, state)
            await self._settle()
        await self.until(end)

    def _next_timer(self) -> datetime | None:
        """Return when the next timer rings, never before it does."""
        loop = self.hass.loop
        ahead = [
            handle.when()
            for handle in get_scheduled_timer_handles(loop)
            if not handle.cancelled()
        ]
        if not ahead:
            return None
        seconds = max(0.0, min(ahead) - loop.time())
        return dt_util.utcnow() + timedelta(microseconds=ceil(seconds * 1e6) + 1)

    async def _settle(self) -> None:
        # Automations that pause are never done, so that there is nothing to wait for.
        for _ in range(12):
            await asyncio.sleep(0)

    @callback
    def _changed(self, event: Event[Any]) -> None:
        old: State | None = event.data["old_state"]
        new: State | None = event.data["new_state"]
        if new and new.entity_id in CHOICES and (not old or old.state != new.state):
            system = new.state in UNAVAILABLE or (old and old.state in UNAVAILABLE)
            origin = Origin.SYSTEM if system else Origin.REPORT
            t = int(event.time_fired_timestamp * 1000)
            self.rows.append((t, new.entity_id, new.state, origin, ""))

    @callback
    def _ran(self, event: Event[Any]) -> None:
        fired = self.fired.setdefault(event.data["name"], [])
        fired.append(int(event.time_fired_timestamp * 1000))


def pairs(one: list[int], other: list[int], tolerance_ms: int) -> Iterator[str]:
    """Yield what differs between instants, in words for a failed test."""
    if len(one) != len(other):
        yield f"{len(one)} and {len(other)} runs"
    for mine, theirs in zip(one, other, strict=False):
        if abs(mine - theirs) >= tolerance_ms:
            yield f"{dt_util.utc_from_timestamp(mine / 1000)} and {theirs - mine} ms"
            return
