"""A JSON schema as strict structured outputs want it: every field there, maybe null."""

from collections.abc import Mapping
from typing import Any


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that asks for every field, and null for what is left out."""
    made = dict(schema)
    if "properties" in schema:
        required = schema.get("required", ())
        made["properties"] = {
            name: strict(inner) if name in required else _or_null(strict(inner))
            for name, inner in schema["properties"].items()
        }
        made["required"] = [*schema["properties"]]
    if "items" in schema:
        made["items"] = strict(schema["items"])
    return made


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    either = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        either["enum"] = [*schema["enum"], None]
    return either
