"""Found, accepted, overruled, adjusted, and both taken back."""

from random import Random
from typing import Any, Final

from homeassistant.components.automation import EVENT_AUTOMATION_TRIGGERED
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from .conftest import BEFORE, EVENT, LAMP, LEARNT, Home

EVENINGS: Final = 5
"""On which it is overruled."""


async def found(home: Home) -> dict[str, Any]:
    """Return what the analysis makes of the three weeks."""
    await home.analyze()
    [suggestion] = await home.lamp_on(status=["open"])
    return suggestion


def told_of_lamp(news: list[Event[EventStateChangedData]]) -> list[str]:
    """Return what the event entity told of the lamp and its automations, in order."""
    told = [event.data["new_state"] for event in news]
    return [
        state.attributes["event_type"]
        for state in told
        if state
        and state.entity_id == EVENT
        and (
            LAMP in state.attributes.get("entities", [])
            or "automation" in state.attributes
        )
    ]


async def overrule(home: Home, day: int) -> None:
    """Turn the lamp off again at 22:30 and on at about 22:50."""
    late = Random(f"late {day}").uniform(-1.5, 1.5)  # noqa: S311
    await home.daytime(day)
    await home.until(day, 22, 30)
    assert home.state(LAMP) == "on"
    await home.until(day, 22, 32 + late)
    await home.tap(LAMP, "off")
    await home.until(day, 22, 50 + late)
    await home.tap(LAMP, "on")
    await home.until(day, 23, 40 + 5 * late)
    await home.tap(LAMP, "off")


async def accepted_and_overruled(home: Home) -> tuple[str, str]:
    """Accept what was found, and overrule it on five evenings.

    Returns:
        Ids of the suggestion and of its automation.
    """
    triggered = async_capture_events(home.hass, EVENT_AUTOMATION_TRIGGERED)
    suggestion = await found(home)
    assert suggestion["kind"] == "time"
    assert suggestion["automation"]["triggers"] == [
        {"trigger": "time", "at": "22:30:00"}
    ]
    automation = (await home.call("accept", suggestion_id=suggestion["id"]))[
        "entity_id"
    ]
    assert home.told()["event_type"] == "accepted"
    assert home.state(automation) == "on"
    for day in range(LEARNT, LEARNT + EVENINGS):
        triggered.clear()
        await overrule(home, day)
        ours = [event for event in triggered if event.data["entity_id"] == automation]
        assert [event.data["source"] for event in ours] == ["time"]
        assert await home.lamp_on(kind=["adjust"]) == []
    await home.until(LEARNT + EVENINGS, 7, 0)
    await home.analyze()
    told = home.told()
    assert told["event_type"] == "needs_attention"
    assert (told["automation"], told["runs"], told["undone"]) == (automation, 5, 5)
    installed = (await home.suggestion(suggestion["id"]))["installed"]
    assert (installed["runs"], installed["undone"]) == (5, 5)
    return suggestion["id"], automation


async def adjusted(home: Home, old: str) -> tuple[str, str]:
    """Accept the adjustment, and live an evening with it.

    Returns:
        Ids of the suggestion and of its automation.
    """
    [suggestion] = await home.lamp_on(status=["open"])
    assert suggestion["kind"] == "adjust"
    assert suggestion["automation"]["triggers"] == [
        {"trigger": "time", "at": "22:50:00"}
    ]
    evidence = suggestion["evidence"]
    assert (evidence["hits"], evidence["opportunities"]) == (5, 5)
    assert (
        "22:50 instead of 22:30 would have agreed with you 5 of 5 times"
        in (suggestion["rationale"])
    )
    new = (await home.call("accept", suggestion_id=suggestion["id"]))["entity_id"]
    assert (home.state(old), home.state(new)) == ("off", "on")
    day = LEARNT + EVENINGS
    triggered = async_capture_events(home.hass, EVENT_AUTOMATION_TRIGGERED)
    await home.daytime(day)
    await home.until(day, 22, 30)
    assert home.state(LAMP) == "off"
    triggered.clear()
    await home.until(day, 22, 50)
    assert home.state(LAMP) == "on"
    assert [event.data["entity_id"] for event in triggered] == [new]
    await home.until(day, 23, 30)
    await home.tap(LAMP, "off")
    await home.until(day + 1, 7, 0)
    await home.analyze()
    assert (await home.suggestion(suggestion["id"]))["installed"]["runs"] == 1
    assert await home.lamp_on(status=["open"]) == []
    return suggestion["id"], new


async def undone(home: Home, suggestion_id: str) -> None:
    """Take a suggestion back; nothing comes up in its place."""
    answer = await home.call("undo", suggestion_id=suggestion_id)
    assert answer == {"suggestion_id": suggestion_id, "status": "dismissed"}
    assert home.told()["event_type"] == "undone"
    assert home.told()["suggestion_id"] == suggestion_id
    await home.analyze()
    assert await home.lamp_on(status=["open"]) == []


