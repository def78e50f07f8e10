"""Conditions are learned where they are, and nowhere else."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from custom_components.automation_scout.mining.conditions import (
    accept,
    learn,
    refit_conditions,
)
from custom_components.automation_scout.mining.conditions.entities import (
    MOST,
    watchable,
)
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.gates.holdout import fold_days
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.holding import holds
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    Action,
    Condition,
    NumericCondition,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    TimeTrigger,
    WeekdayCondition,
    WindowCondition,
)

from .worlds import (
    HOUR,
    MINUTE,
    ZONE,
    framed,
    history_of,
    idle_use,
    instant,
    occasions,
    pulses,
    reaction,
)

DAYS = 28
LAMP = Action("light.lamp", "on")
MOTION = StateTrigger("binary_sensor.motion", "on")
RULE = Rule(MOTION, LAMP, 60)
LUX = "sensor.lux"
NAMES = {
    "light.lamp": None,
    "binary_sensor.motion": "motion",
    "media_player.tv": None,
    "switch.heater": None,
    LUX: "illuminance",
    "person.anna": None,
    "person.ben": None,
    "input_boolean.guests": None,
    "binary_sensor.frame": None,
}


def home(
    rows: Sequence[Row], more: Sequence[EntityFacts] = (), days: int = DAYS
) -> History:
    """Return a home in one room, where the sun is that of Amsterdam."""
    known = {
        name: EntityFacts(
            name,
            name,
            "room",
            f"device_{name}",
            klass,
            unit="lx" if name == LUX else None,
            is_numeric=name == LUX,
        )
        for name, klass in NAMES.items()
    }
    known |= {entity.entity_id: entity for entity in more}
    facts = HomeFacts(ZONE, known, latitude=52.37, longitude=4.9)
    return history_of(framed(rows, days), facts)


def times(days: int = DAYS, a_day: int = 8, seed: int = 1) -> list[int]:
    """Return when the motion sensor reports."""
    return occasions(range(days), a_day, seed)


def acted(
    at: Sequence[int],
    wanted: Callable[[int], bool],
    rate: float = 0.9,
    outside: float = 0.03,
    seed: int = 2,
) -> list[Row]:
    """Return motion, and a lamp that people then light where they want it."""
    rng = np.random.default_rng(seed)
    reacted = [t for t in at if rng.random() < (rate if wanted(t) else outside)]
    rows = pulses("binary_sensor.motion", at)
    return rows + reaction("light.lamp", reacted, seed=seed, keep=1.0)


def switching(entity_id: str, states: tuple[str, str], seed: int) -> list[Row]:
    """Let something change its state now and then, by nobody."""
    rng = np.random.default_rng(seed)
    t, rows, i = instant(0, 0), [], 0
    while t < instant(DAYS, 0):
        rows.append((t, entity_id, states[i % 2], int(Origin.REPORT), ""))
        t += round(rng.uniform(0.5, 9) * HOUR)
        i += 1
    return rows


def states_at(rows: Sequence[Row], entity_id: str) -> Callable[[int], str]:
    """Return what tells the state of an entity just before an instant."""
    mine = sorted(row for row in rows if row[1] == entity_id)
    return lambda t: next((row[2] for row in reversed(mine) if row[0] < t), "")


def hour(t: int) -> float:
    """Return the hour of the day in winter time."""
    return (t + HOUR) % (24 * HOUR) / HOUR


def learned(history: History, rule: Rule = RULE) -> tuple[Condition, ...]:
    """Return the conditions that the days show and that the folds believe."""
    rule = learn(history, rule, history.days)
    return accept(history, rule, list(fold_days(history.days, 5))).conditions


def is_dark(t: int) -> bool:
    """Return whether the sun is down in Amsterdam, from a history without events."""
    empty = home([])
    return bool(
        holds(empty, StateCondition(SUN, "below_horizon"), np.array([t], np.int64))[0]
    )


def test_dark() -> None:
    """Motion by day and night, and a lamp only in the dark."""
    history = home(acted(times(), is_dark))
    assert learned(history) == (StateCondition(SUN, "below_horizon"),)
    without, with_ = replay(history, RULE), replay(
        history, replace(RULE, conditions=learned(history))
    )  # fmt: skip
    assert without.hits / len(without.hit) < 0.5
    assert with_.hits / len(with_.hit) > 0.8


def test_by_day() -> None:
    """The other side of the sun."""
    history = home(acted(times(), lambda t: not is_dark(t)))
    assert learned(history) == (StateCondition(SUN, "above_horizon"),)


def test_window_of_the_day() -> None:
    """Hours that are not those of the sun, at ends that people write."""
    history = home(acted(times(a_day=10), lambda t: 13 <= hour(t) < 18))
    assert learned(history) == (WindowCondition(780, 1080),)


def test_window_over_midnight() -> None:
    """The circle of hours has no end at midnight."""
    rng = np.random.default_rng(5)
    at = [
        instant(day, float(m))
        for day in range(DAYS)
        for m in 45 * rng.permutation(32)[:12] + rng.uniform(0, 10)
    ]
    history = home(acted(sorted(at), lambda t: hour(t) >= 22 or hour(t) < 5))
    (found,) = learned(history)
    assert isinstance(found, WindowCondition)
    assert found.start in range(1260, 1351, 30)
    assert found.end in range(270, 361, 30)


def test_weekdays() -> None:
    """Workdays only."""
    rows = acted(times(), lambda t: (t // (24 * HOUR) + 3) % 7 < 5)
    # Without anything done at weekends nobody would seem to be there.
    history = home(rows + idle_use("switch.heater", DAYS, 6))
    assert learned(history) == (WeekdayCondition((0, 1, 2, 3, 4)),)


@pytest.mark.parametrize(
    ("entity_id", "states", "wanted"),
    [
        ("media_player.tv", ("playing", "off"), "playing"),
        ("input_boolean.guests", ("on", "off"), "off"),
        ("person.anna", ("home", "not_home"), "home"),
    ],
)
def test_state_of_another_entity(
    entity_id: str, states: tuple[str, str], wanted: str
) -> None:
    """Only while something else is so, whatever else changes too."""
    rows = switching("switch.heater", ("on", "off"), 8)
    rows += switching(entity_id, states, 9)
    rows += switching("person.ben", ("not_home", "not_home_either"), 4)
    state = states_at(rows, entity_id)
    history = home(rows + acted(times(), lambda t: state(t) == wanted))
    expected = StateCondition(entity_id, wanted)
    if entity_id == "person.anna":
        # One of them is never home, so that the home is as occupied as she is there.
        assert learned(history)[0] in (expected, StateCondition(HOME, "occupied"))
    else:
        assert learned(history) == (expected,)


def test_nobody_home() -> None:
    """The vacuum that is sent when the last one is away: no person says that."""
    rows = switching("person.anna", ("home", "not_home"), 3)
    rows += switching("person.ben", ("home", "not_home"), 4)
    anna, ben = states_at(rows, "person.anna"), states_at(rows, "person.ben")
    away = acted(
        times(a_day=10), lambda t: anna(t) == "not_home" and ben(t) == "not_home"
    )
    assert learned(home(rows + away)) == (StateCondition(HOME, "0"),)


def lux_rows(seed: int = 6) -> list[Row]:
    """Let a light sensor report each quarter of an hour, clouds and all."""
    rng = np.random.default_rng(seed)
    rows = []
    for step in range(DAYS * 96):
        t = instant(0, 15 * step)
        value = round(float(rng.lognormal(4.0, 1.2)))
        rows.append((t, LUX, str(value), int(Origin.REPORT), ""))
    return rows


def test_numeric_bound() -> None:
    """A threshold that people would write, not far from the one they have."""
    rows = lux_rows()
    lux = states_at(rows, LUX)
    (found,) = learned(home(rows + acted(times(), lambda t: float(lux(t)) < 40)))
    assert isinstance(found, NumericCondition)
    assert (found.entity_id, found.side) == (LUX, "below")
    assert found.threshold in (30, 35, 40, 45, 50)


def test_two_conditions() -> None:
    """In the dark, while the television plays."""
    rows = switching("media_player.tv", ("playing", "off"), 9)
    tv = states_at(rows, "media_player.tv")
    at = times(a_day=13)
    history = home(rows + acted(at, lambda t: is_dark(t) and tv(t) == "playing"))
    assert set(learned(history)) == {
        StateCondition(SUN, "below_horizon"),
        StateCondition("media_player.tv", "playing"),
    }


def test_clock_habit_only_when_somebody_is_home() -> None:
    """A time already, so that no other time is asked for."""
    rng = np.random.default_rng(4)
    rows: list[Row] = []
    for day in range(42):
        gone = rng.random() < 0.4
        rows += [
            (instant(day, 900), "person.anna", "not_home" if gone else "home", 9, ""),
            (instant(day, 1420), "person.anna", "home", 9, ""),
            (instant(day, 300), "light.lamp", "off", 1, ""),
        ]
        if not gone or rng.random() < 0.05:
            at = instant(day, 1170 + rng.normal(0, 4))
            rows.append((at, "light.lamp", "on", 1, ""))
    history = home(rows, days=42)
    rule = Rule(TimeTrigger(1170), LAMP, 900)
    (found,) = learned(history, rule)
    assert found in (
        StateCondition(HOME, "occupied"),
        StateCondition("person.anna", "home"),
    )


def extra(name: str, area: str | None = "room", **facts: str) -> EntityFacts:
    """Return facts of one more entity."""
    return EntityFacts(name, name, area, facts.get("device"), facts.get("klass"))


class TestTraps:
    """What looks like a condition and is none."""

    def test_nearly_always_true(self) -> None:
        """A condition that holds nearly always changes nothing worth saying."""
        rng = np.random.default_rng(1)
        rows = switching("switch.heater", ("on", "off"), 8)
        at = times()
        rows += [
            (t - 10 * MINUTE, "media_player.tv", state, 9, "")
            for t in at
            for state in ("off" if rng.random() < 0.02 else "playing",)
        ]
        tv = states_at(rows, "media_player.tv")
        history = home(rows + acted(at, lambda t: tv(t) == "playing"))
        assert learned(history) == ()

    def test_consequence_of_the_trigger(self) -> None:
        """Another sensor sees the same people: it goes on with the trigger."""
        at = times()
        follow = [
            (t + lag, "binary_sensor.presence", state, 9, "")
            for t in at
            for lag, state in ((1000, "on"), (3 * MINUTE, "off"))
        ]
        history = home(
            follow + acted(at, lambda _: True, rate=0.5),
            [extra("binary_sensor.presence")],
        )
        assert len(replay(history, RULE).hit) > 100
        assert learned(history) == ()

    def test_state_that_the_act_itself_brings(self) -> None:
        """What is switched on together with the target tells only of the target."""
        at = times()
        rows = acted(at, lambda _: True, rate=0.5)
        rows += [
            (t + 500, "switch.heater", state, origin, "")
            for t, entity_id, state, origin, _ in rows
            if entity_id == "light.lamp"
        ]
        assert learned(home(rows)) == ()

    @pytest.mark.parametrize("seed", range(6))
    def test_sixty_random_entities(self, seed: int) -> None:
        """Of sixty that mean nothing, none is taken."""
        rows: list[Row] = []
        for i in range(60):
            rows += switching(f"switch.s{i}", ("on", "off"), 100 * seed + i)
        more = [extra(f"switch.s{i}") for i in range(60)]
        history = home(
            rows + acted(times(seed=seed), lambda _: True, rate=0.5, seed=seed), more
        )
        assert len(watchable(history, RULE)) == MOST
        assert learn(history, RULE, history.days).conditions == ()

    def test_random_entities_do_not_hide_the_true_one(self) -> None:
        """What fifty others cost is less than what a true condition gains."""
        rows = switching("media_player.tv", ("playing", "off"), 9)
        tv = states_at(rows, "media_player.tv")
        for i in range(50):
            rows += switching(f"switch.s{i}", ("on", "off"), 100 + i)
        more = [extra(f"switch.s{i}") for i in range(50)]
        rows += acted(times(), lambda t: tv(t) == "playing")
        assert learned(home(rows, more)) == (
            StateCondition("media_player.tv", "playing"),
        )

    def test_two_days(self) -> None:
        """Two days show no condition, however clear."""
        at = times(days=2, a_day=14)
        history = home(acted(at, lambda t: hour(t) >= 16, outside=0.0), days=2)
        assert learn(history, RULE, history.days).conditions == ()
        assert accept(history, RULE, []).conditions == ()

    def test_change_that_came_once(self) -> None:
        """A habit that began one day is not the doing of what else changed then."""
        rows: list[Row] = [
            (instant(0, 1), "input_boolean.guests", "off", 9, ""),
            (instant(14, 1), "input_boolean.guests", "on", 9, ""),
        ]
        history = home(rows + acted(times(), lambda t: t > instant(14, 0)))
        assert learned(history) == ()

    @pytest.mark.parametrize("seed", range(6))
    def test_bursts(self, seed: int) -> None:
        """Days on which people do everything make no condition of what they did."""
        rng = np.random.default_rng(seed)
        busy = set(rng.permutation(DAYS)[:9].tolist())
        first = instant(0, 0)
        at = times(seed=seed)
        rows = acted(at, lambda t: (t - first) // (24 * HOUR) in busy, 0.8, 0.2, seed)
        rows += [
            row
            for i in range(30)
            for row in switching(f"switch.s{i}", ("on", "off"), 1000 * seed + i)
        ]
        more = [extra(f"switch.s{i}") for i in range(30)]
        assert learned(home(rows, more)) == ()

    def test_one_habit_without_conditions(self) -> None:
        """What is done nearly always has none, whatever people do beside it."""
        rows = idle_use("switch.heater", DAYS, 3, 1) + lux_rows()
        assert learned(home(rows + acted(times(), lambda _: True))) == ()


@pytest.mark.parametrize("seed", range(6))
def test_every_other_week(seed: int) -> None:
    """Five weeks, each its own way, are five and not thirty-five days.

    Something among forty that was mostly so in two of them says nothing yet.
    """
    rng = np.random.default_rng(seed)
    guests = {0: "off", 7: "on", 13: "off", 15: "on", 16: "off", 22: "on", 30: "off"}
    rows = idle_use("switch.heater", 35, 6, seed)
    rows += [
        (instant(day, 200), "input_boolean.guests", state, int(Origin.REPORT), "")
        for day, state in guests.items()
    ]
    for day in range(35):
        rows.append((instant(day, 310), "light.lamp", "off", 1, ""))
        if day // 7 % 2:
            at = instant(day, 400 + rng.normal(0, 4))
            rows.append((at, "light.lamp", "on", 1, ""))
    for i in range(40):
        rows += switching(f"switch.s{i}", ("on", "off"), 100 * seed + i)
    more = [extra(f"switch.s{i}") for i in range(40)]
    history = home(rows, more, days=35)
    rule = Rule(TimeTrigger(400), LAMP, 900)
    assert learn(history, rule, history.days).conditions == ()


class TestAccept:
    """Days that took no part decide."""

    def test_chosen_on_these_days_alone(self) -> None:
        """A condition that the folds do not find again is dropped."""
        history = home(acted(times(), lambda _: True, rate=0.5))
        made_up = replace(RULE, conditions=(WindowCondition(600, 900),))
        assert accept(history, made_up, list(fold_days(history.days, 5))) == RULE

    def test_second_goes_first(self) -> None:
        """The true one stays when the second is made up."""
        history = home(acted(times(), is_dark))
        rule = learn(history, RULE, history.days)
        more = replace(rule, conditions=(*rule.conditions, WeekdayCondition((0, 2, 4))))
        parts = list(fold_days(history.days, 5))
        assert accept(history, more, parts) == rule

    def test_without_parts(self) -> None:
        """What cannot be held out is not believed."""
        history = home(acted(times(), is_dark))
        rule = learn(history, RULE, history.days)
        assert rule.conditions
        assert accept(history, rule, [history.days]) == RULE
        assert accept(history, rule, []) == RULE


class TestRefit:
    """The same conditions, as other days have them."""

    def test_window_moves_with_the_days(self) -> None:
        """Ends follow, what it is about stays."""
        at = times(a_day=12)
        late = instant(14, 0)
        rows = acted(at, lambda t: 12 <= hour(t) < (18 if t < late else 20))
        history = home(rows)
        rule = replace(RULE, conditions=(WindowCondition(720, 1140),))
        early, later = (
            refit_conditions(history, rule, days).conditions[0]
            for days in (history.days[:14], history.days[14:])
        )
        assert isinstance(early, WindowCondition)
        assert isinstance(later, WindowCondition)
        assert early.end < later.end

    def test_threshold_stays_on_its_side(self) -> None:
        """And at its sensor."""
        rows = lux_rows()
        lux = states_at(rows, LUX)
        history = home(rows + acted(times(), lambda t: float(lux(t)) < 40))
        rule = replace(RULE, conditions=(NumericCondition(LUX, Side.BELOW, 80),))
        (found,) = refit_conditions(history, rule, history.days).conditions
        assert isinstance(found, NumericCondition)
        assert found.threshold in (30, 35, 40, 45, 50)

    def test_what_these_days_do_not_show(self) -> None:
        """A condition that gains nothing on them is left out, the other one stays."""
        history = home(acted(times(), is_dark))
        dark = StateCondition(SUN, "below_horizon")
        for useless in (
            WeekdayCondition((0, 2, 4)),
            StateCondition("switch.heater", "on"),
            NumericCondition(LUX, Side.BELOW, 40),
        ):
            rule = replace(RULE, conditions=(useless, dark))
            fitted = refit_conditions(history, rule, history.days)
            assert fitted.conditions == (dark,)

    def test_states_stay(self) -> None:
        """There is nothing about them to fit."""
        history = home(acted(times(), is_dark))
        rule = replace(RULE, conditions=(StateCondition(SUN, "below_horizon"),))
        assert refit_conditions(history, rule, history.days) == rule
        assert refit_conditions(history, RULE, history.days) == RULE


def test_same_days_same_conditions() -> None:
    """Whatever the order of the rows and the conditions that there were."""
    rows = acted(times(), is_dark) + lux_rows()
    one, two = home(rows), home(rows[::-1])
    given = replace(RULE, conditions=(WindowCondition(0, 60),))
    assert (
        learn(one, RULE, one.days)
        == learn(two, RULE, two.days)
        == learn(one, given, one.days)
    )


def test_only_the_given_days_are_seen() -> None:
    """A condition of the second half is not learned on the first."""
    rows = acted(
        times(), lambda t: t < instant(14, 0) or is_dark(t), rate=0.9, outside=0.0
    )
    history = home(rows)
    early, late = history.days[:14], history.days[14:]
    assert learn(history, RULE, early).conditions == ()
    assert learn(history, RULE, late).conditions == (
        StateCondition(SUN, "below_horizon"),
    )


def test_what_may_be_asked_for() -> None:
    """Near entities and modes, in order; never the target or the trigger otherwise."""
    more = [
        extra("light.group"),
        extra("sensor.lamp_power", device="device_light.lamp"),
        extra("binary_sensor.occupancy", device="device_binary_sensor.motion"),
        extra("switch.far", "attic"),
        extra("media_player.far", "attic"),
        extra("sensor.text"),
        extra("binary_sensor.far", "attic", klass="door"),
        extra("binary_sensor.bed", "attic", klass="occupancy"),
        replace(extra("sensor.outdoor", None), is_numeric=True),
        replace(extra("sensor.attic", "attic"), is_numeric=True),
        extra("alarm_control_panel.home", None),
    ]
    more[0] = replace(more[0], members=("light.lamp",))
    names = [*NAMES, *(entity.entity_id for entity in more), "light.lamp#brightness"]
    rows = [(instant(0, i), name, "on", 9, "") for i, name in enumerate(names)]
    history = home(rows, more, days=1)
    assert watchable(history, RULE) == (
        SUN,
        HOME,
        "person.anna",
        "person.ben",
        "alarm_control_panel.home",
        "input_boolean.guests",
        "media_player.tv",
        LUX,
        "binary_sensor.frame",
        "switch.heater",
        "media_player.far",
        "sensor.outdoor",
        "binary_sensor.bed",
    )


def test_nothing_to_learn_from() -> None:
    """No firing, no day, no trigger that was ever seen."""
    history = home(acted(times(), is_dark))
    nothing = np.zeros(0, np.int64)
    for rule in (
        RULE,
        replace(RULE, trigger=StateTrigger("binary_sensor.none", "on")),
        replace(RULE, action=Action("light.none", "on")),
        replace(RULE, trigger=TimeTrigger(700)),
    ):
        assert learn(history, rule, nothing).conditions == ()
        assert learn(history_of([]), rule, nothing).conditions == ()
        assert learn(history_of([]), rule, history.days).conditions == ()
