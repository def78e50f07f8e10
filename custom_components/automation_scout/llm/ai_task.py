"""A model behind an AI Task entity of Home Assistant.

Only this module of the package knows Home Assistant, and only while it is used: where
the component is not set up, nothing of it is imported.
"""

from collections.abc import Mapping
import json
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

from .model import Answer, ModelBusy, ModelUnusable, Question

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    import probatio as vol

_LOGGER: Final = getLogger(__name__)


class AITaskModel:
    """Asks the entity that a person has chosen, or the one that the home prefers."""

    source: Final = "ai_task"

    def __init__(self, hass: HomeAssistant, entity_id: str | None) -> None:
        """Ask this entity; None for the one that is preferred at the time."""
        self._hass = hass
        self._entity_id = entity_id

    @property
    def name(self) -> str:
        """Return the entity that is asked; empty where none is preferred."""
        return self._entity_id or _preferred(self._hass) or ""

    async def ask(self, question: Question, timeout_s: float) -> Answer:
        """Return the answer to one question; whoever asks ends what takes too long.

        Raises:
            ModelUnusable: there is no such entity, or it generates no data.
            ModelBusy: it is unavailable, or failed.
        """
        entity_id = usable_entity(self._hass, self._entity_id)
        from homeassistant.components import ai_task  # noqa: PLC0415

        structure = structure_of(question.schema)
        try:
            result = await ai_task.async_generate_data(
                self._hass,
                task_name=f"Automation Scout {question.task}",
                entity_id=entity_id,
                instructions=_instructions(question, structured=bool(structure)),
                structure=structure,
            )
        except Exception as err:
            # Without its cause: Home Assistant logs the whole chain of an action.
            _LOGGER.debug("%s failed", entity_id, exc_info=True)
            raise ModelBusy(f"{entity_id}: {_name_of(err)}", may_cost=True) from None
        return Answer(result.data, entity_id)


def usable_entity(hass: HomeAssistant, entity_id: str | None) -> str:
    """Return the entity that can be asked now; None stands for the preferred one.

    Raises:
        ModelUnusable: there is none, or it generates no data.
        ModelBusy: it is there but unavailable.
    """
    if "ai_task" not in hass.config.components:
        raise ModelUnusable("AI Task is not set up in Home Assistant")
    from homeassistant.components.ai_task import AITaskEntityFeature  # noqa: PLC0415

    entity_id = entity_id or _preferred(hass)
    if not entity_id:
        raise ModelUnusable("Home Assistant has no preferred AI Task entity")
    state = hass.states.get(entity_id)
    if state is None or not entity_id.startswith("ai_task."):
        raise ModelUnusable(f"there is no {entity_id}")
    if state.state == "unavailable":
        raise ModelBusy(f"{entity_id} is unavailable")
    features = AITaskEntityFeature(state.attributes.get("supported_features", 0))
    if AITaskEntityFeature.GENERATE_DATA not in features:
        raise ModelUnusable(f"{entity_id} does not generate data")
    return entity_id


def structure_of(schema: Mapping[str, Any]) -> vol.Schema | None:
    """Return a JSON schema as AI Task wants it, None where that cannot say it."""
    if TYPE_CHECKING:
        # What `voluptuous` is an alias of since Home Assistant 2026.9.
        import probatio as vol  # noqa: PLC0415
    else:
        import voluptuous as vol  # noqa: PLC0415

    from homeassistant.helpers.selector import selector  # noqa: PLC0415

    required = set(schema.get("required", ()))
    fields: dict[Any, Any] = {}
    for name, node in schema.get("properties", {}).items():
        chosen = _selector_of(node)
        if chosen is None:
            return None
        marker = vol.Required if name in required else vol.Optional
        fields[marker(name, description=node.get("description"))] = selector(chosen)
    return vol.Schema(fields) if fields else None


def _selector_of(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a selector as YAML has it: inside others, Home Assistant wants no more."""
    match node:
        case {"enum": [*options]}:
            return {"select": {"options": options}}
        case {"type": "string"}:
            return {"text": {}}
        case {"type": "boolean"}:
            return {"boolean": {}}
        case {"type": "number" | "integer"}:
            return {"number": {"mode": "box"}}
        case {"type": "array", "items": {"type": "string"}}:
            return {"text": {"multiple": True}}
        case _:
            return _object_of(node)


def _object_of(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the selector of an object, or of a list of them."""
    multiple = node.get("type") == "array"
    inner: Mapping[str, Any] = node.get("items", {}) if multiple else node
    required = set(inner.get("required", ()))
    fields: dict[str, Any] = {}
    for name, field in inner.get("properties", {}).items():
        chosen = _selector_of(field)
        if chosen is None:
            return None
        fields[name] = {"selector": chosen, "required": name in required}
    return {"object": {"fields": fields, "multiple": multiple}} if fields else None


def _instructions(question: Question, *, structured: bool) -> str:
    parts = [question.system]
    if not structured:
        schema = json.dumps(question.schema, ensure_ascii=False)
        parts.append(
            f"Answer with nothing but JSON in the form of this schema: {schema}"
        )
    return "\n\n".join([*parts, question.facts])


def _preferred(hass: HomeAssistant) -> str | None:
    if "ai_task" not in hass.config.components:
        return None
    from homeassistant.components.ai_task.const import (  # noqa: PLC0415
        DATA_PREFERENCES,
    )

    return hass.data[DATA_PREFERENCES].gen_data_entity_id


def _name_of(err: Exception) -> str:
    """Return what kind of error it is: its text may hold the question, or a key."""
    name = type(err).__name__
    key = getattr(err, "translation_key", None)
    if key:
        name = f"{name} {getattr(err, 'translation_domain', None)}.{key}"
    return f"{name} (see the debug log)"
