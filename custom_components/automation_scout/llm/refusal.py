"""Why an answer of a model is not taken."""

from enum import StrEnum

from .model import ModelError


class Reason(StrEnum):
    """The check that an answer did not pass."""

    EMPTY = "empty"
    NO_JSON = "no_json"
    MISSING_FIELD = "missing_field"
    TOO_LONG = "too_long"
    MARKUP = "markup"
    LANGUAGE = "language"
    FOREIGN_NAMES = "foreign_names"
    NUMBERS = "numbers"
    SCHEMA = "schema"
    """It has a field, or a kind of value, that was not asked for."""
    MEMBERS = "members"
    """It groups what was not asked about, one thing twice, or too few."""


class Refusal(ModelError):  # noqa: N818
    """There is an answer, and it is not taken."""

    def __init__(self, reason: Reason, about: str = "") -> None:
        """Keep why.

        Args:
            reason: which check it did not pass.
            about: the field that is meant.
        """
        super().__init__(f"{reason} {about}".rstrip())
        self.reason = reason
