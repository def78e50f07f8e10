"""The YAML of a folder, whole or in pieces."""

from pathlib import Path
from typing import Any

import pytest

from scan.configuration import Group, read

FILES = {
    "configuration.yaml": """
homeassistant:
  time_zone: Europe/Lisbon
  latitude: !secret latitude
  packages: !include_dir_named packages
recorder:
  db_url: !secret not_there
automation: !include automations.yaml
automation by hand:
  - alias: By hand
    trigger: []
  - !include more.yaml
script: !include scripts.yaml
scene:
  - {id: 7, name: Cosy, entities: {light.a: "on"}}
  - {name: Nothing}
  - nonsense
light:
  - platform: group
    name: Upstairs lights
    unique_id: up
    entities: [light.a, light.b]
  - platform: template
group:
  downstairs: light.c, light.d
person:
  - name: Ann Lee
    device_trackers: device_tracker.phone
""",
    "automations.yaml": "- {id: '1', alias: In the interface}",
    "more.yaml": "alias: Included",
    "scripts.yaml": "movie: {alias: Movie, sequence: []}",
    "secrets.yaml": "latitude: 38.7",
    "packages/garden.yaml": """
automation:
  - alias: In a package
    use_blueprint: {path: own/motion.yaml, input: {lamp: light.garden}}
script:
  water: {sequence: []}
""",
    "blueprints/automation/own/motion.yaml": """
blueprint:
  name: Motion
  domain: automation
  input:
    lamp:
    minutes: {default: 5}
triggers: []
actions:
  - action: light.turn_on
    target: {entity_id: !input lamp}
  - delay: {minutes: !input minutes}
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def aliases(automations: tuple[Any, ...]) -> list[str]:
    return [str(config["alias"]) for config in automations]


def test_everything_is_found_where_it_is_written(tmp_path: Path) -> None:
    known = read(write(tmp_path, FILES))
    assert known.warnings == ()
    assert known.core == {"time_zone": "Europe/Lisbon", "latitude": "38.7"}
    assert known.db_url is None
    assert aliases(known.automations) == [
        "In the interface",
        "By hand",
        "Included",
        "In a package",
    ]
    assert known.automations[-1]["actions"] == [
        {"action": "light.turn_on", "target": {"entity_id": "light.garden"}},
        {"delay": {"minutes": 5}},
    ]
    assert list(known.scripts) == ["movie", "water"]
    assert [scene["name"] for scene in known.scenes] == ["Cosy"]
    assert known.groups == (
        Group("light", "Upstairs lights", ("light.a", "light.b"), "up"),
        Group("group", "downstairs", ("light.c", "light.d")),
    )
    assert not known.is_filtered
    assert known.trackers == {"Ann Lee": ("device_tracker.phone",)}


def test_the_address_of_the_recorder_may_be_in_a_package(tmp_path: Path) -> None:
    files = {
        "configuration.yaml": "homeassistant: {packages: {r: !include r.yaml}}",
        "r.yaml": "recorder: {db_url: !secret address, exclude: {domains: [zone]}}",
        "secrets.yaml": "address: sqlite:////config/own.db",
    }
    known = read(write(tmp_path, files))
    assert known.db_url == "sqlite:////config/own.db"
    assert known.is_filtered


@pytest.mark.parametrize(
    "broken",
    [
        {"configuration.yaml": "recorder: [unclosed"},
        {"configuration.yaml": "light: !include gone.yaml"},
        {"configuration.yaml": "light: !env_var GONE_AS_WELL"},
        {"configuration.yaml": "light: \x00"},
        {"configuration.yaml": "light: !include configuration.yaml"},
        {"configuration.yaml": "just text"},
    ],
)
def test_what_is_broken_costs_itself_alone(
    tmp_path: Path, broken: dict[str, str]
) -> None:
    known = read(write(tmp_path, FILES | broken))
    assert aliases(known.automations) == ["In the interface"]
    assert list(known.scripts) == ["movie"]
    assert len(known.warnings) == ("text" not in broken["configuration.yaml"])
    assert all(str(tmp_path) not in warning for warning in known.warnings)


@pytest.mark.parametrize("text", ["", "[]", "# nothing yet", "null", "5", "- 5\n- x"])
def test_no_automations_are_no_trouble(tmp_path: Path, text: str) -> None:
    known = read(write(tmp_path, FILES | {"automations.yaml": text}))
    assert aliases(known.automations) == ["By hand", "Included", "In a package"]


def test_without_a_configuration_the_files_of_the_interface_count(
    tmp_path: Path,
) -> None:
    files = {name: FILES[name] for name in ("automations.yaml", "scripts.yaml")}
    known = read(write(tmp_path, files))
    assert aliases(known.automations) == ["In the interface"]
    assert list(known.scripts) == ["movie"]
    assert read(tmp_path / "nowhere").automations == ()


def test_a_blueprint_that_is_gone_is_told(tmp_path: Path) -> None:
    files = {
        "automations.yaml": "- {alias: Lost, use_blueprint: {path: gone.yaml}}\n"
        "- {alias: Bad, use_blueprint: {path: bad.yaml}}\n- alias: Kept",
        "blueprints/automation/bad.yaml": "blueprint: {name: Bad, domain: script}",
    }
    known = read(write(tmp_path, files))
    assert aliases(known.automations) == ["Kept"]
    assert ["Lost" in known.warnings[0], "Bad" in known.warnings[1]] == [True, True]
