"""What scripts/demo --check takes as a complaint."""

from pathlib import Path

import pytest

from demo.check import judge_log
from demo.waiting import CheckFailedError

AT = "2026-11-26 06:07:19.713"
QUIET = f"""\
{AT} WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration \
automation_scout which has not been tested by Home Assistant.
{AT} WARNING (MainThread) [aiohttp_fast_zlib] zlib_ng and isal are not available
{AT} ERROR (MainThread) [homeassistant.components.websocket_api.http.connection] [1] \
Error during service call to automation_scout.undo: Only administrators decide about \
suggestions. Nothing was changed
"""
TRACEBACK = f"""\
{AT} ERROR (MainThread) [homeassistant.setup] Setup failed
Traceback (most recent call last):
  File "somewhere.py", line 1, in <module>
"""
USED_WRONGLY = (
    f"{AT} WARNING (MainThread) [homeassistant.helpers.frame] "
    "Detected that custom integration 'other' calls something.\n"
)
OURS = f"{AT} ERROR (MainThread) [custom_components.automation_scout] Nothing left.\n"


def log(folder: Path, text: str) -> Path:
    (folder / "home-assistant.log").write_text(text, "utf-8")
    return folder


def test_a_quiet_log_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judge_log(log(tmp_path, QUIET))
    assert "among 3 entries" in capsys.readouterr().out


@pytest.mark.parametrize("complaint", [TRACEBACK, USED_WRONGLY, OURS])
def test_a_complaint_is_shown_whole(tmp_path: Path, complaint: str) -> None:
    folder = log(tmp_path, f"{QUIET}{complaint}{QUIET}")
    with pytest.raises(CheckFailedError) as failed:
        judge_log(folder)
    assert str(failed.value) == f"Home Assistant logged:\n{complaint.strip()}"


def test_the_time_may_have_a_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zoned = QUIET.replace(AT, f"{AT}+00:00")
    judge_log(log(tmp_path, zoned))
    assert "among 3 entries" in capsys.readouterr().out
    complaint = OURS.replace(AT, f"{AT}+00:00")
    with pytest.raises(CheckFailedError, match="Nothing left"):
        judge_log(log(tmp_path, f"{zoned}{complaint}"))


def test_a_log_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    with pytest.raises(CheckFailedError, match="written in another way"):
        judge_log(log(tmp_path, "26 Nov 2026, warning: something\n"))


def test_what_only_the_console_has_counts(tmp_path: Path) -> None:
    (tmp_path / "console.log").write_text(TRACEBACK, "utf-8")
    with pytest.raises(CheckFailedError, match="Setup failed"):
        judge_log(tmp_path)
