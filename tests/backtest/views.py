"""A home as the reading of automations sees it."""

from collections import deque
from collections.abc import Iterator

from homeassistant.core import HomeAssistant

from custom_components.automation_scout.home_facts.reach import lay_down
from custom_components.automation_scout.home_facts.view import View
from custom_components.automation_scout.mining.reach import Reach


def view_of(hass: HomeAssistant) -> View:
    """Return the view of a home, made without a pause."""
    made: list[Reach] = []

    def pieces() -> Iterator[None]:
        made.append((yield from lay_down(hass)))

    deque(pieces(), maxlen=0)
    return View.of(hass, made[0])
