"""What somebody wants done about a suggestion that they name, and what comes of it.

Reading is for everybody. Deciding is for administrators, and only where the request
says who asks: a speaker in a room does not.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..coordinator import ScoutCoordinator
from ..lifecycle import ACCEPTED, OPEN, SNOOZED
from ..suggestion import Suggestion
from .confirming import Confirmations, Turn
from .naming import meant

PENDING: Final = (OPEN, SNOOZED)
_CONFIRMATION_NEEDED: Final = "confirmation_needed"
"""What `Acceptance.async_accept` refuses with until it is told to."""

type Act = Callable[[str, Suggestion], Awaitable[Outcome]]
"""Does what a user, by id, wants with a suggestion."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request."""

    key: str
    """`listed`, `why`, `accepted`, `confirm`, `dismissed`, `undone`; or, where nothing
    was done, `unknown`, `ambiguous`, `administrators`, `who`, `elsewhere`."""
    about: tuple[Suggestion, ...] = ()
    """What it is about; of `ambiguous` what may be meant."""
    accepted: tuple[Suggestion, ...] = ()
    """Of `listed` alone: what is set up."""
    number: str = ""
    """Of `confirm` alone: what a person is to say to a model."""
    reasons: str = ""
    """Of `confirm` alone: why it asks back, in sentences of the home's language."""


@dataclass(slots=True)
class Desk:
    """Takes the requests of one installation.

    Each of them raises HomeAssistantError, translated, where it cannot be done.
    """

    hass: HomeAssistant
    coordinator: ScoutCoordinator
    fillers: Collection[str] = ()
    """Words that say nothing in a name."""
    confirmations: Confirmations = field(
        default_factory=lambda: Confirmations(dt_util.utcnow)
    )

    async def listed(self) -> Outcome:
        """Return what is open, best first, and what is set up."""
        found = await self.coordinator.async_list([OPEN, ACCEPTED])
        return Outcome(
            "listed",
            tuple(item for item in found if item["status"] == OPEN),
            tuple(item for item in found if item["status"] == ACCEPTED),
        )

    async def why(self, name: str) -> Outcome:
        """Return one suggestion, by its name or its number in the list."""
        number = name.strip()
        if number.isdecimal() and len(number) < 4:
            about = (await self.listed()).about[: int(number)]
            if about and len(about) == int(number):
                return Outcome("why", about[-1:])
        return await self._named(name, (*PENDING, ACCEPTED))

    async def accept(
        self, context: Context | None, name: str, turn: Turn | None
    ) -> Outcome:
        """Set a suggestion up, or ask back.

        Args:
            context: of the request.
            name: of the suggestion.
            turn: what the person said; None where a model asks of whose conversation
                nothing is known, so that nobody can be asked back.
        """

        async def act(user_id: str, suggestion: Suggestion) -> Outcome:
            key, asked = suggestion["id"], self.confirmations
            waiting = asked.waiting(user_id, key)
            is_sure = bool(waiting and turn and waiting.is_answered_by(turn))
            try:
                await self.coordinator.acceptance.async_accept(key, confirm=is_sure)
            except HomeAssistantError as err:
                if err.translation_key != _CONFIRMATION_NEEDED:
                    raise
                if turn is None:
                    return Outcome("elsewhere", (suggestion,))
                number = asked.ask(user_id, key, turn)
                reasons = (err.translation_placeholders or {})["reasons"]
                return Outcome("confirm", (suggestion,), (), number, reasons)
            asked.close(user_id)
            return Outcome("accepted", (suggestion,))

        return await self._decided(context, name, PENDING, act)

    async def dismiss(
        self, context: Context | None, name: str, reason: str | None = None
    ) -> Outcome:
        """Put a suggestion away."""

        async def act(_user_id: str, suggestion: Suggestion) -> Outcome:
            await self.coordinator.async_dismiss(suggestion["id"], reason)
            return Outcome("dismissed", (suggestion,))

        return await self._decided(context, name, PENDING, act)

    async def undo(self, context: Context | None, name: str) -> Outcome:
        """Take back what was set up."""

        async def act(_user_id: str, suggestion: Suggestion) -> Outcome:
            await self.coordinator.acceptance.async_undo(suggestion["id"])
            return Outcome("undone", (suggestion,))

        return await self._decided(context, name, (ACCEPTED,), act)

    async def _decided(
        self,
        context: Context | None,
        name: str,
        statuses: Collection[str],
        act: Act,
    ) -> Outcome:
        user_id = context.user_id if context else None
        if user_id is None:
            return Outcome("who")
        user = await self.hass.auth.async_get_user(user_id)
        if user is None or not user.is_active or not user.is_admin:
            return Outcome("administrators")
        found = await self._named(name, statuses)
        return await act(user_id, found.about[0]) if found.key == "why" else found

    async def _named(self, name: str, statuses: Collection[str]) -> Outcome:
        """Return the one suggestion that is meant (`why`), or that there is none."""
        about = meant(name, await self.coordinator.async_list(statuses), self.fillers)
        if not about:
            return Outcome("unknown")
        return Outcome("why" if len(about) == 1 else "ambiguous", tuple(about))
