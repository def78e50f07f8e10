"""Groups, late reports, echoes and covers, and a twin that looks at all pairs."""

from random import Random

import pytest

from custom_components.automation_scout.mining.origin import ECHO_MS, Origin
from custom_components.automation_scout.mining.provenance import (
    LATE_MS,
    Change,
    Kinship,
    Ledger,
    is_moving,
)

from .causes import ANNA, ENTITIES, T, call, change, entity, new_ledger, one, origins


@pytest.fixture
def ledger() -> Ledger:
    return new_ledger()


def test_members_of_a_called_group_only_follow(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "light.house", user=ANNA))
    ledger.add_call(call(b"c", "light.pair", "light.plug", user=ANNA, t_ms=T + 1))
    assert origins(
        ledger,
        change("light.hall", b"c"),
        change("light.pair", b"c"),
        change("light.plug", b"c"),
        change("light.house", b"c"),
    ) == [Origin.UNKNOWN, Origin.UNKNOWN, Origin.UNKNOWN, Origin.USER]


def test_groups_of_a_called_member_only_follow(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "light.hall", user=ANNA))
    assert origins(
        ledger,
        change("light.hall", b"c"),
        change("light.pair", b"c"),
        change("light.house", b"c"),
    ) == [Origin.USER, Origin.UNKNOWN, Origin.UNKNOWN]


def test_group_and_member_both_called_are_both_acts(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "light.hall", "light.pair", user=ANNA))
    assert origins(ledger, change("light.hall", b"c"), change("light.pair", b"c")) == [
        Origin.USER,
        Origin.USER,
    ]


def test_without_known_targets_a_group_follows_its_member(ledger: Ledger) -> None:
    ledger.add_link(b"c", ANNA, b"")
    assert origins(
        ledger,
        change("light.hall", b"c"),
        change("light.pair", b"c", T + ECHO_MS),
        change("light.house", b"c", T + ECHO_MS + ECHO_MS + 1),
    ) == [Origin.USER, Origin.UNKNOWN, Origin.USER]


@pytest.mark.parametrize(
    ("after_ms", "origin"),
    [(0, Origin.USER), (LATE_MS, Origin.USER), (LATE_MS + 1, Origin.PHYSICAL)],
)
def test_late_report(ledger: Ledger, after_ms: int, origin: Origin) -> None:
    ledger.add_call(call(b"c", "light.hall", user=ANNA))
    assert one(ledger, change("light.hall", b"x", T + after_ms)).origin is origin


def test_call_after_the_change_does_not_explain_it(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "light.hall", user=ANNA, t_ms=T + 1))
    assert one(ledger, change("light.hall", b"x")).origin is Origin.PHYSICAL


def test_late_report_is_of_the_last_call(ledger: Ledger) -> None:
    ledger.add_call(call(b"u", "light.hall", user=ANNA))
    ledger.add_call(call(b"a", "light.hall", t_ms=T + 1))
    ledger.add_run(b"a", Origin.AUTOMATION, "automation.dusk")
    assert one(ledger, change("light.hall", b"x", T + 9)).actor == "automation.dusk"


def test_late_member_of_a_called_group_only_follows(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "light.bridge_room", user=ANNA))
    assert origins(
        ledger,
        change("light.hall", b"x", T + 8_000),
        change("light.bridge_room", b"y", T + 9_000),
    ) == [Origin.UNKNOWN, Origin.USER]


def test_asking_for_a_state_is_no_act(ledger: Ledger) -> None:
    service = "homeassistant.update_entity"
    ledger.add_call(call(b"c", "light.hall", user=ANNA, service=service))
    assert one(ledger, change("light.hall", b"x", T + 5)).origin is Origin.PHYSICAL


def test_late_report_of_a_call_by_nobody_is_unknown(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "light.hall"))
    assert one(ledger, change("light.hall", b"x", T + 5)).origin is Origin.UNKNOWN


@pytest.mark.parametrize(
    ("after_ms", "origin"), [(ECHO_MS, Origin.UNKNOWN), (ECHO_MS + 1, Origin.PHYSICAL)]
)
def test_second_entity_of_a_device_is_an_echo(
    ledger: Ledger, after_ms: int, origin: Origin
) -> None:
    assert origins(
        ledger, change("switch.plug"), change("light.plug", b"x", T + after_ms)
    ) == [Origin.PHYSICAL, origin]


def test_echo_of_an_act_in_the_interface(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "switch.plug", user=ANNA))
    assert origins(
        ledger, change("switch.plug", b"c"), change("light.plug", b"x", T + 500)
    ) == [Origin.USER, Origin.UNKNOWN]


def test_on_and_off_at_once_are_two_acts(ledger: Ledger) -> None:
    assert origins(
        ledger, change("light.hall"), change("light.hall", b"x", T + 900, "off")
    ) == [Origin.PHYSICAL, Origin.PHYSICAL]


