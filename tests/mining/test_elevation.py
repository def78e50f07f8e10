"""The height of the sun, told by the minutes from its events."""

from datetime import UTC, date, datetime, timedelta

from astral import Observer
import astral.sun
from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.elevation import at_height
from custom_components.automation_scout.mining.rules import SunEvent

BERLIN = Observer(52.5, 13.4)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@given(DAYS, st.sampled_from(SunEvent), st.floats(-170, 170))
def test_at_the_horizon_it_is_the_event(
    day: date, event: SunEvent, longitude: float
) -> None:
    """But for what the air bends: half a degree, which the sun takes minutes for."""
    trigger = at_height(event, -0.833, Observer(40.0, longitude), day)
    assert trigger is not None
    assert abs(trigger.offset_min) <= 5


@given(DAYS, st.floats(-12, 10))
def test_it_stands_there_then(day: date, degrees: float) -> None:
    trigger = at_height(SunEvent.SUNSET, degrees, BERLIN, day)
    assert trigger is not None
    sets = astral.sun.sunset(BERLIN, day) + timedelta(minutes=trigger.offset_min)
    assert astral.sun.elevation(BERLIN, sets) == pytest.approx(degrees, abs=0.6)


def test_before_sunrise_and_after_sunset_it_is_below() -> None:
    day = datetime(2026, 3, 20, tzinfo=UTC).date()
    rise, sets = (at_height(event, -6, BERLIN, day) for event in SunEvent)
    assert rise is not None
    assert sets is not None
    assert rise.offset_min < -25 < 25 < sets.offset_min


def test_a_height_that_it_does_not_reach() -> None:
    assert at_height(SunEvent.SUNSET, 70, BERLIN, date(2026, 1, 1)) is None
    assert (
        at_height(SunEvent.SUNSET, -6, Observer(78.0, 15.0), date(2026, 6, 21)) is None
    )
