"""When an analysis starts by itself: every night, after a missed one, and at first.

The nightly time of an installation is the option's time plus a jitter that never
changes, so that homes that share a machine do not all begin at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import blake2b
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_change
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

MAX_JITTER_S: Final = 20 * 60
FIRST_RUN_DELAY_S = 30.0
"""After the start of a home that was never analysed; a person is waiting."""
CATCH_UP_DELAY_S = 300.0
"""After a start that follows a missed night; the start itself has its own work."""


def nightly_time(run_at: time, entry_id: str) -> time:
    """Return the local time of an installation's run: `run_at` and its jitter."""
    digest = blake2b(entry_id.encode(), digest_size=8).digest()
    jitter = int.from_bytes(digest) % (MAX_JITTER_S + 1)
    seconds = run_at.hour * 3600 + run_at.minute * 60 + run_at.second + jitter
    minutes, second = divmod(seconds % 86_400, 60)
    return time(minutes // 60, minutes % 60, second)


def last_due(now: datetime, nightly: time) -> datetime:
    """Return when the last nightly run was due, at or before `now` (aware, local)."""
    due = now.replace(
        hour=nightly.hour, minute=nightly.minute, second=nightly.second, microsecond=0
    )
    return due if due <= now else due - timedelta(days=1)


@dataclass(slots=True)
class Schedule:
    """Starts the runs of one installation until it is cancelled."""

    hass: HomeAssistant
    nightly: time
    last_finished: Callable[[], datetime | None]
    start: Callable[[], None]
    _cancels: list[CALLBACK_TYPE] = field(default_factory=list)

    @callback
    def async_begin(self) -> None:
        """Plan the nightly runs, and one soon after the start where one is due."""
        self._cancels += [
            async_track_time_change(
                self.hass,
                self._async_nightly,
                hour=self.nightly.hour,
                minute=self.nightly.minute,
                second=self.nightly.second,
            ),
            async_at_started(self.hass, self._async_catch_up),
        ]

    @callback
    def async_cancel(self) -> None:
        """Forget everything that was planned."""
        while self._cancels:
            self._cancels.pop()()

    @callback
    def _async_nightly(self, _now: datetime) -> None:
        self.start()

    @callback
    def _async_catch_up(self, _hass: HomeAssistant) -> None:
        if self._is_due():
            first = self.last_finished() is None
            delay = FIRST_RUN_DELAY_S if first else CATCH_UP_DELAY_S
            self._cancels.append(
                async_call_later(self.hass, delay, self._async_start_if_due)
            )

    @callback
    def _async_start_if_due(self, _now: datetime) -> None:
        if self._is_due():
            self.start()

    def _is_due(self) -> bool:
        finished = self.last_finished()
        return finished is None or finished < last_due(dt_util.now(), self.nightly)
