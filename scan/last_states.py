"""The states of a home as its files left them, put into the state machine.

An entity is there where the registry knows it and has it enabled, or where it has shown
a state since Home Assistant last started.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from homeassistant.components.recorder.db_schema import (
    StateAttributes,
    States,
    StatesMeta,
)
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.util import dt as dt_util, slugify
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads
from sqlalchemy import Select, select
from sqlalchemy.orm.session import Session

from . import storage
from .configuration import Configuration
from .database import opened

SETTLED_S: Final = 600.0
"""A start after which the recorder wrote for less than this had not come to all
entities yet, and the one before it is asked."""
EARLY_S: Final = 60.0
"""The recorder's clock for its start and that for the states may differ."""
LAST_TRIGGERED: Final = "last_triggered"
ABSENT: Final = (STATE_UNAVAILABLE, STATE_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the history of a copy begins to count as present, and where it ends."""

    started_s: float
    """When the recorder was last started, seconds since the epoch; 0 if never."""
    newest_s: float
    """When the last state was written; 0 where there is none."""


def ends(path: Path) -> Ends:
    """Read the ends of a copy, before a recorder notes a start of its own.

    Raises:
        BadInput: it is damaged.
    """
    with opened(path) as connection:
        (newest,) = connection.execute(
            "SELECT max(last_updated_ts) FROM states"
        ).fetchone()
        starts = [
            _seconds(start)
            for (start,) in connection.execute(
                "SELECT start FROM recorder_runs ORDER BY run_id DESC"
            )
        ]
    newest_s = float(newest or 0)
    settled = (start for start in starts if newest_s - start >= SETTLED_S)
    return Ends(next(settled, min(starts, default=0.0)), newest_s)


def _seconds(text: object) -> float:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class _Row:
    """The last row of an entity."""

    entity_id: str
    state: str | None
    """None where the entity was removed."""
    at_s: float
    attributes: Mapping[str, Any]


async def seed(
    hass: HomeAssistant, folder: Path, configuration: Configuration, started_s: float
) -> frozenset[str]:
    """Put the last states into the state machine; return who was ever recorded.

    Args:
        hass: A home with its registries and its recorder.
        folder: Where the files are.
        configuration: What its YAML says.
        started_s: From when on an entity without a registry entry counts.
    """
    rows = await get_instance(hass).async_add_executor_job(_read, hass)
    restored = await hass.async_add_executor_job(
        lambda: {str(s.get("entity_id")): s for s in storage.last_states(folder)}
    )
    people = await hass.async_add_executor_job(
        lambda: list(storage.rows(folder, "person", "items"))
    )
    groups = await hass.async_add_executor_job(
        lambda: list(storage.entry_options(folder, "group"))
    )
    extra = dict(_members(hass, configuration, groups))
    extra |= dict(_trackers(hass, configuration, people))
    registry = er.async_get(hass)
    for row in rows:
        entry = registry.async_get(row.entity_id)
        if row.state is None or (
            entry.disabled if entry else row.at_s < started_s - EARLY_S
        ):
            continue
        known = dict(entry.capabilities or {}) if entry else {}
        known |= _kept(restored.get(row.entity_id, {}))
        known |= {**row.attributes, **extra.get(row.entity_id, {})}
        _set(hass, row.entity_id, row.state, known, row.at_s)
    for entity_id, state in restored.items():
        entry = registry.async_get(entity_id)
        if entry is not None and not entry.disabled and not hass.states.get(entity_id):
            _set(hass, entity_id, str(state.get("state")), _kept(state), None)
    for entry in registry.entities.values():
        if not entry.disabled and not hass.states.get(entry.entity_id):
            entry.write_unavailable_state(hass)
    _complete(hass, extra)
    return frozenset(row.entity_id for row in rows)


def _kept(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a kept state, also what the recorder leaves out."""
    attributes = state.get("attributes")
    if not isinstance(attributes, dict):
        return {}
    last = attributes.get(LAST_TRIGGERED)
    moment = dt_util.parse_datetime(last) if isinstance(last, str) else None
    return attributes if moment is None else {**attributes, LAST_TRIGGERED: moment}


def _read(hass: HomeAssistant) -> list[_Row]:
    """Return the last row of each entity that there ever was."""
    with session_scope(hass=hass, read_only=True) as session:
        names = session.execute(
            select(StatesMeta.metadata_id, StatesMeta.entity_id)
        ).all()
        return [
            row
            for number, entity_id in names
            if entity_id and (row := _last(session, number, entity_id))
        ]


def _last(session: Session, number: int, entity_id: str) -> _Row | None:
    query = _newest(number)
    found = session.execute(query).first()
    if (
        found is not None
        and found[0] in ABSENT
        and not entity_id.startswith("automation.")
    ):
        # As it is when it is there; an automation that is not there does nothing.
        present = session.execute(query.where(States.state.not_in(ABSENT))).first()
        if present is not None:
            at_s, state, text = found[1], present[0], present[2]
            return _Row(entity_id, state, at_s or 0.0, _attributes(text))
    if found is None:
        return None
    return _Row(entity_id, found[0], found[1] or 0.0, _attributes(found[2]))


def _newest(number: int) -> Select[tuple[str | None, float | None, str | None]]:
    return (
        select(States.state, States.last_updated_ts, StateAttributes.shared_attrs)
        .outerjoin(
            StateAttributes, States.attributes_id == StateAttributes.attributes_id
        )
        .where(States.metadata_id == number)
        .order_by(States.last_updated_ts.desc())
        .limit(1)
    )


def _attributes(text: str | None) -> Mapping[str, Any]:
    try:
        found = json_loads(text or "{}")
    except JSON_DECODE_EXCEPTIONS:
        return {}
    return found if isinstance(found, dict) else {}


@callback
def _set(
    hass: HomeAssistant,
    entity_id: str,
    state: str,
    attributes: Mapping[str, Any],
    at_s: float | None,
) -> None:
    """Set a state; one that Home Assistant would not take is left out."""
    try:
        hass.states.async_set(
            entity_id, state, attributes, force_update=True, timestamp=at_s
        )
    except HomeAssistantError:
        return


@callback
def _complete(hass: HomeAssistant, extra: Mapping[str, Mapping[str, Any]]) -> None:
    """Add what is known to those whose state came from elsewhere."""
    for entity_id, attributes in extra.items():
        state = hass.states.get(entity_id)
        if state is not None and not attributes.items() <= state.attributes.items():
            _set(hass, entity_id, state.state, {**state.attributes, **attributes}, None)


def _members(
    hass: HomeAssistant,
    configuration: Configuration,
    groups: list[tuple[str, Mapping[str, Any]]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what groups list; the recorder leaves it out."""
    registry = er.async_get(hass)
    for entry_id, options in groups:
        listed = options.get("entities")
        members = [
            er.async_resolve_entity_id(registry, member) or member
            for member in (listed if isinstance(listed, list) else [])
            if isinstance(member, str)
        ]
        for entry in er.async_entries_for_config_entry(registry, entry_id):
            yield entry.entity_id, {"entity_id": members}
    for group in configuration.groups:
        entity_id = f"{group.domain}.{slugify(group.name)}"
        if group.unique_id is not None:
            entity_id = (
                registry.async_get_entity_id(group.domain, "group", group.unique_id)
                or entity_id
            )
        yield entity_id, {"entity_id": list(group.members)}


def _trackers(
    hass: HomeAssistant,
    configuration: Configuration,
    people: list[Mapping[str, Any]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the device trackers of people; the recorder leaves them out."""
    registry = er.async_get(hass)
    for person in people:
        listed = person.get("device_trackers")
        entity_id = registry.async_get_entity_id(
            "person", "person", str(person.get("id"))
        )
        if isinstance(listed, list):
            yield (
                entity_id or f"person.{slugify(str(person.get('name')))}",
                {"device_trackers": listed},
            )
    for name, trackers in configuration.trackers.items():
        yield f"person.{slugify(name)}", {"device_trackers": list(trackers)}
