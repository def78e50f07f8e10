"""The whole analysis: detectors, gates, ranking. Pure: same input, same answer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from .detectors import DETECTORS
from .detectors.protocol import Candidate, Detector
from .events import EventLog
from .existing import beside_habits, with_corrections
from .facts import HomeFacts
from .gates import GATES
from .gates.protocol import Draft, Gate, GateContext
from .history import History
from .proving import prove
from .rank import ordered
from .replay import replay
from .result import FunnelStep, MiningResult, Rejection
from .rules import Kind
from .settings import MiningSettings
from .watched import Watched
from .watching import Runs, runs_of, watch


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
    with work.timed("prove"):
        found = [prove(draft, history, settings.feedback) for draft in kept]
        proven = ordered(found, facts)
    runs: Mapping[str, Runs] = {}
    watched: tuple[Watched, ...] = ()
    with work.spared("watch", "watch"):
        runs = runs_of(history)
        watched = watch(history, runs)
    with work.spared("existing", "existing"):
        habits = with_corrections(history, proven, runs, settings)
        proven = (*habits, *beside_habits(history, habits, rejections))
    return MiningResult(
        proven,
        tuple(rejections),
        tuple(funnel),
        len(log),
        human_actions,
        len(candidates),
        n_tested,
        history.count_origins(),
        work.timings_s,
        tuple(work.errors),
        history.machines.found,
        watched,
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
    """Return one draft for each key: that which gains most over chance."""
    best: dict[str, Draft] = {}
    for candidate in candidates:
        draft = Draft(candidate, replay(history, candidate.rule))
        key = candidate.rule.key
        if key not in best or draft.gain > best[key].gain:
            best[key] = draft
    return list(best.values())
