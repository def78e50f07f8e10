"""What calls of a model may cost in a month, and what they did.

Before a call the most that it can cost is set aside, and after it what it did cost is
booked in its place. So calls that are under way at once cannot pass the limit together.
A provider that does not take the length of an answer may pass it with the last one.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from .model import Answer, ModelError, Question

_BYTES_A_TOKEN: Final = 3
"""English has about four bytes a token, JSON and other scripts three or fewer."""
_FRAME_TOKENS: Final = 32
"""What a provider puts around the messages."""


class BudgetSpent(ModelError):  # noqa: N818
    """What a call may cost is more than is left."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a model costs, in the currency of the user."""

    per_million_in: float = 0.0
    """For a million tokens of questions."""
    per_million_out: float = 0.0

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return what so many tokens cost."""
        cost = tokens_in * self.per_million_in + tokens_out * self.per_million_out
        return cost / 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call took."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    is_estimated: bool = False
    """Whether the provider did not say it."""


NOTHING: Final = Usage()


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was set aside for one call."""

    tokens_in: int
    tokens_out: int
    cost: float


class Budget:
    """The costs of one month."""

    def __init__(
        self,
        month: str,
        prices: Prices = Prices(),
        limit: float | None = None,
        spent: float = 0.0,
    ) -> None:
        """Start with what has been spent already.

        Args:
            month: local month, `YYYY-MM`, that the calls belong to.
            prices: of the model.
            limit: for the month; None for none.
            spent: in the month so far.
        """
        self.month = month
        self.prices = prices
        self.limit = limit
        self.spent = spent
        self._reserved: list[Reservation] = []

    @property
    def left(self) -> float | None:
        """What may still be set aside, None without a limit."""
        if self.limit is None:
            return None
        reserved = sum(item.cost for item in self._reserved)
        return max(0.0, self.limit - self.spent - reserved)

    def reserve(self, question: Question) -> Reservation:
        """Set aside the most that a call can cost; end it by `settle` or `release`.

        Raises:
            BudgetSpent: it is more than is left.
        """
        tokens_in = tokens_of(question)
        cost = self.prices.of(tokens_in, question.most_tokens)
        left = self.left
        if left is not None and cost > left:
            raise BudgetSpent(f"the budget of {self.month} is spent")
        reservation = Reservation(tokens_in, question.most_tokens, cost)
        self._reserved.append(reservation)
        return reservation

    def settle(self, reservation: Reservation, answer: Answer | None) -> Usage:
        """Book what a call took; None stands for an answer that was lost.

        Of a lost answer nobody says how long it was: all of what was set aside is
        booked, as the limit must hold.
        """
        self._reserved.remove(reservation)
        tokens_in, tokens_out = reservation.tokens_in, reservation.tokens_out
        is_estimated = True
        if answer is not None:
            told = (answer.tokens_in, answer.tokens_out)
            is_estimated = None in told
            if told[0] is not None:
                tokens_in = max(0, told[0])
            tokens_out = max(0, told[1]) if told[1] is not None else _length(answer)
        cost = self.prices.of(tokens_in, tokens_out)
        self.spent += cost
        return Usage(tokens_in, tokens_out, cost, is_estimated)

    def release(self, reservation: Reservation) -> None:
        """Give back what was set aside for a call that cost nothing."""
        self._reserved.remove(reservation)


def tokens_of(question: Question) -> int:
    """Return about how many tokens a question has, rather too many than too few."""
    parts = (question.system, question.facts, repr(question.schema))
    return sum(map(_tokens, parts)) + _FRAME_TOKENS


def _length(answer: Answer) -> int:
    return _tokens(answer.data if isinstance(answer.data, str) else repr(answer.data))


def _tokens(text: str) -> int:
    return ceil(len(text.encode(errors="replace")) / _BYTES_A_TOKEN)
