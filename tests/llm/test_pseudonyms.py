"""Tokens in the place of names: stable, told apart, restored whatever was done."""

# ruff: noqa: RUF001 - letters of other scripts are the matter here

import re

import pytest

from custom_components.automation_scout.llm.names import AREA, PERSON, Name, Names
from custom_components.automation_scout.llm.pseudonyms import Pseudonyms

NAMES = (
    Name("Light", "Kitchen lamp", "light.kitchen"),
    Name("Light", "Kitchen", "light.kitchen_2"),
    Name(AREA, "Kitchen"),
    Name(AREA, "客厅"),
    Name("Light", "客厅灯", "light.ke"),
    Name("Person", "Ана", "person.ana"),
    Name("Light", "Lamp (left) <b>big</b>", "light.left"),
    Name("Sensor", "ßpot 2", "sensor.spot"),
)


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(b"key", NAMES)


def digits(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+_\d{6}", text)


@pytest.mark.parametrize(
    ("text", "tokens", "rest"),
    [
        ("Turn on Kitchen lamp.", 1, "Turn on {}."),
        ("KITCHEN LAMP and kitchen", 2, "{} and {}"),
        ("Kitchenette", 0, "Kitchenette"),
        ("the kitchen's", 1, "the {}'s"),
        ("打开客厅灯和客厅", 2, "打开{}和{}"),
        ("打开Kitchen", 1, "打开{}"),
        ("Коли Ана вдома, Анатолій", 1, "Коли {} вдома, Анатолій"),
        ("Lamp (left) big", 1, "{}"),
        ("Lamp (left) <b>big</b>", 1, "{}"),
        ("ßpot 2 and ßpot 23", 1, "{} and ßpot 23"),
        ("light.kitchen_2 light.kitchen", 2, "{} {}"),
        ("what is no more: light.annas_secret", 1, "what is no more: {}"),
        ("sun.sun, 1.5 and e.g. it", 0, "sun.sun, 1.5 and e.g. it"),
    ],
)
def test_hidden_at_the_bounds_of_words(
    pseudonyms: Pseudonyms, text: str, tokens: int, rest: str
) -> None:
    hidden = pseudonyms.hide(text)
    found = digits(hidden)
    assert len(found) == tokens
    assert hidden == rest.format(*found)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Straßenlampe", "STRASSENLAMPE"),
        ("STRASSENLAMPE", "straßenlampe"),
        ("İstanbul odası", "istanbul odasi"),
        ("Işık", "IŞIK"),
        ("IŞIK", "işik"),
        ("Küche", "Ku\u0308che"),
        ("Ku\u0308che", "KÜCHE"),
        ("Anna's lamp", "Anna\u2019s Lamp"),
        ("Wand\u2011Lampe", "wand-lampe"),
        ("\uff2c\uff41\uff4d\uff50 \uff12", "lamp 2"),
        ("ΦΩΣ", "φως"),
        ("Living room", "living-room"),
        ("Kid's room", "kid\u00b4s room"),
        ("\u2764 lamp", "\u2764\ufe0f La\u200dmp"),
        ("\u0301Lamp", "lamp"),
        ("Lamp  of Anna ", "lamp of anna"),
        ("मेज", "मेज"),
    ],
)
def test_hidden_however_it_is_written(name: str, written: str) -> None:
    pseudonyms = Pseudonyms(b"key", [Name("Light", name, "light.x")])
    hidden = pseudonyms.hide(f"only {written}, please")
    [token] = digits(hidden)
    assert hidden == f"only {token}, please"
    shown = Name("Light", name).shown
    assert pseudonyms.restore(hidden) == f"only {shown}, please"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s", "ß"),
        ("e", "e\u0301te\u0301"),
        ("Cafe", "Cafe\u0301s"),
        ("Café", "Cafe\u0301s"),
        ("मे", "मेज"),
        ("म", "मेज"),
    ],
)
def test_no_part_of_a_character_or_word_is_a_name(name: str, text: str) -> None:
    assert Pseudonyms(b"key", [Name("Light", name)]).hide(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Annas Lampe", "{} Lampe"),
        ("kun Annan valo", "kun {} valo"),
        ("ANNA'S", "{}'S"),
        ("Annabelle", "Annabelle"),
        ("Jos lamp, the time, even", "Jos lamp, the time, even"),
        ("Kitchens", "Kitchens"),
        ("小明在家", "{}在家"),
    ],
)
def test_people_are_found_with_an_ending_too(text: str, rest: str) -> None:
    names = [Name(PERSON, "Anna"), Name(PERSON, "Jo"), Name(AREA, "Kitchen")]
    names += [Name(PERSON, "Tim"), Name(PERSON, "Eve")]
    pseudonyms = Pseudonyms(b"key", [*names, Name(PERSON, "小明")])
    hidden = pseudonyms.hide(text)
    found = digits(hidden)
    assert hidden == rest.format(*found)
    assert not found or pseudonyms.restore(found[0]) in {"Anna", "小明"}
    assert [name.text for name in pseudonyms.names_in(text)] == [
        pseudonyms.restore(token) for token in found
    ]


def test_a_number_may_follow_at_once(pseudonyms: Pseudonyms) -> None:
    hidden = pseudonyms.hide("打开客厅灯22:30")
    [token] = digits(hidden)
    assert hidden == f"打开{token} 22:30"
    assert pseudonyms.restore(hidden) == "打开客厅灯 22:30"


