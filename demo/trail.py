"""Turns what happens into the rows and events that Home Assistant would have recorded.

One player goes through the happenings in order of time, keeps the state of each entity,
and gives each change the context that it has in a real home:

- in the interface: a context with the user, shared with a `call_service` event;
- at the device, or by itself: a context of its own, without user or parent;
- an automation started by the time: one context without user or parent for its whole
  run, `automation_triggered`, its calls and all changes;
- a script started by a person: the person's context for all of it;
- a cover that arrives later than 5 s after the call: a context of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final

from .acts import Act, AutomationRun, Happening, Outage, Reaction, Restart, ScriptRun
from .custom_components.demo_home.devices import COVER_TRAVEL_S
from .home import (
    AUTOMATIONS,
    DEVICE_OF,
    HOME_ZONE,
    MOVIE_SCRIPT,
    MOVIE_STEPS,
    PEOPLE,
    PORCH_AUTOMATION,
    PORCH_LIGHT,
    PORCH_ON_S,
    SCRIPTS,
    SERVICES,
    TRANSIENT,
    Person,
    attributes_of,
    person_attributes,
    zone_attributes,
)
from .rows import Context, EventRow, StateRow, Trail

MOMENT_S: Final = 0.001
"""Between a call and what it brings about."""
DOWN_S: Final = 18.0
"""A restart of Home Assistant, from its stop until it records again."""
HUB_S: Final = 9.0
"""From there until the devices answer."""


def play(
    happenings: Iterable[Happening],
    reactions: Sequence[Reaction],
    *,
    start: float,
    end: float,
    users: Mapping[str, str],
    seed: int,
) -> Trail:
    """Let everything happen that lies in [start, end).

    Args:
        happenings: In any order.
        reactions: Asked about each change of state what follows from it.
        start: When the recorder began.
        end: When Home Assistant is stopped.
        users: Key of each person to user id.
        seed: Seed of the random part of the contexts.
    """
    player = _Player(reactions, users, Random(f"{seed}/contexts"))
    player.begin(start)
    for happening in happenings:
        if start < happening.at < end:
            player.expect(happening.at, happening)
    player.run_until(end)
    player.stop(end)
    return player.trail


@dataclass(frozen=True, slots=True)
class _Itself:
    """A device gets into a state by itself: a cover arrives, a kettle boils."""

    entity_id: str
    state: str


@dataclass(frozen=True, slots=True)
class _RunEnds:
    """The automation's delay is over."""

    context: Context
    boot: int
    """Start of Home Assistant in which the run began; a restart ends it."""


@dataclass(frozen=True, slots=True)
class _Return:
    """A device can be reached again, in the state that it had."""

    entity_id: str
    state: str


type _Due = Happening | _Itself | _RunEnds | _Return


