"""The folder of the demo home, and what is found in it."""

import asyncio
from datetime import UTC
import io
from pathlib import Path

from homeassistant.util import dt as dt_util
import pytest

from scan.analysis import Findings, Wishes, analyse
from scan.progress import Progress

from .folders import make_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scan") / "config"
    make_demo(folder)
    return folder


def look(folder: Path, wishes: Wishes | None = None) -> Findings:
    """Analyse a folder as the command does."""
    progress = Progress(io.StringIO())
    try:
        return asyncio.run(analyse(folder, wishes or Wishes(), progress))
    finally:
        # A command may leave the time zone of the home behind; a test may not.
        dt_util.set_default_time_zone(UTC)


@pytest.fixture(scope="session")
def found(demo: Path) -> Findings:
    return look(demo)
