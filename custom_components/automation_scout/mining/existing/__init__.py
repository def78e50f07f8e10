"""What the automations and devices that are there already suggest, beside habits."""

from collections.abc import Iterable, Sequence
from typing import Final

from ..history import History
from ..result import Proven, Rejection
from .adjust import adjusted
from .opportunity import opportunities
from .tidy import untidy

SELDOM: Final = frozenset({"support", "significance"})
"""Gates that stop what was not seen often enough."""

__all__ = ["adjusted", "beside_habits", "opportunities", "untidy"]


def beside_habits(
    history: History, proven: Sequence[Proven], rejections: Iterable[Rejection]
) -> list[Proven]:
    """Return what is untidy and what is an idea; all of it ranks below habits."""
    judged = [item.rule for item in rejections if item.gate not in SELDOM]
    known = [*(item.rule for item in proven), *judged]
    return [*untidy(history), *opportunities(history, known)]
