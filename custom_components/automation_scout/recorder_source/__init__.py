"""The recorder's history as event logs; the only reader of the recorder.

History is read in windows of one local day, each in a job of its own on the
recorder's executor, and leaves the job reduced to columns. Only the changes of
entities in `HomeFacts` are read, and only events that tell who caused them.
"""

from .readiness import (
    RecorderMigrating,
    RecorderMissing,
    RecorderUnavailable,
    async_ready,
)
from .windows import Window, async_windows

__all__ = [
    "RecorderMigrating",
    "RecorderMissing",
    "RecorderUnavailable",
    "Window",
    "async_ready",
    "async_windows",
]