def test_group_of_a_bridge_and_its_members_are_one_act(ledger: Ledger) -> None:
    for first, second in (
        ("light.bridge_room", "light.hall"),
        ("light.hall", "light.bridge_room"),
    ):
        assert origins(ledger, change(first), change(second, b"x", T + 300)) == [
            Origin.PHYSICAL,
            Origin.UNKNOWN,
        ]


def test_group_without_device_does_not_hide_the_next_press(ledger: Ledger) -> None:
    assert origins(
        ledger,
        change("light.hall", b"x"),
        change("light.pair", b"x", T + 10),
        change("light.stairs", b"y", T + 900),
    ) == [Origin.PHYSICAL, Origin.UNKNOWN, Origin.PHYSICAL]


def test_system_change_is_nobodys(ledger: Ledger) -> None:
    ledger.add_link(b"c", ANNA, b"")
    row = change("light.hall", b"c")._replace(system=True)
    assert one(ledger, row)[:2] == (Origin.SYSTEM, "")


def blind(t_s: int, state: str, context: bytes) -> Change:
    return change("cover.blind", context, T + 1000 * t_s, state)


def test_rest_is_owed_to_who_set_it_moving(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "cover.blind", user=ANNA))
    assert origins(ledger, blind(1, "opening", b"c"), blind(40, "open", b"x")) == [
        Origin.USER,
        Origin.USER,
    ]


def test_rest_after_another_call_is_owed_to_that(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "cover.blind", user=ANNA))
    ledger.add_run(b"a", Origin.AUTOMATION, "automation.rain")
    ledger.add_call(call(b"a", "cover.blind", t_ms=T + 20_000))
    for context in (b"x", b"a"):
        assert origins(
            ledger, blind(1, "opening", b"c"), blind(25, "open", context)
        ) == [
            Origin.USER,
            Origin.AUTOMATION,
        ]


def test_what_began_earlier_explains_nothing_later(ledger: Ledger) -> None:
    ledger.add_call(call(b"c", "cover.blind", user=ANNA))
    assert origins(
        ledger,
        blind(1, "opening", b"c"),
        blind(40, "open", b"x"),
        blind(90, "closed", b"y"),
    ) == [Origin.USER, Origin.USER, Origin.PHYSICAL]


def test_two_covers_of_a_device_come_to_rest_together() -> None:
    ledger = Ledger(
        Kinship({name: entity(name, "box") for name in ("cover.a", "cover.b")})
    )
    assert (
        origins(
            ledger,
            change("cover.a", b"1", T, "closing"),
            change("cover.b", b"2", T + 5_000, "closing"),
            change("cover.a", b"3", T + 30_000, "closed"),
            change("cover.b", b"4", T + 30_500, "closed"),
        )
        == [Origin.PHYSICAL] * 4
    )


@pytest.mark.parametrize(
    ("entity_id", "state", "moves"),
    [
        ("cover.blind", "opening", True),
        ("valve.garden", "closing", True),
        ("lock.door", "unlocking", True),
        ("vacuum.robot", "returning", True),
        ("cover.blind", "open", False),
        ("light.hall", "opening", False),
    ],
)
def test_moving(entity_id: str, state: str, *, moves: bool) -> None:
    assert is_moving(entity_id, state) is moves


def naive(row: int, changes: list[Change], ledger: Ledger) -> Origin:
    """Judge one silent change by looking at every call and every change."""
    t_ms, entity_id, _, context = changes[row][:4]
    kin = ledger.kinship
    if context in ledger.calls:
        return Origin.USER
    late = [
        made
        for made in ledger.calls.values()
        if t_ms - LATE_MS <= made.t_ms <= t_ms
        and (entity_id in made.named or kin.follows(entity_id, made.named))
    ]
    if late:
        last = max(late, key=lambda made: (made.t_ms, made.context))
        return Origin.USER if entity_id in last.named else Origin.UNKNOWN
    if entity_id not in kin.devices:
        return Origin.UNKNOWN
    for earlier in changes[:row]:
        other = earlier.entity_id
        if other != entity_id and earlier.t_ms >= t_ms - ECHO_MS:
            same_device = kin.devices.get(other) == kin.devices[entity_id]
            of_group = other in kin.devices and other in kin.groups.get(entity_id, ())
            if same_device or of_group or other in kin.members.get(entity_id, ()):
                return Origin.UNKNOWN
    return Origin.PHYSICAL


@pytest.mark.parametrize("seed", range(30))
def test_twin_agrees(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    ledger = Ledger(Kinship(ENTITIES))
    names = sorted(ENTITIES)
    rows = []
    for place in range(80):
        t_ms = random.randrange(120_000)
        name = random.choice(names)
        context = b"%d" % place
        if random.random() < 0.2:
            ledger.add_call(call(context, name, user=ANNA, t_ms=t_ms))
        state = random.choice(("on", "off"))
        rows.append(change(name, context, t_ms + random.randrange(500), state))
    rows.sort()
    expected = [naive(row, rows, ledger) for row in range(len(rows))]
    assert origins(ledger, *rows) == expected
    assert len(set(expected)) == 3
