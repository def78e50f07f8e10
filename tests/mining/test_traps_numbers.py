"""Numbers and absence: what looks like a habit of theirs and is none, and what is."""

from itertools import pairwise

import numpy as np
import pytest

from custom_components.automation_scout.mining.detectors.absence import Absence
from custom_components.automation_scout.mining.detectors.numeric import Numeric
from custom_components.automation_scout.mining.detectors.protocol import Candidate
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import (
    HOME,
    Action,
    Kind,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
)

from .worlds import (
    BARE,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    facts_of,
    framed,
    history_of,
    idle_use,
    instant,
    mined,
    occasions,
    pulses,
    reaction,
    swells,
    visits,
)

DAYS = range(28)
FAN = Action("fan.bath", "on")
LAMP_ON, LAMP_OFF = Action("light.lamp", "on"), Action("light.lamp", "off")
ROOM_OFF = Action("light.room", "off")
DAMP = EntityFacts(
    "sensor.damp", "Damp", device_class="humidity", unit="%", is_numeric=True
)


def reports(sensor: str, at: list[int], values: list[object]) -> list[Row]:
    return [
        (t, sensor, str(value), Origin.REPORT, "")
        for t, value in zip(at, values, strict=True)
    ]


def shower_and_fan(seed: int = 4) -> list[Row]:
    """The fan is turned on when it gets damp, most times."""
    at = occasions(DAYS, 1, seed)
    rows = reports("sensor.damp", [instant(0, 0)], [50]) + swells("sensor.damp", at)
    rows += reaction("fan.bath", at, seed=seed, keep=0.85)
    return framed(rows, 28)


def proven(result: MiningResult, *kinds: Kind) -> set[Rule]:
    return {p.rule for p in result.proven if p.rule.kind in kinds}


def numeric(rows: list[Row], facts: HomeFacts = BARE) -> tuple[Candidate, ...]:
    with np.errstate(all="raise"):
        return Numeric().detect(history_of(rows, facts)).candidates


def test_the_threshold_is_one_that_people_write() -> None:
    """Between the number before and the one at which people act."""
    facts = facts_of(DAMP, EntityFacts("fan.bath", "Fan"))
    [rule] = proven(mined(shower_and_fan(), facts), Kind.NUMERIC)
    assert rule.trigger == NumericTrigger("sensor.damp", Side.ABOVE, 60)
    assert rule.action == FAN


def test_a_machine_that_is_done() -> None:
    """It drew 1 W or 2000; any number in between would do, an end of them not."""
    at = occasions(DAYS, 1, 3)
    rows = [
        row
        for t in at
        for row in reports(
            "sensor.power",
            [t - HOUR, t - HOUR + MINUTE, t - 20 * MINUTE, t],
            [800, 2000, 40, 1],
        )
    ]
    rows += reaction("light.lamp", at, seed=3, keep=0.9)
    facts = facts_of(
        EntityFacts("sensor.power", "Power", unit="W", is_numeric=True),
        EntityFacts("light.lamp", "Lamp"),
    )
    [rule] = proven(mined(framed(rows, 28), facts), Kind.NUMERIC)
    assert isinstance(rule.trigger, NumericTrigger)
    assert (rule.action, rule.trigger.side) == (LAMP_ON, Side.BELOW)
    assert 2 <= rule.trigger.threshold <= 30


def test_a_number_that_hovers_fires_once() -> None:
    start = instant(0, 600)
    flicker = [start + i * 20 * SECOND for i in range(12)]
    rows = reports("sensor.x", flicker, [(19.9, 20.1)[i % 2] for i in range(12)])
    rows += [
        (instant(0, 0), "light.lamp", "off", Origin.USER, ""),
        (start + 6 * MINUTE, "light.lamp", "on", Origin.USER, ""),
    ]
    rule = Rule(NumericTrigger("sensor.x", Side.ABOVE, 20), LAMP_ON, 900)
    played = replay(history_of(framed(rows, 2)), rule)
    assert played.fired.tolist() == [flicker[1]]
    assert played.hit.tolist() == [True]


