"""The calls in the actions of a configuration, with what lies on the way to each.

Old and new keys, nested actions, device actions and shorthands are read alike. Scripts,
scenes and triggered automations are followed into what they do. What is disabled is
left out.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ..facts import ACTUATOR_DOMAINS, domain_of
from ..reach import ALL, INDIRECT, Reach
from .pieces import filled, is_template, items, words

MAX_DEPTH: Final = 8
"""Scripts that start scripts are followed this far."""
ANY_DOMAIN: Final = "homeassistant"
"""Actions of this domain act on entities of every domain."""
SWITCHING: Final = frozenset({"turn_on", "turn_off", "toggle"})
ENTITY_DOMAINS: Final = ACTUATOR_DOMAINS | {
    "automation", "button", "input_button", "input_datetime", "input_number",
    "input_select", "input_text", "lawn_mower", "number", "remote", "scene", "script",
    "select",
}  # fmt: skip
"""Domains whose actions act on their own entities alone."""
DEVICE_TYPES: Final[Mapping[str, str]] = {
    "vacuum.clean": "start",
    "vacuum.dock": "return_to_base",
    "cover.open": "open_cover",
    "cover.close": "close_cover",
    "cover.stop": "stop_cover",
    "cover.set_position": "set_cover_position",
    "valve.open": "open_valve",
    "valve.close": "close_valve",
    "alarm_control_panel.arm_away": "alarm_arm_away",
    "alarm_control_panel.arm_home": "alarm_arm_home",
    "alarm_control_panel.arm_night": "alarm_arm_night",
    "alarm_control_panel.arm_vacation": "alarm_arm_vacation",
    "alarm_control_panel.disarm": "alarm_disarm",
}
"""`domain.type` of a device action to the action that does the same."""
NESTED: Final = frozenset({"choose", "if", "parallel", "repeat", "sequence"})
ASKING: Final = frozenset({"condition", "and", "or", "not"})
"""Keys of an action that holds actions, and of one that is a condition."""


class GateKind(StrEnum):
    """What a gate on the way to a call asks for."""

    HOLDS = "holds"
    FAILS = "fails"
    DELAY = "delay"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Gate:
    """Conditions that have to hold or not, a pause, or triggers that are waited for."""

    kind: GateKind
    config: object
    """As it is written."""


type Way = tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as far as it can be told."""

    domain: str
    """"" where not even that can be told."""
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    entities: frozenset[str] = frozenset()
    """Entities that it acts on, groups and their members."""
    is_told: bool = True
    """Whether neither its name nor its targets are templates that cannot be told."""
    way: Way = ()


def calls(config: Mapping[str, Any], reach: Reach) -> Iterator[Call]:
    """Yield the calls of an automation or a script."""
    actions = config.get("actions", config.get("action", config.get("sequence")))
    walk = _Walk(reach, _variables({}, config.get("variables")))
    yield from walk.sequence(actions, ())


def _variables(known: Mapping[str, object], more: object) -> Mapping[str, object]:
    """Return variables with further ones, those that are templates left out."""
    if not isinstance(more, Mapping):
        return known
    found = dict(known)
    for name, value in more.items():
        said = filled(value, found)
        found.pop(str(name), None)
        if not is_template(said):
            found[str(name)] = said
    return found


def _gate_of(action: Mapping[str, Any], variables: Mapping[str, object]) -> Gate | None:
    """Return what an action asks for or waits for, None where it does something."""
    if "action" in action or "service" in action:
        return None
    match action:
        case {"delay": delay}:
            return Gate(GateKind.DELAY, filled(delay, variables))
        case {"wait_for_trigger": triggers}:
            return Gate(GateKind.WAIT, triggers)
        case {"wait_template": template}:
            trigger = {"trigger": "template", "value_template": template}
            return Gate(GateKind.WAIT, [trigger])
    return None if ASKING.isdisjoint(action) else Gate(GateKind.HOLDS, action)


