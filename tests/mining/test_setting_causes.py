"""Who set something, where the device says so in a context of its own."""

import pytest

from custom_components.automation_scout.mining.origin import ECHO_MS, Origin
from custom_components.automation_scout.mining.provenance import (
    LATE_MS,
    Change,
    Ledger,
)

from .causes import ANNA, T, call, change, new_ledger, origins


def setting(
    entity_id: str, context: bytes = b"", t_ms: int = T, state: str = "on"
) -> Change:
    return change(entity_id, context, t_ms, state)._replace(setting=True)


@pytest.fixture
def ledger() -> Ledger:
    return new_ledger()


def test_nobody_else_is_known(ledger: Ledger) -> None:
    assert origins(ledger, setting("light.hall")) == [Origin.PHYSICAL]
    assert origins(ledger, setting("switch.helper")) == [Origin.UNKNOWN]


@pytest.mark.parametrize(
    ("after", "origin"),
    [(0, Origin.USER), (LATE_MS, Origin.USER), (LATE_MS + 1, Origin.PHYSICAL)],
)
def test_soon_after_an_act(ledger: Ledger, after: int, origin: Origin) -> None:
    ledger.add_link(b"1", ANNA, b"")
    rows = change("light.hall", b"1"), setting("light.hall", b"2", T + after)
    assert origins(ledger, *rows) == [Origin.USER, origin]


def test_step_by_step(ledger: Ledger) -> None:
    """A fade takes longer than a report may be late, but goes on."""
    ledger.add_run(b"1", Origin.AUTOMATION, "automation.dusk")
    rows = [change("light.hall", b"1")]
    rows += [setting("light.hall", b"2", T + step * LATE_MS) for step in range(1, 6)]
    assert set(origins(ledger, *rows)) == {Origin.AUTOMATION}


def test_after_it_came_back(ledger: Ledger) -> None:
    back = change("light.hall")._replace(system=True)
    rows = back, setting("light.hall", b"2", T + 1000)
    assert origins(ledger, *rows) == [Origin.SYSTEM, Origin.SYSTEM]


def test_a_person_goes_before_what_was_before(ledger: Ledger) -> None:
    ledger.add_run(b"1", Origin.AUTOMATION, "automation.dusk")
    ledger.add_link(b"2", ANNA, b"")
    rows = change("light.hall", b"1"), setting("light.hall", b"2", T + 1000)
    assert origins(ledger, *rows) == [Origin.AUTOMATION, Origin.USER]


def test_a_late_call_goes_before_what_was_before(ledger: Ledger) -> None:
    ledger.add_call(call(b"1", "light.hall", user=ANNA, t_ms=T + 5000))
    rows = change("light.hall"), setting("light.hall", b"2", T + 8000)
    assert origins(ledger, *rows) == [Origin.PHYSICAL, Origin.USER]


def test_of_a_group_whose_member_was_set(ledger: Ledger) -> None:
    rows = setting("light.hall"), setting("light.pair", b"2", T + ECHO_MS)
    assert origins(ledger, *rows) == [Origin.PHYSICAL, Origin.UNKNOWN]


def test_does_not_end_a_way(ledger: Ledger) -> None:
    """The rest of a cover is owed to who set it moving, whatever is set meanwhile."""
    ledger.add_link(b"1", ANNA, b"")
    rows = (
        change("cover.blind", b"1", T, "opening"),
        setting("cover.blind", b"2", T + 1000, "opening"),
        change("cover.blind", b"3", T + 60_000, "open"),
    )
    assert origins(ledger, *rows) == [Origin.USER] * 3
