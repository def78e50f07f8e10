"""Fixtures of the words of a run."""

from collections.abc import Iterator

from homeassistant.config_entries import ConfigFlow
import pytest
from pytest_homeassistant_custom_component.common import mock_config_flow

from .ai_task_entity import DOMAIN


@pytest.fixture
def talker_flow() -> Iterator[None]:
    """Let the integration with the AI Task entity have config entries."""
    with mock_config_flow(DOMAIN, ConfigFlow):
        yield
