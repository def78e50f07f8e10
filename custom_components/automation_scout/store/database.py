"""The database: one writer, one reader, and nothing else that touches the file.

The reader sees the state of the last commit and never waits for the writer (WAL).
Transactions are explicit; nobody but `transaction` begins, commits or rolls back.
aiosqlite runs each connection in a thread that is not a daemon: a `Database` that was
opened must be closed, or the process does not end.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
import os
from pathlib import Path
import sqlite3
from threading import Thread, current_thread
from typing import Final, Self

import aiosqlite

from .errors import (
    BadRow,
    StoreClosed,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreTooNew,
    UnknownSuggestion,
    translate,
    translated,
)
from .migrations import MIGRATIONS, TABLES, Migration, migrate, pending
from .query import fetch
from .salvage import Salvaged, remove_set_aside, restore, salvage, set_aside
from .writes import Writes

__all__ = [
    "BadRow",
    "Database",
    "Opened",
    "StoreClosed",
    "StoreDamaged",
    "StoreError",
    "StoreLocked",
    "StoreTooNew",
    "UnknownSuggestion",
    "open_or_set_aside",
    "remove_files",
]

BUSY_TIMEOUT_MS: Final = 30_000

# Home Assistant gives a stopping integration 10 s; half of them for a write that is
# under way, the rest for the others.
_CLOSE_PATIENCE_S: Final = 5.0

_CACHE_KIB: Final = 64_000


def cache_kib() -> int:
    """Return the bound of a connection's page cache: at most 1/32 of the memory.

    Two connections then stay below 64 MB on a machine with 1 GB.
    """
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except AttributeError, OSError, ValueError:
        return _CACHE_KIB
    return min(_CACHE_KIB, memory // 1024 // 32) if memory > 0 else _CACHE_KIB


class Database:
    """An open store. Get one from `open`; end with `close`."""

    def __init__(
        self,
        path: Path,
        writer: aiosqlite.Connection,
        reader: aiosqlite.Connection,
        connections: AsyncExitStack,
    ) -> None:
        """Take over two prepared connections and the stack that closes them."""
        self.path = path
        self._writer = writer
        self._reader = reader
        self._connections = connections
        self._write_lock = asyncio.Lock()
        self._read_lock = asyncio.Lock()
        self._close_lock = asyncio.Lock()
        self._owner: asyncio.Task[object] | None = None
        self._closing = False
        self.writes = Writes()

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> Self:
        """Open the file, make it where it is missing, and bring it up to date.

        Raises:
            StoreLocked: Another process holds the file.
            StoreDamaged: It is not a database, or one of its tables cannot be read.
            StoreTooNew: A newer version made it.
            StoreError: Anything else, such as a folder that cannot be written.
        """
        async with AsyncExitStack() as stack:
            with translated(path):
                size = await asyncio.to_thread(_settled_size, path)
                writer = await _connect(stack, path, busy_timeout_ms)
                await pending(writer, migrations)
                await _refuse_cut_off(writer, path, size)
                await _set_pragmas(writer, busy_timeout_ms)
                await migrate(writer, migrations)
                await _probe(writer, path)
                reader = await _connect(stack, path, busy_timeout_ms)
                await _set_pragmas(reader, busy_timeout_ms)
                await reader.execute("PRAGMA query_only = ON")
            connections = stack.pop_all()
        return cls(path, writer, reader, connections)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Yield the writer inside a transaction; commit at the end or leave no trace.

        Transactions wait for each other. They do not nest.

        Raises:
            StoreLocked: Another process is writing.
            StoreError: Anything else; after it the store is as it was before.
        """
        if self._owner is not None and self._owner is asyncio.current_task():
            raise StoreError("a transaction is open already in this task")
        async with self._write_lock:
            self._refuse_closed()
            with self._translated(), self.writes.timed():
                try:
                    await self._writer.execute("BEGIN IMMEDIATE")
                    self._owner = asyncio.current_task()
                    yield self._writer
                    await self._commit()
                except BaseException:
                    await _roll_back(self._writer)
                    raise
                finally:
                    self._owner = None

    def joined(self) -> aiosqlite.Connection:
        """Return the writer of the transaction that the running task has open.

        Raises:
            StoreError: The task has none.
        """
        if self._owner is None or self._owner is not asyncio.current_task():
            raise StoreError("no transaction is open in this task")
        return self._writer

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[aiosqlite.Connection]:
        """Yield the reader on one state of the store, whatever is written meanwhile.

        Readings wait for each other, never for the writer. They do not nest.
        """
        async with self._read_lock:
            self._refuse_closed()
            with self._translated():
                try:
                    await self._reader.execute("BEGIN")
                    yield self._reader
                finally:
                    await _roll_back(self._reader)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Keep writers out while the file is copied, with the log moved into it.

        A reader outside this process may keep a part in `-wal`; a copy of both files
        is whole all the same, as long as it is taken inside the block.
        """
        async with self._write_lock:
            async with self._read_lock:
                self._refuse_closed()
                with self._translated():
                    await fetch(self._writer, "PRAGMA wal_checkpoint(TRUNCATE)")
            yield

    async def scrub(self) -> None:
        """Write the file anew: of what was deleted no byte stays, nor in the log.

        Raises:
            StoreLocked: Another process reads the file, and keeps what was in it.
        """
        async with self._write_lock, self._read_lock:
            self._refuse_closed()
            with self._translated():
                # In memory the copy would be as large as the file.
                await fetch(self._writer, "PRAGMA temp_store = FILE")
                await fetch(self._writer, "VACUUM")
                await fetch(self._writer, "PRAGMA temp_store = MEMORY")
                rows = await fetch(self._writer, "PRAGMA wal_checkpoint(TRUNCATE)")
        if rows[0][0]:
            raise StoreLocked(f"{self.path.name} is read by another process")

    async def close(self) -> None:
        """End both connections and their threads. May be called again.

        What is being written or read is waited for, but not for long.
        """
        self._closing = True
        async with self._close_lock:
            try:
                async with (
                    asyncio.timeout(_CLOSE_PATIENCE_S),
                    self._write_lock,
                    self._read_lock,
                ):
                    pass
            except TimeoutError:
                pass
            finally:
                with translated(self.path):
                    await self._connections.aclose()

    async def _commit(self) -> None:
        """Commit, and say of a failure that nothing of the transaction stays."""
        try:
            await self._writer.commit()
        except sqlite3.Error as error:
            cause = translate(error, self.path)
            raise type(cause)(
                f"the commit failed, the store is as it was before it: {cause}"
            ) from error

    def _refuse_closed(self) -> None:
        if self._closing:
            raise StoreClosed(f"{self.path.name} is closed")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Translate SQLite's errors, and aiosqlite's where close did not wait."""
        try:
            with translated(self.path):
                yield
        except ValueError as error:
            if self._closing:
                raise StoreClosed(f"{self.path.name} was closed") from error
            raise


