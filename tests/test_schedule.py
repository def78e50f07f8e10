"""The nightly time of an installation and what it has missed."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from custom_components.automation_scout.schedule import (
    MAX_JITTER_S,
    last_due,
    nightly_time,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def seconds(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def test_jitter_is_fixed_bounded_and_spread() -> None:
    times = {
        f"entry-{n}": seconds(nightly_time(time(3), f"entry-{n}")) - 3 * 3600
        for n in range(200)
    }
    assert all(0 <= value <= MAX_JITTER_S for value in times.values())
    assert len(set(times.values())) > 150
    assert nightly_time(time(3), "entry-7") == nightly_time(time(3), "entry-7")


def test_jitter_goes_over_midnight() -> None:
    times = [nightly_time(time(23, 59), f"entry-{n}") for n in range(50)]
    assert any(moment.hour == 0 for moment in times)


def test_last_due_is_today_or_yesterday() -> None:
    noon = datetime(2026, 10, 1, 12, tzinfo=AMSTERDAM)
    assert last_due(noon, time(3, 5, 7)) == datetime(
        2026, 10, 1, 3, 5, 7, tzinfo=AMSTERDAM
    )
    assert last_due(noon, time(12)) == noon
    assert last_due(noon, time(12, 0, 1)).day == 30


def test_last_due_is_a_clock_time_when_the_clock_changes() -> None:
    after = datetime(2026, 3, 29, 1, tzinfo=AMSTERDAM)
    assert last_due(after, time(3)) == datetime(2026, 3, 28, 3, tzinfo=AMSTERDAM)
    next_day = datetime(2026, 3, 30, 1, tzinfo=AMSTERDAM)
    assert last_due(next_day, time(3)) == datetime(2026, 3, 29, 3, tzinfo=AMSTERDAM)
