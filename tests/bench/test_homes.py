"""The truth of generated homes is consistent: what is planted is what people do."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from bench.homes.generate import KINDS, planted_home
from bench.homes.habits.keep import EARLY, kind_of
from bench.homes.mixes import ALL_KINDS, GRID, MIXES
from bench.homes.model import BACK, Intent, Planted, World, realise
from bench.homes.nulls import (
    busy_home,
    independent_home,
    permuted_home,
    regular_home,
)
from bench.homes.plan import instant, sun_at
from bench.matching import due_of
from bench.score import to_find
from custom_components.automation_scout.mining.attributes import attribute_of
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.localtime import DAY_MS, ms_from
from custom_components.automation_scout.mining.origin import HUMAN, Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    StateTrigger,
    SunEvent,
    TimeTrigger,
)

SEEDS = range(1, 9)


@cache
def home(seed: int) -> World:
    return planted_home(seed, kinds=ALL_KINDS)


@cache
def history_of(seed: int) -> History:
    return History(home(seed).log, home(seed).facts)


def since_kept(planted: Planted) -> int:
    return min(t for t, _, _ in planted.meant) - DAY_MS // 4


def test_planted_rules_replay_with_the_planted_adherence() -> None:
    """By kind, on average: single habits are small samples."""
    off = defaultdict(list)
    for seed in SEEDS:
        for planted in home(seed).planted:
            played = replay(history_of(seed), planted.rule)
            kept = played.fired >= since_kept(planted)
            if np.count_nonzero(kept) >= 6:
                precision = float(played.hit[kept].mean())
                off[kind_of(planted)].append(precision - planted.adherence)
    assert {"time", "sun", "state", "numeric", "absence", "routine"} <= set(off)
    for kind, differences in off.items():
        spread = 0.5 / np.sqrt(6 * len(differences))
        assert abs(np.mean(differences)) <= 0.06 + 2 * spread, kind
    every = np.concatenate([np.array(differences) for differences in off.values()])
    assert abs(every.mean()) <= 0.05


def test_the_miner_sees_the_occasions_that_people_had() -> None:
    """Nearly all acts lie at an occasion that the miner's own engine finds."""
    for seed in SEEDS:
        for planted in home(seed).planted:
            due = due_of(history_of(seed), planted.rule.trigger)
            reach = (
                3_600_000 if planted.rule.trigger_kind in ("time", "sun") else 600_000
            )
            meant = np.array([t for t, _, _ in planted.meant], np.int64)
            near = np.searchsorted(due, meant + reach) > np.searchsorted(
                due, meant - reach
            )
            # A sensor may have been out for up to three days.
            assert near.mean() >= 0.75, (seed, planted.rule)


def test_some_acts_are_logged_before_their_sensor() -> None:
    early = total = 0
    for seed in SEEDS:
        for planted in home(seed).planted:
            trigger = planted.rule.trigger
            if not isinstance(trigger, StateTrigger) or trigger.quiet_s:
                continue
            due = due_of(history_of(seed), trigger)
            for t in planted.acts:
                gap = due[np.searchsorted(due, t) :][:1] - t
                before = t - due[: np.searchsorted(due, t)][-1:]
                if len(gap) and 0 < gap[0] <= 60_000 and (before > 600_000).all():
                    early += 1
                total += 1
    assert EARLY / 3 <= early / total <= 1.5 * EARLY


def test_a_world_is_made_again_by_its_seed() -> None:
    one, two = home(1), planted_home(1, kinds=ALL_KINDS)
    assert one.planted == two.planted
    assert np.array_equal(one.log.t, two.log.t)
    assert np.array_equal(one.log.state, two.log.state)
    assert not np.array_equal(one.log.t[:500], home(2).log.t[:500])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_log_is_one_that_a_recorder_could_give(seed: int) -> None:
    log, facts = home(seed).log, home(seed).facts
    last: dict[str, str] = {}
    for e, s in zip(log.entity, log.state, strict=True):
        name, state = log.entities[e], log.states[s]
        assert last.get(name) != state
        assert BACK not in state
        last[name] = state
    for name in log.entities:
        assert facts.of(name.partition("#")[0]).name != name.partition("#")[0], name
    known = set(facts.entities)
    assert {name.partition("#")[0] for name in log.entities} <= known
    for name in log.entities:
        kind = attribute_of(name)
        if "#" not in name and not facts.of(name).is_numeric:
            continue
        states = {
            log.states[s] for s in log.state[log.entity == log.entities.index(name)]
        }
        for state in states - {"unavailable"}:
            if kind is None or kind.is_number:
                value = float(state)
                assert kind is None or value / kind.step == round(value / kind.step)


def test_settings_come_with_the_act_that_made_them() -> None:
    """By the same hand, at most two seconds after it."""
    log = home(3).log
    settings = [
        i
        for i, e in enumerate(log.entity)
        if "#" in log.entities[e] and not log.entities[e].startswith("climate.")
    ]
    checked = 0
    for i in settings:
        base = log.entities[log.entity[i]].partition("#")[0]
        assert log.origin[i] in (*HUMAN, Origin.AUTOMATION)
        if base not in log.entities:
            continue
        rows = np.flatnonzero(log.entity == log.entities.index(base))
        near = rows[(log.t[rows] <= log.t[i]) & (log.t[rows] > log.t[i] - 2_000)]
        checked += any(log.origin[r] == log.origin[i] for r in near)
    # A lamp that is on already, or a blind that is open, is only set anew.
    assert checked >= 0.5 * len(settings) > 10


