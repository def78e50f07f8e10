"""Small random logs, with ties in time, gaps, and every provenance."""

from hypothesis import strategies as st

from custom_components.automation_scout.mining.events import (
    EventLog,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import Action

from .worlds import MINUTE, SECOND, ZONE, facts_of, instant

STATES = {
    "light.lamp": ("on", "off", "unavailable"),
    "light.desk": ("on", "off"),
    "media_player.tv": ("playing", "paused", "off"),
    "binary_sensor.motion": ("on", "off"),
    "person.anna": ("home", "not_home", "unknown"),
}
ACTIONS = (
    Action("light.lamp", "on"),
    Action("light.lamp", "off"),
    Action("media_player.tv", "playing"),
    Action("light.never", "on"),
)
ORIGINS = (Origin.USER, Origin.USER, Origin.PHYSICAL, *Origin)
BUSY = ("light.lamp", "light.lamp", "light.desk", "binary_sensor.motion")
DAYS = 9


@st.composite
def rows(draw: st.DrawFn, most: int = 60) -> list[Row]:
    """Return rows on a coarse grid: many fall on the same instant or nearly so."""
    found: list[Row] = []
    for _ in range(draw(st.integers(0, most))):
        entity_id = draw(st.sampled_from(sorted(STATES)))
        day = draw(st.sampled_from((0, 0, 1, 2, 3, 7, DAYS - 1)))
        minute = draw(st.sampled_from((0, 5, 715, 720, 721, 722, 740, 1200, 1439)))
        second = draw(st.sampled_from((0, 0, 1, 20, 59)))
        found.append(
            (
                instant(day, minute) + second * SECOND,
                entity_id,
                draw(st.sampled_from(STATES[entity_id])),
                draw(st.sampled_from(ORIGINS)),
                draw(st.sampled_from(("", "anna", "robot"))),
            )
        )
    return found


def logs(most: int = 60) -> st.SearchStrategy[EventLog]:
    """Return logs of such rows."""
    return rows(most).map(log_of_rows)


@st.composite
def bursts(draw: st.DrawFn) -> EventLog:
    """Return logs in which few things are switched again and again within minutes.

    Around 11:55 of some days, so that rules of noon have something to do.
    """
    found: list[Row] = []
    for day in range(4):
        at = instant(day, 715)
        for _ in range(draw(st.integers(0, 12))):
            at += draw(st.sampled_from((0, 1, 60, 119, 120, 121, 200))) * SECOND
            entity_id = draw(st.sampled_from(BUSY))
            state = draw(st.sampled_from(STATES[entity_id]))
            origin = draw(st.sampled_from((1, 1, 1, 3, Origin.AUTOMATION)))
            found.append((at, entity_id, state, int(origin), ""))
    return log_of_rows(found)


@st.composite
def shared_homes(draw: st.DrawFn) -> EventLog:
    """Return logs of two or three persons who come and go, one of them maybe silent."""
    names = ("person.anna", "person.ben", "person.zoe", "light.lamp", "binary_sensor.m")
    found: list[Row] = []
    for _ in range(draw(st.integers(0, 40))):
        name = draw(st.sampled_from(names))
        states = ["home", "not_home", "home", "not_home", "work", "unknown"]
        if not name.startswith("person"):
            states = ["on", "off"]
        minute = draw(st.sampled_from((0, 1, 9, 12, 60, 300, 1430)))
        at = instant(draw(st.integers(0, 4)), minute)
        state, origin = draw(st.sampled_from(states)), draw(st.sampled_from((1, 9, 8)))
        found.append((at, name, state, origin, ""))
    log = log_of_rows(found)
    # A slice names entities of which it holds nothing.
    silent = draw(st.sampled_from(("", *names)))
    return log.of([name for name in log.entities if name != silent])


def instants() -> st.SearchStrategy[list[int]]:
    """Return instants on and around the grid of the rows."""
    step = st.integers(-2, DAYS * 1440 + 2)
    return st.lists(
        st.builds(
            lambda minute, second: instant(0, 0) + minute * MINUTE + second * SECOND,
            step,
            st.sampled_from((0, 0, 1, 20, 59)),
        ),
        max_size=12,
    )


def homes() -> st.SearchStrategy[HomeFacts]:
    """Return registries that know all entities, some, or nothing."""
    lamp = EntityFacts("light.lamp", "Lamp", device_id="one")
    desk = EntityFacts("light.desk", "Desk", device_id="one")
    tv = EntityFacts("media_player.tv", "TV", members=("light.desk",))
    motion = EntityFacts("binary_sensor.motion", "Motion")
    known = facts_of(lamp, desk, tv, motion)
    wary = HomeFacts(ZONE, excluded_users=frozenset({"robot"}))
    return st.sampled_from((HomeFacts(ZONE), known, wary))
