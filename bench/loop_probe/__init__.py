"""Measures, from within, how long the event loop of Home Assistant is held up.

A task wakes every five milliseconds; how much later than that it comes to run is the
time that something else held the loop. `loop_probe.read` answers with what was seen
since the last call.
"""

import asyncio
from math import ceil
from time import perf_counter

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

DOMAIN = "loop_probe"
CONFIG_SCHEMA = cv.empty_config_schema(DOMAIN)
INTERVAL_S = 0.005


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Start to measure."""
    del config
    late_ms: list[float] = []

    async def watch() -> None:
        while True:
            due = perf_counter() + INTERVAL_S
            await asyncio.sleep(INTERVAL_S)
            late_ms.append(1000 * (perf_counter() - due))

    async def read(call: ServiceCall) -> ServiceResponse:
        del call
        seen = sorted(late_ms)
        late_ms.clear()
        if not seen:
            return {"samples": 0}
        return {
            "samples": len(seen),
            "p50_ms": seen[len(seen) // 2],
            "p99_ms": seen[ceil(0.99 * len(seen)) - 1],
            "max_ms": seen[-1],
        }

    hass.async_create_background_task(watch(), DOMAIN)
    hass.services.async_register(
        DOMAIN, "read", read, supports_response=SupportsResponse.ONLY
    )
    return True
