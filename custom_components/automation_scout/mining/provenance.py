"""Provenance: who caused each recorded change of a controllable entity.

The evidence is a ledger of contexts. Home Assistant stamps every change with a
context; a service call, a run of an automation or a script, a user and a parent
context may be known of it. A change without any of them, on an entity that belongs
to a device, was made at the device itself, unless a call shortly before explains it.

Instants are int milliseconds UTC; contexts are bytes, opaque here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .facts import EntityFacts, domain_of
from .origin import ECHO_MS, Origin

LATE_MS: Final = 15_000
"""A change this soon after a call that names its entity is that call's late report."""
BY_ITSELF: Final[Mapping[str, frozenset[str]]] = {
    "alarm_control_panel": frozenset(
        {
            "armed_away",
            "armed_home",
            "armed_night",
            "armed_vacation",
            "pending",
            "triggered",
        }
    ),
    "media_player": frozenset({"idle", "off", "paused", "standby"}),
    "vacuum": frozenset({"docked", "error", "idle", "returning"}),
}
"""States that a device also enters by itself: nobody is known to have done it."""
LEVELS: Final = 4
"""Parents of a context that are followed."""

MOVING: Final[Mapping[str, frozenset[str]]] = {
    "cover": frozenset({"opening", "closing"}),
    "lock": frozenset({"locking", "unlocking", "opening"}),
    "vacuum": frozenset({"returning"}),
    "valve": frozenset({"opening", "closing"}),
}
"""Domain to states that an entity only passes through."""

SCENES: Final = frozenset({"scene.turn_on", "scene.apply"})
VOICES: Final = frozenset({"conversation.process"})
INQUIRIES: Final = frozenset({"homeassistant.update_entity"})
"""Services that ask an entity for its state and never change it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A service call, as the event bus reported it."""

    t_ms: int
    context: bytes
    user: str
    """User id, "" where there is none."""
    service: str
    """Domain and name: `light.turn_on`."""
    named: frozenset[str] = frozenset()
    """Entity ids that it names, areas and the like expanded; empty if not known."""


class Change(NamedTuple):
    """An actuator enters a state."""

    t_ms: int
    entity_id: str
    state: str
    context: bytes
    system: bool
    """Nobody's act: a restart, or an entity that vanished or came back."""
    setting: bool = False
    """The entity was in the state before; one of its settings changes."""


class Cause(NamedTuple):
    """Class of provenance, and who or what it was ("" for nobody)."""

    origin: Origin
    actor: str = ""
    silent: bool = False
    """Nothing at all is known of the context."""


SYSTEM: Final = Cause(Origin.SYSTEM)
UNKNOWN: Final = Cause(Origin.UNKNOWN)
SILENT: Final = Cause(Origin.UNKNOWN, silent=True)
PHYSICAL: Final = Cause(Origin.PHYSICAL)


def is_moving(entity_id: str, state: str) -> bool:
    """Tell whether the entity only passes through the state."""
    return state in MOVING.get(domain_of(entity_id), ())


class Kinship:
    """Which entities move together: groups with their members, devices."""

    def __init__(self, entities: Mapping[str, EntityFacts]) -> None:
        """Work out devices and, through nested groups, all members of each group."""
        self.devices: Mapping[str, str] = {
            entity_id: facts.device_id
            for entity_id, facts in entities.items()
            if facts.device_id
        }
        direct = {
            entity_id: facts.members
            for entity_id, facts in entities.items()
            if facts.members
        }
        self.members: Mapping[str, frozenset[str]] = {
            group: _closure(group, direct) for group in direct
        }
        groups: dict[str, set[str]] = {}
        for group, members in self.members.items():
            for member in members:
                groups.setdefault(member, set()).add(group)
        self.groups: Mapping[str, frozenset[str]] = {
            member: frozenset(names) for member, names in groups.items()
        }

    def follows(self, entity_id: str, named: frozenset[str]) -> bool:
        """Tell whether the entity moves because one of the named ones does."""
        return not named.isdisjoint(
            self.groups.get(entity_id, frozenset())
            | self.members.get(entity_id, frozenset())
        )


