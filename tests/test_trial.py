"""Trying a suggestion: nothing is made, and at the end there is a report."""

from datetime import timedelta
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.persistent_notification import (
    Notification,
    UpdateType,
    async_register_callback,
)
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.store.errors import StoreError
from custom_components.automation_scout.store.trials import FINISHED, RUNNING
from custom_components.automation_scout.tidings import Tidings
from custom_components.automation_scout.words.catalogue import load

from .rendering import text_of
from .scripted import DOOR, EVENING, MORNING, Script, at, proven, result
from .telling import acts, filled, seen

LATE: Final = proven(at(1350), score=5.0)
KEY: Final = LATE.rule.key


@pytest.fixture
async def shown(hass: HomeAssistant) -> dict[str, Notification]:
    """Collect the notifications that are shown."""
    found: dict[str, Notification] = {}

    def listen(_kind: UpdateType, now: dict[str, Notification]) -> None:
        found.update(now)

    async_register_callback(hass, listen)
    return found


@pytest.fixture
async def trying(
    scout: ScoutCoordinator, script: Script, freezer: FrozenDateTimeFactory
) -> ScoutCoordinator:
    """Have a trial of five days, three of which have gone by."""
    freezer.move_to("2026-05-04T12:00:00+00:00")
    script.result = result(LATE, DOOR, EVENING)
    await scout.async_analyze()
    today = dt_util.utcnow().date()
    rows: list[Row] = []
    for back in range(1, 8):
        rows += acts(today, back, 1350, "light.desk")
    await filled(scout, rows)
    await scout.async_start_trial(KEY, 5)
    freezer.tick(timedelta(days=3))
    await scout.async_analyze()
    rows = [*acts(today, 0, 1352, "light.desk"), *acts(today, -2, 900, "light.desk")]
    await filled(scout, [*rows, seen(today, -3, 1)])
    return scout


async def test_meanwhile_it_is_put_off_and_its_report_is_kept(
    hass: HomeAssistant, trying: ScoutCoordinator, shown: dict[str, Notification]
) -> None:
    answer = await trying.async_analyze()
    assert (answer["open"], answer["new"]) == (2, 0)
    [item] = await trying.async_list(["snoozed"])
    assert item["id"] == KEY
    assert item["snoozed_until"] == "2026-05-10T12:00:00+00:00"
    row = (await trying._stores.trials.all())[KEY]
    assert row.status == RUNNING
    assert row.report is not None
    assert (row.report["hits"], row.report["wrong"]) == (1, 0)
    assert len(hass.states.async_all("automation")) == 0
    assert shown == {}


async def test_at_its_end_it_is_open_again_and_says_what_it_would_have_done(
    hass: HomeAssistant,
    trying: ScoutCoordinator,
    script: Script,
    freezer: FrozenDateTimeFactory,
    shown: dict[str, Notification],
) -> None:
    news = async_capture_events(hass, "state_changed")
    # The habit itself is found no more: the person waits for the report all the same.
    script.result = result(*(proven(at(m), score=9.0) for m in (1, 61, 121, 181, 241)))
    freezer.tick(timedelta(days=2, hours=1))
    answer = await trying.async_analyze()
    assert answer["errors"] == []
    found = {item["id"]: item for item in await trying.async_list(["open"])}
    assert KEY in found
    said = found[KEY]["rationale"]
    assert "On trial for" in said
    assert "it would have run" in said
    [verdict] = [
        item
        for item in await trying._stores.suggestions.verdicts(KEY)
        if item.verdict == "trial_ended"
    ]
    assert verdict.version == 1
    row = (await trying._stores.trials.all())[KEY]
    assert row.status == FINISHED
    told = attentions(news)
    assert [item["suggestion_id"] for item in told] == [KEY]
    assert told[0]["reason"] == "trial_over"
    [report] = shown.values()
    assert LATE.rule.key in report["notification_id"]
    assert found[KEY]["title"] in (report["title"] or "")
    assert said in text_of(report["message"])
    await trying.async_analyze()
    assert len(attentions(news)) == 1
    again = {item["id"]: item for item in await trying.async_list(["open"])}
    assert again[KEY]["rationale"] == said


