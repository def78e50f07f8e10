"""The detectors of numbers and of absence agree with their slow twins."""

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.detectors.absence import Absence
from custom_components.automation_scout.mining.detectors.chances import Chances
from custom_components.automation_scout.mining.detectors.crossings import (
    Crossings,
    Sample,
    deviations,
)
from custom_components.automation_scout.mining.detectors.numeric import Numeric
from custom_components.automation_scout.mining.detectors.spells import Spells
from custom_components.automation_scout.mining.detectors.stillness import Stillness
from custom_components.automation_scout.mining.detectors.thresholds import (
    MOST_CUTS,
    Scale,
    cuts_of,
    scale_of,
)
from custom_components.automation_scout.mining.events import EventLog, Row, log_of_rows
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.history import History, Numbers
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import Side

from . import naive, naive_chances, naive_detect
from .naive_absence import absence, still_since
from .naive_numeric import crossings, numeric
from .strategies import logs
from .worlds import (
    BARE,
    HOUR,
    MINUTE,
    facts_of,
    framed,
    idle_use,
    instant,
    occasions,
    reaction,
    swells,
    visits,
)

TEN = range(10)
ROOM = facts_of(
    EntityFacts("light.room", "Light", area_id="room"),
    EntityFacts("binary_sensor.room", "Motion", "room", device_class="motion"),
    EntityFacts("binary_sensor.frame", "Frame"),
    EntityFacts("switch.fan", "Fan"),
    EntityFacts("person.anna", "Anna"),
    EntityFacts("person.ben", "Ben"),
)


def leaving(seed: int) -> list[Row]:
    """Two people go, on most days together; whoever is last turns off the fan."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = [
        (instant(0, 0), name, "home", Origin.REPORT, "")
        for name in ("person.anna", "person.ben")
    ]
    for day in TEN:
        gone = instant(day, rng.uniform(500, 700))
        early = gone - round(rng.uniform(0, 30) * MINUTE)
        for name, t in (("person.anna", early), ("person.ben", gone)):
            rows.append((t, name, "not_home", Origin.REPORT, ""))
            back = t + round(rng.uniform(3, 9) * HOUR)
            rows.append((back, name, "home", Origin.REPORT, ""))
        rows.append((gone - 3 * HOUR, "switch.fan", "on", Origin.AUTOMATION, ""))
        if rng.random() < 0.8:
            rows.append((gone + 40_000, "switch.fan", "off", Origin.USER, ""))
    return rows


def damp(seed: int) -> list[Row]:
    """A bathroom with its fan, a machine that draws 0 or 60, and a lamp in between."""
    showers = occasions(TEN, 2, seed)
    runs = [t + 20 * MINUTE for t in occasions(TEN, 1, seed + 9)]
    rows = swells("sensor.damp", showers)
    rows += reaction("fan.bath", showers, seed=seed, keep=0.8)
    for t in runs:
        rows.append((t, "sensor.power", "60", Origin.REPORT, ""))
        rows.append((t + HOUR, "sensor.power", "0", Origin.REPORT, ""))
    rows += reaction("light.laundry", [t + HOUR for t in runs], seed=seed, keep=0.9)
    return framed(rows + idle_use("switch.fan", 10, 3, seed), 10)


def still(seed: int) -> list[Row]:
    """A room that is left, and a switch that has nothing to do with it."""
    at = occasions(TEN, 3, seed)
    rows = visits("binary_sensor.room", "light.room", at, 3 + 2 * seed, seed=seed)
    return framed(rows + leaving(seed) + idle_use("switch.heater", 10, 3, seed), 10)


def agree(
    fast: Numeric | Absence, rows: list[Row], facts: HomeFacts
) -> naive_detect.Found:
    """Return the candidates after comparing them with those of the twin."""
    log = log_of_rows(rows)
    history, home = History(log, facts), naive.Home(log, facts)
    detection = fast.detect(history)
    if isinstance(fast, Numeric):
        slow, tested = numeric(home, fast, history)
    else:
        slow, tested = absence(home, fast)
    quick = {c.rule: c.p_value for c in detection.candidates}
    assert set(quick) == set(slow)
    assert detection.n_tested == tested
    for rule, p in quick.items():
        assert p == pytest.approx(slow[rule], rel=1e-6, abs=1e-300)
    return quick


@pytest.mark.parametrize("seed", range(1, 4))
def test_numeric(seed: int) -> None:
    found = agree(Numeric(), damp(seed), BARE)
    sensors = {rule.entities[0] for rule in found}
    assert sensors == {"sensor.damp", "sensor.power"}


@pytest.mark.parametrize("facts", [BARE, ROOM], ids=["bare", "known"])
@pytest.mark.parametrize("seed", range(1, 4))
def test_absence(seed: int, facts: HomeFacts) -> None:
    found = agree(Absence(), still(seed), facts)
    watched = {rule.entities[0] for rule in found}
    assert "zone.home" in watched
    assert "binary_sensor.room" in watched or facts is BARE


@pytest.mark.parametrize("min_lift", [2.0, 30.0])
def test_absence_in_one_room(min_lift: float) -> None:
    """However little stillness adds to a lamp's going out, in its room it counts."""
    found = agree(Absence(min_lift=min_lift), still(1), ROOM)
    assert any(rule.entities[0] == "binary_sensor.room" for rule in found)
    bare = agree(Absence(min_lift=min_lift), still(1), BARE)
    rooms = [rule for rule in bare if rule.entities[0] == "binary_sensor.room"]
    assert bool(rooms) == (min_lift == 2.0)


