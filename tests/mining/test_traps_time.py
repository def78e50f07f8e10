"""Traps of habits of the clock, each of which has caught a miner before."""

from datetime import date
from typing import Final

import numpy as np
import pytest

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import (
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKEND,
    Action,
    Rule,
    TimeTrigger,
)

from .worlds import (
    BARE,
    DAY,
    HOUR,
    MINUTE,
    ZONE,
    clock_habit,
    framed,
    history_of,
    idle_use,
    instant,
    mined,
    pulses,
    rules_of,
    times_of,
)

LAMP: Final = "light.lamp"
ON: Final = Action(LAMP, "on")
OFF: Final = Action(LAMP, "off")


def gates_of(rows: list[Row], facts: HomeFacts = BARE) -> dict[str, tuple[str, ...]]:
    """Return by which gates rules for the lamp were stopped, and what covers them."""
    return {
        rejection.gate: rejection.covered_by
        for rejection in mined(rows, facts).rejections
        if rejection.rule.action == ON
    }


@pytest.mark.parametrize("n", [5, 6, 8, 10, 60])
def test_random_times_are_no_habit(n: int) -> None:
    """Not even few of them, whose spread may be small by chance."""
    for seed in range(12):
        rows = idle_use(LAMP, 30, 2 * n / 30, seed=100 * n + seed)
        assert rules_of(mined(rows)) == set()


def test_a_few_acts_at_one_time_are_no_habit_of_every_day() -> None:
    """Five evenings of thirty are not 'every day at 20:00'."""
    rows = clock_habit(LAMP, 1200, (2, 3, 11, 12, 20), jitter_min=1)
    rows += idle_use("switch.fan", 30, 3)
    assert times_of(mined(rows), ON) == []


@pytest.mark.parametrize("minute", [1430, 0, 10])
def test_around_midnight(minute: int) -> None:
    """Acts at 23:50 and 00:10 are one habit, not two, and not one at noon."""
    rows = clock_habit(LAMP, minute, range(30), jitter_min=12, seed=minute)
    [(found, weekdays)] = times_of(mined(rows), ON)
    assert abs((found - minute + 720) % 1440 - 720) <= 10
    assert weekdays == ALL_DAYS


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Amsterdam", date(2026, 3, 16)),
        ("Europe/Amsterdam", date(2026, 10, 12)),
        ("America/New_York", date(2026, 2, 23)),
        ("America/New_York", date(2026, 10, 19)),
        ("Asia/Kolkata", date(2026, 3, 16)),
    ],
)
@pytest.mark.parametrize("minute", [150, 420, 1200])
def test_over_a_change_of_the_clock(zone: str, first: date, minute: int) -> None:
    """Local time counts: one habit, found at its minute, hit on both sides."""
    rows = clock_habit(
        LAMP, minute, range(28), jitter_min=2, zone=zone, first=first, seed=minute
    )
    result = mined(rows, HomeFacts(zone))
    assert times_of(result, ON) == [(minute, ALL_DAYS)]
    [evidence] = [p.evidence for p in result.proven if p.rule.action == ON]
    assert evidence.hits >= 27
    assert evidence.wrong <= 1


def test_the_night_the_clock_is_put_back_has_one_firing() -> None:
    """02:30 comes twice on 2026-10-25; the rule counts once, and either is a hit."""
    first = date(2026, 10, 19)
    for fold in (0, 1):
        night = instant(6, 150, first=first, fold=fold)
        rows = [
            (instant(day, 60, first=first), LAMP, "off", Origin.USER, "")
            for day in range(14)
        ]
        rows += [
            (instant(day, 150, first=first), LAMP, "on", Origin.USER, "")
            for day in range(14)
            if day != 6
        ]
        rows.append((night, LAMP, "on", Origin.USER, ""))
        log = framed(rows, 14, first)
        played = replay(history_of(log), Rule(TimeTrigger(150), ON, 900))
        assert len(played.fired) == 14
        assert played.hits == 14 - fold
        assert len(set(played.day.tolist())) == 14


