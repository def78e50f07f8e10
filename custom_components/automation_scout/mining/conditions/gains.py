"""How much better two rates explain hits than one, for many splits at once."""

from typing import Final, NamedTuple

import numpy as np

from ..events import Floats, Ints, Mask

LEAST_SWING: Final = 2.5
"""Five weeks of single draws swing as much in one case of twenty-five."""


class Counts(NamedTuple):
    """Firings and hits on both sides of a condition."""

    k_in: int
    n_in: int
    k_out: int
    n_out: int

    @property
    def k(self) -> int:
        """Hits."""
        return self.k_in + self.k_out

    @property
    def n(self) -> int:
        """Firings."""
        return self.n_in + self.n_out

    @property
    def gain(self) -> float:
        """Nats that two rates gain over one."""
        one = np.array([float(self.k_in)]), np.array([float(self.n_in)])
        return float(gains(*one, self.k, self.n)[0])


def count(inside: Mask, hit: Mask) -> Counts:
    """Return the counts of one condition, both bool[n]."""
    k, k_in = int(np.count_nonzero(hit)), int(np.count_nonzero(inside & hit))
    n_in = int(np.count_nonzero(inside))
    return Counts(k_in, n_in, k - k_in, len(hit) - n_in)


def log_likelihood(k: Floats, n: Floats) -> Floats:
    """Return the log likelihood of k hits in n at their best rate, elementwise."""
    safe = np.maximum(n, 1)
    rate = k / safe
    missed = n - k
    log_rate = np.log(np.where(k > 0, rate, 1.0))
    log_rest = np.log(np.where(missed > 0, 1 - np.where(missed > 0, rate, 0.0), 1.0))
    total: Floats = k * log_rate + missed * log_rest
    return total


def ceiling(k: float, n: float) -> float:
    """Return the most nats that any condition can gain on k hits among n firings."""
    return -float(log_likelihood(np.array([k]), np.array([n]))[0])


def gains(k_in: Floats, n_in: Floats, k: float, n: float) -> Floats:
    """Return the nats that a rate inside and a lower one outside gain over one rate.

    Elementwise over splits with k_in hits among n_in firings inside, of k among n. 0
    where the rate outside is not lower, or nothing is outside.
    """
    k_out, n_out = k - k_in, n - n_in
    better = k_in * n_out > k_out * n_in
    whole = log_likelihood(np.array([float(k)]), np.array([float(n)]))
    gained = log_likelihood(k_in, n_in) + log_likelihood(k_out, n_out) - whole
    result: Floats = np.where(better, np.maximum(gained, 0.0), 0.0)
    return result


def dispersion(inside: Mask, hit: Mask, day: Ints) -> float:
    """Return by how much hits vary more from day to day than single draws, >= 1.

    Variance of the days' hits about those that the two rates expect, over the binomial
    one (P. McCullagh and J. Nelder, Generalized Linear Models, 1989, section 4.5). What
    comes in bursts is worth fewer nats, by this factor.
    """
    k_in, n_in, k_out, n_out = count(inside, hit)
    rate = np.where(inside, (k_in + 0.5) / (n_in + 1), (k_out + 0.5) / (n_out + 1))
    return _overdispersion(hit, rate, day, fitted=2)


def swings(hit: Mask, day: Ints) -> float:
    """Return by how much hits vary more from week to week than single draws, >= 1.

    Under one rate. What comes and goes by weeks was seen a few times only, and anything
    slow seems to go along with it. Less than `LEAST_SWING` is common among few weeks.
    """
    rate = np.full(len(hit), (np.count_nonzero(hit) + 0.5) / (len(hit) + 1))
    # Day 0 is a Thursday.
    swing = _overdispersion(hit, rate, (day + 3) // 7, fitted=1)
    return swing if swing >= LEAST_SWING else 1.0


def _overdispersion(hit: Mask, rate: Floats, group: Ints, fitted: int) -> float:
    _, number = np.unique(group, return_inverse=True)
    groups = int(number.max()) + 1 if len(number) else 0
    if groups <= 2:
        return 1.0
    residual = np.bincount(number, weights=hit - rate, minlength=groups)
    variance = float((rate * (1 - rate)).sum())
    freedom = groups / (groups - fitted)
    return max(1.0, float((residual**2).sum()) / variance * freedom)
