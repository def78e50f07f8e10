"""What several test files need."""

import asyncio
from pathlib import Path
import sqlite3
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
)


async def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask a store from outside, as another process would."""

    def read() -> list[tuple[Any, ...]]:
        conn = sqlite3.connect(path)
        try:
            return conn.execute(query).fetchall()
        finally:
            conn.close()

    return await asyncio.to_thread(read)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let the clock go on, and everything happen that is due by then."""
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


def all_options(**sections: dict[str, Any]) -> dict[str, Any]:
    """Return options as the form sends them, with these values in their sections."""
    sent: dict[str, dict[str, Any]] = {
        "schedule": {"run_at": "04:30:00", "retention_days": 90},
        "suggestions": {"sensitivity": "quiet", "max_open": 2},
        "scope": {
            "include_entities": [],
            "exclude_entities": [],
            "exclude_areas": [],
            "exclude_labels": [],
            "exclude_users": [],
            "people": [],
        },
        "words": {
            "provider": "built_in",
            "price_in": 0,
            "price_out": 0,
            "concurrency": 5,
            "pseudonyms": True,
            "headlines": False,
        },
        "notifications": {
            "how": "none",
            "not_before": "08:00:00",
            "not_after": "21:00:00",
        },
    }
    return {name: {**sent[name], **sections.get(name, {})} for name in sent}
