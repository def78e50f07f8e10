"""The steps that a run composes, loaded at the first run.

They need numpy, which must not be imported while the integration is set up. It is also
the one seam at which tests put scripted steps.
"""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from homeassistant.core import HomeAssistant

from .mining.doing import SunMinutes
from .mining.facts import HomeFacts
from .mining.feedback import Feedback
from .mining.refining.abilities import Ability
from .mining.result import MiningResult, Proven
from .mining.rules import Rule
from .mining.settings import MiningSettings
from .mining.standing import Question, Review, Trial
from .suggestion import BuildAutomation
from .words.catalogue import Catalogue

if TYPE_CHECKING:
    from .home_facts import Scope
    from .mining.events import EventLog, Ints
    from .recorder_source import Window
    from .store.archive import Archive
    from .store.database import Database
    from .store.forget import Outcome
    from .store.forgotten import Wish


class Windows(Protocol):
    """Reads the recorder, window by window."""

    def __call__(
        self,
        hass: HomeAssistant,
        facts: HomeFacts,
        since_ms: int | None,
        until_ms: int,
        last_states: Mapping[str, str],
        automation_ids_own: frozenset[str],
        /,
    ) -> AsyncIterator[Window]:
        """Yield the changes in [since_ms, until_ms), oldest window first."""


class Adopt(Protocol):
    """Gives proven rules their ids."""

    def __call__(
        self,
        proven: Sequence[Proven],
        known: Mapping[str, Rule],
        sun: SunMinutes,
        answered: Collection[str],
        /,
    ) -> list[tuple[str, Proven]]:
        """Return each rule with the id of its nearest known relative, or a new one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One callable for each step that a run does not do itself."""

    scope: Callable[[Mapping[str, Any]], Scope]
    collect: Callable[[HomeAssistant, Scope], Awaitable[HomeFacts]]
    ready: Callable[[HomeAssistant], Awaitable[None]]
    windows: Windows
    local_days: Callable[[Ints, str], Ints]
    archive: Callable[[Database], Archive]
    forget: Callable[[Database, Wish], Awaitable[Outcome]]
    mine: Callable[[EventLog, HomeFacts, MiningSettings], MiningResult]
    review: Callable[
        [
            EventLog,
            HomeFacts,
            Mapping[str, Question],
            Mapping[str, Trial],
            Feedback,
        ],
        Review,
    ]
    abilities: Callable[[HomeAssistant, Iterable[str]], Mapping[str, Ability]]
    adopt: Adopt
    sun_minutes: Callable[[HomeFacts, int], SunMinutes]
    build: BuildAutomation
    catalogue: Callable[[str], Catalogue]
    missing: type[Exception]
    """Raised by `ready` where there is no recorder."""
    migrating: type[Exception]
    """Raised by `ready` while the recorder migrates its database."""


def load_parts() -> Parts:
    """Import the steps. Blocks: for the executor for imports."""
    from . import home_facts, recorder_source  # noqa: PLC0415
    from .mining import (  # noqa: PLC0415
        automation,
        daylight,
        identity,
        localtime,
        pipeline,
        review,
    )
    from .store import archive, forget  # noqa: PLC0415
    from .words import catalogue  # noqa: PLC0415

    return Parts(
        scope=home_facts.Scope.from_options,
        collect=home_facts.collect,
        ready=recorder_source.async_ready,
        windows=recorder_source.async_windows,
        local_days=localtime.local_days,
        archive=archive.Archive,
        forget=forget.forget,
        mine=pipeline.mine,
        review=review.review,
        abilities=home_facts.abilities,
        adopt=identity.adopt,
        sun_minutes=daylight.sun_minutes,
        build=automation.automation_config,
        catalogue=catalogue.load,
        missing=recorder_source.RecorderMissing,
        migrating=recorder_source.RecorderMigrating,
    )
