"""Calls of a model: so many at once, tried again, and never beyond the limits of a run.

Every try is noted with what came of it. A key that is refused ends all calls of the
run at once: the next one would be refused as well.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from time import perf_counter
from typing import Any, Final

from .budget import NOTHING, Budget, BudgetSpent, Reservation, Usage
from .limits import USUAL, Limits
from .model import (
    Answer,
    Model,
    ModelBusy,
    ModelError,
    ModelRefused,
    ModelUnpaid,
    Question,
)
from .refusal import Refusal

OK: Final = "ok"
CACHED: Final = "cached"
FAILED: Final = "failed"
TIMEOUT: Final = "timeout"
BUDGET: Final = "budget"
CANCELLED: Final = "cancelled"
REJECTED: Final = "rejected:"
"""Before the reason for which an answer was not taken."""
GIVEN_UP: Final = f"{REJECTED}before"
"""It was not asked, as its answers were not taken before."""


@dataclass(frozen=True, slots=True)
class Call:
    """One try of a call, or a call that was not needed or not allowed."""

    task: str
    model: str
    source: str
    month: str
    """Local month, `YYYY-MM`."""
    started_at: str
    """ISO 8601 in UTC."""
    ms: int
    usage: Usage
    outcome: str
    """`OK`, `CACHED`, `FAILED`, `TIMEOUT`, `BUDGET`, `CANCELLED`, `GIVEN_UP`, or
    `REJECTED` with the reason behind it."""
    tries: int = 1
    """Which try it was; 0 where nothing was sent."""

    def plain(self) -> dict[str, Any]:
        """Return the call as the values of a row."""
        return {
            "month": self.month,
            "task": self.task,
            "model": self.model,
            "source": self.source,
            "started_at": self.started_at,
            "ms": self.ms,
            "tokens_in": self.usage.tokens_in,
            "tokens_out": self.usage.tokens_out,
            "is_estimated": self.usage.is_estimated,
            "cost": self.usage.cost,
            "outcome": self.outcome,
            "tries": self.tries,
        }


class Caller:
    """Asks one model, and notes what came of it."""

    def __init__(
        self,
        model: Model,
        budget: Budget,
        limits: Limits = USUAL,
        *,
        random: Random | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Take what is asked and what holds for it.

        Args:
            model: that is asked.
            budget: of the month.
            limits: how many calls at once, how often, how long.
            random: for the pauses between tries.
            sleep: pauses for seconds.
        """
        self.model = model
        self.budget = budget
        self.limits = limits
        self.calls: list[Call] = []
        self.refused: ModelRefused | None = None
        """Why the key, or the account, was not accepted."""
        self.is_late = False
        """Whether the time of the run ended before its calls did."""
        self._random = random or Random()  # noqa: S311 - spreads pauses, hides nothing
        self._sleep = sleep
        self._free = asyncio.Semaphore(limits.concurrency)
        self._thinking = asyncio.Lock()
        self._scope: asyncio.Timeout | None = None
        self._ends: float | None = None

    async def run(self, jobs: Iterable[Coroutine[Any, Any, object]]) -> None:
        """Do jobs that `ask`, all at once, within the time of the run.

        It returns when they are done, the time is over or the key was refused; those
        that are not done by then are cancelled. The time begins with the first jobs.
        """
        if self._ends is None:
            self._ends = asyncio.get_running_loop().time() + self.limits.run_s
        try:
            async with asyncio.timeout_at(self._ends) as self._scope:
                async with asyncio.TaskGroup() as group:
                    for job in jobs:
                        group.create_task(job)
        except TimeoutError:
            self.is_late = self.refused is None
        finally:
            self._scope = None

    async def ask[T](self, question: Question, read: Callable[[Answer], T]) -> T:
        """Return what `read` makes of the answer to a question.

        Args:
            question: that is asked, and asked again where the failure is passing.
            read: returns what is taken of an answer, or raises `Refusal`; in a thread.

        Raises:
            ModelError: there is no answer, none that is taken, or no budget.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return await self._try(question, read, tried)
            except ModelError as err:
                self._note_refused(err)
                if not err.is_passing or tried >= self.limits.tries:
                    raise
                pause = self._pause(tried, err)
                if pause is None:
                    raise
            await self._sleep(pause)

    async def think[*Given, T](self, job: Callable[[*Given], T], *given: *Given) -> T:
        """Return what a job returns that looks for thousands of names.

        In a thread, and one at a time: of several each would keep the event loop
        waiting for its turn.
        """
        async with self._thinking:
            return await asyncio.to_thread(job, *given)

    def note(self, task: str, outcome: str) -> None:
        """Note a call that was not made."""
        self._note(task, datetime.now(UTC), 0.0, NOTHING, outcome, 0)

    async def _try[T](
        self, question: Question, read: Callable[[Answer], T], tried: int
    ) -> T:
        async with self._free:
            if self.refused is not None:
                raise self.refused
            try:
                reservation = self.budget.reserve(question)
            except BudgetSpent:
                self.note(question.task, BUDGET)
                raise
            return await self._call(question, read, tried, reservation)

    async def _call[T](
        self,
        question: Question,
        read: Callable[[Answer], T],
        tried: int,
        reservation: Reservation,
    ) -> T:
        """Make one call, and book and note it whatever comes of it."""
        started_at, begun = datetime.now(UTC), perf_counter()
        answer: Answer | None = None
        outcome, may_cost = CANCELLED, True
        try:
            answer = await self._answer(question)
            taken = await self.think(read, answer)
            outcome = OK
        except Refusal as err:
            outcome = f"{REJECTED}{err.reason}"
            raise
        except _TooSlow:
            outcome = TIMEOUT
            raise
        except ModelError as err:
            outcome, may_cost = FAILED, err.may_cost
            raise
        finally:
            usage = NOTHING
            if answer is not None or (may_cost and not self._is_worthless):
                usage = self.budget.settle(reservation, answer)
            else:
                self.budget.release(reservation)
            took = perf_counter() - begun
            self._note(question.task, started_at, took, usage, outcome, tried)
        return taken

    @property
    def _is_worthless(self) -> bool:
        """Whether the key of all calls is refused: none of them is answered, or paid.

        An account may have paid for what was under way when it was empty.
        """
        refused = self.refused
        return refused is not None and not isinstance(refused, ModelUnpaid)

    @property
    def why_unfinished(self) -> str:
        """Why what was not done by the end of a run was not done."""
        return str(self.refused) if self.refused is not None else "not done in time"

    async def _answer(self, question: Question) -> Answer:
        """Return an answer in time.

        Raises:
            ModelError: there is none.
        """
        patience = self.limits.call_s
        if (left := self._left()) is not None:
            patience = min(patience, max(0.0, left))
        try:
            async with asyncio.timeout(patience):
                return await self.model.ask(question, patience)
        except ModelError:
            raise
        except TimeoutError as err:
            raise _TooSlow(f"no answer in {patience:.0f} s", may_cost=True) from err
        except Exception as err:
            name = type(err).__name__
            raise ModelError(f"unexpected {name}", may_cost=True) from err

    def _pause(self, tried: int, err: ModelError) -> float | None:
        """Return for how long to wait, None where the run would be over by then."""
        ceiling = min(self.limits.most_pause_s, self.limits.pause_s * 2 ** (tried - 1))
        pause = self._random.uniform(0, ceiling)
        if err.retry_after_s is not None:
            # Spread, as all calls that were under way were told the same.
            pause += max(0.0, err.retry_after_s)
        left = self._left()
        return pause if left is None or pause < left else None

    def _left(self) -> float | None:
        """Return the seconds that the run still has, None outside of a run."""
        when = self._scope.when() if self._scope else None
        return None if when is None else when - asyncio.get_running_loop().time()

    def _note_refused(self, err: ModelError) -> None:
        if isinstance(err, ModelRefused) and self.refused is None:
            self.refused = err
            if self._scope is not None and not self._scope.expired():
                self._scope.reschedule(asyncio.get_running_loop().time())

    def _note(
        self,
        task: str,
        started_at: datetime,
        took_s: float,
        usage: Usage,
        outcome: str,
        tried: int,
    ) -> None:
        self.calls.append(
            Call(
                task,
                self.model.name,
                self.model.source,
                self.budget.month,
                started_at.isoformat(),
                round(1000 * took_s),
                usage,
                outcome,
                tried,
            )
        )


class _TooSlow(ModelBusy):
    """A call took longer than it may."""
