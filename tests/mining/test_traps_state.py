"""Traps of reactions, each of which has caught a miner before."""

from typing import Final

import numpy as np
import pytest

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
)

from .worlds import (
    BARE,
    MINUTE,
    SECOND,
    ZONE,
    edges_of,
    facts_of,
    history_of,
    idle_use,
    instant,
    mined,
    occasions,
    pulses,
    reaction,
    rules_of,
)

DESK: Final = Action("light.desk", "on")
DOOR: Final = ("binary_sensor.door", "on")
DAYS: Final = range(28)


def door_and_desk(seed: int = 4, origin: Origin = Origin.USER) -> list[Row]:
    """Return a home in which the door makes somebody switch on the desk lamp."""
    at = occasions(DAYS, 3, seed)
    rows = reaction("light.desk", at, seed=seed, origin=origin)
    return pulses("binary_sensor.door", at) + rows


def test_the_reaction_is_found_and_no_other() -> None:
    rows = door_and_desk() + pulses("binary_sensor.hall", occasions(DAYS, 8, 1))
    result = mined(rows)
    assert edges_of(result, DESK) == {DOOR}
    assert len(result.proven) == 1


def test_a_polling_sensor_is_no_cause() -> None:
    """It reports every minute, so it reports before everything."""
    start = instant(0, 0)
    polls = [
        (start + i * MINUTE, "binary_sensor.poll", ("on", "off")[i % 2], 9, "")
        for i in range(28 * 1440)
    ]
    rows = polls + idle_use("light.desk", 28, 6, seed=2)
    assert rules_of(mined(rows)) == set()
    assert edges_of(mined(rows + door_and_desk()), DESK) <= {DOOR}


def test_siblings_of_one_device_are_one_thing() -> None:
    """A plug that switches its own light, and reports on its own channel."""
    rows = door_and_desk()
    rows += [
        (t - SECOND, "switch.desk_plug", s, Origin.PHYSICAL, "")
        for t, e, s, _, _ in rows
        if e == "light.desk"
    ]
    alone = (EntityFacts("binary_sensor.door", "Door"),)
    one = facts_of(
        EntityFacts("light.desk", "Desk", device_id="plug"),
        EntityFacts("switch.desk_plug", "Plug", device_id="plug"),
        *alone,
    )
    two = facts_of(
        EntityFacts("light.desk", "Desk", device_id="a"),
        EntityFacts("switch.desk_plug", "Plug", device_id="b"),
        *alone,
    )
    triggers = {
        rule.trigger.entity_id
        for rule in rules_of(mined(rows, one))
        if isinstance(rule.trigger, StateTrigger)
    }
    assert triggers == {"binary_sensor.door"}
    assert mined(rows, two).n_tested > mined(rows, one).n_tested


@pytest.mark.parametrize("group", ["trigger", "target"])
def test_a_group_is_no_cause_of_its_members(group: str) -> None:
    """Neither way round."""
    at = occasions(DAYS, 3, 5)
    rows = reaction("light.desk", at, lag_s=1)
    rows += pulses("light.all", at, 20 * MINUTE)
    rows = [(t, e, s, int(Origin.USER), a) for t, e, s, _, a in rows]
    members = {"trigger": "light.all", "target": "light.desk"}
    facts = facts_of(
        *(
            EntityFacts(
                name,
                name,
                members=tuple(
                    other
                    for other in ("light.all", "light.desk")
                    if name == members[group] and other != name
                ),
            )
            for name in ("light.all", "light.desk")
        )
    )
    assert rules_of(mined(rows, facts)) == set()
    assert rules_of(mined(rows, facts_of(*(
        EntityFacts(name, name) for name in ("light.all", "light.desk")
    ))))  # fmt: skip


