"""Actions by whoever calls them: people, scripts, and what the interface offers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers.selector import validate_selector
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockUser

import custom_components.automation_scout
from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator

from .scripted import DOOR, MORNING, Script, result

type Ask = Callable[[str, Mapping[str, Any], Context], Awaitable[Any]]

KEY: Final = MORNING.rule.key
FOR_ADMINISTRATORS: Final[dict[str, dict[str, Any]]] = {
    "analyze": {},
    "accept": {"suggestion_id": KEY},
    "dismiss": {"suggestion_id": KEY},
    "snooze": {"suggestion_id": KEY, "days": 7},
    "restore": {"suggestion_id": KEY},
    "undo": {"suggestion_id": KEY},
    "refine": {"suggestion_id": KEY, "changes": {"trigger": {"at": "08:00"}}},
    "forget": {"entity_id": "light.desk"},
    "preview_prompt": {"suggestion_id": KEY},
}
FOR_EVERYBODY: Final[dict[str, dict[str, Any]]] = {
    "list_suggestions": {},
    "backtest": {"automation": {"triggers": [{"trigger": "time", "at": "07:00"}]}},
}


@pytest.fixture
async def found(scout: ScoutCoordinator, script: Script) -> ScoutCoordinator:
    """Have two suggestions open."""
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    return scout


async def who(hass: HomeAssistant, group_id: str) -> Context:
    group = await hass.auth.async_get_group(group_id)
    assert group
    return Context(user_id=MockUser(groups=[group]).add_to_hass(hass).id)


@pytest.fixture
async def ask(hass: HomeAssistant, found: ScoutCoordinator) -> Ask:
    """Have a script that passes on what it is asked, and says it in a template."""
    sequence = [
        {
            "action": "{{ action }}",
            "data": "{{ given }}",
            "response_variable": "answer",
        },
        {"variables": {"told": {"answer": "{{ answer }}"}}},
        {"stop": "Done", "response_variable": "told"},
    ]
    config = {"script": {"ask": {"mode": "parallel", "sequence": sequence}}}
    assert await async_setup_component(hass, "script", config)

    async def asked(action: str, given: Mapping[str, Any], context: Context) -> Any:
        told: Any = await hass.services.async_call(
            "script",
            "ask",
            {"action": f"{DOMAIN}.{action}", "given": given},
            blocking=True,
            return_response=True,
            context=context,
        )
        return told["answer"]

    return asked


@pytest.mark.usefixtures("scout")
def test_every_action_is_for_somebody(hass: HomeAssistant) -> None:
    there = set(hass.services.async_services_for_domain(DOMAIN))
    assert there == FOR_ADMINISTRATORS.keys() | FOR_EVERYBODY.keys()
    assert not FOR_ADMINISTRATORS.keys() & FOR_EVERYBODY.keys()


@pytest.mark.parametrize("action", FOR_ADMINISTRATORS)
async def test_a_script_gives_nobody_more_rights(
    hass: HomeAssistant, found: ScoutCoordinator, ask: Ask, action: str
) -> None:
    guest, before = await who(hass, GROUP_ID_USER), await found.async_list()
    with pytest.raises(Unauthorized):
        await ask(action, FOR_ADMINISTRATORS[action], guest)
    assert await found.async_list() == before


async def press(hass: HomeAssistant, context: Context) -> None:
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": "button.automation_scout_analyze"},
        blocking=True,
        context=context,
    )


async def test_the_button_gives_nobody_more_rights(
    hass: HomeAssistant, found: ScoutCoordinator
) -> None:
    """Not beside an administrator's press either."""
    guest, admin = await who(hass, GROUP_ID_USER), await who(hass, GROUP_ID_ADMIN)
    before = await found.async_runs(5)
    with pytest.raises(Unauthorized):
        await press(hass, guest)
    assert await found.async_runs(5) == before
    done = await asyncio.gather(
        press(hass, admin), press(hass, guest), return_exceptions=True
    )
    assert done[0] is None
    assert isinstance(done[1], Unauthorized)
    await press(hass, Context())
    assert len(await found.async_runs(5)) == len(before) + 2


@pytest.mark.parametrize(
    ("action", "said"), [("list_suggestions", "suggestions"), ("backtest", "precision")]
)
async def test_everybody_may_look(
    hass: HomeAssistant, ask: Ask, action: str, said: str
) -> None:
    guest = await who(hass, GROUP_ID_USER)
    assert said in await ask(action, FOR_EVERYBODY[action], guest)


@pytest.mark.parametrize("group_id", [GROUP_ID_ADMIN, None])
async def test_administrators_and_automations_are_answered(
    hass: HomeAssistant, ask: Ask, group_id: str | None
) -> None:
    context = await who(hass, group_id) if group_id else Context()
    answer = await ask("list_suggestions", {"kind": "state"}, context)
    [door] = answer["suggestions"]
    assert door["automation"]["triggers"][0]["entity_id"] == "binary_sensor.door"
    given = {"suggestion_id": door["id"], "reason": "wrong"}
    assert await ask("dismiss", given, context) == {
        "suggestion_id": door["id"],
        "status": "dismissed",
    }
    assert (await ask("analyze", {}, context))["open"] == 1


def test_the_interface_has_a_field_for_everything() -> None:
    folder = Path(custom_components.automation_scout.__file__).parent
    described = load_yaml_dict(str(folder / "services.yaml"))
    assert described.keys() == FOR_ADMINISTRATORS.keys() | FOR_EVERYBODY.keys()
    for name, one in described.items():
        for key, shown in (one.get("fields") or {}).items():
            assert validate_selector(shown["selector"]), (name, key)
