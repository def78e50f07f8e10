"""What automations are seen doing at the occasions of every trigger."""

from dataclasses import replace

import numpy as np
import pytest

from custom_components.automation_scout.mining.automated import (
    is_linked,
    seen_automated,
)
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.gates.already_automated import (
    left_to_do,
)
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    Trigger,
    WindowCondition,
)

from .worlds import BARE, MINUTE, ZONE, facts_of, framed, history_of, instant, pulses

LAMP = Action("light.lamp", "on")
MOTION = "binary_sensor.hall"
PLACE = HomeFacts(ZONE, latitude=52.37, longitude=4.9)


def home(
    at: list[int],
    action: Action = LAMP,
    share: float = 1.0,
    actor: str = "automation.a",
) -> list[Row]:
    """Let an automation act at instants, at some of them a person; undone later."""
    rows: list[Row] = []
    for number, t in enumerate(at):
        by_machine = number < share * len(at)
        origin = Origin.AUTOMATION if by_machine else Origin.USER
        rows.append((t, action.entity_id, action.state, origin, by_machine * actor))
        off = t + 120 * MINUTE + late(3 * number + 1)
        rows.append((off, action.entity_id, "off", Origin.USER, ""))
    return rows


def seen(
    rows: list[Row], trigger: Trigger, *conditions: WindowCondition, **changes: object
) -> tuple[float, frozenset[str]]:
    rule = Rule(trigger, LAMP, 900, conditions)
    return seen_automated(day_by_day(rows, PLACE), replace(rule, **changes))  # type: ignore[arg-type]


def day_by_day(rows: list[Row], facts: HomeFacts) -> History:
    lived = [
        (
            instant(day, 700 + 10 * on) + late(day),
            "switch.fan",
            ("off", "on")[on],
            Origin.USER,
            "",
        )
        for day in range(28)
        for on in (0, 1)
    ]
    return history_of(framed([*rows, *lived], 28), facts)


def late(number: int) -> int:
    """Return up to eight minutes, ms: nobody acts to the second."""
    return number * 7919 % 480 * 1000


NOONS = [instant(day, 720) + late(day) for day in range(28)]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_at_the_sun(share: float) -> None:
    sets = day_by_day([], PLACE).sun_events(SunEvent.SUNSET, day_by_day([], PLACE).days)
    rows = home(
        [int(t) + 10 * MINUTE + late(n) for n, t in enumerate(sets)], share=share
    )
    found = seen(rows, SunTrigger(SunEvent.SUNSET, 10))
    assert found == (share, frozenset({"automation.a"} if share else ()))
    assert seen(rows, SunTrigger(SunEvent.SUNSET, 60))[0] == 0.0


def test_at_a_threshold() -> None:
    rows = home([t + MINUTE for t in NOONS])
    for t in NOONS:
        rows.append((t, "sensor.lux", "5", Origin.REPORT, ""))
        rows.append((t + 60 * MINUTE, "sensor.lux", "50", Origin.REPORT, ""))
    rows.append((NOONS[0] - MINUTE, "sensor.lux", "40", Origin.REPORT, ""))
    assert seen(rows, NumericTrigger("sensor.lux", Side.BELOW, 10))[0] == 1.0
    assert seen(rows, NumericTrigger("sensor.lux", Side.ABOVE, 10))[0] == 0.0


def test_after_a_stay_also_where_the_automation_waits_for_less() -> None:
    rows: list[Row] = []
    for t in NOONS:
        rows.append((t - 30 * MINUTE, MOTION, "on", Origin.REPORT, ""))
        rows.append((t, MOTION, "off", Origin.REPORT, ""))
    for wait in (2, 10, 20):
        done = home([t + wait * MINUTE for t in NOONS])
        found = seen(rows + done, StateTrigger(MOTION, "off", for_s=600))
        assert found[0] == 1.0, wait
    early = home([t - 5 * MINUTE for t in NOONS])
    assert seen(rows + early, StateTrigger(MOTION, "off", for_s=600))[0] == 0.0


def test_only_where_the_conditions_hold() -> None:
    rows: list[Row] = []
    for t in NOONS:
        for later in (0, 8 * 60 * MINUTE):
            rows.append((t + later, MOTION, "on", Origin.REPORT, ""))
            rows.append((t + later + MINUTE, MOTION, "off", Origin.REPORT, ""))
    rows += home([t + MINUTE for t in NOONS])
    motion = StateTrigger(MOTION, "on")
    assert seen(rows, motion)[0] == 0.5
    assert seen(rows, motion, WindowCondition(700, 780))[0] == 1.0
    assert seen(rows, motion, WindowCondition(1100, 1300))[0] == 0.0


