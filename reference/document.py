"""Describes a running integration: its entities, actions, events and options.

Everything is asked of Home Assistant or read from the files that it reads, so what is
added to the integration is in here without being added here.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, Service, SupportsResponse
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er
from homeassistant.util.yaml import load_yaml_dict

from custom_components.automation_scout import services
from custom_components.automation_scout.const import DOMAIN

from .texts import ENGLISH, PACKAGE, accepted, code, table

HEAD: Final = """\
# Reference

Written by `scripts/docs` from the integration itself; a test compares. What it is all \
for stands in the [README](../README.md).
"""
ANSWERS: Final = {
    SupportsResponse.NONE: "nothing",
    SupportsResponse.OPTIONAL: "data, if asked for",
    SupportsResponse.ONLY: "data",
}
STANDARD: Final = frozenset(
    {
        "attribution",
        "device_class",
        "entity_picture",
        "friendly_name",
        "icon",
        "options",
        "restored",
        "state_class",
        "supported_features",
        "unit_of_measurement",
    }
)
"""Attributes that Home Assistant itself adds."""


async def reference(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Return the document.

    Args:
        hass: a Home Assistant in which the integration is set up.
        entry: its config entry, without suggestions.
    """
    parts = (
        HEAD,
        _entities(hass, entry),
        await _actions(hass),
        _events(),
        *_platform("triggers", "Triggers"),
        *_platform("conditions", "Conditions"),
        await _options(hass, entry),
        _repairs(),
    )
    return "\n".join(parts)


def _entities(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    rows: list[tuple[str, ...]] = []
    seen: set[tuple[str, str]] = set()
    registry = er.async_get(hass)
    for item in er.async_entries_for_config_entry(registry, entry.entry_id):
        seen.add((item.domain, item.translation_key or ""))
        rows.append(
            (
                code(item.entity_id),
                item.original_name or "",
                item.entity_category or "",
                "off" if item.disabled_by else "on",
                _of_state(hass, item.entity_id),
            )
        )
    for domain, keys in ENGLISH["entity"].items():
        for key, texts in keys.items():
            if (domain, key) not in seen:
                name = texts.get("name", "its title")
                rows.append((f"`{domain}.{DOMAIN}_…`", name, "", "on", ""))
    if "suggestion" not in ENGLISH["entity"]["sensor"]:
        name = "one for each open suggestion: its title"
        rows.append((f"`sensor.{DOMAIN}_…`", name, "", "on", "confidence in percent"))
    head = ("entity", "name", "category", "at first", "attributes, events")
    return f"## Entities\n\n{table(head, sorted(rows))}\n"


def _of_state(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    if state is None:
        return ""
    if "event_types" in state.attributes:
        return ", ".join(map(code, state.attributes["event_types"]))
    return ", ".join(map(code, sorted(set(state.attributes) - STANDARD)))


async def _actions(hass: HomeAssistant) -> str:
    described = await hass.async_add_executor_job(
        load_yaml_dict, str(PACKAGE / "services.yaml")
    )
    blocks = ["## Actions\n"]
    for name, registered in sorted(hass.services.async_services()[DOMAIN].items()):
        texts = ENGLISH["services"][name]
        who = "Administrators only. " if _for_administrators(registered) else ""
        answer = ANSWERS[registered.supports_response]
        blocks.append(f"### `{DOMAIN}.{name}`\n\n{texts['description']}\n")
        blocks.append(f"{who}Answers with {answer}.\n")
        fields = (described[name] or {}).get("fields", {})
        rows = [
            _field(key, value, texts["fields"][key]) for key, value in fields.items()
        ]
        if rows:
            head = ("field", "what it is", "takes", "if left out")
            blocks.append(f"{table(head, rows)}\n")
    return "\n".join(blocks)


def _for_administrators(registered: Service) -> bool:
    handler = getattr(registered.job.target, "func", None)
    return handler is services._async_for_administrators  # noqa: SLF001


def _field(
    name: str, field: Mapping[str, Any], texts: Mapping[str, str]
) -> tuple[str, ...]:
    if field.get("required"):
        absent = "required"
    else:
        absent = code(field["default"]) if "default" in field else ""
    selector = field.get("selector") or {"object": None}
    return code(name), texts["description"], accepted(selector), absent


def _events() -> str:
    rows = [(code(kind), told) for kind, told in sorted(_described_events())]
    return f"## Events\n\n{table(('event', 'when, and what it tells'), rows)}\n"


def _described_events() -> Iterator[tuple[str, str]]:
    """Yield each event on the bus with the text that stands below its name.

    Raises:
        ValueError: there is none.
    """
    module = ast.parse((PACKAGE / "const.py").read_text(encoding="utf-8"))
    for node, after in zip(module.body, [*module.body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        if node.target.id.startswith("EVENT_") and node.value is not None:
            match after:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield _value(node.value), text
                case _:
                    raise ValueError(f"{node.target.id} has no text below it")


def _value(node: ast.expr) -> str:
    """Return a text of the constants, in which only the domain is put in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(_value, parts))
        case ast.FormattedValue(value=ast.Name(id="DOMAIN")):
            return DOMAIN
    raise ValueError(ast.dump(node))


def _platform(key: str, heading: str) -> Iterator[str]:
    """Yield the triggers or conditions, if there are any."""
    if rows := [
        (code(f"{DOMAIN}.{name}"), texts["name"], texts["description"])
        for name, texts in sorted(ENGLISH.get(key, {}).items())
    ]:
        yield f"## {heading}\n\n{table(('name', 'title', 'what it does'), rows)}\n"


async def _options(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    form = await hass.config_entries.options.async_init(entry.entry_id)
    blocks = ["## Options\n"]
    texts = ENGLISH["options"]["step"][form["step_id"]]
    schema = form["data_schema"]
    if schema is None:
        raise ValueError("the options are not a form")
    plain: dict[Any, Any] = {}
    for marker, value in schema.schema.items():
        if isinstance(value, section):
            blocks += _section(texts["sections"][str(marker)], value.schema.schema)
        else:
            plain[marker] = value
    if plain:
        blocks += _section(texts, plain)
    hass.config_entries.options.async_abort(form["flow_id"])
    return "\n".join(blocks)


def _section(texts: Mapping[str, Any], fields: Mapping[Any, Any]) -> Iterator[str]:
    name = texts.get("name") or texts["title"]
    yield f"### {name}\n\n{texts.get('description', '')}\n"
    rows = [
        (
            code(str(marker)),
            texts["data"][str(marker)],
            texts["data_description"][str(marker)],
            accepted(value.serialize()["selector"]),
            _default(marker),
        )
        for marker, value in fields.items()
    ]
    yield f"{table(('option', 'name', 'what it does', 'takes', 'at first'), rows)}\n"


def _default(marker: Any) -> str:  # noqa: ANN401 - of one schema library or another
    default = getattr(marker, "default", None)
    value = default() if callable(default) else None
    return "" if value in (None, [], "") else code(value)


def _repairs() -> str:
    rows = [
        (code(key), texts["title"], "yes" if "fix_flow" in texts else "")
        for key, texts in sorted(ENGLISH["issues"].items())
    ]
    head = ("repair", "title", "with a button to mend it")
    return f"## Repairs\n\n{table(head, rows)}\n"
