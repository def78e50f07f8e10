"""What every detector must keep to, whatever it finds.

Each check takes a detector and fails by assertion; `CHECKS` is all of them. A new
detector gets them by standing in `DETECTORS` and in `PLANTED`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.detectors.protocol import (
    Candidate,
    Detection,
    Detector,
)
from custom_components.automation_scout.mining.events import (
    EventLog,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
)

from .worlds import (
    BARE,
    DAY,
    MINUTE,
    clock_habit,
    columns_of,
    dusk_habit,
    history_of,
    idle_use,
    instant,
    occasions,
    pulses,
    reaction,
    swells,
    visits,
)

DAYS: Final = 28
LAMP: Final = Action("light.lamp", "on")
DESK: Final = Action("light.desk", "on")
BATH: Final = Action("fan.bath", "on")
ROOM: Final = Action("light.room", "off")
BLIND: Final = Action("cover.blind", "closed")
PLACE: Final = replace(BARE, latitude=52.1, longitude=5.1)
"""Where the planted home is; without a place it has no sun."""
PLANTED: Final[Mapping[str, tuple[Trigger, Action]]] = {
    "time": (TimeTrigger(1170), LAMP),
    "sun": (SunTrigger(SunEvent.SUNSET, 20), BLIND),
    "state": (StateTrigger("binary_sensor.door", "on"), DESK),
    "numeric": (NumericTrigger("sensor.damp", Side.ABOVE, 60), BATH),
    "absence": (StateTrigger("binary_sensor.room", "off", for_s=600), ROOM),
}
"""Detector to the habit of its kind in the planted home."""
WEEK_MS: Final = 7 * DAY
PEOPLE: Final = (Origin.USER, Origin.VOICE, Origin.PHYSICAL)
RENAMED: Final = {
    "light.lamp": "light.a_salon",
    "light.desk": "light.b_lampe",
    "binary_sensor.door": "binary_sensor.z",
    "binary_sensor.hall": "binary_sensor.y",
    "switch.fan": "switch.0",
    "sensor.damp": "sensor.a",
    "fan.bath": "fan.0",
    "binary_sensor.room": "binary_sensor.x",
    "light.room": "light.z",
    "cover.blind": "cover.a",
}


def planted_rows(seed: int = 4) -> list[Row]:
    """Return a home with one habit of each kind, and things that are none."""
    at = occasions(range(DAYS), 2, seed)
    rows = clock_habit("light.lamp", 1170, range(DAYS), seed=seed, keep=0.9)
    rows += pulses("binary_sensor.door", at)
    rows += reaction("light.desk", at, seed=seed, keep=0.85)
    rows += pulses("binary_sensor.hall", occasions(range(DAYS), 6, seed + 1))
    showers = occasions(range(DAYS), 2, seed + 2)
    rows += swells("sensor.damp", showers)
    rows += reaction("fan.bath", showers, seed=seed + 2, keep=0.85)
    rows += dusk_habit("cover.blind", 20, range(DAYS), seed=seed + 4)
    at = occasions(range(DAYS), 2, seed + 3)
    rows += visits("binary_sensor.room", "light.room", at, 10, seed=seed)
    return rows + idle_use("switch.fan", DAYS, 2, seed)


def planted() -> History:
    """Return the history of the planted home."""
    return history_of(planted_rows(), PLACE)


def near(trigger: Trigger, planted: Trigger) -> bool:
    """Return whether a trigger is the planted one, a time within ten minutes."""
    match trigger, planted:
        case TimeTrigger(a, days_a), TimeTrigger(b, days_b):
            return abs(a - b) <= 10 and days_a == days_b
        case SunTrigger(event, a, days_a), SunTrigger(other, b, days_b):
            return (event, days_a) == (other, days_b) and abs(a - b) <= 10
        case NumericTrigger(a, side, low), NumericTrigger(b, other, high):
            return (a, side) == (b, other) and abs(low - high) <= 4
        case _:
            return trigger == planted


def rules(detection: Detection) -> set[Rule]:
    """Return the proposed rules."""
    return {candidate.rule for candidate in detection.candidates}


def renamed(rule: Rule, names: Mapping[str, str]) -> Rule:
    """Return a rule over other entities."""
    trigger = rule.trigger
    if isinstance(trigger, StateTrigger | NumericTrigger):
        trigger = replace(trigger, entity_id=names[trigger.entity_id])
    action = Action(names[rule.action.entity_id], rule.action.state)
    return replace(rule, trigger=trigger, action=action)


def as_table(candidates: Sequence[Candidate]) -> dict[Rule, tuple[float, float]]:
    """Return rule to chance and background, rounded to 12 digits."""
    return {
        c.rule: (float(f"{c.p_value:.11e}"), float(f"{c.background:.11e}"))
        for c in candidates
    }


def check_deterministic(detector: Detector) -> None:
    """The same log gives the same answer, order included."""
    first = detector.detect(planted())
    assert first.candidates
    assert detector.detect(history_of(planted_rows()[::-1], PLACE)) == first
    history = planted()
    assert detector.detect(history) == detector.detect(history) == first


def check_input_untouched(detector: Detector) -> None:
    """Not a byte of the log changes."""
    log = log_of_rows(planted_rows())
    before = columns_of(log)
    detector.detect(History(log, PLACE))
    assert columns_of(log) == before
    columns = (log.t, log.entity, log.state, log.origin, log.actor)
    assert not any(column.flags.writeable for column in columns)


def poor_logs() -> Mapping[str, list[Row]]:
    """Return logs in which there is nothing to find."""
    on = ("light.lamp", "on", Origin.USER, "")
    return {
        "empty": [],
        "one event": [(instant(0, 600), *on)],
        "one instant": [(instant(0, 600), *on)] * 50,
        "constant": [
            (instant(0, 600), *on),
            *((instant(day, 600), "person.anna", "home", 9, "") for day in range(40)),
        ],
        "one report": [
            (instant(0, 600), "binary_sensor.hall", "on", Origin.REPORT, "")
        ],
        "only sensors": pulses("binary_sensor.hall", occasions(range(20), 9)),
        "only unavailable": [
            (instant(day, 600), "light.lamp", state, Origin.SYSTEM, "")
            for day in range(20)
            for state in ("unavailable", "unknown")
        ],
        "one day": [row for row in planted_rows() if row[0] < instant(1, 0)],
    }


def check_poor_logs_give_nothing(detector: Detector) -> None:
    """Not even a warning of numpy's."""
    with np.errstate(all="raise"):
        for name, rows in poor_logs().items():
            assert detector.detect(history_of(rows, PLACE)).candidates == (), name


