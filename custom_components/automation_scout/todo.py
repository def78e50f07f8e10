"""Open suggestions as a to-do list: ticked is accepted, deleted is dismissed.

An entity is not told who calls it. Home Assistant sets the context of an action, and
runs it at once; the to-do intents of Assist set none, so who speaks cannot be known,
and they are refused. So a context holds for the task that set it, and until that task
pauses: it never reaches whoever comes next.
"""

from contextvars import ContextVar
from typing import Final, override

from homeassistant.components.todo import (  # type: ignore[attr-defined]
    TodoItem,
    TodoItemStatus,
    TodoListEntity,
    TodoListEntityFeature,
)
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .administrators import async_only_administrators
from .const import DOMAIN
from .coordinator import ScoutConfigEntry
from .entity import DescribedEntity
from .suggestion import Suggestion

PARALLEL_UPDATES = 1

SUGGESTIONS: Final = EntityDescription(key="suggestions", translation_key="suggestions")

_CALLER: ContextVar[list[Context]] = ContextVar(f"{DOMAIN}_caller")
"""The context of the action that is being called, or nothing."""
_HINTS: Final = {"ok": "tick", "notify": "tick", "confirm": "confirm"}
"""What a person is told to do, by tier."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ScoutConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the list."""
    async_add_entities([ScoutTodoList(entry.runtime_data, SUGGESTIONS, Platform.TODO)])


class ScoutTodoList(DescribedEntity, TodoListEntity):
    """The open suggestions, best first."""

    # Without the last one, the dialog of the frontend could not be saved: it sends
    # the description along with the tick.
    _attr_supported_features = (
        TodoListEntityFeature.UPDATE_TODO_ITEM
        | TodoListEntityFeature.DELETE_TODO_ITEM
        | TodoListEntityFeature.SET_DESCRIPTION_ON_ITEM
    )

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        """Return the suggestions as items."""
        return [self._item(suggestion) for suggestion in self.coordinator.data.open]

    def _item(self, suggestion: Suggestion) -> TodoItem:
        hint = _HINTS[suggestion["safety"]["tier"]]
        if suggestion["kind"] == "tidy":
            hint = "tidy"
        words = self.coordinator.data.words
        return TodoItem(
            uid=suggestion["id"],
            summary=suggestion["title"],
            status=TodoItemStatus.NEEDS_ACTION,
            description="\n\n".join(
                (
                    suggestion["description"],
                    suggestion["rationale"],
                    words.fill("todo", hint),
                )
            ),
        )

    @callback
    @override
    def async_set_context(self, context: Context) -> None:
        """Note who calls, for this call alone."""
        super().async_set_context(context)
        caller = [context]
        _CALLER.set(caller)
        self.hass.loop.call_soon(caller.clear)

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Accept a suggestion that was ticked.

        Raises:
            HomeAssistantError: the caller may not, something else was changed, or it
                cannot be accepted; translated.
        """
        before = [one for one in self.todo_items if one.uid == item.uid]
        await self._only_administrators()
        if any(_says_other(item, one) for one in before):
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="todo_read_only"
            )
        if item.uid and item.status == TodoItemStatus.COMPLETED:
            await self.coordinator.acceptance.async_accept(item.uid)

    @override
    async def async_delete_todo_items(self, uids: list[str]) -> None:
        """Dismiss suggestions.

        Raises:
            HomeAssistantError: the caller may not, or one is not open; translated.
        """
        await self._only_administrators()
        for uid in uids:
            await self.coordinator.async_dismiss(uid, None)

    async def _only_administrators(self) -> None:
        """Let those pass who may call an action for administrators.

        As with those, automations and scripts, which have no user, are among them.

        Raises:
            ServiceValidationError: nobody knows who calls; translated.
            Unauthorized: it is no administrator; translated.
        """
        caller = _CALLER.get([])
        if not caller:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="todo_unknown_caller"
            )
        await async_only_administrators(self.hass, caller.pop(), self.entity_id)


def _says_other(item: TodoItem, before: TodoItem) -> bool:
    """Return whether a text was changed; the intents of Assist leave some out."""
    return any(
        new is not None and new.strip() != (old or "").strip()
        for new, old in (
            (item.summary, before.summary),
            (item.description, before.description),
        )
    )
