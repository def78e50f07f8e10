"""Detectors: each proposes rules of one kind and counts the hypotheses it looked at."""

from typing import Final

from .absence import Absence
from .daily_time import DailyTime
from .follows import Follows
from .numeric import Numeric
from .protocol import Detector
from .sun import Sun

DETECTORS: Final[tuple[Detector, ...]] = (
    DailyTime(),
    Sun(),
    Follows(),
    Numeric(),
    Absence(),
)
