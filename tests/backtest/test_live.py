"""The back-test runs when Home Assistant runs: the same automations, the same days."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest

from custom_components.automation_scout.home_facts.plans import plan_of
from custom_components.automation_scout.mining.backtest.engine import backtest
from custom_components.automation_scout.mining.events import log_of_rows
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.history import History

from .automations import AUTOMATIONS, PURPOSES, written
from .live import CHOICES, PLACES, Life, pairs, scripted
from .views import view_of

AMSTERDAM = HomeFacts("Europe/Amsterdam", latitude=52.37, longitude=4.9, elevation=12)
HONOLULU = HomeFacts("Pacific/Honolulu", latitude=21.3, longitude=-157.9)
AUCKLAND = HomeFacts("Pacific/Auckland", latitude=-36.8, longitude=174.8)
TOLERANCE_MS = {"horizon": 8 * 60_000}
"""Automation to how far runs may be apart; a second otherwise, as `time` triggers are
half a second late on purpose.

`sun.sun` looks at the sun every two minutes, up to two and a half before an event of
it. And it takes the sun to be up until what the air bends has set: 0.6 degrees at most,
at 0.13 degrees a minute on the shortest days at this latitude."""

COMPONENTS: dict[str, Any] = {
    "homeassistant": {},
    "sun": {},
    "input_datetime": {"wake": {"has_time": True, "initial": "06:40:10"}},
}


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let the sun go on: it has no end that a test could wait for."""
    return True


@pytest.fixture
async def home(
    hass: HomeAssistant,
) -> AsyncIterator[HomeAssistant]:
    """Return a home in which nothing is set up yet."""

    async def act(_call: ServiceCall) -> None:
        pass

    hass.services.async_register("scripted", "act", act)
    # Its debugging takes a stack at every callback: two thirds of the time.
    hass.loop.set_debug(False)
    yield hass
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


async def set_up(hass: HomeAssistant, place: HomeFacts) -> None:
    """Set up all but the automations, at a place."""
    await hass.config.async_set_time_zone(place.time_zone)
    latitude, longitude = place.latitude or 0, place.longitude or 0
    hass.config.latitude, hass.config.longitude = latitude, longitude
    hass.config.elevation = int(place.elevation)
    north, east = PLACES["Work"]
    work = {"name": "Work", "latitude": latitude + north, "longitude": longitude + east}
    for domain, settings in {**COMPONENTS, "zone": [work]}.items():
        assert await async_setup_component(hass, domain, {domain: settings})


async def automations_that_run(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Set up the automations; return those that this version understands."""
    configs = [written(name) for name in (*AUTOMATIONS, *PURPOSES)]
    assert await async_setup_component(hass, "automation", {"automation": configs})
    await hass.async_block_till_done()
    states = hass.states.async_all("automation")
    running = {state.name for state in states if state.state == "on"}
    assert running >= {written(name)["alias"] for name in AUTOMATIONS}
    return [config for config in configs if config["alias"] in running]


@pytest.mark.parametrize(
    ("place", "begin", "hours", "seed"),
    [
        (AMSTERDAM, "2026-01-14T00:00:30", 26, 1),
        (AMSTERDAM, "2026-03-28T22:00:30", 10, 2),
        (AMSTERDAM, "2026-10-24T22:00:30", 10, 3),
        # The sun sets on another date there than in Greenwich, or rises on another.
        (HONOLULU, "2026-06-17T00:00:30", 24, 4),
        (AUCKLAND, "2026-06-17T00:00:30", 24, 5),
    ],
    ids=["winter", "clock forward", "clock back", "far west", "far east"],
)
async def test_same_runs_as_live(
    home: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    place: HomeFacts,
    begin: str,
    hours: int,
    seed: int,
) -> None:
    zone = ZoneInfo(place.time_zone)
    start = datetime.fromisoformat(begin).replace(tzinfo=zone).astimezone(UTC)
    end = start + timedelta(hours=hours)
    freezer.move_to(start)
    await set_up(home, place)
    life = Life(home, freezer)
    life.begin()
    for entity_id, (states, _) in CHOICES.items():
        life.set(entity_id, states[0])
    await home.async_block_till_done()
    configs = await automations_that_run(home)
    assert len(configs) >= 30
    await life.live(scripted(start, end, seed), end)

    history = History(log_of_rows(life.rows), place)
    last = history.span[1]
    wrong: dict[str, list[str]] = {}
    for config in configs:
        name = config["alias"]
        planned = plan_of(view_of(home), config, frozenset(CHOICES))
        assert planned.unsupported == (), name
        found = backtest(
            history, planned.plan, start_ms=int(start.timestamp() * 1000) + 1000
        )
        assert found.certain.all(), name
        live = [t for t in life.fired.get(name, []) if t <= last]
        tolerance_ms = TOLERANCE_MS.get(name, 1000)
        if problems := list(pairs(live, found.t.tolist(), tolerance_ms)):
            wrong[name] = problems
    assert wrong == {}
    silent = [
        config["alias"] for config in configs if config["alias"] not in life.fired
    ]
    # In a night the sun does not set, and some have hours of the day as a condition.
    assert len(silent) <= (1 if hours >= 24 else 7), silent
    assert sum(map(len, life.fired.values())) > 1000
