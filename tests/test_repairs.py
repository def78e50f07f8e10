"""Repair issues, seen over the WebSocket and mended over HTTP, as in the interface."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.automation_scout.acceptance import Acceptance
from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.result import Machine, Safety, Tier
from custom_components.automation_scout.mining.watched import Counts, Watched
from custom_components.automation_scout.repairs import (
    MachineUser,
    NotRecorded,
    Overruled,
    TryAgain,
    _Repair,
)

from .scripted import DOOR, FACTS, MORNING, Script, result

KEY: Final = DOOR.rule.key
AUTOMATION: Final = "automation.turn_on_hall_light_when_front_door_opens"
BRIDGE: Final = Machine("bridge", True, 0.42, 21, 63)


class Repairs:
    """The page of the repairs, without its looks."""

    def __init__(self, hass: HomeAssistant, http: Any, socket: Any) -> None:
        self._hass = hass
        self._http = http
        self._socket = socket

    async def listed(self) -> dict[str, dict[str, Any]]:
        """Return our issues that are shown and not ignored, by id."""
        await self._socket.send_json_auto_id({"type": "repairs/list_issues"})
        answer = await self._socket.receive_json()
        return {
            issue["issue_id"]: issue
            for issue in answer["result"]["issues"]
            if issue["domain"] == DOMAIN and not issue["ignored"]
        }

    async def open(self, issue_id: str) -> dict[str, Any]:
        """Begin to mend an issue; what is shown has all its texts."""
        return await self._post(
            "/api/repairs/issues/fix", {"handler": DOMAIN, "issue_id": issue_id}
        )

    async def go_on(self, flow: dict[str, Any], **chosen: str) -> dict[str, Any]:
        return await self._post(f"/api/repairs/issues/fix/{flow['flow_id']}", chosen)

    async def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        response = await self._http.post(path, json=body)
        assert response.status == 200, await response.text()
        step: dict[str, Any] = await response.json()
        await self._hass.async_block_till_done(wait_background_tasks=True)
        return step


@pytest.fixture
def recorder_config() -> dict[str, Any]:
    """Leave the porch and the door out; keep all for long."""
    return {
        "exclude": {"entities": ["light.porch", "binary_sensor.door"]},
        "purge_keep_days": 30,
    }


@pytest.fixture(autouse=True)
def recorded(recorder_config: dict[str, Any], recorder_mock: Recorder) -> None:
    """Have a recorder before there is anything else."""


@pytest.fixture
def file(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Have a folder in which automations.yaml is included."""
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "configuration.yaml").write_text("automation: !include automations.yaml")
    (folder / "automations.yaml").write_text("[]\n")
    hass.config.config_dir = str(folder)
    return folder / "automations.yaml"


