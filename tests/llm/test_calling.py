"""Limits, pauses and the budget, by a model that is told what to do."""

# ruff: noqa: S311 - pauses are drawn from a fixed seed

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from custom_components.automation_scout.llm.budget import (
    Budget,
    BudgetSpent,
    Prices,
    tokens_of,
)
from custom_components.automation_scout.llm.calling import Caller
from custom_components.automation_scout.llm.limits import Limits
from custom_components.automation_scout.llm.model import (
    Answer,
    ModelBusy,
    ModelError,
    ModelRefused,
    ModelUnusable,
    Question,
)
from custom_components.automation_scout.llm.refusal import Reason, Refusal

from .conftest import Pauses

QUESTION = Question("text", "s" * 300, "f" * 300, {}, 1000)


class Scripted:
    """A model that does what stands in a list, one item a call."""

    source = "ai_task"
    name = "ai_task.scripted"

    def __init__(self, *does: Exception | Answer | None) -> None:
        self.does = list(does)
        self.in_flight = 0
        self.most_in_flight = 0

    async def ask(self, question: Question, timeout_s: float) -> Answer:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0.01)
            item = self.does.pop(0) if self.does else Answer("ok", self.name, 10, 5)
            if item is None:
                await asyncio.sleep(3600)
                raise AssertionError
            if isinstance(item, Exception):
                raise item
            return item
        finally:
            self.in_flight -= 1


def data(answer: Answer) -> object:
    return answer.data


def caller_of(model: Scripted, pauses: Pauses, **more: Any) -> Caller:
    budget = more.pop("budget", Budget("2026-11"))
    return Caller(model, budget, Limits(**more), random=Random(3), sleep=pauses.sleep)


async def test_pauses_grow_and_are_drawn(pauses: Pauses) -> None:
    busy = [ModelBusy("x") for _ in range(7)]
    caller = caller_of(Scripted(*busy), pauses, tries=8, pause_s=2.0, most_pause_s=16.0)
    assert await caller.ask(QUESTION, data) == "ok"
    ceilings = (2, 4, 8, 16, 16, 16, 16)
    random = Random(3)
    assert pauses == [random.uniform(0, ceiling) for ceiling in ceilings]
    assert [call.tries for call in caller.calls] == list(range(1, 9))


async def test_what_the_provider_says_is_added_to(pauses: Pauses) -> None:
    caller = caller_of(Scripted(ModelBusy("x", 40.0)), pauses)
    await caller.ask(QUESTION, data)
    assert len(pauses) == 1
    assert 40.0 <= pauses[0] <= 41.0


@pytest.mark.parametrize(
    "error", [ModelUnusable("x"), ModelError("x"), ModelRefused("x")]
)
async def test_what_does_not_pass_is_not_tried_again(
    pauses: Pauses, error: ModelError
) -> None:
    caller = caller_of(Scripted(error), pauses)
    with pytest.raises(type(error)):
        await caller.ask(QUESTION, data)
    assert len(caller.calls) == 1
    assert pauses == []
    assert caller.refused is (error if isinstance(error, ModelRefused) else None)


async def test_an_answer_that_is_not_taken_is_not_asked_for_again(
    pauses: Pauses,
) -> None:
    def refuse(_: Answer) -> object:
        raise Refusal(Reason.MARKUP, "title")

    caller = caller_of(Scripted(), pauses, budget=Budget("2026-11", Prices(1e6, 1e6)))
    with pytest.raises(Refusal, match="markup title"):
        await caller.ask(QUESTION, refuse)
    (call,) = caller.calls
    assert call.outcome == "rejected:markup"
    # It was answered, so it was paid for.
    assert call.usage.cost == 15.0 == caller.budget.spent


async def test_no_slot_is_held_during_a_pause() -> None:
    model = Scripted(ModelBusy("x"))
    paused = asyncio.Event()

    async def sleep(_: float) -> None:
        paused.set()
        await asyncio.sleep(0.1)

    caller = Caller(model, Budget("2026-11"), Limits(concurrency=1), sleep=sleep)
    first = asyncio.create_task(caller.ask(QUESTION, data))
    await paused.wait()
    assert await asyncio.wait_for(caller.ask(QUESTION, data), 0.09) == "ok"
    assert await first == "ok"
    assert model.most_in_flight == 1


