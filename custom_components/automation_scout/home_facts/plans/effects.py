"""What the actions of an automation bring about, when, and under which conditions.

Branches are followed with the conditions that lead to them. What takes a time that
nobody knows beforehand (a wait, a loop) is taken to take none, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...mining.attributes import attribute_of, text_of
from ...mining.backtest.plan import (
    Effect,
    Every,
    Later,
    Neither,
    Pause,
    StateTest,
    Test,
)
from ...mining.facts import ACTUATOR_DOMAINS, domain_of
from ...mining.rules import ATTRIBUTE_MARK, Action
from ...mining.written.calls import calls
from ...mining.written.outcomes import outcomes
from ...mining.written.pieces import items
from .conditions import all_of
from .reading import DEEPEST, Reading, Reason, TooLargeError, has_template, short

MOST_EFFECTS: Final = 100
"""Entities that one automation acts on, as far as it is judged by them."""
WAITS: Final = ("wait_template", "wait_for_trigger")

type Guard = tuple[Test, ...]


@dataclass(slots=True)
class Effects:
    """What has been read of the actions so far."""

    reading: Reading
    found: list[Effect] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    def read(self, actions: object) -> None:
        """Read all actions of an automation.

        Raises:
            TooLargeError: there are too many, or they are nested too deeply.
        """
        self._sequence(actions, "actions", (), 0, 0)
        if not self.found and not self.reading.unsupported:
            self.reading.take_roughly("actions", Reason.NO_EFFECT)

    def _sequence(
        self, actions: object, place: str, guard: Guard, after_s: int, depth: int
    ) -> None:
        if depth > DEEPEST:
            raise TooLargeError
        for number, action in enumerate(items(actions)):
            self.reading.count()
            here = f"{place}/{number}"
            if not isinstance(action, dict):
                self._condition_alone(action, here)
                continue
            if action.get("enabled") is False:
                continue
            if "stop" in action:
                return
            if "delay" in action:
                after_s += self._delay(action, here, guard)
            elif _is_condition(action):
                # Where it does not hold, the rest of the sequence is left out.
                test = all_of(self.reading, action, here, depth)
                guard = (*guard, _later(test, after_s))
            elif not self._nested(action, here, guard, after_s, depth):
                self._leaf(action, here, guard, after_s)

    def _condition_alone(self, action: object, place: str) -> None:
        template = has_template(action)
        reason = Reason.TEMPLATE if template else Reason.UNREADABLE
        self.reading.leave_out(place, reason, "" if template else short(action))

    def _delay(self, action: Mapping[str, Any], place: str, guard: Guard) -> int:
        seconds = self.reading.seconds(place, action["delay"])
        if not seconds or seconds < 0:
            return 0
        self.pauses.append(Pause(seconds, Every(guard)))
        return seconds

    def _nested(
        self,
        action: dict[str, Any],
        place: str,
        guard: Guard,
        after_s: int,
        depth: int,
    ) -> bool:
        """Read what is nested in an action; return whether there is such a thing."""
        deeper = depth + 1
        if "choose" in action:
            self._choose(action, place, guard, after_s, deeper)
        elif "if" in action:
            test = _later(
                all_of(self.reading, action["if"], f"{place}/if", deeper), after_s
            )
            for key, condition in (("then", test), ("else", Neither((test,)))):
                inner = (*guard, condition)
                self._sequence(
                    action.get(key), f"{place}/{key}", inner, after_s, deeper
                )
        elif "parallel" in action:
            for number, branch in enumerate(items(action["parallel"])):
                here = f"{place}/parallel/{number}"
                steps = branch.get("sequence", branch) if _is_dict(branch) else branch
                self._sequence(steps, here, guard, after_s, deeper)
        elif "sequence" in action:
            here = f"{place}/sequence"
            self._sequence(action["sequence"], here, guard, after_s, deeper)
        elif "repeat" in action:
            self.reading.take_roughly(place, Reason.REPEAT)
            repeat = action["repeat"]
            steps = repeat.get("sequence") if _is_dict(repeat) else None
            self._sequence(steps, f"{place}/repeat", guard, after_s, deeper)
        elif any(key in action for key in WAITS):
            self.reading.take_roughly(place, Reason.WAIT)
        else:
            return False
        return True

    def _choose(
        self,
        action: Mapping[str, Any],
        place: str,
        guard: Guard,
        after_s: int,
        depth: int,
    ) -> None:
        """Read the branches: the first whose conditions hold is the one that runs."""
        before: Guard = ()
        for number, option in enumerate(items(action["choose"])):
            here = f"{place}/choose/{number}"
            if not isinstance(option, dict):
                self.reading.leave_out(here, Reason.UNREADABLE, short(option))
                continue
            conditions = option.get("conditions")
            test = _later(
                all_of(self.reading, conditions, f"{here}/conditions", depth), after_s
            )
            inner = (*guard, Neither(before), test)
            self._sequence(option.get("sequence"), here, inner, after_s, depth)
            before = (*before, test)
        inner = (*guard, Neither(before))
        self._sequence(action.get("default"), f"{place}/default", inner, after_s, depth)

    def _leaf(
        self, action: dict[str, Any], place: str, guard: Guard, after_s: int
    ) -> None:
        name = str(action.get("action", action.get("service", action.get("type", ""))))
        if has_template(name) or has_template(action.get("target")):
            self.reading.leave_out(place, Reason.TEMPLATE)
        wanted: dict[str, list[str]] = {}
        reach = self.reading.view.reach
        for call in calls({"actions": [action]}, reach):
            for entity_id, state in outcomes(call):
                wanted.setdefault(entity_id, []).append(state)
        # Who switches a group has done that, and nothing to each of its members.
        groups = wanted.keys() & self.reading.recorded
        members = {
            member
            for group in groups
            for member in reach.with_members((group,)) - {group}
        }
        for entity_id, states in sorted(wanted.items()):
            base, mark, _ = entity_id.partition(ATTRIBUTE_MARK)
            if domain_of(base) not in ACTUATOR_DOMAINS or base in members:
                continue
            if base not in self.reading.recorded:
                self.reading.take_roughly(place, Reason.NOT_RECORDED, base)
            elif len(self.found) < MOST_EFFECTS:
                toggled = name.endswith("toggle") and len(states) == 2
                inner = guard
                if mark and base in wanted:
                    # What it is set to as it goes on is no act beside that.
                    is_on = StateTest((base,), frozenset(wanted[base]))
                    inner = (*guard, _later(is_on, after_s))
                self._bring_about(entity_id, states, toggled, inner, after_s)

    def _bring_about(
        self,
        entity_id: str,
        states: list[str],
        toggled: bool,
        guard: Guard,
        after_s: int,
    ) -> None:
        actions = [Action(entity_id, _grained(entity_id, state)) for state in states]
        if not toggled:
            self.found.append(Effect(tuple(actions), Every(guard), after_s))
            return
        # It brings about whichever of the two is not.
        for action, other in zip(actions, reversed(actions), strict=True):
            is_other = StateTest((entity_id,), frozenset({other.state}))
            inner = (*guard, _later(is_other, after_s))
            self.found.append(Effect((action,), Every(inner), after_s))


def _is_condition(action: Mapping[str, Any]) -> bool:
    return "condition" in action or bool({"and", "or", "not"} & set(action))


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _later(test: Test, after_s: int) -> Test:
    return Later(test, after_s) if after_s else test


def _grained(entity_id: str, state: str) -> str:
    """Return the value of a setting in the steps in which a history has it."""
    attribute = attribute_of(entity_id)
    if attribute is None or not attribute.is_number:
        return state
    return text_of(float(state), attribute.grain)
