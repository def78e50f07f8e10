"""Settings: in steps that people tell apart, and acts of their own or of another."""

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.events import (
    EventLog,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import Action

from . import naive, naive_occasions
from .worlds import BARE, MINUTE, SECOND, facts_of, history_of, instant

TEXTS = {
    "light.lamp": ("on", "off", "unavailable"),
    "light.lamp#brightness": ("40", "42", "45", "44.9", "55", "100", "", "bright"),
    "light.lamp#color_temp": ("2700", "2850", "3000", "nan"),
    "climate.hall#temperature": ("20", "20.5", "21", "inf", "1e400", "1e308", "-3"),
    "climate.hall": ("heat", "off"),
    "media_player.tv#source": ("Radio", "3/4", "12"),
    "light.lamp#effect": ("rainbow",),
    "sensor.room#temperature": ("20",),
}
KNOWN = facts_of(EntityFacts("light.lamp", ""), EntityFacts("media_player.tv", ""))


@st.composite
def set_by_people(draw: st.DrawFn) -> EventLog:
    """Return logs in which things are switched and set within seconds."""
    found: list[Row] = []
    at = instant(0, 715)
    for _ in range(draw(st.integers(0, 30))):
        at += draw(st.sampled_from((0, 1, 1999, 2000, 2001, 60_000, 120_000, 900_000)))
        name = draw(st.sampled_from(sorted(TEXTS)))
        state, origin = draw(st.sampled_from(TEXTS[name])), draw(st.integers(0, 4))
        found.append((at, name, state, origin, draw(st.sampled_from(("", "anna")))))
    return log_of_rows(found)


@given(set_by_people(), st.sampled_from((BARE, KNOWN)))
@settings(max_examples=200)
def test_acts(log: EventLog, facts: HomeFacts) -> None:
    fast = History(log, facts).acts
    slow = naive.Home(log, facts).acts()
    assert {action: acts.t.tolist() for action, acts in fast.items() if len(acts)} == {
        action: [row.t for row in rows] for action, rows in slow.items()
    }


@given(set_by_people())
@settings(max_examples=150)
def test_timelines_are_in_grains_and_numbers_are_not(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    for name in log.entities:
        timeline = history.timeline(name)
        states = [history.states[code] for code in timeline.state]
        assert states == [row.state for row in home.of(name)]
        assert timeline.t.tolist() == [row.t for row in home.of(name)]
        for state in states:
            assert history.states[history.state_code(state)] == state
        measured = history.numbers(name)
        pairs = zip(measured.t.tolist(), measured.value.tolist(), strict=True)
        assert list(pairs) == naive_occasions.numbers(home, name)
        assert np.isfinite(measured.value).all()
    # The log itself is as it was.
    assert [log.states[code] for code in log.state] == [r.state for r in home.raw]


@pytest.mark.parametrize(
    ("name", "text", "snapped"),
    [
        ("light.lamp#brightness", "44.9", "40"),
        ("light.lamp#brightness", "46", "50"),
        ("light.lamp#color_temp", "2840", "2700"),
        ("climate.hall#temperature", "20.3", "20.5"),
        ("climate.hall#temperature", "-0.2", "0"),
        ("climate.hall#temperature", "nan", "nan"),
        ("climate.hall#temperature", "warm", "warm"),
        ("climate.hall#preset", "20.3", "20.3"),
        ("cover.blind#position", "96", "100"),
        ("sensor.room", "20.3", "20.3"),
    ],
)
def test_grains(name: str, text: str, snapped: str) -> None:
    history = history_of([(instant(0, 0), name, text, Origin.USER, "")])
    [code] = history.timeline(name).state
    assert history.states[code] == snapped


@pytest.mark.parametrize(
    ("apart_ms", "alone"),
    [(0, False), (2000, False), (-2000, False), (2001, True), (-2001, True)],
)
def test_what_comes_with_going_on_is_part_of_it(apart_ms: int, alone: bool) -> None:
    """A lamp that is lit dimmed is one act; dimming it later is another."""
    at = instant(0, 1200)
    rows: list[Row] = [
        (at, "light.lamp", "on", Origin.USER, ""),
        (at + apart_ms, "light.lamp#brightness", "40", Origin.USER, ""),
        (at + 60 * MINUTE, "light.lamp", "off", Origin.USER, ""),
    ]
    acts = history_of(rows).acts
    dimmed = acts.get(Action("light.lamp#brightness", "40"))
    assert bool(dimmed is not None and len(dimmed)) == alone
    assert len(acts[Action("light.lamp", "on")]) == 1


def test_a_change_too_small_to_see_is_no_act() -> None:
    at = instant(0, 1200)
    rows: list[Row] = [
        (at + 10 * MINUTE * k, "light.lamp#brightness", text, Origin.USER, "")
        for k, text in enumerate(("40", "42", "38", "60"))
    ]
    acts = history_of(rows).acts
    found = {a.state: acts_.t.tolist() for a, acts_ in acts.items()}
    assert found == {"40": [at], "60": [at + 30 * MINUTE]}


def test_the_same_second_as_another_lamp_is_no_matter() -> None:
    at = instant(0, 1200)
    rows: list[Row] = [
        (at, "light.desk", "on", Origin.USER, ""),
        (at + SECOND, "light.lamp#brightness", "40", Origin.USER, ""),
    ]
    assert len(history_of(rows).acts[Action("light.lamp#brightness", "40")]) == 1
