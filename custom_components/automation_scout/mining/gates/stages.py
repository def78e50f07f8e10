"""Steps between the gates that stop nothing: they make candidates more exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..conditions.stage import learn_all
from ..routines import merge_routines
from .protocol import Draft, GateContext, Judgement


@dataclass(frozen=True, slots=True)
class Conditions:
    """Adds the conditioned form of a candidate, where its days show one."""

    name: ClassVar[str] = "conditions"

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Return the candidates with those that have conditions among them."""
        return Judgement(learn_all(drafts, context), ())


@dataclass(frozen=True, slots=True)
class Routines:
    """Joins what belongs together into one rule."""

    name: ClassVar[str] = "routines"

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Return the candidates, fewer where some were joined."""
        return Judgement(merge_routines(drafts, context), ())
