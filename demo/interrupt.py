"""Ends the program in order, whenever an interrupt comes.

The first SIGINT, SIGTERM or SIGHUP raises KeyboardInterrupt in the main thread; what
was registered with `at_end` is then undone, and further signals change nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
import signal
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    held = 0
    received = 0
    raised = False
    undo: Final[list[Callable[[], None]]] = []


def run(main: Callable[[], int]) -> int:
    """Run a program; return its exit code, or 128 and the signal that ended it."""
    for number in SIGNALS:
        signal.signal(number, _on_signal)
    try:
        try:
            return main()
        finally:
            _undo_all()
    except KeyboardInterrupt:
        return 128 + _State.received
    finally:
        # A signal can come after `main` and before the first time took hold.
        _undo_all()
        # The interpreter's own end takes a while, and would take them as fatal.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def at_end(undo: Callable[[], None]) -> None:
    """Register what is to be done at the end; the last comes first.

    Args:
        undo: Must do nothing where there is nothing, or no longer, to be undone.
    """
    _State.undo.append(undo)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold an interrupt back until the block is done."""
    _State.held += 1
    try:
        yield
    finally:
        _State.held -= 1
        _raise_if_due()


def _on_signal(number: int, _frame: FrameType | None) -> None:
    _State.received = _State.received or number
    _raise_if_due()


def _raise_if_due() -> None:
    if _State.received and not _State.held and not _State.raised:
        _State.raised = True
        raise KeyboardInterrupt


def _undo_all() -> None:
    with uninterrupted(), ExitStack() as stack:
        # One that fails does not keep the others from being done.
        for undo in _State.undo:
            stack.callback(undo)
        _State.undo.clear()
