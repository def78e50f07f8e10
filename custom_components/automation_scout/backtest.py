"""The action `backtest`: what an automation would have done, whoever wrote it.

Reads the archive and changes nothing. `async_backtest` is the way from a configuration
to an answer for everything else that wants one.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .installer.errors import refusal
from .mining.attributes import logged_names
from .mining.facts import HomeFacts
from .parts import Parts
from .store.stores import Stores
from .store.suggestions import SuggestionRow

if TYPE_CHECKING:
    from .home_facts.plans import Planned, Remark
    from .mining.backtest.engine import Backtest
    from .mining.events import EventLog
    from .mining.history import History

MOST_SHOWN: Final = 100
"""Runs that an answer lists; it counts them all."""

_PARTS: Final = ("triggers", "conditions", "actions")
_REASONS: Final = f"component.{DOMAIN}.selector.backtest_reason.options."


async def async_backtest(
    hass: HomeAssistant,
    parts: Parts,
    stores: Stores,
    scope: Mapping[str, Any],
    automation: object,
    days: int | None = None,
    window_s: int | None = None,
) -> dict[str, Any]:
    """Return what an automation would have done on the last days of the archive.

    Args:
        hass: The home.
        parts: The steps of a run.
        stores: The open stores.
        scope: The options of the scope.
        automation: Entity id or id of an automation of the home, or a configuration
            as a mapping or YAML.
        days: Local days to look at, today included; None for all of them.
        window_s: Within which time of a run people who do the same agree with it:
            None for that of the suggestion whose automation it is, or the usual ones.

    Raises:
        ServiceValidationError: there is no such automation, it cannot be read, it has
            no trigger, it is too large, it runs too often, or the archive is empty;
            translated.
        StoreError: the archive cannot be read.
    """
    archive = parts.archive(stores.database)
    facts = await parts.collect(hass, parts.scope(scope))
    names = logged_names(facts)
    recorded = names - await archive.uncovered(names)
    config, planned = await _planned(hass, automation, facts, recorded)
    if window_s is None:
        window_s = _window_of(config, await stores.suggestions.list())
    log = await archive.load()
    if not len(log):
        raise refusal("backtest_no_history")
    start = _start_ms(days) if days else None
    present = {
        entity_id: state.state
        for entity_id in recorded
        if (state := hass.states.get(entity_id))
    }
    answer = await hass.async_add_executor_job(
        _computed, log, facts, planned, present, start, window_s
    )
    reasons = await async_get_translations(
        hass, hass.config.language, "selector", {DOMAIN}
    )
    approximate = _told(planned.approximate, reasons)
    if days and days > answer["days"]:
        approximate.append(_line("days", "shorter_history", "", reasons))
    return {
        **answer,
        "unsupported": _told(planned.unsupported, reasons),
        "approximate": approximate,
    }


async def _planned(
    hass: HomeAssistant,
    automation: object,
    facts: HomeFacts,
    recorded: frozenset[str],
) -> tuple[Mapping[str, Any], Planned]:
    plans = await hass.async_add_import_executor_job(_load_plans)
    try:
        config: Mapping[str, Any] = await plans.async_config_of(hass, automation)
        planned: Planned = plans.plan_of(
            plans.View.of(hass, facts.reach), config, recorded
        )
    except plans.UnknownAutomationError as err:
        raise refusal("backtest_unknown", automation=str(err)) from err
    except plans.UnreadableAutomationError as err:
        raise refusal("backtest_unreadable", error=str(err)) from err
    except plans.TooLargeError as err:
        raise refusal("backtest_too_large", most=str(plans.MOST_PARTS)) from err
    if not config.get("triggers", config.get("trigger")):
        raise refusal("backtest_no_trigger")
    return config, planned


def _window_of(config: Mapping[str, Any], rows: Iterable[SuggestionRow]) -> int | None:
    """Return the window that the suggestion was judged by whose automation it is."""
    for row in rows:
        proposed = row.payload.get("automation", {})
        if all(config.get(part) == proposed.get(part) for part in _PARTS):
            return int(row.rule["window_s"])
    return None


def _load_plans() -> ModuleType:
    from .home_facts import plans  # noqa: PLC0415

    return plans


def _start_ms(days: int) -> int:
    """Return when the first of so many local days began, ms UTC."""
    first = dt_util.start_of_local_day() - timedelta(days=days - 1)
    return int(dt_util.start_of_local_day(first).timestamp() * 1000)


def _computed(
    log: EventLog,
    facts: HomeFacts,
    planned: Planned,
    present: Mapping[str, str],
    start_ms: int | None,
    window_s: int | None,
) -> dict[str, Any]:
    """Replay a plan; for the executor."""
    from .mining.backtest import engine  # noqa: PLC0415
    from .mining.history import History  # noqa: PLC0415

    history = History(log, facts)
    try:
        found = engine.backtest(
            history,
            planned.plan,
            present=present,
            start_ms=start_ms,
            window_s=window_s,
        )
    except engine.TooManyRunsError as err:
        raise refusal(
            "backtest_too_often", runs=str(err), most=str(engine.MOST_RUNS)
        ) from err
    return {
        **_span(history, start_ms),
        **_totals(found),
        "firings": _firings(found, planned, facts.time_zone),
    }


def _span(history: History, start_ms: int | None) -> dict[str, Any]:
    start, end = history.span
    start = min(end, start if start_ms is None else max(start, start_ms))
    zone = dt_util.get_time_zone(history.facts.time_zone) or UTC
    first, last = (datetime.fromtimestamp(t / 1000, zone) for t in (start, end))
    return {
        "days": (last.date() - first.date()).days + 1,
        "from": first.isoformat(),
        "until": last.isoformat(),
    }


def _totals(found: Backtest) -> dict[str, Any]:
    from .mining.backtest.outcome import Outcome  # noqa: PLC0415

    return {
        "days_observed": found.days_observed,
        "fired": len(found.t),
        "uncertain": int((~found.certain).sum()),
        "opportunities": found.opportunities,
        "hits": found.count(Outcome.HIT),
        "kept": found.count(Outcome.KEPT),
        "wrong": found.count(Outcome.WRONG),
        "overridden": found.count(Outcome.OVERRIDDEN),
        "already": found.count(Outcome.ALREADY),
        "unjudged": found.count(Outcome.UNJUDGED),
        "missed": found.missed,
        "human_actions": found.human_actions,
        "precision": round(found.precision, 4),
        "precision_low": round(found.precision_low, 4),
        "coverage": round(found.coverage, 4),
        "saved_per_week": round(found.per_week(found.right), 2),
        "unwanted_per_week": round(found.per_week(found.unwanted), 2),
    }


def _firings(found: Backtest, planned: Planned, time_zone: str) -> list[dict[str, Any]]:
    """Return the latest runs, newest first."""
    from .mining.backtest.outcome import Outcome  # noqa: PLC0415

    zone = dt_util.get_time_zone(time_zone) or UTC
    last = slice(-MOST_SHOWN, None)
    columns = (found.t, found.start, found.certain, found.outcome)
    rows = zip(*(column[last].tolist() for column in columns), strict=True)
    return [
        {
            "at": datetime.fromtimestamp(t / 1000, zone).isoformat(),
            "trigger": planned.plan.starts[start].id,
            "outcome": Outcome(outcome).key,
            "certain": certain,
        }
        for t, start, certain, outcome in rows
    ][::-1]


def _told(
    remarks: Iterable[Remark], reasons: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        _line(remark.place, remark.reason, remark.subject, reasons)
        for remark in remarks
    ]


def _line(
    place: str, reason: str, subject: str, reasons: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "place": place,
        "reason": str(reason),
        "subject": subject,
        "message": reasons.get(_REASONS + reason, str(reason)),
    }
