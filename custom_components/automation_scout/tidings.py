"""What a run found out that people are told of, beside what it opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback

from .markdown import literal
from .mining.watched import Watched, watched_from_dict, watched_to_dict
from .news import EXPIRED, NEEDS_ATTENTION, NEW, async_announce
from .notifications import async_show
from .suggestion import Suggestion, suggestion_of
from .words.catalogue import Catalogue

if TYPE_CHECKING:
    from .store.stores import Stores
    from .store.suggestions import SuggestionRow


@dataclass(slots=True)
class Tidings:
    """Collected by the phases of a run, told once its results are shown."""

    expired: list[SuggestionRow] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    """Ids of suggestions whose trial is over."""
    alarming: list[Watched] = field(default_factory=list)
    """Automations that people keep undoing, and did not at the last run."""

    async def count(self, stores: Stores, watched: Iterable[Watched]) -> None:
        """Keep what became of automations, and note which now need attention."""
        now = {item.entity_id: item for item in watched}
        before = await watched_of(stores)
        self.alarming += [
            item
            for key, item in now.items()
            if item.needs_attention
            and not (key in before and before[key].needs_attention)
        ]
        await stores.watched.replace(
            {key: watched_to_dict(item) for key, item in now.items()}
        )

    @callback
    def tell(
        self,
        hass: HomeAssistant,
        shown: Mapping[str, Suggestion],
        opened: Iterable[Suggestion],
        catalogue: Catalogue,
    ) -> None:
        """Announce everything.

        Args:
            hass: Home Assistant.
            shown: open suggestions by id.
            opened: those that were not open before, best first.
            catalogue: words for the report of a trial, for which a person waits.
        """
        for suggestion in opened:
            async_announce(hass, NEW, suggestion)
        for row in self.expired:
            async_announce(hass, EXPIRED, suggestion_of(row))
        for key in self.tried:
            if key in shown:
                async_announce(hass, NEEDS_ATTENTION, shown[key], reason="trial_over")
                _report(hass, shown[key], catalogue)
        for item in self.alarming:
            async_announce(
                hass,
                NEEDS_ATTENTION,
                reason="overruled",
                automation=item.entity_id,
                runs=item.recent.runs,
                undone=item.recent.undone,
            )


async def watched_of(stores: Stores) -> dict[str, Watched]:
    """Return what became of automations; what cannot be read is left out."""
    found: dict[str, Watched] = {}
    for key, counts in (await stores.watched.all()).items():
        try:
            found[key] = watched_from_dict(counts)
        except ValueError:
            continue
    return found


@callback
def _report(hass: HomeAssistant, suggestion: Suggestion, catalogue: Catalogue) -> None:
    """Tell the person who asked for a trial what it came to."""
    async_show(
        hass,
        f"trial_{suggestion['id']}",
        catalogue.fill("trial", "title", title=suggestion["title"]),
        catalogue.fill("trial", "message", result=literal(suggestion["rationale"])),
    )