def test_an_effect_of_the_lamp_is_no_cause() -> None:
    """Its own light crosses the threshold; it goes out soon, mostly."""
    rng = np.random.default_rng(6)
    rows: list[Row] = []
    for t in occasions(DAYS, 3, 6):
        long = HOUR if rng.random() < 0.3 else 4 * MINUTE
        out = t + round(long * rng.uniform(0.5, 1.5))
        rows.append((t, "light.lamp", "on", Origin.USER, ""))
        rows.append((out, "light.lamp", "off", Origin.USER, ""))
        rows += reports("sensor.lux", [t + SECOND, out + SECOND], [300, 3])
    found = [c for c in numeric(framed(rows, 28)) if c.rule.action == LAMP_OFF]
    assert all(c.p_value > 1e-4 for c in found)
    assert proven(mined(framed(rows, 28)), Kind.NUMERIC) == set()


def test_the_device_itself_is_no_cause() -> None:
    rows = shower_and_fan()
    one = facts_of(
        EntityFacts("fan.bath", "Fan", device_id="fan"),
        EntityFacts("sensor.damp", "Damp", device_id="fan", is_numeric=True),
    )
    assert numeric(rows)
    assert numeric(rows, one) == ()


def test_only_what_measures_is_a_number() -> None:
    facts = facts_of(EntityFacts("fan.bath", "Fan"), EntityFacts("sensor.damp", "Damp"))
    assert numeric(shower_and_fan(), facts) == ()


def poor_sensors() -> dict[str, list[Row]]:
    """Sensors that say nothing, too much, or nonsense."""
    rng = np.random.default_rng(8)
    many = np.sort(rng.uniform(instant(0, 0), instant(28, 0), 4000)).astype(int)
    at = [int(t) for t in many]
    week = [instant(0, m) for m in range(0, 1440, 30)]
    back = [instant(27, m) for m in range(0, 1440, 30)]
    outage: list[object] = ["unavailable" if t > instant(1, 0) else 20 for t in at]
    return {
        "jumps": reports("sensor.poor", at, [(0, 1e6)[i % 2] for i in range(4000)]),
        "repeats": reports("sensor.poor", at, [20.5] * 4000),
        "noise": reports("sensor.poor", at, list(rng.normal(20, 5, 4000))),
        "one number": reports("sensor.poor", at[:1], [20]),
        "two": reports("sensor.poor", at[:2], [20, 21]),
        "text": reports("sensor.poor", at, ["low"] * 4000),
        "no numbers": reports("sensor.poor", at, ["nan", "inf", "-inf", ""] * 1000),
        "huge": reports("sensor.poor", at, ["1e308", "-1e308", "1e-308", "0"] * 1000),
        "thousands": reports("sensor.poor", at, [f"{i}.{i}" for i in range(4000)]),
        "outage": reports("sensor.poor", at, outage),
        "a month without": reports("sensor.poor", week + back, [19, 21] * 48),
    }


@pytest.mark.parametrize("name", poor_sensors())
def test_a_poor_sensor_changes_nothing(name: str) -> None:
    """Nothing is made of it, and what another sensor shows stays."""
    before = {c.rule for c in numeric(shower_and_fan())}
    rows = shower_and_fan() + idle_use("light.lamp", 28, 6, seed=8)
    after = numeric(rows + poor_sensors()[name])
    assert before <= {c.rule for c in after}
    assert all(c.p_value > 1e-6 for c in after if "sensor.poor" in c.rule.entities)
    assert all(
        isinstance(c.rule.trigger, NumericTrigger)
        and np.isfinite(c.rule.trigger.threshold)
        for c in after
    )


def test_a_sensor_of_another_rhythm_is_no_cause() -> None:
    """It rises and falls with the day, and people act all day long."""
    rng = np.random.default_rng(2)
    at = [instant(day, m) for day in DAYS for m in range(0, 1440, 20)]
    warm = [20 - 4 * np.cos((t % DAY) / DAY * 2 * np.pi) for t in at]
    values: list[object] = [f"{v + rng.normal(0, 0.3):.1f}" for v in warm]
    rows = reports("sensor.warm", at, values)
    rows += idle_use("light.lamp", 28, 8, seed=3) + idle_use("fan.bath", 28, 5, seed=4)
    assert proven(mined(framed(rows, 28)), Kind.NUMERIC) == set()


