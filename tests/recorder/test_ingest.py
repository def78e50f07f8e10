"""From the recorder into the archive, also what was left out of it before."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.automation_scout.ingest import Ingest
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.localtime import local_days
from custom_components.automation_scout.parts import load_parts
from custom_components.automation_scout.store.archive import Archive
from custom_components.automation_scout.store.database import Database
from custom_components.automation_scout.store.forget import forget
from custom_components.automation_scout.store.forgotten import ENTITY, USER, Wish

from ..recorder_history import History
from .reading import ANNA, ZONE, home

WARM = EntityFacts("sensor.warm", "Warm", None, None, "temperature", (), "°C", True)
OLD = home("light.desk", "binary_sensor.door")
NEW = replace(OLD, entities={**OLD.entities, WARM.entity_id: WARM})

type Change = tuple[int, str, str, int, str]


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    database = await Database.open(tmp_path / "scout.db")
    yield Archive(database)
    await database.close()


def live(past: History, days: int = 3) -> History:
    """Let some days pass in which a light is dimmed and a room gets warmer."""
    past.appear(light__desk="off", binary_sensor__door="off", sensor__warm="20")
    for step in range(days * 4):
        past.later(21_600).tap("light.desk", "on" if step % 2 else "off", ANNA)
        past.state(
            "light.desk",
            "on" if step % 2 else "off",
            None,
            {"brightness": 60 + step if step % 2 else None},
        )
        past.state("sensor.warm", str(20 + step % 5))
        past.press("binary_sensor.door", "on" if step % 2 else "off")
    return past.later(60)


async def ingest(past: History, archive: Archive, facts: HomeFacts) -> list[int]:
    """Read up to where the pen stands; return how many changes were new, by window."""
    added: list[int] = []
    parts = load_parts()
    job = Ingest(past.hass, parts, archive, facts, lambda _, new: added.append(new))
    await job.until(past.now_ms)
    return added


async def changes(archive: Archive) -> list[Change]:
    log = await archive.load()
    return sorted(
        (
            int(log.t[row]),
            log.entities[log.entity[row]],
            log.states[log.state[row]],
            int(log.origin[row]),
            log.actors[log.actor[row]],
        )
        for row in range(len(log))
    )


async def older(past: History, archive: Archive) -> None:
    """Fill the archive as the version before settings did."""
    async for window in load_parts().windows(
        past.hass, OLD, None, past.now_ms, {}, frozenset()
    ):
        log = window.log.of(OLD.entities)
        await archive.append(log, local_days(log.t, ZONE.key), window.until_ms)


async def test_an_older_archive_gets_what_the_recorder_holds(
    past: History, archive: Archive, tmp_path: Path
) -> None:
    await older(live(past), archive)
    before = await changes(archive)
    assert {row[1] for row in before} == set(OLD.entities)
    live(past, 1)
    assert sum(await ingest(past, archive, NEW)) > 0
    found = await changes(archive)
    assert set(before) < set(found)
    database = await Database.open(tmp_path / "other.db")
    whole = Archive(database)
    await ingest(past, whole, NEW)
    assert found == await changes(whole)
    assert await archive.last_states() == await whole.last_states()
    assert await archive.watermark_ms() == await whole.watermark_ms() == past.now_ms
    await database.close()


async def test_it_is_read_again_once(past: History, archive: Archive) -> None:
    await older(live(past), archive)
    first = await ingest(past, archive, NEW)
    found = await changes(archive)
    assert len(first) > 2
    assert await ingest(past.later(60), archive, NEW) == [0]
    assert await changes(archive) == found


async def test_an_entity_that_comes_into_scope(past: History, archive: Archive) -> None:
    await ingest(live(past), archive, OLD)
    before = await changes(archive)
    await ingest(past.later(60), archive, NEW)
    news = [row for row in await changes(archive) if row not in before]
    assert len(news) > 5
    assert {row[1] for row in news} == {WARM.entity_id}


async def test_an_entity_that_left_the_scope_and_comes_back(
    past: History, archive: Archive
) -> None:
    await ingest(live(past), archive, NEW)
    await ingest(live(past, 1), archive, OLD)
    await ingest(live(past, 1), archive, NEW)
    found = await changes(archive)
    assert len(found) == len(set(found))
    day = past.now_ms - 86_400_000
    gap = [row for row in found if row[1] == WARM.entity_id and row[0] < day]
    assert max(row[0] for row in gap) > day - 86_400_000


@pytest.mark.parametrize(
    ("kind", "name"), [(ENTITY, WARM.entity_id), (ENTITY, "light.desk"), (USER, ANNA)]
)
async def test_what_was_forgotten_stays_in_the_recorder(
    past: History, archive: Archive, tmp_path: Path, kind: str, name: str
) -> None:
    """Though everything is read once more, as it is for whoever starts anew."""
    await ingest(live(past), archive, NEW)
    wish = Wish(kind, past.now_ms, name)
    outcome = await forget(archive._database, wish)
    assert outcome.removed > 0
    found = await changes(archive)
    assert await ingest(past.later(60), archive, NEW) == [0]
    async with archive._database.transaction() as conn:
        await conn.execute("DELETE FROM meta")
    assert sum(await ingest(past.later(60), archive, NEW)) == 0
    assert await changes(archive) == found
    live(past.later(60), 1)
    await ingest(past, archive, NEW)
    later = set(await changes(archive)) - set(found)
    assert any(name in {row[1], row[4]} for row in later)