def check_names_do_not_matter(detector: Detector) -> None:
    """Renaming entities renames the rules, and nothing else."""
    rows = planted_rows()
    log = log_of_rows([(t, RENAMED[e], s, o, a) for t, e, s, o, a in rows])
    before = detector.detect(history_of(rows, PLACE))
    after = detector.detect(History(log, PLACE))
    assert as_table(after.candidates) == {
        renamed(rule, RENAMED): numbers
        for rule, numbers in as_table(before.candidates).items()
    }
    assert after.n_tested == before.n_tested


def check_order_of_codes_does_not_matter(detector: Detector) -> None:
    """The vocabularies may come in any order."""
    log = log_of_rows(planted_rows())
    n_entities, n_states = len(log.entities), len(log.states)
    backwards = EventLog(
        log.t,
        (n_entities - 1 - log.entity).astype(np.uint16),
        (n_states - 1 - log.state).astype(np.int32),
        log.origin,
        log.actor,
        log.entities[::-1],
        log.states[::-1],
    )
    assert columns_of(backwards) == columns_of(log)
    before = detector.detect(History(log, PLACE))
    assert detector.detect(History(backwards, PLACE)) == before


def check_weeks_do_not_matter(detector: Detector) -> None:
    """The same weeks, some weeks later, are the same; all but the sun is."""
    rows = planted_rows()
    moved = [(t + 3 * WEEK_MS, e, s, o, a) for t, e, s, o, a in rows]
    before = detector.detect(history_of(rows, PLACE))
    after = detector.detect(history_of(moved, PLACE))
    assert as_table(after.candidates) == as_table(before.candidates)
    assert after.n_tested == before.n_tested


