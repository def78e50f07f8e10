"""What runs come to: the same counts as the miner's, and what the miner has no use for.

Day 0 of the homes is a Monday; the rule's twin is the replay that judges suggestions.
"""

from hypothesis import example, given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.backtest.engine import (
    Backtest,
    backtest,
)
from custom_components.automation_scout.mining.backtest.judge import Windows
from custom_components.automation_scout.mining.backtest.outcome import Outcome
from custom_components.automation_scout.mining.backtest.plan import (
    Among,
    ChangeTrigger,
    ClockTest,
    ClockTrigger,
    Effect,
    Every,
    FromNumberTest,
    FromStayTest,
    LevelTrigger,
    Neither,
    Plan,
    PlanTrigger,
    SolarTrigger,
    Start,
    StartTest,
    StateTest,
    Test,
    Untold,
)
from custom_components.automation_scout.mining.events import EventLog, Row, log_of_rows
from custom_components.automation_scout.mining.evidence import Holdout
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.proving import evidence_of
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WindowCondition,
)

from ..mining.strategies import ACTIONS, bursts, homes, logs
from ..mining.worlds import BARE, MINUTE, SECOND, facts_of, instant

NOON = ClockTrigger((12 * 3600,))
WINDOWS = Windows()
LAMP = Action("light.lamp", "on")
TRIGGERS: st.SearchStrategy[Trigger] = st.one_of(
    st.builds(
        TimeTrigger,
        st.sampled_from((0, 5, 718, 720, 1200)),
        st.sampled_from((ALL_DAYS, (0, 2), (5, 6))),
    ),
    st.builds(SunTrigger, st.sampled_from(SunEvent), st.sampled_from((0, 240, -30))),
    st.builds(
        StateTrigger,
        st.sampled_from(("binary_sensor.motion", "light.desk", "person.anna")),
        st.sampled_from(("on", "off", "home")),
        st.sampled_from((0, 0, 60, 120)),
    ),
    st.builds(
        NumericTrigger,
        st.just("sensor.room"),
        st.sampled_from(Side),
        st.sampled_from((19.5, 21.0)),
        st.sampled_from((0, 120)),
    ),
)


def as_written(trigger: Trigger) -> PlanTrigger:
    """Return what the automation of a rule waits for."""
    match trigger:
        case TimeTrigger(minute, weekdays):
            return ClockTrigger((minute * 60,), weekdays)
        case SunTrigger(event, offset):
            return SolarTrigger(event, offset * 60)
        case StateTrigger(entity_id, state, for_s):
            target = Among(frozenset({state}))
            return ChangeTrigger((entity_id,), Among(), target, for_s)
        case NumericTrigger(entity_id, side, threshold, for_s):
            bounds = {side.value: threshold}
            return LevelTrigger((entity_id,), for_s=for_s, **bounds)


def without_outages(log: EventLog) -> EventLog:
    """Return a log without what nobody did: the miner takes no edges from it."""
    gone = np.isin(log.state, [log.states.index(s) for s in UNTOLD & {*log.states}])
    return log.where(~gone & (log.origin != Origin.SYSTEM))


UNTOLD = {"unavailable", "unknown"}


@st.composite
def measured(draw: st.DrawFn) -> EventLog:
    """Return a log in which a sensor goes up and down beside what people do."""
    rows: list[Row] = []
    for _ in range(draw(st.integers(1, 30))):
        at = instant(draw(st.integers(0, 4)), draw(st.integers(700, 740)))
        name, states = draw(
            st.sampled_from(
                (
                    ("sensor.room", ("19", "20", "21", "22.5")),
                    ("light.lamp", ("on", "off")),
                    ("light.desk", ("on", "off")),
                )
            )
        )
        rows.append((at, name, draw(st.sampled_from(states)), Origin.USER, ""))
    return log_of_rows(rows)


