"""What became of an automation, as plain counts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

LEAST_UNDONE: Final = 5
LEAST_SHARE: Final = 0.5
"""Runs of the last four weeks that people undid, from which one has to look at it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of an automation in some time."""

    runs: int = 0
    undone: int = 0
    """Runs that people took back within ten minutes."""
    by_hand: int = 0
    """Acts of people that bring about the same, and that it did not do for them."""
    saved: int = 0
    """Things that it did and that stayed so: acts that nobody had to do."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One automation under watch."""

    entity_id: str
    is_own: bool
    since_ms: int
    """From when on it is watched: its first run, or since it exists."""
    total: Counts
    recent: Counts
    """Of the last four weeks."""
    weeks: tuple[Counts, ...]
    """Of the last seven days, the seven before them, and so on, at most eight."""

    @property
    def needs_attention(self) -> bool:
        """Whether people keep undoing what it does."""
        undone = self.recent.undone
        return undone >= max(LEAST_UNDONE, LEAST_SHARE * self.recent.runs)


def watched_to_dict(watched: Watched) -> dict[str, Any]:
    """Return plain JSON values."""
    return {**asdict(watched), "needs_attention": watched.needs_attention}


def watched_from_dict(data: Mapping[str, Any]) -> Watched:
    """Return what `watched_to_dict` was made of.

    Raises:
        ValueError: the values are no counts.
    """
    try:
        return Watched(
            data["entity_id"],
            bool(data["is_own"]),
            int(data["since_ms"]),
            Counts(**data["total"]),
            Counts(**data["recent"]),
            tuple(Counts(**week) for week in data["weeks"]),
        )
    except (KeyError, TypeError) as err:
        raise ValueError(f"no counts: {err}") from err


def saved_this_week(watched: Mapping[str, Watched]) -> int:
    """Return how many acts own automations saved in the last seven days."""
    return sum(
        item.weeks[0].saved for item in watched.values() if item.is_own and item.weeks
    )


def counts_of(watched: Mapping[str, Watched], entity_id: str) -> Counts:
    """Return all counts of an automation; zeros where it has not run yet."""
    return watched[entity_id].total if entity_id in watched else Counts()
