"""What is new in the recorder goes into the archive, day by day.

What was left out of it so far, as it was out of scope or of no interest to the version
before, is read once more over the whole span that the recorder still holds.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant

from .mining.attributes import logged_names
from .mining.facts import ACTUATOR_DOMAINS, HomeFacts, domain_of
from .parts import Parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from .recorder_source import Window
    from .store.archive import Archive

_DAY_MS: Final = 86_400_000


@dataclass(slots=True)
class Ingest:
    """One read of the recorder into an archive."""

    hass: HomeAssistant
    parts: Parts
    archive: Archive
    facts: HomeFacts
    count: Callable[[int, int], None]
    """Told how many rows each window had, and how many changes were new."""

    async def until(self, until_ms: int) -> None:
        """Read everything that happened before an instant, ms UTC."""
        since_ms = await self.archive.watermark_ms()
        if since_ms is not None and since_ms > until_ms:
            # The clock was put back. What was read twice is dropped by the archive.
            since_ms = until_ms - _DAY_MS
        wanted = logged_names(self.facts)
        if since_ms is not None:
            fresh = await self.archive.uncovered(wanted)
            if fresh:
                await self._read_again(fresh, since_ms)
        async for window in self.parts.windows(
            self.hass,
            self.facts,
            since_ms,
            until_ms,
            await self.archive.last_states(),
            frozenset(),
        ):
            await self._append(window, window.until_ms, advance=True)
        await self.archive.cover(wanted)

    async def _read_again(self, fresh: frozenset[str], until_ms: int) -> None:
        """Add the changes of some names up to what has been read of the others."""
        facts = self.facts
        if not any(domain_of(name) in ACTUATOR_DOMAINS for name in fresh):
            # Reports are read without regard to anything else.
            own = {name: facts.entities[name] for name in fresh}
            facts = replace(facts, entities=own)
        async for window in self.parts.windows(
            self.hass, facts, None, until_ms, {}, frozenset()
        ):
            log = await self.hass.async_add_executor_job(window.log.of, fresh)
            await self._append(replace(window, log=log), until_ms, advance=False)

    async def _append(self, window: Window, until_ms: int, *, advance: bool) -> None:
        days = await self.hass.async_add_executor_job(
            self.parts.local_days, window.log.t, self.facts.time_zone
        )
        added = await self.archive.append(window.log, days, until_ms, advance=advance)
        self.count(window.rows, added)
