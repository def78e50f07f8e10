"""The examples of the README: each is set up, started, and does what it says."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from logging import ERROR, WARNING
from pathlib import Path
import re
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import dump, parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.watched import Counts, Watched

from .installer import conftest
from .scripted import DOOR, MORNING, Script, at, proven, result

calls, folder, home = conftest.calls, conftest.folder, conftest.home

README: Final = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
PORCH: Final = "automation.porch_light"
OVERRULED: Final = Watched(
    PORCH, True, 0, Counts(9, 6, 2, 3), Counts(9, 6, 2, 3), (Counts(9, 6, 2, 3),)
)
FORMS: Final = {"triggers": "automation", "sequence": "script", "action": "step"}
"""Key of an example to what it is; a card of a dashboard has none of them."""
COMPLAINERS: Final = ("homeassistant.helpers.template", "homeassistant.helpers.service")
"""Warn of names that are not there, in templates and in targets."""


@dataclass(frozen=True)
class Example:
    """A block of YAML in the README."""

    line: int
    text: str
    data: dict[str, Any] = field(repr=False)

    @property
    def form(self) -> str:
        found = (form for key, form in FORMS.items() if key in self.data)
        return next(found, "other")

    @property
    def actions(self) -> set[str]:
        """Return the names of the actions that it calls."""
        return set(re.findall(r"(?:^|- )action: (\S+)", self.text, re.MULTILINE))


def examples() -> Iterator[Example]:
    for found in re.finditer(r"```yaml\n(.*?)```", README, re.DOTALL):
        text = found[1].replace("s1-0123456789abcdef", MORNING.rule.key)
        data = parse_yaml(text)
        assert isinstance(data, dict), text
        yield Example(README[: found.start()].count("\n") + 1, text, data)


EXAMPLES: Final = list(examples())


def of(form: str) -> pytest.MarkDecorator:
    """Parametrise a test with the examples of a form."""
    chosen = [one for one in EXAMPLES if one.form == form]
    assert chosen
    return pytest.mark.parametrize(
        "example", chosen, ids=lambda one: f"line {one.line}"
    )


@pytest.fixture
async def called(
    hass: HomeAssistant, home: ScoutCoordinator, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[list[str]]:
    """Live in a home of which the examples may speak; return what is called in it."""
    dimmable = {"supported_color_modes": ["brightness"]}
    hass.states.async_set("light.desk", "off", dimmable)
    assert home.data.open
    names: list[str] = []

    def note(event: Event[Any]) -> None:
        names.append(f"{event.data['domain']}.{event.data['service']}")

    stop = hass.bus.async_listen(EVENT_CALL_SERVICE, note)
    yield names
    stop()
    complaints = [
        one.getMessage()
        for one in caplog.get_records("call")
        if one.levelno >= (WARNING if one.name.startswith(COMPLAINERS) else ERROR)
    ]
    assert complaints == []


async def automate(hass: HomeAssistant, *more: dict[str, Any]) -> None:
    """Have automations, as if they had been saved in the editor."""
    porch = {
        "alias": "Porch light",
        "triggers": [{"trigger": "time", "at": "21:00:00"}],
        "actions": [{"action": "light.turn_on", "target": {"entity_id": "light.desk"}}],
    }
    configs = [{"id": str(n), **one} for n, one in enumerate((porch, *more))]
    await hass.async_add_executor_job(
        Path(hass.config.path("automations.yaml")).write_text, dump(configs)
    )
    await hass.services.async_call("automation", "reload", blocking=True)
    assert hass.states.get(PORCH)


async def run(hass: HomeAssistant, sequence: list[dict[str, Any]]) -> Any:
    """Run a sequence as a script, and return what it answers."""
    config = {"example": {"sequence": sequence}}
    assert await async_setup_component(hass, "script", {"script": config})
    return await hass.services.async_call(
        "script", "example", blocking=True, return_response=True
    )


@of("automation")
async def test_an_automation_runs(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    script: Script,
    called: list[str],
    freezer: FrozenDateTimeFactory,
    example: Example,
) -> None:
    await automate(hass, {"alias": "Example", **example.data})
    state = hass.states.get("automation.example")
    assert state
    assert state.state == "on"
    assert state.attributes["last_triggered"] is None
    called.clear()
    # A suggestion arrives, an automation is overruled, and then it is Sunday.
    fresh = proven(at(600), "light.porch")
    script.result = replace(result(MORNING, DOOR, fresh), watched=(OVERRULED,))
    await home.async_analyze()
    await hass.async_block_till_done()
    zone = dt_util.get_default_time_zone()
    freezer.move_to(datetime(2026, 11, 29, 9, 0, 1, tzinfo=zone))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    state = hass.states.get("automation.example")
    assert state
    assert state.attributes["last_triggered"] is not None
    assert example.actions <= set(called)
    porch = hass.states.get(PORCH)
    assert porch
    assert (porch.state == "off") == ("automation.turn_off" in example.actions)


@of("script")
async def test_a_script_runs(
    hass: HomeAssistant, home: ScoutCoordinator, called: list[str], example: Example
) -> None:
    answer = await run(hass, example.data["sequence"])
    assert example.actions <= set(called)
    if "automation_scout.accept" in example.actions:
        assert hass.states.get(answer["entity_id"])
        assert len(home.data.open) == 2


@of("step")
async def test_an_action_answers(
    hass: HomeAssistant, called: list[str], example: Example
) -> None:
    await automate(hass)
    answer = await run(
        hass,
        [
            {**example.data, "response_variable": "answer"},
            {"stop": "Done", "response_variable": "answer"},
        ],
    )
    assert example.actions <= set(called)
    assert answer


def test_every_example_is_run_or_looked_at() -> None:
    assert len(EXAMPLES) == README.count("```yaml")
    others = [one for one in EXAMPLES if one.form == "other"]
    for one in others:
        # Cards and views have a type; they are looked at for what they name, below.
        assert {"type", "views", "cards"} & set(one.data), one


@pytest.mark.usefixtures("home")
def test_every_entity_that_is_named_is_there(
    entity_registry: er.EntityRegistry, entry: MockConfigEntry
) -> None:
    registered = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    there = {item.entity_id for item in registered}
    named = set(re.findall(r"\b[a-z_]+\.automation_scout_[a-z_]+\b", README))
    assert len(named) >= 10
    assert named - there == set()