def test_one_busy_pair() -> None:
    """Both happen a hundred times a day; that they meet means nothing."""
    rng = np.random.default_rng(8)
    start, end = instant(0, 0), instant(28, 0)
    at = np.sort(rng.uniform(start, end, 28 * 100)).astype(np.int64)
    rows: list[Row] = [
        (int(t), "binary_sensor.hall", ("on", "off")[i % 2], Origin.REPORT, "")
        for i, t in enumerate(at)
    ]
    rows += idle_use("light.desk", 28, 30, seed=8)
    result = mined(rows)
    assert rules_of(result) == set()


def test_a_busy_evening_is_no_cause() -> None:
    """Motion and lamps come in the same hour; neither waits for the other."""
    rng = np.random.default_rng(3)
    for seed in range(4):
        rows: list[Row] = []
        for day in DAYS:
            busy = instant(day, 1140 + rng.uniform(-30, 30))
            for _ in range(8):
                t = busy + round(rng.uniform(0, 45)) * MINUTE
                rows += pulses("binary_sensor.hall", [t + seed], 40 * SECOND)
            lit = busy + round(rng.uniform(0, 45 * 60)) * SECOND
            rows.append((lit, "light.desk", "on", Origin.USER, ""))
            out = instant(day, 1380 + rng.uniform(0, 300))
            rows.append((out, "light.desk", "off", Origin.USER, ""))
        assert edges_of(mined(rows), DESK) == set()


def test_a_common_cause_makes_no_chain() -> None:
    """The door brings on both lamps; the one lamp does not bring on the other."""
    at = occasions(DAYS, 3, 6)
    rows = pulses("binary_sensor.door", at)
    rows += reaction("light.desk", at, seed=1, lag_s=10)
    rows += reaction("light.lamp", at, seed=2, lag_s=25)
    result = mined(rows)
    assert edges_of(result, DESK) == {DOOR}
    assert edges_of(result, Action("light.lamp", "on")) == {DOOR}


@pytest.mark.parametrize(
    "origin",
    [Origin.AUTOMATION, Origin.SCRIPT, Origin.SCENE, Origin.OWN, Origin.SYSTEM,
     Origin.UNKNOWN, Origin.REPORT],
)  # fmt: skip
def test_a_light_that_reacts_by_itself_is_left_alone(origin: Origin) -> None:
    assert rules_of(mined(door_and_desk(origin=origin))) == set()


def test_automations_may_set_off_a_person() -> None:
    """What people do after an automation acted is still theirs."""
    at = occasions(DAYS, 3, 9)
    rows = [
        (t, e, s, int(Origin.AUTOMATION), "automation.blind")
        for t, e, s, _, _ in pulses("cover.blind", at)
    ]
    rows += reaction("light.desk", at, seed=3)
    assert edges_of(mined(rows), DESK) == {("cover.blind", "on")}


def test_the_order_matters() -> None:
    """Done just before the door opens is not done because it opens."""
    at = occasions(DAYS, 3, 4)
    rows = pulses("binary_sensor.door", at)
    rows += reaction("light.desk", [t - 40 * SECOND for t in at], lag_s=5)
    assert edges_of(mined(rows), DESK) == set()


@pytest.mark.parametrize("state", ["on", ""])
def test_already_automated_by_configuration(state: str) -> None:
    made = ExistingAutomation(
        "automation.desk",
        "Desk",
        enabled=True,
        triggers=(StateTrigger("binary_sensor.door", state),),
        targets=frozenset({("light.desk", "on")}),
    )
    facts = HomeFacts(ZONE, automations=(made,))
    result = mined(door_and_desk(), facts)
    assert edges_of(result, DESK) == set()
    [stopped] = [r for r in result.rejections if r.gate == "already_automated"]
    assert stopped.covered_by == ("automation.desk",)


def test_already_automated_by_what_the_log_shows() -> None:
    """The automation is quick half of the time; else a person does it."""
    at = occasions(DAYS, 4, 4)
    rows = pulses("binary_sensor.door", at)
    rows += reaction("light.desk", at[::2])
    rows += [
        (t, e, s, int(Origin.AUTOMATION), "automation.desk")
        for t, e, s, _, _ in reaction("light.desk", at[1::2], lag_s=1)
    ]
    result = mined(rows)
    assert edges_of(result, DESK) == set()
    [stopped] = [r for r in result.rejections if r.gate == "already_automated"]
    assert stopped.covered_by == ("automation.desk",)
    assert stopped.rule.trigger == StateTrigger(*DOOR)
    assert stopped.measured < stopped.required


