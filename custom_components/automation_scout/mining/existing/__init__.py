"""What the automations and devices that are there already suggest, beside habits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..history import History
from ..result import Proven, Rejection
from ..settings import MiningSettings
from ..watching import Runs
from .adjust import adjusted
from .corrections import corrections
from .opportunity import opportunities
from .tidy import untidy

SELDOM: Final = frozenset({"support", "significance"})
"""Gates that stop what was not seen often enough."""

__all__ = ["beside_habits", "opportunities", "untidy", "with_corrections"]


def with_corrections(
    history: History,
    proven: Sequence[Proven],
    runs: Mapping[str, Runs],
    settings: MiningSettings,
) -> list[Proven]:
    """Return habits, those that correct an automation as such, and what else does.

    Best first. What people undo says it of an automation before what they do elsewhere:
    it was judged at the automation's own runs.
    """
    found = corrections(history, runs, settings.installed, settings.feedback)
    corrected = {item.rule.replaces for item in found}
    habits = [adjusted(history, item) for item in proven]
    others = [item for item in habits if item.rule.replaces not in corrected]
    return sorted([*others, *found], key=lambda item: -item.score)


def beside_habits(
    history: History, proven: Sequence[Proven], rejections: Iterable[Rejection]
) -> list[Proven]:
    """Return what is untidy and what is an idea; all of it ranks below habits."""
    judged = [item.rule for item in rejections if item.gate not in SELDOM]
    known = [*(item.rule for item in proven), *judged]
    return [*untidy(history), *opportunities(history, known)]
