"""Slow, obvious twin of the search for reactions."""

from collections.abc import Sequence
from math import log2, sqrt

from custom_components.automation_scout.mining.detectors.follows import (
    LEAST_PRECISION,
    PRESENCE,
    RESTING,
    SAMPLE,
    SLOWNESS,
    WINDOWS_S,
    Follows,
)
from custom_components.automation_scout.mining.detectors.variants import (
    FOR_S,
    MOST_A_DAY,
    QUIET_S,
    WORTH,
)
from custom_components.automation_scout.mining.facts import ACTUATOR_DOMAINS
from custom_components.automation_scout.mining.rules import (
    Action,
    Kind,
    Rule,
    StateTrigger,
)
from custom_components.automation_scout.mining.stats import binomial_tail, wilson_low

from .naive import DAY_MS, Home
from .naive_chances import activity, hour_of, mean
from .naive_detect import HOUR_MS, Found, background, related
from .naive_occasions import edges, occasions, react, ready_occasions

type Forms = dict[StateTrigger, list[int]]
"""Triggers and when they fire."""


def forms(home: Home) -> Forms:
    """Return the plain triggers, and for sensors those forms that are rarer."""
    found: Forms = {
        StateTrigger(entity_id, state): times
        for (entity_id, state), times in edges(home).items()
    }
    for plain, times in tuple(found.items()):
        if plain.entity_id.split(".")[0] in ACTUATOR_DOMAINS:
            continue
        for quiet_s, for_s in [(q, 0) for q in QUIET_S] + [(0, f) for f in FOR_S]:
            form = StateTrigger(plain.entity_id, plain.state, for_s, quiet_s)
            fires = occasions(home, form)
            often = len(fires) > MOST_A_DAY * max(1, len(home.days()))
            if fires and not often and len(fires) <= WORTH * len(times):
                found[form] = fires
    return found


def hits(acts: Sequence[int], times: Sequence[int], window_s: int) -> int:
    """Return how many acts come so soon after an occasion."""
    lags = [act - max(t for t in times if t < act) for act in acts if act > min(times)]
    return sum(lag <= window_s * 1000 for lag in lags)


def chance_by_hour(home: Home, times: Sequence[int], window_s: int) -> list[float]:
    """Return the share of each hour that lies soon behind an occasion."""
    start, end = home.span()
    of_hour = max(1, (end - start) / DAY_MS) * HOUR_MS
    covered = [0.0] * 24
    following = [*times[1:], times[-1] + DAY_MS]
    for t, after in zip(times, following, strict=True):
        covered[hour_of(home, t)] += min(after - t, window_s * 1000)
    return [min(part / of_hour, 1.0) for part in covered]


def sample(acts: Sequence[int]) -> list[int]:
    """Return the acts that the prefilter looks at."""
    if len(acts) <= SAMPLE:
        return list(acts)
    step = (len(acts) - 1) / (SAMPLE - 1)
    return [acts[int(i * step)] for i in range(SAMPLE - 1)] + [acts[-1]]


def _is_promising(
    home: Home, acts: Sequence[int], times: Sequence[int], detector: Follows
) -> bool:
    n = len(acts)
    for window in WINDOWS_S:
        seen = hits(acts, times, window)
        by_hour = chance_by_hour(home, times, window)
        chance = sum(by_hour[hour_of(home, act)] for act in acts)
        spread = sqrt(chance * (1 - chance / n) + 0.5)
        enough = seen >= max(detector.min_hits, detector.min_coverage * n)
        if enough and seen > chance + detector.min_z * spread:
            return True
    return False


def is_allowed(home: Home, watched: str, action: Action) -> bool:
    """Return whether a sensor may be the reason for an action."""
    sensor, target = home.facts.of(watched), home.facts.of(action.target)
    in_room = sensor.area_id is not None and sensor.area_id == target.area_id
    if in_room and sensor.device_class in PRESENCE and action.state in RESTING:
        return False
    return not related(home, watched, action.target)


def follows(home: Home, detector: Follows) -> tuple[Found, int]:
    """Return the reactions and the number of tests."""
    found: Found = {}
    tested = 0
    of_home = forms(home)
    for action, rows in home.acts().items():
        acts = [row.t for row in rows]
        if len(acts) < detector.min_hits:
            continue
        for trigger, times in of_home.items():
            if not is_allowed(home, trigger.entity_id, action):
                continue
            tested += len(WINDOWS_S)
            if _is_promising(home, sample(acts), times, detector):
                _add(home, action, trigger, detector, found)
    return found, tested


def _add(
    home: Home, action: Action, trigger: StateTrigger, detector: Follows, found: Found
) -> None:
    """Add the best window, where it is worth testing."""
    best: tuple[float, int, int, int, float] | None = None
    ready = ready_occasions(home, action, trigger)
    n_acts = len(home.acts()[action])
    for window in WINDOWS_S:
        stretches = {t // (window * 1000) for t in ready}
        if n_acts < LEAST_PRECISION * len(stretches) / 2:
            continue
        fired = react(home, action, ready, window)
        wanted = [f for f in fired if f.hit]
        if len({f.day for f in wanted}) < detector.min_hits:
            continue
        by_hour = background(home, action, window)
        chance = mean([by_hour[hour_of(home, f.t)] for f in fired])
        slow = SLOWNESS * log2(window / 30)
        gain = wilson_low(len(wanted), len(fired)) - chance - slow
        if best is None or gain > best[0] + 1e-9:
            best = gain, window, len(wanted), len(fired), chance
    if best is None:
        return
    _, window, n_hits, n, chance = best
    own = occasions(home, trigger)
    chance = max(chance, activity(home, action, own, window))
    rule = Rule(trigger, action, window)
    if n_hits >= detector.min_lift * chance * n and rule.kind is Kind.STATE:
        found[rule] = binomial_tail(n_hits, n, chance)
