"""Actions: who may call them, what they answer, what they refuse."""

from datetime import datetime
from typing import Any

from homeassistant.core import Context, HomeAssistant, SupportsResponse
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers.json import json_bytes
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator

from .scripted import DOOR, EVENING, MORNING, Script, proven, result, when

FIELDS = {
    "id",
    "status",
    "kind",
    "title",
    "description",
    "rationale",
    "category",
    "priority",
    "confidence",
    "evidence",
    "automation",
    "automation_yaml",
    "entities",
    "areas",
    "safety",
    "covered_by",
    "installed",
    "text",
    "version",
    "created_at",
    "updated_at",
    "snoozed_until",
}
EVIDENCE = {
    "days_observed",
    "opportunities",
    "hits",
    "wrong",
    "missed",
    "human_actions",
    "coverage",
    "precision",
    "precision_low",
    "saved_per_week",
    "unwanted_per_week",
    "first_seen",
    "last_seen",
    "examples",
    "provenance",
    "holdout",
}


async def call(
    hass: HomeAssistant, action: str, context: Context | None = None, **data: Any
) -> dict[str, Any]:
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )
    assert isinstance(response, dict)
    return response


async def listed(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await call(hass, "list_suggestions", **data))[
        "suggestions"
    ]
    return found


@pytest.fixture
async def found(hass: HomeAssistant, scout: ScoutCoordinator, script: Script) -> None:
    """Have three suggestions open."""
    script.result = result(MORNING, DOOR, EVENING)
    await call(hass, "analyze")


def test_every_field_of_the_contract_is_there() -> None:
    assert len(FIELDS) == 22
    assert len(EVIDENCE) == 16


@pytest.mark.usefixtures("found")
async def test_suggestion_has_the_shape_of_the_contract(hass: HomeAssistant) -> None:
    suggestions = await listed(hass)
    assert json_bytes(suggestions)
    for suggestion in suggestions:
        assert set(suggestion) == FIELDS
        assert set(suggestion["evidence"]) == EVIDENCE
        assert set(suggestion["evidence"]["holdout"]) == {"days", "hits", "wrong"}
        for instant in (
            suggestion["created_at"],
            suggestion["updated_at"],
            suggestion["evidence"]["first_seen"],
            *suggestion["evidence"]["examples"],
        ):
            assert datetime.fromisoformat(instant).tzinfo
        assert set(suggestion["automation"]) == {
            "alias",
            "description",
            "triggers",
            "conditions",
            "actions",
            "mode",
        }
        assert parse_yaml(suggestion["automation_yaml"]) == suggestion["automation"]
        assert suggestion["status"] == "open"
        assert suggestion["version"] == 1
        assert suggestion["installed"] is None
        assert suggestion["snoozed_until"] is None
        assert suggestion["text"] == {"source": "template", "language": "en"}


@pytest.mark.usefixtures("found")
async def test_values_of_a_suggestion(hass: HomeAssistant) -> None:
    morning, door, evening = await listed(hass)
    assert morning["id"] == MORNING.rule.key
    assert morning["kind"] == "time"
    assert morning["confidence"] == 0.9
    assert morning["category"] == "comfort"
    assert morning["priority"] == "high"
    assert morning["entities"] == ["light.desk"]
    assert morning["areas"] == ["study"]
    assert morning["safety"] == {"tier": "ok", "reasons": []}
    evidence = morning["evidence"]
    assert (evidence["hits"], evidence["wrong"], evidence["missed"]) == (19, 2, 3)
    assert evidence["precision"] == pytest.approx(19 / 21, abs=1e-4)
    assert evidence["coverage"] == pytest.approx(19 / 22, abs=1e-4)
    assert evidence["saved_per_week"] == 4.75
    assert evidence["provenance"] == {"physical": 4, "user": 15}
    assert door["kind"] == "state"
    assert door["entities"] == ["binary_sensor.door", "light.hall"]
    assert door["areas"] == ["hall"]
    assert evening["category"] == "security"
    assert evening["safety"]["tier"] == "notify"
    assert "lock.lock" not in evening["automation_yaml"]


