"""Forms of a state trigger that people write: at once, after quiet, after a stay.

What happens first after a while without it is worth much more than what happens all the
time: on a real office's lamps, a sensor's first report after an hour was followed by
the act eight times as often as any of its reports.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..events import Ints
from ..history import History
from ..occasions import Occasions, occasions
from ..rules import StateTrigger

QUIET_S: Final = (600, 3600, 4 * 3600)
FOR_S: Final = (120, 600)
WORTH: Final = 0.8
"""A form that leaves more than this share of the occasions is the plain one."""


@dataclass(frozen=True, slots=True, eq=False)
class Variants:
    """Occasions of many triggers: e of them by time, and by trigger."""

    triggers: tuple[StateTrigger, ...]
    t: Ints
    """int64[e], ms UTC, ascending."""
    code: npt.NDArray[np.signedinteger]
    """int[e], index into `triggers`."""
    by_code: tuple[Occasions, ...]
    """Instants and local days of each trigger."""

    def count(self) -> Ints:
        """Return the number of occasions of each trigger."""
        return np.array([len(t) for t, _ in self.by_code], np.int64)


def variants(history: History) -> Variants:
    """Return the occasions of every entity's states, in the forms that differ."""
    index = history.edge_index
    found: list[tuple[StateTrigger, Occasions]] = []
    for code, (entity_id, state) in enumerate(index.kinds):
        plain = StateTrigger(entity_id, state)
        found.append((plain, (index.of(code), index.days_of(code))))
    extra = [
        (form, due)
        for plain, (t, _) in found
        for form in _forms(plain)
        if 0 < len((due := occasions(history, form))[0]) <= WORTH * len(t)
    ]
    t = np.concatenate([index.t, *(due[0] for _, due in extra)])
    first = len(found)
    code = np.concatenate(
        [
            index.code.astype(np.int32),
            *(np.full(len(due[0]), first + i) for i, (_, due) in enumerate(extra)),
        ]
    )
    order = np.argsort(t, kind="stable")
    found += extra
    return Variants(
        tuple(trigger for trigger, _ in found),
        t[order],
        code[order].astype(np.int32),
        tuple(due for _, due in found),
    )


def _forms(plain: StateTrigger) -> list[StateTrigger]:
    entity_id, state = plain.entity_id, plain.state
    return [
        *(StateTrigger(entity_id, state, quiet_s=s) for s in QUIET_S),
        *(StateTrigger(entity_id, state, for_s=s) for s in FOR_S),
    ]
