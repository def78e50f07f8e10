"""Conditions: when, besides its trigger, a rule is wanted.

`learn` chooses at most two on some days, `accept` keeps those that are right on days
which took no part, `refit_conditions` fits them to other days, and `stage.learn_all`
does the first two for a home's candidates. The stage is not imported here, so that
gates may use the rest.
"""

from .learn import accept, learn, refit_conditions

__all__ = ["accept", "learn", "refit_conditions"]
