"""Folders with something missing, and with nothing in them."""

import json
from pathlib import Path
import shutil
import sqlite3

from homeassistant.components.recorder.db_schema import SCHEMA_VERSION
import pytest

from scan import storage
from scan.__main__ import main
from scan.database import DEFAULT_NAME
from scan.report import as_text

from .conftest import look
from .folders import make_small, state_of

HOUR = 3600.0


def stored(folder: Path, name: str, data: object, version: int = 1) -> None:
    (folder / ".storage").mkdir(exist_ok=True)
    content = {"version": version, "minor_version": 1, "key": name, "data": data}
    (folder / ".storage" / name).write_text(json.dumps(content), "utf-8")


def test_an_entity_counts_where_it_is_still_there(tmp_path: Path) -> None:
    folder = make_small(
        tmp_path / "home",
        [
            (50 * HOUR, "light.stale", "on"),
            (20 * HOUR, "light.there", "off"),
            (9 * HOUR, "light.away", "on"),
            (8 * HOUR, "light.away", "unavailable"),
            (7 * HOUR, "light.never", "unavailable"),
            (6 * HOUR, "automation.broken", "unavailable"),
            (60.0, "light.there", "on"),
        ],
    )
    found = look(folder)
    lights = {name for name in found.facts.entities if name.startswith("light.")}
    assert lights == {"light.there", "light.away", "light.never"}
    assert found.facts.entities["light.there"].name == "There"
    assert found.facts.time_zone == "UTC"
    assert [warning.partition(":")[0] for warning in found.warnings] == [
        ".storage/core.entity_registry is missing",
        ".storage/core.area_registry is missing",
        ".storage/auth is missing",
        ".storage/core.config is missing",
    ]


def test_an_entity_that_was_removed_is_not_there(tmp_path: Path) -> None:
    folder = make_small(
        tmp_path / "home", [(HOUR, "light.gone", "on"), (60.0, "light.there", "on")]
    )
    connection = sqlite3.connect(folder / DEFAULT_NAME)
    connection.execute("UPDATE states SET state = NULL WHERE state_id = 1")
    connection.commit()
    connection.close()
    assert set(look(folder).facts.entities) == {"light.there"}


def test_a_home_without_habits_gets_nothing_and_a_reason(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "home", [(60.0, "light.there", "on")])
    text = as_text(look(folder))
    assert "No suggestions." in text
    assert "Nobody was seen to act" in text
    empty = make_small(tmp_path / "empty", [])
    assert "holds no change" in as_text(look(empty))


def test_groups_are_what_the_files_say(tmp_path: Path) -> None:
    """The recorder leaves the members of groups out."""
    lights = [(60.0, f"light.{name}", "on") for name in ("a", "b", "both", "upper")]
    folder = make_small(tmp_path / "home", [*lights, (60.0, "group.old", "on")])
    (folder / "configuration.yaml").write_text(
        "homeassistant: {time_zone: Asia/Tokyo, latitude: 35.5, longitude: x}\n"
        "group: {old: {entities: [light.a]}}\n"
        "light: {platform: group, name: Both, entities: [light.a, light.b]}\n",
        "utf-8",
    )
    found = look(folder)
    assert found.facts.entities["light.both"].members == ("light.a", "light.b")
    assert found.facts.entities["light.a"].members == ()
    assert found.facts.time_zone == "Asia/Tokyo"
    assert "longitude in the configuration is no number" in found.warnings
    assert ".storage/core.config" not in str(found.warnings)


def test_the_options_of_the_integration_in_the_folder_count(tmp_path: Path) -> None:
    folder = make_small(
        tmp_path / "home", [(60.0, "light.a", "on"), (60.0, "light.b", "on")]
    )
    entry = {
        "entry_id": "x",
        "domain": "automation_scout",
        "options": {"scope": {"exclude_entities": ["light.b"]}},
    }
    stored(folder, "core.config_entries", {"entries": [entry]})
    assert set(look(folder).facts.entities) == {"light.a"}
    entry["options"] = {"schedule": "junk"}
    stored(folder, "core.config_entries", {"entries": [entry]})
    assert set(look(folder).facts.entities) == {"light.a", "light.b"}


def test_scenes_are_followed_as_they_are_written(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "home", [(60.0, "light.there", "on")])
    (folder / "configuration.yaml").write_text(
        "scene:\n"
        "  - {id: 1, name: Cosy, entities: {light.there: {state: 'on'}}}\n"
        "  - {id: 2, name: Odd, entities: {light.there: [5]}}\n"
        "automation:\n"
        "  - alias: It\n"
        "    triggers: []\n"
        "    actions: [{scene: scene.cosy}, {scene: scene.odd}, {scene: scene.gone}]\n",
        "utf-8",
    )
    (automation,) = look(folder).facts.automations
    assert automation.targets == {("light.there", "on")}


AUTOMATIONS = """
- id: "1"
  alias: Porch
  triggers: [{trigger: state, entity_id: "binary_sensor.gone, binary_sensor.door"}]
  actions: [{action: light.turn_on, target: {entity_id: [light.there, "{{ x }}"]}}]
- id: "2"
  alias: Porch
  initial_state: false
"""


