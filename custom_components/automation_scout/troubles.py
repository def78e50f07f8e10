"""What a person can mend so that more is learnt, or less goes wrong: repair issues.

Looked for at the end of every analysis; what is mended by then is taken back. What a
person ignores stays so until it is mended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from homeassistant.const import STATE_OFF
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.recorder import get_instance

from .const import (
    CONF_EXCLUDE_USERS,
    DOMAIN,
    ISSUE_HISTORY_SHORT,
    ISSUE_MACHINE_USER,
    ISSUE_NOT_RECORDED,
    ISSUE_OVERRULED,
)
from .installer.trouble import async_keep_for
from .lifecycle import ACCEPTED, OPEN, SNOOZED
from .markdown import literal
from .own import async_set_up
from .run import Run
from .store.extent import archive_stats
from .tidings import watched_of

ENOUGH_KEPT_DAYS: Final = 10
"""What the recorder keeps by default: ten days, each of which a night can miss."""
ENOUGH_ARCHIVED_DAYS: Final = 14
"""Of its own memory, from which on the recorder's matters little: most habits are known
by then, and only nights that were missed are read late."""
_KEYS: Final = frozenset(
    {ISSUE_HISTORY_SHORT, ISSUE_MACHINE_USER, ISSUE_NOT_RECORDED, ISSUE_OVERRULED}
)
_RECORDER_DOCS: Final = "https://www.home-assistant.io/integrations/recorder/"


@dataclass(frozen=True, slots=True)
class _Trouble:
    """One issue."""

    key: str
    told: Mapping[str, str]
    data: Mapping[str, str] = field(default_factory=dict)
    is_fixable: bool = True
    learn_more: str | None = None


async def look_for_trouble(run: Run) -> None:
    """Raise an issue for everything that is found, and take back all others.

    A look at a few days says less than what is stands, and changes nothing.
    """
    if run.days:
        return
    rows = await run.stores.suggestions.list([OPEN, SNOOZED, ACCEPTED])
    found = await _machines(run)
    found |= await _overruled(run)
    if "recorder" in run.hass.config.components:
        shown = [row for row in rows if row.status != SNOOZED]
        named = {name for row in shown for name in row.payload["entities"]}
        found |= _not_recorded(run, named) | await _history_short(run)
    _bring_up_to_date(run.hass, found)
    async_keep_for(run.hass, [row.id for row in rows])


@callback
def async_clear_troubles(hass: HomeAssistant) -> None:
    """Take everything back."""
    _bring_up_to_date(hass, {})


async def _machines(run: Run) -> dict[str, _Trouble]:
    """Return users that act to the second, and about whom nobody has said anything."""
    known = {*run.options.scope.get(CONF_EXCLUDE_USERS, ())}
    found: dict[str, _Trouble] = {}
    for machine in run.machines:
        if not machine.is_user or machine.name in known:
            continue
        if user := await run.hass.auth.async_get_user(machine.name):
            told = {
                "name": user.name or user.id,
                "account": literal(user.name or user.id),
                "days": str(machine.days),
                "acts": str(machine.acts),
                "spread": str(round(machine.spread_s, 1)),
            }
            found[f"{ISSUE_MACHINE_USER}_{user.id}"] = _Trouble(
                ISSUE_MACHINE_USER, told, {"user_id": user.id}
            )
    return found


async def _overruled(run: Run) -> dict[str, _Trouble]:
    """Return automations of ours that people keep undoing, and have not turned off."""
    watched = await watched_of(run.stores)
    found: dict[str, _Trouble] = {}
    set_up = await async_set_up(run.hass, run.stores.installed)
    for suggestion_id, entity_id in set_up.items():
        item, state = watched.get(entity_id), run.hass.states.get(entity_id)
        if item and item.needs_attention and state and state.state != STATE_OFF:
            told = {
                "name": state.name,
                "runs": str(item.recent.runs),
                "undone": str(item.recent.undone),
            }
            found[f"{ISSUE_OVERRULED}_{suggestion_id}"] = _Trouble(
                ISSUE_OVERRULED, told, {"suggestion_id": suggestion_id}
            )
    return found


def _not_recorded(run: Run, named: Iterable[str]) -> dict[str, _Trouble]:
    """Return the entities of which nothing more is learnt, as one issue.

    Its id changes with them, so that who ignores it is told of others that come later.
    Fewer than were ignored are no news.
    """
    scope = run.options.scope
    wanted = {*named, *scope.get("include_entities", ())}
    is_recorded = get_instance(run.hass).entity_filter or (lambda _entity_id: True)
    missing = sorted(
        entity_id
        for entity_id in wanted - {*scope.get("exclude_entities", ())}
        if run.hass.states.get(entity_id) and not is_recorded(entity_id)
    )
    if not missing:
        return {}
    missing = _ignored_with(run.hass, missing) or missing
    told = {"entities": "\n".join(f"- `{entity_id}`" for entity_id in missing)}
    digest = blake2b(",".join(missing).encode(), digest_size=4).hexdigest()
    return {
        f"{ISSUE_NOT_RECORDED}_{digest}": _Trouble(
            ISSUE_NOT_RECORDED,
            told,
            {"entities": ",".join(missing)},
            learn_more=_RECORDER_DOCS,
        )
    }


def _ignored_with(hass: HomeAssistant, missing: Iterable[str]) -> list[str] | None:
    """Return the entities of an issue that was ignored, if it names all of these."""
    for issue in ir.async_get(hass).issues.values():
        if issue.domain == DOMAIN and issue.translation_key == ISSUE_NOT_RECORDED:
            named = str((issue.data or {}).get("entities", "")).split(",")
            if issue.dismissed_version and {*missing} <= {*named}:
                return named
    return None


async def _history_short(run: Run) -> dict[str, _Trouble]:
    """Say that the recorder forgets sooner than habits show, while that matters."""
    recorder = get_instance(run.hass)
    if not recorder.auto_purge or recorder.keep_days >= ENOUGH_KEPT_DAYS:
        return {}
    stats = await archive_stats(run.stores.database)
    if stats.days >= ENOUGH_ARCHIVED_DAYS:
        return {}
    told = {"days": str(recorder.keep_days), "archived": str(stats.days)}
    return {
        ISSUE_HISTORY_SHORT: _Trouble(
            ISSUE_HISTORY_SHORT, told, is_fixable=False, learn_more=_RECORDER_DOCS
        )
    }


@callback
def _bring_up_to_date(hass: HomeAssistant, found: Mapping[str, _Trouble]) -> None:
    issues = ir.async_get(hass).issues.values()
    for gone in [
        issue.issue_id
        for issue in issues
        if issue.domain == DOMAIN
        and issue.issue_id.startswith(tuple(_KEYS))
        and issue.issue_id not in found
    ]:
        ir.async_delete_issue(hass, DOMAIN, gone)
    for issue_id, trouble in found.items():
        data: dict[str, Any] = dict(trouble.data)
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            data=data or None,
            is_fixable=trouble.is_fixable,
            # The next analysis may be a day off when Home Assistant starts again.
            is_persistent=True,
            learn_more_url=trouble.learn_more,
            severity=ir.IssueSeverity.WARNING,
            translation_key=trouble.key,
            translation_placeholders=dict(trouble.told),
        )
