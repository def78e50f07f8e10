"""A home, and short words for what happens in it and who did it."""

from collections.abc import Mapping

from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.provenance import (
    Call,
    Cause,
    Change,
    Kinship,
    Ledger,
    classify,
)

ANNA = "anna"
NODE_RED = "node-red"
T = 1_000_000


def entity(entity_id: str, device: str = "", *members: str) -> EntityFacts:
    return EntityFacts(entity_id, entity_id, device_id=device or None, members=members)


ENTITIES: Mapping[str, EntityFacts] = {
    facts.entity_id: facts
    for facts in (
        entity("light.hall", "hall"),
        entity("light.stairs", "stairs"),
        entity("switch.plug", "plug"),
        entity("light.plug", "plug"),
        entity("switch.helper"),
        entity("cover.blind", "blind"),
        entity("light.pair", "", "light.hall", "light.stairs"),
        entity("light.house", "", "light.pair", "light.plug"),
        entity("light.bridge_room", "bridge", "light.hall", "light.stairs"),
    )
}


def new_ledger() -> Ledger:
    """Return an empty ledger of the home, with a machine and an own automation."""
    return Ledger(
        Kinship(ENTITIES),
        machine_users=frozenset({NODE_RED}),
        own=frozenset({"automation.ours"}),
    )


def change(
    entity_id: str, context: bytes = b"", t_ms: int = T, state: str = "on"
) -> Change:
    return Change(t_ms, entity_id, state, context, system=False)


def call(
    context: bytes, *named: str, user: str = "", t_ms: int = T, service: str = "a.b"
) -> Call:
    return Call(t_ms, context, user, service, frozenset(named))


def origins(ledger: Ledger, *changes: Change) -> list[Origin]:
    ledger.seal()
    return [cause.origin for cause in classify(changes, ledger)]


def one(ledger: Ledger, row: Change) -> Cause:
    ledger.seal()
    return classify([row], ledger)[0]
