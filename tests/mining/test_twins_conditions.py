"""What learns conditions with arrays agrees with what does it one firing at a time."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.conditions import choose as fast
from custom_components.automation_scout.mining.conditions.gains import (
    count,
    dispersion,
    swings,
)
from custom_components.automation_scout.mining.conditions.table import Table, table_of
from custom_components.automation_scout.mining.conditions.windows import (
    HALF_HOUR_PRICE,
    best_window,
)
from custom_components.automation_scout.mining.detectors.weekdays import best_weekdays
from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.holding import holds
from custom_components.automation_scout.mining.origin import ECHO_MS
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    Action,
    Condition,
    NumericCondition,
    Rule,
    StateCondition,
    StateTrigger,
    TimeTrigger,
    WindowCondition,
)

from . import naive_conditions as slow
from .naive import Home
from .strategies import logs
from .worlds import BARE, HOUR, facts_of, history_of, instant

LAMP = Action("light.lamp", "on")


def rows_of(table: Table) -> list[slow.Row]:
    """Return a table as rows."""
    return [
        slow.Row(
            int(table.day[i]),
            int(table.minute[i]),
            bool(table.hit[i]),
            tuple(map(bool, table.holds[:, i])),
        )
        for i in range(len(table.hit))
    ]


def random_table(seed: int) -> Table:
    """Return firings of which some options, windows or weekdays explain the hits."""
    rng = np.random.default_rng(seed)
    n, c = int(rng.integers(0, 500)), int(rng.integers(0, 9))
    day = np.sort(rng.integers(20_000, 20_000 + int(rng.integers(2, 60)), n))
    minute = rng.integers(0, 1440, n)
    holds_ = rng.random((c, n)) < rng.uniform(0.05, 0.95, (c, 1))
    truth = np.ones(n, bool)
    for _ in range(int(rng.integers(0, 3))):
        kind = int(rng.integers(0, 3))
        if kind == 0 and c:
            truth &= holds_[int(rng.integers(c))]
        elif kind == 1:
            start = int(rng.integers(0, 48)) * 30
            truth &= (minute - start) % 1440 < int(rng.integers(60, 900))
        elif kind == 2:
            truth &= np.isin((day + 3) % 7, rng.permutation(7)[:3])
    hit = rng.random(n) < np.where(truth, rng.uniform(0.5, 1), rng.uniform(0, 0.2))
    return Table(
        day * 24 * HOUR + minute * 60_000,
        day,
        minute,
        hit,
        tuple(StateCondition(f"switch.s{i}", "on") for i in range(c)),
        holds_,
        np.full(c, np.log(max(c, 1))),
        by_clock=bool(rng.random() < 0.3),
    )


def offers_of(table: Table) -> Callable[[Sequence[slow.Row]], list[slow.Offer]]:
    """Return what offers conditions for rows; windows and weekdays have own twins."""
    options = [
        slow.option_offer(i, condition, float(price))
        for i, (condition, price) in enumerate(
            zip(table.options, table.price, strict=True)
        )
    ]

    def offers(rows: Sequence[slow.Row]) -> list[slow.Offer]:
        found = list(options)
        if table.by_clock or not rows:
            return found
        minute = np.array([row.minute for row in rows], np.int64)
        hit = np.array([row.hit for row in rows], bool)
        window = best_window(minute, hit)
        if window is not None:
            found.append(slow.window_offer(window.condition, window.price))
        weekdays = best_weekdays(np.array([row.day for row in rows], np.int64), hit)
        if weekdays != ALL_DAYS:
            found.append(slow.weekday_offer(weekdays))
        return found

    return offers


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("most", [1, 2])
def test_choice(seed: int, most: int) -> None:
    """The conditions are those of the slow search."""
    table = random_table(seed)
    for strictness in (fast.STRICT, fast.IN_PART):
        expected = slow.choose(
            rows_of(table),
            offers_of(table),
            most,
            strictness,
            by_clock=table.by_clock,
        )
        assert fast.choose(table, most, strictness) == expected


@pytest.mark.parametrize("seed", range(40))
def test_swings(seed: int) -> None:
    """Weeks, one by one."""
    rng = np.random.default_rng(seed)
    table = random_table(seed)
    by_week = (table.day + 3) // 7 % 2 == rng.integers(2)
    table = replace(table, hit=table.hit & (by_week | (rng.random() < 0.5)))
    expected = slow.swings(rows_of(table)) if len(table.hit) else 1.0
    assert swings(table.hit, table.day) == pytest.approx(expected)


def test_some_of_these_have_a_condition() -> None:
    """The twins do not agree on nothing."""
    learned = [fast.choose(random_table(seed)) for seed in range(40)]
    assert {0, 1, 2} == {len(conditions) for conditions in learned}
    kinds = {type(c).__name__ for conditions in learned for c in conditions}
    assert kinds == {"StateCondition", "WindowCondition", "WeekdayCondition"}


@pytest.mark.parametrize("seed", range(60))
def test_gain_and_dispersion(seed: int) -> None:
    """Nats and bursts, counted one by one."""
    table = random_table(seed)
    rows = rows_of(table)
    for held in table.holds:
        parted = slow.parted(rows, held.tolist())
        counts = count(held, table.hit)
        assert counts.gain == pytest.approx(slow.gain(parted), abs=1e-9)
        assert (counts.n_in, counts.n_out) == tuple(map(len, parted))
        assert dispersion(held, table.hit, table.day) == pytest.approx(
            slow.dispersion(rows, held.tolist())
        )
        assert fast._spells(held) == slow.spells(held.tolist())


@pytest.mark.parametrize("seed", range(30))
def test_window(seed: int) -> None:
    """No window is worth more, and the one that is written down loses nothing."""
    table = random_table(seed)
    rows = rows_of(table)
    found = best_window(table.minute, table.hit) if rows else None
    if found is None:
        assert slow.best_window_worth(rows) <= 1e-9
        return
    halves = HALF_HOUR_PRICE * (
        (found.condition.start % 60 > 0) + (found.condition.end % 60 > 0)
    )
    worth = slow.window_worth(rows, found.condition)
    assert worth >= slow.best_window_worth(rows) - 1e-9
    assert found.price == pytest.approx(np.log(24 * 23) + halves)


@given(
    st.lists(st.tuples(st.integers(0, 1439), st.booleans()), max_size=40),
)
def test_window_over_few_firings(firings: list[tuple[int, bool]]) -> None:
    """Also where few steps of the day have a firing at all."""
    rows = [slow.Row(20_000, minute, hit, ()) for minute, hit in firings]
    minute = np.array([minute for minute, _ in firings], np.int64)
    hit = np.array([hit for _, hit in firings], bool)
    found = best_window(minute, hit)
    best = slow.best_window_worth(rows)
    if found is None:
        assert best <= 1e-9
        return
    window = found.condition
    assert slow.window_worth(rows, window) >= best - 1e-9
    assert 0 <= window.start < 1440
    assert 0 <= window.end < 1440
    assert window.start != window.end


@settings(max_examples=40)
@given(logs(), st.booleans())
def test_options_are_states_before_the_firings(log_: object, clock: bool) -> None:
    """Every option holds where one look at a time says so, and none is left out."""
    facts = facts_of(
        *(
            EntityFacts(name, name, area_id="room")
            for name in (
                "light.lamp",
                "light.desk",
                "media_player.tv",
                "person.anna",
                "binary_sensor.motion",
            )
        )
    )
    history = History(log_, facts)  # type: ignore[arg-type]
    home = Home(history.log, facts)
    trigger = StateTrigger("binary_sensor.motion", "on")
    rule = Rule(TimeTrigger(720) if clock else trigger, LAMP, 900)
    table = table_of(history, rule)
    played = replay(history, rule)
    assert table.hit.tolist() == played.hit.tolist()
    fired = played.fired.tolist()
    before, after = (900_000, 0) if clock else (0, ECHO_MS)
    expected: dict[Condition, list[bool]] = {}
    for name in ("light.desk", "media_player.tv", "person.anna"):
        expected |= slow.state_options(home, name, fired, before, after)
    found: dict[Condition, list[bool]] = {
        option: mask.tolist()
        for option, mask in zip(table.options, table.holds, strict=True)
        if isinstance(option, StateCondition)
        and option.entity_id not in ("sun.sun", "zone.home", "binary_sensor.motion")
    }
    assert found == expected
    for option in table.options:
        assert (table.mask(option) == holds(history, option, played.fired)).all()


def test_numbers_before_the_firings() -> None:
    """Numeric options hold by the last number; without one they do not."""
    rng = np.random.default_rng(3)
    rows = [
        (instant(0, 0) + int(t), "sensor.lux", str(value), 9, "")
        for t, value in zip(
            rng.integers(6 * HOUR, 20 * 24 * HOUR, 300),
            [*rng.integers(0, 400, 290), *["unavailable"] * 10],
            strict=True,
        )
    ]
    for day in range(20):
        rows += [
            (instant(day, minute), "binary_sensor.door", state, 9, "")
            for minute, state in ((60, "on"), (62, "off"), (700, "on"), (705, "off"))
        ]
        rows += [(instant(day, 701), "light.lamp", "on", 1, "")]
        rows += [(instant(day, 1000), "light.lamp", "off", 1, "")]
    facts = facts_of(
        EntityFacts("light.lamp", "Lamp", "room"),
        EntityFacts("binary_sensor.door", "Door", "room"),
        EntityFacts(
            "sensor.lux", "Lux", "room", None, "illuminance", (), "lx", is_numeric=True
        ),
    )
    history = history_of(rows, facts)
    home = Home(history.log, facts)
    rule = Rule(StateTrigger("binary_sensor.door", "on"), LAMP, 300)
    table = table_of(history, rule)
    numeric = [o for o in table.options if isinstance(o, NumericCondition)]
    assert len(numeric) >= 8
    values = [
        slow.number_before(home, "sensor.lux", int(t)) for t in table.fired.tolist()
    ]
    assert values[0] is None
    for option in numeric:
        expected = [slow.holds_number(value, option) for value in values]
        assert table.mask(option).tolist() == expected
        assert holds(history, option, table.fired).tolist() == expected


def test_clock_masks_are_what_holds() -> None:
    """Windows over midnight and weekdays agree with the engine that replays."""
    table = random_table(7)
    history = history_of([(0, "light.lamp", "on", 1, "")], BARE)
    # Day 0 of `instant` is day number 20465.
    wall = zip((table.day - 20_465).tolist(), table.minute.tolist(), strict=True)
    fired = np.array([instant(day, minute) for day, minute in wall])
    for window in (WindowCondition(1320, 360), WindowCondition(360, 1320)):
        assert (table.mask(window) == holds(history, window, fired)).all()
