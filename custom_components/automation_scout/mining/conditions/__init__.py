"""Conditions: when, besides its trigger, a rule is wanted.

`learn` chooses at most two on some days, `accept` keeps those that are right on days
which took no part, and `stage.learn_all` does so for a home's candidates. The stage is
not imported here, so that gates may use `learn`.
"""

from .learn import accept, learn, refit_conditions, relearn

__all__ = ["accept", "learn", "refit_conditions", "relearn"]
