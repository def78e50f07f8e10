"""A past to write to."""

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
import pytest

from ..recorder_history import History
from .reading import START


@pytest.fixture
def past(recorder_mock: Recorder, hass: HomeAssistant) -> History:
    """Return a pen that stands at a Monday morning of an empty recorder."""
    return History(hass, START)


@pytest.fixture
def persistent_database() -> bool:
    """Keep the database in a file: one in memory may be read from every thread."""
    return True