@pytest.fixture
async def home(
    hass: HomeAssistant,
    file: Path,
    script: Script,
    entry: MockConfigEntry,
) -> AsyncIterator[Script]:
    """Have the integration, the repairs, a recorder and automations."""
    for entity_id in FACTS.entities:
        hass.states.async_set(entity_id, "off")
    hass.services.async_register("light", "turn_on", lambda _call: None)
    for component in ("websocket_api", "repairs", "automation"):
        assert await async_setup_component(hass, component, {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield script
    for entity_id in hass.states.async_entity_ids("automation"):
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": entity_id}, blocking=True
        )


@pytest.fixture
async def repairs(
    socket_enabled: None,
    hass: HomeAssistant,
    home: Script,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> Repairs:
    """Open the page of the repairs."""
    return Repairs(hass, await hass_client(), await hass_ws_client(hass))


type Analyze = Callable[..., Awaitable[None]]


@pytest.fixture
def analyze(hass: HomeAssistant, home: Script, entry: MockConfigEntry) -> Analyze:
    """Analyse with what is found, what is seen and who acts like a machine."""

    async def done(
        *found: Any,
        machines: tuple[Machine, ...] = (),
        watched: tuple[Watched, ...] = (),
    ) -> None:
        home.result = replace(result(*found), machines=machines, watched=watched)
        coordinator: ScoutCoordinator = entry.runtime_data
        answer = await coordinator.async_analyze()
        assert answer["errors"] == []

    return done


async def test_nothing_is_wrong(analyze: Analyze, repairs: Repairs) -> None:
    await analyze(MORNING)
    assert await repairs.listed() == {}


@pytest.fixture
def bridge(hass: HomeAssistant) -> MockUser:
    return MockUser(id="bridge", name="Node-RED").add_to_hass(hass)


async def test_a_machine_user_is_excluded(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    home: Script,
    entry: MockConfigEntry,
    bridge: MockUser,
) -> None:
    before = entry.runtime_data
    await analyze(machines=(BRIDGE,))
    [issue_id] = await repairs.listed()
    assert issue_id == "machine_user_bridge"
    menu = await repairs.open(issue_id)
    assert menu["type"] == "menu"
    assert menu["menu_options"] == ["exclude", "person"]
    assert menu["description_placeholders"] == {
        "name": "Node-RED",
        # A title is no Markdown, what stands below it is.
        "account": r"Node\-RED",
        "days": "21",
        "acts": "63",
        "spread": "0.4",
    }
    done = await repairs.go_on(menu, next_step_id="exclude")
    assert done["type"] == "create_entry"
    assert await repairs.listed() == {}
    assert entry.options["scope"]["exclude_users"] == ["bridge"]
    assert entry.runtime_data is not before
    await analyze(machines=(BRIDGE,))
    assert home.users[-1] == {"bridge"}
    assert await repairs.listed() == {}


async def test_a_machine_user_is_a_person_after_all(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
    bridge: MockUser,
) -> None:
    hass.config_entries.async_update_entry(
        entry,
        options={
            "schedule": {"run_at": "04:30:00", "retention_days": 90},
            "scope": {"exclude_entities": ["light.hall"]},
        },
    )
    await analyze(machines=(BRIDGE,))
    menu = await repairs.open("machine_user_bridge")
    await repairs.go_on(menu, next_step_id="person")
    assert await repairs.listed() == {}
    assert entry.options == {
        "schedule": {"run_at": "04:30:00", "retention_days": 90},
        "scope": {"exclude_entities": ["light.hall"], "people": ["bridge"]},
    }
    assert entry.runtime_data.options.scope["people"] == ["bridge"]


async def test_other_machines_are_nobodys_business(
    analyze: Analyze, repairs: Repairs, bridge: MockUser
) -> None:
    schedule = Machine("climate.study", False, 1.0, 14, 28)
    partly = replace(BRIDGE, is_user=False)
    gone = replace(BRIDGE, name="who was deleted")
    await analyze(machines=(schedule, partly, gone))
    assert await repairs.listed() == {}


async def test_an_issue_goes_when_it_is_mended_and_a_look_at_some_days_leaves_it(
    analyze: Analyze, repairs: Repairs, entry: MockConfigEntry, bridge: MockUser
) -> None:
    await analyze(machines=(BRIDGE,))
    await entry.runtime_data.async_analyze(days=3)
    assert set(await repairs.listed()) == {"machine_user_bridge"}
    await analyze()
    assert await repairs.listed() == {}


async def test_what_is_ignored_stays_so_until_it_is_mended(
    hass: HomeAssistant, analyze: Analyze, repairs: Repairs, bridge: MockUser
) -> None:
    await analyze(machines=(BRIDGE,))
    ir.async_ignore_issue(hass, DOMAIN, "machine_user_bridge", True)
    await analyze(machines=(BRIDGE,))
    assert await repairs.listed() == {}
    await analyze()
    await analyze(machines=(BRIDGE,))
    assert set(await repairs.listed()) == {"machine_user_bridge"}


async def test_what_is_not_recorded_is_named_and_left_out(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
) -> None:
    hass.config_entries.async_update_entry(
        entry, options={"scope": {"include_entities": ["light.porch", "light.desk"]}}
    )
    assert await hass.config_entries.async_reload(entry.entry_id)
    await analyze(DOOR, MORNING)
    [(issue_id, issue)] = (await repairs.listed()).items()
    assert issue["translation_key"] == "not_recorded"
    assert issue["learn_more_url"].startswith("https://www.home-assistant.io/")
    menu = await repairs.open(issue_id)
    assert menu["description_placeholders"]["entities"] == (
        "- `binary_sensor.door`\n- `light.porch`"
    )
    await repairs.go_on(menu, next_step_id="leave_out")
    assert entry.options["scope"] == {
        "include_entities": ["light.porch", "light.desk"],
        "exclude_entities": ["binary_sensor.door", "light.porch"],
    }
    assert await repairs.listed() == {}
    await analyze(DOOR)
    assert await repairs.listed() == {}


async def test_what_is_not_recorded_may_stay_so(
    hass: HomeAssistant, analyze: Analyze, repairs: Repairs, entry: MockConfigEntry
) -> None:
    await analyze(DOOR)
    [issue_id] = await repairs.listed()
    menu = await repairs.open(issue_id)
    left = await repairs.go_on(menu, next_step_id="ignore")
    assert (left["type"], left["reason"]) == ("abort", "ignored")
    await analyze(DOOR)
    assert await repairs.listed() == {}
    assert entry.options == {}


async def test_what_is_not_recorded_later_is_said_though_others_are_ignored(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
) -> None:
    """One issue for all, and none for fewer than were ignored."""
    await analyze(DOOR)
    [first] = await repairs.listed()
    ir.async_ignore_issue(hass, DOMAIN, first, True)

    async def chosen(*entity_ids: str) -> list[str]:
        hass.config_entries.async_update_entry(
            entry, options={"scope": {"include_entities": list(entity_ids)}}
        )
        assert await hass.config_entries.async_reload(entry.entry_id)
        await analyze(DOOR)
        return list(await repairs.listed())

    [both] = await chosen("light.porch")
    menu = await repairs.open(both)
    assert menu["description_placeholders"]["entities"] == (
        "- `binary_sensor.door`\n- `light.porch`"
    )
    await repairs.go_on(menu, next_step_id="ignore")
    assert await chosen() == []
    assert await chosen("light.porch") == []
    ours = [key for key in ir.async_get(hass).issues if key[0] == DOMAIN]
    assert ours == [(DOMAIN, both)]


@pytest.mark.parametrize(
    ("recorder_config", "is_short"),
    [
        ({"purge_keep_days": 9}, True),
        ({"purge_keep_days": 9, "auto_purge": False}, False),
        ({}, False),
    ],
)
async def test_a_recorder_that_forgets_soon_is_said_while_it_matters(
    analyze: Analyze, repairs: Repairs, is_short: bool
) -> None:
    await analyze(MORNING)
    found = await repairs.listed()
    assert set(found) == ({"history_short"} if is_short else set())
    if is_short:
        issue = found["history_short"]
        assert issue["translation_placeholders"] == {"days": "9", "archived": "1"}
        assert not issue["is_fixable"]
        with patch(
            "custom_components.automation_scout.troubles.ENOUGH_ARCHIVED_DAYS", 1
        ):
            await analyze(MORNING)
        assert await repairs.listed() == {}


def overruled(undone: int = 6) -> Watched:
    counts = Counts(10, undone, 2, 4)
    return Watched(AUTOMATION, True, 0, counts, counts, (counts,))


@pytest.fixture
async def accepted(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
    recorder_config: dict[str, Any],
) -> Repairs:
    """Have an automation set up that people keep undoing."""
    await analyze(DOOR)
    answer = await entry.runtime_data.acceptance.async_accept(KEY)
    assert answer["entity_id"] == AUTOMATION
    await analyze(watched=(overruled(),))
    return repairs


OVERRULED: Final = f"overruled_{KEY}"


def edited(file: Path) -> str:
    """Do what a person does in the editor; return what stood there before."""
    before = file.read_text()
    file.write_text(before.replace("mode: ", "max_exceeded: silent\n  mode: "))
    return before


def included(file: Path, *, is_so: bool = True) -> None:
    """Have the automations of the file loaded, or not."""
    loaded = "!include automations.yaml" if is_so else "[]"
    file.with_name("configuration.yaml").write_text(f"automation: {loaded}\n")


async def test_what_people_keep_undoing_is_undone(
    hass: HomeAssistant, accepted: Repairs, entry: MockConfigEntry, file: Path
) -> None:
    menu = await accepted.open(OVERRULED)
    assert menu["menu_options"] == ["undo", "ignore"]
    assert menu["description_placeholders"] == {
        "name": "Turn on Hall light when Front door opens",
        "runs": "10",
        "undone": "6",
    }
    done = await accepted.go_on(menu, next_step_id="undo")
    assert done["type"] == "create_entry"
    assert hass.states.get(AUTOMATION) is None
    assert edited(file) == "[]\n"
    assert OVERRULED not in await accepted.listed()
    [suggestion] = await entry.runtime_data.async_list()
    assert suggestion["status"] == "dismissed"


async def test_what_people_keep_undoing_may_stay(
    hass: HomeAssistant, accepted: Repairs, analyze: Analyze
) -> None:
    menu = await accepted.open(OVERRULED)
    left = await accepted.go_on(menu, next_step_id="ignore")
    assert left["reason"] == "ignored"
    assert hass.states.is_state(AUTOMATION, "on")
    await analyze(watched=(overruled(),))
    assert OVERRULED not in await accepted.listed()


async def test_why_it_was_not_undone_is_text(
    accepted: Repairs, entry: MockConfigEntry
) -> None:
    menu = await accepted.open(OVERRULED)
    with patch.object(
        Acceptance, "async_undo", side_effect=HomeAssistantError("see [x](y)")
    ):
        left = await accepted.go_on(menu, next_step_id="undo")
    assert left["reason"] == "failed"
    assert left["description_placeholders"]["error"] == r"see \[x\]\(y\)"


async def test_what_a_person_changed_is_asked_about_once_more(
    hass: HomeAssistant, accepted: Repairs, file: Path
) -> None:
    assert "mode: " in edited(file)
    menu = await accepted.open(OVERRULED)
    form = await accepted.go_on(menu, next_step_id="undo")
    assert (form["type"], form["step_id"]) == ("form", "force")
    assert hass.states.is_state(AUTOMATION, "on")
    done = await accepted.go_on(form)
    assert done["type"] == "create_entry"
    assert hass.states.get(AUTOMATION) is None


@pytest.mark.parametrize("undone", [0, 3])
async def test_what_got_better_is_no_issue(
    accepted: Repairs, analyze: Analyze, undone: int
) -> None:
    assert OVERRULED in await accepted.listed()
    await analyze(watched=(overruled(undone),))
    assert OVERRULED not in await accepted.listed()


async def test_what_is_turned_off_is_no_issue(
    hass: HomeAssistant, accepted: Repairs, analyze: Analyze
) -> None:
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": AUTOMATION}, blocking=True
    )
    await analyze(watched=(overruled(),))
    assert OVERRULED not in await accepted.listed()


async def refused(entry: MockConfigEntry, file: Path, **wish: Any) -> str:
    """Accept where automations.yaml is not included; return the id of the issue."""
    included(file, is_so=False)
    with pytest.raises(HomeAssistantError):
        await entry.runtime_data.acceptance.async_accept(KEY, **wish)
    return f"install_{DOMAIN}_{KEY}"


@pytest.mark.parametrize("is_enabled", [True, False])
async def test_what_was_not_included_is_set_up_as_it_was_asked_for(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
    file: Path,
    is_enabled: bool,
) -> None:
    await analyze(DOOR)
    issue_id = await refused(entry, file, enabled=is_enabled, alias="My hall")
    assert (await repairs.listed())[issue_id]["is_fixable"]
    form = await repairs.open(issue_id)
    assert (form["type"], form["step_id"]) == ("form", "confirm")
    again = await repairs.go_on(form)
    assert again["errors"] == {"base": "failed"}
    assert "automations.yaml" in again["description_placeholders"]["error"]
    assert issue_id in await repairs.listed()

    included(file)
    done = await repairs.go_on(again)
    assert done["type"] == "create_entry"
    assert issue_id not in await repairs.listed()
    assert hass.states.is_state("automation.my_hall", "on" if is_enabled else "off")


async def test_what_asks_for_a_confirmation_asks_for_it_again(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
    file: Path,
) -> None:
    """Another person may stand before it, or the home be another one."""
    await analyze(replace(DOOR, safety=Safety(Tier.CONFIRM, ("siren",))))
    issue_id = await refused(entry, file, confirm=True)
    included(file)
    form = await repairs.open(issue_id)
    sure = await repairs.go_on(form)
    assert (sure["type"], sure["step_id"], sure["errors"]) == ("form", "sure", None)
    told = sure["description_placeholders"]
    assert "light.hall" in told["yaml"]
    assert told["reasons"] == "It concerns a siren\\."
    assert hass.states.get(AUTOMATION) is None
    included(file, is_so=False)
    again = await repairs.go_on(sure)
    assert (again["step_id"], again["errors"]) == ("sure", {"base": "failed"})
    included(file)
    assert (await repairs.go_on(again))["type"] == "create_entry"
    assert hass.states.is_state(AUTOMATION, "on")


@pytest.mark.parametrize("alias", [None, "My hall"])
async def test_what_was_agreed_to_is_what_is_set_up(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
    file: Path,
    alias: str | None,
) -> None:
    """A suggestion that has changed since is shown as it is now."""
    await analyze(replace(DOOR, safety=Safety(Tier.CONFIRM, ("siren",))))
    wish = {"alias": alias} if alias else {}
    issue_id = await refused(entry, file, confirm=True, **wish)
    refining = entry.runtime_data.refining
    await refining.async_refine(KEY, {"trigger": {"at": "03:15"}})
    included(file)
    form = await repairs.open(issue_id)
    assert "03:15:00" in form["description_placeholders"]["yaml"]
    await refining.async_refine(KEY, {"trigger": {"at": "04:45"}})
    again = await repairs.go_on(form)
    assert (again["step_id"], again["errors"]) == ("confirm", None)
    assert "04:45:00" in again["description_placeholders"]["yaml"]
    done = await repairs.go_on(again)
    if done["type"] == "form":
        done = await repairs.go_on(done)
    assert done["type"] == "create_entry"
    [made] = [s for s in hass.states.async_all("automation") if s.state == "on"]
    assert made.name == (alias or "Turn on Hall light at 04:45 every day")


async def test_what_is_set_up_in_it_shows_that_it_is_included(
    analyze: Analyze, repairs: Repairs, entry: MockConfigEntry, file: Path
) -> None:
    await analyze(DOOR, MORNING)
    issue_id = await refused(entry, file)
    included(file)
    await entry.runtime_data.acceptance.async_accept(MORNING.rule.key)
    assert issue_id not in await repairs.listed()


async def test_what_is_not_wanted_any_more_needs_no_repair(
    analyze: Analyze, repairs: Repairs, entry: MockConfigEntry, file: Path
) -> None:
    await analyze(DOOR)
    issue_id = await refused(entry, file)
    await analyze(DOOR)
    assert issue_id in await repairs.listed()
    await entry.runtime_data.async_dismiss(KEY, None)
    await analyze(DOOR)
    assert issue_id not in await repairs.listed()


async def test_a_flow_says_that_the_integration_is_not_loaded(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
    bridge: MockUser,
) -> None:
    await analyze(DOOR, machines=(BRIDGE,))
    menu = await repairs.open("machine_user_bridge")
    assert await hass.config_entries.async_unload(entry.entry_id)
    left = await repairs.go_on(menu, next_step_id="exclude")
    assert (left["type"], left["reason"]) == ("abort", "not_loaded")
    listed = await repairs.listed()
    assert len(listed) == 2
    for issue_id in listed:
        left = await repairs.open(issue_id)
        assert (left["type"], left["reason"]) == ("abort", "not_loaded")
    assert (await repairs.listed()).keys() == listed.keys()


async def test_a_damaged_store_is_read_about_and_forgotten(
    repairs: Repairs, entry: MockConfigEntry
) -> None:
    keeper = entry.runtime_data.keeper
    assert await keeper.replace(keeper.stores)
    form = await repairs.open("store_set_aside")
    assert form["step_id"] == "confirm"
    assert "damaged-" in form["description_placeholders"]["file"]
    assert (await repairs.go_on(form))["type"] == "create_entry"
    assert await repairs.listed() == {}


async def test_removing_the_integration_takes_its_issues_along(
    hass: HomeAssistant,
    analyze: Analyze,
    repairs: Repairs,
    entry: MockConfigEntry,
    file: Path,
    bridge: MockUser,
) -> None:
    await analyze(DOOR, machines=(BRIDGE,))
    await refused(entry, file)
    assert len(await repairs.listed()) == 3
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert await repairs.listed() == {}


async def test_every_step_of_every_flow_has_its_texts(hass: HomeAssistant) -> None:
    texts = await async_get_translations(hass, "en", "issues", {DOMAIN})
    start = f"component.{DOMAIN}.issues."
    flows: dict[str, type[_Repair]] = {
        "machine_user": MachineUser,
        "not_recorded": NotRecorded,
        "overruled": Overruled,
        "install_not_included": TryAgain,
        "install_rejected": TryAgain,
        "install_unreadable": TryAgain,
    }
    for key, flow in flows.items():
        told = {name for name in texts if name.startswith(f"{start}{key}.")}
        steps = {
            name.removeprefix("async_step_")
            for name in dir(flow)
            if name.startswith("async_step_")
        } - {"ignore", "exclude", "person", "leave_out", "undo"}
        if not flow.choices:
            steps -= {"init"}
        expected = {f"{start}{key}.title"}
        for step in steps:
            expected |= {
                f"{start}{key}.fix_flow.step.{step}.{part}"
                for part in ("title", "description")
            }
        expected |= {
            f"{start}{key}.fix_flow.step.init.menu_options.{choice}"
            for choice in flow.choices
        }
        assert expected <= told, key
