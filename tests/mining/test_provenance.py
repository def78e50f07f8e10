"""Who is responsible for what happens in a context."""

from itertools import pairwise

import pytest

from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.provenance import (
    Ledger,
)

from .causes import ANNA, NODE_RED, T, call, change, new_ledger, one, origins


@pytest.fixture
def ledger() -> Ledger:
    return new_ledger()


def test_device_push_is_physical(ledger: Ledger) -> None:
    assert one(ledger, change("light.hall")) == (Origin.PHYSICAL, "", False)


def test_silent_change_without_device_is_unknown(ledger: Ledger) -> None:
    assert one(ledger, change("switch.helper")).origin is Origin.UNKNOWN


def test_user_in_the_state(ledger: Ledger) -> None:
    ledger.add_link(b"c", ANNA, b"")
    assert one(ledger, change("switch.helper", b"c"))[:2] == (Origin.USER, ANNA)


def test_user_of_the_first_call(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", user="second", t_ms=T + 1))
    ledger.add_call(call(b"c", user=ANNA))
    assert one(ledger, change("light.hall", b"c", T + 2))[:2] == (Origin.USER, ANNA)


def test_user_of_a_parent(ledger: Ledger) -> None:
    ledger.add_link(b"c", "", b"p")
    ledger.add_call(call(b"p", user=ANNA))
    assert one(ledger, change("light.hall", b"c"))[:2] == (Origin.USER, ANNA)


def test_machine_user_is_an_automation(ledger: Ledger) -> None:
    ledger.add_link(b"c", NODE_RED, b"")
    assert one(ledger, change("light.hall", b"c"))[:2] == (Origin.AUTOMATION, NODE_RED)


def test_conversation_is_voice(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", user=ANNA, service="conversation.process"))
    ledger.add_call(call(b"c", "light.hall", user=ANNA, t_ms=T + 1))
    assert one(ledger, change("light.hall", b"c", T + 2))[:2] == (Origin.VOICE, ANNA)


@pytest.mark.parametrize("service", ["scene.turn_on", "scene.apply"])
def test_scene(ledger: Ledger, service: str) -> None:
    ledger.add_call(call(b"c", user=ANNA, service=service))
    assert one(ledger, change("light.hall", b"c"))[:2] == (Origin.SCENE, "")


def test_scene_of_an_automation_is_the_automations(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", service="scene.turn_on"))
    ledger.add_run(b"c", Origin.AUTOMATION, "automation.dusk")
    assert one(ledger, change("light.hall", b"c"))[:2] == (
        Origin.AUTOMATION,
        "automation.dusk",
    )


def test_call_without_user_is_unknown(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "light.hall"))
    assert one(ledger, change("light.hall", b"c")).origin is Origin.UNKNOWN


def test_parent_of_which_nothing_is_known_is_unknown(ledger: Ledger) -> None:
    ledger.add_link(b"c", "", b"p")
    assert one(ledger, change("light.hall", b"c")).origin is Origin.UNKNOWN


def test_run_goes_before_the_user_who_pressed_it(ledger: Ledger) -> None:
    ledger.add_link(b"c", ANNA, b"")
    ledger.add_run(b"c", Origin.SCRIPT, "script.movie")
    assert one(ledger, change("light.hall", b"c"))[:2] == (
        Origin.SCRIPT,
        "script.movie",
    )


@pytest.mark.parametrize("order", [1, -1])
def test_automation_goes_before_its_script(ledger: Ledger, order: int) -> None:
    runs = [(Origin.SCRIPT, "script.movie"), (Origin.AUTOMATION, "automation.dusk")]
    for origin, runner in runs[::order]:
        ledger.add_run(b"c", origin, runner)
    assert one(ledger, change("light.hall", b"c")).actor == "automation.dusk"


def test_own_automation(ledger: Ledger) -> None:
    ledger.add_run(b"c", Origin.AUTOMATION, "automation.ours")
    assert one(ledger, change("light.hall", b"c"))[:2] == (
        Origin.OWN,
        "automation.ours",
    )


def test_run_of_which_the_name_is_lost(ledger: Ledger) -> None:
    ledger.add_run(b"c", Origin.SCRIPT, "")
    assert one(ledger, change("light.hall", b"c"))[:2] == (Origin.SCRIPT, "")


def test_event_goes_before_a_trace(ledger: Ledger) -> None:
    ledger.add_run(b"c", Origin.AUTOMATION, "automation.other", traced=True)
    ledger.add_run(b"c", Origin.AUTOMATION, "automation.dusk")
    assert one(ledger, change("light.hall", b"c")).actor == "automation.dusk"


def test_trace_where_there_is_no_event(ledger: Ledger) -> None:
    ledger.add_run(b"c", Origin.AUTOMATION, "automation.dusk", traced=True)
    assert one(ledger, change("light.hall", b"c")).actor == "automation.dusk"


@pytest.mark.parametrize(("level", "found"), [(4, True), (5, False)])
def test_parents_are_followed_four_levels(
    ledger: Ledger, level: int, found: bool
) -> None:
    links = [b"c%d" % place for place in range(level + 1)]
    for child, parent in pairwise(links):
        ledger.add_link(child, "", parent)
    ledger.add_run(links[-1], Origin.AUTOMATION, "automation.dusk")
    origin = one(ledger, change("light.hall", links[0])).origin
    assert origin is (Origin.AUTOMATION if found else Origin.UNKNOWN)


def test_nearest_run_is_the_actor(ledger: Ledger) -> None:
    ledger.add_link(b"c", "", b"p")
    ledger.add_run(b"p", Origin.AUTOMATION, "automation.far")
    ledger.add_run(b"c", Origin.AUTOMATION, "automation.near")
    assert one(ledger, change("light.hall", b"c")).actor == "automation.near"


def test_contexts_that_are_their_own_ancestors_end(ledger: Ledger) -> None:
    ledger.add_link(b"a", "", b"b")
    ledger.add_link(b"b", "", b"a")
    ledger.add_link(b"s", "", b"s")
    assert origins(
        ledger, change("light.hall", b"a"), change("light.stairs", b"s")
    ) == [
        Origin.UNKNOWN,
        Origin.PHYSICAL,
    ]
