"""Changes asked for in words: what is sent, and what of an answer is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
import json
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.automation_scout.llm.change_reply import Asked, read
from custom_components.automation_scout.llm.change_schema import (
    NOT_ENTITIES,
    answer_schema,
)
from custom_components.automation_scout.llm.changing import Earlier, Refused, Wish
from custom_components.automation_scout.llm.languages import Languages
from custom_components.automation_scout.llm.model import Answer
from custom_components.automation_scout.llm.nameable import MOST, nameable
from custom_components.automation_scout.llm.refusal import Reason, Refusal
from custom_components.automation_scout.llm.strict import strict
from custom_components.automation_scout.mining.attributes import ATTRIBUTES
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.refining import (
    Ability,
    NumberRange,
    ProblemsFound,
    actions,
    conditions,
    refine,
    refined,
    told,
    trigger,
)
from custom_components.automation_scout.mining.rules import (
    WEEKDAYS,
    Action,
    Rule,
    StateCondition,
    Step,
    TimeTrigger,
)
from custom_components.automation_scout.words.catalogue import load

LAMP: Final = "light.desk"
FACTS: Final = HomeFacts(
    "UTC",
    {
        item.entity_id: item
        for item in (
            EntityFacts(LAMP, "Zwieback lamp", "study"),
            EntityFacts("light.shelf", "Bookworm light", "study"),
            EntityFacts("climate.study", "Study heating", "study"),
            EntityFacts("sensor.study", "Warmth", "study", unit="°C", is_numeric=True),
            EntityFacts("light.hall", "Hall light", "hall"),
            EntityFacts("lock.front", "Front lock", "hall"),
            EntityFacts("media_player.tv", "Flimmerkiste", "hall"),
            EntityFacts("person.anna", "Anna", "study"),
            EntityFacts("person.ben", "Rumpelstilzchen"),
        )
    },
    {"hall": "Great hall", "study": "Study"},
    latitude=52.1,
    longitude=5.1,
)
ABILITIES: Final = {
    LAMP: Ability({"brightness": NumberRange(1, 100)}, lacks=frozenset({"color_temp"})),
    "light.shelf": Ability(lacks=frozenset({"brightness", "color_temp"})),
    "climate.study": Ability(
        {"temperature": NumberRange(7, 30)}, {"preset": ("eco",)}, ("off", "heat")
    ),
    "media_player.tv": Ability(options={"source": ("Radio Zorro", "Film")}),
}
RULE: Final = Rule(TimeTrigger(1350), Action(LAMP, "on"), 900)
WORDS: Final = "only on weekdays, and 40 %"
KEY: Final = b"k" * 32
ENGLISH: Final = Languages.of([load("en")])


def wish(instruction: str = WORDS, **more: Any) -> Wish:
    given_ = {"rule": RULE, "facts": FACTS, "abilities": ABILITIES, **more}
    return Wish(instruction=instruction, language="en", **given_)


def sent(asked: Wish, refused: Refused | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked.question(refused).facts)
    return found


def answered(data: object, asked: Wish | None = None) -> Asked:
    return read(Answer(data, "m"), asked or wish(), ENGLISH)


def properties(schema: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the fields of a part of the schema, inside lists too."""
    for name in path:
        schema = schema["properties"][name]
        schema = schema.get("items", schema)
    found: Mapping[str, Any] = schema["properties"]
    return found


def objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every object in a schema."""
    if schema["type"] == "object":
        yield schema
        for inner in schema["properties"].values():
            yield from objects(inner)
    elif schema["type"] == "array":
        yield from objects(schema["items"])


def test_the_schema_has_every_field_that_can_be_changed_and_no_other() -> None:
    schema = answer_schema([LAMP, "light.shelf"], [LAMP])
    assert set(properties(schema)) == {"changes", "cannot", "summary"}
    assert set(properties(schema, "changes")) == refine.SECTIONS
    assert set(properties(schema, "changes", "trigger")) == set().union(
        *trigger.FIELDS.values()
    )
    assert set(properties(schema, "changes", "conditions")) == conditions.PARTS
    added = properties(schema, "changes", "conditions", "add")
    assert set(added) == set().union(*conditions.FIELDS.values())
    assert set(properties(schema, "changes", "actions")) == actions.PARTS
    assert set(properties(schema, "changes", "actions", "add")) == actions.ADDED
    assert set(properties(schema, "changes", "actions", "change")) == actions.CHANGED
    known = {one.name: one for rows in ATTRIBUTES.values() for one in rows}
    for part in ("add", "change"):
        values = properties(schema, "changes", "actions", part, "values")
        assert {name: one["type"] for name, one in values.items()} == {
            name: "number" if one.is_number else "string" for name, one in known.items()
        }
    for item in objects(schema):
        assert item["additionalProperties"] is False
    remove = properties(schema, "changes", "conditions")["remove"]["items"]
    assert remove["enum"] == [*NOT_ENTITIES, LAMP, "light.shelf"]
    assert added["entity_id"]["enum"] == [LAMP, "light.shelf"]
    changed = properties(schema, "changes", "actions", "change")
    assert changed["entity_id"]["enum"] == [LAMP]
    assert changed["new_entity_id"]["enum"] == [LAMP, "light.shelf"]


def test_what_the_schema_says_is_read_by_the_refiner() -> None:
    """All of it at once, filled in by its form, has no field that is unknown."""

    def filled(part: Mapping[str, Any]) -> Any:
        match part:
            case {"enum": [first, *_]}:
                return first
            case {"type": "object"}:
                return {k: filled(v) for k, v in part["properties"].items()}
            case {"type": "array"}:
                return [filled(part["items"])]
            case {"type": "string", "description": str(what)} if "HH:MM" in what:
                return "22:50"
            case {"type": "string"}:
                return "on"
            case _:
                return 3

    changes = filled(answer_schema(FACTS.entities, [LAMP]))["changes"]
    with pytest.raises(ProblemsFound) as raised:
        refined(RULE, changes, FACTS, {})
    found = [(item.key, dict(item.gaps)) for item in raised.value.problems]
    # Every kind of trigger and condition at once, and settings of every domain.
    assert {key for key, _ in found} <= {
        "mixed_trigger",
        "no_condition",
        "nothing_to_remove",
        "twice",
        "unknown_field",
    }
    assert {gaps["where"] for key, gaps in found if key == "unknown_field"} == {
        "values"
    }


def test_the_question_has_the_rule_what_can_be_done_and_the_instruction() -> None:
    earlier = [
        Earlier(f"round {n}", {"trigger": {"at": "22:00"}}, ("No.",), "changed")
        for n in range(9)
    ]
    asked = wish(earlier=earlier)
    facts = sent(asked, Refused({"trigger": {"at": "25:00"}}, "No such time."))
    assert facts["instruction"] == WORDS
    assert facts["suggestion"] == told(RULE)
    things = {item["entity_id"]: item for item in facts["things"]}
    assert set(things) == {LAMP, "light.shelf", "climate.study", "sensor.study"}
    assert things[LAMP] == {
        "entity_id": LAMP,
        "name": "Zwieback lamp",
        "area": "Study",
        "measures": False,
        "can_be_acted_on": True,
        "states": ["on", "off"],
        "settings": {"brightness": {"unit": "%", "from": 1.0, "to": 100.0}},
        "cannot_be_set": ["color_temp"],
    }
    assert things["light.shelf"]["cannot_be_set"] == ["brightness", "color_temp"]
    assert things["climate.study"]["states"] == ["off", "heat"]
    assert things["climate.study"]["settings"] == {
        "temperature": {"unit": "°C", "from": 7.0, "to": 30.0},
        "preset": {"one_of": ["eco"]},
    }
    assert things["sensor.study"]["measures"]
    assert things["sensor.study"]["unit"] == "°C"
    assert [item["instruction"] for item in facts["earlier"]] == [
        f"round {n}" for n in (5, 6, 7, 8)
    ]
    assert facts["refused"]["problems"] == "No such time."
    question = asked.question()
    assert question.task == "refine"
    assert "English" in question.system
    assert WORDS not in question.system
    named = properties(question.schema, "changes", "actions", "add")["entity_id"]
    assert set(named["enum"]) == {*things, "sun.sun", "zone.home"}


def test_what_may_be_named_is_at_hand_and_bounded() -> None:
    near = {LAMP, "light.shelf", "climate.study", "sensor.study"}
    assert set(nameable(RULE, "later", FACTS)) == near
    assert set(nameable(RULE, "if anna is in", FACTS)) == {*near, "person.anna"}
    assert set(nameable(RULE, "bananna", FACTS)) == near
    hall = {"light.hall", "lock.front", "media_player.tv"}
    assert set(nameable(RULE, "the GREAT HALL too", FACTS)) == near | hall
    assert set(nameable(RULE, "lock.front", FACTS)) == {*near, "lock.front"}
    many = {
        f"light.l{n}": EntityFacts(f"light.l{n}", f"L{n}", "study") for n in range(300)
    }
    crowd = replace(FACTS, entities={**FACTS.entities, **many})
    found = nameable(RULE, "not while the Flimmerkiste is on", crowd)
    assert found[:2] == (LAMP, "media_player.tv")
    assert len(found) == len(set(found)) == MOST + 1
    watched = replace(RULE, conditions=(StateCondition("person.ben", "home"),))
    assert "person.ben" in nameable(watched, "later", FACTS)


def test_no_name_leaves_the_home_with_pseudonyms() -> None:
    rule = replace(
        RULE,
        conditions=(StateCondition("person.anna", "home"),),
        more=(Step(Action("media_player.tv", "on"), (("source", "Radio Zorro"),)),),
    )
    words = "only if Rumpelstilzchen is in, and the Hall light in the great hall too"
    earlier = [Earlier("dim the Zwieback lamp", {}, (f"{LAMP} is off.",), "unchanged")]
    asked = wish(words, rule=rule, key=KEY, earlier=earlier)
    refused = Refused({"actions": {"remove": ["light.hall"]}}, "light.hall is not.")
    question = asked.question(refused)
    text = json.dumps([question.facts, question.schema]).casefold()
    for entity in FACTS.entities.values():
        assert entity.entity_id not in text
        assert entity.name.casefold() not in text
    for secret in ("great hall", "study", "zorro"):
        assert secret not in text
    facts = json.loads(question.facts)
    assert facts["suggestion"]["trigger"] == {"at": "22:30"}
    assert facts["suggestion"]["conditions"][0]["state"] == "home"
    token = facts["suggestion"]["actions"][0]["entity_id"]
    lamp = next(item for item in facts["things"] if item["entity_id"] == token)
    assert lamp["name"] == token
    assert token in facts["earlier"][0]["instruction"]


def test_no_word_of_the_home_leaves_with_pseudonyms() -> None:
    """Neither a mode of its own nor what it was called in a round before."""
    own = {
        "climate.study": Ability(
            options={"preset": ("eco", "Annas Schlummer", "zopf_zeit")},
            states=("off", "heat", "Backofen"),
        ),
        "media_player.tv": Ability(options={"source": ("Radio Zorro", "Film")}),
    }
    set_ = {"entity_id": "climate.study", "values": {"preset": "Alter Zwirbel"}}
    earlier = Earlier(
        "Radio Zorro, please, and alter Zwirbel",
        {
            "trigger": {"entity_id": "person.ben", "to": "Zaubersee"},
            "actions": {"change": [set_], "add": [{"state": "Quatschmodus"}]},
        },
        ("Zopf zeit is not a mode, Zaubersee no place.",),
        "unchanged",
    )
    asked = wish(
        "eco, then annas schlummer, at ZAUBERSEE",
        abilities=own,
        key=KEY,
        earlier=[earlier],
    )
    question = asked.question()
    text = json.dumps([question.facts, question.schema]).casefold()
    for secret in ("schlummer", "zopf", "backofen", "zwirbel", "zauber", "quatsch"):
        assert secret not in text, secret
    facts = json.loads(question.facts)
    heating = next(one for one in facts["things"] if "preset" in one["settings"])
    eco, slumber, _ = heating["settings"]["preset"]["one_of"]
    assert eco == "eco"
    assert heating["states"][:2] == ["off", "heat"]
    assert facts["instruction"].startswith(f"eco, then {slumber}, at Value_")
    change = {"entity_id": heating["entity_id"], "values": {"preset": slumber}}
    found = answered({"changes": {"actions": {"change": [change]}}}, asked)
    assert found.changes["actions"]["change"][0]["values"] == {
        "preset": "Annas Schlummer"
    }


def test_tokens_of_an_answer_are_the_entities_again() -> None:
    rule = replace(
        RULE,
        action=Action(f"{LAMP}#brightness", "40"),
        more=(Step(Action("media_player.tv", "on"), (("source", "Radio Zorro"),)),),
    )
    asked = wish("as before", rule=rule, key=KEY)
    facts = sent(asked)
    lamp, player = facts["suggestion"]["actions"]
    assert lamp["entity_id"] != f"{LAMP}#brightness"
    lamp["values"]["brightness"] = 55
    found = answered(
        {
            "changes": {
                "actions": {"change": [lamp], "remove": [player["entity_id"]]},
                "conditions": {
                    "add": [{"entity_id": player["entity_id"], "state": "on"}]
                },
            },
            "cannot": [f"The {lamp['entity_id'].partition('#')[0]} has no colour."],
            "summary": f"{player['values']['source']} is off",
        },
        asked,
    )
    assert found.changes == {
        "actions": {
            "change": [
                {"entity_id": f"{LAMP}#brightness", "values": {"brightness": 55}}
            ],
            "remove": ["media_player.tv"],
        },
        "conditions": {"add": [{"entity_id": "media_player.tv", "state": "on"}]},
    }
    assert found.cannot == ("The Zwieback lamp has no colour.",)
    assert found.summary == "Radio Zorro is off"
    change = {"entity_id": player["entity_id"], "values": player["values"]}
    again = answered({"changes": {"actions": {"change": [change]}}}, asked)
    assert again.changes["actions"]["change"] == [
        {"entity_id": "media_player.tv", "values": {"source": "Radio Zorro"}}
    ]


def test_a_thing_that_is_called_like_a_state_takes_nothing_from_it() -> None:
    home = EntityFacts("light.home", "Home", "study")
    facts = replace(FACTS, entities={**FACTS.entities, "light.home": home})
    rule = replace(RULE, conditions=(StateCondition("person.anna", "home"),))
    asked = wish("if Anna is home", rule=rule, facts=facts, key=KEY)
    said = sent(asked)["suggestion"]["conditions"][0]
    assert said["state"] == "home"
    assert said["entity_id"] != "person.anna"
    found = answered({"changes": {"conditions": {"add": [said]}}}, asked)
    assert found.changes["conditions"]["add"] == [
        {"entity_id": "person.anna", "state": "home"}
    ]


def test_a_source_that_is_called_like_a_state_or_its_player() -> None:
    own = {
        "media_player.tv": Ability(options={"source": ("Home", "TV", "Off", "Zorro")})
    }
    tv = EntityFacts("media_player.tv", "TV", "study")
    facts = replace(FACTS, entities={**FACTS.entities, "media_player.tv": tv})
    action = Step(Action("media_player.tv", "on"), (("source", "TV"),))
    rule = replace(
        RULE, conditions=(StateCondition("person.anna", "home"),), more=(action,)
    )
    asked = wish("if anna is home", rule=rule, facts=facts, abilities=own, key=KEY)
    suggestion = sent(asked)["suggestion"]
    added = {"add": suggestion["conditions"]}
    changes = {"conditions": added, "actions": {"change": suggestion["actions"]}}
    found = answered({"changes": changes}, asked).changes
    assert found["conditions"]["add"] == [{"entity_id": "person.anna", "state": "home"}]
    lamp, player = found["actions"]["change"]
    assert lamp == {"entity_id": LAMP, "state": "on"}
    assert player["entity_id"] == "media_player.tv"
    assert player["values"] == {"source": "TV"}


def test_numbers_and_units_of_the_home() -> None:
    """Options that are numbers take none from the instruction; a unit may be a name."""
    own = {"media_player.tv": Ability(options={"source": ("1", "40", "Zorro 2")})}
    odd = EntityFacts(
        "sensor.study", "Warmth", "study", unit="Rumpelstilzchen", is_numeric=True
    )
    facts = replace(FACTS, entities={**FACTS.entities, "sensor.study": odd})
    text = "only on weekdays, and 40 %, 1 minute later, Flimmerkiste off"
    asked = wish(text, facts=facts, abilities=own, key=KEY)
    question = asked.question()
    told = json.loads(question.facts)
    assert told["instruction"].startswith("only on weekdays, and 40 %, 1 minute later")
    assert "stilzchen" not in question.facts


def test_what_is_null_or_empty_is_not_named() -> None:
    found = answered(
        {
            "changes": {
                "trigger": {"at": "22:50", "weekdays": [], "for": None, "event": ""},
                "conditions": {"add": [], "remove": None},
                "actions": {"change": [{"entity_id": LAMP, "values": {}}, None]},
            },
            "cannot": None,
            "summary": None,
        }
    )
    assert found == Asked(
        {"trigger": {"at": "22:50"}, "actions": {"change": [{"entity_id": LAMP}]}}
    )
    assert answered({"changes": None, "cannot": "It has no colour."}) == Asked(
        {}, ("It has no colour.",)
    )
    fenced = '```json\n{"changes": {"trigger": {"at": "22:50"}}}\n```'
    assert answered(fenced) == Asked({"trigger": {"at": "22:50"}})


DEEP: Final = {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, Reason.EMPTY),
        ("", Reason.EMPTY),
        ("alias: x\ntrigger:\n  - platform: time", Reason.NO_JSON),
        ("I have changed it to 22:50.", Reason.NO_JSON),
        ([{"changes": {}}], Reason.NO_JSON),
        ({"changes": {}, "yaml": "alias: x"}, Reason.SCHEMA),
        ({"service": "lock.unlock"}, Reason.SCHEMA),
        ({"changes": "at 22:50"}, Reason.SCHEMA),
        ({"changes": [{"trigger": {"at": "22:50"}}]}, Reason.SCHEMA),
        ({"changes": {"trigger": {3: "22:50"}}}, Reason.SCHEMA),
        ({"changes": {"trigger": b"x"}}, Reason.SCHEMA),
        ({"changes": {}, "cannot": {"a": 1}}, Reason.SCHEMA),
        ({"changes": {"trigger": {"at": "2" * 300}}}, Reason.TOO_LONG),
        ({"changes": {"trigger": {"for": 10**400}}}, Reason.TOO_LONG),
        ({"changes": {"trigger": {"for": float("nan")}}}, Reason.TOO_LONG),
        ({"changes": {"actions": {"remove": ["light.a"] * 99}}}, Reason.TOO_LONG),
        ({"changes": {"actions": {"add": ["x" * 250] * 50}}}, Reason.TOO_LONG),
        ({"changes": DEEP}, Reason.TOO_LONG),
        ("[" * 19_000, Reason.NO_JSON),
        ("x" * 30_000, Reason.TOO_LONG),
    ],
)
def test_what_is_no_answer(data: object, reason: Reason) -> None:
    with pytest.raises(Refusal) as raised:
        answered(data)
    assert raised.value.reason is reason


@pytest.mark.parametrize(
    "text",
    [
        "<b>No</b>",
        "See https://example.com for more",
        "{{ states('lock.front') }}",
        "Немає такого світла в цьому домі",
        "x" * 301,
        "\u200b\u202e",
        17,
        {"a": 1},
    ],
)
def test_sentences_that_nobody_gets_to_see(text: object) -> None:
    found = answered({"changes": {}, "cannot": [text, "It has none."], "summary": text})
    assert found == Asked({}, ("It has none.",))


def test_the_name_of_a_thing_may_look_like_markup() -> None:
    entities = {**FACTS.entities, LAMP: EntityFacts(LAMP, "Lamp__1", "study")}
    asked = wish(facts=replace(FACTS, entities=entities))
    for name, kept in (("Lamp__1", True), ("Lamp__2", False)):
        found = answered({"cannot": [f"{name} is dim."]}, asked)
        assert bool(found.cannot) is kept


def test_marks_that_nobody_sees_are_no_part_of_a_value() -> None:
    changes = {"trigger": {"to": "o\u202en\ud800", "entity_id": "\ud800"}}
    assert answered({"changes": changes}).changes == {"trigger": {"to": "on"}}


JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from([LAMP, "lock.front", "on", "22:50", "unlocked", "x" * 400]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.one_of(
                st.sampled_from([*refine.SECTIONS, *actions.PARTS, *actions.CHANGED]),
                st.text(max_size=8),
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=1_000)
@given(
    st.one_of(
        JSON,
        st.text(),
        st.fixed_dictionaries({"changes": JSON}, optional={"cannot": JSON}),
        st.fixed_dictionaries({"changes": JSON, "summary": JSON}).map(json.dumps),
    ),
    st.sampled_from([None, KEY]),
)
def test_any_answer_is_read_or_refused(data: Any, key: bytes | None) -> None:
    asked = wish(key=key)
    try:
        found = answered(data, asked)
    except Refusal:
        return
    assert len(json.dumps(found.changes)) <= 6_000
    assert len(found.cannot) <= 5
    for text in (*found.cannot, found.summary):
        assert len(text) <= 300
    near = {name: FACTS.entities[name] for name in asked.entities}
    try:
        changed = refined(RULE, found.changes, replace(FACTS, entities=near), {})
    except ProblemsFound:
        return
    assert set(changed.entities) <= {*near, "sun.sun", "zone.home"}


def test_weekdays_and_a_brightness() -> None:
    days = ["mon", "tue", "wed", "thu", "fri"]
    dimmed = {"entity_id": LAMP, "values": {"brightness": 40}}
    found = answered(
        {
            "changes": {
                "conditions": {"add": [{"weekdays": days}]},
                "actions": {"change": [dimmed]},
            },
            "cannot": [],
            "summary": "It is dimmed, and only on weekdays.",
        }
    )
    changed = refined(RULE, found.changes, FACTS, ABILITIES)
    assert changed.trigger == TimeTrigger(1350, WEEKDAYS)
    assert dict(changed.values) == {"brightness": 40}
    assert found.summary == "It is dimmed, and only on weekdays."


def test_strict_outputs_have_every_field_and_null_for_what_is_left_out() -> None:
    """What OpenAI demands of a schema, however deep, and the answer is the same."""
    schema = strict(answer_schema([LAMP], [LAMP]))

    def empty(part: Mapping[str, Any]) -> Any:
        if part["type"] == "array":
            return []
        if part["type"] == "string":
            return ""
        if isinstance(part["type"], list):
            assert "null" in part["type"]
            assert None in part.get("enum", [None])
            return None
        return {name: empty(inner) for name, inner in part["properties"].items()}

    def check(part: Mapping[str, Any]) -> int:
        inner = [*part.get("properties", {}).values(), part.get("items")]
        if "properties" in part:
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False
        return 1 + sum(check(one) for one in inner if one)

    assert check(schema) > 50
    assert schema["properties"]["changes"]["type"] == "object"
    assert answered(empty(schema)) == Asked()
