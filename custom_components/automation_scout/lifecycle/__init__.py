"""The life of a suggestion, as pure functions of what is known.

`statuses` names what it can be, `memory` says what people's answers hold back, `change`
when a home is another one than at the answer, and `plan` what is open after a run.
"""

from .change import Basis, places_of
from .memory import Home, Known, barred
from .plan import Plan, displaced, plan, wake
from .statuses import (
    ACCEPTED,
    DISMISSED,
    EXPIRED,
    OPEN,
    REASONS,
    SNOOZED,
    STATUSES,
    SUPERSEDED,
)

__all__ = [
    "ACCEPTED",
    "DISMISSED",
    "EXPIRED",
    "OPEN",
    "REASONS",
    "SNOOZED",
    "STATUSES",
    "SUPERSEDED",
    "Basis",
    "Home",
    "Known",
    "Plan",
    "barred",
    "displaced",
    "places_of",
    "plan",
    "wake",
]
