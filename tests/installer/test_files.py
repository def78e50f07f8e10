"""The file is the old one or the new one, whatever happens in between."""

import json
import os
from pathlib import Path
import stat
import subprocess
import sys

import pytest

from custom_components.automation_scout.installer import files, text

from .test_text import long_file

ROOT = Path(__file__).parents[2] / "custom_components" / "automation_scout"
KILLS = 200


def beside(path: Path) -> list[str]:
    return sorted(other.name for other in path.parent.iterdir() if other != path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "automations.yaml"
    file.write_bytes(b"old")
    return file


def test_two_hundred_kills(tmp_path: Path) -> None:
    path = tmp_path / "automations.yaml"
    path.write_bytes(long_file()[:1_000].rsplit(b"- id", 1)[0])
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("killed.py"), path, str(KILLS)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found.get("broken", 0) == 0
    assert found["old"] + found["new"] == KILLS
    # It was killed at many points: before and after the rename, and while writing.
    assert min(found["old"], found["new"], found["half written"]) >= 3
    assert found["left behind"] == 0
    assert len(list(tmp_path.glob("*.bak"))) <= files.BACKUPS + 1
    assert text.find(path.read_bytes(), {"id": "x"}) is None


def test_mode_and_link_stay(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "elsewhere"
    link.mkdir()
    link /= "automations.yaml"
    link.symlink_to(path)
    files.replace(link, b"old", b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert beside(link) == []
    (backup,) = path.parent.glob("*.bak")
    assert backup.read_bytes() == b"old"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o640


def test_owner_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda _file, *owner: given.append(owner))
    files.replace(path, b"old", b"new")
    found = path.stat()
    # The backup and the new file.
    assert given == [(found.st_uid, found.st_gid)] * 2


def test_who_may_not_give_files_away_writes_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refused)
    files.replace(path, b"old", b"new")
    assert path.read_bytes() == b"new"


def test_a_file_that_is_not_there_is_made(path: Path) -> None:
    path.unlink()
    assert files.read(path) is None
    files.replace(path, None, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert beside(path) == []
    files.replace(path, b"new", None, backup=False)
    assert not path.exists()


def test_a_link_to_nowhere_leads_to_the_new_file(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "real.yaml"
    path.unlink()
    path.symlink_to(target)
    files.replace(path, None, b"new")
    assert path.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("now", [b"other", None])
def test_what_somebody_else_wrote_stays(path: Path, now: bytes | None) -> None:
    if now is None:
        path.unlink()
    else:
        path.write_bytes(now)
    with pytest.raises(files.FileChanged):
        files.replace(path, b"old", b"new")
    assert files.read(path) == now
    assert beside(path) == []


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_a_full_disk_changes_nothing(
    path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space"):
        files.replace(path, b"old", b"new")
    assert path.read_bytes() == b"old"
    assert beside(path) == []


def test_the_last_five_are_kept(path: Path) -> None:
    for number in range(9):
        files.replace(path, path.read_bytes(), b"%d" % number)
    kept = [backup.read_bytes() for backup in sorted(path.parent.glob("*.bak"))]
    assert kept == [b"3", b"4", b"5", b"6", b"7"]
    assert all(not name.endswith(".yaml") for name in beside(path))


def test_what_a_kill_has_left_goes(path: Path) -> None:
    left = path.with_name(".automations.yaml.scout-abc.tmp")
    left.write_bytes(b"half")
    mine = path.with_name(".mine.tmp")
    mine.write_bytes(b"x")
    files.replace(path, b"old", b"new", backup=False)
    assert beside(path) == [mine.name]


def test_a_folder_in_its_place_is_an_error(path: Path) -> None:
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        files.read(path)
