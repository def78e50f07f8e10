"""Runs jobs in two processes, and says on the way how far they are."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import sys
from time import perf_counter
from typing import Final

WORKERS: Final = 2
"""The measures are made for machines of two cores."""


def each[Job, Answer](
    work: Callable[[Job], Answer], jobs: Sequence[Job], workers: int = WORKERS
) -> Iterator[Answer]:
    """Yield the answers in the order of the jobs; `work` is a module's function."""
    started = perf_counter()
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        for number, answer in enumerate(pool.map(work, jobs, chunksize=2), start=1):
            if sys.stderr.isatty():
                seconds = perf_counter() - started
                end = "\n" if number == len(jobs) else "\r"
                line = f"{number} of {len(jobs)}, {seconds:.0f} s"
                print(line, end=end, file=sys.stderr, flush=True)
            yield answer
