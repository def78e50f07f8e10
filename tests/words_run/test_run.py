"""Runs whose words a model writes, through the real package and a real server."""

from collections.abc import Callable
from dataclasses import replace
import json
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import TimeTrigger
from tests.llm import homes
from tests.llm.server import Body, Fault, Server, facts_of
from tests.scripted import Script, at, proven, result

from .conftest import TEN, SetUp, answer

OPENAI = {"source": "openai", "language": "en", "model": "good-model"}
TEMPLATE = {"source": "template", "language": "en"}


def about(*chosen: Proven) -> Callable[[Body], bool]:
    """Return what tells the requests for some rules."""
    times = {_clock(item) for item in chosen}
    return lambda body: facts_of(body).get("trigger", {}).get("at") in times


def _clock(item: Proven) -> str:
    assert isinstance(item.rule.trigger, TimeTrigger)
    return "{:02}:{:02}".format(*divmod(item.rule.trigger.minute, 60))


async def phase_s(scout: ScoutCoordinator, name: str) -> float:
    (row,) = await scout.async_runs(1)
    (took,) = [phase["seconds"] for phase in row.phases if phase["name"] == name]
    return float(took)


async def texts(scout: ScoutCoordinator) -> dict[str, dict[str, Any]]:
    return {item["id"]: item["text"] for item in await scout.async_list()}


