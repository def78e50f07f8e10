"""Forms of a state trigger that people write: at once, after quiet, after a stay.

What happens first after a while without it is worth much more than what happens all the
time: on a real office's lamps, a sensor's first report after an hour was followed by
the act eight times as often as any of its reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..edges import Codes
from ..events import Ints
from ..facts import ACTUATOR_DOMAINS, domain_of
from ..history import History
from ..occasions import occasions
from ..rules import HOME, StateTrigger

QUIET_S: Final = (600, 3600, 4 * 3600)
FOR_S: Final = (120, 600)
WORTH: Final = 0.8
"""A form that leaves more than this share of the occasions is the plain one."""
MOST_A_DAY: Final = 40
"""Nobody asks for something that happens oftener, in whatever form."""


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Occasions of triggers, e of them by time."""

    t: Ints
    """int64[e], ms UTC, ascending."""
    code: Codes
    """int[e], index into the triggers; -1 is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Variants:
    """Many triggers with their occasions: of the plain ones, and of further forms."""

    triggers: tuple[StateTrigger, ...]
    layers: tuple[Occurrences, ...]
    """By time; no trigger is in more than one."""
    grouped: tuple[Occurrences, ...]
    """The same by trigger, and by time within each; here the codes ascend."""


def variants(history: History) -> Variants:
    """Return the occasions of every entity's states, in the forms that differ."""
    index = history.edge_index
    triggers = [StateTrigger(entity_id, state) for entity_id, state in index.kinds]
    # What `HOME` does is no event of the log, so that its plain form goes with these.
    forms = [
        (code, index.of(code))
        for code, trigger in enumerate(triggers)
        if trigger.entity_id == HOME
    ]
    at_home = sum(len(t) for _, t in forms)
    most = MOST_A_DAY * max(1, len(history.days))
    for code, trigger in enumerate(tuple(triggers)):
        for form in _forms(trigger):
            t, _ = occasions(history, form)
            if 0 < len(t) <= min(most, WORTH * len(index.of(code))):
                forms.append((len(triggers), t))
                triggers.append(form)
    grouped = _grouped(forms)
    del forms
    order = np.argsort(grouped.t, kind="stable")
    codes = np.arange(len(index.kinds), dtype=index.code.dtype)
    return Variants(
        tuple(triggers),
        (
            Occurrences(index.log_t, index.code),
            Occurrences(grouped.t[order], grouped.code[order]),
        ),
        (
            Occurrences(index.by_kind, np.repeat(codes, index.count())),
            Occurrences(grouped.t[at_home:], grouped.code[at_home:]),
        ),
    )


def _grouped(occasions_of: Sequence[tuple[int, Ints]]) -> Occurrences:
    nothing = np.zeros(0, np.int64)
    sizes = [len(t) for _, t in occasions_of]
    codes = np.array([code for code, _ in occasions_of], np.int32)
    return Occurrences(
        np.concatenate([nothing, *(t for _, t in occasions_of)]),
        np.repeat(codes, sizes),
    )


def _forms(plain: StateTrigger) -> list[StateTrigger]:
    """Return the further forms of a trigger: of sensors, not of what people switch."""
    entity_id, state = plain.entity_id, plain.state
    if domain_of(entity_id) in ACTUATOR_DOMAINS:
        return []
    return [
        *(StateTrigger(entity_id, state, quiet_s=s) for s in QUIET_S),
        *(StateTrigger(entity_id, state, for_s=s) for s in FOR_S),
    ]
