"""Manifest, translations, icons, images: what Home Assistant's own checks look at."""

import ast
import json
from pathlib import Path
import re
import string
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import icon, translation
from homeassistant.loader import async_get_integration
from homeassistant.util.yaml import load_yaml_dict
from PIL import Image
import pytest

from custom_components.automation_scout.config_flow import SCHEDULE, SUGGESTIONS
from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.home_facts.plans import Reason
from custom_components.automation_scout.lifecycle import REASONS
from custom_components.automation_scout.mining.rules import KINDS
from custom_components.automation_scout.mining.settings import Sensitivity
from custom_components.automation_scout.notice_options import (
    NO_ACTION,
    NO_TARGET,
    How,
    notices_schema,
)
from custom_components.automation_scout.options import Provider
from custom_components.automation_scout.services import (
    ACCEPT_SCHEMA,
    ANALYZE_SCHEMA,
    BACKTEST_SCHEMA,
    DISMISS_SCHEMA,
    FORGET_SCHEMA,
    LIST_SCHEMA,
    PREVIEW_SCHEMA,
    REFINE_SCHEMA,
    RESTORE_SCHEMA,
    SNOOZE_SCHEMA,
    UNDO_SCHEMA,
)
from custom_components.automation_scout.trigger import OPTIONS, SUGGESTION_ARRIVED
from custom_components.automation_scout.words_form import (
    connection_schema,
    key_schema,
    words_schema,
)

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / DOMAIN
SCHEMAS = {
    "accept": ACCEPT_SCHEMA,
    "analyze": ANALYZE_SCHEMA,
    "backtest": BACKTEST_SCHEMA,
    "list_suggestions": LIST_SCHEMA,
    "dismiss": DISMISS_SCHEMA,
    "preview_prompt": PREVIEW_SCHEMA,
    "refine": REFINE_SCHEMA,
    "restore": RESTORE_SCHEMA,
    "snooze": SNOOZE_SCHEMA,
    "forget": FORGET_SCHEMA,
    "undo": UNDO_SCHEMA,
}


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PACKAGE / name).read_text(encoding="utf-8"))
    return found


def leaves(node: object, path: str = "") -> dict[str, str]:
    if isinstance(node, dict):
        return {
            key: value
            for name, child in node.items()
            for key, value in leaves(child, f"{path}.{name}").items()
        }
    return {path: str(node)}


ENGLISH = read("translations/en.json")


def test_manifest() -> None:
    manifest = read("manifest.json")
    keys = list(manifest)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert manifest["domain"] == DOMAIN == PACKAGE.name
    assert manifest["version"] == "0.1.0"
    assert manifest["single_config_entry"] is True
    assert "recorder" in manifest["after_dependencies"]
    assert "recorder" not in manifest["dependencies"]
    assert manifest["documentation"].startswith("https://")
    for requirement in manifest["requirements"]:
        assert re.fullmatch(r"[a-z]+>=[\d.]+", requirement), requirement


def test_every_component_that_is_used_is_declared() -> None:
    manifest = read("manifest.json")
    declared = {*manifest["dependencies"], *manifest["after_dependencies"]}
    # Those that Home Assistant's own check lets every integration use.
    base = {"binary_sensor", "button", "cover", "event", "fan", "light"}
    base |= {"media_player", "persistent_notification", "sensor", "todo"}
    used: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found = re.match(r"homeassistant\.components\.(\w+)", node.module)
                # A platform is only loaded by the component that it is named after.
                used |= {found[1]} - {path.stem} if found else set()
    assert used - declared - base == set()


def test_hacs() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    assert set(hacs) <= {
        "content_in_root",
        "country",
        "filename",
        "hacs",
        "hide_default_branch",
        "homeassistant",
        "name",
        "persistent_directory",
        "render_readme",
        "zip_release",
    }
    assert hacs["homeassistant"] == "2026.3.0"


