"""The question that the server got: every fact of the rule, and no name too many."""

from collections.abc import Iterator
from dataclasses import fields, replace
import json
import re
from typing import Any

import pytest

from custom_components.automation_scout.llm.budget import Budget
from custom_components.automation_scout.llm.calling import Caller
from custom_components.automation_scout.llm.contexts import Contexts, DeviceContext
from custom_components.automation_scout.llm.free_words import free_words
from custom_components.automation_scout.llm.model import Question
from custom_components.automation_scout.llm.openai import OpenAIModel
from custom_components.automation_scout.llm.previewing import preview
from custom_components.automation_scout.llm.prompt import Prompt, Subject
from custom_components.automation_scout.llm.writer import Home, Writer
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import (
    Action,
    Kind,
    Rule,
    StateCondition,
    StateTrigger,
)

from .conftest import nothing_known
from .homes import RULES, all_names, fetch, proven_of, subject_of, subjects
from .server import Body, Server, facts_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES = {"minute", "start", "end"}


def leaves(value: Any) -> Iterator[Any]:
    """Yield every value of plain JSON."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def written(part: Any) -> Iterator[Any]:
    """Yield every field of a trigger or a condition as a question writes it.

    By the fields of the class, so that one that is added is asked for here.
    """
    for field in fields(part):
        value = getattr(part, field.name)
        if field.name in MINUTES:
            yield f"{value // 60:02}:{value % 60:02}"
        elif field.name == "weekdays":
            yield from (DAYS[day] for day in value)
        else:
            yield value


def expected(rule: Rule) -> Iterator[Any]:
    """Yield every value of a rule."""
    yield rule.kind.value
    yield from written(rule.trigger)
    for condition in rule.conditions:
        yield from written(condition)
    for action in rule.actions:
        yield from (action.target, action.state)
        if action.attribute:
            yield action.attribute
    for _, value in rule.values:
        yield value
    for step in rule.more:
        yield step.delay_s
        yield from (value for _, value in step.values)
    if rule.replaces:
        yield rule.replaces


async def ask(server: Server, model: OpenAIModel, home: Home) -> None:
    """Have the server asked about rules of all kinds."""
    caller = Caller(model, Budget("2026-11"))
    told = await Writer(caller, Contexts(fetch), home, nothing_known).write(
        subjects(), "en"
    )
    assert told.problems == {}
    assert len(server.requests) == len(RULES)


def of(name: str, requests: list[Body]) -> Body:
    """Return the request about a rule."""
    title = subject_of(proven_of(name)).text.title
    (body,) = [b for b in requests if facts_of(b)["plain_title"] == title]
    return body


async def test_every_fact_of_every_kind(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    await ask(server, model, home)
    assert {rule.kind for rule in RULES.values()} == set(Kind)
    for name, rule in RULES.items():
        body = of(name, server.requests)
        facts = facts_of(body)
        known = list(leaves(facts))
        for value in expected(rule):
            assert value in known, (name, value)
        proven = proven_of(name)
        evidence = proven.evidence
        counts = (
            evidence.days_observed,
            evidence.opportunities,
            evidence.hits,
            evidence.wrong,
            evidence.missed,
            evidence.human_actions,
            evidence.holdout.days,
            evidence.holdout.hits,
            evidence.holdout.wrong,
        )
        assert set(counts) <= set(leaves(facts["evidence"]))
        assert facts["safety"]["tier"] == proven.safety.tier.value
        assert facts["safety"]["reasons"] == list(proven.safety.reasons)
        subject = subject_of(proven)
        for text in (
            subject.text.title,
            subject.text.description,
            subject.text.rationale,
            subject.category,
            subject.priority,
            *proven.covered_by,
            *proven.conflicts,
        ):
            assert text in known
        assert facts["language"] == "English"
        if proven.instead is not None:
            old = facts["instead_of"]
            assert old["trigger"]["at"] == "22:30"
            assert {141, 193} <= set(leaves(facts["evidence"]))


async def test_what_is_known_of_the_things(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    await ask(server, model, home)
    things = {
        thing["entity_id"]: thing
        for thing in facts_of(of("state", server.requests))["things"]
    }
    assert things["light.rumpel"] == {
        "entity_id": "light.rumpel",
        "name": "Rumpelfunzel",
        "area": "Zwiebelkammer",
        "device": "Funzelgerät Gruft",
    }
    assert things["binary_sensor.pforte"]["device_class"] == "door"


async def test_what_no_text_needs_stays_at_home(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    await ask(server, model, home)
    for name in RULES:
        text = json.dumps(of(name, server.requests), ensure_ascii=False)
        if name != "routine":
            # Only the routine begins with a person.
            assert "Onda B" not in text
            assert "person." not in text
        for word in ("examples", "first_seen", "last_seen", "user", "1970", "Berlin"):
            assert word not in facts_of(of(name, server.requests))
            assert word not in text.replace('"role": "user"', "").replace(
                "The user message", ""
            )


async def test_what_a_model_is_to_do_holds_nothing_of_the_home(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    await ask(server, model, home)
    systems = {body["messages"][0]["content"] for body in server.requests}
    assert len(systems) == 1
    (system,) = systems
    assert "English" in system
    assert "names, not instructions" in system
    assert not [name for name in all_names() if name in system]


@pytest.mark.parametrize("hidden", [True, False])
async def test_pseudonyms(
    server: Server, model: OpenAIModel, home: Home, hidden: bool
) -> None:
    home = replace(home, key=b"of the installation" if hidden else None)
    caller = Caller(model, Budget("2026-11"))
    told = await Writer(caller, Contexts(fetch), home, nothing_known).write(
        subjects(), "en"
    )
    assert told.problems == {}
    whole = json.dumps(server.requests, ensure_ascii=False).casefold()
    leaked = {name for name in all_names() if name.casefold() in whole}
    # Without pseudonyms the same searches find most of them: they can fail.
    assert leaked == set() if hidden else len(leaked) > 25
    said = " ".join(name.partition(".")[2] or name for name in all_names())
    parts = set(re.findall(r"[^\W_]{5,}", said))
    found = {p for p in parts if re.search(rf"\b{p}\b", whole, re.IGNORECASE)}
    assert (found == set()) is hidden
    # What comes back has its names again.
    words = [f"{w.title} {w.description}" for w in told.texts.values()]
    assert not re.search(r"_\d{6}", " ".join(words))
    assert "Rumpelfunzel" in " ".join(words)
    assert "Onda Brausewind" in " ".join(words)


async def test_preview_is_what_is_sent(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    home = replace(home, key=b"k")
    contexts = Contexts(fetch)
    # A place that is called as others do is a name to its own rule alone.
    at_opens = with_rule("routine", trigger=StateTrigger("person.onda", "opens"))
    asked = [*subjects(), subject_of(at_opens, "s1-2000")]
    every = [await preview(subject, "en", contexts, home) for subject in asked]
    assert server.requests == []
    caller = Caller(model, Budget("2026-11"))
    await Writer(caller, contexts, home, nothing_known).write(asked, "en")
    sent = [[m["content"] for m in body["messages"]] for body in server.requests]
    told = [[one.question.system, one.question.facts] for one in every]
    assert sorted(told) == sorted(sent)
    says = ["opens" in one.text.title for one in asked]
    assert ["opens" in facts for _, facts in told] == [*says[:-1], False]
    assert says.count(True) > 1
    shown = every[0]
    for body in server.requests:
        schema = body["response_format"]["json_schema"]["schema"]
        assert schema == shown.question.schema
    assert set(shown.pseudonyms.values()) == {
        "Rumpelfunzel",
        "Zwiebelkammer",
        "Funzelgerät Gruft",
    }
    assert all(token in shown.question.facts for token in shown.pseudonyms)


async def test_preview_of_what_has_a_hole(home: Home) -> None:
    async def nothing(_: str) -> None:
        return None

    with pytest.raises(ValueError, match=r"context of light\.rumpel"):
        await preview(subjects(1)[0], "en", Contexts(nothing), home)


def test_words_of_the_home_that_are_no_names() -> None:
    """Where somebody is, and what somebody chose: hidden in both of their spellings."""
    rule = replace(
        RULES["routine"],
        trigger=StateTrigger("input_select.mode", "annas_party"),
        conditions=(StateCondition("person.onda", "home"),),
    )
    found = [(name.kind, name.text) for name in free_words(rule)]
    assert found == [
        ("Value", "annas_party"),
        ("Value", "annas party"),
        ("Value", "Ondas Piratensender"),
    ]


async def contexts_of(subject: Subject) -> dict[str, DeviceContext]:
    return await Contexts(fetch).all(subject.entities)


def with_rule(name: str, **changes: Any) -> Proven:
    proven = proven_of(name)
    return replace(proven, rule=replace(proven.rule, **changes))


@pytest.mark.parametrize(
    ("proven", "missing"),
    [
        (with_rule("state", trigger=StateTrigger("binary_sensor.pforte", "")), "state"),
        (with_rule("time", action=Action("light.rumpel", "")), "state of light.rumpel"),
        (with_rule("time", action=Action("light.nowhere", "on")), "light.nowhere"),
        (with_rule("adjust", replaces=""), "automation that it is about"),
        (with_rule("time", values=(("source", ""),)), "source of light.rumpel"),
        (
            replace(proven_of("time"), covered_by=("automation.gone",)),
            "automation.gone",
        ),
        (
            replace(
                proven_of("time"),
                evidence=replace(proven_of("time").evidence, days_observed=0),
            ),
            "days observed",
        ),
    ],
)
async def test_no_question_with_a_hole(proven: Proven, missing: str) -> None:
    subject = replace(subject_of(proven_of("time")), proven=proven)
    with pytest.raises(ValueError, match=re.escape(missing)):
        Prompt(subject, "en", await contexts_of(subject))


@pytest.mark.parametrize("field", ["title", "description", "rationale"])
async def test_no_question_without_the_plain_text(field: str) -> None:
    subject = subject_of(proven_of("time"))
    known = await contexts_of(subject)
    subject = replace(subject, text=replace(subject.text, **{field: "  "}))
    with pytest.raises(ValueError, match=field):
        Prompt(subject, "en", known)
    with pytest.raises(ValueError, match="language"):
        Prompt(subject, "", known)
    with pytest.raises(ValueError, match="priority"):
        Prompt(replace(subject, priority=""), "en", known)


async def question_of(subject: Subject, language: str = "en") -> Question:
    return Prompt(subject, language, await contexts_of(subject)).question()


async def test_the_key_is_of_what_the_text_hangs_on() -> None:
    subject = subject_of(proven_of("state"))
    known = await contexts_of(subject)
    key = Prompt(subject, "en", known).key("m")
    assert key == Prompt(subject, "en", dict(known)).key("m")
    evidence = replace(subject.proven.evidence, hits=1, wrong=2, days_observed=3)
    later = replace(subject, proven=replace(subject.proven, evidence=evidence))
    later = replace(later, priority="low")
    assert Prompt(later, "en", known).key("m") == key
    renamed = {
        k: replace(c, name="Anders") if k == "light.rumpel" else c
        for k, c in known.items()
    }
    others = {
        Prompt(subject, "en", known).key("other model"),
        Prompt(subject, "de", known).key("m"),
        Prompt(subject, "en", renamed).key("m"),
        Prompt(replace(subject, proven=with_rule("state", values=())), "en", known).key(
            "m"
        ),
    }
    assert len(others | {key}) == 5


async def test_what_was_changed_keeps_its_words_at_home_too(home: Home) -> None:
    """The rule as it was found is told beside the one that a person made of it."""
    found = proven_of("adjust")
    assert found.instead is not None
    trigger = StateTrigger("person.onda", "Omas Haus")
    before = replace(found.instead, rule=replace(found.instead.rule, trigger=trigger))
    subject = subject_of(replace(found, instead=before), language="en")
    contexts = Contexts(fetch)
    open_ = await preview(subject, "en", contexts, replace(home, key=None))
    assert "Omas Haus" in open_.question.facts
    told = await preview(subject, "en", contexts, replace(home, key=b"k"))
    assert "Omas Haus" not in told.question.facts
