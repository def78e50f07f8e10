"""`scripts/bench traces`: rules learned on the early days of real homes, later judged.

The traces are not part of the project; `--folder` says where they lie. Their columns
are `ts_local_epoch,entity,state`, local clock time read as if it were UTC.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
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
from custom_components.automation_scout.mining.replay import replay
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
from .report import Row, table

FACTS: Final = HomeFacts("UTC")
STAND_INS: Final = re.compile("tap|door|fridge|drawer|tv", re.IGNORECASE)
LEARN: Final = 0.6
"""Share of the recorded days that is learned from."""


@dataclass(frozen=True, slots=True)
class Trace:
    """How a file is read."""

    file: str
    is_actuator: Callable[[str], bool]
    on_only: bool
    """The entities stand in for actuators, and go off without anybody's doing."""


TRACES: Final = (
    Trace("office.csv", lambda name: name.endswith(".switch"), on_only=False),
    Trace(
        "aras_b.csv",
        lambda name: bool(STAND_INS.search(name)),
        on_only=True,
    ),
)


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--folder", type=Path, default=Path("../shared/traces"))
    parser.add_argument("--permutations", type=int, default=10)


def run(options: Namespace) -> list[Row]:
    """Judge each trace that is there, beside pairs within five minutes."""
    rows: list[Row] = []
    for trace in TRACES:
        path = options.folder / trace.file
        if not path.exists():
            print(f"{path} is not there")
            continue
        log = load(path, trace)
        days = np.unique(log.t // DAY_MS)
        cut = int(days[int(len(days) * LEARN)]) * DAY_MS
        history = History(log, FACTS)
        learned = log.between(0, cut)
        for sensitivity in Sensitivity:
            found = [item.rule for item in _mine(learned, sensitivity).proven]
            name = f"Automation Scout, {sensitivity.value}"
            rows.append(judge(trace.file, name, found, history, cut))
        pairs = list(_pair_rules(learned))
        rows.append(judge(trace.file, "pairs within 5 minutes", pairs, history, cut))
        rows.append(_null(trace.file, log, options.permutations))
    print(table(rows))
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


def judge(
    home: str, miner: str, rules: Sequence[Rule], history: History, cut: int
) -> Row:
    """Replay rules on the days from `cut` (ms UTC) on, and count."""
    late_days = np.unique(history.log.t[history.log.t >= cut] // DAY_MS)
    fired = hits = 0
    worst = 0.0
    covered: dict[Action, set[int]] = {}
    for rule in rules:
        played = replay(history, rule)
        late = played.fired >= cut
        n, k = int(late.sum()), int(played.hit[late].sum())
        fired, hits = fired + n, hits + k
        worst = max(worst, (n - k) / len(late_days))
        acts = history.acts[rule.action].t[played.explained]
        covered.setdefault(rule.action, set()).update(acts[acts >= cut].tolist())
    total = sum(int((acts.t >= cut).sum()) for acts in history.acts.values())
    return {
        "home": home,
        "miner": miner,
        "rules": len(rules),
        "firings": fired,
        "precision": round(hits / fired, 3) if fired else None,
        "coverage": round(sum(map(len, covered.values())) / max(1, total), 3),
        "acts": total,
        "wrong a day, worst rule": round(worst, 2),
    }


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
        counts.append(sum(item.rule.kind is Kind.STATE for item in result.proven))
    return {
        "home": home,
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