@settings(max_examples=300)
@example(
    log=log_of_rows(
        [
            (instant(0, 720), "media_player.tv", "playing", Origin.USER, ""),
            (instant(0, 720), "person.anna", "home", Origin.USER, ""),
            (instant(0, 725), "binary_sensor.motion", "on", Origin.USER, ""),
        ]
    ),
    facts=facts_of(EntityFacts("media_player.tv", "TV")),
    trigger=StateTrigger("person.anna", "home"),
    action=Action("media_player.tv", "playing"),
    window_s=60,
    hours=(),
)
@given(
    log=st.one_of(logs(), bursts(), measured()),
    facts=homes(),
    trigger=TRIGGERS,
    action=st.sampled_from(ACTIONS),
    window_s=st.sampled_from((60, 300, 900)),
    hours=st.sampled_from(((), ((11 * 60, 13 * 60),), ((1200, 723),))),
)
def test_counts_are_those_of_the_replay_that_judges_suggestions(
    log: EventLog,
    facts: HomeFacts,
    trigger: Trigger,
    action: Action,
    window_s: int,
    hours: tuple[tuple[int, int], ...],
) -> None:
    place = HomeFacts(
        facts.time_zone,
        facts.entities,
        excluded_users=facts.excluded_users,
        latitude=52.1,
        longitude=5.1,
    )
    history = History(without_outages(log), place)
    conditions = tuple(WindowCondition(*bounds) for bounds in hours)
    rule = Rule(trigger, action, window_s, conditions)
    if isinstance(trigger, StateTrigger) and trigger.entity_id == action.target:
        return
    # No rule is about what the home does not know; an automation may be.
    if isinstance(trigger, StateTrigger) and not history.knows(trigger.entity_id):
        return
    tests: tuple[Test, ...] = tuple(ClockTest(a * 60, b * 60) for a, b in hours)
    plan = Plan((Start(as_written(trigger), "0"),), Every(tests), (Effect((action,)),))
    found = backtest(history, plan, window_s=window_s)
    expected = replay(history, rule)
    assert found.count(Outcome.HIT) == expected.hits
    assert found.opportunities - found.count(Outcome.HIT) == expected.wrong
    judged = np.isin(found.outcome, (Outcome.UNJUDGED, Outcome.ALREADY), invert=True)
    assert found.t[judged].tolist() == expected.fired.tolist()
    assert found.explained == len(expected.explained)


def noons(*days: list[Row], before: str = "off") -> Backtest:
    """Return what lighting the lamp at noon comes to on days, one after the other.

    The lamp is in a state hours before; each day has an act late in the evening, so
    that the home is lived in and the log goes on.
    """
    rows: list[Row] = []
    for day, happened in enumerate(days):
        rows.append((instant(day, 300), "light.lamp", before, Origin.REPORT, ""))
        rows += happened
        rows.append((instant(day, 1380), "light.other", "on", Origin.USER, ""))
        rows.append((instant(day, 1390), "light.other", "off", Origin.USER, ""))
    plan = Plan((Start(NOON, "noon"),), effects=(Effect((LAMP,)),))
    return backtest(History(log_of_rows(rows), BARE), plan)


def at_noon(state: str, seconds: float, origin: Origin = Origin.USER) -> Row:
    """Return a change of the lamp on day 0, seconds from noon."""
    at = instant(0, 720) + round(seconds * SECOND)
    return at, "light.lamp", state, origin, "anna" if origin == Origin.USER else ""


@pytest.mark.parametrize(
    ("happened", "outcome"),
    [
        ([], Outcome.WRONG),
        ([at_noon("on", 500)], Outcome.HIT),
        ([at_noon("on", -500)], Outcome.HIT),
        ([at_noon("on", WINDOWS.due_s)], Outcome.HIT),
        ([at_noon("on", WINDOWS.due_s + 1)], Outcome.WRONG),
        ([at_noon("on", -7200)], Outcome.ALREADY),
        # Somebody did it, but at another time of that hour: a loose habit.
        ([at_noon("on", -2400)], Outcome.WRONG),
        ([at_noon("on", 0.3, Origin.AUTOMATION)], Outcome.KEPT),
        ([at_noon("on", 14, Origin.SCRIPT)], Outcome.KEPT),
        ([at_noon("on", 16, Origin.AUTOMATION)], Outcome.WRONG),
        (
            [at_noon("on", 0.3, Origin.AUTOMATION), at_noon("off", 599)],
            Outcome.OVERRIDDEN,
        ),
        (
            [at_noon("on", 0.3, Origin.OWN), at_noon("off", 601)],
            Outcome.KEPT,
        ),
        (
            [at_noon("on", 0.3, Origin.AUTOMATION), at_noon("off", 300, Origin.SCRIPT)],
            Outcome.KEPT,
        ),
        # The run takes back what somebody has just done.
        ([at_noon("on", -9000), at_noon("off", -90)], Outcome.OVERRIDDEN),
        ([at_noon("on", -9000), at_noon("off", -200)], Outcome.WRONG),
        ([at_noon("unavailable", -60, Origin.SYSTEM)], Outcome.UNJUDGED),
    ],
)
def test_outcome(happened: list[Row], outcome: Outcome) -> None:
    found = noons(happened, [])
    assert found.t.tolist() == [instant(0, 720), instant(1, 720)]
    assert Outcome(int(found.outcome[0])) is outcome
    assert found.certain.all()