async def _connect(
    stack: AsyncExitStack, path: Path, busy_timeout_ms: int
) -> aiosqlite.Connection:
    """Open a connection with explicit transactions, which the stack ends."""
    threads: list[Thread] = []

    def connect() -> sqlite3.Connection:
        threads.append(current_thread())
        return sqlite3.connect(
            path, timeout=busy_timeout_ms / 1000, isolation_level=None
        )

    stack.push_async_callback(_ended, threads)
    conn = await aiosqlite.Connection(connect, iter_chunk_size=64)
    stack.push_async_callback(conn.close)
    return conn


async def _ended(threads: list[Thread]) -> None:
    """Wait for threads that were told to end: aiosqlite answers just before they do."""
    for thread in threads:
        await asyncio.to_thread(thread.join)


async def _set_pragmas(conn: aiosqlite.Connection, busy_timeout_ms: int) -> None:
    """Set what holds for every connection; the busy timeout first, for the others."""
    for name, value in (
        ("busy_timeout", busy_timeout_ms),
        ("journal_mode", "WAL"),
        ("synchronous", "NORMAL"),
        ("cache_size", -cache_kib()),
        ("temp_store", "MEMORY"),
        ("foreign_keys", "ON"),
        ("secure_delete", "ON"),
    ):
        await fetch(conn, f"PRAGMA {name} = {value}")


