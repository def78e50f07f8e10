"""`scripts/bench ids`: whether the same habit is the same suggestion a day later."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import Final

from custom_components.automation_scout.mining.identity import adopt

from .curve import first_days
from .homes.mixes import MIXES
from .homes.model import DAY
from .homes.plan import instant
from .homes_bench import FIRST_SEED
from .judging import Job, make, mined
from .pool import each
from .report import Row, table

NIGHTS: Final = 3
"""Further runs, each a day after the one before."""


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--homes", type=int, default=10, help="homes of each mix")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)


def run(options: Namespace) -> list[Row]:
    """Mine each home on some nights in a row, and follow the ids."""
    seeds = range(options.seed, options.seed + options.homes)
    jobs = [Job(mix, seed) for mix in MIXES for seed in seeds]
    rows: list[Row] = []
    counts: dict[str, Counter[str]] = {}
    for job, nights in zip(jobs, each(follow, jobs), strict=True):
        counts.setdefault(job.mix, Counter()).update(nights)
    every = sum(counts.values(), Counter[str]())
    for mix, count in [*counts.items(), ("all", every)]:
        before = max(1, count["before"])
        rows.append(
            {
                "homes": mix,
                "ids on the night before": count["before"],
                "kept": round(count["kept"] / before, 3),
                "kept by the key alone": round(count["same key"] / before, 3),
                "new a night": round(count["new"] / max(1, count["nights"]), 2),
            }
        )
    print(table(rows))
    return rows


def follow(job: Job) -> Counter[str]:
    """Return how many ids of each night are there on the next one."""
    world = make(job)
    first = round((world.cut - instant(world.first_day, 0)) / DAY)
    counts: Counter[str] = Counter()
    known = dict(adopt(mined(world).proven, {}))
    for night in range(1, NIGHTS + 1):
        later = first_days(world, first + night)
        rules = {key: item.rule for key, item in known.items()}
        today = dict(adopt(mined(later).proven, rules))
        keys = {item.rule.key for item in today.values()}
        counts["nights"] += 1
        counts["before"] += len(known)
        counts["kept"] += len(known.keys() & today.keys())
        counts["same key"] += sum(item.rule.key in keys for item in known.values())
        counts["new"] += len(today.keys() - known.keys())
        known = today
    return counts
