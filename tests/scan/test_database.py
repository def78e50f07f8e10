"""Finding the recorder's database, copying it untouched, and refusing what is none."""

from collections.abc import Generator
import io
from itertools import count
from pathlib import Path
import shutil
import sqlite3
import subprocess
import sys
from unittest.mock import Mock, patch

from homeassistant.components.recorder.db_schema import SCHEMA_VERSION
import pytest

from scan import database
from scan.errors import BadInput
from scan.progress import Progress

from .folders import make_small, state_of

WRITER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA wal_autocheckpoint = 0")
db.execute("CREATE TABLE numbers (n INTEGER)")
db.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(20000)])
db.commit()
print("written", flush=True)
sys.stdin.readline()
"""


def quiet() -> Progress:
    return Progress(io.StringIO())


@pytest.fixture
def written(tmp_path: Path) -> Generator[Path]:
    """Yield a database that another process has open and has written to."""
    path = tmp_path / "home" / database.DEFAULT_NAME
    path.parent.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        yield path
        process.kill()


def numbers(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM numbers").fetchone()[0])
    finally:
        connection.close()


def test_a_database_in_use_is_copied_and_left_as_it_is(
    written: Path, tmp_path: Path
) -> None:
    before = state_of(written.parent)
    assert before[f"{written.name}-wal"][1] > 100_000
    with patch.object(database, "_copy_files") as by_files:
        database.copy(written, tmp_path / "copy" / "a.db", quiet())
    by_files.assert_not_called()
    assert numbers(tmp_path / "copy" / "a.db") == 20_000
    assert state_of(written.parent) == before


@pytest.mark.parametrize("shared_memory", [True, False])
def test_a_database_that_was_in_use_is_copied_and_left_as_it_is(
    written: Path, tmp_path: Path, *, shared_memory: bool
) -> None:
    """As in a backup that was made of a running home."""
    folder = tmp_path / "back up #1?"
    shutil.copytree(written.parent, folder)
    if not shared_memory:
        (folder / f"{written.name}-shm").unlink()
    before = state_of(folder)
    database.copy(folder / written.name, tmp_path / "copy" / "a.db", quiet())
    assert numbers(tmp_path / "copy" / "a.db") == 20_000
    assert state_of(folder) == before


def test_an_interrupted_write_is_rolled_back_in_the_copy_alone(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    path = folder / "a.db"
    other = tmp_path / "other"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE numbers (n INTEGER)")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO numbers VALUES (?)", [(n,) for n in range(9000)]
    )
    shutil.copytree(folder, other)
    connection.close()
    assert (other / "a.db-journal").stat().st_size
    before = state_of(other)
    database.copy(other / "a.db", tmp_path / "copy" / "a.db", quiet())
    assert numbers(tmp_path / "copy" / "a.db") == 0
    assert state_of(other) == before


def test_what_never_rests_is_refused(written: Path, tmp_path: Path) -> None:
    marks = count()
    (written.parent / f"{written.name}-shm").unlink()
    with (
        patch.object(database, "_mark", lambda _: (next(marks), 0)),
        pytest.raises(BadInput, match="being written"),
    ):
        database.copy(written, tmp_path / "copy" / "a.db", quiet())


def test_a_copy_needs_room(written: Path, tmp_path: Path) -> None:
    room = Mock(free=1000)
    with (
        patch("shutil.disk_usage", return_value=room),
        pytest.raises(BadInput, match="TMPDIR"),
    ):
        database.copy(written, tmp_path / "copy" / "a.db", quiet())


@pytest.mark.parametrize(
    ("db_url", "place"),
    [
        (None, "home-assistant_v2.db"),
        ("sqlite:////config/history/own.db", "history/own.db"),
        ("sqlite:////homeassistant/own.db", "own.db"),
        ("sqlite:////somewhere/else/own.db", "own.db"),
        ("sqlite:///own.db", "own.db"),
        ("sqlite+pysqlite:////config/a%20b.db?timeout=3", "a b.db"),
    ],
)
def test_the_database_is_found(tmp_path: Path, db_url: str | None, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).touch()
    assert database.find(tmp_path, db_url) == tmp_path / place


def test_a_database_outside_of_the_folder_is_found(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.db"
    outside.touch()
    assert database.find(tmp_path / "home", f"sqlite:///{outside}") == outside


@pytest.mark.parametrize(
    ("db_url", "told"),
    [
        (None, "no home-assistant_v2.db"),
        ("mysql://scout:secret@core-mariadb/ha?charset=utf8mb4", "MariaDB"),
        ("mysql+pymysql://scout:secret@host/ha", "MariaDB"),
        ("mariadb://scout:secret@host/ha", "MariaDB"),
        ("postgresql://scout:secret@host/ha", "PostgreSQL"),
        ("sqlite:////config/gone.db", "/config/gone.db"),
        ("sqlite://", "nowhere"),
        ("nonsense", "another database"),
    ],
)
def test_a_database_that_is_not_there_is_told(
    tmp_path: Path, db_url: str | None, told: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        database.find(tmp_path, db_url)
    assert told in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_database_of_today_passes(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "home", [(60, "light.a", "on")])
    assert database.check(folder / database.DEFAULT_NAME) == SCHEMA_VERSION


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (SCHEMA_VERSION + 1, "newer Home Assistant"),
        (database.OLDEST_SCHEMA - 1, "old Home Assistant"),
    ],
)
def test_other_versions_are_told(tmp_path: Path, version: int, told: str) -> None:
    path = make_small(tmp_path / "home", []) / database.DEFAULT_NAME
    connection = sqlite3.connect(path)
    connection.execute("UPDATE schema_changes SET schema_version = ?", (version,))
    connection.commit()
    connection.close()
    with pytest.raises(BadInput, match=told):
        database.check(path)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / database.DEFAULT_NAME
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"damaged|not one of"):
        database.check(path)
