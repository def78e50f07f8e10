"""Writes history into a real recorder, shaped as Home Assistant shapes it.

Every change is a state in the state machine with the context, the events and the
order of a running Home Assistant, at an instant of the past.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import NAMESPACE_DNS, uuid5

from homeassistant.components.recorder.db_schema import RecorderRuns
from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.util.ulid import ulid_at_time
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)


def user_id(name: str) -> str:
    """Return a user id as Home Assistant makes them, always the same for a name."""
    return uuid5(NAMESPACE_DNS, name).hex


class History:
    """A pen for the past: where it stands in time, and what happens there."""

    def __init__(self, hass: HomeAssistant, start: datetime) -> None:
        """Begin at an aware instant."""
        self.hass = hass
        self.now = start

    @property
    def now_ms(self) -> int:
        """Where the pen stands, ms UTC."""
        return round(self.now.timestamp() * 1000)

    def at(self, moment: datetime) -> Self:
        """Move to an aware instant."""
        self.now = moment
        return self

    def later(self, seconds: float) -> Self:
        """Move on."""
        self.now += timedelta(seconds=seconds)
        return self

    def context(self, user: str = "", parent: Context | None = None) -> Context:
        """Return a context made now."""
        return Context(
            user_id=user or None,
            parent_id=parent.id if parent else None,
            id=ulid_at_time(self.now.timestamp()),
        )

    def state(
        self,
        entity_id: str,
        state: str,
        context: Context | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Context:
        """Let an entity enter a state, in a context of its own if none is given."""
        context = context or self.context()
        self.hass.states.async_set(
            entity_id,
            state,
            attributes,
            context=context,
            timestamp=self.now.timestamp(),
        )
        return context

    def appear(self, **states: str) -> None:
        """Let entities appear; `light__hall` stands for `light.hall`."""
        for name, state in states.items():
            self.state(name.replace("__", ".", 1), state)

    def event(self, name: str, data: dict[str, Any], context: Context) -> None:
        """Fire an event."""
        self.hass.bus.async_fire(
            name, data, context=context, time_fired=self.now.timestamp()
        )

    def call(self, service: str, data: dict[str, Any], context: Context) -> Context:
        """Call a service, without its effect."""
        domain, _, name = service.partition(".")
        self.event(
            EVENT_CALL_SERVICE,
            {"domain": domain, "service": name, "service_data": data},
            context,
        )
        return context

    def tap(self, entity_id: str, state: str, user: str, **target: Any) -> Context:
        """Let a person switch an entity in the user interface."""
        domain = entity_id.partition(".")[0]
        service = f"{domain}.turn_{'on' if state == 'on' else 'off'}"
        context = self.call(
            service, target or {"entity_id": [entity_id]}, self.context(user)
        )
        return self.state(entity_id, state, context)

    def press(self, entity_id: str, state: str) -> Context:
        """Let a person switch an entity at the device itself."""
        return self.state(entity_id, state)

    def trigger(self, automation: str, cause: Context | None = None) -> Context:
        """Start an automation, by time where no context is the cause."""
        context = self.context(parent=cause)
        self.event(
            "automation_triggered",
            {"name": automation, "entity_id": automation, "source": "time"},
            context,
        )
        self.state(automation, "on", context, {"last_triggered": self.now_ms})
        return context

    def script(self, script: str, context: Context) -> Context:
        """Start a script in the context of whoever starts it."""
        self.call(script, {}, context)
        self.event("script_started", {"name": script, "entity_id": script}, context)
        self.state(script, "on", context, {"last_triggered": self.now_ms})
        self.state(script, "off", context, {"last_triggered": self.now_ms})
        return context

    def act(self, entity_id: str, state: str, context: Context) -> None:
        """Let an automation or a script switch an entity."""
        domain = entity_id.partition(".")[0]
        service = f"{domain}.turn_{'on' if state == 'on' else 'off'}"
        self.call(service, {"entity_id": [entity_id]}, context)
        self.state(entity_id, state, context)

    async def restart(self) -> None:
        """Forget all states, in the state machine and as the recorder's last ones."""
        await self.written()
        self.hass.states._states.clear()
        instance = get_instance(self.hass)
        instance.states_manager.reset()

        def start() -> None:
            with session_scope(hass=self.hass) as session:
                now = self.now.astimezone(UTC)
                session.add(RecorderRuns(start=now, created=now))

        await instance.async_add_executor_job(start)

    async def written(self) -> None:
        """Wait until everything is in the database."""
        await async_wait_recording_done(self.hass)
