"""Triggers and conditions that are named for a purpose, as `light.turned_on` is.

Those that wait for one state, or ask for one. From an outage nothing enters a state.
Where several entities are meant, each by itself; "the first" and "all of them" are left
out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...mining.backtest.plan import (
    Among,
    ChangeTrigger,
    PlanTrigger,
    SolarTrigger,
    StateTest,
    Test,
)
from ...mining.facts import domain_of
from ...mining.origin import UNAVAILABLE
from ...mining.rules import SunEvent
from ..triggers import edges
from .reading import Reading, Reason, short

ENTERED: Final = frozenset(
    {
        "cleared",
        "closed",
        "detected",
        "locked",
        "opened",
        "turned_off",
        "turned_on",
        "unlocked",
    }
)
"""Verbs of triggers that wait for one state."""
ASKED: Final = {"is_off": "off", "is_on": "on"}
"""Verb of a condition to the state that it asks for."""
EACH: Final = ("any", "each", None)
"""Values of `behavior` by which every entity counts; the first is the former one."""


def purpose_triggers(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[PlanTrigger]:
    """Yield what a trigger for a purpose waits for; it is noted if that is left out."""
    kind = str(config.get("trigger", config.get("platform")))
    purpose, _, verb = kind.partition(".")
    if purpose == "sun" and verb in tuple(SunEvent):
        yield from _sun(reading, config, place, SunEvent(verb))
        return
    states: dict[str, list[str]] = {}
    if verb in ENTERED:
        for entity_id, state in edges(reading.view, dict(config)):
            states.setdefault(state, []).append(entity_id)
    several = sum(map(len, states.values())) > 1
    if not states or (several and config.get("behavior") not in EACH):
        reading.leave_out(place, Reason.PURPOSE, short(kind))
        return
    for_s = reading.stay(place, config)
    for state, named in sorted(states.items()):
        entities = reading.entities(place, named)
        if entities and for_s is not None:
            origin = Among(UNAVAILABLE | {state}, inverted=True)
            yield ChangeTrigger(entities, origin, Among(frozenset({state})), for_s)


def _sun(
    reading: Reading, config: Mapping[str, Any], place: str, event: SunEvent
) -> Iterator[SolarTrigger]:
    """Yield the event of the sun, before which it fires unless told otherwise."""
    offset = reading.seconds(place, config.get("offset", 0))
    if offset is not None:
        before = config.get("offset_type", "before") == "before"
        yield SolarTrigger(event, -offset if before else offset)


def purpose_test(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Test | None:
    """Return what a condition for a purpose asks; None, and a note, if left out."""
    kind = str(config.get("condition"))
    purpose, _, verb = kind.partition(".")
    named, reached = reading.view.targets(config.get("target"))
    meant = sorted(
        entity_id for entity_id in named | reached if domain_of(entity_id) == purpose
    )
    if verb not in ASKED or not meant:
        reading.leave_out(place, Reason.PURPOSE, short(kind))
        return None
    before = len(reading.unsupported)
    entities = reading.entities(place, meant)
    for_s = reading.stay(place, config)
    if for_s is None or len(reading.unsupported) > before:
        return None
    any_entity = config.get("behavior") == "any"
    # Of "all", those that are out are left out, be it all of them.
    out = frozenset() if any_entity else UNAVAILABLE
    return StateTest(entities, out | {ASKED[verb]}, for_s, any_entity)
