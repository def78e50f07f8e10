"""The recorder's database: where it lies, and a copy of it that may be written.

The folder is left as it is, to the byte and to the second. A database that somebody has
open (its `-shm` file is there) is copied by SQLite in one read transaction that also
reads the shared memory only; one that nobody has open is copied as files, with what its
write-ahead log or its journal still holds.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
import shutil
import sqlite3
from typing import Final
from urllib.parse import unquote, urlsplit

from homeassistant.components.recorder.db_schema import SCHEMA_VERSION
from homeassistant.const import __version__ as version_here

from .errors import BadInput
from .progress import Progress

DEFAULT_NAME: Final = "home-assistant_v2.db"
SQLITE: Final = "sqlite"
SERVERS: Final = {
    "mariadb": "MariaDB",
    "mysql": "MariaDB or MySQL",
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
}
CONTAINER: Final = (PurePosixPath("/config"), PurePosixPath("/homeassistant"))
"""What the configuration folder is called from inside of a container."""

PAGES_A_STEP: Final = 4096
TRIES: Final = 5
SPARE: Final = 1.1
"""The copy grows a little: the recorder notes its run, and the archive lies beside."""

OLDEST_SCHEMA: Final = 41
"""Of April 2023, the first whose rows name contexts in binary form and entities by
number. Older ones the recorder would copy row by row, which takes hours."""


def find(folder: Path, db_url: str | None) -> Path:
    """Return where the recorder's database lies.

    Args:
        folder: Configuration folder.
        db_url: Address in the configuration; None where it has none.

    Raises:
        BadInput: It is on a server, or it is not there.
    """
    if db_url is None:
        path = folder / DEFAULT_NAME
        if path.is_file():
            return path
        raise BadInput(
            f"There is no {DEFAULT_NAME} in {folder}: the recorder's database is what "
            "the analysis reads. Copy it along with its -wal file."
        )
    scheme = urlsplit(db_url).scheme.partition("+")[0].lower()
    if scheme != SQLITE:
        server = SERVERS.get(scheme, scheme or "another database")
        raise BadInput(
            f"The recorder of this home writes to {server} (db_url in its "
            "configuration), and there is no file to read. Install the integration "
            "instead: it reads every database that the recorder supports."
        )
    wanted = unquote(db_url.partition("?")[0].partition(":///")[2])
    if wanted:
        for path in _places(folder, wanted):
            if path.is_file():
                return path
    raise BadInput(
        f"The recorder's database should be at {wanted or 'nowhere'} (db_url in the "
        f"configuration), but is neither there nor in {folder}."
    )


def _places(folder: Path, wanted: str) -> Iterator[Path]:
    """Yield where the file of an address may be, on this machine."""
    inside = PurePosixPath(wanted)
    for root in CONTAINER:
        if inside.is_relative_to(root):
            yield folder / inside.relative_to(root)
    yield folder / wanted
    yield folder / inside.name


def copy(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database as it is at one moment.

    Raises:
        BadInput: It cannot be read, or there is no room for the copy.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        size = source.stat().st_size + _size(_beside(source, "-wal"))
        free = shutil.disk_usage(target.parent).free
        if free < size * SPARE:
            raise BadInput(
                f"A copy of the database needs {size * SPARE / 1e9:.1f} GB in "
                f"{target.parent.parent}, where {free / 1e9:.1f} GB are free. Set "
                "TMPDIR to a folder with more room."
            )
        if not (
            _beside(source, "-shm").exists() and _back_up(source, target, progress)
        ):
            _copy_files(source, target)
    except OSError as err:
        raise BadInput(f"{source} cannot be read: {err.strerror or err}.") from err


def _back_up(source: Path, target: Path, progress: Progress) -> bool:
    """Copy what may be written meanwhile; return whether SQLite could."""
    # `quote` of the standard library would do, but only `?`, `#` and `%` matter.
    name = str(source.resolve())
    for sign in "%?#":
        name = name.replace(sign, f"%{ord(sign):02X}")
    address = f"file:{name}?mode=ro&readonly_shm=1"

    def show(_status: int, left: int, total: int) -> None:
        progress.share(1 - left / max(total, 1))

    for _ in range(TRIES):
        try:
            with (
                closing(sqlite3.connect(address, uri=True)) as reading,
                closing(sqlite3.connect(target)) as writing,
            ):
                # One read transaction for all steps: the copy is of one moment, and
                # no write of others makes it start again.
                reading.execute("BEGIN")
                reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                reading.backup(writing, pages=PAGES_A_STEP, progress=show)
        except sqlite3.Error:
            target.unlink(missing_ok=True)
        else:
            return True
    return False


def _copy_files(source: Path, target: Path) -> None:
    """Copy the files; again where they have changed meanwhile."""
    parts = ("", "-wal", "-journal")
    for _ in range(TRIES):
        before = [_mark(_beside(source, part)) for part in parts]
        for part in parts:
            if _beside(source, part).exists():
                shutil.copyfile(_beside(source, part), _beside(target, part))
            else:
                _beside(target, part).unlink(missing_ok=True)
        if before == [_mark(_beside(source, part)) for part in parts]:
            return
    raise BadInput(
        f"{source} is being written while it is copied. Stop that Home Assistant, or "
        "hand in a backup of its folder."
    )


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _mark(path: Path) -> tuple[int, int] | None:
    if not path.exists():
        return None
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection to a copy.

    Raises:
        BadInput: It is damaged, or no database at all.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            yield connection
    except sqlite3.DatabaseError as err:
        raise damaged(str(err)) from err


def damaged(how: str) -> BadInput:
    """Return what a person is told of a database that cannot be read."""
    return BadInput(
        f"The database is damaged ({how}). `sqlite3 {DEFAULT_NAME} .recover` may save "
        "what is left of it; Home Assistant itself would start a new one."
    )


def check(path: Path) -> int:
    """Return the version of the schema of a copy.

    Raises:
        BadInput: It is damaged, no recorder's, or of a version that cannot be read.
    """
    with opened(path) as connection:
        tables = {
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
            )
        }
        if not {"states", "schema_changes"} <= tables:
            raise BadInput("The database is not one of Home Assistant's recorder.")
        row = connection.execute(
            "SELECT schema_version FROM schema_changes ORDER BY change_id DESC LIMIT 1"
        ).fetchone()
        connection.execute("SELECT * FROM states LIMIT 1").fetchone()
    version = int(row[0]) if row and row[0] else 0
    if version > SCHEMA_VERSION:
        raise BadInput(
            f"The database is of a newer Home Assistant (schema {version}) than "
            f"{version_here}, which reads it here (schema {SCHEMA_VERSION}). Update "
            "this project, or its Home Assistant with scripts/update."
        )
    if version < OLDEST_SCHEMA:
        raise BadInput(
            f"The database is of an old Home Assistant (schema {version}; what can "
            f"be read starts with {OLDEST_SCHEMA}, of 2023). Let a current Home "
            "Assistant bring it up to date first."
        )
    return version
