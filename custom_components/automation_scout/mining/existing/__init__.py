"""What the automations and devices that are there already suggest, beside habits."""

from collections.abc import Iterable, Sequence

from ..history import History
from ..result import Proven, Rejection
from .adjust import adjusted
from .opportunity import opportunities
from .tidy import untidy

__all__ = ["adjusted", "beside_habits", "opportunities", "untidy"]


def beside_habits(
    history: History, proven: Sequence[Proven], rejections: Iterable[Rejection]
) -> list[Proven]:
    """Return what is untidy and what is an idea; all of it ranks below habits."""
    stopped = [item.rule for item in rejections if item.gate == "already_automated"]
    known = [*(item.rule for item in proven), *stopped]
    return [*untidy(history), *opportunities(history, known)]