def test_totals() -> None:
    def lit(day: int, minute: float) -> list[Row]:
        return [(instant(day, minute), "light.lamp", "on", Origin.USER, "anna")]

    found = noons(lit(0, 723), lit(1, 719), [], lit(3, 750), lit(4, 1000))
    assert (found.count(Outcome.HIT), found.count(Outcome.WRONG)) == (2, 3)
    assert found.opportunities == 5
    assert found.precision == pytest.approx(0.4)
    assert found.precision_low < 0.4
    assert found.human_actions == 4
    assert found.explained == 2
    assert found.coverage == pytest.approx(0.5)
    # Within an hour of a run; what is done in the evening is another matter.
    assert found.missed == 1
    assert found.days_observed == 5
    assert found.per_week(found.right) == pytest.approx(2.8)


def test_nothing_left_to_judge_where_the_log_ends() -> None:
    rows = [
        (instant(0, 300), "light.lamp", "off", Origin.USER, ""),
        (instant(0, 725), "light.other", "on", Origin.USER, ""),
    ]
    plan = Plan((Start(NOON, "0"),), effects=(Effect((LAMP,)),))
    found = backtest(History(log_of_rows(rows), BARE), plan)
    assert found.outcome.tolist() == [Outcome.UNJUDGED]


def test_an_empty_log_and_an_empty_plan() -> None:
    nothing = History(log_of_rows([]), BARE)
    assert len(backtest(nothing, Plan((Start(NOON, "0"),))).t) == 0
    found = noons([])
    assert len(backtest(nothing, Plan()).t) == 0
    assert found.per_week(0) == 0


def evenings(test: Test, present: dict[str, str] | None = None) -> Backtest:
    """Return what a plan with a condition does on a day with one change of a window."""
    rows = [
        (instant(0, 0), "light.lamp", "off", Origin.REPORT, ""),
        (instant(0, 600), "sensor.text", "high", Origin.REPORT, ""),
        (instant(0, 840), "binary_sensor.window", "on", Origin.REPORT, ""),
        (instant(0, 1300), "light.lamp", "on", Origin.USER, ""),
    ]
    every_two_hours = ClockTrigger(tuple(range(0, 86_400, 7200)))
    plan = Plan((Start(every_two_hours, "0"),), Every((test,)))
    return backtest(History(log_of_rows(rows), BARE), plan, present=present)


def test_what_is_not_known_is_counted_and_marked() -> None:
    untold = evenings(Untold())
    assert len(untold.t) == 11
    assert not untold.certain.any()
    assert len(evenings(Neither((Untold(),))).t) == 11
    assert len(evenings(Neither((Every(),))).t) == 0

    is_open = StateTest(("binary_sensor.window",), frozenset({"on"}))
    # Of two states it was in the other one before.
    assert evenings(is_open).certain.tolist() == [True] * 4
    assert len(evenings(Neither((is_open,))).t) == 7
    low = StateTest(("sensor.text",), frozenset({"low"}))
    before = evenings(low)
    assert before.certain.tolist() == [False] * 5
    silent = StateTest(("input_boolean.guests",), frozenset({"off"}))
    assert not evenings(silent).certain.any()
    known = evenings(silent, {"input_boolean.guests": "off"})
    assert known.certain.all()
    assert len(known.t) == 11
    assert len(evenings(silent, {"input_boolean.guests": "on"}).t) == 0


def test_a_state_that_has_lasted_as_long_as_the_log() -> None:
    guests = {"input_boolean.guests": "off"}
    test = StateTest(("input_boolean.guests",), frozenset({"off"}), for_s=4 * 3600)
    found = evenings(test, guests)
    assert found.certain.tolist() == [False] * 3 + [True] * 8