@pytest.mark.parametrize("is_filtered", [False, True])
def test_automations_say_of_themselves_what_they_would(
    tmp_path: Path, *, is_filtered: bool
) -> None:
    folder = make_small(
        tmp_path / "home",
        [
            (60.0, "light.there", "on"),
            (60.0, "binary_sensor.door", "on"),
            (60.0, "automation.porch", "on"),
            (60.0, "script.water", "off"),
        ],
    )
    (folder / "automations.yaml").write_text(AUTOMATIONS, "utf-8")
    recorder = "{exclude: {domains: [zone]}}" if is_filtered else "{}"
    (folder / "configuration.yaml").write_text(
        f"automation: !include automations.yaml\nrecorder: {recorder}", "utf-8"
    )
    attributes = {"last_triggered": "2026-05-10T10:00:00+00:00", "mode": "single"}
    kept = {"entity_id": "automation.porch", "state": "on", "attributes": attributes}
    stored(folder, "core.restore_state", [{"state": kept}, "junk", {"state": None}])
    first, second = look(folder).facts.automations
    assert (first.entity_id, first.enabled) == ("automation.porch", True)
    assert (second.entity_id, second.enabled) == ("automation.porch_2", False)
    assert ("light.there", "on") in first.targets
    assert first.last_triggered_ms == 1_778_407_200_000
    assert first.missing == (() if is_filtered else ("binary_sensor.gone",))


def test_what_is_to_be_tidied_up_is_told(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "home", [(60.0, "light.there", "on")])
    (folder / "automations.yaml").write_text(AUTOMATIONS, "utf-8")
    found = look(folder)
    assert [item["kind"] for item in found.suggestions] == ["tidy"]
    assert found.suggestions[0]["evidence"]["last_seen"] is None
    text = as_text(found)
    assert "refers to what is no longer there: binary_sensor." in text
    assert "Evidence" not in text


@pytest.mark.parametrize("junk", ["{", "[]", '{"version": 1}', "\x00", ""])
def test_a_damaged_storage_costs_itself_alone(
    demo: Path, tmp_path: Path, junk: str
) -> None:
    folder = make_small(tmp_path / "home", [(60.0, "light.there", "on")])
    shutil.copytree(demo / ".storage", folder / ".storage")
    for name in ("core.entity_registry", "auth", "person", "core.config_entries"):
        (folder / ".storage" / name).write_text(junk, "utf-8")
    found = look(folder)
    assert "light.there" in found.facts.entities
    assert len(found.facts.areas) > 3
    assert found.facts.time_zone == "Europe/Berlin"
    assert any("core.entity_registry" in warning for warning in found.warnings)
    assert any("auth" in warning for warning in found.warnings)


def test_no_password_or_token_leaves_the_folder(demo: Path, tmp_path: Path) -> None:
    assert "auth" not in storage.copy(demo, tmp_path)
    accounts = storage.read(tmp_path, "auth")
    assert {user["name"] for user in accounts["users"]} >= {"Anna", "Ben"}
    assert accounts["credentials"] == accounts["refresh_tokens"] == []
    kept = {path.name for path in (tmp_path / ".storage").iterdir()}
    assert kept == {"auth", *storage.COPIED} & kept
    assert "auth_provider.homeassistant" not in kept


def test_an_older_database_is_brought_up_to_date_on_the_copy(tmp_path: Path) -> None:
    folder = make_small(tmp_path / "home", [(60.0, "light.there", "on")])
    connection = sqlite3.connect(folder / DEFAULT_NAME)
    connection.execute(
        "UPDATE schema_changes SET schema_version = ?", (SCHEMA_VERSION - 2,)
    )
    connection.commit()
    connection.close()
    before = state_of(folder)
    assert set(look(folder).facts.entities) == {"light.there"}
    assert state_of(folder) == before


def refused(
    folder: Path, capsys: pytest.CaptureFixture[str], told: str, *more: str
) -> None:
    """Expect one clear line, nothing on stdout, and 2."""
    assert main([str(folder), *more]) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if not line.startswith("Copying")]
    assert out == ""
    assert len([line for line in lines if line.startswith("scan: ")]) == 1
    assert told in err
    assert "Traceback" not in err


def test_bad_input_is_one_line_and_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(tmp_path / "gone", capsys, "no folder")
    refused(tmp_path, capsys, "no home-assistant_v2.db")
    (tmp_path / DEFAULT_NAME).write_bytes(b"no database at all" * 1000)
    refused(tmp_path, capsys, "damaged", "--json")
    refused(tmp_path / DEFAULT_NAME, capsys, "no folder")
    (tmp_path / "configuration.yaml").write_text(
        "recorder: {db_url: 'mysql://me:secret@host/ha'}", "utf-8"
    )
    refused(tmp_path, capsys, "MariaDB")


def test_a_storage_of_tomorrow_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_small(tmp_path / "home", [(60.0, "light.there", "on")])
    stored(folder, "core.area_registry", {"areas": []}, version=99)
    refused(folder, capsys, "core.area_registry is of a newer Home Assistant")


def test_damage_deep_in_a_database_is_told(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray((demo / DEFAULT_NAME).read_bytes())
    middle = len(content) // 2 & ~4095
    content[middle : middle + 200 * 4096] = b"\xa5" * (200 * 4096)
    (tmp_path / DEFAULT_NAME).write_bytes(content)
    refused(tmp_path, capsys, "damaged")


@pytest.mark.parametrize("arguments", [[], ["x", "--days", "0"], ["x", "--max", "a"]])
def test_bad_arguments_are_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: scripts/scan" in capsys.readouterr().err