@pytest.mark.parametrize("adjustment_first", [True, False])
async def test_from_a_habit_to_an_adjustment_and_back(
    home: Home, adjustment_first: bool, entity_registry: er.EntityRegistry
) -> None:
    news = async_capture_events(home.hass, EVENT_STATE_CHANGED)
    first, old = await accepted_and_overruled(home)
    second, new = await adjusted(home, old)
    day = LEARNT + EVENINGS + 1

    if adjustment_first:
        await undone(home, second)
        # It is what it was, and so are its people: they have said what they want.
        assert (home.state(old), home.state(new)) == ("on", None)
        await overrule(home, day)
        await home.until(day + 1, 7, 0)
        await undone(home, first)
    else:
        await undone(home, first)
        assert (home.state(old), home.state(new)) == (None, "on")
        await undone(home, second)
    assert home.file.read_text() == BEFORE
    for entity_id in (old, new):
        assert home.state(entity_id) is None
        assert entity_registry.async_get(entity_id) is None

    # The night, and whoever asks in the morning, have nothing more to say of it.
    await home.daytime(day + 1)
    await home.until(day + 2, 7, 0)
    await home.analyze()
    assert await home.lamp_on(status=["open"]) == []
    for suggestion_id in (first, second):
        shown = await home.suggestion(suggestion_id)
        assert (shown["status"], shown["installed"]) == ("dismissed", None)
    # It is turned off about as regularly, so that two things are new at first.
    assert told_of_lamp(news) == [
        "new",
        "new",
        "accepted",
        "new",
        "needs_attention",
        "accepted",
        "undone",
        "undone",
    ]


OWN: Final = """\
- id: mine
  alias: Evening lamp
  triggers: [{trigger: time, at: "22:30:00"}]
  conditions: []
  actions: [{action: light.turn_on, target: {entity_id: light.lamp}}]
"""


async def test_what_a_person_wrote_is_adjusted_and_comes_back(home: Home) -> None:
    home.file.write_text(BEFORE + OWN)
    await home.hass.services.async_call("automation", "reload", blocking=True)
    mine = "automation.evening_lamp"
    for day in range(LEARNT, LEARNT + EVENINGS):
        await overrule(home, day)
    await home.until(LEARNT + EVENINGS, 7, 0)
    await home.analyze()
    told = home.told()
    assert (told["event_type"], told["automation"]) == ("needs_attention", mine)
    second, new = await adjusted(home, mine)
    assert home.file.read_text().startswith(BEFORE + OWN)
    await undone(home, second)
    assert (home.state(mine), home.state(new)) == ("on", None)
    assert home.file.read_text() == BEFORE + OWN


async def test_a_trial_before_it_is_accepted(home: Home) -> None:
    suggestion = await found(home)
    key = suggestion["id"]
    answer = await home.call("accept", suggestion_id=key, trial_days=2)
    assert answer["status"] == "snoozed"
    before = home.hass.states.async_entity_ids("automation")
    for day in (LEARNT, LEARNT + 1):
        await home.daytime(day)
        await home.until(day, 22, 30)
        assert home.state(LAMP) == "off"
        if day == LEARNT:
            await home.until(day, 22, 33)
            await home.tap(LAMP, "on")
            await home.until(day, 23, 40)
            await home.tap(LAMP, "off")
        assert home.file.read_text() == BEFORE
        assert (await home.suggestion(key))["status"] == "snoozed"
    assert home.hass.states.async_entity_ids("automation") == before

    # The night before its end, and the one after it.
    await home.until(LEARNT + 2, 6, 0)
    assert (await home.suggestion(key))["status"] == "snoozed"
    await home.daytime(LEARNT + 2)
    await home.until(LEARNT + 3, 6, 0)
    assert home.told()["event_type"] == "needs_attention"
    assert (home.told()["suggestion_id"], home.told()["reason"]) == (key, "trial_over")
    suggestion = await home.suggestion(key)
    assert suggestion["status"] == "open"
    assert suggestion["rationale"].endswith(
        "On trial for 2 days, it would have run 2 times: 1 of them you did it yourself,"
        " 1 time you did not; 0 times it would have missed."
    )

    accepted = (await home.call("accept", suggestion_id=key))["entity_id"]
    await home.daytime(LEARNT + 3)
    await home.until(LEARNT + 3, 22, 30)
    assert home.state(LAMP) == "on"
    await home.call("undo", suggestion_id=key)
    assert home.state(accepted) is None
    assert home.file.read_text() == BEFORE