@dataclass(slots=True)
class _Walk:
    """One pass through a sequence and what lies below it."""

    reach: Reach
    variables: Mapping[str, object]
    started: tuple[str, ...] = ()
    """Scripts and automations that this is inside of."""

    def sequence(self, actions: object, way: Way) -> Generator[Call, None, Way | None]:
        """Yield the calls of a sequence; return the way behind it, None for no way."""
        for action in items(actions):
            if isinstance(action, Mapping) and action.get("enabled") is not False:
                behind = yield from self._action(action, way)
                if behind is None:
                    return None
                way = behind
        return way

    def _inside(self) -> _Walk:
        """Return a walk whose variables stay inside."""
        return _Walk(self.reach, self.variables, self.started)

    def _action(
        self, action: Mapping[str, Any], way: Way
    ) -> Generator[Call, None, Way | None]:
        if not NESTED.isdisjoint(action):
            return (yield from self._nested(action, way))
        if "stop" in action:
            return None
        gate = _gate_of(action, self.variables)
        if gate is not None:
            return (*way, gate)
        yield from self._leaf(action, way)
        return way

    def _nested(
        self, action: Mapping[str, Any], way: Way
    ) -> Generator[Call, None, Way | None]:
        match action:
            case {"choose": options}:
                return (yield from self._choose(options, action.get("default"), way))
            case {"if": conditions}:
                option = {"conditions": conditions, "sequence": action.get("then")}
                return (yield from self._choose([option], action.get("else"), way))
            case {"sequence": sequence}:
                return (yield from self._inside().sequence(sequence, way))
            case {"parallel": branches}:
                for branch in items(branches):
                    yield from self._inside().sequence(branch, way)
            case {"repeat": Mapping() as repeat}:
                yield from self._repeat(repeat, way)
        return way

    def _leaf(self, action: Mapping[str, Any], way: Way) -> Iterator[Call]:
        service = action.get("action", action.get("service"))
        match action:
            case _ if isinstance(service, str):
                yield from self._service(service, action, way)
            case {"variables": more}:
                self.variables = _variables(self.variables, more)
            case {"scene": scene}:
                yield from self._service("scene.turn_on", {"entity_id": scene}, way)
            case {"event": event}:
                yield Call("event", "fire", {"event": event}, way=way)
            case {"device_id": _, "domain": str(domain)}:
                kind = f"{domain}.{action.get('type', '')}"
                name = DEVICE_TYPES.get(kind, str(action.get("type", "")))
                data = {**action, "device_id": None}
                yield from self._service(f"{domain}.{name}", data, way)

    def _choose(
        self, options: object, default: object, way: Way
    ) -> Generator[Call, None, Way | None]:
        """Walk options of which the first that holds is done, else the default.

        An option that stops everything leaves its opposite on the way behind.
        """
        asked: list[object] = []
        behind = way
        n_ended = 0
        for option in items(options):
            if not isinstance(option, Mapping) or option.get("enabled") is False:
                continue
            asked.append(option.get("conditions", option.get("condition")))
            ended = yield from self._inside().sequence(
                option.get("sequence"), (*way, Gate(GateKind.HOLDS, asked[-1]))
            )
            way = (*way, Gate(GateKind.FAILS, asked[-1]))
            if ended is None:
                n_ended += 1
                behind = (*behind, way[-1])
        if (yield from self._inside().sequence(default, way)) is not None:
            return behind
        if n_ended == len(asked):
            return None
        if len(asked) == 1:
            behind = (*behind, Gate(GateKind.HOLDS, asked[0]))
        return behind

    def _repeat(self, repeat: Mapping[str, Any], way: Way) -> Generator[Call]:
        if "while" in repeat:
            way = (*way, Gate(GateKind.HOLDS, repeat["while"]))
        each = items(filled(repeat.get("for_each"), self.variables)) or [None]
        for item in each:
            inside = self._inside()
            if item is not None:
                inside.variables = {**self.variables, **_named("repeat.item", item)}
            yield from inside.sequence(repeat.get("sequence"), way)

    def _service(
        self, service: str, action: Mapping[str, Any], way: Way
    ) -> Iterator[Call]:
        service = str(filled(service, self.variables))
        domain, name, is_told = _name_of(service)
        data: dict[str, Any] = {}
        for key in ("data", "service_data", "data_template"):
            if isinstance(more := action.get(key), Mapping):
                data |= filled(more, self.variables)
        if "device_id" in action and "domain" in action:
            data = {**action, **data}
        target = filled(action.get("target"), self.variables)
        sources: list[object] = [target, data, filled(action, self.variables)]
        entities, are_told = self._targets(domain, sources)
        is_told = is_told and are_told
        call = Call(domain, name, data, entities, is_told, way)
        yield from self._followed(call)

    def _targets(
        self, domain: str, sources: Sequence[object]
    ) -> tuple[frozenset[str], bool]:
        """Return the entities that targets name or reach, and if all can be told."""
        named: set[str] = set()
        is_told = True
        for source in sources:
            if not isinstance(source, Mapping):
                is_told = is_told and not is_template(source)
                continue
            for key in ("entity_id", *INDIRECT):
                value = source.get(key)
                is_told = is_told and not is_template(value)
                for word in words(value):
                    if key != "entity_id":
                        named |= self.reach.entities_of(key, word)
                    elif word.lower() == ALL:
                        named |= self.reach.entity_ids
                    else:
                        named.add(self.reach.aliases.get(word, word.lower()))
        reached = self.reach.with_members(named)
        if domain in ENTITY_DOMAINS:
            reached = frozenset(name for name in reached if domain_of(name) == domain)
        return reached, is_told

    def _followed(self, call: Call) -> Iterator[Call]:
        """Yield a call, or what is behind it where that is a script or a scene."""
        if call.domain == "scene" and call.name == "apply":
            yield _of_states(call, call.data.get("entities"))
            return
        if call.domain == "script" and call.name not in SWITCHING:
            yield from self._script(f"script.{call.name}", call, call.data)
            return
        rest = set(call.entities)
        for entity_id in sorted(call.entities):
            match domain_of(entity_id), call.name:
                case "script", "turn_on" | "toggle":
                    data = call.data.get("variables")
                    yield from self._script(entity_id, call, data)
                case "scene", "turn_on" if entity_id in self.reach.scenes:
                    yield _of_states(call, self.reach.scenes[entity_id])
                case "automation", "trigger":
                    config = self.reach.automations.get(entity_id)
                    yield from self._started(entity_id, config, call, None)
                case _:
                    continue
            rest.discard(entity_id)
        if rest or not call.entities or not call.is_told:
            yield Call(
                call.domain,
                call.name,
                call.data,
                frozenset(rest),
                call.is_told,
                call.way,
            )

    def _script(self, entity_id: str, call: Call, data: object) -> Iterator[Call]:
        config = self.reach.scripts.get(entity_id)
        yield from self._started(entity_id, config, call, data)

    def _started(
        self,
        entity_id: str,
        config: Mapping[str, Any] | None,
        call: Call,
        data: object,
    ) -> Iterator[Call]:
        """Yield what a script or an automation does that is started here."""
        if entity_id in self.started:
            return
        if config is None or len(self.started) >= MAX_DEPTH:
            domain = domain_of(entity_id)
            known = frozenset({entity_id})
            yield Call(domain, "run", {}, known, is_told=False, way=call.way)
            return
        variables = _variables({}, config.get("variables"))
        inner = _Walk(
            self.reach, _variables(variables, data), (*self.started, entity_id)
        )
        actions = config.get("actions", config.get("action", config.get("sequence")))
        yield from inner.sequence(actions, call.way)


def _name_of(service: str) -> tuple[str, str, bool]:
    """Return domain and name of an action, and whether they can be told.

    Of `light.turn_{{ … }}` it can: the light goes on or off.
    """
    domain, _, name = service.strip().lower().partition(".")
    if not is_template(service):
        return domain, name, True
    if is_template(domain) or not domain.isidentifier():
        return "", "", False
    return domain, "toggle" if name.startswith("turn_{") else "", False


def _named(name: str, value: object) -> dict[str, object]:
    """Return a variable, and its parts by their names."""
    found: dict[str, object] = {name: value}
    if isinstance(value, Mapping):
        found |= {f"{name}.{key}": part for key, part in value.items()}
    return found


def _of_states(call: Call, entities: object) -> Call:
    """Return the call that brings about the states of a scene."""
    states = entities if isinstance(entities, Mapping) else {}
    return Call(
        "scene",
        "apply",
        {"entities": states},
        frozenset(map(str, states)),
        isinstance(entities, Mapping),
        call.way,
    )
