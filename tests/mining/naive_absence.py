"""Slow, obvious twin of the detector of absence."""

from collections.abc import Sequence

from custom_components.automation_scout.mining.detectors.absence import (
    LOOK_S,
    STAYS_MIN,
    WINDOWS_S,
    Absence,
)
from custom_components.automation_scout.mining.detectors.crossings import SAMPLED
from custom_components.automation_scout.mining.detectors.follows import (
    PRESENCE,
    RESTING,
)
from custom_components.automation_scout.mining.rules import (
    HOME,
    Action,
    Rule,
    StateTrigger,
)
from custom_components.automation_scout.mining.stats import binomial_tail

from . import naive_detect
from .naive import Home
from .naive_chances import Chances, Played, grid, react, surprise


def still_since(home: Home, sensor: str, t: int) -> int | None:
    """Return since when a sensor has been off just before an instant."""
    earlier = [row for row in home.of(sensor) if row.t < t]
    return earlier[-1].t if earlier and earlier[-1].state == "off" else None


def stays(home: Home, sensor: str, stay_ms: int) -> list[int]:
    """Return when a sensor has been off for so long."""
    rows = home.of(sensor)
    end = home.span()[1]
    until = [row.t for row in rows[1:]] + [end + 1]
    return [
        row.t + stay_ms
        for row, change in zip(rows, until, strict=True)
        if row.state == "off" and row.t + stay_ms < change and row.t + stay_ms <= end
    ]


def left(home: Home) -> list[int]:
    """Return when the last of several persons leaves."""
    persons = sorted(name for name in home.entities if name.startswith("person."))
    if len(persons) < 2:
        return []
    first = {name: home.of(name)[0].state for name in persons}
    there = {name: state != "home" for name, state in first.items()}
    found: list[int] = []
    for row in home.rows:
        if row.entity_id in there:
            before = any(there.values())
            there[row.entity_id] = row.state == "home"
            if before and not any(there.values()):
                found.append(row.t)
    return found


def absence(home: Home, detector: Absence) -> tuple[naive_detect.Found, int]:
    """Return the habits of absence and the number of tests."""
    found: naive_detect.Found = {}
    tested = 0
    chances = Chances(home)
    sensors = [
        name
        for name in home.entities
        if name.startswith("binary_sensor.")
        and (not home.facts.entities or home.facts.of(name).device_class in PRESENCE)
    ]
    for action, rows in home.acts().items():
        if len(rows) < detector.min_hits:
            continue
        if times := left(home):
            tested += len(WINDOWS_S)
            _add(chances, action, {StateTrigger(HOME, "0"): times}, detector, found)
        for sensor in sensors:
            if action.state not in RESTING or naive_detect.related(
                home, sensor, action.entity_id
            ):
                continue
            tested += len(STAYS_MIN) * len(WINDOWS_S)
            triggers = {
                StateTrigger(sensor, "off", for_s=stay): stays(
                    home, sensor, 1000 * stay
                )
                for stay in _promising(home, action, sensor, detector)
            }
            _add(chances, action, triggers, detector, found)
    return found, tested


def _promising(home: Home, action: Action, sensor: str, detector: Absence) -> list[int]:
    """Return stays in seconds."""
    acts = [row.t for row in home.acts()[action]]
    assert len(acts) <= SAMPLED
    found: list[int] = []
    for minutes in STAYS_MIN:

        def just(t: int, stay: int = minutes * 60_000) -> bool:
            since = still_since(home, sensor, t)
            return since is not None and stay < t - since <= stay + LOOK_S * 1000

        seen = [just(t) for t in acts]
        if sum(seen) < max(detector.min_hits, detector.min_coverage * len(acts)):
            continue
        if surprise(home, acts, seen, [just(t) for t in grid(home)]) >= detector.min_z:
            found.append(60 * minutes)
    return found


def _add(
    chances: Chances,
    action: Action,
    triggers: dict[StateTrigger, list[int]],
    detector: Absence,
    found: naive_detect.Found,
) -> None:
    options: list[tuple[float, int, int, StateTrigger, Played]] = []
    for trigger, times in triggers.items():
        for window in WINDOWS_S:
            played = react(chances.home, action, times, window)
            if played.days >= detector.min_hits:
                gain = round(chances.gain(action, played, window), 9)
                options.append((gain, trigger.for_s, -window, trigger, played))
    if not options:
        return
    _, _, minus, trigger, played = max(options, key=lambda option: option[:3])
    n = len(played.fired)
    chance = chances.greatest(action, triggers[trigger], played.fired, -minus)
    if played.hits < detector.min_lift * chance * n:
        if not _is_of_the_room(chances.home, action, trigger, played.hits, detector):
            return
        chance = chances.anyway(action, played.fired, -minus)
    rule = Rule(trigger, action, -minus)
    found[rule] = binomial_tail(played.hits, n, chance)


def _is_of_the_room(
    home: Home, action: Action, trigger: StateTrigger, hits: int, detector: Absence
) -> bool:
    one, two = home.facts.of(action.entity_id), home.facts.of(trigger.entity_id)
    acts: Sequence[object] = home.acts()[action]
    return (
        one.area_id is not None
        and one.area_id == two.area_id
        and two.device_class in PRESENCE
        and hits >= detector.room_coverage * len(acts)
    )
