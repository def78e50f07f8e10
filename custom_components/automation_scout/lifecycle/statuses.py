"""Statuses of a suggestion, and reasons to dismiss one, as the contract has them."""

from typing import Final

OPEN: Final = "open"
SNOOZED: Final = "snoozed"
DISMISSED: Final = "dismissed"
ACCEPTED: Final = "accepted"
EXPIRED: Final = "expired"
SUPERSEDED: Final = "superseded"
STATUSES: Final = (OPEN, SNOOZED, DISMISSED, ACCEPTED, EXPIRED, SUPERSEDED)

NOT_NOW: Final = "not_now"
NEVER: Final = "never_this_device"
REASONS: Final = ("not_useful", "wrong", "already_done", NOT_NOW, NEVER)
