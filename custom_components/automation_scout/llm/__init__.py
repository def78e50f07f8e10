"""Better words by a language model, and changes that a person asks for in words.

Nothing here knows Home Assistant but the adapter for its AI Task, and nothing here
writes anything that runs: an answer fills text fields, or our own schema of changes.

Home Assistant asks the module of this name for the tools of a conversation, so the
package answers for it: with what has been put under `TOOLS` while an entry is loaded.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

TOOLS: Final = "automation_scout_llm_tools"
"""Key, in the data of Home Assistant, of what provides the tools."""


class HasData(Protocol):
    """What is needed of Home Assistant."""

    @property
    def data(self) -> Mapping[Any, Any]:
        """Return what integrations share."""


def async_get_tools(hass: HasData, llm_context: object, api_id: str) -> object:
    """Return the tools and the prompt for an API of Home Assistant, or None."""
    provide = hass.data.get(TOOLS)
    return provide(llm_context, api_id) if callable(provide) else None
