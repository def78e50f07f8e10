"""No part of a name leaves the home with pseudonyms, however long the name is."""

from dataclasses import replace
import json
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest

from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateCondition,
    StateTrigger,
    Step,
)
from tests.llm.server import Body, Server, facts_of, reply_of
from tests.scripted import FACTS, Script, proven, result

from .conftest import SetUp

SPACED: Final = "Qwzx Vjkq"
"""What all names are made of; no word of any language has three of its letters."""
UNSPACED: Final = "龘靐齉爩"
ENTITIES: Final = (
    *("binary_sensor.s", "light.a", "light.b", "light.c"),
    *("cover.d", "media_player.e", "person.f"),
)


def called(stem: str) -> tuple[EntityFacts, ...]:
    """Return entities with names of sixty characters and more."""
    names = (f"{(stem + ' ') * 6}{stem} {n}" for n in range(len(ENTITIES)))
    if stem == UNSPACED:
        names = (stem * 15 + stem[n % 4] for n in range(len(ENTITIES)))
    pairs = zip(ENTITIES, names, strict=True)
    return tuple(EntityFacts(id_, name, "study") for id_, name in pairs)


def crowded(minutes: int) -> Proven:
    """Return a rule whose title is longer than a title may be."""
    rule = Rule(
        StateTrigger("binary_sensor.s", "on", for_s=60 * minutes),
        Action("light.a", "off"),
        900,
        (StateCondition("person.f", "home"), StateCondition("light.b", "off")),
        more=(
            Step(Action("light.c", "on")),
            Step(Action("cover.d", "open")),
            Step(Action("media_player.e", "on"), (("source", f"{SPACED} FM"),)),
        ),
    )
    return replace(proven(rule.trigger), rule=rule)


def brief(body: Body) -> object:
    """Answer with what stands before the second name, which is short enough."""
    facts = facts_of(body)
    if "proposals" in facts:
        return {"groups": []}
    reply = reply_of(body)
    title, description = (
        " ".join(re.split(r"(\w+_\d{6})", facts[f"plain_{key}"])[:2])
        for key in ("title", "description")
    )
    return {**reply, "title": title, "description": description, "rationale": ""}


@pytest.mark.parametrize("language", ["de", "en", "tr", "uk", "zh-Hans"])
@pytest.mark.parametrize("stem", [SPACED, UNSPACED])
async def test_no_stump_of_a_name_leaves(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
    language: str,
    stem: str,
) -> None:
    hass.config.language = language
    known = {item.entity_id: item for item in called(stem)}
    script.facts = replace(FACTS, entities=known, areas={"study": stem * 20})
    script.result = result(*map(crowded, (5, 6, 7)))
    server.answer = brief
    scout = await set_up(**{**openai_options, "pseudonyms": True, "headlines": True})
    await scout.async_analyze()
    tasks = [body["response_format"]["json_schema"]["name"] for body in server.requests]
    assert sorted(tasks) == ["group", "text", "text", "text"]
    sent = json.dumps(server.requests, ensure_ascii=False)
    for part in ("wzx", "jkq", *UNSPACED):
        assert part not in sent.casefold()
