"""`scripts/bench speed`: seconds and memory of mining large logs."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
import json
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
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
MEASURED: Final = 100
COLUMNS: Final = ("t", "entity", "state", "origin", "actor")
DAYS: Final = 90
START: Final = 20_527 * DAY


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--events", type=int, nargs="*", default=[100_000, 1_000_000])


def large_log(events: int, seed: int = 1) -> tuple[EventLog, HomeFacts]:
    """Return a log of 500 entities over 90 days with a busy waking day.

    60 actuators have 4 acts a day of people; all else is chatter of sensors, 100 of
    which measure.
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
    state = np.empty(len(t), np.int32)
    grouped = np.argsort(entity, kind="stable")
    counts = np.bincount(entity, minlength=ENTITIES)
    position = np.arange(len(t)) - np.repeat(np.cumsum(counts) - counts, counts)
    state[grouped] = position % 2
    measured = entity >= ENTITIES - MEASURED
    swing = 20 + 4 * np.sin(2 * np.pi * (t[measured] % DAY) / DAY)
    noise = rng.normal(0, 0.6, int(measured.sum()))
    state[measured] = 2 + np.clip(np.rint(5 * (swing + noise)) - 60, 0, 120)
    origin = np.where(entity < ACTUATORS, int(Origin.USER), int(Origin.REPORT))
    log = EventLog(
        t,
        entity.astype(np.uint16),
        state,
        origin.astype(np.int8),
        (entity < ACTUATORS).astype(np.uint16),
        tuple(map(_name, range(ENTITIES))),
        ("off", "on", *(f"{(60 + step) / 5:g}" for step in range(121))),
        ("", "anna"),
    )
    return log, _facts()


def _name(number: int) -> str:
    if number < ACTUATORS:
        return f"light.l{number}"
    if number < ENTITIES - MEASURED:
        return f"binary_sensor.s{number}"
    return f"sensor.t{number}"


def _facts() -> HomeFacts:
    return HomeFacts(
        ZONE,
        {
            name: EntityFacts(
                name,
                name,
                f"area{number % 20}",
                f"device{number}",
                is_numeric=name.startswith("sensor."),
                unit="°C" if name.startswith("sensor.") else None,
            )
            for number, name in enumerate(map(_name, range(ENTITIES)))
        },
        latitude=52.37,
        longitude=4.89,
    )


def run(options: Namespace) -> list[Row]:
    """Mine logs of several sizes and print where the time goes."""
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        for events in options.events:
            _in_a_process_of_its_own(_save, events, Path(folder))
            rows.append(_in_a_process_of_its_own(_measure, Path(folder)))
    print(table(rows))
    return rows


def _in_a_process_of_its_own[*A, T](job: Callable[[*A], T], *args: *A) -> T:
    """Return what a job answers in a process whose greatest size is its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(job, *args).result()


def _save(events: int, folder: Path) -> None:
    log, _ = large_log(events)
    for name in COLUMNS:
        np.save(folder / f"{name}.npy", getattr(log, name))
    (folder / "words.json").write_text(
        json.dumps([log.entities, log.states, log.actors]), encoding="utf-8"
    )


def _load(folder: Path) -> EventLog:
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    columns = [np.load(folder / f"{name}.npy") for name in COLUMNS]
    return EventLog(*columns, *map(tuple, words))


def _measure(folder: Path) -> Row:
    log, facts = _load(folder), _facts()
    before = getrusage(RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(3):
        started = perf_counter()
        result = mine(log, facts, MiningSettings())
        seconds.append(perf_counter() - started)
    if result.errors:
        raise RuntimeError(result.errors)
    peak = getrusage(RUSAGE_SELF).ru_maxrss
    row: Row = {
        "events": len(log),
        "hypotheses": result.n_tested,
        "seconds (median of 3)": round(sorted(seconds)[1], 2),
        "MB beside the log": (peak - before) // 1024,
        "MB of the process": peak // 1024,
    }
    detect = {k: v for k, v in result.timings_s.items() if not k.startswith("gate")}
    row.update({f"{name} s": round(value, 2) for name, value in detect.items()})
    row["gates s"] = round(sum(result.timings_s.values()) - sum(detect.values()), 2)
    return row