def check_noise_removes_nothing(detector: Detector) -> None:
    """What is found stays found beside a sensor that never rests."""
    rows = planted_rows()
    rng = np.random.default_rng(9)
    start = instant(0, 0)
    at = np.sort(rng.uniform(start, start + DAYS * DAY, 40 * DAYS)).astype(np.int64)
    noise = [
        (int(t), "binary_sensor.noise", ("on", "off")[i % 2], int(Origin.REPORT), "")
        for i, t in enumerate(at)
    ]
    before = rules(detector.detect(history_of(rows, PLACE)))
    assert before <= rules(detector.detect(history_of(rows + noise, PLACE)))


def check_machines_are_no_evidence(detector: Detector) -> None:
    """What no person did proposes nothing, whoever or whatever did it."""
    _, action = PLANTED[detector.name]
    for origin in Origin:
        rows = [
            (t, e, s, int(origin) if e == action.entity_id else o, a)
            for t, e, s, o, a in planted_rows()
        ]
        found = rules(detector.detect(history_of(rows, PLACE)))
        assert any(rule.action == action for rule in found) == (origin in PEOPLE)


def check_planted_is_found(detector: Detector) -> None:
    """The habit of its kind is proposed, with a chance that says so."""
    trigger, action = PLANTED[detector.name]
    for seed in range(3):
        detection = detector.detect(history_of(planted_rows(seed), PLACE))
        chances = [
            candidate.p_value
            for candidate in detection.candidates
            if candidate.rule.action == action and near(candidate.rule.trigger, trigger)
        ]
        assert chances
        assert max(chances) < 1e-6
        assert detection.n_tested >= len(detection.candidates)


def check_counts_do_not_exceed(detector: Detector) -> None:
    """Chances are chances, keys are distinct rules, replays lie on lived days."""
    history = planted()
    for candidate in detector.detect(history).candidates:
        assert 0 <= candidate.p_value <= 1
        assert 0 <= candidate.background <= 1
        played = replay(history, candidate.rule)
        assert (
            played.hits
            <= len(played.explained)
            <= len(history.acts[candidate.rule.action])
        )
        assert set(played.day.tolist()) <= set(history.days.tolist())
        start, end = history.span
        assert all(start <= t <= end for t in played.fired.tolist())


def check_refit_forgets_other_days(detector: Detector) -> None:
    """A rule fitted to some days does not depend on what happened on the others."""
    rows = planted_rows()
    history = history_of(rows, PLACE)
    half = history.days[: DAYS // 2]
    candidates = [
        candidate
        for candidate in detector.detect(history).candidates
        if candidate.rule.action == PLANTED[detector.name][1]
    ]
    cut = instant(DAYS // 2, 0)
    swapped = [
        (t + 25 * MINUTE if t >= cut and o in PEOPLE else t, e, s, o, a)
        for t, e, s, o, a in rows
        if t < cut or t + 25 * MINUTE < instant(DAYS, 0)
    ]
    other = history_of(swapped, PLACE)
    assert candidates
    for candidate in candidates:
        fitted = detector.refit(history, candidate.rule, half)
        assert fitted is not None
        assert fitted == detector.refit(other, candidate.rule, half)


def check_refuses_other_kinds(detector: Detector) -> None:
    """A detector does not fit rules that are not of its kind."""
    history = planted()
    for name, (trigger, action) in PLANTED.items():
        rule = Rule(trigger, action, 900)
        fitted = detector.refit(history, rule, history.days)
        assert (fitted is None) == (name != detector.name)


CHECKS: Final[tuple[Callable[[Detector], None], ...]] = (
    check_deterministic,
    check_input_untouched,
    check_poor_logs_give_nothing,
    check_names_do_not_matter,
    check_order_of_codes_does_not_matter,
    check_weeks_do_not_matter,
    check_noise_removes_nothing,
    check_machines_are_no_evidence,
    check_planted_is_found,
    check_counts_do_not_exceed,
    check_refit_forgets_other_days,
    check_refuses_other_kinds,
)
