"""Options of the config entry as one checked value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any, Self

from homeassistant.const import CONF_API_KEY, CONF_MODEL
from homeassistant.util import dt as dt_util

from .const import (
    CONF_AI_TASK,
    CONF_BASE_URL,
    CONF_BUDGET,
    CONF_CONCURRENCY,
    CONF_HEADLINES,
    CONF_MAX_OPEN,
    CONF_PRICE_IN,
    CONF_PRICE_OUT,
    CONF_PROVIDER,
    CONF_PSEUDONYMS,
    CONF_RETENTION_DAYS,
    CONF_RUN_AT,
    CONF_SENSITIVITY,
    DEFAULT_CONCURRENCY,
    DEFAULT_MAX_OPEN,
    DEFAULT_RETENTION_DAYS,
    DEFAULT_RUN_AT,
    SECTION_SCHEDULE,
    SECTION_SCOPE,
    SECTION_SUGGESTIONS,
    SECTION_WORDS,
)
from .mining.settings import MiningSettings, Sensitivity


class Provider(StrEnum):
    """Who writes the words."""

    BUILT_IN = "built_in"
    AI_TASK = "ai_task"
    OPENAI = "openai"


@dataclass(frozen=True, slots=True)
class WordsOptions:
    """Which language model may improve the texts, and what it may cost."""

    provider: Provider = Provider.BUILT_IN
    entity_id: str | None = None
    """AI Task entity; None for the one that Home Assistant prefers."""
    api_key: str = field(default="", repr=False)
    base_url: str | None = None
    """Of a service that speaks the protocol of OpenAI; None for OpenAI itself."""
    model: str = ""
    price_in: float = 0.0
    """Price of a million tokens of questions, in the currency of Home Assistant."""
    price_out: float = 0.0
    """The same of answers."""
    monthly_budget: float | None = None
    """What a calendar month may cost; None for no limit, 0 for nothing at all."""
    concurrency: int = DEFAULT_CONCURRENCY
    pseudonyms: bool = True
    """Whether names of the home are replaced before anything leaves it."""
    headlines: bool = False
    """Whether it is also asked what belongs together."""

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> Self:
        """Read the section `words` of the options."""
        budget = section.get(CONF_BUDGET)
        return cls(
            provider=Provider(section.get(CONF_PROVIDER, Provider.BUILT_IN)),
            entity_id=section.get(CONF_AI_TASK) or None,
            api_key=str(section.get(CONF_API_KEY, "")).strip(),
            base_url=str(section.get(CONF_BASE_URL, "")).strip() or None,
            model=str(section.get(CONF_MODEL, "")).strip(),
            price_in=float(section.get(CONF_PRICE_IN, 0)),
            price_out=float(section.get(CONF_PRICE_OUT, 0)),
            monthly_budget=None if budget is None else float(budget),
            concurrency=int(section.get(CONF_CONCURRENCY, DEFAULT_CONCURRENCY)),
            pseudonyms=bool(section.get(CONF_PSEUDONYMS, True)),
            headlines=bool(section.get(CONF_HEADLINES, False)),
        )


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
    words: WordsOptions = field(default_factory=WordsOptions)

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
            words=WordsOptions.of(options.get(SECTION_WORDS, {})),
        )

    @property
    def mining(self) -> MiningSettings:
        """Settings of the miner."""
        return MiningSettings(sensitivity=self.sensitivity, max_open=self.max_open)