def test_two_habits_of_one_light() -> None:
    """Morning and evening are two rules, not one in between."""
    rows: list[Row] = []
    rng = np.random.default_rng(2)
    for day in range(30):
        for minute, state in ((420, "on"), (480, "off"), (1170, "on"), (1350, "off")):
            at = instant(day, minute + rng.normal(0, 4))
            rows.append((at, LAMP, state, Origin.USER, ""))
    result = mined(rows)
    assert times_of(result, ON) == [(420, ALL_DAYS), (1170, ALL_DAYS)]
    assert times_of(result, OFF) == [(480, ALL_DAYS), (1350, ALL_DAYS)]
    assert len(result.proven) == 4


@pytest.mark.parametrize(
    "origin",
    [Origin.AUTOMATION, Origin.SCRIPT, Origin.SCENE, Origin.OWN, Origin.SYSTEM,
     Origin.UNKNOWN, Origin.REPORT],
)  # fmt: skip
def test_a_light_that_runs_by_itself_is_left_alone(origin: Origin) -> None:
    rows = clock_habit(LAMP, 1200, range(30), origin=origin, jitter_min=0.01)
    result = mined(rows + idle_use("switch.fan", 30, 2))
    assert {rule.action.entity_id for rule in rules_of(result)} == set()
    assert result.origins[origin.name.lower()] == len(rows)


def test_weekend_habit_of_a_lamp_used_every_day() -> None:
    """A perfect weekend habit is no 2/7 habit."""
    weekend = [day for day in range(42) if day % 7 in WEEKEND]
    rows = clock_habit(LAMP, 570, weekend, seed=1)
    rng = np.random.default_rng(7)
    for day in range(42):
        lit = instant(day, rng.uniform(1020, 1260))
        rows.append((lit, LAMP, "on", Origin.USER, ""))
        out = lit + int(rng.uniform(20, 90)) * MINUTE
        rows.append((out, LAMP, "off", Origin.USER, ""))
    found = times_of(mined(rows), ON)
    assert (570, WEEKEND) in [(round(m / 10) * 10, days) for m, days in found]


def test_tuesdays_and_thursdays() -> None:
    days = [day for day in range(42) if day % 7 in {1, 3}]
    rows = clock_habit(LAMP, 1185, days, seed=3)
    rows += [(instant(day, 1390), LAMP, "off", Origin.PHYSICAL, "") for day in days]
    rows += idle_use("switch.fan", 42, 2)
    [(minute, weekdays)] = times_of(mined(rows), ON)
    assert abs(minute - 1185) <= 5
    assert weekdays == (1, 3)


def test_skipped_days_lower_the_numbers_and_not_the_habit() -> None:
    rows = clock_habit(LAMP, 1200, range(35), keep=0.75, seed=5)
    kept = sum(state == "on" for _, _, state, _, _ in rows)
    result = mined(rows + idle_use("switch.fan", 35, 2))
    [item] = [p for p in result.proven if p.rule.action == ON]
    assert item.rule.trigger == TimeTrigger(1200)
    assert item.evidence.hits == kept
    assert item.evidence.wrong >= 33 - kept
    assert item.confidence < kept / 35


def test_near_misses_count_against_it() -> None:
    """Done 40 minutes early, the lamp is already on: still the rule was wrong."""
    rows: list[Row] = []
    for day in range(30):
        early = 40 if day % 3 == 0 else 0
        rows.append((instant(day, 900), LAMP, "off", Origin.USER, ""))
        rows.append((instant(day, 1200 - early), LAMP, "on", Origin.USER, ""))
    played = replay(history_of(framed(rows, 30)), Rule(TimeTrigger(1200), ON, 900))
    assert (played.hits, played.wrong) == (20, 10)


def test_already_so_is_neither_right_nor_wrong() -> None:
    """Lit since the morning, the evening's firing would have changed nothing."""
    rows: list[Row] = []
    for day in range(30):
        rows.append((instant(day, 1380), LAMP, "off", Origin.USER, ""))
        lit = 480 if day % 3 == 0 else 1200
        rows.append((instant(day, lit), LAMP, "on", Origin.USER, ""))
    played = replay(history_of(framed(rows, 30)), Rule(TimeTrigger(1200), ON, 900))
    assert (played.hits, played.wrong) == (20, 0)


