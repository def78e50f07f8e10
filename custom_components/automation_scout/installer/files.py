"""Replaces a file by another in one step, and keeps what it was.

At any instant the file is either the old one or the new one, whole: the new one is
written beside it, brought to the disk, and renamed. Backups lie in the same folder as
`<name>.scout-<time>.bak`; names that do not end like the file's are not loaded from a
folder that Home Assistant includes. Everything here blocks.
"""

from contextlib import suppress
from datetime import UTC, datetime
from glob import escape
import os
from pathlib import Path
import stat
import tempfile
from typing import Final

BACKUPS: Final = 5
"""Backups that are kept."""
_NEW_MODE: Final = 0o644


class FileChanged(Exception):  # noqa: N818
    """Somebody else wrote the file meanwhile; nothing was done."""


def read(path: Path) -> bytes | None:
    """Return the content of a file, None where there is none.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def replace(
    path: Path, before: bytes | None, after: bytes | None, *, backup: bool = True
) -> None:
    """Put new content in the place of the old; links are followed.

    Args:
        path: the file.
        before: what it is expected to hold, None where there is none.
        after: what it is to hold, None where it is to be no more.
        backup: whether to keep what it holds now.

    Raises:
        FileChanged: it holds something else.
        OSError: it cannot be written, and is as it was.
    """
    target = path.resolve()
    _tidy(target)
    temporary = None if after is None else _written(target, after)
    try:
        _expect(target, before)
        if backup and before is not None:
            _back_up(target, before)
        if temporary is None:
            target.unlink(missing_ok=True)
        else:
            temporary.replace(target)
    except BaseException:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _expect(target: Path, content: bytes | None) -> None:
    if read(target) != content:
        raise FileChanged


def _written(target: Path, content: bytes) -> Path:
    """Return a file beside the target that is on the disk, with its mode and owner."""
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.name}.scout-", suffix=".tmp"
    )
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            _dress(file.fileno(), target)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _dress(handle: int, target: Path) -> None:
    """Give a file the owner and the mode of another."""
    try:
        found = target.stat()
    except FileNotFoundError:
        os.fchmod(handle, _NEW_MODE)
        return
    # Only root may give files away; who is not writes what is theirs already.
    with suppress(PermissionError):
        os.fchown(handle, found.st_uid, found.st_gid)
    os.fchmod(handle, stat.S_IMODE(found.st_mode))


def _back_up(target: Path, content: bytes) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    temporary = _written(target, content)
    temporary.replace(target.with_name(f"{target.name}.scout-{stamp}.bak"))
    kept = sorted(target.parent.glob(f"{escape(target.name)}.scout-*.bak"))
    for old in kept[:-BACKUPS]:
        old.unlink(missing_ok=True)


def _tidy(target: Path) -> None:
    """Delete what a write that was killed has left."""
    for left in target.parent.glob(f".{escape(target.name)}.scout-*.tmp"):
        left.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
