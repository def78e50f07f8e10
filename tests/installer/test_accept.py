"""From yes to a running automation and back, in Home Assistant's own automations."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    category_registry as cr,
    entity_registry as er,
    issue_registry as ir,
    label_registry as lr,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import dump
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.automation_scout import acceptance
from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.installer import files, text
from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
)
from custom_components.automation_scout.mining.result import Tier
from custom_components.automation_scout.mining.rules import Kind
from custom_components.automation_scout.store.errors import StoreLocked
from custom_components.automation_scout.store.installed import InstalledStore

from ..scripted import DOOR, EVENING, FACTS, MORNING, Script, at, proven, result
from .conftest import Automations, Call

KEY = MORNING.rule.key
AUTOMATION_ID = f"{DOMAIN}_{KEY}"
HAND_WRITTEN = """\
# Mine, do not touch
- id: "1"   # the first
  alias: 'Lampe am Abend für Ünal'
  triggers: &t
  - {trigger: time, at: "20:00:00"}
  actions: []
- id: "2"
  triggers: *t
  actions: []
# the end
"""


async def shown(call: Call, key: str = KEY) -> dict[str, Any]:
    found = (await call("list_suggestions"))["suggestions"]
    return next(item for item in found if item["id"] == key)


async def test_accept_and_undo(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    call: Call,
    file: Automations,
    calls: list[ServiceCall],
    freezer: FrozenDateTimeFactory,
) -> None:
    file.write(HAND_WRITTEN)
    answer = await call("accept", suggestion_id=KEY)
    assert answer["automation_id"] == AUTOMATION_ID
    state = hass.states.get(answer["entity_id"])
    assert state is not None
    assert state.state == "on"
    assert state.attributes["id"] == AUTOMATION_ID
    assert file.read().decode().startswith(HAND_WRITTEN)
    suggestion = await shown(call)
    assert suggestion["status"] == "accepted"
    installed_at = suggestion["installed"].pop("installed_at")
    assert datetime.fromisoformat(installed_at).tzinfo
    assert suggestion["installed"] == {**answer, "runs": 0, "undone": 0}
    written = file.data()[-1]
    assert suggestion["rationale"] in written["description"]
    # A Monday.
    freezer.move_to(
        datetime(2026, 11, 30, 7, 0, 1, tzinfo=dt_util.get_default_time_zone())
    )
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert [item.data["entity_id"] for item in calls] == [["light.desk"]]

    assert await call("undo", suggestion_id=KEY) == {
        "suggestion_id": KEY,
        "status": "dismissed",
    }
    assert file.read().decode() == HAND_WRITTEN
    assert hass.states.get(answer["entity_id"]) is None
    assert er.async_get(hass).async_get(answer["entity_id"]) is None
    assert (await shown(call))["installed"] is None
    event = hass.states.get("event.automation_scout_suggestion")
    assert event is not None
    assert event.attributes["event_type"] == "undone"
    assert event.attributes["suggestion_id"] == KEY
    assert event.attributes["automation"] == answer["entity_id"]


@pytest.mark.usefixtures("home")
async def test_where_it_is_found_in_the_interface(
    hass: HomeAssistant, call: Call
) -> None:
    answer = await call("accept", suggestion_id=KEY, alias="  My   lamp ")
    entry = er.async_get(hass).async_get(answer["entity_id"])
    assert entry is not None
    assert answer["entity_id"] == "automation.my_lamp"
    (label,) = lr.async_get(hass).async_list_labels()
    assert label.name == "Automation Scout"
    assert entry.labels == {label.label_id}
    assert entry.area_id == FACTS.of("light.desk").area_id == "study"
    (category,) = cr.async_get(hass).async_list_categories(scope="automation")
    assert category.name == "Comfort"
    assert entry.categories == {"automation": category.category_id}
    await call("accept", suggestion_id=DOOR.rule.key)
    assert len(list(lr.async_get(hass).async_list_labels())) == 1
    assert len(list(cr.async_get(hass).async_list_categories(scope="automation"))) == 1


@pytest.mark.usefixtures("home")
async def test_accept_twice_gives_one(call: Call, file: Automations) -> None:
    first = await call("accept", suggestion_id=KEY)
    before = file.read()
    assert await call("accept", suggestion_id=KEY, alias="Another") == first
    assert file.read() == before


@pytest.mark.usefixtures("home")
async def test_accept_undo_accept(
    hass: HomeAssistant, call: Call, file: Automations
) -> None:
    first = await call("accept", suggestion_id=KEY)
    before = file.read()
    await call("undo", suggestion_id=KEY)
    assert file.read() == b"[]\n"
    assert await call("accept", suggestion_id=KEY) == first
    assert hass.states.get(first["entity_id"])
    assert file.read() == before
    await call("undo", suggestion_id=KEY)
    assert file.read() == b"[]\n"


@pytest.mark.usefixtures("home")
async def test_several_in_any_order(call: Call, file: Automations) -> None:
    for order in ((KEY, DOOR.rule.key), (DOOR.rule.key, KEY)):
        await call("accept", suggestion_id=KEY)
        await call("accept", suggestion_id=DOOR.rule.key)
        for key in order:
            await call("undo", suggestion_id=key)
        assert file.read() == b"[]\n"


@pytest.mark.usefixtures("home")
async def test_turned_off_and_for_good(
    hass: HomeAssistant, hass_storage: dict[str, Any], call: Call, file: Automations
) -> None:
    """It is off, never was on, stays off, and may be turned on for good."""
    seen: list[str] = []
    hass.bus.async_listen(
        "state_changed",
        lambda event: (
            seen.append(event.data["new_state"].state)
            if event.data["new_state"]
            and event.data["entity_id"].startswith("automation.")
            else None
        ),
    )
    answer = await call("accept", suggestion_id=KEY, enabled=False)
    state = hass.states.get(answer["entity_id"])
    assert state is not None
    assert state.state == "off"
    assert "on" not in seen
    assert "initial_state" not in file.data()[0]
    stored = hass_storage["core.restore_state"]["data"]
    assert [
        item["state"]["state"]
        for item in stored
        if item["state"]["entity_id"] == answer["entity_id"]
    ] == ["off"]
    await hass.services.async_call("automation", "reload", blocking=True)
    state = hass.states.get(answer["entity_id"])
    assert state is not None
    assert state.state == "off"
    await call("undo", suggestion_id=KEY)
    assert file.read() == b"[]\n"


@pytest.mark.usefixtures("home")
async def test_on_means_on_whatever_was_there_before(
    hass: HomeAssistant, call: Call
) -> None:
    await call("accept", suggestion_id=KEY, enabled=False)
    await call("undo", suggestion_id=KEY)
    answer = await call("accept", suggestion_id=KEY)
    state = hass.states.get(answer["entity_id"])
    assert state is not None
    assert state.state == "on"


@pytest.mark.usefixtures("home")
async def test_only_reminders_of_what_may_open_the_house(
    call: Call, file: Automations
) -> None:
    await call("accept", suggestion_id=EVENING.rule.key)
    (written,) = file.data()
    assert [step["action"] for step in written["actions"]] == [
        "persistent_notification.create"
    ]


async def test_stricter_now_than_when_it_was_found(
    home: ScoutCoordinator, script: Script, call: Call, file: Automations
) -> None:
    """The lamp has turned out to be what opens the garage."""
    item = proven(at(1000), "cover.garage", "open")
    script.result = result(item)
    await home.async_analyze()
    await call("accept", suggestion_id=item.rule.key)
    (written,) = file.data()
    assert [step["action"] for step in written["actions"]] == [
        "persistent_notification.create"
    ]


async def test_what_heats_needs_the_flag(
    home: ScoutCoordinator, script: Script, call: Call, file: Automations
) -> None:
    item = proven(at(1000), "climate.study", "heat", tier=Tier.CONFIRM)
    script.result = result(item)
    await home.async_analyze()
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=item.rule.key)
    assert raised.value.translation_key == "confirmation_needed"
    assert file.read() == b"[]\n"
    await call("accept", suggestion_id=item.rule.key, confirm=True)
    assert file.data()


@pytest.mark.parametrize(
    ("entity_id", "state", "reasons", "said"),
    [
        ("climate.study", "heat", ("heating",), "It concerns something that heats."),
        ("siren.hall", "on", ("siren",), "It concerns a siren."),
        ("cover.study", "closed", (), "It moves something."),
        (
            "valve.garden",
            "open",
            ("untold", "valve"),
            "Part of what it does cannot be told beforehand. It concerns a valve.",
        ),
        (
            "light.desk",
            "on",
            (),
            "It is only created after you have confirmed it explicitly.",
        ),
    ],
)
async def test_what_needs_the_flag_says_why(
    home: ScoutCoordinator,
    script: Script,
    call: Call,
    entity_id: str,
    state: str,
    reasons: tuple[str, ...],
    said: str,
) -> None:
    """Each reason, then or now, and no other."""
    there = {**FACTS.entities, entity_id: EntityFacts(entity_id, "Thing")}
    script.facts = replace(FACTS, entities=there)
    item = proven(at(1000), entity_id, state, tier=Tier.CONFIRM, reasons=reasons)
    script.result = result(item)
    await home.async_analyze()
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=item.rule.key)
    title = (await shown(call, item.rule.key))["title"]
    # Home Assistant leaves the last full stop out.
    assert str(raised.value) == (
        f"{title}: this needs your explicit yes. {said}"
        " Accept it with confirm if you are sure"
    )


def desk_at(minute: int, state: str) -> ExistingAutomation:
    """Return an automation of a person that brings the desk lamp into a state."""
    return ExistingAutomation(
        "automation.mine",
        "Mine",
        True,
        (at(minute),),
        targets=frozenset({("light.desk", state)}),
    )


async def test_what_another_would_take_back_needs_the_flag(
    home: ScoutCoordinator, script: Script, call: Call, file: Automations
) -> None:
    """An automation that does the opposite has come since it was found."""
    other = desk_at(422, "off")
    script.facts = replace(FACTS, automations=(other,))
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "confirmation_needed"
    placeholders = raised.value.translation_placeholders or {}
    said = "At the same time the opposite is done by Mine."
    assert placeholders["reasons"] == said
    await call("accept", suggestion_id=KEY, confirm=True)
    assert file.data()


async def test_who_would_have_taken_it_back_is_named_still(
    home: ScoutCoordinator, script: Script, call: Call
) -> None:
    """It was asked for when both were there; the other is off by now."""
    item = replace(
        proven(at(1000), tier=Tier.CONFIRM, reasons=("conflict",)),
        conflicts=("automation.mine",),
    )
    script.result = result(item)
    script.facts = replace(
        FACTS, automations=(replace(desk_at(1002, "off"), enabled=False),)
    )
    await home.async_analyze()
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=item.rule.key)
    placeholders = raised.value.translation_placeholders or {}
    said = "At the same time the opposite is done by Mine."
    assert placeholders["reasons"] == said


async def test_what_is_written_is_judged_itself(
    home: ScoutCoordinator, call: Call, file: Automations
) -> None:
    """What is stored as the automation does more than its rule says."""
    stores = home.keeper.stores
    row = await stores.suggestions.get(KEY)
    assert row is not None
    unlock = {"action": "lock.unlock", "target": {"entity_id": "lock.front"}}
    automation = {**row.payload["automation"], "actions": [unlock]}
    payload = {**row.payload, "automation": automation}
    await stores.suggestions.store_suggestion(replace(row, payload=payload))
    await call("accept", suggestion_id=KEY)
    (written,) = file.data()
    assert [step["action"] for step in written["actions"]] == [
        "persistent_notification.create"
    ]


async def test_what_is_not_there_is_not_set_up(
    hass: HomeAssistant, home: ScoutCoordinator, call: Call, file: Automations
) -> None:
    for key, change in (
        ("entities_missing", lambda: hass.states.async_remove("light.desk")),
        ("actions_missing", lambda: hass.services.async_remove("light", "turn_on")),
    ):
        change()
        with pytest.raises(ServiceValidationError) as raised:
            await call("accept", suggestion_id=KEY)
        assert raised.value.translation_key == key
        assert "light." in str(raised.value)
        hass.states.async_set("light.desk", "off")
    assert file.read() == b"[]\n"
    assert (await shown(call))["status"] == "open"


async def test_what_is_done_already_is_not_set_up(
    home: ScoutCoordinator, script: Script, call: Call
) -> None:
    done = desk_at(425, "on")
    script.facts = replace(FACTS, automations=(done,))
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "already_automated"
    assert "automation.mine" in str(raised.value)


async def test_what_is_untidy_is_not_set_up(
    home: ScoutCoordinator, script: Script, call: Call
) -> None:
    item = proven(at(60), "automation.old", "off", tier=Tier.NOTIFY)
    rule = replace(item.rule, special=Kind.TIDY, replaces="automation.old")
    script.facts = replace(
        FACTS, automations=(ExistingAutomation("automation.old", "Old", True),)
    )
    script.result = result(replace(item, rule=rule))
    await home.async_analyze()
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=rule.key)
    assert raised.value.translation_key == "nothing_to_set_up"


@pytest.mark.usefixtures("home")
async def test_not_while_starting(hass: HomeAssistant, call: Call) -> None:
    await call("accept", suggestion_id=DOOR.rule.key)
    hass.set_state(CoreState.starting)
    for action, key in (("accept", KEY), ("undo", DOOR.rule.key)):
        with pytest.raises(ServiceValidationError) as raised:
            await call(action, suggestion_id=key)
        assert raised.value.translation_key == "not_started"


@pytest.mark.usefixtures("home")
async def test_nothing_to_undo(call: Call) -> None:
    for _ in range(2):
        with pytest.raises(ServiceValidationError) as raised:
            await call("undo", suggestion_id=KEY)
        assert raised.value.translation_key == "not_accepted"
        await call("accept", suggestion_id=KEY)
        await call("undo", suggestion_id=KEY)


@pytest.mark.usefixtures("home")
async def test_what_is_set_up_is_undone_and_not_dismissed(call: Call) -> None:
    await call("accept", suggestion_id=KEY)
    decisions: dict[str, dict[str, Any]] = {
        "dismiss": {},
        "restore": {},
        "snooze": {"days": 2},
        "refine": {"changes": {"trigger": {"at": "06:00"}}},
        "accept": {"trial_days": 2},
    }
    for action, data in decisions.items():
        with pytest.raises(ServiceValidationError) as raised:
            await call(action, suggestion_id=KEY, **data)
        assert raised.value.translation_key == "undo_first"
    await call("undo", suggestion_id=KEY)
    await call("restore", suggestion_id=KEY)
    assert (await shown(call))["status"] == "open"


async def test_nightly_runs_leave_it_alone(
    hass: HomeAssistant, home: ScoutCoordinator, script: Script, call: Call
) -> None:
    """Found again, moved a little, or not found: it is the same row and no other."""
    answer = await call("accept", suggestion_id=KEY)
    for found in (
        result(MORNING, DOOR),
        result(proven(at(430, (0, 1, 2, 3, 4)), score=9.0)),
        result(),
    ):
        script.result = found
        await home.async_analyze()
        suggestion = await shown(call)
        assert suggestion["status"] == "accepted"
        assert suggestion["installed"]["entity_id"] == answer["entity_id"]
    rows = (await call("list_suggestions"))["suggestions"]
    assert [row["entities"] for row in rows].count(["light.desk"]) == 1
    await call("undo", suggestion_id=KEY)
    script.result = result(MORNING)
    await home.async_analyze()
    assert (await shown(call))["status"] == "dismissed"


@pytest.mark.usefixtures("home")
async def test_undo_after_the_editor_of_home_assistant_wrote_the_file(
    call: Call, file: Automations
) -> None:
    """It loses comments and writes all anew; the automation is still the same."""
    file.write(HAND_WRITTEN)
    await call("accept", suggestion_id=KEY)
    data = file.data()
    data.append({"id": "3", "alias": "New", "triggers": [], "actions": []})
    file.write(dump(data))
    await call("undo", suggestion_id=KEY)
    del data[2]
    assert file.read().decode() == dump(data)


@pytest.mark.usefixtures("home")
async def test_what_a_person_changed_is_only_removed_by_force(
    hass: HomeAssistant, call: Call, file: Automations
) -> None:
    file.write(HAND_WRITTEN)
    answer = await call("accept", suggestion_id=KEY)
    changed = file.read().decode().replace("07:00:00", "07:15:00")
    assert "07:15:00" in changed
    file.write(changed)
    with pytest.raises(ServiceValidationError) as raised:
        await call("undo", suggestion_id=KEY)
    assert raised.value.translation_key == "automation_edited"
    assert file.read().decode() == changed
    assert (await shown(call))["status"] == "accepted"
    assert await call("accept", suggestion_id=KEY) == answer
    await call("undo", suggestion_id=KEY, force=True)
    assert file.read().decode() == HAND_WRITTEN
    assert hass.states.get(answer["entity_id"]) is None


@pytest.mark.usefixtures("home")
async def test_what_a_person_deleted_can_be_undone_or_accepted_again(
    hass: HomeAssistant, call: Call, file: Automations
) -> None:
    answer = await call("accept", suggestion_id=KEY)
    file.write("[]\n")
    await hass.services.async_call("automation", "reload", blocking=True)
    assert await call("accept", suggestion_id=KEY) == answer
    state = hass.states.get(answer["entity_id"])
    assert state is not None
    assert state.state == "on"
    file.write("[]\n")
    await call("undo", suggestion_id=KEY)
    assert file.read().decode() == "[]\n"
    assert (await shown(call))["status"] == "dismissed"


async def test_what_a_person_deleted_is_noticed_by_the_next_run(
    hass: HomeAssistant, home: ScoutCoordinator, call: Call, file: Automations
) -> None:
    await call("accept", suggestion_id=KEY)
    await call("accept", suggestion_id=DOOR.rule.key)
    kept = [item for item in file.data() if item["id"] != AUTOMATION_ID]
    file.write(dump(kept))
    await hass.services.async_call("automation", "reload", blocking=True)
    await home.async_analyze()
    deleted = await shown(call)
    assert (deleted["status"], deleted["installed"]) == ("dismissed", None)
    assert (await shown(call, DOOR.rule.key))["status"] == "accepted"


async def test_its_acts_are_its_own(
    hass: HomeAssistant, home: ScoutCoordinator, script: Script, call: Call
) -> None:
    await home.async_analyze()
    assert script.own[-1] == frozenset()
    answer = await call("accept", suggestion_id=KEY)
    await home.async_analyze()
    assert script.own[-1] == {answer["entity_id"]}
    renamed = "automation.renamed"
    er.async_get(hass).async_update_entity(answer["entity_id"], new_entity_id=renamed)
    await hass.async_block_till_done()
    await home.async_analyze()
    assert script.own[-1] == {answer["entity_id"], renamed}
    assert (await shown(call))["installed"]["entity_id"] == renamed
    await call("undo", suggestion_id=KEY)
    await home.async_analyze()
    assert answer["entity_id"] in script.own[-1]


@pytest.mark.parametrize("enabled", [True, False])
async def test_an_adjustment_takes_the_place_of_what_it_adjusts(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    script: Script,
    call: Call,
    file: Automations,
    enabled: bool,
) -> None:
    first = await call("accept", suggestion_id=KEY)
    later = proven(at(500, (0, 1, 2, 3, 4)))
    rule = replace(later.rule, special=Kind.ADJUST, replaces=first["entity_id"])
    script.facts = replace(
        FACTS,
        automations=(
            ExistingAutomation(
                first["entity_id"],
                "First",
                True,
                (at(420),),
                targets=frozenset({("light.desk", "on")}),
            ),
        ),
    )
    script.result = result(replace(later, rule=rule))
    await home.async_analyze()
    second = await call("accept", suggestion_id=rule.key, enabled=enabled)
    states = [hass.states.get(answer["entity_id"]) for answer in (first, second)]
    assert [state.state for state in states if state] == (
        ["off", "on"] if enabled else ["on", "off"]
    )
    await call("undo", suggestion_id=rule.key)
    state = hass.states.get(first["entity_id"])
    assert state is not None
    assert state.state == "on"
    await call("undo", suggestion_id=KEY)
    assert file.read() == b"[]\n"


@pytest.mark.parametrize(
    ("configuration", "content", "key"),
    [
        ("automation: []\n", "[]\n", "install_not_included"),
        ("", "- id: '1'\n  triggers: []\n  actions: []\n", "install_not_included"),
        ("automation: !include_dir_merge_list more\n", "", "install_not_included"),
        ("light: !secret nowhere\n", "# mine\n", "install_unreadable"),
        ("automation: !include nowhere.yaml\n", "[]", "install_unreadable"),
    ],
)
async def test_what_is_not_loaded_is_put_back_with_advice(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    call: Call,
    file: Automations,
    configuration: str,
    content: str,
    key: str,
) -> None:
    file.configure(configuration)
    file.write(content)
    with pytest.raises(HomeAssistantError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == key
    assert file.read().decode() == content
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"install_{AUTOMATION_ID}")
    assert issue is not None
    assert issue.translation_key == key
    assert issue.translation_placeholders is not None
    assert "light.turn_on" in issue.translation_placeholders["yaml"]
    assert (await shown(call))["status"] == "open"
    assert (
        er.async_get(hass).async_get_entity_id(
            "automation", "automation", AUTOMATION_ID
        )
        is None
    )

    file.configure("automation: !include automations.yaml")
    await call("accept", suggestion_id=KEY)
    assert not ir.async_get(hass).async_get_issue(DOMAIN, f"install_{AUTOMATION_ID}")


@pytest.mark.usefixtures("home")
async def test_a_file_that_was_missing_is_missing_again_where_nothing_came_of_it(
    call: Call, file: Automations
) -> None:
    file.configure("automation: []\n")
    file.delete()
    with pytest.raises(HomeAssistantError):
        await call("accept", suggestion_id=KEY)
    assert not file.exists()


@pytest.mark.usefixtures("home")
async def test_a_missing_file_is_made_and_stays_for_the_line_that_includes_it(
    call: Call, file: Automations
) -> None:
    file.delete()
    await call("accept", suggestion_id=KEY)
    assert file.data()
    await call("undo", suggestion_id=KEY)
    assert file.read() == b""


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"- a: [\n", "file_not_yaml"),
        ("- ü\n".encode("latin-1"), "file_not_utf8"),
        (b"a: b\n", "file_not_list"),
        (b"!include_dir_merge_list here\n", "file_not_list"),
        (b"%TAG ! tag:x,2000:\n", "file_not_yaml"),
    ],
)
@pytest.mark.usefixtures("home")
async def test_a_file_that_cannot_be_added_to_is_left_alone(
    call: Call, file: Automations, content: bytes, key: str
) -> None:
    file.write(content)
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == key
    assert "automations.yaml" in str(raised.value)
    assert file.read() == content
    assert file.beside() == []


async def test_half_done_is_settled_at_the_next_start(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    entry: MockConfigEntry,
    call: Call,
    file: Automations,
) -> None:
    answer = await call("accept", suggestion_id=KEY)
    await call("accept", suggestion_id=DOOR.rule.key)
    store = home._stores
    async with store.database.transaction() as conn:
        await conn.execute("UPDATE installed SET state = 'installing', entity_id = ''")
        await conn.execute("UPDATE suggestion SET status = 'open'")
    # Of one the file was written, of the other it was not.
    done = (await store.installed.latest())[DOOR.rule.key]
    file.write(text.remove(file.read(), done.config, force=True))
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (await shown(call))["status"] == "accepted"
    assert (await shown(call))["installed"]["entity_id"] == answer["entity_id"]
    assert (await shown(call, DOOR.rule.key))["status"] == "open"
    assert (await shown(call, DOOR.rule.key))["installed"] is None
    await call("undo", suggestion_id=KEY)
    assert file.read() == b"[]\n"


@pytest.mark.parametrize("written", [0, 1])
async def test_half_turned_off_is_settled_at_the_next_start(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    entry: MockConfigEntry,
    call: Call,
    file: Automations,
    written: int,
) -> None:
    """What is to be off is written twice; the end may have come in between."""
    await call("accept", suggestion_id=KEY)
    store = home._stores
    done = (await store.installed.latest())[KEY]
    versions = [{**done.config, "initial_state": False}, done.config]
    after, _ = text.append(b"# mine\n", versions[written])
    file.write(after)
    await hass.services.async_call("automation", "reload", blocking=True)
    async with store.database.transaction() as conn:
        await conn.execute("DELETE FROM installed")
        await conn.execute("UPDATE suggestion SET status = 'open'")
    for config in versions:
        _, splice = text.append(b"# mine\n", config)
        begun = replace(done, state="installing", config=config, entity_id="")
        begun = replace(begun, inserted=splice.inserted, removed=splice.removed)
        await store.installed.begin(begun)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    suggestion = await shown(call)
    assert suggestion["status"] == ("accepted" if written else "open")
    if written:
        await call("undo", suggestion_id=KEY)
    assert file.read() == b"# mine\n"
    rows = await entry.runtime_data._stores.installed.list()
    assert [row.state for row in rows] == ["undone"] * written


async def test_what_was_accepted_stays_when_the_integration_goes(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    entry: MockConfigEntry,
    call: Call,
    file: Automations,
) -> None:
    answer = await call("accept", suggestion_id=KEY)
    before = file.read()
    await hass.config_entries.async_remove(entry.entry_id)
    assert file.read() == before
    state = hass.states.get(answer["entity_id"])
    assert state is not None
    assert state.state == "on"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "automations_left")
    assert issue is not None
    assert issue.translation_placeholders == {"automations": answer["entity_id"]}


@pytest.mark.usefixtures("home")
async def test_somebody_writes_at_the_same_time(
    hass: HomeAssistant, call: Call, file: Automations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All begins anew on what they wrote; who never stops is told."""
    genuine = files.replace
    others = ["# one\n[]\n", "# two\n[]\n"]

    def meddled(path: Path, *args: Any, **options: Any) -> None:
        if others:
            path.write_text(others.pop(0))
        genuine(path, *args, **options)

    monkeypatch.setattr(files, "replace", meddled)
    await call("accept", suggestion_id=KEY)
    assert file.read().decode().startswith("# two\n- id:")
    await call("undo", suggestion_id=KEY)
    assert file.read().decode() == "# two\n[]\n"
    others += [f"# {number}\n[]\n" for number in range(50)]
    with pytest.raises(HomeAssistantError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "file_busy"


@pytest.mark.usefixtures("home")
async def test_what_is_put_back_leaves_what_others_wrote(
    call: Call, file: Automations, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = files.replace
    first = [True]

    def meddled(path: Path, *args: Any, **options: Any) -> None:
        genuine(path, *args, **options)
        if first:
            first.clear()
            path.write_bytes(b"# added\n" + path.read_bytes() + b"# behind\n")

    monkeypatch.setattr(files, "replace", meddled)
    file.configure("automation: []\n")
    file.write("- id: '1'\n")
    with pytest.raises(HomeAssistantError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "install_not_included"
    assert file.read() == b"# added\n- id: '1'\n# behind\n"


@pytest.mark.usefixtures("home")
async def test_a_disk_that_is_full_is_said(
    call: Call, file: Automations, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "replace", full)
    with pytest.raises(HomeAssistantError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "file_failed"
    assert "No space left" in str(raised.value)
    assert file.read() == b"[]\n"
    assert (await shown(call))["installed"] is None


@pytest.mark.parametrize("works_again", [True, False])
async def test_a_disk_that_is_full_half_way(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    entry: MockConfigEntry,
    call: Call,
    file: Automations,
    monkeypatch: pytest.MonkeyPatch,
    works_again: bool,
) -> None:
    """What could not be put back at once is at the next start."""
    genuine = files.replace
    written: list[bytes] = []

    def full(path: Path, *args: Any, **options: Any) -> None:
        if len(written) == 1 or (written and not works_again):
            written.append(b"")
            raise OSError(28, "No space left on device")
        genuine(path, *args, **options)
        written.append(path.read_bytes())

    with monkeypatch.context() as patched:
        patched.setattr(files, "replace", full)
        with pytest.raises(HomeAssistantError) as raised:
            await call("accept", suggestion_id=KEY, enabled=False)
        assert raised.value.translation_key == "file_failed"
    assert file.read() == (b"[]\n" if works_again else written[0])
    assert (await shown(call))["status"] == "open"
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert file.read() == b"[]\n"
    assert await entry.runtime_data._stores.installed.list() == []
    assert hass.states.async_entity_ids("automation") == []


@pytest.mark.usefixtures("home")
async def test_the_editor_writes_over_it(
    hass: HomeAssistant, call: Call, file: Automations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read the file before, and writes it after."""
    genuine = files.replace
    others = ["[]\n# saved\n"]

    def meddled(path: Path, *args: Any, **options: Any) -> None:
        genuine(path, *args, **options)
        if others:
            path.write_text(others.pop(0))

    monkeypatch.setattr(files, "replace", meddled)
    answer = await call("accept", suggestion_id=KEY)
    assert hass.states.get(answer["entity_id"])
    assert "# saved" in file.read().decode()
    await call("undo", suggestion_id=KEY)
    assert file.read().decode() == "[]\n# saved\n"


async def change_proposal(home: ScoutCoordinator, **changes: Any) -> None:
    """Change the automation of a stored suggestion."""
    store = home._stores.suggestions
    row = await store.get(KEY)
    assert row is not None
    automation = {**row.payload["automation"], **changes}
    payload = {**row.payload, "automation": automation}
    await store.store_suggestion(replace(row, payload=payload))


async def test_what_home_assistant_does_not_accept_is_not_written(
    home: ScoutCoordinator, call: Call, file: Automations
) -> None:
    await change_proposal(home, triggers=[{"trigger": "time", "at": "25:00:00"}])
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "automation_invalid"
    assert file.read() == b"[]\n"
    assert file.beside() == []


async def test_what_cannot_run_is_put_back(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    call: Call,
    file: Automations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was valid when it was looked at, and is not any more when it is loaded."""

    async def fine(*_args: object) -> None:
        """Find nothing wrong."""

    monkeypatch.setattr(acceptance, "async_check", fine)
    await change_proposal(home, triggers=[{"trigger": "time", "at": "25:00:00"}])
    with pytest.raises(HomeAssistantError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "install_rejected"
    assert file.read() == b"[]\n"
    assert hass.states.async_entity_ids("automation") == []
    issues = ir.async_get(hass).issues
    assert [domain for domain, _ in issues if domain != DOMAIN] == []


async def lose_the_records(home: ScoutCoordinator) -> None:
    async with home._stores.database.transaction() as conn:
        await conn.execute("DELETE FROM installed")
        await conn.execute("UPDATE suggestion SET status = 'open'")


async def test_one_that_is_there_already_is_taken_for_what_it_is(
    home: ScoutCoordinator, call: Call, file: Automations
) -> None:
    """The store was lost; of what is in the file nothing is lost, nothing doubled."""
    answer = await call("accept", suggestion_id=KEY)
    written = file.read()
    await lose_the_records(home)
    assert await call("accept", suggestion_id=KEY) == answer
    assert file.read() == written
    await lose_the_records(home)
    changed = written.replace(b"07:00:00", b"07:10:00")
    file.write(changed)
    with pytest.raises(ServiceValidationError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "automation_there"
    assert file.read() == changed


@pytest.mark.usefixtures("home")
async def test_an_entity_that_was_disabled_is_enabled(
    hass: HomeAssistant, call: Call
) -> None:
    entry = er.async_get(hass).async_get_or_create(
        "automation",
        "automation",
        AUTOMATION_ID,
        suggested_object_id="once",
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    answer = await call("accept", suggestion_id=KEY)
    assert answer["entity_id"] == entry.entity_id
    assert hass.states.get(entry.entity_id)


async def test_a_rule_of_another_version_is_refused(
    home: ScoutCoordinator, call: Call, file: Automations
) -> None:
    async with home._stores.database.transaction() as conn:
        await conn.execute('UPDATE suggestion SET rule = \'{"kind": "magic"}\'')
    for action, data in (("accept", {}), ("refine", {"changes": {"time": "08:00"}})):
        with pytest.raises(ServiceValidationError) as raised:
            await call(action, suggestion_id=KEY, **data)
        assert raised.value.translation_key == "rule_unreadable"
    assert file.read() == b"[]\n"


async def test_a_store_that_fails_at_the_end_is_made_up_for(
    home: ScoutCoordinator,
    call: Call,
    file: Automations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:

        async def locked(*_args: object) -> None:
            raise StoreLocked("busy")

        patched.setattr(InstalledStore, "finish", locked)
        with pytest.raises(HomeAssistantError) as raised:
            await call("accept", suggestion_id=KEY)
        assert raised.value.translation_key == "store_locked"
    written = file.read()
    answer = await call("accept", suggestion_id=KEY)
    assert answer["automation_id"] == AUTOMATION_ID
    assert file.read() == written
    await call("undo", suggestion_id=KEY)
    assert file.read() == b"[]\n"


async def test_undo_where_nothing_can_be_reloaded(
    hass: HomeAssistant, home: ScoutCoordinator, call: Call, file: Automations
) -> None:
    """The automation is gone all the same."""
    answer = await call("accept", suggestion_id=KEY)
    file.configure("automation: !include automations.yaml\nlight: !secret nowhere\n")
    await call("undo", suggestion_id=KEY)
    assert file.read() == b"[]\n"
    assert hass.states.get(answer["entity_id"]) is None


@pytest.mark.usefixtures("home")
async def test_who_always_writes_over_it_is_said(
    call: Call, file: Automations, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = files.replace

    def meddled(path: Path, *args: Any, **options: Any) -> None:
        genuine(path, *args, **options)
        path.write_bytes(b"[]\n")

    monkeypatch.setattr(files, "replace", meddled)
    with pytest.raises(HomeAssistantError) as raised:
        await call("accept", suggestion_id=KEY)
    assert raised.value.translation_key == "file_busy"
    assert file.read() == b"[]\n"
    assert (await shown(call))["status"] == "open"


async def test_what_cannot_be_settled_waits_for_the_next_start(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    entry: MockConfigEntry,
    call: Call,
    file: Automations,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await call("accept", suggestion_id=KEY)
    async with home._stores.database.transaction() as conn:
        await conn.execute("UPDATE installed SET state = 'installing'")
    written = file.read()
    for content, status in ((b"- a: [", "accepted"), (written, "accepted")):
        file.write(content)
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert (await shown(call))["status"] == status
        assert file.read() == content
    assert (await shown(call))["installed"]
    assert "cannot be read" in caplog.text
