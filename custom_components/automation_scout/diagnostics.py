"""Diagnostics: how the analysis went, without telling who lives how.

Entity ids become hashes that are equal within one download; names, titles, times of
single events and user ids are left out.
"""

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import blake2b
import re
from secrets import token_bytes
from typing import Any, Final

from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant

from .const import CONF_AI_TASK, CONF_BASE_URL
from .coordinator import ScoutConfigEntry
from .store.runs import RunRow
from .suggestion import Suggestion

REDACTED: Final = "**REDACTED**"

_RUNS: Final = 5
_SECRET: Final = frozenset({CONF_API_KEY, CONF_BASE_URL})
"""An address may hold a password, and tells of the home."""
_ENTITY_ID: Final = re.compile(r"\b([a-z][a-z_]*)\.([a-z0-9_]+)\b")
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
    """Return what helps to understand why something was or was not suggested."""
    coordinator = entry.runtime_data
    hidden = _Hidden(token_bytes(16))
    return {
        "options": hidden.options(entry.options),
        "runs": [hidden.run(row) for row in await coordinator.async_runs(_RUNS)],
        "answers": await coordinator.async_answers(),
        "archive": asdict(await coordinator.async_archive_stats()),
        "suggestions": [
            hidden.suggestion(item) for item in await coordinator.async_list()
        ],
    }


class _Hidden:
    """Hides ids, the same id behind the same hash within one download.

    The key is drawn anew for each and not told: with it, names could be tried out.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def id(self, text: str) -> str:
        digest = blake2b(text.encode(), key=self._key, digest_size=5)
        return digest.hexdigest()

    def entity(self, entity_id: str) -> str:
        domain, _, name = entity_id.partition(".")
        return f"{domain}.{self.id(name)}"

    def text(self, text: str) -> str:
        return _ENTITY_ID.sub(lambda found: self.entity(found[0]), text)

    def options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, values in options.items():
            shown[name] = {
                key: self.option(key, value) for key, value in values.items()
            }
        return shown

    def option(self, key: str, value: object) -> object:
        if isinstance(value, list):
            return [self.id(item) for item in value]
        if value and key in _SECRET:
            return REDACTED
        if value and key == CONF_AI_TASK:
            return self.entity(str(value))
        return value

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
            "id": item["id"],
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
