"""The ground truth of a home: when triggers occur and conditions hold.

Written as loops over the true timelines, apart from the miner's own engine, so that the
one can be held against the other.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from custom_components.automation_scout.mining.localtime import DAY_MS
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    Condition,
    NumericCondition,
    NumericTrigger,
    Side,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
)

from .model import MINUTE, ZONE, Intent, Layout
from .people import Stay
from .plan import Plan, sun_at


@dataclass(frozen=True, slots=True)
class Line:
    """The changes of one entity, by time."""

    t: tuple[int, ...]
    state: tuple[str, ...]

    def at(self, t: int) -> str:
        """Return the state at an instant, "" before the first change."""
        index = bisect_right(self.t, t) - 1
        return self.state[index] if index >= 0 else ""


class Ground:
    """What truly happens in a home, whatever its people do with its actuators."""

    def __init__(
        self,
        layout: Layout,
        plan: Plan,
        stays: Sequence[Stay],
        intents: Iterable[Intent],
    ) -> None:
        """Order what sensors and people report; `intents` are void if repeated."""
        self.layout = layout
        self.plan = plan
        self.stays = stays
        self._occasions: dict[Trigger, list[int]] = {}
        changes: dict[str, list[tuple[int, str]]] = {}
        for intent in sorted(intents):
            of_one = changes.setdefault(intent.entity_id, [])
            if not of_one or of_one[-1][1] != intent.state:
                of_one.append((intent.t, intent.state))
        changes[HOME] = _home(changes, layout.persons)
        self._lines = {
            name: Line(tuple(t for t, _ in rows), tuple(s for _, s in rows))
            for name, rows in changes.items()
        }

    def line(self, entity_id: str) -> Line:
        """Return the changes of an entity."""
        return self._lines.get(entity_id, Line((), ()))

    def occasions(self, trigger: Trigger) -> list[int]:
        """Return when a trigger occurs, ms UTC, ascending."""
        if trigger not in self._occasions:
            self._occasions[trigger] = self._find(trigger)
        return self._occasions[trigger]

    def _find(self, trigger: Trigger) -> list[int]:
        plan = self.plan
        match trigger:
            case TimeTrigger(minute, weekdays):
                return [plan.at(o, minute) for o in self._days(weekdays)]
            case SunTrigger(event, offset, weekdays):
                return [
                    sun_at(event, plan.day(o)) + offset * MINUTE
                    for o in self._days(weekdays)
                ]
            case StateTrigger():
                return list(_entered(self.line(trigger.entity_id), trigger))
            case NumericTrigger():
                return list(_crossed(self.line(trigger.entity_id), trigger))

    def _days(self, weekdays: tuple[int, ...]) -> list[int]:
        return [o for o in self.plan.lived if self.plan.weekday(o) in weekdays]

    def holds(self, condition: Condition, t: int) -> bool:
        """Return whether a condition holds at an instant."""
        match condition:
            case WeekdayCondition(weekdays):
                return _local(t).weekday() in weekdays
            case WindowCondition(start, end):
                minute = _local(t).hour * 60 + _local(t).minute
                inside = start <= minute < end
                return inside if start <= end else not end <= minute < start
            case StateCondition(entity_id, state) if entity_id == SUN:
                day = (t + 3_600_000) // DAY_MS
                up = sun_at(SunEvent.SUNRISE, day) <= t < sun_at(SunEvent.SUNSET, day)
                return up == (state == "above_horizon")
            case StateCondition(entity_id, state):
                return self.line(entity_id).at(t) == state
            case NumericCondition(entity_id, side, threshold):
                return _is_beyond(self.line(entity_id).at(t), side, threshold)

    def ripe(
        self, trigger: Trigger, conditions: tuple[Condition, ...] = ()
    ) -> list[int]:
        """Return the occasions at which all conditions hold."""
        return [
            t
            for t in self.occasions(trigger)
            if all(self.holds(condition, t) for condition in conditions)
        ]


def _local(t: int) -> datetime:
    return datetime.fromtimestamp(t / 1000, UTC).astimezone(ZoneInfo(ZONE))


def _home(
    changes: dict[str, list[tuple[int, str]]], persons: tuple[str, ...]
) -> list[tuple[int, str]]:
    """Return when the last person left and the first one came."""
    moves = sorted((t, who, s) for who in persons for t, s in changes.get(who, ()))
    here: set[str] = set()
    rows: list[tuple[int, str]] = []
    for t, who, state in moves:
        here = here | {who} if state == "home" else here - {who}
        now = "occupied" if here else "0"
        if not rows or rows[-1][1] != now:
            rows.append((t, now))
    return rows


def _entered(line: Line, trigger: StateTrigger) -> Iterable[int]:
    left: int | None = None
    for index, (t, state) in enumerate(zip(line.t, line.state, strict=True)):
        if state == trigger.state:
            stays_until = line.t[index + 1] if index + 1 < len(line.t) else None
            long_enough = stays_until is None or stays_until >= t + trigger.for_s * 1000
            was_quiet = left is not None and t - left >= trigger.quiet_s * 1000
            if long_enough and (was_quiet or not trigger.quiet_s):
                yield t + trigger.for_s * 1000
        elif left is None or line.state[index - 1] == trigger.state:
            left = t


def _crossed(line: Line, trigger: NumericTrigger) -> Iterable[int]:
    beyond: bool | None = None
    for t, state in zip(line.t, line.state, strict=True):
        now = _is_beyond(state, trigger.side, trigger.threshold)
        if now and beyond is False:
            yield t
        beyond = now


def _is_beyond(state: str, side: Side, threshold: float) -> bool:
    if not state:
        return False
    value = float(state)
    return value > threshold if side is Side.ABOVE else value < threshold
