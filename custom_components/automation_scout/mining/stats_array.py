"""Statistics over whole arrays of hypotheses."""

import numpy as np

from .events import Floats, Ints


def chernoff_log_tail(hits: Ints, n: Ints, p: Floats) -> Floats:
    """Return an upper bound of ln P(X >= hits), X ~ Binomial(n, p), elementwise.

    The bound is exp(-n KL(hits/n || p)); 0 where hits <= n p or n = 0.
    H. Chernoff, Ann. Math. Statist. 23 (1952).
    """
    n_safe = np.maximum(n, 1)
    rate = np.clip(hits / n_safe, 1e-12, 1 - 1e-12)
    null = np.clip(p, 1e-9, 1 - 1e-9)
    kl = rate * np.log(rate / null) + (1 - rate) * np.log((1 - rate) / (1 - null))
    bound: Floats = np.where((n > 0) & (rate > null), -n * kl, 0.0)
    return bound
