"""The blueprint, loaded and filled in by Home Assistant, as after its import."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
import shutil
from time import sleep
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation import automations_with_blueprint
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import dump
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.automation_scout.const import (
    ANSWER_ACCEPT,
    ANSWER_DISMISS,
    ANSWER_LATER,
)
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.rules import KINDS

from ..scripted import DOOR, MORNING, Script, result
from .conftest import ZONE, Phone, SetUp
from .test_answers import KEY, said, status

ROOT: Final = Path(__file__).parent.parent.parent
NAME: Final = "automation_scout/notify_suggestions.yaml"
SOURCE: Final = ROOT / "blueprints" / "automation" / NAME

NIGHT: Final = datetime(2026, 11, 11, 3, tzinfo=ZONE)

type Use = Callable[..., Awaitable[ScoutCoordinator]]


@pytest.fixture
async def use(
    hass: HomeAssistant, set_up: SetUp, folder: Path, script: Script
) -> AsyncIterator[Use]:
    """Use the blueprint with inputs, and find a suggestion."""

    async def used(phone: Phone, *, runs: int = 0, **inputs: Any) -> ScoutCoordinator:
        target = folder / "blueprints" / "automation" / NAME
        target.parent.mkdir(parents=True)
        shutil.copy(SOURCE, target)
        automation = {
            "id": "mine",
            "alias": "Mine",
            "use_blueprint": {
                "path": NAME,
                "input": {"phone": phone.device_id, **inputs},
            },
        }
        (folder / "automations.yaml").write_text(dump([automation]))
        scout = await set_up()
        await hass.services.async_call("automation", "reload", blocking=True)
        assert automations_with_blueprint(hass, NAME) == ["automation.mine"]
        assert hass.states.is_state("automation.mine", "on")
        await found(scout, script, runs)
        return scout

    yield used
    for entity_id in hass.states.async_entity_ids("automation"):
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": entity_id}, blocking=True
        )


async def found(scout: ScoutCoordinator, script: Script, runs: int = 0) -> None:
    """Find a suggestion; then so many runs of the automation wait for the morning."""
    script.result = result(DOOR)
    await scout.async_analyze()
    if runs:
        await until_running(scout.hass, runs)
    else:
        await scout.hass.async_block_till_done()


async def until_running(hass: HomeAssistant, runs: int) -> None:
    """Return when so many runs of the automation are under way, and no more."""
    state = None
    for _ in range(50):
        # What waits for the morning must not be waited for, and the loop's own clock
        # stands still.
        await hass.async_add_executor_job(sleep, 0.2)
        state = hass.states.get("automation.mine")
        if state and state.attributes["current"] == runs:
            return
    pytest.fail(f"{state} has not {runs} runs")


async def test_home_assistant_lists_it(
    hass: HomeAssistant,
    folder: Path,
    hass_ws_client: WebSocketGenerator,
    socket_enabled: None,
) -> None:
    target = folder / "blueprints" / "automation" / NAME
    target.parent.mkdir(parents=True)
    shutil.copy(SOURCE, target)
    assert await async_setup_component(hass, "automation", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "blueprint/list", "domain": "automation"})
    answer = (await client.receive_json())["result"][NAME]
    assert answer.keys() == {"metadata"}
    assert answer["metadata"]["source_url"].endswith(f"blueprints/automation/{NAME}")
    inputs = answer["metadata"]["input"]
    assert set(inputs["what"]["input"]["kinds"]["default"]) == set(KINDS)


async def test_each_suggestion_is_sent_with_buttons(
    use: Use, script: Script, phone: Phone
) -> None:
    scout = await use(phone, accept_text="Ja")
    [push] = phone.pushed()
    assert push["title"] == "Turn on Hall light when Front door opens"
    assert "it would have run" in push["message"]
    assert push["data"]["actions"] == [
        {"action": f"{ANSWER_ACCEPT}{KEY}", "title": "Ja"},
        {"action": f"{ANSWER_DISMISS}{KEY}", "title": "Dismiss"},
        {"action": f"{ANSWER_LATER}{KEY}", "title": "Later"},
    ]
    assert push["data"]["url"].startswith("/")
    # What is open already is nothing new.
    await found(scout, script)
    assert len(phone.pushed()) == 1


@pytest.mark.parametrize(
    ("button", "expected"),
    [("Accept", "accepted"), ("Dismiss", "dismissed"), ("Later", "snoozed")],
)
async def test_the_answer_is_done(
    hass: HomeAssistant, use: Use, phone: Phone, button: str, expected: str
) -> None:
    scout = await use(phone)
    await phone.press(button)
    assert await status(scout) == expected
    assert said(hass) == {}
    assert len(hass.states.async_entity_ids("automation")) == 1 + (
        expected == "accepted"
    )


@pytest.mark.parametrize("button", ["Accept", "Dismiss", "Later"])
async def test_who_is_no_administrator_decides_nothing(
    hass: HomeAssistant, use: Use, childs_phone: Phone, button: str
) -> None:
    scout = await use(childs_phone)
    await childs_phone.press(button)
    assert await status(scout) == "open"
    assert hass.states.async_entity_ids("automation") == ["automation.mine"]
    assert "automation_scout_answer" in said(hass)


async def test_only_what_is_wanted_is_sent(use: Use, phone: Phone) -> None:
    await use(phone, min_confidence=95)
    assert phone.pushed() == []


async def test_only_the_wanted_kinds_are_sent(
    use: Use, script: Script, phone: Phone
) -> None:
    scout = await use(phone, kinds=["time"])
    assert phone.pushed() == []
    script.result = result(DOOR, MORNING)
    await scout.async_analyze()
    await scout.hass.async_block_till_done()
    assert [push["title"] for push in phone.pushed()] == [
        "Turn on Desk lamp at 07:00 on weekdays"
    ]


def moved(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, moment: datetime
) -> None:
    freezer.move_to(moment)
    async_fire_time_changed(hass)


@pytest.mark.parametrize("is_decided", [False, True])
async def test_at_night_nothing_is_sent(
    hass: HomeAssistant,
    use: Use,
    phone: Phone,
    freezer: FrozenDateTimeFactory,
    is_decided: bool,
) -> None:
    freezer.move_to(NIGHT)
    scout = await use(phone, runs=1)
    assert phone.pushed() == []
    moved(hass, freezer, NIGHT.replace(hour=7, minute=59))
    await until_running(hass, 1)
    assert phone.pushed() == []
    if is_decided:
        await scout.async_dismiss(KEY, None)
    moved(hass, freezer, NIGHT.replace(hour=8))
    await until_running(hass, 0)
    assert len(phone.pushed()) == (not is_decided)


async def test_all_day_is_all_day(
    use: Use, phone: Phone, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NIGHT)
    await use(phone, not_before="08:00:00", not_after="08:00:00")
    assert len(phone.pushed()) == 1