def _settled_size(path: Path) -> int:
    """Return the file's size in bytes, or 0 where the log may have to complete it."""
    return 0 if _size(path.with_name(f"{path.name}-wal")) else _size(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


async def _refuse_cut_off(conn: aiosqlite.Connection, path: Path, size: int) -> None:
    """Notice a last page that is not whole, which SQLite would fill up with zeros."""
    ((page_size,),) = await fetch(conn, "PRAGMA page_size")
    if size % page_size:
        raise StoreDamaged(f"{path.name} is cut off")


async def _probe(conn: aiosqlite.Connection, path: Path) -> None:
    """Read from each table, so that damage is noticed now rather than at night."""
    rows = await fetch(conn, "SELECT name FROM sqlite_master")
    missing = set(TABLES) - {row[0] for row in rows}
    if missing:
        raise StoreDamaged(f"{path.name} lacks {', '.join(sorted(missing))}")
    for table in TABLES:
        await fetch(conn, f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608


async def _roll_back(conn: aiosqlite.Connection) -> None:
    """End a transaction, if SQLite or the closing of the store has not done so.

    The call is queued before it is awaited, and the queue keeps its order. So it takes
    effect before the next transaction even where the awaiting task is cancelled.
    """
    with suppress(sqlite3.Error, ValueError):
        await conn.rollback()


@dataclass(frozen=True, slots=True)
class Opened:
    """A store that was opened, and what became of the one before."""

    database: Database
    set_aside: Path | None
    """Where a damaged file now lies, or None."""
    salvaged: int
    """Suggestions that were carried over from it."""


async def open_or_set_aside(
    path: Path,
    stamp: str,
    *,
    damaged: bool = False,
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
) -> Opened:
    """Open the store; rename a damaged one to `<name>.damaged-<stamp>` and start anew.

    What can still be read of the damaged one is carried over: suggestions, their
    versions and verdicts, and days of the archive. The watermark is not, so that the
    next run fills what is missing from the recorder.

    Args:
        path: The file.
        stamp: Tells one damaged file from another, usually the time.
        damaged: The file is known to be damaged: an operation on it said so.
        busy_timeout_ms: How long to wait for another process.

    Raises:
        StoreLocked: Another process holds the file; it stays where it is.
        StoreTooNew: A newer version made it; it stays where it is.
        StoreError: Anything else, such as a folder that cannot be written.
    """
    if not damaged:
        with suppress(StoreDamaged):
            database = await Database.open(path, busy_timeout_ms=busy_timeout_ms)
            return Opened(database, None, 0)
    try:
        aside = await asyncio.to_thread(set_aside, path, stamp)
    except OSError as error:
        raise StoreError(f"{path.name} cannot be set aside: {error}") from error
    rows = await asyncio.to_thread(salvage, aside)
    database = await Database.open(path, busy_timeout_ms=busy_timeout_ms)
    try:
        salvaged = await _carried_over(database, rows)
    except StoreError:
        salvaged = 0
    except BaseException:
        await database.close()
        raise
    return Opened(database, aside, salvaged)


async def _carried_over(database: Database, rows: Salvaged) -> int:
    async with database.transaction() as conn:
        return await restore(conn, rows)


def remove_files(path: Path) -> None:
    """Delete the closed store, and every damaged file that was set aside. Blocks."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    remove_set_aside(path)
