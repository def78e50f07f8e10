"""`scripts/bench traces`: rules learned on the early days of real homes, later judged.

The traces are not part of the project; `--folder` says where they lie. Their columns
are `ts_local_epoch,entity,state`, local clock time read as if it were UTC. A file that
is not named here is read like the one whose kind of entities it has.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
import csv
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.events import (
    EventLog,
    Ints,
    Row as Event,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.localtime import DAY_MS
from custom_components.automation_scout.mining.origin import HUMAN, Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import (
    Action,
    Kind,
    Rule,
    StateTrigger,
)
from custom_components.automation_scout.mining.settings import (
    MiningSettings,
    Sensitivity,
)

from .baselines import homeiq_co_occurrence
from .later_days import judge
from .report import Row, table

FACTS: Final = HomeFacts("UTC")
STAND_INS: Final = re.compile("tap|door|fridge|drawer|tv", re.IGNORECASE)
ORIGINS: Final = (0.5, 0.6, 0.7)
"""Shares of the recorded days that are learned from; the bounds are those at 0.6."""
LEARN: Final = 0.6
CLOCKED: Final = (Kind.TIME, Kind.SUN)


@dataclass(frozen=True, slots=True)
class Trace:
    """How a file is read."""

    is_actuator: Callable[[str], bool]
    on_only: bool
    """The entities stand in for actuators, and go off without anybody's doing."""


SWITCHED: Final = Trace(lambda name: name.endswith(".switch"), on_only=False)
STOOD_IN: Final = Trace(lambda name: bool(STAND_INS.search(name)), on_only=True)
TRACES: Final = {"office.csv": SWITCHED, "aras_b.csv": STOOD_IN}


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--folder", type=Path, default=Path("../shared/traces"))
    parser.add_argument("--permutations", type=int, default=10)
    parser.add_argument("--rules", action="store_true", help="print each rule")


def run(options: Namespace) -> list[Row]:
    """Judge each trace that is there, beside pairs within five minutes."""
    rows: list[Row] = []
    paths = sorted(options.folder.glob("*.csv"))
    if not paths:
        raise SystemExit(f"There is no trace in {options.folder}.")
    for path in paths:
        trace = TRACES.get(path.name) or _kind_of(path)
        rows += _judged(path, load(path, trace), options)
    print(table(rows))
    return rows


def _kind_of(path: Path) -> Trace:
    with path.open(encoding="utf-8", newline="") as file:
        names = {line["entity"] for line in csv.DictReader(file)}
    return SWITCHED if any(map(SWITCHED.is_actuator, names)) else STOOD_IN


def _judged(path: Path, log: EventLog, options: Namespace) -> list[Row]:
    days = np.unique(log.t // DAY_MS)
    history = History(log, FACTS)
    rows: list[Row] = []
    for share in ORIGINS:
        cut = int(days[int(len(days) * share)]) * DAY_MS
        learned = log.between(0, cut)
        for sensitivity in Sensitivity if share == LEARN else (Sensitivity.BALANCED,):
            found = [item.rule for item in _mine(learned, sensitivity).proven]
            row = judge(found, history, cut)
            name = f"Automation Scout, {sensitivity.value}"
            rows.append({"home": path.name, "learned": share, "miner": name, **row})
            if options.rules and sensitivity is Sensitivity.BALANCED:
                for rule in found:
                    print(path.name, share, judge([rule], history, cut), rule)
        if share == LEARN:
            pairs = judge(list(_pair_rules(learned)), history, cut)
            name = "pairs within 5 minutes"
            rows.append({"home": path.name, "learned": share, "miner": name, **pairs})
    rows.append(_null(path.name, log, options.permutations))
    return rows


def load(path: Path, trace: Trace) -> EventLog:
    """Return the changes of a trace; repeats of a state are none."""
    rows: list[Event] = []
    last: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            actuator = trace.is_actuator(line["entity"])
            slug = re.sub(r"\W+", "_", line["entity"].lower())
            entity_id = f"{'switch' if actuator else 'binary_sensor'}.{slug}"
            if last.get(entity_id) == line["state"]:
                continue
            last[entity_id] = line["state"]
            by_hand = actuator and (not trace.on_only or line["state"] == "on")
            origin = Origin.USER if by_hand else Origin.REPORT
            t = int(float(line["ts_local_epoch"]) * 1000)
            rows.append((t, entity_id, line["state"], int(origin), ""))
    return log_of_rows(rows)


def _mine(log: EventLog, sensitivity: Sensitivity) -> MiningResult:
    result = mine(log, FACTS, MiningSettings(sensitivity))
    if result.errors:
        raise RuntimeError(result.errors)
    return result


def _pair_rules(log: EventLog) -> Iterable[Rule]:
    """Yield pairs of entities as rules: the one's commonest state, the other on."""
    for finding in homeiq_co_occurrence(log):
        for target in finding.entities:
            if not target.startswith("switch."):
                continue
            (source,) = finding.entities - {target}
            mask = log.entity == log.entities.index(source)
            common = np.bincount(log.state[mask]).argmax()
            yield Rule(
                StateTrigger(source, log.states[common]), Action(target, "on"), 300
            )


def _null(home: str, log: EventLog, permutations: int) -> Row:
    """Mine the whole trace with each actuator's acts on other days: no cause is left.

    Habits of the clock survive that, so only reactions are counted.
    """
    counts = []
    for seed in range(permutations):
        result = _mine(_permuted(log, seed), Sensitivity.BALANCED)
        counts.append(
            sum(item.rule.trigger_kind not in CLOCKED for item in result.proven)
        )
    return {
        "home": home,
        "learned": 1.0,
        "miner": f"null: days permuted, mean of {permutations}",
        "rules": float(np.mean(counts)),
    }


def _permuted(log: EventLog, seed: int) -> EventLog:
    rng = np.random.default_rng(seed)
    days = np.unique(log.t // DAY_MS)
    t: Ints = log.t.copy()
    for code in np.unique(log.entity[np.isin(log.origin, HUMAN)]):
        mine_ = log.entity == code
        other = rng.permutation(days)
        day = np.searchsorted(days, t[mine_] // DAY_MS)
        t[mine_] = other[day] * DAY_MS + t[mine_] % DAY_MS
    order = np.argsort(t, kind="stable")
    return EventLog(
        t[order],
        log.entity[order],
        log.state[order],
        log.origin[order],
        log.actor[order],
        log.entities,
        log.states,
        log.actors,
    )