def test_a_routine_is_automated_as_far_as_its_least_action() -> None:
    desk = Action("light.desk", "on")
    rows = home([t + MINUTE for t in NOONS])
    rows += home([t + MINUTE for t in NOONS], desk, share=0.0)
    for t in NOONS:
        rows.append((t, MOTION, "on", Origin.REPORT, ""))
        rows.append((t + MINUTE, MOTION, "off", Origin.REPORT, ""))
    motion = StateTrigger(MOTION, "on")
    assert seen(rows, motion)[0] == 1.0
    assert seen(rows, motion, more=(Step(desk),))[0] == 0.0


def test_a_user_that_is_a_machine_automates() -> None:
    rows: list[Row] = []
    for t in NOONS:
        rows.append((t, MOTION, "on", Origin.REPORT, ""))
        rows.append((t + MINUTE, MOTION, "off", Origin.REPORT, ""))
        rows.append((t + MINUTE, "light.lamp", "on", Origin.USER, "nodered"))
        rows.append((t + 90 * MINUTE, "light.lamp", "off", Origin.USER, "anna"))
    rule = Rule(StateTrigger(MOTION, "on"), LAMP, 900)
    assert seen_automated(day_by_day(rows, BARE), rule) == (0.0, frozenset())
    known = replace(BARE, excluded_users=frozenset({"nodered"}))
    assert seen_automated(day_by_day(rows, known), rule) == (1.0, frozenset())


def test_what_never_occurs_is_not_automated() -> None:
    rows = home(NOONS)
    for trigger in (
        StateTrigger("binary_sensor.none", "on", for_s=60, quiet_s=60),
        NumericTrigger("sensor.none", Side.ABOVE, 1, for_s=60),
    ):
        assert seen(rows, trigger) == (0.0, frozenset())
    rule = Rule(SunTrigger(SunEvent.SUNSET), LAMP, 900)
    assert seen_automated(day_by_day(rows, BARE), rule) == (0.0, frozenset())


@pytest.mark.parametrize("origin", [Origin.PHYSICAL, Origin.USER])
@pytest.mark.parametrize(("spread_s", "linked"), [(1.5, True), (20, False)])
@pytest.mark.parametrize("stay_s", [0, 300])
def test_a_bridge_takes_as_long_each_time(
    origin: Origin, spread_s: float, linked: bool, stay_s: int
) -> None:
    """Also where its wait is none that people write; a user is known to have acted."""
    rng = np.random.default_rng(3)
    wait = stay_s and stay_s + 40
    rows = pulses(MOTION, NOONS)
    for t in NOONS:
        done = (
            t + bool(stay_s) * MINUTE + round(1000 * (wait + rng.uniform(0, spread_s)))
        )
        rows.append((done, LAMP.entity_id, LAMP.state, origin, ""))
        rows.append((t + 120 * MINUTE, LAMP.entity_id, "off", Origin.AUTOMATION, ""))
    trigger = StateTrigger(MOTION, "off" if stay_s else "on", for_s=stay_s)
    rule = Rule(trigger, LAMP, 120)
    history = day_by_day(rows, PLACE)
    assert replay(history, rule).hits == len(NOONS)
    assert is_linked(history, rule) == (linked and origin is Origin.PHYSICAL)
    assert left_to_do(history, rule)[0] == 1 - is_linked(history, rule)


@pytest.mark.parametrize(
    ("sensor", "klass", "linked"),
    [
        ("binary_sensor.tv_plug", "plug", True),
        ("binary_sensor.hall", "motion", False),
    ],
)
def test_a_sensor_that_only_reports_the_device(
    sensor: str, klass: str, linked: bool
) -> None:
    """The television's own state is asked for some seconds after its plug's."""
    rng = np.random.default_rng(3)
    rows = pulses(sensor, NOONS)
    for t in NOONS:
        done = t + round(1000 * rng.uniform(5, 40))
        rows.append((done, LAMP.entity_id, LAMP.state, Origin.PHYSICAL, ""))
        rows.append((t + 120 * MINUTE, LAMP.entity_id, "off", Origin.AUTOMATION, ""))
    facts = facts_of(
        EntityFacts(sensor, "Sensor", device_class=klass),
        EntityFacts(LAMP.entity_id, "Lamp"),
    )
    history = day_by_day(rows, facts)
    assert is_linked(history, Rule(StateTrigger(sensor, "on"), LAMP, 120)) is linked
