"""The automations of suggestions, tested: written, read again, and replayed."""

from random import Random
from typing import Final

from homeassistant.core import HomeAssistant
import pytest

from custom_components.automation_scout.home_facts.plans import plan_of
from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.backtest.engine import backtest
from custom_components.automation_scout.mining.backtest.outcome import Outcome
from custom_components.automation_scout.mining.events import Row, log_of_rows
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    WEEKDAYS,
    Action,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    TimeTrigger,
    WindowCondition,
)

from ..mining.worlds import BARE, instant
from .views import view_of

LAMP: Final = Action("light.lamp", "on")
STATES: Final = {
    "light.lamp": ("on", "off"),
    "light.desk": ("on", "off"),
    "binary_sensor.motion": ("on", "off"),
    "binary_sensor.door": ("on", "off"),
    "climate.hall#temperature": ("19", "20.5"),
    "sensor.room": ("19", "20", "21", "22.5"),
}

RECORDED: Final = frozenset(name.partition("#")[0] for name in STATES)


def a_past(seed: int) -> History:
    """Return weeks in which all sorts of things happen around noon."""
    random = Random(seed)  # noqa: S311 - a script, no secret
    rows: list[Row] = []
    for day in range(28):
        at = instant(day, 660)
        before: dict[str, str] = {}
        for _ in range(40):
            at += random.randrange(5_000, 200_000)
            name = random.choice(list(STATES))
            states = [state for state in STATES[name] if state != before.get(name)]
            before[name] = random.choice(states)
            people = name.startswith(("light", "climate"))
            origin = Origin.USER if people else Origin.REPORT
            rows.append((at, name, before[name], origin, "anna" if people else ""))
    return History(log_of_rows(rows), BARE)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(TimeTrigger(720), LAMP, 900),
        Rule(TimeTrigger(700, WEEKDAYS), LAMP, 1200),
        Rule(StateTrigger("binary_sensor.motion", "on"), LAMP, 60),
        Rule(StateTrigger("binary_sensor.motion", "off", 120), LAMP, 300),
        Rule(StateTrigger("binary_sensor.door", "on", quiet_s=600), LAMP, 300),
        Rule(StateTrigger("light.desk", "on"), LAMP, 120),
        Rule(NumericTrigger("sensor.room", Side.ABOVE, 20.5), LAMP, 300),
        Rule(NumericTrigger("sensor.room", Side.BELOW, 21, 120), LAMP, 300),
        Rule(
            StateTrigger("binary_sensor.motion", "on"),
            LAMP,
            300,
            (
                WindowCondition(690, 750),
                StateCondition("light.desk", "on"),
                NumericCondition("sensor.room", Side.BELOW, 22),
            ),
        ),
        Rule(
            StateTrigger("binary_sensor.motion", "on"),
            Action("climate.hall#temperature", "20.5"),
            300,
        ),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_counts_are_those_of_the_suggestion(
    hass: HomeAssistant, rule: Rule, seed: int
) -> None:
    """While no sensor is out: what it crossed meanwhile the automation leaves out."""
    history = a_past(seed)
    config = automation_config(rule, "It", "It.")
    planned = plan_of(view_of(hass), config, RECORDED)
    assert planned.unsupported == ()
    found = backtest(history, planned.plan, window_s=rule.window_s)
    expected = replay(history, rule)
    assert len(expected.fired) > 5
    wrong = found.opportunities - found.count(Outcome.HIT)
    assert (found.count(Outcome.HIT), wrong) == (expected.hits, expected.wrong)


def test_a_lamp_that_is_on_is_not_dimmed(hass: HomeAssistant) -> None:
    """It looks first, and so it does not run where nothing is left to do."""
    dimmed = Rule(TimeTrigger(720), LAMP, 900, values=(("brightness", 40.0),))
    plain = Rule(TimeTrigger(720), LAMP, 900)
    history = a_past(1)
    careful, other = (
        backtest(
            history,
            plan_of(view_of(hass), automation_config(rule, "It", "It."), RECORDED).plan,
            window_s=900,
        )
        for rule in (dimmed, plain)
    )
    assert len(careful.t) < len(other.t) == 28
