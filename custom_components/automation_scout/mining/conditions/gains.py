"""How much better two rates explain hits than one, for many splits at once."""

from typing import NamedTuple

import numpy as np

from ..events import Floats, Ints, Mask


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
    _, number = np.unique(day, return_inverse=True)
    days = int(number.max()) + 1 if len(number) else 0
    if days <= 2:
        return 1.0
    k_in, n_in, k_out, n_out = count(inside, hit)
    rate = np.where(inside, (k_in + 0.5) / (n_in + 1), (k_out + 0.5) / (n_out + 1))
    residual = np.bincount(number, weights=hit - rate, minlength=days)
    variance = float((rate * (1 - rate)).sum())
    return max(1.0, float((residual**2).sum()) / variance * days / (days - 2))
