"""`scripts/bench words`: how long the event loop waits while a model is asked."""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
import json
from time import perf_counter
from typing import Final

from custom_components.automation_scout.llm.budget import Budget
from custom_components.automation_scout.llm.calling import Caller
from custom_components.automation_scout.llm.contexts import (
    Contexts,
    DeviceContext,
    context_of,
)
from custom_components.automation_scout.llm.grouping import Grouper
from custom_components.automation_scout.llm.languages import load_all
from custom_components.automation_scout.llm.model import Answer, Question
from custom_components.automation_scout.llm.names import names_of
from custom_components.automation_scout.llm.prompt import Subject
from custom_components.automation_scout.llm.writer import Home, Writer
from custom_components.automation_scout.mining.evidence import Evidence
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.result import Proven, Safety, Tier
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateCondition,
    Step,
    TimeTrigger,
)
from custom_components.automation_scout.words.catalogue import load
from custom_components.automation_scout.words.templates import describe

from .report import Row, table

ROOMS: Final = ("Küche", "Büro", "Höhle", "Übergang", "Gästezimmer", "Flur", "Größe")
DOMAINS: Final = ("light", "switch", "binary_sensor", "sensor", "media_player")
KEY: Final = b"of the installation"


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--entities", type=int, default=3000)
    parser.add_argument("--suggestions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.05, help="of an answer")


def run(options: Namespace) -> list[Row]:
    """Ask about suggestions of a large home, with and without pseudonyms."""
    facts = _home(options.entities)
    subjects = [_subject(n, facts) for n in range(options.suggestions)]
    rows: list[Row] = []
    for key in (None, KEY):
        rows += asyncio.run(_measured(facts, subjects, options.seconds, key))
    print(table(rows))
    return rows


def _home(entities: int) -> HomeFacts:
    """Return a home with names that no ASCII holds."""
    known = {}
    for n in range(entities):
        domain = DOMAINS[n % len(DOMAINS)]
        name = f"{ROOMS[n % len(ROOMS)]} Lämpchen {n}"
        known[f"{domain}.e{n}"] = EntityFacts(f"{domain}.e{n}", name, f"a{n % 40}")
    areas = {f"a{n}": f"{ROOMS[n % len(ROOMS)]} größer {n}" for n in range(40)}
    return HomeFacts("UTC", known, areas)


def _subject(number: int, facts: HomeFacts) -> Subject:
    """Return a suggestion about five lamps."""
    lights = [key for key in facts.entities if key.startswith("light.")]
    at = 5 * number
    first, second, third, fourth, fifth = (
        lights[(at + n) % len(lights)] for n in range(5)
    )
    rule = Rule(
        TimeTrigger(300 + 10 * number),
        Action(first, "on"),
        900,
        (StateCondition(second, "off"),),
        more=tuple(Step(Action(name, "on")) for name in (third, fourth, fifth)),
    )
    evidence = Evidence(90, 80, 70, 10, 5, 75, 0, 0, ())
    proven = Proven(rule, evidence, 0.8, 1.0, Safety(Tier.OK))
    text = describe(proven, facts, load("en"))
    return Subject(f"s1-{number:04}", proven, text, "comfort", "medium")


@dataclass(frozen=True, slots=True)
class _Model:
    """A good model that takes a while."""

    seconds: float
    source: str = "bench"
    name: str = "good"

    async def ask(self, question: Question, timeout_s: float) -> Answer:
        """Return the plain text, in other words."""
        await asyncio.sleep(self.seconds)
        facts = json.loads(question.facts)
        if "proposals" in facts:
            return Answer({"groups": []}, self.name)
        return Answer(
            {
                "title": "Turn the lamps on for you",
                "description": facts["plain_description"],
                "rationale": "You do this by hand.",
            },
            self.name,
        )


@dataclass(slots=True)
class _Heart:
    """Beats every millisecond, as far as it is let."""

    gaps: list[float] = field(default_factory=list)

    async def beat(self) -> None:
        """Note how long each pause was. Ends when it is cancelled."""
        last = perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = perf_counter()
            self.gaps.append(now - last)
            last = now


async def _measured(
    facts: HomeFacts, subjects: Sequence[Subject], seconds: float, key: bytes | None
) -> list[Row]:
    async def fetch(entity_id: str) -> DeviceContext | None:
        known = context_of(entity_id, facts)
        return known and replace(known, device=f"Gerät {entity_id}")

    async def nothing(_keys: Sequence[str]) -> Mapping[str, str]:
        return {}

    home = Home(tuple(names_of(facts)), load_all(), key)
    caller = Caller(_Model(seconds), Budget("2026-11"))
    writer = Writer(caller, Contexts(fetch), home, nothing)
    grouper = Grouper(caller, Contexts(fetch), home, nothing)
    jobs: dict[str, Awaitable[object]] = {
        "texts": writer.write(subjects, "en"),
        "headlines": grouper.group(subjects, "en"),
    }
    rows: list[Row] = []
    heart = _Heart()
    beating = asyncio.create_task(heart.beat())
    for name, job in jobs.items():
        await asyncio.sleep(0.05)
        heart.gaps.clear()
        begun = perf_counter()
        await job
        took = perf_counter() - begun
        await asyncio.sleep(0.01)
        rows.append(
            {
                "asked for": name,
                "pseudonyms": "yes" if key else "no",
                "s": round(took, 2),
                "longest wait of the loop, ms": round(1000 * max(heart.gaps)),
                "answers taken": sum(call.outcome == "ok" for call in caller.calls),
            }
        )
        caller.calls.clear()
    beating.cancel()
    return rows