class _Player:
    """State of the home while it is played."""

    def __init__(
        self, reactions: Sequence[Reaction], users: Mapping[str, str], rng: Random
    ) -> None:
        self.trail = Trail()
        self._reactions = reactions
        self._users = users
        self._rng = rng
        self._order = count()
        self._queue: list[tuple[float, int, _Due]] = []
        self._last: dict[str, int] = {}
        self._settings: dict[str, float] = {}
        self._began = 0.0
        self._deaf_until = 0.0
        self._boot = 0

    def expect(self, at: float, what: _Due) -> None:
        """Let something happen later."""
        heappush(self._queue, (at, next(self._order), what))

    def run_until(self, end: float) -> None:
        """Let everything happen that is due before the end."""
        heapify(self._queue)
        while self._queue and self._queue[0][0] < end:
            at, _, what = heappop(self._queue)
            if at >= self._deaf_until:
                self._happen(at, what)

    def begin(self, at: float) -> None:
        """Home Assistant starts with everything idle."""
        self._began = at
        self._announce(at)
        for device in DEVICE_OF.values():
            self._write(at, device.entity_id, device.idle, self._context(at))
        self._write(at, PORCH_AUTOMATION, "on", self._context(at))
        self._write(at, MOVIE_SCRIPT, "off", self._context(at))
        for person in PEOPLE:
            self._write(at, person.entity_id, "home", self._context(at))
        self._write(at, HOME_ZONE, str(len(PEOPLE)), self._context(at))

    def stop(self, at: float) -> None:
        """Home Assistant stops, and with it the run of the recorder."""
        self._fire(at, "homeassistant_stop", {}, self._context(at))
        self.trail.runs.append((self._began, at + MOMENT_S))
        self._boot += 1

    def _announce(self, at: float) -> None:
        self._fire(at, "homeassistant_start", {}, self._context(at))
        self._fire(at, "homeassistant_started", {}, self._context(at))

    def _happen(self, at: float, what: _Due) -> None:
        match what:
            case Act():
                self._act(what)
            case AutomationRun():
                self._automation(at)
            case ScriptRun():
                self._script(at, what.started_by)
            case Outage():
                self._outage(what)
            case Restart():
                self._restart(at)
            case _Itself():
                self._by_itself(at, what)
            case _RunEnds():
                self._end_run(at, what)
            case _Return():
                self._write(at, what.entity_id, what.state, self._context(at))

    def _state(self, entity_id: str) -> str:
        return self.trail.states[self._last[entity_id]].state

    def _context(self, at: float, user: str | None = None) -> Context:
        stamp = int(at * 1000).to_bytes(6, "big")
        return Context(stamp + self._rng.randbytes(10), user)

    def _fire(
        self, at: float, event_type: str, data: Mapping[str, Any], context: Context
    ) -> None:
        self.trail.events.append(EventRow(at, event_type, data, context))

    def _write(self, at: float, entity_id: str, state: str, context: Context) -> None:
        states = self.trail.states
        index = self._last.get(entity_id)
        before = None if index is None else states[index]
        same = before is not None and before.state == state
        row = StateRow(
            at,
            entity_id,
            state,
            self._attributes(entity_id, state),
            context,
            before.changed_at if before is not None and same else at,
            index,
        )
        self._last[entity_id] = len(states)
        states.append(row)

    def _attributes(self, entity_id: str, state: str) -> Mapping[str, Any]:
        if entity_id in DEVICE_OF:
            return attributes_of(entity_id, state, self._setting(entity_id))
        for person in PEOPLE:
            if person.entity_id == entity_id:
                return person_attributes(person, state, self._users[person.key])
        if entity_id == HOME_ZONE:
            return zone_attributes(
                [one for one in PEOPLE if self._state(one.entity_id) == "home"]
            )
        return {"friendly_name": _ALIASES[entity_id]}

    def _setting(self, entity_id: str) -> float:
        return self._settings.get(entity_id, DEVICE_OF[entity_id].default_setting)

    def _act(self, act: Act) -> None:
        entity_id, state = act.entity_id, act.state
        present = self._state(entity_id)
        if present == "unavailable" or TRANSIENT.get(state) == present:
            return
        same = act.setting in (None, self._setting(entity_id))
        if same and present == state:
            return
        if act.setting is not None:
            self._settings[entity_id] = act.setting
        user = None if act.tapped_by is None else self._users[act.tapped_by.key]
        context = self._context(act.at, user)
        if user is not None:
            self._tap(act, context)
        self._bring_about(act.at + MOMENT_S, entity_id, state, context)

    def _tap(self, act: Act, context: Context) -> None:
        domain = DEVICE_OF[act.entity_id].domain
        service, extra = SERVICES[domain, act.state]
        match domain, act.setting:
            case "light", float() as percent:
                extra = {"brightness_pct": percent}
            case _, float() as warmth:
                service, extra = "set_temperature", {"temperature": warmth}
        data = {"entity_id": act.entity_id, **extra}
        self._call(act.at, domain, service, data, context)

    def _call(
        self,
        at: float,
        domain: str,
        service: str,
        data: Mapping[str, Any],
        context: Context,
    ) -> None:
        payload = {"domain": domain, "service": service, "service_data": data}
        self._fire(at, "call_service", payload, context)

    def _bring_about(
        self, at: float, entity_id: str, state: str, context: Context
    ) -> None:
        """Change a device, and whatever hangs on it."""
        device = DEVICE_OF[entity_id]
        if device.domain == "cover":
            self._write(at, entity_id, TRANSIENT[state], context)
            self.expect(at + COVER_TRAVEL_S, _Itself(entity_id, state))
            return
        self._write(at, entity_id, state, context)
        if device.auto_off_s is not None and state == "on":
            self.expect(at + device.auto_off_s, _Itself(entity_id, "off"))
        if device.domain == "device_tracker":
            self._follow_phone(at + MOMENT_S, entity_id, state)
        self._consequences(at, entity_id, state)

    def _consequences(self, at: float, entity_id: str, state: str) -> None:
        for reaction in self._reactions:
            for act in reaction(at, entity_id, state):
                self.expect(act.at, act)

    def _follow_phone(self, at: float, tracker: str, state: str) -> None:
        for person in PEOPLE:
            if person.tracker == tracker:
                self._write(at, person.entity_id, state, self._context(at))
                self._consequences(at, person.entity_id, state)
        home = sum(self._state(one.entity_id) == "home" for one in PEOPLE)
        self._write(at, HOME_ZONE, str(home), self._context(at))

    def _by_itself(self, at: float, what: _Itself) -> None:
        if self._state(what.entity_id) not in (what.state, "unavailable"):
            self._write(at, what.entity_id, what.state, self._context(at))
            self._consequences(at, what.entity_id, what.state)

    def _automation(self, at: float) -> None:
        context = self._context(at)
        data = {
            "name": _ALIASES[PORCH_AUTOMATION],
            "entity_id": PORCH_AUTOMATION,
            "source": "time",
        }
        self._fire(at, "automation_triggered", data, context)
        self._write(at, PORCH_AUTOMATION, "on", context)
        self._call_in_run(at + MOMENT_S, PORCH_LIGHT, "on", context)
        self.expect(at + PORCH_ON_S, _RunEnds(context, self._boot))

    def _end_run(self, at: float, run: _RunEnds) -> None:
        if run.boot == self._boot:
            self._call_in_run(at, PORCH_LIGHT, "off", run.context)
            self._write(at + MOMENT_S, PORCH_AUTOMATION, "on", run.context)

    def _call_in_run(
        self, at: float, entity_id: str, state: str, context: Context
    ) -> None:
        """Do one step of an automation or a script."""
        domain = DEVICE_OF[entity_id].domain
        service, extra = SERVICES[domain, state]
        data = {"entity_id": [entity_id], **extra}
        self._call(at, domain, service, data, context)
        if self._state(entity_id) not in (state, "unavailable"):
            self._bring_about(at, entity_id, state, context)

    def _script(self, at: float, person: Person) -> None:
        context = self._context(at, self._users[person.key])
        name = MOVIE_SCRIPT.partition(".")[2]
        self._call(at, "script", name, {}, context)
        data = {"name": _ALIASES[MOVIE_SCRIPT], "entity_id": MOVIE_SCRIPT}
        self._fire(at, "script_started", data, context)
        self._write(at, MOVIE_SCRIPT, "on", context)
        for entity_id, state in MOVIE_STEPS:
            self._call_in_run(at, entity_id, state, context)
        self._write(at + 2 * MOMENT_S, MOVIE_SCRIPT, "off", context)

    def _outage(self, outage: Outage) -> None:
        entity_id = outage.entity_id
        self.expect(outage.until, _Return(entity_id, self._state(entity_id)))
        self._write(outage.at, entity_id, "unavailable", self._context(outage.at))

    def _restart(self, at: float) -> None:
        """Stop and start: at first all devices are out of reach, then they answer."""
        before = {entity_id: self._state(entity_id) for entity_id in self._last}
        self.stop(at)
        up = at + DOWN_S
        self._began = up
        self._last.clear()
        for entity_id, state in before.items():
            shown = "unavailable" if entity_id in DEVICE_OF else state
            self._write(up, entity_id, shown, self._context(up))
        self._announce(up)
        answer = up + HUB_S
        for entity_id, state in before.items():
            if entity_id in DEVICE_OF:
                self._write(answer, entity_id, state, self._context(answer))
        self._deaf_until = answer


_ALIASES: Final[Mapping[str, str]] = {
    PORCH_AUTOMATION: AUTOMATIONS[0]["alias"],
    MOVIE_SCRIPT: SCRIPTS["movie_night"]["alias"],
}
