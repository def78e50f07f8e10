"""The demo home's folder: what is read of it, what is found, that it stays as is."""

from datetime import timedelta
import json
from pathlib import Path
import re
import signal
import subprocess
import sys

import pytest

from custom_components.automation_scout.mining.settings import Sensitivity
from demo.custom_components.demo_home.devices import DEVICES
from demo.home import CORE_SETTINGS, PORCH_AUTOMATION, PORCH_LIGHT
from scan.analysis import Findings, Wishes
from scan.report import as_json, as_text

from .conftest import look
from .folders import NOW, state_of

ROOT = Path(__file__).parents[2]


def test_the_home_is_as_its_files_say(found: Findings) -> None:
    facts = found.facts
    assert found.warnings == ()
    assert facts.time_zone == CORE_SETTINGS["time_zone"]
    assert sorted(facts.areas.values()) == sorted({d.area for d in DEVICES if d.area})
    seen = {entity_id: facts.entities[entity_id] for entity_id in facts.entities}
    for device in DEVICES:
        if device.domain in ("light", "cover", "lock"):
            entity = seen[device.entity_id]
            assert entity.name == device.name
            assert facts.areas[entity.area_id or ""] == device.area
            assert entity.device_id
    assert seen["binary_sensor.front_door"].device_class == "door"
    assert "person.anna" in seen
    assert "device_tracker.annas_phone" not in seen


def test_the_automations_are_read_and_none_is_set_up(found: Findings) -> None:
    (automation,) = found.facts.automations
    assert automation.entity_id == PORCH_AUTOMATION
    assert automation.name == "Porch light in the evening"
    assert automation.enabled
    assert (PORCH_LIGHT, "on") in automation.targets
    assert (PORCH_LIGHT, "off") in automation.targets


def test_people_are_told_from_automations(found: Findings) -> None:
    origins = found.result.origins
    assert origins["user"] > 300
    assert origins["physical"] > 300
    assert origins["automation"] > 50
    assert origins["script"] > 5
    assert found.counters["human_actions"] > 1000


def test_the_planted_habits_are_found_and_what_is_automated_is_not(
    found: Findings,
) -> None:
    touched = [item["entities"] for item in found.suggestions]
    assert ["binary_sensor.front_door", "light.hall_light"] in touched
    assert len(touched) == found.counters["open"] == 5
    assert all(PORCH_LIGHT not in entities for entities in touched)
    for item in found.suggestions:
        assert item["status"] == "open"
        assert item["automation"]["triggers"]
        assert item["automation_yaml"].startswith("alias:")
        assert item["evidence"]["holdout"]["hits"] > 0


def test_the_wishes_of_a_person_count(demo: Path) -> None:
    wishes = Wishes(days=20, sensitivity=Sensitivity.QUIET, max_open=2, language="xx")
    found = look(demo, wishes)
    assert len(found.suggestions) <= 2
    assert found.result.proven
    assert all(p.confidence >= 0.55 for p in found.result.proven)
    days = {p.evidence.days_observed for p in found.result.proven}
    assert 15 < max(days) <= 20
    assert found.catalogue.language == "en"


def test_the_end_of_the_history_is_that_of_the_folder(found: Findings) -> None:
    assert found.until is not None
    assert timedelta(0) <= NOW - found.until < timedelta(hours=2)


def test_for_machines_there_is_what_the_actions_answer(found: Findings) -> None:
    answer = json.loads(as_json(found))
    assert {
        "run_id", "started_at", "finished_at", "duration_s", "events_read",
        "events_archived", "human_actions", "candidates", "funnel", "new", "updated",
        "expired", "open", "errors", "suggestions",
    } <= answer.keys()  # fmt: skip
    assert answer["errors"] == []
    assert len(answer["suggestions"]) == answer["open"]
    for miss in answer["nearest"]:
        assert miss["title"]
        assert miss["measured"] <= miss["required"]
        assert miss["gate"] in {step["gate"] for step in answer["funnel"]}


def test_for_people_there_is_everything_in_few_columns(found: Findings) -> None:
    text = as_text(found)
    for item in found.suggestions:
        assert item["title"] in text
    for part in ("triggers:", "acts of people", "left by support", "Nearest misses"):
        assert part in text
    prose = [line for line in text.splitlines() if not line.startswith(" " * 6)]
    assert max(map(len, prose)) <= 100
    assert re.search(r"needed \S", text)


AUDITED = """
import sys

folder, *arguments = sys.argv[1:]
touched = []

def watch(event, args):
    if event in ("socket.bind", "socket.connect", "socket.getaddrinfo"):
        # A library looks with this whether the machine knows IPv6, when it is imported.
        if args[1:] != (("::1", 0),):
            touched.append((event, args[1:]))
    if event == "open" and str(args[0]).startswith(folder):
        if args[2] & 0o3 or "w" in str(args[1]) or "a" in str(args[1]):
            touched.append((event, args))
    if event in ("os.rename", "os.remove", "os.mkdir", "os.utime", "os.chmod"):
        if str(args[0]).startswith(folder):
            touched.append((event, args))

sys.addaudithook(watch)
from scan.__main__ import main
code = main([folder, *arguments])
assert not touched, touched
sys.exit(code)
"""


def test_the_folder_and_the_network_are_left_alone(demo: Path) -> None:
    """The way a person starts it, from within the folder."""
    before = state_of(demo)
    done = subprocess.run(
        [sys.executable, "-P", "-c", AUDITED, str(demo), "--json"],
        cwd=demo,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["open"] == 5
    assert "Looking for habits" in done.stderr
    assert state_of(demo) == before


@pytest.mark.usefixtures("found")
def test_nothing_of_the_copy_stays(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    look(demo, Wishes(days=1))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(
    demo: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """While the recorder starts, which must not be left half way."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "scan", str(demo)],
        env={"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        seen = b""
        while b"Opening" not in seen:
            seen += process.stderr.read(1)
        assert list(tmp_path.iterdir()) != []
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == b""
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []
