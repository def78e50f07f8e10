"""Forgetting, as it is asked for."""

from datetime import timedelta
from pathlib import Path
import threading
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.automation_scout.const import DOMAIN, ISSUE_STORE_SET_ASIDE
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.forgetting import wish_of

from .scripted import DOOR, EVENING, MORNING, Script, result
from .test_services import call

KEY = MORNING.rule.key


@pytest.fixture
async def found(hass: HomeAssistant, scout: ScoutCoordinator, script: Script) -> None:
    """Have three suggestions open, and two changes of the desk lamp in the archive."""
    script.result = result(MORNING, DOOR, EVENING)
    await scout.async_analyze()


async def settled(hass: HomeAssistant) -> None:
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.usefixtures("found")
async def test_an_entity(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(DOOR, EVENING)
    answer = await call(hass, "forget", entity_id="light.desk")
    assert answer == {"removed": 2, "suggestions": [KEY], "automations": []}
    assert KEY not in {item["id"] for item in await scout.async_list()}
    await settled(hass)
    assert len(script.mined) == 2
    assert len(script.mined[-1]) == 0
    assert len(scout.data.open) == 2


@pytest.mark.parametrize(
    "data", [{"before": "2026-10-01"}, {"before": "2026-10-01T12:00:00+00:00"}]
)
@pytest.mark.usefixtures("found")
async def test_a_time(
    hass: HomeAssistant, scout: ScoutCoordinator, data: dict[str, Any]
) -> None:
    """What still holds without it is found again by the analysis that follows."""
    answer = await call(hass, "forget", **data)
    assert set(answer["suggestions"]) == {KEY, DOOR.rule.key, EVENING.rule.key}
    await settled(hass)
    assert len(scout.data.open) == 3


@pytest.mark.usefixtures("found")
async def test_a_person(hass: HomeAssistant, scout: ScoutCoordinator) -> None:
    answer = await call(hass, "forget", user_id="anna")
    assert answer["removed"] == 2
    assert (await scout.async_archive_stats()).events == 0


@pytest.mark.usefixtures("found")
async def test_a_person_who_has_done_nothing(hass: HomeAssistant) -> None:
    MockUser(id="ben", name="Ben").add_to_hass(hass)
    answer = await call(hass, "forget", user_id="ben")
    assert answer == {"removed": 0, "suggestions": [], "automations": []}


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({}, "forget_one_thing"),
        ({"entity_id": "light.desk", "user_id": "anna"}, "forget_one_thing"),
        ({"entity_id": "light.desk", "before": "2026-01-01"}, "forget_one_thing"),
        ({"before": "2199-01-01"}, "forget_the_past"),
        ({"entity_id": "light.nowhere"}, "unknown_entity"),
        ({"user_id": "nobody"}, "unknown_user"),
    ],
)
@pytest.mark.usefixtures("found")
async def test_what_makes_no_sense_is_refused(
    hass: HomeAssistant, scout: ScoutCoordinator, data: dict[str, Any], key: str
) -> None:
    before = await scout.async_list(), await scout.async_archive_stats()
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, "forget", **data)
    assert raised.value.translation_key == key
    assert str(raised.value) != key
    assert (await scout.async_list(), await scout.async_archive_stats()) == before


@pytest.mark.usefixtures("found")
async def test_entity_that_is_there_and_did_nothing(hass: HomeAssistant) -> None:
    hass.states.async_set("light.new", "off")
    assert (await call(hass, "forget", entity_id="light.new"))["removed"] == 0


@pytest.mark.usefixtures("found")
async def test_it_waits_for_a_run_and_a_run_waits_for_it(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    """A run that had begun before would write down what it still had in mind."""
    script.hold = threading.Event()
    script.mining.clear()
    run = hass.async_create_task(scout.async_analyze())
    await script.until_mining()
    forget = hass.async_create_task(call(hass, "forget", entity_id="light.desk"))
    for _ in range(20):
        await hass.async_add_executor_job(lambda: None)
    assert not forget.done()
    script.result = result(DOOR)
    script.hold.set()
    await run
    assert KEY in (await forget)["suggestions"]
    await settled(hass)
    assert KEY not in {item["id"] for item in await scout.async_list()}


@pytest.mark.usefixtures("found")
async def test_damaged_files_that_were_set_aside_are_forgotten_too(
    hass: HomeAssistant, database_file: Path
) -> None:
    aside = database_file.with_name(f"{database_file.name}.damaged-1")
    await hass.async_add_executor_job(aside.write_bytes, b"light.desk")
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_STORE_SET_ASIDE,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_STORE_SET_ASIDE,
    )
    await call(hass, "forget", entity_id="light.desk")
    assert not await hass.async_add_executor_job(aside.exists)
    assert ir.async_get(hass).async_get_issue(DOMAIN, ISSUE_STORE_SET_ASIDE) is None


async def test_dates_begin_at_midnight_at_home(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    await hass.config.async_set_time_zone("Pacific/Auckland")
    freezer.move_to("2026-06-10T00:00:00+00:00")
    midnight = dt_util.start_of_local_day()
    today = dt_util.now().date()
    assert wish_of(before=today).until_ms == midnight.timestamp() * 1000
    naive = midnight.replace(tzinfo=None) + timedelta(hours=3)
    later = midnight + timedelta(hours=3)
    assert wish_of(before=naive).until_ms == later.timestamp() * 1000
    assert wish_of(before=later).until_ms == later.timestamp() * 1000
