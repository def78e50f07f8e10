"""Errors of the store, and the one place that translates those of SQLite."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import sqlite3
from typing import Final


class StoreError(Exception):
    """The store could not do what was asked; base of all that follow."""


class StoreLocked(StoreError):  # noqa: N818
    """Another process kept the file locked for longer than the busy timeout."""


class StoreDamaged(StoreError):  # noqa: N818
    """The file, or a chunk in it, is not what was written."""


class StoreTooNew(StoreError):  # noqa: N818
    """A newer version made the file; it was left as it is."""


class StoreClosed(StoreError):  # noqa: N818
    """The store was closed before, or in the middle of, the operation."""


class BadRow(StoreError):  # noqa: N818
    """One row cannot be stored: it is not JSON, or it breaks a constraint."""


class UnknownSuggestion(StoreError):  # noqa: N818
    """No suggestion has this id."""


_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED: Final = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
)


def translate(error: sqlite3.Error, path: Path) -> StoreError:
    """Return the error of ours that says what SQLite's means."""
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    message = f"{path.name}: {error}"
    # The low byte of an extended result code is the primary one.
    if extended & 0xFF in _LOCKED:
        return StoreLocked(message)
    if extended & 0xFF in _DAMAGED or extended == sqlite3.SQLITE_IOERR_SHORT_READ:
        return StoreDamaged(message)
    return StoreError(message)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn every error of SQLite inside the block into one of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error
