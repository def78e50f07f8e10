"""System health: whether all is well, in numbers and without names."""

from typing import Any, Final

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import ScoutConfigEntry

_BUILT_IN: Final = "built_in"


@callback
def async_register(
    hass: HomeAssistant, register: system_health.SystemHealthRegistration
) -> None:
    """Register what is told."""
    register.async_register_info(
        _async_info, f"/config/integrations/integration/{DOMAIN}"
    )


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[ScoutConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    if not entries:
        return {"loaded": False}
    entry = entries[0]
    data = entry.runtime_data.data
    run = data.last_run
    finished = dt_util.parse_datetime((run and run.finished_at) or "")
    words = entry.options.get("words", {})
    return {
        "loaded": True,
        **await _async_store(hass, entry),
        "last_analysis": finished or "-",
        "errors": len(run.errors) if run else 0,
        "open_suggestions": len(data.open),
        "recorder_days": _recorder_days(hass),
        "words": words.get("provider", _BUILT_IN),
    }


async def _async_store(hass: HomeAssistant, entry: ScoutConfigEntry) -> dict[str, Any]:
    def size() -> int:
        path = entry.runtime_data.keeper.stores.database.path
        # What is new stands in the log beside it, often for days.
        log = path.with_name(f"{path.name}-wal")
        return path.stat().st_size + (log.stat().st_size if log.exists() else 0)

    try:
        stats = await entry.runtime_data.async_archive_stats()
        taken = await hass.async_add_executor_job(size)
    except HomeAssistantError as err:
        return {"store": {"type": "failed", "error": err.translation_key or "unknown"}}
    except OSError:
        return {"store": {"type": "failed", "error": "store_failed"}}
    return {
        "store": f"{taken / 1_000_000:.1f} MB",
        "history_days": stats.days,
    }


def _recorder_days(hass: HomeAssistant) -> int | str:
    if "recorder" not in hass.config.components:
        return "-"
    recorder = get_instance(hass)
    return recorder.keep_days if recorder.auto_purge else "∞"
