"""The whole analysis: detectors, gates, ranking. Pure: same input, same answer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from .localtime import ms_from
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
    work = _Work()
    with work.timed("index"):
        history = History(log, facts)
        human_actions = sum(map(len, history.acts.values()))
    candidates, n_tested = _detect(history, detectors if human_actions else (), work)
    context = GateContext(
        history,
        settings,
        {Kind(detector.name): detector for detector in detectors},
        n_tested,
    )
    with work.timed("replay"):
        drafts = _distinct(candidates, history)
    kept, rejections, funnel = _judge(drafts, context, gates, work)
    proven = sorted(
        (_proven(draft, history) for draft in kept),
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
        work.timings_s,
        tuple(work.errors),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """Seconds of each step, and a line for each that failed."""

    timings_s: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self.timings_s[step] = perf_counter() - started

    @contextmanager
    def spared(self, step: str, name: str) -> Iterator[None]:
        """Time a step whose failure must not cost the others."""
        with self.timed(step):
            try:
                yield
            except Exception as err:  # noqa: BLE001 - one must not cost the others
                self.errors.append(f"{name}: {type(err).__name__}: {err}")


def _detect(
    history: History, detectors: Sequence[Detector], work: _Work
) -> tuple[list[Candidate], int]:
    """Return the candidates of all detectors, and how many hypotheses they tested."""
    candidates: list[Candidate] = []
    n_tested = 0
    for detector in detectors:
        with work.spared(f"detect_{detector.name}", detector.name):
            detection = detector.detect(history)
            candidates.extend(detection.candidates)
            n_tested += detection.n_tested
    return candidates, n_tested


def _judge(
    drafts: Sequence[Draft], context: GateContext, gates: Sequence[Gate], work: _Work
) -> tuple[Sequence[Draft], list[Rejection], list[FunnelStep]]:
    """Return what passed all gates, what did not, and the funnel between."""
    rejections: list[Rejection] = []
    funnel: list[FunnelStep] = []
    for gate in gates:
        entered, drafts_in = len(drafts), drafts
        # What a gate that fails did not judge is unproven, and is not shown.
        drafts = ()
        with work.spared(f"gate_{gate.name}", gate.name):
            judgement = gate.judge(drafts_in, context)
            drafts = judgement.kept
            rejections.extend(judgement.rejections)
        funnel.append(FunnelStep(gate.name, entered, len(drafts)))
    return drafts, rejections, funnel


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
        others &= ms_from(acts.local, trigger.minute) <= NEAR_MS
    return int(np.count_nonzero(others))
