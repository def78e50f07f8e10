"""The documented view and the card: what they name is there, and they are served."""

from hashlib import sha256
from pathlib import Path
import re
import subprocess
from typing import Any
from unittest.mock import patch

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.automation_scout.card import FILE, PATH
from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator

from .scripted import DOOR, EVENING, MORNING, Script, result

VIEW = Path(__file__).parent.parent / "docs" / "dashboard.yaml"


def cards(node: Any) -> list[dict[str, Any]]:
    """Return everything with a type, however deep."""
    if isinstance(node, list):
        return [found for item in node for found in cards(item)]
    if not isinstance(node, dict):
        return []
    inner = [found for value in node.values() for found in cards(value)]
    return [node, *inner] if "type" in node else inner


@pytest.fixture
def view() -> dict[str, Any]:
    return load_yaml_dict(str(VIEW))


@pytest.fixture
async def found(scout: ScoutCoordinator, script: Script) -> ScoutCoordinator:
    script.result = result(MORNING, DOOR, EVENING)
    await scout.async_analyze()
    return scout


def test_the_view_has_cards_of_home_assistant_alone(view: dict[str, Any]) -> None:
    types = {card["type"] for card in cards(view)}
    assert {"markdown", "todo-list", "tile", "button"} <= types
    assert not [name for name in types if name.startswith("custom:")]


@pytest.mark.usefixtures("found")
async def test_the_view_names_entities_that_are_there(
    hass: HomeAssistant, view: dict[str, Any]
) -> None:
    named = set(re.findall(rf"\b[a-z_]+\.{DOMAIN}_\w+", VIEW.read_text("utf-8")))
    assert len(named) >= 6
    assert {name for name in named if hass.states.get(name) is None} == set()


async def test_the_last_news_say_what_they_are_about(
    hass: HomeAssistant, found: ScoutCoordinator, view: dict[str, Any]
) -> None:
    (news,) = [c for c in cards(view) if str(c.get("entity")).startswith("event.")]
    state = hass.states.get(news["entity"])
    assert state
    said = [state.attributes.get(name) for name in news["state_content"][:2]]
    assert said == ["new", found.data.open[-1]["title"]]


async def test_the_template_tells_each_suggestion_and_why(
    hass: HomeAssistant, found: ScoutCoordinator, view: dict[str, Any]
) -> None:
    (content,) = [card["content"] for card in cards(view) if card["type"] == "markdown"]
    text = Template(content, hass).async_render()
    for item in found.data.open:
        assert f"**{item['title']}** · 90&nbsp;%" in text
        assert item["description"] in text
        assert item["rationale"] in text
    for item in found.data.open:
        await found.async_dismiss(item["id"], None)
    await hass.async_block_till_done()
    assert Template(content, hass).async_render().strip() == "✓"


def test_the_card_is_small_and_can_be_read_by_a_browser() -> None:
    assert FILE.stat().st_size < 8 * 1024
    done = subprocess.run(
        ["node", "--check", "--input-type=module"],
        input=FILE.read_text("utf-8"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_card_takes_no_text_for_markup() -> None:
    code = FILE.read_text("utf-8")
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval",
    ):
        assert way not in code
    # Nothing comes from elsewhere.
    assert not re.search(r"https?:|import\s*\(|fetch\(", code)


async def test_the_card_finds_its_texts(hass: HomeAssistant, found: object) -> None:
    wanted = {
        "services.accept.name",
        "services.dismiss.name",
        "selector.card.options.nothing",
        "selector.card.options.missing",
        "exceptions.confirmation_needed.message",
    }
    there: dict[str, str] = {}
    for category in ("services", "selector", "exceptions"):
        there |= await async_get_translations(hass, "en", category, [DOMAIN])
    assert {f"component.{DOMAIN}.{key}" for key in wanted} <= there.keys()


async def test_the_card_is_served_while_the_entry_is_loaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    scout: ScoutCoordinator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A frontend that comes late gets it too, and twice is once."""
    assert await async_setup_component(hass, "frontend", {})
    await hass.async_block_till_done(wait_background_tasks=True)
    version = sha256(FILE.read_bytes()).hexdigest()[:12]
    extra = hass.data[DATA_EXTRA_MODULE_URL]
    assert {url for url in extra.urls if DOMAIN in url} == {f"{PATH}?v={version}"}
    client = await hass_client_no_auth()
    answer = await client.get(f"{PATH}?v={version}")
    assert answer.status == 200
    assert "javascript" in answer.content_type
    assert await answer.read() == FILE.read_bytes()
    with patch(
        "homeassistant.components.frontend.onboarding.async_is_onboarded",
        return_value=True,
    ):
        page = await (await client.get("/")).text()
    assert f"{PATH}?v={version}" in page
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert {url for url in extra.urls if DOMAIN in url} == {f"{PATH}?v={version}"}
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert {url for url in extra.urls if DOMAIN in url} == set()


async def test_without_a_frontend_there_is_no_card(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    assert DATA_EXTRA_MODULE_URL not in hass.data
    assert "frontend" not in hass.config.components
