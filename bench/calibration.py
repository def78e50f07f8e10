"""`scripts/bench calibration`: of what is said to be so sure, how much comes true."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.replay import replay

from .homes.mixes import MIXES
from .homes_bench import FIRST_SEED
from .judging import Job, make, mined
from .pool import each
from .report import Row, table

EDGES: Final = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Bounds of the buckets of confidence."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One suggestion: what was said of it, and what came of it later."""

    kind: str
    confidence: float
    precision: float
    """Share of the firings that agreed, on the days that were learned from."""
    fired: int
    """Firings on the later days."""
    agreed: int


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--homes", type=int, default=20, help="homes of each mix")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)


def run(options: Namespace) -> list[Row]:
    """Compare confidence with later days, over all suggestions right or wrong."""
    seeds = range(options.seed, options.seed + options.homes)
    jobs = [Job(mix, seed) for mix in MIXES for seed in seeds]
    claims = [claim for claims in each(claims_of, jobs) for claim in claims]
    rows = [
        _row(f"{low:.1f} to {high:.1f}", part)
        for low, high in pairwise(EDGES)
        if (part := [c for c in claims if low <= c.confidence < high])
    ]
    kinds = sorted({claim.kind for claim in claims})
    rows += [_row(kind, [c for c in claims if c.kind == kind]) for kind in kinds]
    rows.append(_row("all", claims))
    print(table(rows))
    return rows


def claims_of(job: Job) -> list[Claim]:
    """Mine a home, and replay each suggestion on the later days."""
    world = make(job)
    history = History(world.log, world.facts)
    claims = []
    for item in mined(world).proven:
        if item.rule.special is not None:
            continue
        played = replay(history, item.rule)
        late = played.fired >= world.cut
        claims.append(
            Claim(
                item.rule.kind.value,
                item.confidence,
                item.evidence.precision,
                int(np.count_nonzero(late)),
                int(np.count_nonzero(played.hit & late)),
            )
        )
    return claims


def _row(name: str, claims: list[Claim]) -> Row:
    fired = sum(claim.fired for claim in claims)
    agreed = sum(claim.agreed for claim in claims)
    said = sum(claim.confidence * claim.fired for claim in claims)
    seen = sum(claim.precision * claim.fired for claim in claims)
    return {
        "confidence": name,
        "suggestions": len(claims),
        "later firings": fired,
        "said": round(said / fired, 3) if fired else None,
        "agreed later": round(agreed / fired, 3) if fired else None,
        "agreed before": round(seen / fired, 3) if fired else None,
    }
