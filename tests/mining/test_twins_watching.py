"""Watching agrees with its slow twin."""

from hypothesis import given, strategies as st
import numpy as np

from custom_components.automation_scout.mining.events import Row, log_of_rows
from custom_components.automation_scout.mining.facts import (
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    TimeTrigger,
)
from custom_components.automation_scout.mining.watching import (
    FAR_MS,
    NEAR_MS,
    WEEKS,
    late_ms,
    runs_of,
    watch,
)

from . import naive_watching
from .strategies import instants
from .worlds import DAY, SECOND, ZONE, columns_of, instant

NAMES = ("automation.a", "automation.b")
STATES = {
    "light.lamp": ("on", "off", "unavailable"),
    "light.desk": ("on", "off"),
    "binary_sensor.door": ("on", "off"),
}
BUSY = (*("light.lamp",) * 4, "light.desk", "binary_sensor.door")
STEPS_S = (0, 1, 60, 60, 61, 600, 600, 600, 601)
TARGETS = (
    frozenset[tuple[str, str]](),
    frozenset({("light.lamp", "on")}),
    frozenset({("light.lamp", "on"), ("light.desk", "off")}),
)


@st.composite
def pasts(draw: st.DrawFn) -> list[Row]:
    """Return days on which automations and people switch the same few things."""
    found: list[Row] = []
    for day in draw(st.lists(st.integers(0, 70), min_size=1, max_size=4, unique=True)):
        at = instant(day, 1200)
        for _ in range(draw(st.integers(1, 8))):
            at += draw(st.sampled_from(STEPS_S)) * SECOND
            entity_id = draw(st.sampled_from(BUSY))
            state = draw(st.sampled_from(STATES[entity_id]))
            origin, actor = draw(
                st.sampled_from(
                    (
                        *((Origin.AUTOMATION, "automation.a"),) * 4,
                        *((Origin.USER, "anna"),) * 3,
                        (Origin.OWN, "automation.b"),
                        (Origin.AUTOMATION, "nodered"),
                        (Origin.SCRIPT, "script.film"),
                        (Origin.USER, "robot"),
                        (Origin.PHYSICAL, ""),
                        (Origin.UNKNOWN, ""),
                        (Origin.SYSTEM, ""),
                    )
                )
            )
            found.append((at, entity_id, state, int(origin), actor))
            if draw(st.booleans()):
                run = (
                    at + SECOND,
                    "light.lamp",
                    "on",
                    int(Origin.AUTOMATION),
                    NAMES[0],
                )
                at += draw(st.sampled_from((2, 600, 601, 602))) * SECOND
                who = draw(st.sampled_from(("anna", "anna", "robot")))
                found += [run, (at, "light.lamp", "off", int(Origin.USER), who)]
    return found


def home(targets: tuple[frozenset[tuple[str, str]], ...]) -> HomeFacts:
    """Return a home with automations that name what they act on, or nothing."""
    automations = tuple(
        ExistingAutomation(name, name, True, targets=named)
        for name, named in zip(NAMES, targets, strict=True)
    )
    wary = frozenset({"robot"})
    return HomeFacts(ZONE, automations=automations, excluded_users=wary)


@given(pasts(), st.tuples(st.sampled_from(TARGETS), st.sampled_from(TARGETS)))
def test_runs(rows: list[Row], targets: tuple[frozenset[tuple[str, str]], ...]) -> None:
    facts = home(targets)
    log = log_of_rows(rows)
    found = runs_of(History(log, facts))
    expected = naive_watching.runs_of(
        columns_of(log),
        dict(zip(NAMES, targets, strict=True)),
        frozenset({"light.lamp", "light.desk"}),
        facts.excluded_users,
    )
    assert {
        name: list(
            zip(
                runs.t.tolist(),
                runs.changes.tolist(),
                runs.undone_ms.tolist(),
                runs.kept.tolist(),
                strict=True,
            )
        )
        for name, runs in found.items()
    } == expected


@given(pasts())
def test_counts_add_up(rows: list[Row]) -> None:
    history = History(log_of_rows(rows), home((TARGETS[1], TARGETS[0])))
    runs = runs_of(history)
    for item in watch(history, runs):
        mine = runs[item.entity_id]
        assert item.total.runs == len(mine)
        assert item.total.undone == int(mine.undone.sum())
        assert item.total.saved == int(mine.kept.sum())
        assert item.is_own is (item.entity_id == "automation.b")
        assert item.recent.runs == sum(week.runs for week in item.weeks[:4])
        if history.span[1] - item.since_ms < 7 * DAY * WEEKS:
            for name in ("runs", "undone", "by_hand", "saved"):
                assert getattr(item.total, name) == sum(
                    getattr(week, name) for week in item.weeks
                )


@given(
    instants(),
    st.integers(0, 1439),
    st.sampled_from((ALL_DAYS, WEEKDAYS, (6,))),
)
def test_how_late_it_is(times: list[int], minute: int, days: tuple[int, ...]) -> None:
    trigger = TimeTrigger(minute, days)
    history = History(log_of_rows([]), HomeFacts(ZONE))
    first = 20_465
    dues = {
        day: int(history.clock.instants(np.array([day]), minute)[0])
        for day in range(first - 3, first + 16)
    }
    found = late_ms(history, trigger, np.array(times, np.int64))
    for t, late in zip(times, found.tolist(), strict=True):
        expected = naive_watching.late_ms(trigger, dues, t)
        half_way = abs(abs(late) - DAY // 2) <= SECOND
        assert late == expected or half_way
    assert FAR_MS > NEAR_MS
