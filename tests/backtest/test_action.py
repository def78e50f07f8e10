"""The action: what it answers, and what it refuses, in the words of a translation."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.json import json_bytes
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import dump
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.backtest import engine
from custom_components.automation_scout.mining.events import Row, log_of_rows
from custom_components.automation_scout.mining.localtime import local_days
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.store.archive import Archive

from ..scripted import DAY_MS

NOW = datetime(2026, 3, 9, 3, 0)
DAYS = 20
EVENING: dict[str, Any] = {
    "id": "evening",
    "alias": "Evening",
    "triggers": [{"trigger": "time", "at": "22:30:00"}],
    "actions": [{"action": "light.turn_off", "target": {"entity_id": "light.hall"}}],
}
TOTALS = {
    "hits",
    "kept",
    "wrong",
    "overridden",
    "already",
    "unjudged",
}
FIELDS = TOTALS | {
    "days",
    "from",
    "until",
    "days_observed",
    "fired",
    "uncertain",
    "opportunities",
    "missed",
    "human_actions",
    "precision",
    "precision_low",
    "coverage",
    "saved_per_week",
    "unwanted_per_week",
    "firings",
    "unsupported",
    "approximate",
}


async def answer(
    hass: HomeAssistant,
    automation: object,
    context: Context | None = None,
    **data: Any,
) -> dict[str, Any]:
    response = await hass.services.async_call(
        DOMAIN,
        "backtest",
        {"automation": automation, **data},
        blocking=True,
        return_response=True,
        context=context,
    )
    assert isinstance(response, dict)
    return response


@pytest.fixture
async def archive(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, scout: ScoutCoordinator
) -> AsyncIterator[Archive]:
    """Return the archive of a home; it is three in the night.

    Anna puts the hall light on at 18:00 and, on all days but each fifth, off at 22:35.
    """
    freezer.move_to(NOW.replace(tzinfo=dt_util.UTC))
    for domain in ("homeassistant", "automation", "light"):
        assert await async_setup_component(
            hass, domain, {domain: [EVENING] if domain == "automation" else {}}
        )
    hass.states.async_set("light.hall", "off")
    hass.states.async_set("sensor.unknown_to_all", "1")
    rows: list[Row] = []
    midnight = datetime(2026, 3, 9, tzinfo=dt_util.UTC)
    for day in range(1, DAYS + 1):
        begins = int((midnight - timedelta(days=day)).timestamp() * 1000)
        for minute, state in ((1080, "on"), (1355, "off")):
            if state == "on" or day % 5:
                # Nobody is as exact as a machine.
                at = begins + minute * 60_000 + day * 37_000 % 240_000
                rows.append((at, "light.hall", state, Origin.USER, "anna"))
    late = int((midnight - timedelta(minutes=2)).timestamp() * 1000)
    rows.append((late, "binary_sensor.door", "on", Origin.REPORT, ""))
    log = log_of_rows(rows)
    held = Archive(scout._stores.database)
    until = int(midnight.timestamp() * 1000)
    await held.append(log, local_days(log.t, "UTC"), until)
    await held.cover(["light.hall", "light.hall#brightness"])
    await hass.config.async_set_time_zone("UTC")
    yield held
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


@pytest.mark.usefixtures("archive")
async def test_an_automation_of_the_home(hass: HomeAssistant) -> None:
    found = await answer(hass, "automation.evening")
    assert set(found) == FIELDS
    assert json_bytes(found)
    assert found["days"] == DAYS
    assert (
        found["fired"] == sum(found[name] for name in TOTALS) == len(found["firings"])
    )
    assert found["hits"] == 16
    assert found["wrong"] == 4
    assert found["already"] == found["unjudged"] == 0
    assert found["opportunities"] == 20
    assert found["precision"] == pytest.approx(0.8)
    assert found["human_actions"] == 16
    assert (found["missed"], found["coverage"]) == (0, 1.0)
    assert found["unsupported"] == found["approximate"] == []
    assert found["firings"][0] == {
        "at": "2026-03-08T22:30:00+00:00",
        "trigger": "0",
        "outcome": "hit",
        "certain": True,
    }
    by_outcome = [firing["outcome"] for firing in found["firings"]]
    assert by_outcome[4] == "wrong"
    assert found["from"].startswith("2026-02-17T18:00")


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(
    "automation",
    [
        "evening",
        " automation.evening\n",
        EVENING,
        [EVENING],
        dump(EVENING),
        dump([EVENING]),
        {
            "trigger": {"platform": "time", "at": "22:30:00"},
            "action": {"service": "light.turn_off", "entity_id": "light.hall"},
        },
        json_bytes(EVENING).decode(),
    ],
)
async def test_the_same_written_in_other_ways(
    hass: HomeAssistant, automation: object
) -> None:
    assert await answer(hass, automation) == await answer(hass, "automation.evening")


@pytest.mark.usefixtures("archive")
async def test_days(hass: HomeAssistant) -> None:
    week = await answer(hass, "evening", days=8)
    # Today has only begun, and the log ends with yesterday.
    assert (week["days"], week["fired"]) == (7, 7)
    assert week["from"] == "2026-03-02T00:00:00+00:00"
    assert (await answer(hass, "evening", days=1))["fired"] == 0
    long = await answer(hass, "evening", days=365)
    assert long["fired"] == 20
    (remark,) = long["approximate"]
    assert remark["reason"] == "shorter_history"
    assert remark["message"] == "The history does not reach back so many days."


@pytest.mark.usefixtures("archive")
async def test_runs_that_are_listed_are_bounded(hass: HomeAssistant) -> None:
    often = {"triggers": [{"trigger": "time_pattern", "minutes": "/10"}]}
    found = await answer(hass, often)
    assert found["fired"] > 2000
    assert len(found["firings"]) == 100
    times = [firing["at"] for firing in found["firings"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.usefixtures("archive")
async def test_what_is_not_supported_is_said_with_its_place(
    hass: HomeAssistant,
) -> None:
    found = await answer(
        hass,
        {
            "triggers": [
                EVENING["triggers"][0],
                {"trigger": "mqtt", "topic": "x"},
                {"trigger": "state", "entity_id": "light.gone", "to": "on"},
            ],
            "conditions": [
                {
                    "or": [
                        "{{ true }}",
                        {"condition": "state", "entity_id": "light.hall"},
                    ]
                }
            ],
            "actions": EVENING["actions"],
        },
    )
    assert found["fired"] == found["uncertain"] == 20
    assert not any(firing["certain"] for firing in found["firings"])
    assert [
        (remark["place"], remark["reason"], remark["subject"])
        for remark in found["unsupported"]
    ] == [
        ("triggers/1", "event", "mqtt"),
        ("triggers/2", "unknown_entity", "light.gone"),
        ("conditions/0/or/0", "template", ""),
        ("conditions/0/or/1", "unreadable", "None"),
    ]
    assert [remark["message"] for remark in found["unsupported"]] == [
        "Events are not in the history.",
        "There is no such entity.",
        "Templates cannot be tested: what they saw is not in the history.",
        "This cannot be read. Home Assistant would not accept it either.",
    ]


@pytest.mark.usefixtures("archive")
async def test_nothing_supported_is_an_answer(hass: HomeAssistant) -> None:
    found = await answer(
        hass,
        {
            "triggers": [
                {"trigger": "homeassistant", "event": "start"},
                {"trigger": "template", "value_template": "{{ 1 }}"},
                {"trigger": "device", "device_id": "x", "domain": "light"},
                {"trigger": "light.brightness_changed"},
                {"platform": "webhook", "webhook_id": "x"},
                {"trigger": "state", "entity_id": "sensor.unknown_to_all"},
                {"trigger": "moonlight"},
                "{{ something }}",
                7,
            ],
            "actions": EVENING["actions"],
        },
    )
    assert found["fired"] == 0
    assert found["firings"] == []
    assert [remark["reason"] for remark in found["unsupported"]] == [
        "start",
        "template",
        "device",
        "purpose",
        "event",
        "not_recorded",
        "kind",
        "unreadable",
        "unreadable",
    ]
    assert all(" " in remark["message"] for remark in found["unsupported"])


def endless() -> str:
    """Return a text that names its parts again and again."""
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines)


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(
    ("automation", "key"),
    [
        ({}, "backtest_no_trigger"),
        ({"triggers": []}, "backtest_no_trigger"),
        ({"alias": "x", "actions": EVENING["actions"]}, "backtest_no_trigger"),
        ("", "backtest_unknown"),
        ("automation.gone", "backtest_unknown"),
        ("17", "backtest_unknown"),
        ([], "backtest_unreadable"),
        ([EVENING, EVENING], "backtest_unreadable"),
        ("just some words", "backtest_unreadable"),
        ("triggers: [", "backtest_unreadable"),
        ("triggers: !include /etc/passwd", "backtest_unreadable"),
        ("triggers: !secret door", "backtest_unreadable"),
        ("triggers: !env_var HOME", "backtest_unreadable"),
        ("triggers: &a\n  - *a", "backtest_too_large"),
        (endless(), "backtest_too_large"),
        ("a: " + "x" * 200_000, "backtest_too_large"),
        ({"triggers": EVENING["triggers"] * 10_000}, "backtest_too_large"),
        ({"triggers": EVENING["triggers"] * 600}, "backtest_too_large"),
        ({"use_blueprint": {"path": "../../secrets.yaml"}}, "backtest_unreadable"),
        ({"use_blueprint": "x"}, "backtest_unreadable"),
    ],
)
async def test_bad_input_is_refused(
    hass: HomeAssistant, automation: object, key: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await answer(hass, automation)
    assert refused.value.translation_domain == DOMAIN
    assert refused.value.translation_key == key
    # It can be put into words: every placeholder has its value.
    assert str(refused.value) != key


@pytest.mark.usefixtures("archive")
async def test_conditions_within_conditions_without_end(hass: HomeAssistant) -> None:
    condition: dict[str, Any] = {"condition": "time", "after": "10:00"}
    for _ in range(15):
        condition = {"not": [condition]}
    config = {**EVENING, "conditions": [condition]}
    assert (await answer(hass, config))["unsupported"] == []
    for _ in range(1000):
        condition = {"not": [condition]}
    with pytest.raises(ServiceValidationError) as refused:
        await answer(hass, {**EVENING, "conditions": [condition]})
    assert refused.value.translation_key == "backtest_too_large"


@pytest.mark.parametrize(
    "data",
    [
        {"automation": 7},
        {"automation": None},
        {"automation": EVENING, "days": 0},
        {"automation": EVENING, "days": 366},
        {"days": 3},
    ],
)
@pytest.mark.usefixtures("scout")
async def test_data_that_makes_no_sense(
    hass: HomeAssistant, data: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await hass.services.async_call(
            DOMAIN, "backtest", data, blocking=True, return_response=True
        )


@pytest.mark.usefixtures("scout")
async def test_no_history_yet(hass: HomeAssistant) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await answer(hass, EVENING)
    assert refused.value.translation_key == "backtest_no_history"


@pytest.mark.usefixtures("archive")
async def test_what_runs_too_often(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = {"triggers": [{"trigger": "time_pattern", "minutes": "*", "seconds": 0}]}
    monkeypatch.setattr(engine, "MOST_RUNS", 10_000)
    with pytest.raises(ServiceValidationError, match="27718 times, and 10000 can"):
        await answer(hass, often)
    assert (await answer(hass, often, days=3))["fired"] == 2879


@pytest.mark.usefixtures("archive")
async def test_anybody_may_ask(
    hass: HomeAssistant, hass_read_only_user: MockUser
) -> None:
    context = Context(user_id=hass_read_only_user.id)
    assert (await answer(hass, "evening", context))["fired"] == 20


async def test_nothing_is_changed(
    hass: HomeAssistant, archive: Archive, database_file: Path
) -> None:
    before = await archive.load()
    size = database_file.stat().st_size  # noqa: ASYNC240
    await answer(hass, "evening")
    after = await archive.load()
    assert np.array_equal(before.t, after.t)
    assert database_file.stat().st_size == size  # noqa: ASYNC240
    assert before.t[0] % DAY_MS


async def test_a_blueprint_of_the_home_is_filled_in(
    hass: HomeAssistant, archive: Archive, tmp_path: Path
) -> None:
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / "blueprints" / "automation" / "mine"
    folder.mkdir(parents=True)
    (folder / "off.yaml").write_text(
        "blueprint:\n"
        "  name: Lights out\n"
        "  domain: automation\n"
        "  input: {when: {}, which: {}}\n"
        "triggers: [{trigger: time, at: !input when}]\n"
        "actions: [{action: light.turn_off, target: {entity_id: !input which}}]\n",
        "utf-8",
    )
    use = {"path": "mine/off.yaml", "input": {"when": "22:30:00"}}
    with pytest.raises(ServiceValidationError) as refused:
        await answer(hass, {"use_blueprint": use})
    assert refused.value.translation_key == "backtest_unreadable"
    use["input"] = {"when": "22:30:00", "which": "light.hall"}
    found = await answer(hass, {"use_blueprint": use})
    assert found == await answer(hass, "evening")