values = st.lists(
    st.one_of(
        st.integers(-3, 3).map(float),
        st.sampled_from((0.1, 1e-9, 1e6, -1e6, 1e300, -1e300)),
        st.floats(-100, 100),
    ),
    max_size=40,
)
facts_of_sensors = st.sampled_from(
    (
        EntityFacts("sensor.x", "X"),
        EntityFacts("sensor.x", "X", device_class="temperature", unit="°C"),
        EntityFacts("sensor.x", "X", device_class="illuminance", unit="lx"),
        EntityFacts("sensor.x", "X", unit="W"),
        EntityFacts("sensor.x", "X", unit="%"),
    )
)


def numbers_of(found: list[float]) -> Numbers:
    t = np.arange(len(found), dtype=np.int64) * 60_000
    return Numbers(t, np.array(found, np.float64))


@given(values, facts_of_sensors)
def test_cuts_part_the_numbers(found: list[float], facts: EntityFacts) -> None:
    """At most 16, ascending, round, none beyond all numbers."""
    numbers = numbers_of(found)
    with np.errstate(all="raise"):
        scale = scale_of(facts, numbers)
        cuts = cuts_of(numbers, scale).tolist()
    assert len(cuts) <= MOST_CUTS
    assert cuts == sorted(set(cuts))
    assert all(min(found) <= cut <= max(found) for cut in cuts)
    assert all(scale.round(cut) == pytest.approx(cut) for cut in cuts)


@pytest.mark.parametrize(
    ("step", "value", "expected"),
    [
        (0.5, 21.26, 21.5),
        (5, 61.2, 60),
        (0, 47, 50),
        (0, 12, 10),
        (0, 13, 15),
        (0, 170, 150),
        (0, 430, 400),
        (0, 0.26, 0.3),
        (0, 0, 0),
        (0, -47, -50),
    ],
)
def test_round_numbers(step: float, value: float, expected: float) -> None:
    assert Scale(step).round(value) == expected


@given(values, facts_of_sensors)
def test_crossings(found: list[float], facts: EntityFacts) -> None:
    """Each kind's crossings are those of a loop; windows are open at their end."""
    numbers = numbers_of(found)
    cuts = cuts_of(numbers, scale_of(facts, numbers))
    rows = [
        (int(t), "sensor.x", repr(v), int(Origin.REPORT), "")
        for t, v in zip(numbers.t, found, strict=True)
    ]
    home = naive.Home(log_of_rows(rows), BARE)
    fast = Crossings.of(numbers, cuts)
    asked = np.arange(0, 60_000 * (len(found) + 2), 20_000)
    for side, first in ((Side.ABOVE, 0), (Side.BELOW, len(cuts))):
        for place, cut in enumerate(cuts.tolist()):
            times = crossings(home, "sensor.x", side, cut)
            for window in (20_000, 60_000, 150_000):
                column = fast.precede(asked, window)[:, first + place].tolist()
                slow = [naive_chances.precedes(times, int(t), window) for t in asked]
                assert column == slow


@given(logs())
def test_spells(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    for action in home.acts():
        fast = Spells.of(history, action)
        slow = naive_chances.spells(home, action)
        assert fast.length.tolist() == sorted(length for length, _ in slow)
        assert fast.ended.tolist() == sorted(length for length, done in slow if done)
        for age in (0, MINUTE, 5 * MINUTE, 24 * HOUR):
            chance = fast.chance(np.array([age]), 900).tolist()
            assert chance == [naive_chances.chance_at_age(home, action, age, 900)]


@given(logs())
@settings(max_examples=30)
def test_chances(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    fast, slow = Chances(history), naive_chances.Chances(home)
    own = [row.t for row in home.of("binary_sensor.motion")]
    for action in home.acts():
        fired = [t for t in own if home.ready(action, t)]
        if not fired:
            continue
        ints = np.array(fired, np.int64)
        for window in (60, 900):
            assert fast.greatest(
                action, np.array(own, np.int64), ints, window
            ) == pytest.approx(slow.greatest(action, own, fired, window))
            assert fast.anyway(action, ints, window) == pytest.approx(
                slow.anyway(action, fired, window)
            )


@given(logs())
@settings(max_examples=30)
def test_stillness(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    sensor = "binary_sensor.motion"
    look = Stillness.of(history, sensor, (1, 5), 5 * MINUTE)
    for action, rows in home.acts().items():
        acts = [row.t for row in rows]
        sample = Sample.of(history, [action])
        hits, above = look.surprise(history.acts[action], look.by_hour(sample))
        for place, stay in enumerate((MINUTE, 5 * MINUTE)):

            def just(t: int, stay: int = stay) -> bool:
                since = still_since(home, sensor, t)
                return since is not None and stay < t - since <= stay + 5 * MINUTE

            seen = [just(t) for t in acts]
            on_grid = [just(t) for t in naive_chances.grid(home)]
            assert hits[place] == sum(seen)
            expected = naive_chances.surprise(home, acts, seen, on_grid)
            assert above[place] == pytest.approx(expected)


def test_a_sample_is_spread_over_all_acts() -> None:
    """Of many acts some from beginning to end are looked at; deviations are theirs."""
    rows = idle_use("light.lamp", 30, 20)
    history = History(log_of_rows(rows), BARE)
    actions = sorted(history.acts)
    sample = Sample.of(history, actions)
    assert sample.size.tolist() == [48, 48]
    for number, action in enumerate(actions):
        mine = sample.t[sample.starts[number] :][: sample.size[number]]
        assert mine[0] == history.acts[action].t[0]
        assert mine[-1] == history.acts[action].t[-1]
        assert set(mine.tolist()) <= set(history.acts[action].t.tolist())
    assert sample.hours.sum(axis=1).tolist() == [48, 48]
    zero = deviations(np.array([3]), np.array([3.0]), np.array([9]))
    assert zero.tolist() == [0]
