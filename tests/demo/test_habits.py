"""The planted habits are kept as promised, by those and then who and when they are."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise

import pytest

from demo.custom_components.demo_home.devices import DEVICES
from demo.days import DAYS, ZONE, Calendar
from demo.habits import (
    HABITS,
    Habit,
    NumericHabit,
    StateHabit,
    SunHabit,
    TimeHabit,
    due,
)
from demo.past import LEAD_S, SEED, make_past
from demo.rows import StateRow, Trail

from .past import CONTROLLED, NOW, USERS, changes, entered, state_before

END_OF_SUMMER_TIME = date(2026, 10, 25)


def kept(habit: Habit, trail: Trail, calendar: Calendar) -> tuple[int, int]:
    """Return how often a habit was kept, and how often it could have been."""
    match habit:
        case TimeHabit() | SunHabit():
            chances = list(_time_chances(habit, calendar))
            early = late = 4 * 60 * habit.jitter_min
        case StateHabit() | NumericHabit():
            chances = list(_state_chances(habit, trail, calendar))
            early, late = 0.0, habit.lag_s[1] + 1
    done = [row.at for row in entered(trail, habit.entity_id, habit.state)]
    hits = sum(
        any(chance - early < at < chance + late for at in done) for chance in chances
    )
    return hits, len(chances)


def _time_chances(habit: TimeHabit | SunHabit, calendar: Calendar) -> Iterator[float]:
    for day in calendar.days:
        at = due(habit, day)
        if at is not None and at < calendar.now - LEAD_S and day.is_home(habit.who, at):
            yield at


def _triggers(habit: StateHabit | NumericHabit, trail: Trail) -> Iterator[StateRow]:
    if isinstance(habit, StateHabit):
        yield from entered(trail, *habit.trigger)
        return
    rows = changes(trail, habit.sensor)
    for before, row in pairwise(rows):
        if "unavailable" not in (before.state, row.state) and (
            float(before.state) <= habit.above < float(row.state)
        ):
            yield row


def _state_chances(
    habit: StateHabit | NumericHabit, trail: Trail, calendar: Calendar
) -> Iterator[float]:
    target = changes(trail, habit.entity_id)
    for row in _triggers(habit, trail):
        if row.at == calendar.start:
            continue
        about = any(
            calendar.is_up(person, row.at + by)
            for person in habit.who
            for by in (-60, 0, 60)
        )
        if about and state_before(target, row.at) == "off":
            yield row.at


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_a_habit_is_kept_as_often_as_promised(
    habit: Habit, trail: Trail, calendar: Calendar
) -> None:
    hits, chances = kept(habit, trail, calendar)
    assert chances >= 11
    # Three standard deviations of a share; some find done already what they would do.
    margin = 3 * (habit.kept * (1 - habit.kept) / chances) ** 0.5 + 0.05
    assert habit.kept - margin <= hits / chances
    assert hits <= chances


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_a_habit_is_kept_by_those_who_have_it_and_in_their_way(
    habit: Habit, trail: Trail, calendar: Calendar
) -> None:
    if isinstance(habit, TimeHabit | SunHabit):
        chances = list(_time_chances(habit, calendar))
        span = 4 * 60 * habit.jitter_min
        who = {USERS[habit.who.key]}
    else:
        chances = list(_state_chances(habit, trail, calendar))
        span = habit.lag_s[1] + 1
        who = {USERS[person.key] for person in habit.who}
    users = Counter(
        row.context.user
        for row in entered(trail, habit.entity_id, habit.state)
        if any(abs(row.at - chance) < span for chance in chances)
    )
    expected = users[None]
    if habit.tapped:
        expected = sum(count for user, count in users.items() if user in who)
    assert expected >= 0.85 * users.total()


def test_a_brightness_goes_with_the_act(trail: Trail) -> None:
    habit = next(h for h in HABITS if isinstance(h, TimeHabit) and h.setting)
    assert habit.setting is not None
    levels: Counter[bool] = Counter()
    for event in trail.events:
        data = event.data.get("service_data", {})
        local = datetime.fromtimestamp(event.at, ZONE)
        near = abs(local.hour * 60 + local.minute - habit.minute) < 25
        if (
            near
            and data.get("entity_id") == habit.entity_id
            and (event.context.user == USERS[habit.who.key])
        ):
            levels[data.get("brightness_pct") == habit.setting] += 1
    assert levels[True] > 25
    assert levels[False] < 5


def test_the_clock_is_the_one_on_the_wall(trail: Trail) -> None:
    habit = HABITS[0]
    assert isinstance(habit, TimeHabit)
    minutes: dict[bool, list[float]] = {True: [], False: []}
    for row in entered(trail, habit.entity_id, habit.state):
        local = datetime.fromtimestamp(row.at, ZONE)
        minute = local.hour * 60 + local.minute
        if abs(minute - habit.minute) < 4 * habit.jitter_min:
            minutes[local.date() < END_OF_SUMMER_TIME].append(minute)
    for found in minutes.values():
        assert len(found) >= 8
        assert abs(sum(found) / len(found) - habit.minute) < habit.jitter_min


def test_the_same_seed_gives_the_same_past(trail: Trail) -> None:
    again = make_past(NOW, USERS)
    assert again.states == trail.states
    assert again.events == trail.events
    assert make_past(NOW, USERS, SEED + 1).states != trail.states


def test_the_past_is_45_days_long_and_ends_now(trail: Trail) -> None:
    first = datetime.fromtimestamp(trail.states[0].at, ZONE)
    assert (NOW.astimezone(ZONE).date() - first.date()).days == DAYS
    assert (first.hour, first.minute) == (0, 0)
    last = max(trail.states[-1].at, trail.events[-1].at)
    assert 0 <= NOW.timestamp() - LEAD_S - last < 1
    for rows in (trail.states, trail.events):
        instants = [row.at for row in rows]
        assert instants == sorted(instants)


def test_the_home_has_forty_things_to_control() -> None:
    assert len(CONTROLLED) >= 40
    assert len({device.entity_id for device in DEVICES}) == len(DEVICES)
    assert {device.domain for device in DEVICES} >= {
        "light",
        "switch",
        "cover",
        "fan",
        "climate",
        "media_player",
        "lock",
    }
