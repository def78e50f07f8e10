"""Habits of the sun: an act at about the same time from sunrise or sunset.

The same search as for the clock, on the dial of each event, two hours to either side.
What happens at noon every day would be found there too, hence the reach; a habit of the
clock near the event is found on both dials, and `gates.sun_or_clock` lets one pass.
"""

from dataclasses import dataclass
from typing import ClassVar

from ..dial import sun_dial
from ..events import Ints
from ..history import History
from ..rules import Rule, SunEvent, SunTrigger
from .clocked import Clocked
from .protocol import Detection


@dataclass(frozen=True, slots=True)
class Sun(Clocked):
    """Finds acts that recur at a time from sunrise or sunset."""

    name: ClassVar[str] = "sun"

    def detect(self, history: History) -> Detection:
        """Return a candidate for each habit of either event of each action."""
        found = [self.find(history, sun_dial(history, event)) for event in SunEvent]
        return Detection(
            tuple(candidate for part in found for candidate in part.candidates),
            sum(part.n_tested for part in found),
        )

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        """Return the rule with the offset and weekdays that these days show."""
        trigger = rule.trigger
        if not isinstance(trigger, SunTrigger):
            return None
        return self.fit_again(history, sun_dial(history, trigger.event), rule, days)