async def test_both_runs_share_the_time(pauses: Pauses) -> None:
    model = Scripted(Answer("ok", "m"), None)
    caller = caller_of(model, pauses, run_s=0.3)
    late = []
    for _ in range(2):
        await caller.run([caller.ask(QUESTION, data)])
        late.append(caller.is_late)
    assert late == [False, True]
    assert [call.outcome for call in caller.calls] == ["ok", "cancelled"]


@pytest.mark.parametrize(
    "bad", [{"concurrency": 0}, {"tries": 0}, {"call_s": 0.0}, {"run_s": -1.0}]
)
def test_limits_that_allow_nothing(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="call"):
        Limits(**bad)


class TestBudget:
    """What calls may cost."""

    def test_the_most_is_set_aside(self) -> None:
        budget = Budget("2026-11", Prices(1.0, 2.0), limit=1.0)
        tokens = tokens_of(QUESTION)
        assert tokens >= 200
        held = budget.reserve(QUESTION)
        assert (held.tokens_in, held.tokens_out) == (tokens, 1000)
        assert budget.left == pytest.approx(1.0 - (tokens + 2000) / 1e6)
        usage = budget.settle(held, Answer("x", "m", 100, 10))
        assert usage.cost == pytest.approx(120 / 1e6)
        assert not usage.is_estimated
        assert budget.spent == usage.cost
        assert budget.left == pytest.approx(1.0 - 120 / 1e6)

    @pytest.mark.parametrize(
        ("answer", "tokens"),
        [
            (Answer("x" * 30, "m"), (None, 10)),
            (Answer("x" * 30, "m", 7), (7, 10)),
            (Answer("x" * 30, "m", None, 4), (None, 4)),
            (Answer({"title": "x"}, "m"), (None, 5)),
            (None, (None, 1000)),
        ],
    )
    def test_what_is_not_told_is_estimated(
        self, answer: Answer | None, tokens: tuple[int | None, int]
    ) -> None:
        budget = Budget("2026-11", Prices(1.0, 1.0))
        usage = budget.settle(budget.reserve(QUESTION), answer)
        wanted = (tokens[0] or tokens_of(QUESTION), tokens[1])
        assert (usage.tokens_in, usage.tokens_out) == wanted
        assert usage.is_estimated

    def test_without_limit_or_price(self) -> None:
        for budget in (
            Budget("2026-11", Prices(1e9, 1e9)),
            Budget("2026-11", Prices(), limit=0.0),
        ):
            for _ in range(100):
                budget.release(budget.reserve(QUESTION))
        assert Budget("2026-11").left is None

    async def test_calls_at_once_never_pass_the_limit(self, pauses: Pauses) -> None:
        """Any mix of answers, failures and lost calls, drawn a hundred times."""
        for seed in range(100):
            random = Random(seed)
            ends: tuple[Callable[[], Exception | Answer], ...] = (
                lambda: Answer("x" * 99, "m"),
                lambda: Answer("x", "m", 50, 1000),
                lambda: ModelBusy("x"),
                lambda: ModelBusy("x", may_cost=True),
                lambda: ModelUnusable("x"),
            )
            does = [random.choice(ends)() for _ in range(40)]
            limit = random.uniform(0, 0.02)
            budget = Budget("2026-11", Prices(1.0, 2.0), limit=limit)
            caller = caller_of(Scripted(*does), pauses, budget=budget)
            await caller.run(_quiet(caller) for _ in range(12))
            assert budget.spent <= limit
            booked = sum(call.usage.cost for call in caller.calls)
            assert booked == pytest.approx(budget.spent)
            assert budget.left == pytest.approx(limit - budget.spent)

    def test_more_than_is_left_is_refused(self) -> None:
        budget = Budget("2026-11", Prices(0.0, 1000.0), limit=1.5)
        budget.reserve(QUESTION)
        with pytest.raises(BudgetSpent, match="2026-11"):
            budget.reserve(QUESTION)


async def _quiet(caller: Caller) -> None:
    try:
        await caller.ask(QUESTION, data)
    except ModelError:
        return
