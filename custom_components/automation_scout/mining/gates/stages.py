"""Steps between the gates that stop nothing: they make candidates more exact.

Their modules import this package, so they are named and not taken apart here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .. import routines
from ..conditions import stage
from .protocol import Draft, GateContext, Judgement


@dataclass(frozen=True, slots=True)
class Conditions:
    """Adds the conditioned form of a candidate, where its days show one."""

    name: ClassVar[str] = "conditions"

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Return the candidates with those that have conditions among them."""
        return Judgement(stage.learn_all(drafts, context), ())


@dataclass(frozen=True, slots=True)
class Routines:
    """Joins what belongs together into one rule."""

    name: ClassVar[str] = "routines"

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Return the candidates, fewer where some were joined."""
        return Judgement(routines.merge_routines(drafts, context), ())
