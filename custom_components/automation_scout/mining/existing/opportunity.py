"""Ideas from what a home has: motion and a light in one area, not connected.

The registries alone would give every home such ideas, those of no use included. So an
idea also asks for a little of what a habit has much of: that people did it a few times,
and that what they did otherwise does not speak against it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ..evidence import Evidence
from ..facts import EntityFacts, HomeFacts
from ..history import History
from ..replay import Replay, replay
from ..result import Proven
from ..rules import SUN, Action, Kind, Rule, StateCondition, StateTrigger
from ..safety import safety_of
from ..stats import wilson_low

WINDOW_S: Final = 120
LEAST_DAYS: Final = 14
"""Habits come first: only when there has been time to find them."""
LEAST_ACTS: Final = 5
"""Times that people turned the light on: one that nobody uses needs no automation."""
LEAST_HITS: Final = 3
MOST_HITS: Final = 12
"""What was seen more often and is no habit has been judged."""
LEAST_PRECISION: Final = 0.3
"""Lower bound of the share of firings that would have been right."""
SENSES: Final = frozenset({"motion", "occupancy"})
SCORE: Final = -1000.0
"""Below everything that rests on evidence."""


def opportunities(history: History, known: Iterable[Rule]) -> list[Proven]:
    """Return ideas, the light first that people turn on most often.

    Args:
        history: what people did; an idea that it speaks against is none.
        known: rules that were found, are automated already, or were refused for more
            than being seen too seldom.
    """
    if len(history.days) < LEAST_DAYS or history.facts.latitude is None:
        return []
    taken = {action.target for rule in known for action in rule.actions}
    taken |= {
        entity_id.partition("#")[0]
        for automation in history.facts.automations
        for entity_id, _ in automation.targets
    }
    found = []
    for sensor, light in _pairs(history.facts):
        if light.entity_id in taken:
            continue
        idea = _idea(history, sensor, light)
        if idea is not None:
            taken.add(light.entity_id)
            found.append(idea)
    return sorted(found, key=lambda item: (-item.score, item.rule.key))


def _pairs(facts: HomeFacts) -> Iterator[tuple[EntityFacts, EntityFacts]]:
    """Yield motion sensors with the lights of their areas."""
    entities = [facts.entities[name] for name in sorted(facts.entities)]
    lights = [item for item in entities if item.domain == "light" and item.area_id]
    for sensor in entities:
        if sensor.domain == "binary_sensor" and sensor.device_class in SENSES:
            for light in lights:
                if light.area_id == sensor.area_id:
                    yield sensor, light


def _idea(history: History, sensor: EntityFacts, light: EntityFacts) -> Proven | None:
    rule = Rule(
        StateTrigger(sensor.entity_id, "on"),
        Action(light.entity_id, "on"),
        WINDOW_S,
        (StateCondition(SUN, "below_horizon"),),
        special=Kind.OPPORTUNITY,
    )
    acts = history.acts.get(rule.action)
    if acts is None or len(acts) < LEAST_ACTS:
        return None
    played = replay(history, rule)
    fired = len(played.fired)
    is_seldom = LEAST_HITS <= played.hits <= MOST_HITS
    if not is_seldom or wilson_low(played.hits, fired) < LEAST_PRECISION:
        return None
    return Proven(
        rule,
        _evidence(history, played, len(acts)),
        wilson_low(played.hits, fired),
        SCORE + min(len(acts), -SCORE / 2 - 1),
        safety_of(rule, history.facts),
    )


def _evidence(history: History, played: Replay, human_actions: int) -> Evidence:
    return Evidence(
        days_observed=len(history.days),
        opportunities=len(played.fired),
        hits=played.hits,
        wrong=played.wrong,
        missed=human_actions - played.hits,
        human_actions=human_actions,
        first_seen_ms=0,
        last_seen_ms=0,
        examples_ms=(),
    )
