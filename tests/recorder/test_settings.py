"""Settings of actuators: values at rest, and who set them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.components.recorder.db_schema import StateAttributes
from homeassistant.helpers.recorder import get_instance, session_scope
from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.recorder_source.settings import (
    REST_MS,
    Run,
    called,
    parse,
    runs,
)

from ..recorder_history import History
from .reading import ANNA, START, home, joined, read, seen, windows

LIGHTS = home(
    "light.desk",
    "light.hall",
    "climate.living",
    "cover.blind",
    "media_player.tv",
    light__pair=("light.desk", "light.hall"),
)
DESK = "light.desk"
LEVEL = "light.desk#brightness"


def lit(percent: float | None, **more: object) -> dict[str, object]:
    return {"brightness": None if percent is None else round(percent * 2.55)} | more


def dark(past: History) -> History:
    """Let the entities of `LIGHTS` appear with settings of their own."""
    past.state(DESK, "on", None, lit(20))
    past.state("light.hall", "off", None, lit(None))
    past.state("light.pair", "on", None, lit(20))
    past.state("climate.living", "heat", None, {"temperature": 19.0})
    past.state("cover.blind", "closed", None, {"current_position": 0})
    past.state("media_player.tv", "off", None, {})
    past.later(60).state(DESK, "off", None, lit(None))
    past.state("light.pair", "off", None, lit(None))
    return past.later(60)


def set_(
    past: History, entity_id: str, state: str, user: str, attributes: Mapping[str, Any]
) -> None:
    """Let a person set something in the user interface."""
    domain = entity_id.partition(".")[0]
    context = past.call(
        f"{domain}.turn_on", {"entity_id": [entity_id]}, past.context(user)
    )
    past.state(entity_id, state, context, attributes)


async def after(past: History, **options: Any) -> list[tuple[str, str, str, str]]:
    """Return what happened after everything had appeared and the lamp was off."""
    found = await read(past, facts=LIGHTS, **options)
    cut = found.index((DESK, "off", "PHYSICAL", ""))
    return [row for row in found[cut + 1 :] if row[:2] != ("light.pair", "off")]


# Whose a value is.


async def test_appearance_is_nobodys(past: History) -> None:
    dark(past)
    found = await read(past, facts=LIGHTS)
    assert {row[2] for row in found if "#" in row[0]} == {"SYSTEM"}
    assert {row[:2] for row in found if "#" in row[0]} == {
        (LEVEL, "20"),
        ("light.pair#brightness", "20"),
        ("climate.living#temperature", "19"),
        ("cover.blind#position", "0"),
    }


async def test_switched_on_with_a_brightness(past: History) -> None:
    set_(dark(past), DESK, "on", ANNA, lit(40, color_temp_kelvin=2710))
    assert await after(past) == [
        (DESK, "on", "USER", ANNA),
        (LEVEL, "40", "USER", ANNA),
        ("light.desk#color_temp", "2700", "USER", ANNA),
    ]


async def test_only_the_brightness_is_set(past: History) -> None:
    past_ = dark(past)
    past_.press("light.hall", "on")
    past_.later(60).state(DESK, "on", None, lit(20))
    set_(past_.later(600), DESK, "on", ANNA, lit(40))
    assert (await after(past))[-1] == (LEVEL, "40", "USER", ANNA)


async def test_dimmed_at_the_device(past: History) -> None:
    dark(past).state(DESK, "on", None, lit(20))
    past.later(600).state(DESK, "on", None, lit(40))
    assert await after(past) == [
        (DESK, "on", "PHYSICAL", ""),
        (LEVEL, "40", "PHYSICAL", ""),
    ]


async def test_dimmed_by_an_automation(past: History) -> None:
    dark(past).state(DESK, "on", None, lit(20))
    run = past.later(600).trigger("automation.dusk")
    past.call("light.turn_on", {"entity_id": DESK, "brightness_pct": 40}, run)
    past.state(DESK, "on", run, lit(40))
    assert (await after(past))[1:] == [(LEVEL, "40", "AUTOMATION", "automation.dusk")]


async def test_thermostat(past: History) -> None:
    set_(dark(past), "climate.living", "heat", ANNA, {"temperature": 21.0})
    past.later(600).state("climate.living", "heat", None, {"temperature": 19.26})
    assert await after(past) == [
        ("climate.living#temperature", "21", "USER", ANNA),
        ("climate.living#temperature", "19.5", "PHYSICAL", ""),
    ]


async def test_what_a_thermostat_measures_is_no_setting(past: History) -> None:
    dark(past)
    for step in range(20):
        warm = {"temperature": 19.0, "current_temperature": 19 + step / 10}
        past.later(60).state("climate.living", "heat", None, warm)
    assert await after(past) == []


async def test_late_report_of_a_value(past: History) -> None:
    """A slow device says so in a context of its own, later than its state."""
    dark(past)
    set_(past, DESK, "on", ANNA, lit(20))
    past.later(9).state(DESK, "on", None, lit(40))
    assert await after(past) == [
        (DESK, "on", "USER", ANNA),
        (LEVEL, "40", "USER", ANNA),
    ]


async def test_a_slow_fade_is_owed_to_who_began_it(past: History) -> None:
    dark(past)
    run = past.trigger("automation.dusk")
    past.call("light.turn_on", {"entity_id": DESK, "transition": 60}, run)
    past.state(DESK, "on", run, lit(1))
    for level in (10, 30, 60, 80, 100):
        past.later(12).state(DESK, "on", None, lit(level))
    assert {row[2:] for row in await after(past)} == {("AUTOMATION", "automation.dusk")}


async def test_a_value_that_follows_the_rest_of_a_cover(past: History) -> None:
    dark(past)
    run = past.trigger("automation.dusk")
    past.call("cover.open_cover", {"entity_id": "cover.blind"}, run)
    past.later(1).state("cover.blind", "opening", None, {"current_position": 0})
    for position in (10, 40, 80):
        here = {"current_position": position}
        past.later(7).state("cover.blind", "opening", None, here)
    past.later(7).state("cover.blind", "open", None, {"current_position": 80})
    past.later(1).state("cover.blind", "open", None, {"current_position": 100})
    assert [row for row in await after(past) if row[1] != "opening"] == [
        ("cover.blind", "open", "AUTOMATION", "automation.dusk"),
        ("cover.blind#position", "100", "AUTOMATION", "automation.dusk"),
    ]


async def test_a_cover_that_stays_open(past: History) -> None:
    """Its state does not change; its position does, and somebody set it."""
    dark(past)
    past.state("cover.blind", "open", None, {"current_position": 100})
    past.later(600)
    context = past.call(
        "cover.set_cover_position",
        {"entity_id": "cover.blind", "position": 50},
        past.context(ANNA),
    )
    past.state("cover.blind", "closing", context, {"current_position": 100})
    past.later(20).state("cover.blind", "open", None, {"current_position": 50})
    assert (await after(past))[-1] == ("cover.blind#position", "50", "USER", ANNA)
    assert ("cover.blind", "open", "USER", ANNA) not in await after(past)


async def test_members_of_a_group_that_is_dimmed(past: History) -> None:
    dark(past)
    group = past.call("light.turn_on", {"entity_id": "light.pair"}, past.context(ANNA))
    for name in ("light.pair", DESK, "light.hall"):
        past.state(name, "on", group, lit(60))
    origins = {row[0]: row[2] for row in await after(past)}
    assert origins == {
        "light.pair": "USER",
        "light.pair#brightness": "USER",
        DESK: "UNKNOWN",
        LEVEL: "UNKNOWN",
        "light.hall": "UNKNOWN",
        "light.hall#brightness": "UNKNOWN",
    }


async def test_a_group_that_follows_a_member(past: History) -> None:
    dark(past)
    for level in (20, 60):
        past.later(600).state(DESK, "on", None, lit(level))
        past.later(0.3).state("light.pair", "on", None, lit(level))
    origins = {row[0]: row[2] for row in await after(past)}
    assert origins[LEVEL] == "PHYSICAL"
    assert origins["light.pair#brightness"] == "UNKNOWN"


async def test_return_from_unavailable(past: History) -> None:
    dark(past).state(DESK, "unavailable", None, {})
    past.later(60).state(DESK, "on", None, lit(90))
    past.later(1).state(DESK, "on", None, lit(95))
    assert {row[2] for row in await after(past)} == {"SYSTEM"}


# Lights, as the recorder keeps them: without what they were set to.


def ask(past: History, entity_id: str, user: str, state: str, **data: object) -> None:
    """Let a person call for something, and let the light's state follow."""
    context = past.call(
        "light.turn_on", {"entity_id": [entity_id], **data}, past.context(user)
    )
    past.state(entity_id, state, context)


