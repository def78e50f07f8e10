"""Runs."""

import pytest

from custom_components.automation_scout.store.database import BadRow
from custom_components.automation_scout.store.runs import RunStore

from .samples import NIGHT_1, NIGHT_2, run

FINISHED = run(
    finished_at=NIGHT_2,
    status="finished",
    counters={"events_read": 12_345, "new": 2},
    funnel=[{"gate": "support", "in": 30, "out": 4}],
    phases=[
        {"name": "ingest", "seconds": 1.25, "error": None},
        {"name": "words", "seconds": 0.5, "error": "Zeitüberschreitung"},
    ],
    errors=["words: Zeitüberschreitung"],
    misses=[{"entities": ["light.küche"], "gate": "support", "measured": 3}],
)


async def test_no_run(runs: RunStore) -> None:
    assert await runs.last() is None
    assert await runs.list(10) == []


async def test_start_and_finish(runs: RunStore) -> None:
    await runs.start(run())
    assert await runs.last() == run()
    await runs.finish(FINISHED)
    assert await runs.list(10) == [FINISHED]


async def test_finish_of_a_run_whose_beginning_was_lost(runs: RunStore) -> None:
    await runs.finish(FINISHED)
    assert await runs.last() == FINISHED


async def test_newest_first(runs: RunStore) -> None:
    for name in "bca":
        await runs.start(run(name))
    await runs.finish(run("b", status="finished"))
    assert [row.run_id for row in await runs.list(2)] == ["a", "c"]
    last = await runs.last()
    assert last is not None
    assert last.run_id == "a"


async def test_interrupted(runs: RunStore) -> None:
    await runs.start(FINISHED)
    await runs.start(run("cut off"))
    assert await runs.mark_interrupted() == 1
    assert await runs.mark_interrupted() == 0
    assert [row.status for row in await runs.list(9)] == ["interrupted", "finished"]


@pytest.mark.parametrize(
    "bad",
    [
        run("r", status="tired"),
        run(""),
        run("r", counters={"entities": {"light.a"}}),
        run("r", funnel=[{"lift": float("nan")}]),
    ],
)
async def test_bad_runs(runs: RunStore, bad: object) -> None:
    for write in (runs.start, runs.finish):
        with pytest.raises(BadRow):
            await write(bad)  # type: ignore[arg-type]
    assert await runs.list(9) == []


async def test_id_that_is_taken(runs: RunStore) -> None:
    await runs.start(FINISHED)
    with pytest.raises(BadRow, match="UNIQUE"):
        await runs.start(run())
    assert await runs.list(9) == [FINISHED]


async def test_old_runs_are_pruned(runs: RunStore) -> None:
    for run_id, started_at in (("a", NIGHT_1), ("b", NIGHT_2)):
        await runs.start(run(run_id, started_at=started_at))
    await runs.prune(NIGHT_2)
    assert [row.run_id for row in await runs.list(9)] == ["b"]
