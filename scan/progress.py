"""Says on stderr what is going on, because stdout is for the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
import sys
import time
from typing import Final, TextIO

BETWEEN_S: Final = 0.2
"""Five updates a second are as fast as anybody reads."""


class Progress:
    """One line a step; on a terminal it counts while the step lasts."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to the stream, or to stderr."""
        self._stream = stream or sys.stderr
        self._counts = self._stream.isatty()
        self._what = ""
        self._shown_at = 0.0

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Name a step, and say how long it took once it is done."""
        started = time.monotonic()
        self._what, self._shown_at = what, started
        self._write(f"{what} ...")
        try:
            yield
        except BaseException:
            self._write("\n")
            raise
        seconds = f"{time.monotonic() - started:.1f} s"
        start = f"\r\033[K{what} ..." if self._counts else ""
        self._write(f"{start} {seconds}\n")

    def share(self, done: float, detail: str = "") -> None:
        """Show how far the step is, 0..1; for terminals alone."""
        now = time.monotonic()
        if not self._counts or now - self._shown_at < BETWEEN_S:
            return
        self._shown_at = now
        self._write(f"\r\033[K{self._what} ... {min(done, 1.0):.0%} {detail}".rstrip())

    def note(self, text: str) -> None:
        """Say something between two steps."""
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
