"""Whatever people do in whatever order: refused or done, and never half."""

from datetime import timedelta
from random import Random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.yaml import dump
import pytest

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.store.installed import INSTALLED, INSTALLING

from ..scripted import DOOR, EVENING, MORNING, Script, result
from .conftest import Automations, Call

KEYS = [item.rule.key for item in (MORNING, DOOR, EVENING)]


def step_of(random: Random, *, forgets: bool) -> tuple[str, dict[str, Any]]:
    """Return an action with its data."""
    wishes = ({"entity_id": "light.desk"}, {"before": "2026-01-01"})
    forgettable = wishes if forgets else ()
    one: dict[str, Any] = {"suggestion_id": random.choice(KEYS)}
    return random.choice(
        [
            ("accept", {**one, "enabled": random.random() < 0.7}),
            ("accept", one),
            ("accept", {**one, "trial_days": random.randint(1, 3)}),
            ("undo", one),
            ("undo", {**one, "force": True}),
            ("dismiss", {**one, "reason": random.choice(["wrong", "not_now"])}),
            ("dismiss", {**one, "reason": "never_this_device"}),
            ("restore", one),
            ("snooze", {**one, "days": random.randint(1, 9)}),
            ("refine", {**one, "changes": {"time": f"{random.randint(5, 9)}:30"}}),
            ("refine", {**one, "changes": {"weekdays": ["mon", "sat"]}}),
            *(("forget", wish) for wish in forgettable),
            ("analyze", {}),
            ("analyze", {"days": 7}),
        ]
    )


def items_of(file: Automations) -> list[dict[str, Any]]:
    """Return the automations; the editor leaves an empty file without any."""
    return file.data() if file.read().strip() else []


async def by_hand(hass: HomeAssistant, file: Automations, random: Random) -> None:
    """Delete or change an automation as the editor of Home Assistant does."""
    items = items_of(file)
    if items:
        chosen = random.randrange(len(items))
        if random.random() < 0.5:
            del items[chosen]
        else:
            items[chosen]["alias"] = "Mine"
    file.write(dump(items))
    await hass.services.async_call("automation", "reload", blocking=True)


@pytest.mark.parametrize("seed", range(6))
async def test_any_order(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    script: Script,
    call: Call,
    file: Automations,
    freezer: FrozenDateTimeFactory,
    seed: int,
) -> None:
    random = Random(seed)  # noqa: S311
    trail: list[object] = []
    refusals: list[str | None] = []
    done = 0
    for _ in range(40):
        freezer.tick(timedelta(hours=random.choice([0, 1, 30])))
        if random.random() < 0.1:
            trail.append("by hand")
            await by_hand(hass, file, random)
            continue
        if random.random() < 0.1:
            script.result = result(*random.sample([MORNING, DOOR, EVENING], 2))
        action, data = step_of(random, forgets=seed % 2 == 0)
        try:
            answer = await call(action, **data)
            done += 1
            trail.append((action, data, "ok", answer.get("status")))
        except HomeAssistantError as err:
            trail.append((action, data, repr(err)))
            refusals.append(err.translation_key)
        await hass.async_block_till_done()
    # The first may join one that began before the last step.
    await call("analyze")
    await call("analyze")
    stores = home.keeper.stores
    rows = {row.id: row for row in await stores.suggestions.list()}
    latest = await stores.installed.latest()
    there = {item["id"].rpartition("_")[2] for item in items_of(file)}
    accepted = {key for key, row in rows.items() if row.status == "accepted"}
    assert accepted <= there, trail
    if seed % 2:
        # In the others, what is forgotten stays set up.
        assert accepted == there, trail
    assert not any(row.state == INSTALLING for row in await stores.installed.list())
    set_up = {key for key, row in latest.items() if row.state == INSTALLED}
    assert set_up == accepted, trail
    for key in accepted:
        await call("undo", suggestion_id=key, force=True)
    assert accepted.isdisjoint(item["id"].rpartition("_")[2] for item in items_of(file))
    assert done
    assert refusals
    assert all(refusals), trail
