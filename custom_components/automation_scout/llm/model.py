"""What a language model is to us: one question with a schema, one checked answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a model."""

    task: str
    """What it is for: `text`, `group`, `refine` or `test`; names the answer, too."""
    system: str
    """What the model is to do: our own words alone."""
    facts: str
    """What it is about, as JSON: data, however it reads."""
    schema: Mapping[str, Any]
    """JSON schema of the answer: an object without further properties."""
    most_tokens: int
    """Length of the answer, at most; an AI Task entity cannot be told it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered, as it came: nothing in it is to be believed yet."""

    data: object
    """An object in the form of the schema, or text that may hold one."""
    model: str
    tokens_in: int | None = None
    """Tokens of the question; None where the provider does not say."""
    tokens_out: int | None = None


class Model(Protocol):
    """A language model behind any provider. Cancelling an `ask` ends the call."""

    @property
    def source(self) -> str:
        """Return the provider as `text.source` names it: `openai` or `ai_task`."""

    @property
    def name(self) -> str:
        """Return the model, or the entity, that is asked."""

    async def ask(self, question: Question, timeout_s: float) -> Answer:
        """Return the answer to one question; one try, no retries of its own.

        Args:
            question: that is asked.
            timeout_s: after which whoever asks cancels it.

        Raises:
            ModelError: there is none.
        """


def id_of(model: Model) -> str:
    """Return under what the answers of a model are kept."""
    return f"{model.source}:{model.name}"


class ModelError(Exception):
    """A call of a model came to nothing."""

    is_passing = False
    """Whether the same call may succeed later."""

    def __init__(
        self,
        reason: str,
        retry_after_s: float | None = None,
        *,
        may_cost: bool = False,
    ) -> None:
        """Keep what happened.

        Args:
            reason: one line, without keys.
            retry_after_s: when to try again, where the provider says so.
            may_cost: whether the answer may have been made, and lost on its way.
        """
        super().__init__(reason)
        self.retry_after_s = retry_after_s
        self.may_cost = may_cost


class ModelBusy(ModelError):  # noqa: N818
    """It refused for now, was out of reach, or took too long."""

    is_passing = True


class ModelRefused(ModelError):  # noqa: N818
    """The key, or the account behind it, is not accepted."""


class ModelUnpaid(ModelRefused):
    """The key is good, but the account behind it has nothing left to pay with."""


class ModelUnusable(ModelError):  # noqa: N818
    """There is no such model, or it cannot do what is asked; the package is missing."""


class BadAddress(ModelUnusable):
    """No server can have this address."""
