"""What the set-up must not cost: imports on the event loop, and a start that waits."""

import asyncio
from pathlib import Path
import subprocess
import sys
import threading

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.automation_scout.schedule import FIRST_RUN_DELAY_S

from .scripted import Script

ROOT = Path(__file__).parent.parent

IN_A_FRESH_INTERPRETER = """
import asyncio
from importlib.abc import MetaPathFinder
import sys
import threading

from homeassistant import loader
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

HEAVY = {"numpy", "openai"}
assert not HEAVY & set(sys.modules), "the tools have brought it already"
seen = set()


class Guard(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in HEAVY:
            where = threading.current_thread()
            assert where is not threading.main_thread(), f"{name} on the event loop"
            seen.add(name)
        return None


async def main(folder):
    async with async_test_home_assistant(config_dir=folder) as hass:
        try:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
            entry = MockConfigEntry(domain="automation_scout", entry_id="1" * 16)
            entry.add_to_hass(hass)
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done(wait_background_tasks=True)
            assert hass.states.get("sensor.automation_scout_suggestions").state == "0"
            assert not HEAVY & set(sys.modules), "imported by the set-up"
            await entry.runtime_data._async_parts()
            assert seen == {"numpy"}, "the guard did not see the first use"
        finally:
            await hass.async_stop(force=True)


sys.meta_path.insert(0, Guard())
asyncio.run(main(sys.argv[1]))
"""


def test_set_up_imports_neither_numpy_nor_openai(tmp_path: Path) -> None:
    """Nor does the event loop when they are needed: another thread does."""
    (tmp_path / "storage").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_INTERPRETER, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


async def test_the_start_does_not_wait_for_the_first_analysis(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    script: Script,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Home Assistant has started before it begins, and goes on while it hangs."""
    script.hold = threading.Event()
    started: list[Event] = []
    hass.bus.async_listen(EVENT_HOMEASSISTANT_STARTED, started.append)
    hass.set_state(CoreState.not_running)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_start()
    await hass.async_block_till_done()
    assert hass.state is CoreState.running
    assert len(started) == 1
    assert not script.mining.is_set()

    freezer.tick(FIRST_RUN_DELAY_S + 1)
    async_fire_time_changed(hass)
    await script.until_mining()
    # Whoever waits for Home Assistant to be done does not wait for the miner.
    async with asyncio.timeout(5):
        await hass.async_block_till_done()
    state = hass.states.get("binary_sensor.automation_scout_analyzing")
    assert state
    assert state.state == "on"
    script.hold.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    state = hass.states.get("binary_sensor.automation_scout_analyzing")
    assert state
    assert state.state == "off"
