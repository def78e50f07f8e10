"""Changing a suggestion: the new version, its back-test, and the nights after it."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.facts import (
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.rules import TimeTrigger

from .scripted import (
    DOOR,
    EVENING,
    FACTS,
    MORNING,
    Script,
    at,
    proven,
    result,
)
from .telling import acts, filled, seen

DAYS: Final = 20
LATE: Final = proven(at(1350), score=5.0)
"""The desk lamp at half past ten; it is done at ten to eleven, nine times of ten."""


async def refine(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    response = await hass.services.async_call(
        DOMAIN, "refine", data, blocking=True, return_response=True
    )
    assert isinstance(response, dict)
    return response


@pytest.fixture
async def evenings(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> ScoutCoordinator:
    """Have a suggestion open, and evenings in the archive that say otherwise."""
    script.result = result(LATE, DOOR, EVENING)
    await scout.async_analyze()
    today = dt_util.now().date()
    rows = []
    for back in range(1, DAYS + 1):
        late = 0 if back % 10 else -25
        rows += acts(today, back, 1370 + late + back % 5, "light.desk")
    await filled(scout, [*rows, seen(today, 0, 1)])
    return scout


@pytest.mark.usefixtures("evenings")
async def test_ten_to_eleven_instead_of_half_past_ten(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    key = LATE.rule.key
    answer = await refine(hass, suggestion_id=key, changes={"trigger": {"at": "22:50"}})
    assert (answer["id"], answer["version"], answer["status"]) == (key, 2, "open")
    assert answer["automation"]["triggers"] == [{"trigger": "time", "at": "22:50:00"}]
    assert "22:50" in answer["title"]
    after, before = answer["backtest"]["after"], answer["backtest"]["before"]
    assert (after["hits"], after["opportunities"]) == (18, 20)
    assert before["hits"] == 2
    assert answer["backtest"]["summary"] == (
        "22:50 instead of 22:30 would have agreed with you 18 of 20 times;"
        " as it was, it agreed 2 of 20 times."
    )
    assert answer["backtest"]["summary"] in answer["rationale"]
    assert answer["evidence"]["hits"] == 18
    assert answer["safety"] == {"tier": "ok", "reasons": []}
    [version] = await scout._stores.suggestions.versions(key)
    assert version.version == 1
    assert "22:30" in version.payload["title"]
    listed = {item["id"]: item for item in await scout.async_list(["open"])}
    assert listed[key] == {k: v for k, v in answer.items() if k != "backtest"}


@pytest.mark.usefixtures("evenings")
async def test_the_night_moves_its_numbers_and_nothing_else(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    freezer: FrozenDateTimeFactory,
) -> None:
    key = LATE.rule.key
    await refine(hass, suggestion_id=key, changes={"trigger": {"at": "21:00"}})
    today = dt_util.now().date()
    freezer.tick(3 * 86_400)
    await scout.async_analyze()
    rows = acts(today, -2, 1260, "light.desk")
    await filled(scout, [*rows, seen(today, -3, 1)])
    answer = await scout.async_analyze()
    assert (answer["new"], answer["open"]) == (0, 3)
    listed = {item["id"]: item for item in await scout.async_list()}
    assert set(listed) == {item.rule.key for item in (LATE, DOOR, EVENING)}
    assert listed[key]["version"] == 2
    assert listed[key]["automation"]["triggers"][0]["at"] == "21:00:00"
    assert listed[key]["evidence"]["hits"] == 1
    assert listed[key]["evidence"]["holdout"]["hits"] == 1
    script.result = result(DOOR, EVENING)
    freezer.tick(86_400)
    assert (await scout.async_analyze())["expired"] == 0


@pytest.mark.usefixtures("evenings")
async def test_what_was_changed_and_dismissed_does_not_come_back_as_it_was(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    key = LATE.rule.key
    await refine(hass, suggestion_id=key, changes={"trigger": {"at": "09:00"}})
    await scout.async_dismiss(key, None)
    answer = await scout.async_analyze()
    assert (answer["new"], answer["open"]) == (0, 2)
    assert {item["id"] for item in await scout.async_list(["open"])} == {
        DOOR.rule.key,
        EVENING.rule.key,
    }


@pytest.mark.usefixtures("evenings")
async def test_a_night_that_cannot_judge_it_leaves_it_alone(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    key = LATE.rule.key
    answer = await refine(hass, suggestion_id=key, changes={"trigger": {"at": "09:00"}})
    with patch(
        "custom_components.automation_scout.mining.review.judge",
        side_effect=ZeroDivisionError,
    ):
        run = await scout.async_analyze()
    assert len(run["errors"]) == 1
    assert run["errors"][0].startswith("review: ZeroDivisionError")
    listed = {item["id"]: item for item in await scout.async_list(["open"])}
    assert listed[key] == {k: v for k, v in answer.items() if k != "backtest"}


@pytest.mark.usefixtures("evenings")
async def test_a_decision_that_cannot_be_read_is_left_out(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    key = LATE.rule.key
    await refine(hass, suggestion_id=key, changes={"trigger": {"at": "22:40"}})
    async with scout._stores.database.transaction() as conn:
        await conn.execute("UPDATE refinement SET found = '{}'")
    answer = await scout.async_analyze()
    assert answer["errors"] == []
    assert answer["open"] == 3


@pytest.mark.usefixtures("evenings")
async def test_a_second_change_is_made_to_the_first(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    key = LATE.rule.key
    await refine(hass, suggestion_id=key, changes={"trigger": {"at": "22:50"}})
    answer = await refine(
        hass,
        suggestion_id=key,
        changes={"conditions": {"add": {"entity_id": "person.anna", "state": "home"}}},
    )
    assert answer["version"] == 3
    assert answer["automation"]["triggers"][0]["at"] == "22:50:00"
    assert answer["automation"]["conditions"] == [
        {"condition": "state", "entity_id": "person.anna", "state": "home"}
    ]
    found = (await scout._stores.refinements.all())[key].found
    assert found["trigger"]["minute"] == 1350
    answer = await refine(
        hass,
        suggestion_id=key,
        changes={
            "conditions": {"remove": "person.anna"},
            "actions": {"change": {"entity_id": "light.desk", "state": "off"}},
        },
    )
    assert answer["category"] == "energy"
    assert answer["automation"]["conditions"] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trigger": {"at": "25:00"}}, "25:00 is no time of the day for at: HH:MM."),
        (
            {"actions": {"add": {"entity_id": "light.gone", "state": "on"}}},
            "light.gone is not there, or not among what is looked at.",
        ),
        (
            {
                "actions": {
                    "add": {
                        "entity_id": "climate.study",
                        "state": "heat",
                        "values": {"temperature": 50},
                    }
                }
            },
            "50 is outside of what climate.study allows for temperature: 7 to 30.",
        ),
        (
            {"trigger": {"at": 1}, "speed": 3},
            "speed is unknown in changes. Known are: actions, conditions, trigger.",
        ),
        ({"trigger": {"at": "22:30"}}, "That is what it is already."),
    ],
)
@pytest.mark.usefixtures("evenings")
async def test_what_cannot_be_is_said_and_nothing_is_lost(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    changes: dict[str, Any],
    said: str,
) -> None:
    ranges = {"min_temp": 7, "max_temp": 30, "hvac_modes": ["off", "heat"]}
    hass.states.async_set("climate.study", "off", ranges)
    before = await scout.async_list()
    with pytest.raises(ServiceValidationError) as raised:
        await refine(hass, suggestion_id=LATE.rule.key, changes=changes)
    assert raised.value.translation_key == "refine_refused"
    assert said in str(raised.value)
    assert await scout.async_list() == before


@pytest.mark.usefixtures("evenings")
async def test_what_an_automation_does_already_is_said(
    hass: HomeAssistant, script: Script
) -> None:
    night = ExistingAutomation(
        "automation.night",
        "Night",
        True,
        (TimeTrigger(1200),),
        targets=frozenset({("light.desk", "on")}),
    )
    script.facts = HomeFacts("UTC", FACTS.entities, FACTS.areas, (night,))
    with pytest.raises(ServiceValidationError, match="Night already does that"):
        await refine(
            hass, suggestion_id=LATE.rule.key, changes={"trigger": {"at": "20:00"}}
        )


@pytest.mark.usefixtures("evenings")
async def test_refusals(hass: HomeAssistant, scout: ScoutCoordinator) -> None:
    changes = {"trigger": {"at": "21:00"}}
    for data, key in (
        ({"suggestion_id": "s1-none", "changes": changes}, "unknown_suggestion"),
        ({"suggestion_id": LATE.rule.key}, "no_changes"),
        (
            {"suggestion_id": LATE.rule.key, "instruction": "later"},
            "words_need_model",
        ),
    ):
        with pytest.raises(ServiceValidationError) as raised:
            await refine(hass, **data)
        assert raised.value.translation_key == key
        assert str(raised.value)
    await scout.async_dismiss(LATE.rule.key, None)
    with pytest.raises(ServiceValidationError) as raised:
        await refine(hass, suggestion_id=LATE.rule.key, changes=changes)
    assert raised.value.translation_key == "not_open"


@pytest.mark.usefixtures("evenings")
async def test_a_lock_stays_a_reminder(hass: HomeAssistant) -> None:
    answer = await refine(
        hass, suggestion_id=EVENING.rule.key, changes={"trigger": {"at": "23:15"}}
    )
    assert answer["safety"]["tier"] == "notify"
    assert "lock.lock" not in answer["automation_yaml"]
    item = {"entity_id": "lock.front", "state": "locked"}
    answer = await refine(
        hass, suggestion_id=DOOR.rule.key, changes={"actions": {"add": item}}
    )
    assert answer["safety"]["tier"] == "notify"
    assert answer["kind"] == "routine"


@pytest.mark.usefixtures("evenings")
async def test_the_example_of_the_readme(hass: HomeAssistant) -> None:
    text = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    [example] = [
        found
        for block in blocks
        if isinstance(found := parse_yaml(block), dict)
        and found.get("action") == "automation_scout.refine"
    ]
    data = {**example["data"], "suggestion_id": LATE.rule.key}
    answer = await refine(hass, **data)
    assert answer["automation"]["triggers"] == [{"trigger": "time", "at": "22:50:00"}]
    assert answer["automation"]["actions"] == [
        {
            "action": "light.turn_on",
            "target": {"entity_id": "light.desk"},
            "data": {"brightness_pct": 40},
        }
    ]


async def test_without_any_history(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    answer = await refine(
        hass, suggestion_id=MORNING.rule.key, changes={"trigger": {"at": "06:00"}}
    )
    assert answer["evidence"]["opportunities"] == 0
    assert answer["evidence"]["first_seen"] is None
    assert answer["confidence"] == 0
    assert datetime.fromisoformat(answer["updated_at"]).tzinfo