@pytest.mark.parametrize("still_min", [3, 10, 30])
def test_stillness_of_so_many_minutes(still_min: int) -> None:
    at = [t for t in occasions(DAYS, 3, 5) if t % (2 * HOUR) < HOUR]
    rows = visits("binary_sensor.room", "light.room", at, still_min, seed=5)
    found = Absence().detect(history_of(framed(rows, 28))).candidates
    assert [c.rule.trigger for c in found if c.rule.action == ROOM_OFF] == [
        StateTrigger("binary_sensor.room", "off", for_s=60 * still_min)
    ]


def test_who_puts_out_the_light_on_leaving_waits_for_nothing() -> None:
    """By the time that nothing moves, it is done."""
    rows: list[Row] = []
    for t in occasions(DAYS, 4, 5):
        rows += pulses("binary_sensor.room", [t], 5 * MINUTE)
        rows.append((t + SECOND, "light.room", "on", Origin.USER, ""))
        rows.append((t + 5 * MINUTE - 2 * SECOND, "light.room", "off", Origin.USER, ""))
    assert proven(mined(framed(rows, 28)), Kind.ABSENCE) == set()


def test_a_lamp_that_is_left_on_at_will() -> None:
    """Motion comes and goes all the while, and its end means nothing."""
    rng = np.random.default_rng(7)
    motion: list[int] = []
    for day in DAYS:
        motion += [instant(day, 480 + m) for m in np.sort(rng.uniform(0, 900, 60))]
    spaced = [t for t, after in pairwise(motion) if after > t + 90 * SECOND]
    rows = pulses("binary_sensor.room", spaced, MINUTE)
    rows += idle_use("light.room", 28, 8, seed=7)
    assert proven(mined(framed(rows, 28)), Kind.ABSENCE) == set()


def leaving(persons: int, *, last: bool = True) -> list[Row]:
    """All leave, one by one; a fan goes off when the last or the first has gone."""
    rng = np.random.default_rng(3)
    names = [f"person.p{i}" for i in range(persons)]
    rows: list[Row] = [(instant(0, 0), n, "home", Origin.REPORT, "") for n in names]
    for day in DAYS:
        first = instant(day, rng.uniform(500, 800))
        gone = [first + i * 70 * MINUTE for i in range(persons)]
        for name, t in zip(rng.permutation(names).tolist(), gone, strict=True):
            rows.append((t, name, "not_home", Origin.REPORT, ""))
            rows.append((t + 6 * HOUR, name, "home", Origin.REPORT, ""))
        rows.append((first - HOUR, "fan.bath", "on", Origin.AUTOMATION, ""))
        if rng.random() < 0.9:
            t = (gone[-1] if last else gone[0]) + round(rng.uniform(10, 40) * SECOND)
            rows.append((t, "fan.bath", "off", Origin.USER, ""))
    return framed(rows, 28)


def test_the_last_to_leave() -> None:
    [rule] = proven(mined(leaving(2)), Kind.ABSENCE)
    assert rule.trigger == StateTrigger(HOME, "0")
    assert rule.action == Action("fan.bath", "off")


def test_the_first_to_leave_is_not_the_last() -> None:
    assert proven(mined(leaving(2, last=False)), Kind.ABSENCE) == set()


def test_who_lives_alone_is_everybody() -> None:
    """One person's leaving is said of the person."""
    result = mined(leaving(1))
    assert proven(result, Kind.ABSENCE) == set()
    [rule] = proven(result, Kind.STATE)
    assert rule.trigger == StateTrigger("person.p0", "not_home")


def test_a_stay_fitted_to_other_days_is_one_next_to_it() -> None:
    rows = visits("binary_sensor.room", "light.room", occasions(DAYS, 3, 5), 10, seed=5)
    history = history_of(framed(rows, 28))
    for minutes, fits in ((10, True), (5, True), (15, True), (30, False)):
        trigger = StateTrigger("binary_sensor.room", "off", for_s=60 * minutes)
        rule = Rule(trigger, ROOM_OFF, 60)
        fitted = Absence().refit(history, rule, history.days[::2])
        of_ten = StateTrigger("binary_sensor.room", "off", for_s=600)
        assert (fitted is not None and fitted.trigger == of_ten) == fits
