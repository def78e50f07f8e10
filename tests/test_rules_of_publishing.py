"""What hassfest, HACS and the Marketplace check, as rules; they cannot be had here."""

import ast
from collections.abc import Iterator
from importlib.metadata import requires
import json
from pathlib import Path
import re
import string
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import homeassistant
from homeassistant.util.yaml import load_yaml_dict
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
import pytest

from .test_metadata import ENGLISH, PACKAGE, ROOT, leaves, read

LANGUAGES = sorted(path.name for path in (PACKAGE / "translations").glob("*.json"))
SECTIONS = {
    "common",
    "conditions",
    "config",
    "config_panel",
    "config_subentries",
    "conversation",
    "device",
    "device_automation",
    "entity",
    "entity_component",
    "exceptions",
    "issues",
    "options",
    "preview_features",
    "selector",
    "services",
    "system_health",
    "title",
    "triggers",
}
MANIFEST = {
    "domain": str,
    "name": str,
    "after_dependencies": list,
    "codeowners": list,
    "config_flow": bool,
    "dependencies": list,
    "documentation": str,
    "integration_type": str,
    "iot_class": str,
    "issue_tracker": str,
    "loggers": list,
    "quality_scale": str,
    "requirements": list,
    "single_config_entry": bool,
    "version": str,
}
RULES = {
    "bronze": """
        action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions
        docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
        has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry""",
    "silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner
        log-when-unavailable parallel-updates reauthentication-flow test-coverage""",
    "gold": """
        devices diagnostics discovery discovery-update-info docs-data-update
        docs-examples docs-known-limitations docs-supported-devices
        docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
        entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices""",
    "platinum": "async-dependency inject-websession strict-typing",
}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_manifest_has_what_publishing_asks_for() -> None:
    manifest = read("manifest.json")
    for key, value in manifest.items():
        assert isinstance(value, MANIFEST[key]), key
    needed = {"codeowners", "documentation", "domain", "issue_tracker", "name"}
    assert needed | {"version", "iot_class", "integration_type"} <= set(manifest)
    assert manifest["codeowners"]
    assert all(re.fullmatch(r"@[\w-]+", owner) for owner in manifest["codeowners"])
    for key in ("documentation", "issue_tracker"):
        assert re.fullmatch(r"https://[\w./-]+", manifest[key]), key
    assert manifest["iot_class"] in {"calculated", "local_polling", "local_push"}
    assert manifest["integration_type"] in {"helper", "hub", "service"}
    strategy = AwesomeVersion(manifest["version"]).strategy
    assert strategy is AwesomeVersionStrategy.SEMVER
    assert manifest["dependencies"] == sorted(manifest["dependencies"])
    assert manifest["after_dependencies"] == sorted(manifest["after_dependencies"])
    assert not set(manifest["dependencies"]) & set(manifest["after_dependencies"])


def test_requirements_leave_home_assistant_its_choice() -> None:
    """Nothing that it brings itself, and nothing but a floor that its pin is above."""
    own = {canonicalize_name(Requirement(one).name) for one in _own_requirements()}
    constraints = Path(homeassistant.__file__).parent / "package_constraints.txt"
    pinned = dict(
        re.findall(r"^([\w.-]+)==(\S+)$", constraints.read_text("utf-8"), re.MULTILINE)
    )
    for text in read("manifest.json")["requirements"]:
        assert " " not in text
        wanted = Requirement(text)
        assert canonicalize_name(wanted.name) not in own, text
        assert [one.operator for one in wanted.specifier] == [">="], text
        if wanted.name in pinned:
            assert wanted.specifier.contains(pinned[wanted.name]), text


def _own_requirements() -> list[str]:
    found = requires("homeassistant")
    assert found
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_as_whole_as_the_english_one(language: str) -> None:
    texts = read(f"translations/{language}")
    assert set(texts) <= SECTIONS
    english, found = leaves(ENGLISH), leaves(texts)
    assert set(found) == set(english)
    for path, text in found.items():
        assert placeholders(text) == placeholders(english[path]), path
        assert text, path
        assert text == text.strip(), path
        assert not re.search(r"<[a-zA-Z/]|https?://|\[%key:", text), path
        assert all(name.isidentifier() for name in placeholders(text)), path


def test_every_field_of_a_flow_says_what_it_does() -> None:
    seen = 0
    for kind in ("config", "options"):
        for step in ENGLISH[kind]["step"].values():
            for part in (step, *step.get("sections", {}).values()):
                data = part.get("data", {})
                assert set(data) == set(part.get("data_description", {}))
                seen += len(data)
            for one in step.get("sections", {}).values():
                assert one["name"]
    assert seen >= 9


def test_selectors_name_options_that_are_translated() -> None:
    seen = 0
    for name in ("services.yaml", "triggers.yaml"):
        for described in load_yaml_dict(str(PACKAGE / name)).values():
            for field in (described or {}).get("fields", {}).values():
                select = field["selector"].get("select") or {}
                if select:
                    texts = ENGLISH["selector"][select["translation_key"]]["options"]
                    assert set(texts) == set(select["options"])
                    seen += 1
    assert seen >= 4


def test_icons_are_of_the_one_set_and_for_what_there_is() -> None:
    icons = read("icons.json")
    for path, value in leaves(icons).items():
        assert re.fullmatch(r"mdi:[a-z0-9-]+", value), path
    for domain, keys in icons["entity"].items():
        for key, found in keys.items():
            assert "default" in found, (domain, key)
            assert found["default"] not in found.get("state", {}).values()
            assert key in ENGLISH["entity"].get(domain, {}) or key == "suggestion"
    assert set(icons["services"]) == set(ENGLISH["services"])
    assert set(icons.get("triggers", {})) == set(ENGLISH.get("triggers", {}))
    sections = icons["options"]["step"]["init"]["sections"]
    assert set(sections) <= set(ENGLISH["options"]["step"]["init"]["sections"])


def test_who_raises_fills_all_that_the_message_names() -> None:
    """Where key and placeholders stand in the same call, they belong together."""
    checked = 0
    for key, filled, where in _raised():
        if key in ENGLISH["exceptions"]:
            named = placeholders(ENGLISH["exceptions"][key]["message"])
            assert filled == named, (where, key)
            checked += 1
    assert checked >= 25


def _raised() -> Iterator[tuple[str, set[str], str]]:
    """Yield key, names of the placeholders and file of each call that tells both."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            told = {one.arg: one.value for one in node.keywords if one.arg}
            whole = len(told) == len(node.keywords)
            match node.func, node.args:
                case ast.Name(id="refusal" | "failure"), [ast.Constant(value=str(key))]:
                    if whole:
                        yield key, set(told), path.name
            match told.get("translation_key"), told.get("translation_placeholders"):
                case ast.Constant(value=str(key)), None:
                    yield key, set(), path.name
                case ast.Constant(value=str(key)), ast.Dict(keys=names):
                    found = {
                        one.value for one in names if isinstance(one, ast.Constant)
                    }
                    yield key, {str(one) for one in found}, path.name


def test_images_licence_and_readme_are_there() -> None:
    for name in ("icon", "logo", "dark_logo"):
        for size in ("", "@2x"):
            data = (PACKAGE / "brand" / f"{name}{size}.png").read_bytes()
            assert data.startswith(b"\x89PNG"), name
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert licence.startswith("MIT License")
    assert "Permission is hereby granted, free of charge" in licence
    assert len((ROOT / "README.md").read_text("utf-8")) > 1000


def test_hacs_finds_what_it_downloads() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text("utf-8"))
    assert hacs["name"] == read("manifest.json")["name"]
    assert hacs["zip_release"] is True
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert hacs["filename"] in release


def test_every_rule_of_the_quality_scale_is_answered() -> None:
    scale: dict[str, Any] = load_yaml_dict(str(PACKAGE / "quality_scale.yaml"))
    assert set(scale["rules"]) == {
        rule for tier in RULES.values() for rule in tier.split()
    }