def test_an_alias_is_its_entity() -> None:
    names = [Name("Light", "Desk", "light.desk"), Name("Light", "Owl", "light.desk")]
    pseudonyms = Pseudonyms(b"key", names)
    assert pseudonyms.hide("owl") == pseudonyms.hide("light.desk")
    assert pseudonyms.restore(pseudonyms.hide("owl")) == "Desk"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("It was light.annas_old.", "It was {}."),
        ("打开light.annas_old吧", "打开{}吧"),
        ("light.annas_old.state", "light.annas_old.state"),
        ("e.g. this, 1.5 and p.m.", "e.g. this, 1.5 and p.m."),
    ],
)
def test_ids_that_nobody_knows_are_names(text: str, rest: str) -> None:
    hidden = Pseudonyms(b"key", ()).hide(text)
    assert hidden == rest.format(*digits(hidden))


def test_a_number_is_no_name() -> None:
    names = [Name("Floor", "1"), Name("Light", "22", "light.x"), Name(AREA, "2.5 %")]
    pseudonyms = Pseudonyms(b"key", names)
    assert pseudonyms.hide("1 lamp at 22:30, 2.5 %") == "1 lamp at 22:30, 2.5 %"
    assert len(digits(pseudonyms.hide("light.x"))) == 1


def test_an_answer_without_end_takes_no_time() -> None:
    """Where each letter were a beginning, this would take minutes."""
    pseudonyms = Pseudonyms(b"key", NAMES)
    for _ in range(100):
        text = "a" * 19_900
        assert pseudonyms.restore(text) == text
        assert pseudonyms.hide(text) == text


def test_a_room_may_be_called_home() -> None:
    pseudonyms = Pseudonyms(b"key", [Name(AREA, "Home"), Name(AREA, "Sun")])
    data = {"entity_id": "zone.home", "sun.sun": ["sun.sun", "home.sun"], "at": "Home"}
    hidden = pseudonyms.hide_data(data)
    assert isinstance(hidden, dict)
    assert hidden["entity_id"] == "zone.home"
    assert hidden["sun.sun"][0] == "sun.sun"
    assert digits(hidden["at"]) == [hidden["at"]]


def test_the_same_in_every_run() -> None:
    one = Pseudonyms(b"key", NAMES).hide("Kitchen lamp, Kitchen")
    assert one == Pseudonyms(b"key", reversed(NAMES[:2])).hide("Kitchen lamp, Kitchen")
    other = Pseudonyms(b"another", NAMES).hide("Kitchen lamp, Kitchen")
    assert one != other
    assert "itchen" not in one + other


@pytest.mark.parametrize(
    ("written", "restored"),
    [
        ("{t}", "Kitchen lamp"),
        ("{t}.", "Kitchen lamp."),
        ("{t}s", "Kitchen lamps"),
        ("{t}:n", "Kitchen lamp:n"),
        ("LIGHT_{d}", "Kitchen lamp"),
        ("Lampe_{d}", "Kitchen lamp"),
        ("світла_{d}", "Kitchen lamp"),
        ("Light-{d}", "Kitchen lamp"),
        ("Light {d}", "Kitchen lamp"),
        ("light\\_{d}", "Kitchen lamp"),
        ("打开{t}。", "打开Kitchen lamp。"),
        ("打开灯_{d}", "打开灯Kitchen lamp"),
        ("turn on {d}", "turn on Kitchen lamp"),
        ("{t}9", "{t}9"),
        ("Light_000000", "Light_000000"),
    ],
)
def test_restored_whatever_a_model_did(
    pseudonyms: Pseudonyms, written: str, restored: str
) -> None:
    token = pseudonyms.hide("Kitchen lamp")
    values = {"t": token, "d": token.rpartition("_")[2]}
    assert pseudonyms.restore(written.format(**values)) == restored.format(**values)


def test_no_two_names_share_a_token() -> None:
    """Of 5,000 names with six digits about twelve would."""
    names = [Name("Light", f"Lamp {n} x", f"light.l{n}") for n in range(5000)]
    pseudonyms = Pseudonyms(b"key", names)
    tokens = {pseudonyms.hide(name.text) for name in names}
    assert len(tokens) == 5000
    assert all(pseudonyms.restore(pseudonyms.hide(n.text)) == n.text for n in names)


def test_data_is_hidden_but_its_keys() -> None:
    pseudonyms = Pseudonyms(b"key", NAMES)
    data = {"Kitchen": ["Kitchen", {"kind": "Kitchen", "n": 3, "no": None}], "ok": True}
    hidden = pseudonyms.hide_data(data, frozenset({"kind"}))
    token = pseudonyms.hide("Kitchen")
    assert hidden == {
        "Kitchen": [token, {"kind": "Kitchen", "n": 3, "no": None}],
        "ok": True,
    }


def test_names_are_found_at_bounds_the_longest_first() -> None:
    names = Names(NAMES)
    found = names.found_in("The kitchen lamp in the Kitchen, not in kitchenettes")
    assert [name.text for name in found] == ["Kitchen lamp", "Kitchen"]
    assert names.found_in("") == []
    assert {name.text for name in names} == {name.text for name in NAMES}