def test_the_clock_habit_stays_put_when_the_clock_changes() -> None:
    for seed in range(1, 40):
        world = planted_home(seed, kinds=("daily",) * 4, away=False)
        first, last = instant(world.first_day, 0), world.cut
        if (last - first) % DAY_MS == 0:
            continue
        history = History(world.log, world.facts)
        for planted in world.planted:
            assert isinstance(planted.rule.trigger, TimeTrigger)
            local = history.local(np.array(planted.acts, np.int64))
            off = ms_from(local, planted.rule.trigger.minute) / 1000
            assert np.median(off) <= 2 * planted.jitter_s
        return
    pytest.fail("no home over a change of the clock")


def test_a_habit_that_moved_is_true_where_it_is_now() -> None:
    world = planted_home(5, kinds=("moved",), away=False)
    (planted,) = world.planted
    half = instant(world.first_day + 15, 0)
    assert min(t for t, _, _ in planted.meant) > half - 3_600_000
    action = planted.rule.action
    earlier = History(world.log, world.facts).acts[action].t
    assert np.count_nonzero(earlier < half) >= 8


def test_what_ended_half_way_is_no_habit() -> None:
    for seed in range(1, 30):
        world = home(seed)
        if "light.garland" not in world.traps:
            continue
        code = world.log.entities.index("light.garland")
        rows = (world.log.entity == code) & np.isin(world.log.origin, HUMAN)
        assert rows.sum() >= 10
        assert world.log.t[rows].max() < instant(world.first_day + 16, 0)
        return
    pytest.fail("nothing ended half-way in any home")


def test_every_kind_is_planted_and_findable() -> None:
    for kind in KINDS:
        worlds = [planted_home(seed, 30, kinds=("state", kind)) for seed in range(1, 5)]
        alone = 1 if kind == "state" else 0
        planted = [p for world in worlds for p in world.planted]
        assert len(planted) > len(worlds) * (1 + alone) - 4, kind
        assert any(p.findable(world.cut) for world in worlds for p in world.planted)


def test_every_trap_is_set() -> None:
    seen = {trap for seed in range(1, 31) for trap in home(seed).traps.values()}
    assert {
        "already automated",
        "fan-out of a group",
        "one call for two",
        "brief use in the evenings",
        "drifts 53 minutes a day",
        "machine user",
        "schedule of the device",
        "stopped half-way",
        "every other day",
    } <= seen
    for seed in SEEDS:
        targets = {p.rule.action.target for p in home(seed).planted}
        assert targets.isdisjoint(home(seed).traps)


def test_every_mix_makes_homes() -> None:
    for name, make in {**MIXES, **GRID}.items():
        if name.startswith("90"):
            continue
        world = make(2, later=7)
        assert world.planted, name
        assert len(world.learned) < len(world.log)
        assert world.learned.t[-1] < world.cut <= world.log.t[-1]


@pytest.mark.parametrize(
    "make", [busy_home, regular_home, independent_home, permuted_home]
)
def test_homes_without_habits_hold_none(make: Callable[[int], World]) -> None:
    world = make(3)
    assert world.planted == ()
    assert len(world.learned) == len(world.log) > 5_000
    assert np.isin(world.log.origin, HUMAN).sum() > 300


def test_permuting_keeps_the_acts() -> None:
    log = permuted_home(4).log
    assert np.all(np.diff(log.t) >= 0)
    assert np.isin(log.origin, HUMAN).sum() > 300


def test_what_ought_to_be_found_is_worth_having() -> None:
    asked = planted = 0
    for seed in SEEDS:
        world = home(seed)
        history = history_of(seed)
        found = to_find(world, history)
        asked += len(found)
        planted += len(world.planted)
        assert all(p.adherence >= 0.6 and len(p.acts) >= 6 for p in found)
        assert all(replay(history, p.rule).hits >= 3 for p in found)
    assert 0.5 <= asked / planted <= 0.95


def test_an_entity_that_vanished_comes_back_as_it_is_by_then() -> None:
    lamp = "light.lamp"
    log = realise(
        [
            Intent(1, lamp, "on", Origin.USER),
            Intent(2, lamp, "unavailable", Origin.SYSTEM),
            Intent(3, lamp, "off", Origin.PHYSICAL),
            Intent(4, lamp, BACK, Origin.SYSTEM),
            Intent(5, lamp, "off", Origin.USER),
        ],
        {},
    )
    assert [log.states[s] for s in log.state] == ["on", "unavailable", "off"]
    assert list(log.origin) == [Origin.USER, Origin.SYSTEM, Origin.SYSTEM]


def test_the_sun_rises_before_it_sets() -> None:
    for day in range(20_400, 20_800, 37):
        rise, sets = sun_at(SunEvent.SUNRISE, day), sun_at(SunEvent.SUNSET, day)
        assert instant(day, 240) < rise < instant(day, 570)
        assert instant(day, 960) < sets < instant(day, 1350)
