"""The whole analysis: detectors, gates, ranking. Pure: same input, same answer."""

from collections import Counter
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from .detectors import DETECTORS
from .detectors.protocol import Candidate, Detector
from .events import EventLog
from .evidence import Evidence
from .facts import HomeFacts
from .gates import GATES
from .gates.protocol import Draft, Gate, GateContext
from .history import History
from .localtime import DAY_MS, MINUTE_MS
from .origin import Origin
from .rank import score
from .replay import NEAR_MS, replay
from .result import FunnelStep, MiningResult, Proven, Rejection
from .rules import Kind, TimeTrigger
from .safety import safety_of
from .settings import MiningSettings

EXAMPLES = 5


def mine(
    log: EventLog,
    facts: HomeFacts,
    settings: MiningSettings,
    detectors: Sequence[Detector] = DETECTORS,
    gates: Sequence[Gate] = GATES,
) -> MiningResult:
    """Find and prove the habits in a log.

    A detector or gate that fails is reported in `errors`; the others go on without it,
    except that nothing passes a gate that failed.
    """
    timings: dict[str, float] = {}
    errors: list[str] = []
    started = perf_counter()
    history = History(log, facts)
    human_actions = sum(map(len, history.acts.values()))
    timings["index"] = perf_counter() - started

    candidates: list[Candidate] = []
    n_tested = 0
    for detector in detectors if human_actions else ():
        started = perf_counter()
        try:
            detection = detector.detect(history)
        except Exception as err:  # noqa: BLE001 - one kind must not cost the others
            errors.append(f"{detector.name}: {type(err).__name__}: {err}")
        else:
            candidates.extend(detection.candidates)
            n_tested += detection.n_tested
        timings[f"detect_{detector.name}"] = perf_counter() - started

    context = GateContext(
        history,
        settings,
        {Kind(detector.name): detector for detector in detectors},
        n_tested,
    )
    started = perf_counter()
    drafts: Sequence[Draft] = _distinct(candidates, history)
    timings["replay"] = perf_counter() - started
    funnel: list[FunnelStep] = []
    rejections: list[Rejection] = []
    for gate in gates:
        started = perf_counter()
        entered = len(drafts)
        try:
            judgement = gate.judge(drafts, context)
        except Exception as err:  # noqa: BLE001 - unproven is not shown
            errors.append(f"{gate.name}: {type(err).__name__}: {err}")
            drafts = ()
        else:
            drafts = judgement.kept
            rejections.extend(judgement.rejections)
        funnel.append(FunnelStep(gate.name, entered, len(drafts)))
        timings[f"gate_{gate.name}"] = perf_counter() - started

    proven = sorted(
        (_proven(draft, history) for draft in drafts),
        key=lambda item: (-item.score, item.rule.key),
    )
    return MiningResult(
        tuple(proven),
        tuple(rejections),
        tuple(funnel),
        len(log),
        human_actions,
        len(candidates),
        n_tested,
        history.count_origins(),
        timings,
        tuple(errors),
    )


def _distinct(candidates: Sequence[Candidate], history: History) -> list[Draft]:
    """Return one draft for each key: that with the smallest chance."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        key = candidate.rule.key
        if key not in best or candidate.p_value < best[key].p_value:
            best[key] = candidate
    return [
        Draft(candidate, replay(history, candidate.rule)) for candidate in best.values()
    ]


def _proven(draft: Draft, history: History) -> Proven:
    evidence = _evidence(draft, history)
    confidence = draft.holdout.precision_low
    return Proven(
        draft.rule,
        evidence,
        confidence,
        score(draft.rule, evidence, confidence),
        safety_of(draft.rule, history.facts),
    )


def _evidence(draft: Draft, history: History) -> Evidence:
    acts = history.acts[draft.rule.action]
    explained = draft.played.explained
    agreeing = acts.t[explained]
    origins = Counter(Origin(int(code)).name.lower() for code in acts.origin[explained])
    return Evidence(
        days_observed=len(history.days),
        opportunities=len(draft.played.fired),
        hits=draft.played.hits,
        wrong=draft.played.wrong,
        missed=_missed(draft, history),
        human_actions=len(acts),
        first_seen_ms=int(agreeing[0]),
        last_seen_ms=int(agreeing[-1]),
        examples_ms=tuple(int(t) for t in agreeing[::-1][:EXAMPLES]),
        provenance=dict(sorted(origins.items())),
        holdout=draft.holdout,
    )


def _missed(draft: Draft, history: History) -> int:
    """Return acts that the rule is about but does not explain.

    Of a clock habit those are the acts around its time; the same act at another time of
    the day is another matter. Of a reaction they are all others.
    """
    acts = history.acts[draft.rule.action]
    trigger = draft.rule.trigger
    others = np.ones(len(acts), bool)
    others[draft.played.explained] = False
    if isinstance(trigger, TimeTrigger):
        offset = (acts.local % DAY_MS - trigger.minute * MINUTE_MS) % DAY_MS
        others &= np.minimum(offset, DAY_MS - offset) <= NEAR_MS
    return int(np.count_nonzero(others))
