"""One headline for what belongs together, through a real server."""

from collections.abc import Callable
from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.automation_scout.llm.calling import Caller
from custom_components.automation_scout.llm.contexts import Contexts
from custom_components.automation_scout.llm.grouping import MAX_HEADLINE, Grouper
from custom_components.automation_scout.llm.writer import Home
from custom_components.automation_scout.llm.written import Group, Known

from .conftest import nothing_known
from .homes import all_names, fetch, subjects
from .server import Body, Fault, Server, facts_of

type Answers = Callable[[Body], object]


def by_title(*titles: str, headline: str = "When you come home") -> Answers:
    """Return what groups the proposals whose titles hold these words."""

    def answer(body: Body) -> object:
        ids = [
            item["id"]
            for item in facts_of(body)["proposals"]
            if any(title in item["title"] for title in titles)
        ]
        return {"groups": [{"headline": headline, "ids": ids}]}

    return answer


def grouper(caller: Caller, home: Home, known: Known = nothing_known) -> Grouper:
    return Grouper(caller, Contexts(fetch), home, known)


async def test_what_belongs_together(
    server: Server, caller: Caller, home: Home
) -> None:
    server.answer = by_title("Klapperpforte", "Huschmelder")
    grouped = await grouper(caller, home).group(subjects(), "en")
    (group,) = grouped.groups
    assert group.headline == "When you come home"
    wanted = [
        subject.id
        for subject in subjects()
        if "Klapper" in subject.text.title or "Huschmelder" in subject.text.title
    ]
    assert sorted(group.ids) == wanted
    assert len(server.requests) == 1
    assert [call.outcome for call in caller.calls] == ["ok"]
    (fresh,) = grouped.fresh
    assert "light.rumpel" in fresh.entities

    async def known(_: object) -> dict[str, str]:
        return {fresh.key: fresh.text}

    again = await grouper(caller, home, known=known).group(subjects()[::-1], "en")
    assert again.groups == grouped.groups
    assert len(server.requests) == 1
    assert [call.outcome for call in caller.calls] == ["ok", "cached"]
    assert again.used == (fresh.key,)
    assert again.fresh == ()
    await grouper(caller, home).group(subjects()[1:], "en")
    assert len(server.requests) == 2


async def test_two_are_not_asked_about(
    server: Server, caller: Caller, home: Home
) -> None:
    grouped = await grouper(caller, home).group(subjects()[:2], "en")
    assert grouped.groups == ()
    assert server.requests == []


async def test_what_was_kept_and_is_broken_is_asked_for_again(
    server: Server, caller: Caller, home: Home
) -> None:
    async def known(keys: Any) -> dict[str, str]:
        return dict.fromkeys(keys, '[{"headline": 1}]')

    server.answer = lambda _: {"groups": []}
    await grouper(caller, home, known=known).group(subjects(), "en")
    assert len(server.requests) == 1
    assert [call.outcome for call in caller.calls] == ["ok"]
    # Nobody has used it, so it is forgotten one day where there is no better one.
    quiet = await grouper(caller, home, known=known).group(subjects(), "en", asks=False)
    assert (quiet.used, quiet.is_settled) == ((), False)


async def test_too_few_without_holes_are_not_asked_about(
    server: Server, caller: Caller, home: Home
) -> None:
    async def nothing(_: str) -> None:
        return None

    grouped = await Grouper(caller, Contexts(nothing), home, nothing_known).group(
        subjects(), "en"
    )
    assert "light.rumpel" in grouped.problem
    assert server.requests == []


async def test_no_group_is_an_answer(
    server: Server, caller: Caller, home: Home
) -> None:
    server.answer = lambda _: {"groups": []}
    grouped = await grouper(caller, home).group(subjects(), "en")
    assert (grouped.groups, grouped.problem) == ((), "")
    assert len(grouped.fresh) == 1


def groups(*items: tuple[str, list[Any]]) -> dict[str, Any]:
    return {"groups": [{"headline": line, "ids": ids} for line, ids in items]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, "empty"),
        ({"groups": None}, "missing_field groups"),
        ({"groups": ["p1"]}, "missing_field groups"),
        (groups(("Evening", ["p1"])), "members"),
        (groups(("Evening", ["p1", "p99"])), "members"),
        (groups(("Evening", ["p1", "p1"])), "members"),
        (groups(("Evening", ["p1", 2])), "members"),
        (groups(("Evening", [f"p{n}" for n in range(1, 10)])), "members"),
        (groups(("Evening", ["p1", "p2"]), ("Night", ["p2", "p3"])), "members"),
        (groups(("", ["p1", "p2"])), "empty headline"),
        (groups(("x" * (MAX_HEADLINE + 1), ["p1", "p2"])), "too_long headline"),
        (groups(("<i>Evening</i>", ["p1", "p2"])), "markup headline"),
        (groups(("With the Ofenkind", ["p1", "p2"])), "foreign_names headline"),
        (groups(("77 things", ["p1", "p2"])), "numbers headline"),
        (groups(("Включати лампу ввечері", ["p1", "p2"])), "language"),
    ],
)
async def test_bad_groups_are_none(
    server: Server, caller: Caller, home: Home, data: object, problem: str
) -> None:
    server.faults = [Fault("say", value=data)]
    grouped = await grouper(caller, home).group(subjects(), "en")
    assert (grouped.groups, grouped.problem) == ((), problem)
    assert [call.outcome for call in caller.calls] == [
        f"rejected:{problem.split(maxsplit=1)[0]}"
    ]
    (fresh,) = grouped.fresh
    assert json.loads(fresh.text) == {"rejected": 1}
    assert not grouped.is_settled


async def test_a_server_that_fails_groups_nothing(
    server: Server, caller: Caller, home: Home
) -> None:
    server.faults = [Fault("status", value=(500, "oops"))]
    grouped = await grouper(caller, home).group(subjects(), "en")
    assert grouped.groups == ()
    assert {call.outcome for call in caller.calls} == {"failed"}
    assert grouped.problem.startswith("HTTP 500")


async def test_names_stay_at_home(server: Server, caller: Caller, home: Home) -> None:
    home = replace(home, key=b"k")

    def answer(body: Body) -> object:
        titles = {i["id"]: i["title"] for i in facts_of(body)["proposals"]}
        area = facts_of(body)["proposals"][0]["areas"][0]
        ids = list(titles)[:2]
        return {"groups": [{"headline": f"All about {area}", "ids": ids}]}

    server.answer = answer
    grouped = await grouper(caller, home).group(subjects(), "en")
    told = json.dumps(server.requests, ensure_ascii=False).casefold()
    assert not [name for name in all_names() if name.casefold() in told]
    assert grouped.groups == (Group("All about Zwiebelkammer", ("s1-0000", "s1-0001")),)
