"""Runs that nobody asked for: every night, after a missed one, and at first."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.schedule import (
    CATCH_UP_DELAY_S,
    FIRST_RUN_DELAY_S,
)

from .helpers import pass_time
from .scripted import Script


async def test_first_run_starts_soon_after_the_installation(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
) -> None:
    await pass_time(hass, freezer, FIRST_RUN_DELAY_S - 5)
    assert not await scout.async_runs(1)
    await pass_time(hass, freezer, 6)
    assert len(await scout.async_runs(5)) == 1
    await pass_time(hass, freezer, 2 * CATCH_UP_DELAY_S)
    assert len(await scout.async_runs(5)) == 1


async def test_first_run_is_not_repeated_where_a_person_was_faster(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
) -> None:
    await scout.async_analyze()
    await pass_time(hass, freezer, FIRST_RUN_DELAY_S + 1)
    assert len(await scout.async_runs(5)) == 1


async def test_every_night_there_is_one_run(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
) -> None:
    await scout.async_analyze()
    nightly = scout._schedule.nightly
    assert nightly.hour == 3
    assert nightly.minute <= 20
    for night in range(1, 3):
        tomorrow = dt_util.now() + timedelta(days=1)
        freezer.move_to(
            tomorrow.replace(
                hour=3, minute=nightly.minute, second=nightly.second, microsecond=600000
            )
        )
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert len(await scout.async_runs(9)) == 1 + night


async def test_missed_night_is_caught_up_some_minutes_after_the_start(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
) -> None:
    await scout.async_analyze()
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(timedelta(days=3))
    hass.set_state(CoreState.starting)
    await hass.config_entries.async_setup(entry.entry_id)
    await pass_time(hass, freezer, 2 * CATCH_UP_DELAY_S)
    again: ScoutCoordinator = entry.runtime_data
    assert len(await again.async_runs(5)) == 1

    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    await pass_time(hass, freezer, CATCH_UP_DELAY_S - 5)
    assert len(await again.async_runs(5)) == 1
    await pass_time(hass, freezer, 6)
    assert len(await again.async_runs(5)) == 2


async def test_no_catch_up_after_a_restart_on_the_same_day(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
) -> None:
    tomorrow = dt_util.now() + timedelta(days=1)
    freezer.move_to(tomorrow.replace(hour=12))
    await scout.async_analyze()
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, freezer, 2 * CATCH_UP_DELAY_S)
    assert len(await entry.runtime_data.async_runs(5)) == 1


async def test_scheduled_failure_is_quiet(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
) -> None:
    script.failures = {"mine": RuntimeError("a surprise")}
    await pass_time(hass, freezer, FIRST_RUN_DELAY_S + 1)
    (run,) = await scout.async_runs(5)
    assert run.status == "failed"
