"""How people act on things: whose hand, which setting with it, and what undoes it."""

from collections.abc import Mapping
from typing import Final

from numpy.random import Generator

from custom_components.automation_scout.mining.attributes import attribute_of, text_of
from custom_components.automation_scout.mining.facts import domain_of
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import Action, Values

from ..layout import HEATING
from ..model import Intent, Layout

STATES: Final = {"cover": ("open", "closed"), "media_player": ("playing", "off")}
REST: Final = {f"{HEATING}#temperature": "18"}
"""Setting to its value while nobody wants anything."""
SOURCES: Final = ("Radio 2", "Radio 4", "Classic")

type Hand = tuple[int, str]
"""Class of provenance, and who."""


def on_off(entity_id: str) -> tuple[str, str]:
    """Return the two states that people bring an entity into."""
    return STATES.get(domain_of(entity_id), ("on", "off"))


def opposite(action: Action) -> Action:
    """Return what undoes an action."""
    if action.attribute:
        return Action(action.entity_id, REST[action.entity_id])
    on, off = on_off(action.entity_id)
    return Action(action.entity_id, off if action.state == on else on)


def hand(entity_id: str, rng: Generator) -> Hand:
    """Return who acts: somebody in the interface, or at the device itself.

    What a television does by itself cannot be told from a hand at it, so players are
    only used in the interface.
    """
    if rng.random() < 0.5 or domain_of(entity_id) == "media_player":
        return Origin.USER, "user_anna" if rng.random() < 0.7 else "user_ben"
    return Origin.PHYSICAL, ""


def act(
    layout: Layout,
    t: int,
    action: Action,
    rng: Generator,
    values: Values = (),
    spread: Mapping[str, float] | None = None,
    who: Hand | None = None,
) -> list[Intent]:
    """Return what one act at an instant (ms UTC) changes: a state and its settings."""
    origin, actor = who or hand(action.target, rng)
    intents = [Intent(t, action.entity_id, action.state, origin, actor)]
    if action.attribute:
        return intents
    settings = _settings(layout, action, values, spread or {}, rng)
    late = int(rng.integers(0, 1_500))
    intents += [Intent(t + late, name, text, origin, actor) for name, text in settings]
    return intents


def _settings(
    layout: Layout,
    action: Action,
    values: Values,
    spread: Mapping[str, float],
    rng: Generator,
) -> list[tuple[str, str]]:
    """Return the settings that go with an act: those wanted, or as it happens."""
    chosen: dict[str, float | str] = dict(values)
    match action.entity_id, action.state:
        case entity_id, "on" if entity_id in layout.dimmable and not chosen:
            chosen["brightness"] = float(rng.integers(20, 101))
        case entity_id, "open" | "closed" as state if domain_of(entity_id) == "cover":
            if not chosen:
                chosen["position"] = 100.0 if state == "open" else 0.0
        case entity_id, "playing" if entity_id.endswith("_radio") and not chosen:
            chosen["source"] = str(rng.choice(SOURCES))
            chosen["volume"] = float(rng.integers(10, 61))
    settings = []
    for name, value in chosen.items():
        setting = f"{action.entity_id}#{name}"
        kind = attribute_of(setting)
        if isinstance(value, str) or kind is None or not kind.is_number:
            settings.append((setting, str(value)))
            continue
        blurred = value + rng.normal(0.0, spread.get(setting, 0.0))
        blurred = min(max(blurred, 1.0), 100.0) if value > 0 else value
        settings.append((setting, text_of(blurred, kind.step)))
    return settings