async def test_what_a_call_sets(past: History) -> None:
    past.appear(light__desk="off")
    ask(past.later(60), DESK, ANNA, "on", brightness_pct=40, color_temp_kelvin=2710)
    ask(past.later(600), DESK, ANNA, "on", brightness=255)
    ask(past.later(600), DESK, ANNA, "on", brightness=254)
    run = past.later(600).trigger("automation.dusk")
    past.call("light.turn_on", {"entity_id": DESK, "brightness_pct": "20"}, run)
    assert (await read(past, facts=LIGHTS))[1:] == [
        (DESK, "on", "USER", ANNA),
        (LEVEL, "40", "USER", ANNA),
        ("light.desk#color_temp", "2700", "USER", ANNA),
        (LEVEL, "100", "USER", ANNA),
        (LEVEL, "20", "AUTOMATION", "automation.dusk"),
    ]


async def test_members_of_a_group_that_a_call_names(past: History) -> None:
    past.appear(light__desk="off", light__hall="off", light__pair="off")
    past.later(60).call(
        "light.turn_on",
        {"entity_id": "light.pair", "brightness_pct": 40},
        past.context(ANNA),
    )
    assert (await read(past, facts=LIGHTS))[3:] == [
        (LEVEL, "40", "UNKNOWN", ""),
        ("light.hall#brightness", "40", "UNKNOWN", ""),
        ("light.pair#brightness", "40", "USER", ANNA),
    ]


