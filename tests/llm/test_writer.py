"""The texts of a run, through the real package and a real server that misbehaves."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import openai
import pytest

from custom_components.automation_scout.llm.budget import Budget, Prices
from custom_components.automation_scout.llm.calling import CANCELLED, Caller
from custom_components.automation_scout.llm.contexts import Contexts
from custom_components.automation_scout.llm.limits import Limits
from custom_components.automation_scout.llm.model import ModelRefused, ModelUnpaid
from custom_components.automation_scout.llm.openai import OpenAIModel
from custom_components.automation_scout.llm.prompt import Subject
from custom_components.automation_scout.llm.reply import Words
from custom_components.automation_scout.llm.writer import Home, Writer
from custom_components.automation_scout.llm.written import Known
from custom_components.automation_scout.mining.rules import TimeTrigger

from .conftest import Pauses, nothing_known
from .homes import RULES, fetch, proven_of, subject_of, subjects
from .server import Body, Fault, Server, facts_of

GERMAN = "Das Licht würde von selbst angehen, sobald abends die Haustür geöffnet wird."


def ten() -> list[Subject]:
    """Return ten suggestions of all kinds."""
    assert len(RULES) == 10
    return subjects()


def about(*chosen: Subject) -> Callable[[Body], bool]:
    """Return what tells the requests for some suggestions."""
    titles = {subject.text.title for subject in chosen}
    return lambda body: facts_of(body)["plain_title"] in titles


def writer_of(caller: Caller, home: Home, known: Known = nothing_known) -> Writer:
    return Writer(caller, Contexts(fetch), home, known)


async def test_ten_texts_side_by_side(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    server.delay_s = 1.0
    server.usage = {"prompt_tokens": 900, "completion_tokens": 80}
    caller = Caller(model, Budget("2026-11", Prices(1.0, 10.0)), Limits(concurrency=5))
    begun = monotonic()
    written = await writer_of(caller, home).write(ten(), "en")
    took = monotonic() - begun
    assert written.problems == {}
    assert set(written.texts) == {subject.id for subject in ten()}
    assert server.most_in_flight == 5
    assert took <= 2.5
    counters = written.counters
    assert (counters.asked, counters.written, counters.failed) == (10, 10, 0)
    calls = caller.calls
    assert sum(call.usage.tokens_in for call in calls) == 9000
    assert sum(call.usage.tokens_out for call in calls) == 800
    assert caller.budget.spent == pytest.approx((9000 * 1 + 800 * 10) / 1e6)
    assert all(1000 <= call.ms <= 1000 * took for call in calls)


async def test_every_third_fails_for_good(
    server: Server, caller: Caller, home: Home, pauses: Pauses
) -> None:
    bad = ten()[::3]
    server.faults = [Fault("status", about(*bad), value=(500, "oops"))]
    written = await writer_of(caller, home).write(ten(), "en")
    assert set(written.problems) == {subject.id for subject in bad}
    assert len(written.texts) == 6
    counters = written.counters
    assert (counters.asked, counters.written, counters.failed) == (10, 6, 4)
    assert len(pauses) == 8
    assert len(server.requests) == 6 + 4 * 3 == len(caller.calls)
    outcomes = [call.outcome for call in caller.calls]
    assert (outcomes.count("ok"), outcomes.count("failed")) == (6, 12)
    assert {len(f.entities) > 0 for f in written.fresh} == {True}
    assert len(written.fresh) == 6


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", times=1, value=(500, "oops")),
        Fault("status", times=1, value=(429, "slow_down", {"Retry-After": "2"})),
        Fault("status", times=1, value=(503, "busy", {"retry-after-ms": "2000"})),
        Fault("cut", times=1),
        Fault("body", times=1, value=("application/json", '{"choices": [{"mess')),
        Fault("body", times=1, value=("text/html", "<html>busy</html>")),
        Fault("body", times=1, value=("application/json", "[]")),
        Fault("body", times=1, value=("application/json", '{"choices": []}')),
        Fault("body", times=1, value=("application/json", "null")),
    ],
    ids=lambda fault: f"{fault.does} {fault.value}"[:40],
)
async def test_what_fails_once_is_tried_again(
    server: Server, caller: Caller, home: Home, pauses: Pauses, fault: Fault
) -> None:
    fault.met = 0
    server.faults = [fault]
    written = await writer_of(caller, home).write(ten()[:1], "en")
    assert written.problems == {}
    assert [call.outcome for call in caller.calls] == ["failed", "ok"]
    assert [call.tries for call in caller.calls] == [1, 2]
    assert written.counters.failed == 0
    (pause,) = pauses
    told = 2.0 if fault.value and "2" in str(fault.value[2:]) else 0.0
    assert told <= pause <= told + 1.0


async def test_what_hangs_is_given_up_and_tried_again(
    server: Server, model: OpenAIModel, home: Home, pauses: Pauses
) -> None:
    server.faults = [Fault("hang", times=1)]
    limits = Limits(call_s=0.3)
    budget = Budget("2026-11", Prices(1.0, 1.0))
    caller = Caller(model, budget, limits, sleep=pauses.sleep)
    await writer_of(caller, home).write(ten()[:1], "en")
    assert [call.outcome for call in caller.calls] == ["timeout", "ok"]
    assert 300 <= caller.calls[0].ms < 3000
    assert caller.calls[0].usage.is_estimated
    assert caller.calls[0].usage.tokens_out == 2000
    await server.until(0)


async def test_the_run_ends_in_time(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    bad = ten()[1:3]
    server.faults = [Fault("hang", about(*bad))]
    caller = Caller(model, Budget("2026-11"), Limits(call_s=60, run_s=1.0))
    begun = monotonic()
    written = await writer_of(caller, home).write(ten(), "en")
    assert monotonic() - begun < 3
    assert caller.is_late
    assert set(written.problems) == {subject.id for subject in bad}
    assert written.counters.failed == 2
    assert len(written.texts) == 8
    await server.until(0)


async def test_a_wait_beyond_the_run_is_none(
    server: Server, caller: Caller, home: Home, pauses: Pauses
) -> None:
    server.faults = [Fault("status", value=(429, "x", {"Retry-After": "3600"}))]
    written = await writer_of(caller, home).write(ten()[:2], "en")
    assert pauses == []
    assert len(server.requests) == 2
    assert written.counters.failed == 2
    assert not caller.is_late


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ((401, "invalid_api_key"), ModelRefused),
        ((403, "account_deactivated"), ModelRefused),
        ((402, "payment_required"), ModelUnpaid),
        ((429, "insufficient_quota"), ModelUnpaid),
    ],
)
async def test_a_refused_key_ends_everything_at_once(
    server: Server,
    model: OpenAIModel,
    home: Home,
    fault: tuple[int, str],
    kind: type[ModelRefused],
) -> None:
    first = ten()[0]
    server.faults = [Fault("status", about(first), value=fault), Fault("hang")]
    limits = Limits(concurrency=3, call_s=60)
    caller = Caller(model, Budget("2026-11", Prices(1.0, 10.0)), limits)
    begun = monotonic()
    written = await writer_of(caller, home).write(ten(), "en")
    assert monotonic() - begun < 3
    assert len(server.requests) <= 4
    assert type(caller.refused) is kind
    # What was cut off for it was refused as well, and says so.
    assert set(written.problems.values()) == {str(caller.refused)}
    cut_off = [call for call in caller.calls if call.outcome == CANCELLED]
    assert len(cut_off) == 2
    is_paid = [bool(call.usage.tokens_out) for call in cut_off]
    assert is_paid == [kind is ModelUnpaid] * 2
    assert bool(caller.budget.spent) is (kind is ModelUnpaid)
    assert not caller.is_late
    assert written.texts == {}
    assert written.counters.failed == 10
    told = f"{caller.refused} {written.problems}"
    assert "sk-secret" not in told
    assert "Anna" not in told
    # Nor does the next question of the same run reach the server.
    refused = caller.refused
    await writer_of(caller, home).write(ten()[5:6], "en")
    assert len(server.requests) <= 4
    assert caller.refused is refused


async def test_the_budget_is_a_hard_stop(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    server.delay_s = 0.05
    server.usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    # What is set aside for a call is a bit more than 0.02; what it costs is 0.001.
    budget = Budget("2026-11", Prices(0.0, 10.0), limit=0.0475, spent=0.0)
    caller = Caller(model, budget, Limits(concurrency=5))
    written = await writer_of(caller, home).write(ten(), "en")
    assert server.most_in_flight == 2
    assert budget.spent <= 0.0475
    assert written.counters.skipped_by_budget >= 1
    assert written.counters.written + written.counters.skipped_by_budget == 10
    skipped = [call for call in caller.calls if call.outcome == "budget"]
    assert {call.tries for call in skipped} == {0}
    assert len(server.requests) == written.counters.written


async def test_a_spent_budget_asks_nothing(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    caller = Caller(model, Budget("2026-11", Prices(1, 1), limit=5.0, spent=5.0))
    written = await writer_of(caller, home).write(ten(), "en")
    assert server.requests == []
    assert written.counters.skipped_by_budget == 10
    assert written.counters.failed == 0
    assert set(written.problems.values()) == {"the budget of 2026-11 is spent"}


async def test_cancelling_leaves_nothing_behind(
    server: Server, model: OpenAIModel, home: Home
) -> None:
    server.faults = [Fault("hang")]
    caller = Caller(model, Budget("2026-11"), Limits(concurrency=3))
    before = asyncio.all_tasks()
    task = asyncio.create_task(writer_of(caller, home).write(ten(), "en"))
    await server.until(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(0)
    assert (server.in_flight, len(server.requests)) == (0, 3)
    assert [call.outcome for call in caller.calls] == ["cancelled"] * 3
    mine = {t for t in asyncio.all_tasks() - before if "aiohttp" not in repr(t)}
    assert mine == set()


async def test_only_what_is_new_costs_a_call(
    server: Server, caller: Caller, home: Home
) -> None:
    first = await writer_of(caller, home).write(ten(), "en")
    kept = {fresh.key: fresh.text for fresh in first.fresh}
    assert len(kept) == 10

    async def known(keys: Any) -> dict[str, str]:
        return {key: kept[key] for key in keys if key in kept}

    moved = [night_later(subject) for subject in ten()]
    changed = subject_of(
        replace(
            proven_of("time"),
            rule=replace(RULES["time"], trigger=TimeTrigger(415)),
        ),
        ten()[0].id,
    )
    again = writer_of(caller, home, known=known)
    written = await again.write([changed, *moved[1:]], "en")
    assert len(server.requests) == 11
    assert (written.counters.asked, written.counters.saved_by_cache) == (1, 9)
    assert len(written.used) == 9
    for subject in moved[1:]:
        assert written.texts[subject.id] == first.texts[subject.id]
    assert [fresh.key in kept for fresh in written.fresh] == [False]
    # Another language, and another model, are other texts.
    await again.write(ten()[:1], "de")
    assert len(server.requests) == 12


def night_later(subject: Subject) -> Subject:
    """Return the suggestion with the counts of one more night."""
    evidence = subject.proven.evidence
    evidence = replace(evidence, days_observed=evidence.days_observed + 1, hits=999)
    return subject_of(replace(subject.proven, evidence=evidence), subject.id)


async def test_a_priority_that_the_evidence_changed_is_the_evidences(
    caller: Caller, home: Home
) -> None:
    written = await writer_of(caller, home).write(ten()[:1], "en")
    (words,) = written.texts.values()
    assert words.priority_over("medium") == "high"
    assert words.priority_over("low") == "low"
    text = words.over(ten()[0].text)
    assert text.rationale.endswith(ten()[0].text.rationale)
    assert text.rationale.startswith(words.rationale)
    assert Words.from_json(words.to_json()) == words


async def test_a_bad_answer_leaves_the_template(
    server: Server, caller: Caller, home: Home
) -> None:
    subject = ten()[0]
    server.faults = [
        Fault("say", times=1, value="<b>no</b>"),
        Fault("say", times=1, value=None),
        Fault("say", times=1, value={"title": "x" * 101, "description": "y"}),
        Fault("say", times=1, value={"title": "<b>Light</b>", "description": "y"}),
        Fault("say", times=1, value={"title": "Licht", "description": GERMAN}),
    ]
    seen = [await writer_of(caller, home).write([subject], "en") for _ in range(5)]
    assert [dict(written.texts) for written in seen] == [{}] * 5
    assert [call.outcome for call in caller.calls] == [
        "rejected:no_json",
        "rejected:empty",
        "rejected:too_long",
        "rejected:markup",
        "rejected:language",
    ]
    assert all(written.counters.rejected == 1 for written in seen)
    assert len(server.requests) == 5


async def test_contexts_are_fetched_once_and_side_by_side(
    server: Server, caller: Caller, home: Home
) -> None:
    asked: list[str] = []

    async def slow(entity_id: str) -> Any:
        asked.append(entity_id)
        await asyncio.sleep(0.2)
        return await fetch(entity_id)

    begun = monotonic()
    contexts = Contexts(slow)
    await Writer(caller, contexts, home, nothing_known).write(ten(), "en")
    await Writer(caller, contexts, home, nothing_known).write(ten(), "en")
    assert monotonic() - begun < 2
    assert sorted(asked) == sorted(set(asked))
    assert len(asked) >= 10


async def test_a_hole_is_not_asked_about(
    server: Server, caller: Caller, home: Home
) -> None:
    async def forgetful(entity_id: str) -> Any:
        if entity_id == "light.rumpel":
            raise LookupError(entity_id)
        return await fetch(entity_id)

    written = await Writer(caller, Contexts(forgetful), home, nothing_known).write(
        ten(), "en"
    )
    assert written.problems
    assert all("light.rumpel" in line for line in written.problems.values())
    assert len(server.requests) == 10 - len(written.problems)
    assert written.counters.failed == len(written.problems)


async def test_an_adapter_that_breaks_costs_its_text_alone(home: Home) -> None:
    class Broken:
        source = "ai_task"
        name = "ai_task.broken"

        async def ask(self, *_: object) -> Any:
            raise KeyError("choices")

    written = await writer_of(Caller(Broken(), Budget("2026-11")), home).write(
        ten(), "en"
    )
    assert written.counters.failed == 10
    assert set(written.problems.values()) == {"unexpected KeyError"}


async def test_no_network(
    server: Server, client: openai.AsyncOpenAI, home: Home, pauses: Pauses
) -> None:
    gone = client.with_options(base_url="http://127.0.0.1:9/v1")
    caller = Caller(
        OpenAIModel(gone, "m"), Budget("2026-11", Prices(1, 1)), sleep=pauses.sleep
    )
    written = await writer_of(caller, home).write(ten()[:2], "en")
    assert written.counters.failed == 2
    assert len(caller.calls) == 6
    assert set(written.problems.values()) == {"no connection"}
    assert caller.budget.spent == 0.0
