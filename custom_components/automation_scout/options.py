"""Options of the config entry as one checked value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Self

from homeassistant.util import dt as dt_util

from .const import (
    CONF_MAX_OPEN,
    CONF_RETENTION_DAYS,
    CONF_RUN_AT,
    CONF_SENSITIVITY,
    DEFAULT_MAX_OPEN,
    DEFAULT_RETENTION_DAYS,
    DEFAULT_RUN_AT,
    SECTION_SCHEDULE,
    SECTION_SCOPE,
    SECTION_SUGGESTIONS,
)
from .mining.settings import MiningSettings, Sensitivity


@dataclass(frozen=True, slots=True)
class ScoutOptions:
    """What a person chose, with the default where nothing was chosen."""

    run_at: time = DEFAULT_RUN_AT
    """Local time of the nightly run, before the jitter of the installation."""
    retention_days: int = DEFAULT_RETENTION_DAYS
    sensitivity: Sensitivity = Sensitivity.BALANCED
    max_open: int = DEFAULT_MAX_OPEN
    scope: Mapping[str, Any] = field(default_factory=dict)
    """Lists of ids to include or to exclude, as the options flow stores them."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read the options of a config entry."""
        schedule = options.get(SECTION_SCHEDULE, {})
        suggestions = options.get(SECTION_SUGGESTIONS, {})
        run_at = dt_util.parse_time(str(schedule.get(CONF_RUN_AT, "")))
        return cls(
            run_at=run_at or DEFAULT_RUN_AT,
            retention_days=int(
                schedule.get(CONF_RETENTION_DAYS, DEFAULT_RETENTION_DAYS)
            ),
            sensitivity=Sensitivity(
                suggestions.get(CONF_SENSITIVITY, Sensitivity.BALANCED)
            ),
            max_open=int(suggestions.get(CONF_MAX_OPEN, DEFAULT_MAX_OPEN)),
            scope=dict(options.get(SECTION_SCOPE, {})),
        )

    @property
    def mining(self) -> MiningSettings:
        """Settings of the miner."""
        return MiningSettings(sensitivity=self.sensitivity, max_open=self.max_open)