async def test_a_slider_is_one_value_and_off_is_none(past: History) -> None:
    past.appear(light__desk="off")
    past.later(60)
    for level in (20, 50, 90):
        ask(past.later(2), DESK, ANNA, "on", brightness_pct=level)
    ask(past.later(600), DESK, ANNA, "on", brightness_pct=10)
    past.later(2).tap(DESK, "off", ANNA)
    assert (await read(past, facts=LIGHTS))[1:] == [
        (DESK, "on", "USER", ANNA),
        (LEVEL, "90", "USER", ANNA),
        (DESK, "off", "USER", ANNA),
    ]


async def test_calls_and_windows_that_end_anywhere(past: History) -> None:
    past.appear(light__desk="off")
    for step in range(80):
        past.later(1.7 + step * 7 % 11)
        ask(past, DESK, ANNA, "on", brightness_pct=1 + step * 31 % 100)
    end = past.later(30).now
    whole = joined(await windows(past.hass, end, LIGHTS))
    assert len(whole) > 30
    for stride in (3, 19):
        parts: list[tuple[int, str, str]] = []
        since_ms: int | None = None
        last: dict[str, str] = {}
        until = START
        while until < end:
            until = min(until + timedelta(seconds=stride), end)
            found = await windows(
                past.hass, until, LIGHTS, since_ms=since_ms, last_states=last
            )
            parts += joined(found)
            last.update({entity: state for _, entity, state in joined(found)})
            since_ms = found[-1].until_ms
        assert sorted(parts) == sorted(whole)


@pytest.mark.parametrize(
    ("service", "data", "values"),
    [
        ("light.turn_on", {"brightness_pct": 40}, ("40", None)),
        ("light.turn_on", {"brightness_pct": 40, "brightness": 255}, ("40", None)),
        ("light.turn_on", {"brightness": 102}, ("40", None)),
        ("light.toggle", {"kelvin": "4011"}, (None, "4000")),
        ("light.turn_on", {"brightness_pct": 0}, (None, None)),
        ("light.turn_on", {"brightness_pct": -5, "brightness": None}, (None, None)),
        ("light.turn_on", {"brightness_pct": "{{ x }}"}, (None, None)),
        ("light.turn_on", {"brightness_pct": [1], "kelvin": "nan"}, (None, None)),
        ("light.turn_on", {"brightness_step": 10}, (None, None)),
        ("light.turn_off", {"brightness_pct": 40}, ()),
        ("cover.open_cover", {"position": 40}, ()),
        ("light.turn_on", None, ()),
        ("light.turn_on", [], ()),
    ],
)
def test_values_of_calls(
    service: str, data: object, values: tuple[str | None, ...]
) -> None:
    assert called(service, data) == values


# One act, many rows.


async def test_a_fade_comes_to_rest(past: History) -> None:
    dark(past)
    begun = past.now_ms
    set_(past, DESK, "on", ANNA, lit(1))
    for level in (12, 31, 59, 80):
        past.later(2).state(DESK, "on", None, lit(level))
    past.later(60)
    found = await windows(past.hass, past.now, LIGHTS)
    assert [row for row in joined(found) if row[1] == LEVEL][1:] == [
        (begun, LEVEL, "80")
    ]
    assert (LEVEL, "80", "USER", ANNA) in seen(found)


async def test_a_light_that_fades_out_was_not_set(past: History) -> None:
    dark(past).state(DESK, "on", None, lit(80))
    past.later(600)
    context = past.call("light.turn_off", {"entity_id": DESK}, past.context(ANNA))
    past.state(DESK, "on", context, lit(40))
    past.later(2).state(DESK, "on", None, lit(3))
    past.later(2).state(DESK, "off", None, lit(None))
    past.later(600).state(DESK, "on", None, lit(80))
    assert [row[:2] for row in await after(past)] == [
        (DESK, "on"),
        (LEVEL, "80"),
        (DESK, "off"),
        (DESK, "on"),
    ]


