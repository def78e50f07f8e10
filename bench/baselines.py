"""The incumbents, re-implemented from what is said of them.

HomeIQ's two detectors and the half-hour bins of an automation suggestion integration.
They see every change of state in UTC, whoever caused it, as they do in life. Their
findings are matched generously: clusters name no state, pairs no direction.
"""

from collections import Counter
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import (
    ACTUATOR_DOMAINS,
    TRIGGER_DOMAINS,
    domain_of,
)
from custom_components.automation_scout.mining.origin import UNAVAILABLE, Origin
from custom_components.automation_scout.mining.rules import StateTrigger, TimeTrigger

from .homes.model import Planted

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Finding:
    """What an incumbent suggests: one entity at an hour, or two entities."""

    entities: frozenset[str]
    hour_utc: float | None = None

    def matches(self, planted: Planted, offset_h: float) -> bool:
        """Return whether it is the planted habit; `offset_h` is local less UTC."""
        rule = planted.rule
        if self.entities.isdisjoint(action.target for action in rule.actions):
            return False
        match rule.trigger:
            case TimeTrigger(minute) if self.hour_utc is not None:
                apart = abs((self.hour_utc + offset_h) % 24 - minute / 60)
                return min(apart, 24 - apart) <= 1 / 3
            case StateTrigger(entity_id):
                return self.hour_utc is None and entity_id in self.entities
            case _:
                return False


def homeiq_time_of_day(log: EventLog) -> list[Finding]:
    """Cluster the UTC hours of each entity's events with k-means.

    k is 1, 2 or 3 for up to 10, up to 20 and more events; at least 5 events;
    confidence is share x (1 - min(sd / 120 min, 0.3)), + 0.1 from ten events on.
    """
    found = []
    for entity, hours in _hours(log).items():
        if len(hours) < 5:
            continue
        k = 1 if len(hours) <= 10 else 2 if len(hours) <= 20 else 3
        label, centres = _k_means(hours, k)
        for cluster in range(k):
            mine = hours[label == cluster]
            if len(mine) < 5:
                continue
            spread = min(float(mine.std()) / 2, 0.3)
            confidence = len(mine) / len(hours) * (1 - spread)
            confidence += 0.1 if len(hours) >= 10 else 0.0
            if confidence >= 0.7:
                found.append(Finding(frozenset({entity}), float(centres[cluster])))
    return found


def homeiq_co_occurrence(log: EventLog) -> list[Finding]:
    """Count pairs of entities within five minutes; undirected, every event counts."""
    usable = _usable(log, ACTUATOR_DOMAINS | TRIGGER_DOMAINS)
    t, entity = log.t[usable], log.entity[usable].astype(np.int64)
    high = np.searchsorted(t, t + 300_000, side="right")
    pairs: Counter[tuple[int, int]] = Counter()
    for index in range(len(t)):
        for other in set(entity[index + 1 : high[index]].tolist()):
            if other != entity[index]:
                low, top = sorted((int(entity[index]), int(other)))
                pairs[low, top] += 1
    counts = np.bincount(entity, minlength=len(log.entities))
    return [
        Finding(frozenset({log.entities[a], log.entities[b]}))
        for (a, b), n in sorted(pairs.items())
        if n >= 5
        and min(n / min(counts[a], counts[b]), 1.0) >= 0.7
        and {domain_of(log.entities[a]), domain_of(log.entities[b])} & ACTUATOR_DOMAINS
    ]


def half_hour_bins(log: EventLog) -> list[Finding]:
    """Take the fullest half hour (UTC) of each entity's acts with a user id.

    At least two acts in the last 14 days, and 70 % of them in that half hour.
    """
    recent = log.t >= (log.t[-1] if len(log) else 0) - 14 * DAY_MS
    mask = _usable(log, ACTUATOR_DOMAINS) & (log.origin == Origin.USER) & recent
    found = []
    for code in np.unique(log.entity[mask]):
        bins = log.t[mask & (log.entity == code)] % DAY_MS // (HOUR_MS // 2)
        values, counts = np.unique(bins, return_counts=True)
        if counts.max() >= 2 and counts.max() / len(bins) >= 0.7:
            hour = (float(values[counts.argmax()]) + 0.5) / 2
            found.append(Finding(frozenset({log.entities[code]}), hour))
    return found


def _usable(log: EventLog, domains: frozenset[str]) -> np.ndarray:
    entity_ok = np.array([domain_of(name) in domains for name in log.entities], bool)
    state_ok = np.array([name not in UNAVAILABLE for name in log.states], bool)
    if not len(log):
        return np.zeros(0, bool)
    usable: np.ndarray = entity_ok[log.entity] & state_ok[log.state]
    return usable


def _hours(log: EventLog) -> dict[str, np.ndarray]:
    usable = _usable(log, ACTUATOR_DOMAINS)
    hours = log.t[usable] % DAY_MS / HOUR_MS
    entity = log.entity[usable]
    return {log.entities[c]: hours[entity == c] for c in np.unique(entity)}


def _k_means(values: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and centres; starts at the quantiles, which is near the optimum."""
    centres = np.quantile(values, (np.arange(k) + 0.5) / k)
    label = np.zeros(len(values), np.int64)
    for _ in range(int(sqrt(len(values))) + 20):
        label = np.abs(values[:, None] - centres[None, :]).argmin(axis=1)
        moved = np.array(
            [
                values[label == c].mean() if np.any(label == c) else centres[c]
                for c in range(k)
            ]
        )
        if np.allclose(moved, centres):
            break
        centres = moved
    return label, centres
