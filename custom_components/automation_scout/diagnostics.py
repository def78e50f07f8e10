"""Diagnostics: how the analysis went, without telling who lives how.

Ids become hashes that are equal within one download; names, titles, times of single
events and what a person typed into the options are left out. Of errors, which may say
anything, whatever is quoted, is a path or is called so in this home becomes a hash too.
"""

from collections.abc import AsyncIterator, Awaitable, Collection, Mapping
from dataclasses import asdict
from hashlib import blake2b
import re
from secrets import token_bytes
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import entity_registry as er, label_registry as lr

from .const import CONF_AI_TASK
from .coordinator import ScoutConfigEntry, ScoutCoordinator
from .given_names import given_names
from .store.runs import RunRow
from .suggestion import Suggestion

_RUNS: Final = 5
_ENTITY_ID: Final = re.compile(r"\b([a-z][a-z_]*)\.([a-z0-9_]+)\b")
_FINGERPRINT: Final = re.compile(r"\b(?:s\d+-)?[0-9a-f]{16,64}\b")
_QUOTED: Final = re.compile(r"(?<!\w)(['\"])(?P<text>.+?)\1(?!\w)")
_PATH: Final = re.compile(r"(?:~|[A-Za-z]:)?(?:[/\\][^\s:,;'\"/\\]+)+")
_CHOSEN: Final = frozenset(
    {"how", "not_after", "not_before", "provider", "run_at", "sensitivity"}
)
"""Options that are picked from a list or a clock; other texts a person has typed."""
_HIDDEN: Final = "**REDACTED**"
_MISS_TOLD: Final = ("gate", "measured", "required", "more_days")
_EVIDENCE_TOLD: Final = (
    "days_observed",
    "opportunities",
    "hits",
    "wrong",
    "missed",
    "human_actions",
    "provenance",
    "holdout",
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: ScoutConfigEntry
) -> dict[str, Any]:
    """Return what helps to understand why something was or was not suggested.

    A part that cannot be had is an error: the others are wanted then above all.
    """
    names = {name async for name in _names(hass)}
    titles = await _part(_titles(entry))
    if isinstance(titles, set):
        names |= titles
    hidden = _Hidden(token_bytes(16), names)
    return {
        "set_up": {
            "state": entry.state.value,
            "reason": entry.error_reason_translation_key,
        },
        "options": hidden.options(entry.options),
        "runs": await _part(_runs(entry, hidden)),
        "answers": await _part(_answers(entry)),
        "archive": await _part(_archive(entry)),
        "suggestions": await _part(_suggestions(entry, hidden)),
    }


async def _part[T](told: Awaitable[T]) -> T | dict[str, str]:
    try:
        return await told
    except Exception as err:  # noqa: BLE001 - whatever is broken
        return {"error": type(err.__cause__ or err).__name__}


def _loaded(entry: ScoutConfigEntry) -> ScoutCoordinator:
    """Return who is asked.

    Raises:
        ConfigEntryNotReady: the integration is not loaded.
    """
    if entry.state is not ConfigEntryState.LOADED:
        raise ConfigEntryNotReady
    return entry.runtime_data


async def _titles(entry: ScoutConfigEntry) -> set[str]:
    return {item["title"] for item in await _loaded(entry).async_list()}


async def _runs(entry: ScoutConfigEntry, hidden: _Hidden) -> list[dict[str, Any]]:
    return [hidden.run(row) for row in await _loaded(entry).async_runs(_RUNS)]


async def _answers(entry: ScoutConfigEntry) -> dict[str, int]:
    return await _loaded(entry).async_answers()


async def _archive(entry: ScoutConfigEntry) -> dict[str, Any]:
    return asdict(await _loaded(entry).async_archive_stats())


async def _suggestions(
    entry: ScoutConfigEntry, hidden: _Hidden
) -> list[dict[str, Any]]:
    return [hidden.suggestion(item) for item in await _loaded(entry).async_list()]


async def _names(hass: HomeAssistant) -> AsyncIterator[str]:
    """Yield what people and things are called here, and the parts of people's names."""
    for name in await given_names(hass):
        yield name.text
    for state in hass.states.async_all():
        yield state.object_id
    for entry in er.async_get(hass).entities.values():
        yield entry.name or ""
        yield entry.original_name or ""
    for label in lr.async_get(hass).async_list_labels():
        yield label.name


class _Hidden:
    """Hides ids, the same id behind the same hash within one download.

    The key is drawn anew for each and not told: with it, names could be tried out.
    """

    def __init__(self, key: bytes, names: Collection[str]) -> None:
        self._key = key
        told = {name.strip() for name in names if len(name.strip()) > 1}
        longest = sorted(map(re.escape, told), key=len, reverse=True)
        self._names = re.compile(
            rf"(?<!\w)(?:{'|'.join(longest) or '(?!)'})(?!\w)", re.IGNORECASE
        )

    def id(self, text: str) -> str:
        digest = blake2b(text.encode(), key=self._key, digest_size=5)
        return digest.hexdigest()

    def entity(self, entity_id: str) -> str:
        domain, _, name = entity_id.partition(".")
        return f"{domain}.{self.id(name)}"

    def text(self, text: str) -> str:
        """Return an error without what may be private in it."""
        shown = _QUOTED.sub(lambda found: f"'{self.quoted(found['text'])}'", text)
        shown = _ENTITY_ID.sub(lambda found: self.entity(found[0]), shown)
        shown = _PATH.sub(_HIDDEN, shown)
        shown = _FINGERPRINT.sub(lambda found: self.id(found[0]), shown)
        return self._names.sub(lambda found: self.id(found[0]), shown)

    def quoted(self, text: str) -> str:
        """Return an entity id as it is, to be hidden as one; of others a hash."""
        return text if _ENTITY_ID.fullmatch(text) else self.id(text)

    def options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: {key: self.option(key, value) for key, value in values.items()}
            for name, values in options.items()
            if isinstance(values, Mapping)
        }

    def option(self, key: str, value: object) -> object:
        match value:
            case list():
                return [self.id(str(item)) for item in value]
            case bool() | int() | float() | None:
                return value
            case str() if key in _CHOSEN or not value:
                return value
            case str() if key == CONF_AI_TASK:
                return self.entity(value)
            case _:
                return _HIDDEN

    def run(self, row: RunRow) -> dict[str, Any]:
        phases = [
            {**phase, "error": self.text(phase["error"]) if phase["error"] else None}
            for phase in row.phases
        ]
        return {
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            "status": row.status,
            "counters": row.counters,
            "funnel": row.funnel,
            "misses": [self.miss(item) for item in row.misses],
            "phases": phases,
            "errors": [self.text(error) for error in row.errors],
        }

    def miss(self, item: Mapping[str, Any]) -> dict[str, Any]:
        told = {key: item[key] for key in _MISS_TOLD}
        entities = [self.entity(entity_id) for entity_id in item["entities"]]
        return {"kind": item["rule"]["kind"], "entities": entities, **told}

    def suggestion(self, item: Suggestion) -> dict[str, Any]:
        return {
            "id": self.id(item["id"]),
            "status": item["status"],
            "kind": item["kind"],
            "category": item["category"],
            "priority": item["priority"],
            "confidence": item["confidence"],
            "safety": item["safety"],
            "version": item["version"],
            "entities": [self.entity(entity_id) for entity_id in item["entities"]],
            "evidence": {key: item["evidence"][key] for key in _EVIDENCE_TOLD},
        }
