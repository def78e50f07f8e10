"""Automations as a replay knows them, read as they were written: in every style."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.core import callback

from ...mining.backtest.plan import USUAL_RUNS, Mode, Plan
from ..view import View
from .conditions import all_of
from .effects import Effects
from .reading import MOST_PARTS, Reading, Reason, Remark, TooLargeError
from .source import (
    UnknownAutomationError,
    UnreadableAutomationError,
    async_config_of,
)
from .triggers import starts_of

__all__ = [
    "MOST_PARTS",
    "Planned",
    "Reason",
    "Remark",
    "TooLargeError",
    "UnknownAutomationError",
    "UnreadableAutomationError",
    "View",
    "async_config_of",
    "plan_of",
]


@dataclass(frozen=True, slots=True)
class Planned:
    """An automation, and what could not be read of it."""

    plan: Plan
    unsupported: tuple[Remark, ...]
    """Parts that are left out."""
    approximate: tuple[Remark, ...]
    """Parts that count, though not exactly as they were."""


@callback
def plan_of(view: View, config: Mapping[str, Any], recorded: frozenset[str]) -> Planned:
    """Return an automation as far as it can be replayed.

    Args:
        view: The home; to be called in its event loop.
        config: An automation's configuration; a blueprint is filled in already.
        recorded: Names whose changes the archive holds.

    Raises:
        TooLargeError: it has more parts, or is nested deeper, than anybody writes.
    """
    reading = Reading(view, recorded)
    starts = tuple(starts_of(reading, config.get("triggers", config.get("trigger"))))
    conditions = config.get("conditions", config.get("condition"))
    test = all_of(reading, conditions, "conditions", 0)
    effects = Effects(reading)
    effects.read(config.get("actions", config.get("action")))
    plan = Plan(
        starts,
        test,
        tuple(effects.found),
        tuple(effects.pauses),
        _mode(config.get("mode")),
        _most_runs(config.get("max")),
    )
    return Planned(plan, tuple(reading.unsupported), tuple(reading.approximate))


def _mode(value: object) -> Mode:
    return Mode(str(value)) if value in tuple(Mode) else Mode.SINGLE


def _most_runs(value: object) -> int:
    return value if isinstance(value, int) and value > 1 else USUAL_RUNS
