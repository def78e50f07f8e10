"""Slow, obvious twins of triggers, conditions, presence, and the replay of rules."""

from collections.abc import Sequence

import numpy as np

from custom_components.automation_scout.mining.facts import ACTUATOR_DOMAINS
from custom_components.automation_scout.mining.origin import ECHO_MS, UNAVAILABLE
from custom_components.automation_scout.mining.replay import NEAR_MS
from custom_components.automation_scout.mining.rules import (
    HOME,
    Action,
    Condition,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    WeekdayCondition,
    WindowCondition,
)
from custom_components.automation_scout.mining.sun import NO_EVENT, sun_events

from . import naive
from .naive import DAY_MS, Edge, Firing, Home

MINUTE_MS = 60_000
type Course = list[tuple[int, str]]
"""Instants and the states that they bring."""


def day_of(home: Home, t: int) -> int:
    """Return the local day of an instant."""
    return naive.local(t, home.zone) // DAY_MS


def persons(home: Home) -> list[str]:
    """Return the persons whom the log names."""
    return [n for n in home.entities if n.startswith("person.") and home.known(n)]


def presence(home: Home) -> Course:
    """Return when the first person comes and when the last one goes."""
    told = [
        row
        for name in persons(home)
        for row in home.of(name)
        if row.state not in UNAVAILABLE
    ]
    told.sort(key=lambda row: row.t)
    first: dict[str, str] = {}
    for row in told:
        first.setdefault(row.entity_id, row.state)
    there = {name: state != "home" for name, state in first.items()}
    course: Course = []
    for row in told:
        before = any(there.values())
        there[row.entity_id] = row.state == "home"
        if any(there.values()) != before:
            course.append((row.t, "0" if before else "occupied"))
    return course


def edges(home: Home) -> dict[Edge, list[int]]:
    """Return the edges of the log, and of the home where several persons live."""
    found = {edge: list(times) for edge, times in home.edges().items()}
    if len(persons(home)) > 1:
        for t, state in presence(home):
            found.setdefault((HOME, state), []).append(t)
    return dict(sorted(found.items()))


def course_of(home: Home, entity_id: str) -> Course:
    """Return all changes of an entity."""
    if entity_id == HOME:
        return presence(home)
    return [(row.t, row.state) for row in home.of(entity_id)]


def numbers(home: Home, entity_id: str) -> list[tuple[int, float]]:
    """Return what was measured or set, where it is a number."""
    found = []
    for row in home.raw:
        if row.entity_id == entity_id:
            try:
                value = float(row.state)
            except ValueError:
                continue
            if value - value == 0:
                found.append((row.t, value))
    return found


def occasions(home: Home, trigger: StateTrigger | NumericTrigger) -> list[int]:
    """Return when a trigger fires."""
    if isinstance(trigger, NumericTrigger):
        starts, ends = _crossed(home, trigger)
    else:
        course = course_of(home, trigger.entity_id)
        starts = edges(home).get((trigger.entity_id, trigger.state), [])
        starts = [t for t in starts if _was_quiet(course, t, trigger.quiet_s * 1000)]
        ends = [t for t, _ in course]
    stay = trigger.for_s * 1000
    if not stay:
        return starts
    return [
        t + stay
        for t in starts
        if t + stay <= home.span()[1] and not any(t < e <= t + stay for e in ends)
    ]


def _was_quiet(course: Course, t: int, quiet: int) -> bool:
    """Return whether the last change before an instant is so long ago."""
    earlier = [at for at, _ in course if at < t]
    return not quiet or (bool(earlier) and t - earlier[-1] >= quiet)


def _crossed(home: Home, trigger: NumericTrigger) -> tuple[list[int], list[int]]:
    """Return when a number comes to its side of a bound, and when it is elsewhere."""
    was: bool | None = None
    starts, outside = [], []
    for t, value in numbers(home, trigger.entity_id):
        beyond = is_beyond(value, trigger)
        if beyond and was is False:
            starts.append(t)
        if not beyond:
            outside.append(t)
        was = beyond
    return starts, outside


def is_beyond(value: float, bound: NumericTrigger | NumericCondition) -> bool:
    """Return whether a number is on the side of a bound."""
    over = value - bound.threshold
    return over > 0 if bound.side is Side.ABOVE else over < 0