@pytest.mark.parametrize(
    ("test", "certain"),
    [
        # Of the first change nobody knows what was before; the last came too soon.
        (FromStayTest(600), [False, True]),
        (FromStayTest(60), [False, True, True]),
        (FromNumberTest(), [False, True, True]),
    ],
)
def test_what_was_before_the_change_that_started_it(
    test: Test, certain: list[bool]
) -> None:
    rows: list[Row] = [
        (instant(0, minute), name, value, Origin.REPORT, "")
        for name in ("sensor.a", "sensor.b")
        for minute, value in ((600, "1"), (620, "2"), (622, "3"))
    ]
    history = History(log_of_rows(rows), BARE)

    def of(*entities: str) -> Backtest:
        starts = (Start(ChangeTrigger(entities), "0"), Start(NOON, "1"))
        return backtest(history, Plan(starts, Every((test,))))

    assert of("sensor.a").certain.tolist() == certain
    assert not of("sensor.a", "sensor.b").certain.any()
    assert len(of("sensor.a", "sensor.b").t) == 6


def test_effects_of_branches_are_judged_by_what_started_them() -> None:
    rows: list[Row] = []
    for day in range(3):
        for minute, state in ((420, "on"), (1380, "off")):
            rows.append((instant(day, minute), "light.lamp", state, Origin.USER, ""))
        rows.append((instant(day, 1430), "light.other", "on", Origin.USER, ""))
        rows.append((instant(day, 1431), "light.other", "off", Origin.USER, ""))
    on, off = (Effect((Action("light.lamp", state),)) for state in ("on", "off"))
    starts = (
        Start(ClockTrigger((420 * 60,)), "morning"),
        Start(ClockTrigger((1380 * 60,)), "night"),
    )
    history = History(log_of_rows(rows), BARE)

    def guarded(effect: Effect, name: str) -> Effect:
        return Effect(effect.actions, StartTest(frozenset({name})))

    both = Plan(starts, effects=(guarded(on, "morning"), guarded(off, "night")))
    found = backtest(history, both)
    assert found.count(Outcome.HIT) == 5  # The first morning begins with the log.
    assert found.missed == 1
    crossed = Plan(starts, effects=(guarded(off, "morning"), guarded(on, "night")))
    assert backtest(history, crossed).count(Outcome.HIT) == 0


def test_half_of_what_is_left_to_do_is_enough() -> None:
    names = ("light.a", "light.b", "light.c")
    effects = tuple(Effect((Action(name, "on"),)) for name in names)

    def after(*lit: str) -> Outcome:
        rows: list[Row] = [
            (instant(0, 300), name, "off", Origin.USER, "") for name in names
        ]
        rows += [(instant(0, 721), name, "on", Origin.USER, "") for name in lit]
        rows.append((instant(0, 1300), "light.other", "on", Origin.USER, ""))
        plan = Plan((Start(NOON, "0"),), effects=effects)
        (code,) = backtest(History(log_of_rows(rows), BARE), plan).outcome.tolist()
        return Outcome(code)

    assert after() is Outcome.WRONG
    assert after("light.a") is Outcome.WRONG
    assert after("light.a", "light.c") is Outcome.HIT


def test_an_actuator_that_the_effect_follows_at_once_started_nothing() -> None:
    rows: list[Row] = []
    for day in range(2):
        at = instant(day, 600)
        rows += [
            (at, "light.desk", "on", Origin.USER, ""),
            (at + SECOND * (1 + 60 * day), "light.lamp", "on", Origin.USER, ""),
            (at + 90 * MINUTE, "light.desk", "off", Origin.USER, ""),
            (at + 95 * MINUTE, "light.lamp", "off", Origin.USER, ""),
        ]
    trigger = ChangeTrigger(("light.desk",), target=Among(frozenset({"on"})))
    plan = Plan((Start(trigger, "0"),), effects=(Effect((LAMP,)),))
    found = backtest(History(log_of_rows(rows), BARE), plan)
    assert found.outcome.tolist() == [Outcome.ALREADY, Outcome.HIT]


@settings(max_examples=100)
@given(
    log=st.one_of(logs(), bursts()),
    trigger=TRIGGERS,
    action=st.sampled_from(ACTIONS),
)
def test_a_rule_that_was_changed_has_evidence(
    log: EventLog, trigger: Trigger, action: Action
) -> None:
    history = History(log, BARE)
    rule = Rule(trigger, action, 300)
    played = replay(history, rule)
    evidence = evidence_of(history, rule, played, Holdout(0, 0, 0))
    assert (evidence.hits, evidence.wrong) == (played.hits, played.wrong)
    assert evidence.opportunities == evidence.hits + evidence.wrong
    explained = len(played.explained)
    assert evidence.missed <= evidence.human_actions - explained
    assert len(evidence.examples_ms) == min(5, explained)
    assert (evidence.last_seen_ms > 0) == (explained > 0)