async def test_windows_may_end_anywhere(past: History) -> None:
    dark(past)
    for step in range(60):
        level = 10 + step * 17 % 90
        past.later(3 + step * 7 % 400).state(DESK, "on", None, lit(level))
        if step % 9 == 8:
            past.later(3).state(DESK, "off", None, lit(None))
        if step % 4 == 0:
            warm = {"temperature": 18.0 + step % 5}
            past.state("climate.living", "heat", None, warm)
    end = past.later(60).now
    whole = sorted(joined(await windows(past.hass, end, LIGHTS)))
    assert len(whole) > 40
    for stride in (7, 11, 61, 977):
        parts: list[tuple[int, str, str]] = []
        since_ms: int | None = None
        last: dict[str, str] = {}
        until = START
        while until < end:
            # Small steps only where it begins.
            late = until > START + timedelta(minutes=20)
            until = min(until + timedelta(seconds=997 if late else stride), end)
            found = await windows(
                past.hass, until, LIGHTS, since_ms=since_ms, last_states=last
            )
            parts += joined(found)
            last.update({entity: state for _, entity, state in joined(found)})
            since_ms = found[-1].until_ms
        assert sorted(parts) == whole


async def test_attributes_that_cannot_be_read(past: History) -> None:
    dark(past)
    set_(past, DESK, "on", ANNA, lit(40))
    await past.written()

    def break_all() -> None:
        with session_scope(hass=past.hass) as session:
            for row in session.query(StateAttributes):
                row.shared_attrs = (row.shared_attrs or "")[:-2]

    await get_instance(past.hass).async_add_executor_job(break_all)
    assert all("#" not in row[0] for row in await after(past))


async def test_each_text_is_parsed_once(
    past: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    dark(past)
    for step in range(50):
        past.later(600).state(DESK, "on", None, lit(20 + step % 2))
    parsed: list[str] = []

    def spy(domain: str, text: str) -> tuple[str | None, ...]:
        parsed.append(text)
        return parse(domain, text)

    monkeypatch.setattr(
        "custom_components.automation_scout.recorder_source.settings.parse", spy
    )
    await read(past, facts=LIGHTS)
    assert len(parsed) == len(set(parsed)) > 3


# Texts of values.


@pytest.mark.parametrize(
    ("domain", "text", "values"),
    [
        ("light", '{"brightness":102,"color_temp_kelvin":2726}', ("40", "2750")),
        ("light", '{"brightness":null,"color_temp_kelvin":null}', (None, None)),
        ("light", '{"brightness":true}', (None, "")),
        ("light", '{"brightness":"102"}', (None, "")),
        ("light", '{"brightness":1e300}', (None, "")),
        ("light", '{"brightness":[1]}', (None, "")),
        ("light", "[1]", ("", "")),
        ("light", "{", ("", "")),
        ("light", "", ("", "")),
        ("light", None, ("", "")),
        ("climate", '{"temperature":21.3,"preset_mode":"eco"}', ("21.5", "eco")),
        ("climate", '{"temperature":-0.1,"preset_mode":""}', ("0", None)),
        ("media_player", '{"volume_level":0.316}', ("32", "")),
        ("media_player", '{"source":" HDMI\\n 1\\u0000"}', ("", "HDMI 1")),
        ("media_player", '{"source":5}', ("", None)),
        ("media_player", f'{{"source":"{"x" * 99}"}}', ("", "x" * 64)),
    ],
)
def test_values(domain: str, text: str | None, values: tuple[str | None, ...]) -> None:
    assert parse(domain, text) == values


# Runs, against a twin that looks at every row.

steps = st.lists(
    st.tuples(st.sampled_from((0, 1, 2500, 5000, 5001, 9000)), st.integers(-1, 3)),
    max_size=30,
)


def naive(t: list[int], value: list[int], rest: int) -> list[Run]:
    found: list[Run] = []
    row = 0
    while row < len(t):
        if value[row] < 0 or value[row] == rest:
            row += 1
            continue
        first, last, at = row, row, row
        gone = False
        while at + 1 < len(t) and t[at + 1] - t[last] <= REST_MS and not gone:
            at += 1
            gone = value[at] < 0
            if not gone and value[at] != value[last]:
                last = at
        if not gone:
            found.append(Run(first, t[last], value[last]))
            rest = value[last]
        row = at + 1
    return found


@given(steps, st.integers(-1, 3))
def test_runs(rows: list[tuple[int, int]], rest: int) -> None:
    t = np.cumsum([gap for gap, _ in rows], dtype=np.int64)
    value = np.array([value for _, value in rows], np.int64)
    assert runs(t, value, rest) == naive(t.tolist(), value.tolist(), rest)