def holds(home: Home, condition: Condition, t: int) -> bool:
    """Return whether a condition holds at an instant."""
    reading = naive.local(t, home.zone)
    match condition:
        case WeekdayCondition(weekdays):
            return naive.weekday(reading // DAY_MS) in weekdays
        case WindowCondition(start, end):
            minute = reading % DAY_MS // MINUTE_MS
            # One minute after the other from the start on, until the end.
            length = end - start if end >= start else end - start + 1440
            return (minute - start) % 1440 < length
        case StateCondition(entity_id, state):
            before = [s for at, s in course_of(home, entity_id) if at < t]
            return bool(before) and before[-1] == state
        case NumericCondition(entity_id):
            values = [v for at, v in numbers(home, entity_id) if at < t]
            return bool(values) and is_beyond(values[-1], condition)


def all_hold(home: Home, conditions: Sequence[Condition], t: int) -> bool:
    """Return whether all conditions hold at an instant."""
    return all(holds(home, condition, t) for condition in conditions)


def due_times(
    home: Home, trigger: TimeTrigger | SunTrigger, window_s: int
) -> list[tuple[int, int]]:
    """Return the days and instants at which the clock or the sun asks for it."""
    start, end = home.span()
    found = []
    for day in home.days():
        t = _due(home, trigger, day)
        within = t is not None and start <= t - window_s * 1000
        if t is not None and within and t + window_s * 1000 <= end:
            found.append((day, t))
    return [(d, t) for d, t in found if naive.weekday(d) in trigger.weekdays]


def _due(home: Home, trigger: TimeTrigger | SunTrigger, day: int) -> int | None:
    if isinstance(trigger, TimeTrigger):
        return naive.instant(day, trigger.minute, home.zone)
    facts = home.facts
    if facts.latitude is None or facts.longitude is None:
        return None
    # One day at a time, asked of what `test_sun` compares with Home Assistant.
    both = sun_events(np.array([day]), facts.latitude, facts.longitude, facts.time_zone)
    t = int(both[trigger.event == "sunset"][0])
    return None if t == NO_EVENT else t + trigger.offset_min * MINUTE_MS


def ready_occasions(
    home: Home,
    action: Action,
    trigger: StateTrigger | NumericTrigger,
    conditions: Sequence[Condition] = (),
) -> list[int]:
    """Return the occasions at which the action would change something."""
    acts = [row.t for row in home.acts().get(action, [])]
    lived = set(home.days())
    at_once = isinstance(trigger, StateTrigger) and not trigger.for_s
    is_act = at_once and trigger.entity_id.split(".")[0] in ACTUATOR_DOMAINS
    return [
        t
        for t in occasions(home, trigger)
        if day_of(home, t) in lived
        and home.ready(action, t)
        and not (is_act and any(t < act <= t + ECHO_MS for act in acts))
        and all_hold(home, conditions, t)
    ]


def react(
    home: Home, action: Action, ready: Sequence[int], window_s: int
) -> list[Firing]:
    """Return what reacting to some instants would have done."""
    acts = [row.t for row in home.acts().get(action, [])]
    window = window_s * 1000
    usable = [t for t in ready if t + window <= home.span()[1]]
    fired: list[Firing] = []
    for i in naive.refractory(usable, window):
        t = usable[i]
        agree = tuple(j for j, act in enumerate(acts) if t < act <= t + window)[:1]
        fired.append(Firing(t, day_of(home, t), bool(agree), agree))
    return fired


def replay(home: Home, rule: Rule) -> list[Firing]:
    """Return the opportunities of any rule."""
    trigger = rule.trigger
    if isinstance(trigger, StateTrigger | NumericTrigger):
        ready = ready_occasions(home, rule.action, trigger, rule.conditions)
        ready = [t for t in ready if day_of(home, t) >= rule.since]
        return react(home, rule.action, ready, rule.window_s)
    acts = [row.t for row in home.acts().get(rule.action, [])]
    window = rule.window_s * 1000
    fired: list[Firing] = []
    for day, due in due_times(home, trigger, rule.window_s):
        if day < rule.since or not all_hold(home, rule.conditions, due):
            continue
        ready_now = home.ready(rule.action, due)
        agree = tuple(
            i
            for i, t in enumerate(acts)
            if due - window <= t <= due or (ready_now and due < t <= due + window)
        )
        if agree or ready_now or any(abs(t - due) <= NEAR_MS for t in acts):
            fired.append(Firing(due, day, bool(agree), agree))
    return fired