@pytest.mark.usefixtures("found")
async def test_filters(hass: HomeAssistant) -> None:
    assert [item["kind"] for item in await listed(hass, kind="time")] == ["time"] * 2
    assert len(await listed(hass, kind=["time", "state"])) == 3
    assert await listed(hass, kind=["sun"]) == []
    assert len(await listed(hass, limit=1)) == 1
    assert (await listed(hass, limit=1))[0]["id"] == MORNING.rule.key
    assert len(await listed(hass, min_confidence=0.9)) == 3
    assert await listed(hass, min_confidence=0.91) == []
    assert await listed(hass, status=["dismissed"]) == []
    await call(hass, "dismiss", suggestion_id=DOOR.rule.key)
    assert [item["id"] for item in await listed(hass, status="dismissed")] == [
        DOOR.rule.key
    ]
    assert len(await listed(hass, status=["open"])) == 2
    assert len(await listed(hass)) == 3


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("analyze", {"days": 0}),
        ("analyze", {"days": 366}),
        ("analyze", {"days": "many"}),
        ("analyze", {"speed": 1}),
        ("list_suggestions", {"status": ["gone"]}),
        ("list_suggestions", {"kind": ["magic"]}),
        ("list_suggestions", {"min_confidence": 1.1}),
        ("list_suggestions", {"limit": 0}),
        ("dismiss", {}),
        ("dismiss", {"suggestion_id": "x", "reason": "mood"}),
        ("restore", {"suggestion_id": ""}),
        ("refine", {"changes": {}}),
        ("refine", {"suggestion_id": "x", "changes": "later"}),
        ("snooze", {"suggestion_id": "x"}),
        ("snooze", {"suggestion_id": "x", "days": 0}),
        ("snooze", {"suggestion_id": "x", "days": 366}),
        ("forget", {"entity_id": "desk lamp"}),
        ("forget", {"user_id": ""}),
        ("forget", {"before": "soon"}),
        ("accept", {}),
        ("accept", {"suggestion_id": "x", "enabled": "perhaps"}),
        ("accept", {"suggestion_id": "x", "alias": " \n "}),
        ("accept", {"suggestion_id": "x", "alias": "a" * 256}),
        ("undo", {}),
        ("undo", {"suggestion_id": "x", "force": "perhaps"}),
    ],
)
@pytest.mark.usefixtures("scout")
async def test_data_that_makes_no_sense_is_refused(
    hass: HomeAssistant, action: str, data: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await call(hass, action, **data)


@pytest.mark.usefixtures("found")
async def test_dismiss_and_restore(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    key = MORNING.rule.key
    assert await call(hass, "dismiss", suggestion_id=key, reason="wrong") == {
        "suggestion_id": key,
        "status": "dismissed",
    }
    again = await call(hass, "dismiss", suggestion_id=key)
    assert again["status"] == "dismissed"
    verdicts = await scout._stores.suggestions.verdicts(key)
    assert [(item.verdict, item.reason) for item in verdicts] == [
        ("dismissed", "wrong")
    ]
    assert (await call(hass, "analyze"))["open"] == 2
    assert await call(hass, "restore", suggestion_id=key) == {
        "suggestion_id": key,
        "status": "open",
    }
    assert {item["id"] for item in await listed(hass, status="open")} >= {key}


DECISIONS: list[tuple[str, dict[str, Any]]] = [
    ("dismiss", {}),
    ("restore", {}),
    ("snooze", {"days": 7}),
]


@pytest.mark.parametrize(("action", "data"), [*DECISIONS, ("accept", {}), ("undo", {})])
@pytest.mark.usefixtures("scout")
async def test_unknown_id_is_a_translated_refusal(
    hass: HomeAssistant, action: str, data: dict[str, Any]
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, action, suggestion_id="s1-none", **data)
    assert raised.value.translation_key == "unknown_suggestion"
    assert str(raised.value) == "There is no suggestion with the id s1-none"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("analyze", {}),
        ("list_suggestions", {}),
        ("dismiss", {"suggestion_id": "x"}),
        ("refine", {"suggestion_id": "x", "changes": {}}),
        ("restore", {"suggestion_id": "x"}),
        ("snooze", {"suggestion_id": "x", "days": 7}),
        ("forget", {"entity_id": "light.desk"}),
        ("accept", {"suggestion_id": "x"}),
        ("undo", {"suggestion_id": "x"}),
    ],
)
async def test_not_set_up_is_a_translated_refusal(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    action: str,
    data: dict[str, Any],
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, action, **data)
    assert raised.value.translation_key == "not_set_up"
    assert str(raised.value).startswith("Automation Scout is not set up")


