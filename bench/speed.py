"""`scripts/bench speed`: seconds and memory of mining large logs."""

from argparse import ArgumentParser, Namespace
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.settings import MiningSettings

from .homes.model import DAY, HOUR, ZONE
from .report import Row, table

ENTITIES: Final = 500
ACTUATORS: Final = 60
DAYS: Final = 90
START: Final = 20_527 * DAY


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--events", type=int, nargs="*", default=[100_000, 1_000_000])


def large_log(events: int, seed: int = 1) -> tuple[EventLog, HomeFacts]:
    """Return a log of 500 entities over 90 days with a busy waking day.

    60 actuators have 4 acts a day of people; all else is chatter of sensors.
    """
    rng = np.random.default_rng(seed)
    acts = ACTUATORS * DAYS * 4
    entity = np.concatenate(
        [
            np.repeat(np.arange(ACTUATORS), DAYS * 4),
            rng.integers(ACTUATORS, ENTITIES, max(0, events - acts)),
        ]
    )
    day = rng.integers(0, DAYS, len(entity))
    hour = np.clip(rng.normal(15, 4.5, len(entity)), 0, 23.99)
    t = START + day * DAY + (hour * HOUR).astype(np.int64)
    order = np.argsort(t, kind="stable")
    t, entity = t[order], entity[order]
    position = np.zeros(ENTITIES, np.int64)
    state = np.empty(len(t), np.int32)
    grouped = np.argsort(entity, kind="stable")
    counts = np.bincount(entity, minlength=ENTITIES)
    position = np.arange(len(t)) - np.repeat(np.cumsum(counts) - counts, counts)
    state[grouped] = position % 2
    origin = np.where(entity < ACTUATORS, int(Origin.USER), int(Origin.REPORT))
    names = tuple(
        f"light.l{i}" if i < ACTUATORS else f"binary_sensor.s{i}"
        for i in range(ENTITIES)
    )
    log = EventLog(
        t,
        entity.astype(np.uint16),
        state,
        origin.astype(np.int8),
        np.zeros(len(t), np.uint16),
        names,
        ("off", "on"),
    )
    facts = HomeFacts(ZONE, {n: EntityFacts(n, n, None, f"d{n}") for n in names})
    return log, facts


def run(options: Namespace) -> list[Row]:
    """Mine logs of several sizes and print where the time goes."""
    rows: list[Row] = []
    for events in options.events:
        # A process of its own, whose greatest size is that of this log alone.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            rows.append(pool.submit(_measure, events).result())
    print(table(rows))
    return rows


def _measure(events: int) -> Row:
    log, facts = large_log(events)
    before = getrusage(RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(3):
        started = perf_counter()
        result = mine(log, facts, MiningSettings())
        seconds.append(perf_counter() - started)
    row: Row = {
        "events": len(log),
        "hypotheses": result.n_tested,
        "seconds (median of 3)": round(sorted(seconds)[1], 2),
        "MB more than the log's making": (getrusage(RUSAGE_SELF).ru_maxrss - before)
        // 1024,
        "MB of the process": getrusage(RUSAGE_SELF).ru_maxrss // 1024,
    }
    detect = {k: v for k, v in result.timings_s.items() if not k.startswith("gate")}
    row.update({f"{name} s": round(value, 2) for name, value in detect.items()})
    row["gates s"] = round(sum(result.timings_s.values()) - sum(detect.values()), 2)
    return row
