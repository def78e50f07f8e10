"""docs/reference.md says what the integration says of itself."""

from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.coordinator import ScoutCoordinator
from reference.document import reference
from reference.texts import accepted, table

WRITTEN = Path(__file__).parent.parent / "docs" / "reference.md"


async def test_the_reference_is_current(
    hass: HomeAssistant, scout: ScoutCoordinator, entry: MockConfigEntry
) -> None:
    """Where it is not: scripts/docs."""
    written = WRITTEN.read_text(encoding="utf-8")
    assert await reference(hass, entry) == written


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        (
            {"number": {"min": 1.0, "max": 365.0, "unit_of_measurement": "d"}},
            "1 to 365 d",
        ),
        ({"select": {"options": ["a", "b"]}}, "one of `a`, `b`"),
        (
            {"select": {"options": [{"value": "a", "label": "A"}], "multiple": True}},
            "several of `a`",
        ),
        ({"select": {"options": [], "multiple": True}}, "several of what is listed"),
        ({"entity": {"multiple": True}}, "entities"),
        ({"area": None}, "one of the areas"),
        ({"boolean": None}, "yes or no"),
    ],
)
def test_a_selector_in_words(selector: dict[str, object], words: str) -> None:
    assert accepted(selector) == words


def test_a_cell_stays_in_its_column() -> None:
    assert table(("a",), [("x|y\nz",)]).splitlines()[-1] == "| x\\|y z |"
