"""`scripts/bench curve`: after how many days a habit of each kind is found."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, replace
from typing import Final

from .homes.generate import planted_home
from .homes.model import World
from .homes.plan import instant
from .homes_bench import FIRST_SEED
from .judging import mined
from .pool import each
from .report import Row, table
from .score import Score

DAYS: Final = (5, 7, 10, 14, 18, 21, 30, 45)
KINDS: Final = (
    "daily",
    "workdays",
    "two days",
    "weekend",
    "time_if",
    "sun",
    "state",
    "state_if",
    "quiet",
    "numeric",
    "absence",
    "left",
    "routine",
    "heating",
    "valued",
)
ENOUGH: Final = 0.9
"""Share of the homes in which a habit must be found."""


@dataclass(frozen=True, slots=True)
class Job:
    """One home with one kind of habit."""

    kind: str
    seed: int


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--homes", type=int, default=20, help="homes of each kind")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--kind", nargs="*", default=KINDS, help="only these kinds")


def run(options: Namespace) -> list[Row]:
    """Mine the first days of each home, ever more of them."""
    seeds = range(options.seed, options.seed + options.homes)
    jobs = [Job(kind, seed) for kind in options.kind for seed in seeds]
    answers = list(zip(jobs, each(learn, jobs), strict=True))
    rows: list[Row] = []
    for kind in options.kind:
        mine = [
            found for job, founds in answers if job.kind == kind for found in founds
        ]
        shares = [
            round(sum(found[i] for found in mine) / len(mine), 2) if mine else 0.0
            for i in range(len(DAYS))
        ]
        steady = [
            days
            for i, days in enumerate(DAYS)
            if mine and all(share >= ENOUGH for share in shares[i:])
        ]
        row: Row = {"kind": kind, "habits": len(mine)}
        row["days until 9 of 10"] = steady[0] if steady else "more"
        row |= {f"{days} d": share for days, share in zip(DAYS, shares, strict=True)}
        rows.append(row)
    print(table(rows))
    return rows


def learn(job: Job) -> list[list[bool]]:
    """Return for each habit of a home after which of `DAYS` it is found."""
    world = planted_home(job.seed, days=max(DAYS), kinds=(job.kind,), away=False)
    kept = Score(world).to_find
    found: list[list[bool]] = [[] for _ in kept]
    for days in DAYS:
        part = first_days(world, days)
        score = Score(part)
        for item in mined(part).proven:
            score.judge(item.rule)
        known = {id(planted) for planted in score.found}
        for answers, planted in zip(found, kept, strict=True):
            answers.append(id(planted) in known)
    return found


def first_days(world: World, days: int) -> World:
    """Return a home of which only the first days are there to be learned from."""
    return replace(world, cut=instant(world.first_day + days, 0))
