"""Tail probabilities and intervals, from the standard library alone."""

from math import exp, lgamma, log, log1p, sqrt
from typing import Final

Z_80: Final = 1.2815515655446004
"""Quantile of the normal distribution at 0.9: two-sided 80 %, one-sided 90 %."""


def wilson_low(hits: int, n: int, z: float = Z_80) -> float:
    """Return the lower end of the Wilson score interval of `hits` in `n`; 0 for n = 0.

    E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927).
    """
    if n <= 0:
        return 0.0
    p = hits / n
    centre = p + z * z / (2 * n)
    margin = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (centre - margin) / (1 + z * z / n))


def wilson_high(hits: int, n: int, z: float = Z_80) -> float:
    """Return the upper end of the Wilson score interval; 1 for n = 0."""
    return 1.0 - wilson_low(n - hits, n, z)


def binomial_tail(hits: int, n: int, p: float) -> float:
    """Return P(X >= hits) for X ~ Binomial(n, p), exact, 0..1."""
    if hits <= 0:
        return 1.0
    if hits > n or p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    log_p, log_q = log(p), log1p(-p)
    total = 0.0
    for k in range(hits, n + 1):
        term = exp(
            lgamma(n + 1)
            - lgamma(k + 1)
            - lgamma(n - k + 1)
            + k * log_p
            + (n - k) * log_q
        )
        total += term
        if k > n * p and term < total * 1e-12:
            break
    return min(1.0, total)
