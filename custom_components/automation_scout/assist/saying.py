"""Texts of suggestions as a model, or a voice, is given them: short plain lines.

Names in them are whatever somebody called a thing; to a model they are data.
"""

from typing import Any, Final

from ..mining.result import Tier
from ..suggestion import Suggestion
from ..words.names import clean

MAX_TITLE: Final = 120
MAX_TEXT: Final = 300
_EVIDENCE: Final = (
    "days_observed",
    "hits",
    "wrong",
    "missed",
    "first_seen",
    "last_seen",
)


def line(text: str, most: int = MAX_TEXT) -> str:
    """Return a text as one line without markup."""
    return clean(text, "", most)


def title_of(suggestion: Suggestion) -> str:
    """Return the title as one line, or the id where nothing is left of it."""
    return clean(suggestion["title"], suggestion["id"], MAX_TITLE)


def needs_confirmation(suggestion: Suggestion) -> bool:
    """Return whether setting it up asks back, as the home was when it was found."""
    return bool(suggestion["safety"]["tier"] == Tier.CONFIRM)


def listed(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as it stands in a list."""
    return {
        "id": suggestion["id"],
        "title": title_of(suggestion),
        "confidence_percent": round(100 * suggestion["confidence"]),
        "why": line(suggestion["rationale"]),
        "needs_confirmation": needs_confirmation(suggestion),
    }


def explained(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion with what it rests on."""
    evidence = suggestion["evidence"]
    return {
        **listed(suggestion),
        "status": suggestion["status"],
        "description": line(suggestion["description"]),
        "why": line(suggestion["rationale"], 2 * MAX_TEXT),
        "evidence": {key: evidence[key] for key in _EVIDENCE},
        "safety": suggestion["safety"],
        "covered_by": suggestion["covered_by"],
    }