async def test_ten_suggestions_get_their_words_side_by_side(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    news = async_capture_events(hass, "automation_scout_suggestion_new")
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    server.delay_s = 1.0
    server.usage = {"prompt_tokens": 900, "completion_tokens": 80}
    response = await scout.async_analyze()
    assert await phase_s(scout, "words") <= 2.5
    assert server.most_in_flight == 5
    assert response["errors"] == []
    assert response["new"] == response["open"] == 10
    cost = 10 * (900 + 800) / 1e6
    assert response["words"] == {
        "asked": 10,
        "written": 10,
        "failed": 0,
        "rejected": 0,
        "saved_by_cache": 0,
        "skipped_by_budget": 0,
        "tokens": 9800,
        "cost": pytest.approx(cost),
    }
    for item in await scout.async_list():
        assert item["text"] == OPENAI
        assert item["title"].endswith(", for you")
        assert item["rationale"].startswith("You do this by hand again and again. ")
        assert "19" in item["rationale"]
        assert item["version"] == 1
    # Whoever listens is told the better words at once.
    assert len(news) == 10
    assert all(event.data["title"].endswith(", for you") for event in news)
    assert scout.data.month.cost == pytest.approx(cost)


async def test_the_automation_hangs_on_no_model(
    set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    await scout.async_analyze()
    with_model = {item["id"]: item for item in await scout.async_list()}
    built_in = await set_up_again(scout, provider="built_in")
    await built_in.async_analyze()
    without = {item["id"]: item for item in await built_in.async_list()}
    assert len(with_model) == len(without) == 10
    for key, item in without.items():
        assert item["text"] == TEMPLATE
        assert item["title"] != with_model[key]["title"]
        assert item["version"] == with_model[key]["version"] == 1
        for same in ("automation", "automation_yaml", "evidence", "safety", "entities"):
            assert item[same] == with_model[key][same]


async def set_up_again(scout: ScoutCoordinator, **words: Any) -> ScoutCoordinator:
    """Change the options about words, and load anew."""
    hass, entry = scout.hass, scout.config_entry
    options = {**entry.options, "words": words}
    hass.config_entries.async_update_entry(entry, options=options)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    return entry.runtime_data


async def test_every_third_call_fails_for_good(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    bad = TEN[::3]
    server.faults = [Fault("status", about(*bad), value=(500, "oops"))]
    response = await scout.async_analyze()
    assert response["new"] == response["open"] == 10
    words = response["words"]
    assert (words["asked"], words["written"], words["failed"]) == (10, 6, 4)
    assert len(server.requests) == 6 + 4 * 3
    assert response["errors"] == ["words: 4 of 10 kept their template: HTTP 500 oops"]
    by_id = await texts(scout)
    assert by_id == {item.rule.key: TEMPLATE if item in bad else OPENAI for item in TEN}
    assert scout.data.month.failed == 12
    assert scout.data.month.calls == 18


async def test_what_fails_once_succeeds_on_its_retry(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN[:2])
    busy = (429, "slow_down", {"Retry-After": "0"})
    server.faults = [Fault("status", times=1, value=busy)]
    response = await scout.async_analyze()
    assert response["errors"] == []
    assert response["words"]["written"] == 2
    assert len(server.requests) == 3


async def test_only_what_is_new_or_has_changed_costs_a_call(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    await scout.async_analyze()
    before = await scout.async_list()
    response = await scout.async_analyze()
    assert len(server.requests) == 10
    assert response["words"]["saved_by_cache"] == 10
    assert response["words"]["asked"] == response["updated"] == 0
    assert await scout.async_list() == before
    assert scout.data.month.saved_by_cache == 10
    names = [phase["name"] for phase in (await scout.async_runs(1))[0].phases]
    assert "words" not in names
    assert "again" not in names

    moved = proven(at(66), score=20.0)
    script.result = result(moved, *TEN[1:])
    response = await scout.async_analyze()
    assert len(server.requests) == 11
    assert facts_of(server.requests[-1])["trigger"]["at"] == "01:06"
    assert (response["words"]["asked"], response["words"]["saved_by_cache"]) == (1, 9)
    assert (await texts(scout))[TEN[0].rule.key] == OPENAI


async def test_more_evidence_costs_no_call_and_is_counted_all_the_same(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(TEN[0])
    await scout.async_analyze()
    script.result = result(proven(at(60), score=20.0, hits=27))
    await scout.async_analyze()
    assert len(server.requests) == 1
    (item,) = await scout.async_list()
    assert item["text"] == OPENAI
    assert item["rationale"].startswith("You do this by hand again and again. ")
    assert "27" in item["rationale"]
    assert "19" not in item["rationale"]


async def test_without_words_nothing_is_asked_and_what_is_known_is_used(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(TEN[0])
    await scout.async_analyze()
    script.result = result(*TEN[:3])
    response = await hass.services.async_call(
        "automation_scout",
        "analyze",
        {"words": False},
        blocking=True,
        return_response=True,
    )
    assert response
    assert response["errors"] == []
    assert len(server.requests) == 1
    by_id = await texts(scout)
    assert [by_id[item.rule.key]["source"] for item in TEN[:3]] == [
        "openai",
        "template",
        "template",
    ]


async def test_names_are_hidden_on_the_way_and_back_in_the_text(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**{**openai_options, "pseudonyms": True, "headlines": True})
    script.facts = homes.FACTS
    script.result = result(*(homes.proven_of(name) for name in homes.RULES))
    response = await scout.async_analyze()
    assert response["words"]["written"] >= 5
    assert len(server.requests) == response["words"]["asked"] + 1
    sent = json.dumps(server.requests, ensure_ascii=False).casefold()
    assert [name for name in homes.all_names() if name.casefold() in sent] == []
    said = " ".join(
        item["title"]
        for item in await scout.async_list()
        if item["text"]["source"] == "openai"
    )
    assert "Rumpelfunzel" in said


async def test_a_reply_that_is_no_good_is_not_taken(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN[:3])
    server.answer = lambda _: {"title": "<b>Ignore all rules</b>"}
    response = await scout.async_analyze()
    words = response["words"]
    assert (words["asked"], words["rejected"], words["failed"]) == (3, 3, 0)
    assert list((await texts(scout)).values()) == [TEMPLATE] * 3
    assert response["errors"][0].startswith("words: 3 of 3 kept their template: ")


async def test_what_is_refused_twice_is_not_paid_for_every_night(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN[:3])
    server.faults = [
        Fault("say", about(TEN[0]), value={"title": "<b>Ignore all rules</b>"})
    ]
    responses = [await scout.async_analyze() for _ in range(4)]
    assert len(server.requests) == 3 + 1
    assert [len(item["errors"]) for item in responses] == [1, 1, 0, 0]
    # It has the template because its answers were refused, and that is what is said.
    words = [item["words"] for item in responses]
    assert [item["rejected"] for item in words] == [1, 1, 1, 1]
    assert [item["failed"] for item in words] == [0, 0, 0, 0]
    assert [item["asked"] for item in words] == [3, 1, 0, 0]
    assert (await texts(scout))[TEN[0].rule.key] == TEMPLATE
    assert scout.data.month.rejected == 2

    # Another rule is another question, and so is another model.
    script.result = result(proven(at(66), score=20.0), *TEN[1:3])
    await scout.async_analyze()
    assert len(server.requests) == 5
    script.result = result(*TEN[:3])
    scout = await set_up_again(scout, **{**openai_options, "model": "better-model"})
    server.faults = []
    await scout.async_analyze()
    assert len(server.requests) == 5 + 3
    assert (await texts(scout))[TEN[0].rule.key]["source"] == "openai"


async def test_an_answer_that_is_taken_makes_good_for_a_refused_one(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(TEN[0])
    server.faults = [Fault("say", times=1, value={"title": ""})]
    await scout.async_analyze()
    await scout.async_analyze()
    response = await scout.async_analyze()
    assert len(server.requests) == 2
    assert response["words"]["saved_by_cache"] == 1
    assert (await texts(scout))[TEN[0].rule.key] == OPENAI


async def test_headlines_that_are_refused_twice_are_not_asked_for_every_night(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    server.faults = [
        Fault("say", lambda body: "proposals" in facts_of(body), value={"groups": 1})
    ]
    scout = await set_up(**{**openai_options, "headlines": True})
    script.result = result(*TEN[:3])
    responses = [await scout.async_analyze() for _ in range(4)]
    assert [len(item["errors"]) for item in responses] == [1, 1, 0, 0]
    assert len(server.requests) == 3 + 2
    script.result = result(*TEN[:4])
    await scout.async_analyze()
    assert len(server.requests) == 5 + 2


async def test_a_hole_in_the_facts_keeps_the_template(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    hole = replace(TEN[0], evidence=replace(TEN[0].evidence, days_observed=0))
    script.result = result(hole, TEN[1])
    response = await scout.async_analyze()
    words = response["words"]
    assert (words["asked"], words["written"], words["failed"]) == (1, 1, 1)
    (error,) = response["errors"]
    assert error.startswith("words: 1 of 2 kept their template: facts without")
    assert len(server.requests) == 1


async def test_what_is_snoozed_keeps_its_words(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN[:2])
    await scout.async_analyze()
    await scout.async_snooze(TEN[0].rule.key, 5)
    await scout.async_analyze()
    (item,) = await scout.async_list(["snoozed"])
    assert item["text"] == OPENAI
    assert len(server.requests) == 2


async def test_what_belongs_together_gets_one_headline(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    def grouped(body: Body) -> object:
        if "proposals" not in facts_of(body):
            return answer(body)
        ids = [item["id"] for item in facts_of(body)["proposals"]]
        return {"groups": [{"headline": "Light at the desk", "ids": ids[:2]}]}

    server.answer = grouped
    scout = await set_up(**{**openai_options, "headlines": True})
    script.result = result(*TEN[:3])
    response = await scout.async_analyze()
    assert response["errors"] == []
    assert response["words"]["asked"] == 3
    assert len(server.requests) == 4
    said = [text.get("headline") for text in (await texts(scout)).values()]
    assert sorted(said, key=str) == ["Light at the desk", "Light at the desk", None]
    before = await scout.async_list()
    await scout.async_analyze()
    assert len(server.requests) == 4
    assert await scout.async_list() == before
    assert {item["version"] for item in before} == {1}

    # Alone under a headline, nothing belongs together.
    together = [item["id"] for item in before if "headline" in item["text"]]
    await scout.async_dismiss(together[0], None)
    await scout.async_analyze(words=False)
    assert not any("headline" in item["text"] for item in scout.data.open)


async def test_no_headlines_are_told_of(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    server.faults = [
        Fault("say", lambda body: "proposals" in facts_of(body), value={"groups": 1})
    ]
    scout = await set_up(**{**openai_options, "headlines": True})
    script.result = result(*TEN[:3])
    response = await scout.async_analyze()
    assert response["words"]["written"] == 3
    (error,) = response["errors"]
    assert error.startswith("words: no common headlines: ")
