"""Changes that a person makes to a rule, without a model: checked, then applied."""

from .abilities import Ability, NumberRange
from .problems import Problem, ProblemsFound
from .refine import refined
from .telling import told

__all__ = ["Ability", "NumberRange", "Problem", "ProblemsFound", "refined", "told"]
