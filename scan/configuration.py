"""The YAML of a folder: what it says of the home, its recorder and its automations.

Read by Home Assistant's own loader, so includes, packages and secrets are followed; a
secret that is not there is an empty text, and a file that cannot be read costs what is
in it and nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, override

from annotatedyaml.exceptions import YAMLException
from homeassistant.components.blueprint.errors import BlueprintException
from homeassistant.components.blueprint.models import Blueprint, BlueprintInputs
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.yaml.loader import Secrets, load_yaml, load_yaml_dict

MAIN: Final = "configuration.yaml"
EDITED: Final[Mapping[str, str]] = {
    "automation": "automations.yaml",
    "script": "scripts.yaml",
    "scene": "scenes.yaml",
}
"""Domain to the file that the interface writes."""


class _LenientSecrets(Secrets):
    """Secrets of which any may be missing."""

    @override
    def get(self, requester_path: str, secret: str) -> str:
        try:
            return str(super().get(requester_path, secret))
        except YAMLException:
            return ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group that is written in YAML."""

    domain: str
    name: str
    """Name, or object id where the domain is `group`."""
    members: tuple[str, ...]
    unique_id: str | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the files say."""

    core: Mapping[str, Any] = field(default_factory=dict)
    """Settings of `homeassistant:`."""
    db_url: str | None = None
    is_filtered: bool = False
    """Whether the recorder leaves entities out."""
    automations: tuple[Mapping[str, Any], ...] = ()
    """As written, blueprints filled in."""
    scripts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scenes: tuple[Mapping[str, Any], ...] = ()
    groups: tuple[Group, ...] = ()
    trackers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of each person written in YAML to the device trackers."""
    warnings: tuple[str, ...] = ()


def read(folder: Path) -> Configuration:
    """Read the configuration of a folder. Blocks; never fails."""
    return _Reader(folder).read()


class _Reader:
    """The work on one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._secrets = _LenientSecrets(folder)
        self._warnings: list[str] = []

    def read(self) -> Configuration:
        main = self._main()
        core = main.get("homeassistant")
        core = core if isinstance(core, dict) else {}
        packages = core.get("packages")
        parts = [main]
        if isinstance(packages, dict):
            parts += [part for part in packages.values() if isinstance(part, dict)]
        recorders = [
            value for value in _values(parts, "recorder") if isinstance(value, dict)
        ]
        return Configuration(
            core={key: value for key, value in core.items() if key != "packages"},
            db_url=next(
                (url for value in recorders if (url := value.get("db_url"))), None
            ),
            is_filtered=any(
                value.get("include") or value.get("exclude") for value in recorders
            ),
            automations=tuple(
                config
                for value in _values(parts, "automation")
                for item in _items(value)
                if (config := self._filled("automation", item)) is not None
            ),
            scripts={
                str(name): config
                for value in _values(parts, "script")
                if isinstance(value, dict)
                for name, item in value.items()
                if (config := self._filled("script", item)) is not None
            },
            scenes=tuple(
                item
                for value in _values(parts, "scene")
                for item in _items(value)
                if isinstance(item, dict) and isinstance(item.get("entities"), dict)
            ),
            groups=tuple(_groups(parts)),
            trackers=dict(_trackers(parts)),
            warnings=tuple(self._warnings),
        )

    def _main(self) -> Mapping[str, Any]:
        """Return configuration.yaml, or in its place the files of the interface."""
        if (self._folder / MAIN).exists():
            main = self._load(self._folder / MAIN)
            if isinstance(main, dict):
                return main
            if main is None:
                return {}
        return {
            domain: found
            for domain, name in EDITED.items()
            if (self._folder / name).exists()
            and (found := self._load(self._folder / name))
        }

    def _load(self, path: Path) -> object:
        """Return what a file holds, an empty list where it cannot be read."""
        try:
            return load_yaml(path, self._secrets)
        # A file that includes itself ends in the last one.
        except (HomeAssistantError, OSError, RecursionError, ValueError) as err:
            line = " ".join(str(err).replace(f"{self._folder}/", "").split())
            self._warnings.append(f"{path.name} is left out: {line or type(err)}")
            return []

    def _filled(self, domain: str, config: object) -> Mapping[str, Any] | None:
        """Return an automation or a script with its blueprint filled in."""
        if not isinstance(config, dict):
            return None
        uses = config.get("use_blueprint")
        if not isinstance(uses, dict):
            return config
        path = self._folder / "blueprints" / domain / str(uses.get("path", ""))
        uses.setdefault("input", {})
        try:
            blueprint = Blueprint(
                load_yaml_dict(path, self._secrets),
                path=path.name,
                expected_domain=domain,
                schema=BLUEPRINT_SCHEMA,
            )
            return BlueprintInputs(blueprint, config).async_substitute()
        except (BlueprintException, HomeAssistantError, OSError, ValueError) as err:
            name = config.get("alias") or config.get("id") or domain
            self._warnings.append(
                f"Blueprint of {name} is left out: {' '.join(str(err).split())}"
            )
            return None


def _values(parts: list[Mapping[str, Any]], domain: str) -> Iterator[object]:
    """Yield what stands under a domain, also as `automation kitchen:`."""
    for part in parts:
        for key, value in part.items():
            if str(key).partition(" ")[0] == domain:
                yield value


def _items(value: object) -> list[object]:
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: object) -> tuple[str, ...]:
    """Return the ids in a list, or in a text with commas."""
    parts = value.split(",") if isinstance(value, str) else _items(value)
    return tuple(
        stripped
        for part in parts
        if isinstance(part, str) and (stripped := part.strip())
    )


def _groups(parts: list[Mapping[str, Any]]) -> Iterator[Group]:
    for part in parts:
        for key, value in part.items():
            domain = str(key).partition(" ")[0]
            if domain == "group" and isinstance(value, dict):
                for name, content in value.items():
                    listed = content
                    if isinstance(content, dict):
                        listed = content.get("entities")
                    yield Group(domain, str(name), _texts(listed))
            elif domain != "group":
                yield from _groups_of(domain, value)


def _groups_of(domain: str, value: object) -> Iterator[Group]:
    """Yield the groups among the platforms of a domain, as of `light:`."""
    for item in _items(value):
        if isinstance(item, dict) and item.get("platform") == "group":
            unique_id = item.get("unique_id")
            yield Group(
                domain,
                str(item.get("name") or f"{domain} group"),
                _texts(item.get("entities")),
                None if unique_id is None else str(unique_id),
            )


def _trackers(parts: list[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for value in _values(parts, "person"):
        for item in _items(value):
            if isinstance(item, dict) and item.get("name"):
                yield str(item["name"]), _texts(item.get("device_trackers"))
