"""Runs of automations, row by row."""

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.origin import HUMAN, UNAVAILABLE, Origin
from custom_components.automation_scout.mining.rules import SunTrigger, TimeTrigger

from . import naive
from .worlds import DAY, MINUTE

type Run = tuple[int, int, int, int]
"""First change (ms UTC), changes that count, ms until it was undone or -1, kept."""


def taken_back_ms(rows: list[Row], place: int, excluded: frozenset[str]) -> int:
    """Return after how long a person changed what a row changed, -1 for never."""
    at, entity_id, state, _, _ = rows[place]
    for t, other, new, origin, actor in rows[place + 1 :]:
        if other != entity_id:
            continue
        is_person = origin in HUMAN and actor not in excluded
        if is_person and new not in UNAVAILABLE and new != state:
            return t - at if t - at <= 10 * MINUTE else -1
        return -1
    return -1


def runs_of(
    rows: list[Row],
    targets: dict[str, frozenset[tuple[str, str]]],
    actuators: frozenset[str],
    excluded: frozenset[str],
) -> dict[str, list[Run]]:
    """Return the runs of all automations; `rows` are by time."""
    found: dict[str, list[list[int]]] = {}
    for place, (_, entity_id, state, origin, actor) in enumerate(rows):
        automatic = origin in (Origin.AUTOMATION, Origin.OWN)
        if not automatic or not actor.startswith("automation."):
            continue
        if entity_id not in actuators or state in UNAVAILABLE:
            continue
        mine = found.setdefault(actor, [])
        if mine and rows[place][0] - rows[mine[-1][-1]][0] <= MINUTE:
            mine[-1].append(place)
        else:
            mine.append([place])
    return {
        actor: [
            _run(rows, places, targets.get(actor, frozenset()), mine, excluded)
            for places in mine
        ]
        for actor, mine in found.items()
    }


def _run(
    rows: list[Row],
    places: list[int],
    targets: frozenset[tuple[str, str]],
    mine: list[list[int]],
    excluded: frozenset[str],
) -> Run:
    everything = [place for other in mine for place in other]
    named = any(rows[place][1:3] in targets for place in everything)
    counted = [place for place in places if not named or rows[place][1:3] in targets]
    back = {place: taken_back_ms(rows, place, excluded) for place in places}
    kept = sum(back[place] < 0 for place in counted)
    return rows[places[0]][0], len(counted), max(back.values()), kept


def late_ms(trigger: TimeTrigger | SunTrigger, dues: dict[int, int], t: int) -> int:
    """Return how long after the nearest time an instant is; `dues` are by day."""
    if not dues:
        return DAY
    day = min(dues, key=lambda one: (abs(dues[one] - t), one))
    if naive.weekday(day) not in trigger.weekdays:
        return DAY
    return max(-DAY, min(DAY, t - dues[day]))
