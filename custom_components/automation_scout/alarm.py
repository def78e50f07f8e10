"""Rings when a snooze ends, so that nobody has to wait for the nightly run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time


@dataclass(slots=True)
class Alarm:
    """One alarm at a time, until it is cancelled."""

    hass: HomeAssistant
    due: Callable[[], datetime | None]
    """When the next snooze ends."""
    ring: Callable[[], None]
    _set_to: datetime | None = None
    _cancel: CALLBACK_TYPE | None = None

    @callback
    def async_follow(self) -> None:
        """Set it to the end of the next snooze, if that is another one now."""
        due = self.due()
        if due == self._set_to:
            return
        self.async_cancel()
        if due is not None:
            self._set_to = due
            self._cancel = async_track_point_in_utc_time(
                self.hass, self._async_ring, due
            )

    @callback
    def async_cancel(self) -> None:
        """Let it ring no more."""
        self._set_to = None
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def _async_ring(self, _now: datetime) -> None:
        self._set_to = self._cancel = None
        self.ring()
