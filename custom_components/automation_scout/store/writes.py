"""How much time the store spends writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter


@dataclass(slots=True)
class Writes:
    """The transactions since the store was opened; waiting for each other left out."""

    count: int = 0
    seconds: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what the block takes, however it ends."""
        begun = perf_counter()
        try:
            yield
        finally:
            self.count += 1
            self.seconds += perf_counter() - begun
