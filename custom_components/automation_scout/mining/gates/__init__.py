"""Gates: each stops candidates for one reason, and says the number that decided.

In this order: the cheap ones first, those that look at the whole set after those that
look at one candidate.
"""

from typing import Final

from .already_automated import AlreadyAutomated
from .confounding import Confounding
from .holdout import HoldOut
from .nuisance import Nuisance
from .protocol import Gate
from .redundancy import Redundancy
from .rhythm import Rhythm
from .significance import Significance
from .spread import Spread
from .stability import Stability
from .stages import Conditions, Routines
from .sun_or_clock import SunOrClock
from .support import Support

GATES: Final[tuple[Gate, ...]] = (
    Support(),
    Significance(),
    Conditions(),
    Spread(),
    Rhythm(),
    SunOrClock(),
    Confounding(),
    HoldOut(),
    Nuisance(),
    Stability(),
    Redundancy(),
    AlreadyAutomated(),
    Routines(),
)
