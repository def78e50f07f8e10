"""Says what is going on: one line a step, with its seconds."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import time


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print a step, and how long it took when it is done."""
    started = time.monotonic()
    print(f"{what} ...", end="", flush=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            print(flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)