@pytest.mark.usefixtures("found")
async def test_only_administrators_change_anything(hass: HomeAssistant) -> None:
    guest = MockUser(id="guest", name="Guest").add_to_hass(hass)
    context = Context(user_id=guest.id)
    for action, data in (
        ("analyze", {}),
        ("dismiss", {"suggestion_id": MORNING.rule.key}),
        ("restore", {"suggestion_id": MORNING.rule.key}),
        ("refine", {"suggestion_id": MORNING.rule.key, "changes": {}}),
        ("snooze", {"suggestion_id": MORNING.rule.key, "days": 7}),
        ("forget", {"entity_id": "light.desk"}),
        ("accept", {"suggestion_id": MORNING.rule.key}),
        ("undo", {"suggestion_id": MORNING.rule.key}),
    ):
        with pytest.raises(Unauthorized) as raised:
            await call(hass, action, context, **data)
        assert str(raised.value) == (
            "Only administrators decide about suggestions. Nothing was changed"
        )
    assert len((await call(hass, "list_suggestions", context))["suggestions"]) == 3


@pytest.mark.usefixtures("scout")
async def test_which_actions_answer(hass: HomeAssistant) -> None:
    answers = {
        name: hass.services.supports_response(DOMAIN, name)
        for name in hass.services.async_services_for_domain(DOMAIN)
    }
    assert answers == {
        "accept": SupportsResponse.OPTIONAL,
        "undo": SupportsResponse.OPTIONAL,
        "analyze": SupportsResponse.OPTIONAL,
        "dismiss": SupportsResponse.OPTIONAL,
        "refine": SupportsResponse.OPTIONAL,
        "restore": SupportsResponse.OPTIONAL,
        "snooze": SupportsResponse.OPTIONAL,
        "forget": SupportsResponse.OPTIONAL,
        "backtest": SupportsResponse.ONLY,
        "list_suggestions": SupportsResponse.ONLY,
        "preview_prompt": SupportsResponse.ONLY,
    }
    await hass.services.async_call(DOMAIN, "analyze", {"words": True}, blocking=True)


@pytest.mark.parametrize(
    ("entity_id", "state", "expected"),
    [
        ("light.hall", "on", "comfort"),
        ("light.hall", "off", "energy"),
        ("lock.front", "locked", "security"),
        ("cover.garage", "closed", "security"),
        ("climate.study", "heat", "comfort"),
        ("climate.study", "off", "energy"),
        ("media_player.tv", "playing", "convenience"),
        ("media_player.tv", "off", "energy"),
    ],
)
async def test_category_follows_what_is_done_to_what(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entity_id: str,
    state: str,
    expected: str,
) -> None:
    script.result = result(proven(when("person.anna", "home"), entity_id, state))
    await scout.async_analyze()
    (suggestion,) = await listed(hass)
    assert suggestion["category"] == expected


@pytest.mark.parametrize(
    ("hits", "confidence", "expected"),
    [(19, 0.9, "high"), (19, 0.7, "medium"), (19, 0.5, "low"), (5, 0.9, "low")],
)
async def test_priority_follows_use_and_confidence(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    hits: int,
    confidence: float,
    expected: str,
) -> None:
    script.result = result(
        proven(when("person.anna", "home"), hits=hits, confidence=confidence)
    )
    await scout.async_analyze()
    (suggestion,) = await listed(hass)
    assert suggestion["priority"] == expected