async def test_what_a_model_wrote_is_text_in_its_report(
    hass: HomeAssistant, trying: ScoutCoordinator, shown: dict[str, Notification]
) -> None:
    [item] = await trying.async_list(["snoozed"])
    item["rationale"] = "It would have run [here](https://evil.test)."
    item["title"] = "Desk *lamp*"
    Tidings(tried=[KEY]).tell(hass, {KEY: item}, (), load("en"))
    [report] = shown.values()
    assert "[here](https://evil.test)" in text_of(report["message"])
    # A title is no Markdown.
    assert (report["title"] or "").endswith("Desk *lamp*")


def attentions(events: list[Event[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return what the event entity told of what needs attention, each piece once."""
    told = [
        event.data["new_state"]
        for event in events
        if event.data["entity_id"] == "event.automation_scout_suggestion"
    ]
    return [
        dict(state.attributes)
        for state in told
        if state and state.attributes.get("event_type") == "needs_attention"
    ]


async def test_counts_of_the_trial_are_those_of_its_days(
    trying: ScoutCoordinator, freezer: FrozenDateTimeFactory
) -> None:
    """Seven evenings before it agreed; of the trial's own one did, and one did not."""
    today = dt_util.utcnow().date()
    await filled(trying, [seen(today, -4, 1)])
    freezer.tick(timedelta(days=3))
    await trying.async_analyze()
    row = (await trying._stores.trials.all())[KEY]
    assert row.report is not None
    wanted = [firing["wanted"] for firing in row.report["firings"]]
    assert wanted.count(True) == row.report["hits"] == 1
    assert all(
        dt_util.utc_from_timestamp(firing["t_ms"] / 1000).isoformat()
        >= "2026-05-04T12:00:00"
        for firing in row.report["firings"]
    )


async def test_who_restores_it_ends_the_trial(
    trying: ScoutCoordinator,
    freezer: FrozenDateTimeFactory,
    shown: dict[str, Notification],
) -> None:
    await trying.async_restore(KEY)
    await trying.async_analyze()
    assert await trying._stores.trials.all() == {}
    freezer.tick(timedelta(days=4))
    await trying.async_analyze()
    assert shown == {}


async def test_who_puts_it_off_for_longer_is_not_asked_earlier(
    trying: ScoutCoordinator, freezer: FrozenDateTimeFactory
) -> None:
    await trying.async_snooze(KEY, 60)
    freezer.tick(timedelta(days=4))
    await trying.async_analyze()
    assert [item["id"] for item in await trying.async_list(["snoozed"])] == [KEY]
    assert KEY not in await trying._stores.trials.all()


async def test_a_changed_rule_goes_on_trial_in_its_place(
    trying: ScoutCoordinator,
) -> None:
    await trying.refining.async_refine(KEY, {"trigger": {"at": "15:00"}})
    [item] = await trying.async_list(["snoozed"])
    assert item["version"] == 2
    await trying.async_analyze()
    row = (await trying._stores.trials.all())[KEY]
    assert row.rule["trigger"]["minute"] == 900
    assert row.started_at == "2026-05-04T12:00:00+00:00"
    assert row.report is not None
    assert row.report["hits"] == 1


async def test_a_change_and_its_trial_are_written_together_or_not_at_all(
    trying: ScoutCoordinator,
) -> None:
    with (
        patch(
            "custom_components.automation_scout.refine.put_trial",
            side_effect=StoreError("full"),
        ),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await trying.refining.async_refine(KEY, {"trigger": {"at": "15:00"}})
    assert raised.value.translation_key == "store_failed"
    [item] = await trying.async_list(["snoozed"])
    assert item["version"] == 1
    assert item["automation"]["triggers"][0]["at"] != "15:00:00"


async def test_a_look_at_a_few_days_leaves_trials_alone(
    trying: ScoutCoordinator, freezer: FrozenDateTimeFactory
) -> None:
    freezer.tick(timedelta(days=3))
    await trying.async_analyze(2)
    assert (await trying._stores.trials.all())[KEY].status == RUNNING


async def test_what_cannot_be_tried(scout: ScoutCoordinator, script: Script) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    with pytest.raises(ServiceValidationError) as raised:
        await scout.async_start_trial("s1-none", 3)
    assert raised.value.translation_key == "unknown_suggestion"
    await scout.async_dismiss(MORNING.rule.key, None)
    with pytest.raises(ServiceValidationError) as raised:
        await scout.async_start_trial(MORNING.rule.key, 3)
    assert raised.value.translation_key == "not_open"