def test_already_on_is_no_opportunity() -> None:
    """Only firings that could act count, and each blocks the next for its window."""
    start = instant(0, 600)
    rows: list[Row] = [(instant(0, 0), "light.desk", "off", Origin.USER, "")]
    door = [start + i * MINUTE for i in (0, 2, 30, 31)]
    rows += pulses("binary_sensor.door", door, 20 * SECOND)
    rows.append((start + 3 * MINUTE, "light.desk", "on", Origin.USER, ""))
    rule = Rule(StateTrigger(*DOOR), DESK, 300)
    played = replay(history_of(rows), rule)
    assert played.fired.tolist() == [start]
    assert played.hit.tolist() == [True]


def test_what_happens_at_the_same_instant_is_no_reaction() -> None:
    """A group reports its members in one millisecond; an answer takes longer."""
    at = occasions(DAYS, 3, 4)
    rows = pulses("binary_sensor.door", at)
    rows += reaction("light.desk", at, lag_s=0)
    history = history_of(rows)
    assert len(history.acts[DESK]) > 60
    assert replay(history, Rule(StateTrigger(*DOOR), DESK, 300)).hits == 0
    assert edges_of(mined(rows), DESK) == set()


@pytest.mark.parametrize(("states", "is_switch"), [(12, True), (13, False)])
def test_a_switch_has_at_most_a_dozen_states(states: int, is_switch: bool) -> None:
    rows = door_and_desk()
    rows += [
        (instant(n % 28, 30 * n), "select.mode", f"{n % states}", Origin.REPORT, "")
        for n in range(10 * states)
    ]
    kinds = history_of(rows).edge_index.kinds
    assert (("select.mode", "0") in kinds) == is_switch


def test_absence_is_not_held_against_a_reaction() -> None:
    """A door sensor that reports through a holiday makes no misses."""
    home = [day for day in range(30) if not 10 <= day < 16]
    at = occasions(home, 3, 4)
    away = [instant(day, 600) for day in range(10, 16)]
    rows = pulses("binary_sensor.door", at + away)
    rows += reaction("light.desk", at, keep=1)
    [item] = [p for p in mined(rows).proven if p.rule.action == DESK]
    assert item.evidence.wrong == 0
    assert item.evidence.hits == len(at)


@pytest.mark.parametrize(("idle", "is_away"), [(2, False), (3, True)])
def test_how_long_nothing_means_nobody(idle: int, is_away: bool) -> None:
    """At two acts a day, two idle days come by chance once in 55, three once in 400."""
    quiet = range(10, 10 + idle)
    rows = pulses("binary_sensor.hall", [instant(day, 700) for day in range(24)])
    for day in set(range(24)) - set(quiet):
        rows.append((instant(day, 600), "light.desk", "on", Origin.USER, ""))
        rows.append((instant(day, 800), "light.desk", "off", Origin.USER, ""))
    assert len(history_of(rows).days) == 24 - idle * is_away


def test_an_entity_with_thousands_of_states_is_a_measurement() -> None:
    """Each of its states comes before something; none of them is a cause."""
    rng = np.random.default_rng(5)
    start, end = instant(0, 0), instant(28, 0)
    at = np.sort(rng.uniform(start, end, 5000)).astype(np.int64)
    rows: list[Row] = [
        (int(t), "select.level", f"{i % 4000}", Origin.REPORT, "")
        for i, t in enumerate(at)
    ]
    plain, noisy = mined(door_and_desk()), mined(door_and_desk() + rows)
    assert rules_of(noisy) == rules_of(plain)
    assert noisy.n_tested == plain.n_tested
    assert BARE.entities == {}