@pytest.mark.parametrize(("name", "size"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_icons_have_their_size(name: str, size: int) -> None:
    with Image.open(PACKAGE / "brand" / name) as image:
        assert image.size == (size, size)
        assert image.mode == "RGBA"


@pytest.mark.parametrize("name", ["logo", "dark_logo"])
def test_logos_are_twice_as_large_at_2x(name: str) -> None:
    with (
        Image.open(PACKAGE / "brand" / f"{name}.png") as one,
        Image.open(PACKAGE / "brand" / f"{name}@2x.png") as two,
    ):
        assert 128 <= one.height <= 256
        assert two.height == 2 * one.height


def test_services_are_described_as_they_are() -> None:
    described = load_yaml_dict(str(PACKAGE / "services.yaml"))
    translated = ENGLISH["services"]
    assert set(described) == set(translated) == set(SCHEMAS)
    assert set(described) == set(read("icons.json")["services"])
    for name, schema in SCHEMAS.items():
        fields = {str(key) for key in schema.schema}
        assert set((described[name] or {}).get("fields", {})) == fields
        assert set(translated[name].get("fields", {})) == fields
        for field in translated[name].get("fields", {}).values():
            assert set(field) == {"name", "description"}
    options = described["list_suggestions"]["fields"]["kind"]["selector"]["select"]
    assert tuple(options["options"]) == KINDS
    assert set(ENGLISH["selector"]["kind"]["options"]) == set(KINDS)
    assert set(ENGLISH["selector"]["reason"]["options"]) == set(REASONS)
    assert set(ENGLISH["selector"]["backtest_reason"]["options"]) == set(Reason)


def test_triggers_are_described_as_they_are() -> None:
    described = load_yaml_dict(str(PACKAGE / "triggers.yaml"))
    translated = ENGLISH["triggers"]
    assert set(described) == set(translated) == {SUGGESTION_ARRIVED}
    assert set(described) == set(read("icons.json")["triggers"])
    fields = {str(key) for key in OPTIONS}
    assert set(described[SUGGESTION_ARRIVED]["fields"]) == fields
    assert set(translated[SUGGESTION_ARRIVED]["fields"]) == fields
    for field in translated[SUGGESTION_ARRIVED]["fields"].values():
        assert set(field) == {"name", "description"}


def test_categories_are_named() -> None:
    named = set(ENGLISH["selector"]["category"]["options"])
    assert named == {"comfort", "energy", "security", "convenience"}


def test_options_are_described_as_they_are(hass: HomeAssistant) -> None:
    sections = ENGLISH["options"]["step"]["init"]["sections"]
    expected = {
        "schedule": SCHEDULE,
        "suggestions": SUGGESTIONS,
        "words": words_schema("EUR"),
        "notifications": notices_schema(hass),
    }
    for name, schema in expected.items():
        assert set(sections[name]["data"]) == {str(key) for key in schema.schema}
    for section in sections.values():
        assert set(section["data"]) == set(section["data_description"])
    assert set(sections["scope"]["data"]) == {
        "include_entities",
        "exclude_entities",
        "exclude_areas",
        "exclude_labels",
        "exclude_users",
        "people",
    }
    assert set(ENGLISH["selector"]["sensitivity"]["options"]) == set(Sensitivity)
    assert set(ENGLISH["selector"]["notify_how"]["options"]) == set(How)
    assert set(ENGLISH["selector"]["provider"]["options"]) == set(Provider)


def test_the_other_forms_are_described_as_they_are() -> None:
    steps = ENGLISH["config"]["step"]
    forms = {"reconfigure": connection_schema(), "reauth_confirm": key_schema()}
    for step, schema in forms.items():
        fields = {str(key) for key in schema.schema}
        assert set(steps[step]["data"]) == fields
        assert set(steps[step]["data_description"]) == fields
    assert ENGLISH["config"]["error"].items() <= ENGLISH["options"]["error"].items()
    assert set(ENGLISH["options"]["error"]) == {
        *ENGLISH["config"]["error"],
        NO_ACTION,
        NO_TARGET,
    }
    code = (PACKAGE / "words_form.py").read_text(encoding="utf-8")
    for error in ENGLISH["config"]["error"]:
        assert f'"{error}"' in code


def test_every_key_in_code_is_translated() -> None:
    paths = (*PACKAGE.glob("*.py"), *PACKAGE.glob("installer/*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    raised = set(re.findall(r'translation_key="(\w+)"', code))
    named = set(re.findall(r'(?:refusal|refused|failure)\(\s*"(\w+)"', code))
    named |= set(
        re.findall(r'^[A-Z0-9_]+: Final = "((?:file|install)_\w+)"', code, re.MULTILINE)
    )
    matched = set(re.findall(r'key = "(store_\w+)"', code))
    translated = {
        *ENGLISH["exceptions"],
        *ENGLISH["issues"],
        *ENGLISH["selector"],
        *(key for domain in ENGLISH["entity"].values() for key in domain),
    }
    entity_only = {"suggestion"}
    assert raised | named | matched
    assert (raised | named | matched) - translated - entity_only == set()
    assert set(ENGLISH["exceptions"]) <= raised | named | matched


def test_texts_have_no_html_and_no_address() -> None:
    for path, text in leaves(ENGLISH).items():
        assert not re.search(r"<[a-z/]|https?://", text), path
        assert text == text.strip(), path
        for _, name, _, _ in string.Formatter().parse(text):
            assert name is None or name.isidentifier(), path


def test_no_sentence_stands_in_the_code_of_the_words() -> None:
    for path in (PACKAGE / "words").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        unseen = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr | ast.Raise)
            for inner in ast.walk(node)
        }
        for node in set(ast.walk(tree)) - unseen:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                sentence = re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", node.value)
                assert not sentence, (path.name, node.value)


def test_quality_scale_names_no_unknown_status() -> None:
    rules = load_yaml_dict(str(PACKAGE / "quality_scale.yaml"))["rules"]
    assert len(rules) >= 50
    for name, value in rules.items():
        status = value if isinstance(value, str) else value["status"]
        assert status in {"done", "exempt"}, name
        if status == "exempt":
            assert value["comment"], name


async def test_home_assistant_reads_them(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    integration = await async_get_integration(hass, DOMAIN)
    assert integration.config_flow
    assert integration.integration_type == "service"
    assert integration.single_config_entry
    for category in (
        *("services", "entity", "exceptions", "issues", "options", "config"),
        "triggers",
    ):
        found = await translation.async_get_translations(hass, "en", category, {DOMAIN})
        assert found, category
    icons = await icon.async_get_icons(hass, "services", {DOMAIN})
    assert set(icons[DOMAIN]) == set(SCHEMAS)
