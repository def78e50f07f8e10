"""Gates that count and what is said of a proven rule agree with slow twins."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from typing import ClassVar

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.detectors.protocol import (
    Candidate,
    Detection,
)
from custom_components.automation_scout.mining.events import (
    EventLog,
    Ints,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.evidence import Holdout
from custom_components.automation_scout.mining.feedback import Feedback
from custom_components.automation_scout.mining.gates.nuisance import Nuisance
from custom_components.automation_scout.mining.gates.protocol import (
    Draft,
    GateContext,
    Judgement,
)
from custom_components.automation_scout.mining.gates.rhythm import (
    Rhythm,
    alternating_p,
    skipping_p,
)
from custom_components.automation_scout.mining.gates.spread import Spread
from custom_components.automation_scout.mining.gates.support import Support
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.proving import EXAMPLES, prove
from custom_components.automation_scout.mining.replay import NEAR_MS, Replay, replay
from custom_components.automation_scout.mining.result import Rejection
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
)
from custom_components.automation_scout.mining.settings import MiningSettings
from custom_components.automation_scout.mining.stats import Z_80, wilson_low

from . import naive, naive_occasions
from .drafts import NONE, draft_of
from .strategies import ACTIONS, bursts, logs
from .worlds import (
    BARE,
    DAY,
    HOUR,
    MINUTE,
    clock_habit,
    framed,
    history_of,
    instant,
    occasions,
    pulses,
    reaction,
    rule_at,
)

PLACE = replace(BARE, latitude=52.1, longitude=5.1)
CONTEXT = GateContext(history_of([]), MiningSettings(), {}, 1)
DAYS = range(28)
MONDAY = 20_465
DESK = Action("light.desk", "on")
DOOR = StateTrigger("binary_sensor.door", "on")
LAMP = Action("light.lamp", "on")


def context_of(history: History) -> GateContext:
    return replace(CONTEXT, history=history)


def played(hit_days: Sequence[int], action: Action) -> Draft:
    """Return a draft that was right on some days, more than once on some."""
    n = len(hit_days)
    days = np.array(hit_days, np.int64)
    done = Replay(days * DAY, days, np.ones(n, bool), np.arange(n))
    return Draft(Candidate(Rule(DOOR, action, 60), 1e-9, 0.1), done)


@given(st.lists(st.integers(0, 9), max_size=12), st.booleans())
def test_support_counts_different_days(days: list[int], of_setting: bool) -> None:
    """Six where one value of a setting is meant, four else."""
    action = Action("light.desk#brightness", "40") if of_setting else DESK
    judgement = Support().judge([played(days, action)], CONTEXT)
    assert bool(judgement.kept) == (len(set(days)) >= (6 if of_setting else 4))
    for rejection in judgement.rejections:
        assert rejection.measured == len(set(days))
        assert rejection.required == (6 if of_setting else 4)


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 90))
def test_nuisance(days: int, hits: int, wrong: int) -> None:
    """At most one wrong firing a day, and none is never too many."""
    draft = replace(draft_of(600, 0.1), holdout=Holdout(days, hits, wrong))
    judgement = Nuisance().judge([draft], CONTEXT)
    assert bool(judgement.kept) == (wrong <= days)
    for rejection in judgement.rejections:
        assert rejection.measured == pytest.approx(days / wrong)
        assert rejection.required == 1


@pytest.mark.parametrize("origin", [Origin.AUTOMATION, Origin.USER])
def test_what_is_automated_is_not_for_this_gate(origin: Origin) -> None:
    """It looks wrong all the time, and the next gate can say why."""
    rows = in_rhythm(range(0, 28, 14))
    for day in DAYS:
        # Nobody's name, but not to the second either.
        at = instant(day, 1195) + 17_000 * (day * 5 % 13)
        rows.append((at, "light.lamp", "on", int(origin), ""))
    history = history_of(rows)
    draft = Draft(Candidate(rule_at(1200), 1e-9, 0.1), replay(history, rule_at(1200)))
    wrong = replace(draft, holdout=Holdout(28, 0, 40))
    kept = Nuisance().judge([wrong], context_of(history)).kept
    assert bool(kept) == (origin is Origin.AUTOMATION)


def slow_alternating_p(outcomes: dict[int, bool], lag: int) -> float:
    """Return the tail of the number of days that differ, counted one by one."""
    pairs = [
        (hit, outcomes[day + lag])
        for day, hit in outcomes.items()
        if day + lag in outcomes
    ]
    if not outcomes:
        return 1.0
    rate = Fraction(sum(outcomes.values()), len(outcomes))
    differ = sum(a != b for a, b in pairs)
    return float(naive.binomial_tail(differ, len(pairs), 2 * rate * (1 - rate)))


@given(
    st.dictionaries(st.integers(MONDAY, MONDAY + 40), st.booleans(), max_size=40),
    st.sampled_from((1, 2, 7)),
)
def test_alternating(outcomes: dict[int, bool], lag: int) -> None:
    outcomes = dict(sorted(outcomes.items()))
    fast = alternating_p(
        np.array(list(outcomes), np.int64), np.array(list(outcomes.values()), bool), lag
    )
    slow = slow_alternating_p(outcomes, lag)
    assert fast == pytest.approx(slow, rel=1e-6, abs=1e-12)


def in_rhythm(days: Sequence[int], every: int = 28) -> list[Row]:
    """Do it on some days; on all of them a timer undoes it."""
    rows = clock_habit("light.lamp", 1200, days)
    rows = [row for row in rows if row[2] == "on"]
    rows += [
        (instant(day, 300), "light.lamp", "off", Origin.AUTOMATION, "")
        for day in range(every)
    ]
    rows += clock_habit("switch.fan", 700, range(every))
    return framed(rows, every)


RANDOM = [int(d) for d in np.flatnonzero(np.random.default_rng(8).random(56) < 0.6)]
"""Days that were left to chance."""


@pytest.mark.parametrize(
    ("done", "is_kept"),
    [
        (list(range(0, 56, 2)), False),
        ([day for day in range(56) if day // 7 % 2], False),
        (RANDOM, True),
        (list(range(56)), True),
        # Away for a fortnight: a clump is no rhythm.
        ([*range(20), *range(34, 56)], True),
        # Two days a week, every week: days on which it is never done do not count.
        ([day for day in range(56) if day % 7 in (1, 3)], True),
    ],
    ids=["days", "weeks", "chance", "always", "away", "weekly"],
)
def test_rhythm(done: list[int], is_kept: bool) -> None:
    history = history_of(in_rhythm(done, 56))
    draft = Draft(Candidate(rule_at(1200), 1e-9, 0.1), replay(history, rule_at(1200)))
    judgement = Rhythm().judge([draft], context_of(history))
    assert bool(judgement.kept) == is_kept


def test_days_on_which_something_else_did_it_are_no_beat() -> None:
    """Every other day the automation is quicker; people do it on the days between."""
    rows = in_rhythm(range(0, 56, 2), 56)
    rows += [
        (instant(day, 1190), "light.lamp", "on", Origin.AUTOMATION, "")
        for day in range(1, 56, 2)
    ]
    history = history_of(rows)
    draft = Draft(Candidate(rule_at(1200), 1e-9, 0.1), replay(history, rule_at(1200)))
    assert Rhythm().judge([draft], context_of(history)).kept == (draft,)


def slow_skipping_p(day: list[int], hits: set[int]) -> float:
    """Return the share of the ways to spread the followers that have so few next."""
    near = [hit + 1 in hits for hit in sorted(hits) if hit + 1 in day]
    far = [hit + 2 in hits for hit in sorted(hits) if hit + 2 in day]
    drawn = list(combinations(range(len(near) + len(far)), sum(near) + sum(far)))
    few = [
        chosen for chosen in drawn if sum(i < len(near) for i in chosen) <= sum(near)
    ]
    return len(few) / len(drawn)


@given(st.dictionaries(st.integers(MONDAY, MONDAY + 14), st.booleans(), max_size=9))
def test_skipping(outcomes: dict[int, bool]) -> None:
    outcomes = dict(sorted(outcomes.items()))
    fast = skipping_p(
        np.array(list(outcomes), np.int64), np.array(list(outcomes.values()), bool)
    )
    slow = slow_skipping_p(
        list(outcomes), {day for day, hit in outcomes.items() if hit}
    )
    assert fast == pytest.approx(slow)


@pytest.mark.parametrize("every", [1, 2], ids=["daily", "every other day"])
def test_reactions_have_a_rhythm_too(every: int) -> None:
    """The lamp goes out every morning; the sprinkler follows on every other one."""
    at = [instant(day, 420) for day in range(40)]
    kept = [t for day, t in enumerate(at) if day % every == 0]
    rows = pulses("binary_sensor.door", at) + reaction("light.lamp", kept, seed=3)
    history = history_of(framed(rows, 40))
    rule = Rule(StateTrigger("binary_sensor.door", "on"), LAMP, 60)
    draft = Draft(Candidate(rule, 1e-9, 0.1), replay(history, rule))
    judgement = Rhythm().judge([draft], context_of(history))
    assert bool(judgement.kept) == (every == 1)


def test_a_condition_hides_no_rhythm() -> None:
    """Every other day but for an absence; the door is often open then."""
    done = [*range(0, 14, 2), *range(28, 42, 2)]
    rows = in_rhythm(done, 42)
    opened = [instant(day, 1100) for day in (*done, 3, 9, 31, 37)]
    rows += pulses("binary_sensor.door", sorted(opened), 3 * HOUR)
    history = history_of(rows)
    condition = StateCondition("binary_sensor.door", "on")
    rule = replace(rule_at(1200), conditions=(condition,))
    draft = Draft(Candidate(rule, 1e-9, 0.1), replay(history, rule))
    assert not Rhythm().judge([draft], context_of(history)).kept


@pytest.mark.parametrize(
    ("window_s", "required"),
    [(300, 0.6), (900, 0.6), (1350, 0.675), (1800, 0.75), (3600, 0.75)],
)
def test_wide_windows_need_sharper_peaks(window_s: int, required: float) -> None:
    """Nothing in the window at all: the number that it says is the one required."""
    history = history_of(framed(clock_habit("light.lamp", 1200, DAYS), 28))
    rule = Rule(TimeTrigger(1275), LAMP, window_s)
    draft = Draft(Candidate(rule, 1e-9, 0.1), Replay(NONE, NONE, NONE > 0, NONE))
    judgement = Spread().judge([draft], context_of(history))
    [rejection] = judgement.rejections
    assert rejection.measured == 0
    assert rejection.required == pytest.approx(required)


@given(
    st.lists(
        st.tuples(st.integers(0, 13), st.integers(-130, 130)), min_size=1, max_size=40
    ),
    st.sampled_from((300, 900, 1800)),
    st.sampled_from((tuple(range(7)), (0, 1, 2, 3, 4))),
    st.sampled_from((0, MONDAY + 4)),
    st.sampled_from((1200, 30)),
)
def test_spread_is_the_share_of_the_window(
    at: list[tuple[int, int]],
    window_s: int,
    weekdays: tuple[int, ...],
    since: int,
    minute: int,
) -> None:
    """Of the acts of ninety minutes to either side, over midnight too."""
    rows: list[Row] = [(instant(-2, 0), "light.lamp", "off", Origin.USER, "")]
    for number, (day, offset) in enumerate(at):
        t = instant(day, minute + offset) + number * 1000
        rows.append((t, "light.lamp", "on", Origin.PHYSICAL, ""))
    history = history_of(framed(rows, 15))
    rule = Rule(TimeTrigger(minute, weekdays), LAMP, window_s, since=since)
    draft = Draft(Candidate(rule, 1e-9, 0.1), replay(history, rule))
    near = [
        offset
        for (day, offset), number in zip(at, range(len(at)), strict=True)
        if naive.weekday(MONDAY + day) in weekdays
        and MONDAY + day >= since
        and -90 * MINUTE <= offset * MINUTE + number * 1000 <= 90 * MINUTE
        for offset in [offset * MINUTE + number * 1000]
    ]
    inside = sum(abs(offset) <= window_s * 1000 for offset in near)
    share = inside / max(1, len(near))
    strict = replace(Spread(), least=(1.1, 1.1))
    [rejection] = strict.judge([draft], context_of(history)).rejections
    assert rejection.measured == pytest.approx(share)


@given(
    logs() | bursts(),
    st.sampled_from(
        (
            TimeTrigger(720),
            TimeTrigger(5, (0, 1, 2)),
            StateTrigger("binary_sensor.motion", "on"),
            StateTrigger("person.anna", "home", for_s=60),
            SunTrigger(SunEvent.SUNSET, -240),
            SunTrigger(SunEvent.SUNRISE, 210),
        )
    ),
    st.sampled_from(ACTIONS[:3]),
    st.sampled_from((60, 900, 1800)),
    st.sampled_from((0, MONDAY + 1)),
)
@settings(max_examples=200)
def test_evidence(
    log: EventLog,
    trigger: TimeTrigger | StateTrigger | SunTrigger,
    action: Action,
    window_s: int,
    since: int,
) -> None:
    """Every count that is shown is what one finds by looking at each act."""
    rule = Rule(trigger, action, window_s, since=since)
    history, home = History(log, PLACE), naive.Home(log, PLACE)
    fired = naive_occasions.replay(home, rule)
    explained = sorted({i for firing in fired for i in firing.explained})
    if not explained:
        return
    holdout = Holdout(9, 3, 2)
    draft = Draft(Candidate(rule, 1e-9, 0.1), replay(history, rule), holdout)
    item = prove(draft, history, Feedback())
    evidence = item.evidence
    acts = home.acts()[action]
    agreeing = [acts[i] for i in explained]
    left = [row for i, row in enumerate(acts) if i not in explained]
    left = [row for row in left if naive_occasions.day_of(home, row.t) >= since]
    if not isinstance(trigger, StateTrigger):
        due = [t for _, t in naive_occasions.due_times(home, trigger, window_s)]
        if isinstance(trigger, TimeTrigger):
            days = range(MONDAY - 2, MONDAY + 12)
            due = [naive.instant(day, trigger.minute, home.zone) for day in days]
        left = [row for row in left if any(abs(row.t - t) <= NEAR_MS for t in due)]
    assert evidence.missed == len(left)
    assert evidence.opportunities == len(fired)
    assert evidence.hits == sum(f.hit for f in fired)
    assert evidence.wrong == sum(not f.hit for f in fired)
    assert evidence.human_actions == len(acts)
    assert evidence.days_observed == sum(day >= since for day in home.days())
    assert evidence.first_seen_ms == agreeing[0].t
    assert evidence.last_seen_ms == agreeing[-1].t
    assert evidence.examples_ms == tuple(r.t for r in agreeing[-EXAMPLES:][::-1])
    names = Counter(Origin(row.origin).name.lower() for row in agreeing)
    assert evidence.provenance == names
    assert item.confidence == wilson_low(3, 5) == evidence.holdout.precision_low


def test_of_several_forms_of_one_rule_the_one_that_gains_most_goes_on() -> None:
    """Lengths of a stay have one key; at most one of them is judged."""
    at = occasions(DAYS, 3, 4)
    rows = pulses("binary_sensor.door", at, 15 * MINUTE)
    late = [t + 10 * MINUTE for t in at]
    rows += reaction("light.desk", late, seed=4)
    rows += pulses("binary_sensor.door", [t + HOUR // 2 for t in at[::2]], 3 * MINUTE)
    history = history_of(framed(rows, 28))
    forms = [
        Rule(replace(DOOR, for_s=for_s), DESK, window_s)
        for for_s, window_s in product((60, 120, 600), (60, 900))
    ]
    assert len({rule.key for rule in forms}) == 1

    class Proposer:
        """Proposes all of them, in some order."""

        name: ClassVar[str] = "state"

        def __init__(self, rules: Sequence[Rule]) -> None:
            self.rules = rules

        def detect(self, history: History) -> Detection:
            found = tuple(Candidate(rule, 1e-9, 0.05) for rule in self.rules)
            return Detection(found, len(found))

        def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
            raise AssertionError

    def gain(rule: Rule) -> float:
        fired = naive_occasions.replay(home, rule)
        return naive.wilson_low(sum(f.hit for f in fired), len(fired), Z_80) - 0.05

    home = naive.Home(history.log, BARE)
    best = max(map(gain, forms))
    assert min(map(gain, forms)) < best
    for order in (forms, forms[::-1], forms[3:] + forms[:3]):
        result = mine(
            log_of_rows(framed(rows, 28)),
            BARE,
            MiningSettings(),
            (Proposer(order),),
            (Refuser(),),
        )
        assert result.candidates == len(forms)
        [rejection] = result.rejections
        assert gain(rejection.rule) == best


class Refuser:
    """A gate that nothing passes."""

    name: ClassVar[str] = "refuser"

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        return Judgement((), tuple(Rejection(d.rule, "refuser", 0, 1) for d in drafts))