def test_what_was_so_at_the_minute_is_not_the_rules_doing() -> None:
    """On at ten, off at 10:14, on at 10:18: a rule of 10:12 had nothing to do."""
    rows: list[Row] = []
    for day in range(10):
        for minute, state in ((570, "on"), (614, "off"), (618, "on"), (900, "off")):
            rows.append((instant(day, minute), LAMP, state, Origin.USER, ""))
    played = replay(history_of(framed(rows, 10)), Rule(TimeTrigger(612), ON, 600))
    assert played.hits == 0
    assert played.explained.tolist() == []
    later = replay(history_of(framed(rows, 10)), Rule(TimeTrigger(616), ON, 600))
    assert later.explained.tolist() == list(range(1, 20, 2))


def test_a_loose_habit_is_stopped() -> None:
    """Some time in the evening is not a time."""
    rng = np.random.default_rng(1)
    rows: list[Row] = []
    for day in range(30):
        at = instant(day, rng.uniform(1020, 1380))
        rows.append((at, LAMP, "on", Origin.USER, ""))
        off = instant(day, 1440 + rng.uniform(0, 400))
        rows.append((off, LAMP, "off", Origin.USER, ""))
    assert times_of(mined(rows), ON) == []


def test_a_habit_that_stopped() -> None:
    """The lamp goes on being switched off, and nobody switches it on at 20:00."""
    rows = clock_habit(LAMP, 1200, range(20), jitter_min=2)
    rng = np.random.default_rng(11)
    for day in range(20, 32):
        at = rng.uniform(420, 1080)
        rows.append((instant(day, at - 5), LAMP, "off", Origin.USER, ""))
        rows.append((instant(day, at), LAMP, "on", Origin.USER, ""))
    assert times_of(mined(rows), ON) == []
    assert "stability" in gates_of(rows)


def test_five_days_away_are_no_misses() -> None:
    """Sensors go on reporting; nobody is there to switch anything."""
    home = [day for day in range(30) if not 12 <= day < 17]
    rows = clock_habit(LAMP, 1200, home, jitter_min=2)
    rows += [row for day in home for row in shifted_fan(day)]
    rows += pulses("binary_sensor.hall", [instant(day, 700) for day in range(30)])
    [item] = [p for p in mined(rows).proven if p.rule.action == ON]
    assert item.evidence.days_observed == len(home)
    assert item.evidence.wrong == 0


def shifted_fan(day: int) -> list[Row]:
    """Return some use of a fan on one day."""
    rng = np.random.default_rng(day)
    at = instant(day, rng.uniform(540, 720))
    return [
        (at, "switch.fan", "on", Origin.USER, ""),
        (at + 3 * HOUR, "switch.fan", "off", Origin.USER, ""),
    ]


def automation(**changes: object) -> HomeFacts:
    """Return a home with an automation for the lamp at 20:10."""
    values: dict[str, object] = {
        "enabled": True,
        "triggers": (TimeTrigger(1210),),
        "targets": frozenset({(LAMP, "on")}),
    }
    made = ExistingAutomation("automation.lamp", "Lamp", **(values | changes))  # type: ignore[arg-type]
    return HomeFacts(ZONE, automations=(made,))


def test_already_automated_by_configuration() -> None:
    rows = clock_habit(LAMP, 1200, range(30))
    assert times_of(mined(rows, automation()), ON) == []
    assert gates_of(rows, automation())["already_automated"] == ("automation.lamp",)


@pytest.mark.parametrize(
    "other",
    [
        {"enabled": False},
        {"triggers": (TimeTrigger(1300),)},
        {"targets": frozenset({(LAMP, "off")})},
        {"targets": frozenset({("light.desk", "on")})},
    ],
)
def test_another_automation_is_no_reason(other: dict[str, object]) -> None:
    rows = clock_habit(LAMP, 1200, range(30))
    assert times_of(mined(rows, automation(**other)), ON) == [(1200, ALL_DAYS)]


def test_already_automated_around_midnight() -> None:
    rows = clock_habit(LAMP, 5, range(30))
    facts = automation(triggers=(TimeTrigger(1435),))
    assert times_of(mined(rows, facts), ON) == []


