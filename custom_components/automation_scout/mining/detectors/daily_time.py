"""Habits of the clock: an act at about the same local time, on days of the week."""

from dataclasses import dataclass
from typing import ClassVar

from ..dial import wall_dial
from ..events import Ints
from ..history import History
from ..rules import Rule, TimeTrigger
from .clocked import Clocked
from .protocol import Detection


@dataclass(frozen=True, slots=True)
class DailyTime(Clocked):
    """Finds acts that recur at a time of the day."""

    name: ClassVar[str] = "time"

    def detect(self, history: History) -> Detection:
        """Return a candidate for each habit of the clock of each action."""
        return self.find(history, wall_dial(history))

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        """Return the rule with the time and weekdays that these days show."""
        if not isinstance(rule.trigger, TimeTrigger):
            return None
        return self.fit_again(history, wall_dial(history), rule, days)
