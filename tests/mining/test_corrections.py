"""What people undo says how an automation should have been."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.existing.corrections import corrections
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.feedback import Feedback
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import (
    WEEKDAYS,
    Kind,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
)
from custom_components.automation_scout.mining.watching import runs_of

from .overruled import (
    AT,
    EVENING,
    LAMP,
    ahead,
    automation,
    by_clock,
    by_number,
    by_stay,
    damp,
    facts_with,
    kept,
    lived,
    passages,
    person,
    undone,
    wobble_of,
)
from .worlds import HOUR, MINUTE, history_of, instant, mined

DAYS = 21


def found(
    rows: list[Row], facts: HomeFacts, installed: dict[str, Rule] | None = None
) -> list[Proven]:
    history = history_of([*rows, *lived(DAYS)], facts)
    return corrections(history, runs_of(history), installed or {}, Feedback())


def test_five_evenings_are_enough() -> None:
    """It acts at half past ten; people undo it and do it twenty minutes later."""
    [item] = found(undone(range(5), again=20), by_clock())
    assert item.rule.trigger == TimeTrigger(AT + 20)
    assert (item.rule.kind, item.rule.replaces) == (Kind.ADJUST, EVENING)
    assert (item.evidence.hits, item.evidence.opportunities) == (5, 5)
    assert item.instead is not None
    assert item.instead.rule.trigger == TimeTrigger(AT)
    assert (item.instead.agreed, item.instead.occasions) == (0, 5)


def test_four_evenings_are_not() -> None:
    assert found(undone(range(4), again=20), by_clock()) == []


def test_nine_of_ten() -> None:
    rows = undone(range(9), again=20) + kept([9])
    [item] = found(rows, by_clock())
    assert (item.evidence.hits, item.evidence.opportunities) == (9, 10)
    assert item.instead is not None
    assert item.instead.agreed == 1
    assert len(item.evidence.examples_ms) == 5
    assert item.evidence.examples_ms[0] == instant(8, AT)


def test_what_is_done_before_it_says_so_too() -> None:
    [item] = found(ahead(range(7), 40) + kept([8]), by_clock())
    assert item.rule.trigger == TimeTrigger(AT - 40)
    assert item.evidence.hits == 7


def test_an_automation_of_the_sun_moves_by_its_offset() -> None:
    sunset = SunTrigger(SunEvent.SUNSET)
    facts = replace(facts_with(automation(sunset)), latitude=52.1, longitude=5.1)
    rows: list[Row] = []
    history = history_of(lived(DAYS), facts)
    for at in history.sun_events(SunEvent.SUNSET, history.days)[:8].tolist():
        rows += [
            (at + 300, "light.lamp", "on", Origin.AUTOMATION, EVENING),
            (at + 120_000, "light.lamp", "off", Origin.USER, ""),
            (at + 30 * 60_000, "light.lamp", "on", Origin.USER, ""),
            (at + 200 * 60_000, "light.lamp", "off", Origin.USER, ""),
        ]
    [item] = found(rows, facts)
    assert item.rule.trigger == SunTrigger(SunEvent.SUNSET, 30)


def test_undone_at_weekends_only() -> None:
    weekend = [day for day in range(DAYS) if day % 7 > 4]
    workdays = [day for day in range(DAYS) if day % 7 <= 4]
    [item] = found(undone(weekend) + kept(workdays), by_clock())
    assert item.rule.trigger == TimeTrigger(AT, WEEKDAYS)
    assert (item.evidence.hits, item.evidence.opportunities) == (21, 21)
    assert item.evidence.holdout.wrong == 0
    assert item.evidence.holdout.hits > 10


def test_undone_while_somebody_watches_a_film() -> None:
    film = [1, 4, 5, 8, 11, 12, 16, 19]
    rows = undone(film) + kept(day for day in range(DAYS) if day not in film)
    for day in range(DAYS):
        at = instant(day, AT - 90)
        if day in film:
            rows.append((at, "media_player.tv", "playing", Origin.USER, ""))
            off = instant(day, AT + 60)
            rows.append((off, "media_player.tv", "off", Origin.USER, ""))
        elif day % 3 == 0:
            rows.append((at - 9_000_000, "media_player.tv", "playing", Origin.USER, ""))
            rows.append((at, "media_player.tv", "off", Origin.USER, ""))
    [item] = found(rows, by_clock())
    assert item.rule.conditions == (StateCondition("media_player.tv", "off"),)


def test_off_too_soon_asks_for_a_longer_stay() -> None:
    """People who sit still are left in the dark, and move within a few minutes."""
    rows = passages(range(8), 5, back_min=4) + passages(range(8, 14), 5, None)
    [item] = found(rows, by_stay())
    assert item.rule.trigger == StateTrigger("binary_sensor.room", "off", for_s=900)
    assert item.rule.action.state == "off"
    assert item.instead is not None
    assert item.evidence.hits > item.instead.agreed


def test_a_threshold_that_is_too_low() -> None:
    rows = damp(range(0, 16, 2), 65, undo=True) + damp(range(1, 17, 2), 85, undo=False)
    [item] = found(rows, by_number())
    assert isinstance(item.rule.trigger, NumericTrigger)
    assert item.rule.trigger.side is Side.ABOVE
    assert 65 <= item.rule.trigger.threshold < 85
    assert (item.evidence.hits, item.evidence.opportunities) == (16, 16)


def ahead_of_number(days: Iterable[int], value: int) -> list[Row]:
    """Let somebody turn it on by hand at a number, before sixty is passed."""
    rows: list[Row] = []
    for day in days:
        at = instant(day, 1100) + 11 * wobble_of(day)
        for step, number in enumerate((40, 45, 50, 55, 58, 65, 70)):
            t = at + step * 4 * MINUTE
            rows.append((t, "sensor.damp", str(number), Origin.REPORT, ""))
            if number == value:
                rows.append(person(t + MINUTE + wobble_of(3 * day), "on"))
        rows.append((at + HOUR, "sensor.damp", "40", Origin.REPORT, ""))
        rows.append(person(at + 2 * HOUR + 7 * wobble_of(5 * day), "off"))
    return rows


def test_a_threshold_that_is_too_high() -> None:
    """People do it at fifty-five, before it has risen above sixty."""
    rows = ahead_of_number(range(9), 55) + damp([9], 75, undo=False)
    [item] = found(rows, by_number())
    assert isinstance(item.rule.trigger, NumericTrigger)
    assert 50 <= item.rule.trigger.threshold < 55
    assert item.evidence.hits == 9
    assert item.instead is not None
    assert (item.instead.agreed, item.instead.occasions) == (1, 10)
    few = ahead_of_number(range(4), 55) + damp([9], 75, undo=False)
    assert found(few, by_number()) == []
    assert found(ahead_of_number(range(9), 55), by_number()) == []


@pytest.mark.parametrize(
    "rows",
    [
        kept(range(10)),
        undone(range(10)),
        undone(range(5), again=20) + kept(range(5, 20)),
        undone(range(9), again=5),
        [row for day in range(8) for row in undone([day], again=15 + 20 * day)],
    ],
    ids=["let be", "not wanted at all", "mostly let be", "nearly then", "any time"],
)
def test_what_asks_for_no_change(rows: list[Row]) -> None:
    assert found(rows, by_clock()) == []


def test_who_switched_it_off_has_decided() -> None:
    facts = facts_with(replace(automation(TimeTrigger(AT)), enabled=False))
    assert found(undone(range(9), again=20), facts) == []


def test_of_what_could_not_be_read_nothing_is_lost() -> None:
    """It has a condition or an action that a rule in its place would not have."""
    part = replace(automation(TimeTrigger(AT)), is_whole=False)
    rows = undone(range(9), again=20)
    assert found(rows, facts_with(part)) == []
    made = Rule(TimeTrigger(AT), LAMP, 900)
    [item] = found(rows, facts_with(part), {EVENING: made})
    assert item.rule.trigger == TimeTrigger(AT + 20)


def test_what_was_before_it_existed_is_not_its_fault() -> None:
    one = replace(automation(TimeTrigger(AT)), created_ms=instant(6, 0))
    assert found(undone(range(9), again=20), facts_with(one)) == []


def test_once_changed_it_is_not_asked_for_again() -> None:
    """The old runs are still in the log; they are those of another time."""
    rows = undone(range(9), again=20)
    assert found(rows, facts_with(automation(TimeTrigger(AT + 20)))) == []


def test_own_automations_keep_what_they_were_made_of() -> None:
    made = Rule(
        TimeTrigger(AT),
        LAMP,
        900,
        (StateCondition("person.anna", "home"),),
        values=(("brightness", 40.0),),
    )
    rows: list[Row] = undone(range(6), again=20, origin=Origin.OWN)
    rows.append((instant(0, 1), "person.anna", "home", Origin.REPORT, ""))
    [item] = found(rows, by_clock(), {EVENING: made})
    assert item.rule.conditions == made.conditions
    assert item.rule.values == made.values
    assert item.rule.trigger == TimeTrigger(AT + 20)


def test_it_is_part_of_the_analysis_and_said_once() -> None:
    rows = undone(range(20), again=40) + lived(DAYS)
    result = mined(rows, by_clock())
    about = [item for item in result.proven if item.rule.replaces == EVENING]
    assert [item.rule.trigger for item in about] == [TimeTrigger(AT + 40)]
    assert about[0].instead is not None
    [watched] = result.watched
    assert (watched.total.runs, watched.total.undone) == (20, 20)
    assert watched.needs_attention