def test_already_automated_by_what_the_log_shows() -> None:
    """On two evenings of five an automation is first; nothing is configured."""
    rows = clock_habit(LAMP, 1200, range(40), jitter_min=2)
    rows = [
        row
        for row in rows
        if row[2] == "off" or (row[0] - instant(0, 0)) // DAY % 5 >= 2
    ]
    rows += [
        (instant(day, 1200) + 200, LAMP, "on", Origin.AUTOMATION, "automation.evening")
        for day in range(40)
        if day % 5 < 2
    ]
    assert times_of(mined(rows), ON) == []
    stopped = gates_of(rows)
    assert stopped.get("already_automated") == ("automation.evening",)


def test_undone_at_once_is_not_meant() -> None:
    """On and off within two minutes, every evening at eight: no wish for light."""
    rows: list[Row] = []
    for day in range(30):
        at = instant(day, 1200)
        rows.append((at, LAMP, "on", Origin.USER, ""))
        rows.append((at + 90_000, LAMP, "off", Origin.USER, ""))
    result = mined(rows)
    assert result.human_actions == 0
    assert result.proven == ()


def brief_light(seed: int) -> list[Row]:
    """Four lamps, each lit thrice a day at any time and put out within 25 minutes."""
    rows: list[Row] = []
    for lamp in range(4):
        rng = np.random.default_rng(100 * seed + lamp)
        for day in range(30):
            for minute in sorted(rng.uniform(480, 1380, rng.poisson(3))):
                on = instant(day, minute)
                out = on + round(rng.uniform(5, 25)) * MINUTE
                rows.append((on, f"light.l{lamp}", "on", Origin.USER, ""))
                rows.append((out, f"light.l{lamp}", "off", Origin.USER, ""))
    return rows


def test_putting_out_what_was_just_lit_is_no_habit_of_the_clock() -> None:
    suggested = sum(len(rules_of(mined(brief_light(seed)))) for seed in range(20))
    assert suggested <= 1


def test_the_evening_that_has_not_come_is_no_miss() -> None:
    """The nightly run at three o'clock; the lamp was put out at two."""
    rows = clock_habit(LAMP, 1200, range(14))
    rows.append((instant(14, 120), LAMP, "off", Origin.USER, ""))
    rows.append((instant(14, 180), "binary_sensor.hall", "on", Origin.REPORT, ""))
    history = history_of(rows)
    played = replay(history, Rule(TimeTrigger(1200), ON, 900))
    assert played.fired.max() <= history.span[1]
    assert played.wrong == 0


def test_a_habit_without_recent_occasions_has_stopped() -> None:
    """Put out at 23:00 for 20 days; since then the lamp was never lit again."""
    rows: list[Row] = []
    rng = np.random.default_rng(3)
    for day in range(20):
        lit = instant(day, 1080 + rng.normal(0, 60))
        rows.append((lit, LAMP, "on", Origin.USER, ""))
        out = instant(day, 1380 + rng.normal(0, 3))
        rows.append((out, LAMP, "off", Origin.USER, ""))
    rows += idle_use("switch.fan", 35, 4)
    assert times_of(mined(rows), OFF) == []


def test_an_automation_that_took_over_some_minutes_early() -> None:
    rows = clock_habit(LAMP, 1200, range(20))
    for day in range(20, 32):
        rows.append((instant(day, 900), LAMP, "off", Origin.USER, ""))
        at = instant(day, 1198)
        rows.append((at, LAMP, "on", Origin.AUTOMATION, "automation.evening"))
    assert times_of(mined(rows), ON) == []


def test_the_automation_that_took_over_is_named() -> None:
    rows = clock_habit(LAMP, 1200, range(20))
    for day in range(20, 32):
        rows.append((instant(day, 900), LAMP, "off", Origin.USER, ""))
        at = instant(day, 1201)
        rows.append((at, LAMP, "on", Origin.AUTOMATION, "automation.evening"))
    covered = {r.covered_by for r in mined(rows).rejections if r.rule.action == ON}
    assert ("automation.evening",) in covered
