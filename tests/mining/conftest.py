"""The same generated examples in every run."""

import warnings

from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.errors import HypothesisWarning

settings.register_profile(
    "mining",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("mining")


@given(st.none())
def _first_use(nothing: None) -> None:
    """Generate one example."""
    assert nothing is None


with warnings.catch_warnings():
    # Hypothesis registers its own generator on first use and, from the reference
    # counts of Python 3.14, takes it for an object that nobody holds.
    warnings.simplefilter("ignore", HypothesisWarning)
    _first_use()