def _closure(group: str, direct: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    todo = list(direct[group])
    while todo:
        member = todo.pop()
        if member not in found and member != group:
            found.add(member)
            todo.extend(direct.get(member, ()))
    return frozenset(found)


@dataclass(slots=True)
class Ledger:
    """What is known of contexts, and who that makes responsible."""

    kinship: Kinship
    machine_users: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    """Entity ids of automations that this integration installed."""
    calls: dict[bytes, Call] = field(default_factory=dict)
    """The first call of each context."""
    parents: dict[bytes, bytes] = field(default_factory=dict)
    users: dict[bytes, str] = field(default_factory=dict)
    _runs: dict[bytes, Cause] = field(default_factory=dict)
    _traces: dict[bytes, Cause] = field(default_factory=dict)
    _named: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    _causes: dict[bytes, Cause] = field(default_factory=dict)

    def add_run(
        self, context: bytes, origin: Origin, entity_id: str, *, traced: bool = False
    ) -> None:
        """Record that an automation or a script runs in the context.

        `traced` says that only its state tells so, not an event. An automation
        goes before the scripts that it starts in its own context.
        """
        runs = self._traces if traced else self._runs
        known = runs.get(context)
        if known is None or (
            known.origin is Origin.SCRIPT and origin is not Origin.SCRIPT
        ):
            runs[context] = Cause(
                Origin.OWN if entity_id in self.own else origin, entity_id
            )

    def add_call(self, call: Call) -> None:
        """Record a service call, in any order."""
        first = self.calls.get(call.context)
        if first is None or call.t_ms < first.t_ms:
            self.calls[call.context] = call
        if call.service in INQUIRIES:
            return
        kin = self.kinship
        touched = set(call.named)
        for entity_id in call.named:
            touched |= kin.members.get(entity_id, frozenset())
            touched |= kin.groups.get(entity_id, frozenset())
        for entity_id in touched:
            self._named.setdefault(entity_id, []).append((call.t_ms, call.context))

    def add_link(self, context: bytes, user: str, parent: bytes) -> None:
        """Record the user and the parent that something in the context carries."""
        if user:
            self.users.setdefault(context, user)
        if parent and parent != context:
            self.parents.setdefault(context, parent)

    def seal(self) -> None:
        """Sort the calls; to be done after the last addition."""
        for calls in self._named.values():
            calls.sort()
        self._causes.clear()

    def chain(self, context: bytes) -> list[bytes]:
        """Return the context and its known parents, nearest first."""
        links = [context]
        while len(links) <= LEVELS and (parent := self.parents.get(links[-1])):
            links.append(parent)
        return links

    def runs_in(self, context: bytes) -> bool:
        """Tell whether an automation or a script is known to run in the context."""
        return context in self._runs or context in self._traces

    def cause(self, context: bytes) -> Cause:
        """Return who is responsible for what happens in the context."""
        cause = self._causes.get(context)
        if cause is None:
            cause = self._causes[context] = self._judge(context)
        return cause

    def _judge(self, context: bytes) -> Cause:
        links = self.chain(context)
        for link in links:
            if run := self._runs.get(link) or self._traces.get(link):
                return run
        first = self.calls.get(context)
        if first is not None and first.service in SCENES:
            return Cause(Origin.SCENE)
        for link in links:
            call = self.calls.get(link)
            if user := self.users.get(link) or (call.user if call else ""):
                return self._person(user, call)
        if first is not None or len(links) > 1:
            return UNKNOWN
        return SILENT

    def _person(self, user: str, call: Call | None) -> Cause:
        if user in self.machine_users:
            return Cause(Origin.AUTOMATION, user)
        if call is not None and call.service in VOICES:
            return Cause(Origin.VOICE, user)
        return Cause(Origin.USER, user)

    def act(self, context: bytes, entity_id: str) -> Cause:
        """Return the cause of an entity's change in a context.

        A member that moves because its group was called, or a group because a
        member was, is a consequence of the act and not an act itself.
        """
        cause = self.cause(context)
        if cause.origin not in (Origin.USER, Origin.VOICE):
            return cause
        first = self.calls.get(context)
        if first is None or entity_id in first.named:
            return cause
        return UNKNOWN if self.kinship.follows(entity_id, first.named) else cause

    def late(self, entity_id: str, t_ms: int) -> Cause | None:
        """Return the cause of the last call to concern the entity within `LATE_MS`."""
        calls = self._named.get(entity_id)
        if not calls:
            return None
        place = bisect_right(calls, t_ms, key=_time_of_call) - 1
        if place < 0 or calls[place][0] < t_ms - LATE_MS:
            return None
        return self.act(calls[place][1], entity_id)


def _time_of_call(call: tuple[int, bytes]) -> int:
    return call[0]


def classify(changes: Iterable[Change], ledger: Ledger) -> list[Cause]:
    """Return the cause of each change.

    `changes` are sorted by time and hold the states that an entity passes through
    too: the state in which it comes to rest is owed to whoever set it moving. So is a
    setting that is reported without a cause soon after the entity changed.
    """
    causes: list[Cause] = []
    recent = _Recent(ledger.kinship)
    begun: dict[str, Cause] = {}
    latest: dict[str, tuple[int, Cause]] = {}
    for change in changes:
        entity_id = change.entity_id
        before = latest.get(entity_id)
        if not change.setting:
            mover = begun.pop(entity_id, None)
        elif before is not None and change.t_ms - before[0] <= LATE_MS:
            mover = before[1]
        else:
            mover = None
        if change.system:
            cause = SYSTEM
        else:
            cause = ledger.act(change.context, entity_id)
            if cause.silent:
                cause = _unexplained(change, ledger, mover, recent)
            elif recent.follows_member(change, cause, ledger.calls.get(change.context)):
                cause = UNKNOWN
            if is_moving(entity_id, change.state):
                begun[entity_id] = cause
        recent.add(entity_id, change.t_ms)
        latest[entity_id] = change.t_ms, cause
        causes.append(cause)
    return causes


def _unexplained(
    change: Change, ledger: Ledger, mover: Cause | None, recent: _Recent
) -> Cause:
    """Return the cause of a change whose own context says nothing."""
    late = ledger.late(change.entity_id, change.t_ms)
    if late is not None:
        return late
    if mover is not None:
        return mover
    if change.entity_id not in ledger.kinship.devices or recent.echoes(change):
        return UNKNOWN
    by_itself = BY_ITSELF.get(domain_of(change.entity_id), ())
    if change.state in by_itself and not change.setting:
        return UNKNOWN
    return PHYSICAL


class _Recent:
    """The latest change of each entity, to tell an echo from an act."""

    def __init__(self, kinship: Kinship) -> None:
        self._kinship = kinship
        self._at: dict[str, int] = {}
        self._by_device: dict[str, dict[str, int]] = {}

    def add(self, entity_id: str, t_ms: int) -> None:
        """Take note of a change."""
        self._at[entity_id] = t_ms
        if device := self._kinship.devices.get(entity_id):
            self._by_device.setdefault(device, {})[entity_id] = t_ms

    def echoes(self, change: Change) -> bool:
        """Tell whether one of its device or group changed just before."""
        oldest = change.t_ms - ECHO_MS
        device = self._kinship.devices.get(change.entity_id, "")
        for other, t_ms in self._by_device.get(device, {}).items():
            if other != change.entity_id and t_ms >= oldest:
                return True
        for group in self._kinship.groups.get(change.entity_id, ()):
            at = self._at.get(group, oldest - 1)
            if group in self._kinship.devices and at >= oldest:
                return True
        return self._member_moved(change)

    def follows_member(self, change: Change, cause: Cause, call: Call | None) -> bool:
        """Tell whether a group follows a member, where no call says which was meant."""
        if cause.origin not in (Origin.USER, Origin.VOICE) or (call and call.named):
            return False
        return self._member_moved(change)

    def _member_moved(self, change: Change) -> bool:
        oldest = change.t_ms - ECHO_MS
        return any(
            self._at.get(member, oldest - 1) >= oldest
            for member in self._kinship.members.get(change.entity_id, ())
        )
