"""Numbers behind a dead band: what is kept, and what that means for the rest."""

from math import isnan, nan

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.measures import (
    BANDS,
    OTHER,
    Band,
    band_of,
)
from custom_components.automation_scout.recorder_source.deadband import (
    FREE_ROWS,
    PACE_MS,
    in_steps,
    kept,
    numbers,
)

DAY_MS = 86_400_000
TEMPERATURE = BANDS["temperature"]
POWER = BANDS["power"]

bands = st.sampled_from([*BANDS.values(), OTHER, band_of("power", "kW")])
values = st.one_of(
    st.just(nan),
    st.floats(-1e4, 1e4),
    st.floats(-30, 30),
    st.integers(0, 100).map(float),
)
series = st.lists(st.tuples(st.integers(0, DAY_MS - 1), values), max_size=120)


def counts_of(rows: list[tuple[int, float]], band: Band) -> list[float]:
    return list(in_steps(np.array([value for _, value in rows], np.float64), band))


def run(rows: list[tuple[int, float]], band: Band) -> list[int]:
    t = np.array([t for t, _ in rows], np.int64)
    return kept(t, np.array(counts_of(rows, band)), band, 0)


def naive(rows: list[tuple[int, float]], band: Band) -> list[int]:
    """Row by row, as it is told: without skipping what repeats."""
    found: list[int] = []
    last: float | None = None
    for place, ((t, _), count) in enumerate(
        zip(rows, counts_of(rows, band), strict=True)
    ):
        over = len(found) - (FREE_ROWS + t / PACE_MS)
        doublings = int(over // 5) + 1 if over > 0 else 0
        if found and isnan(count):
            keep = last is not None and over <= 0
        elif not found or last is None:
            keep = True
        else:
            least = max(band.steps, band.relative * max(abs(count), abs(last)))
            keep = abs(count - last) >= least * 2**doublings
        if keep:
            found.append(place)
            last = None if isnan(count) else count
    return found


@given(series, bands)
def test_twin(rows: list[tuple[int, float]], band: Band) -> None:
    rows.sort(key=lambda row: row[0])
    assert run(rows, band) == naive(rows, band)


@given(series, bands)
def test_what_was_reduced_stays_as_it_is(
    rows: list[tuple[int, float]], band: Band
) -> None:
    rows.sort(key=lambda row: row[0])
    counts = counts_of(rows, band)
    once = [(rows[row][0], counts[row] * band.step) for row in run(rows, band)]
    assert run(once, band) == list(range(len(once)))


@given(st.lists(st.floats(-1e11, 1e11), max_size=50), bands)
def test_a_rounded_number_is_round(numbers_: list[float], band: Band) -> None:
    once = in_steps(np.array(numbers_), band)
    twice = in_steps(once * band.step, band)
    assert once.tolist() == twice.tolist()
    for count in once.tolist():
        assert float(band.text(count)) == pytest.approx(count * band.step, rel=1e-9)
        if band.relative:
            assert len(f"{abs(count):.0f}".strip("0")) <= band.digits


@given(series, bands, st.integers(0, DAY_MS))
def test_the_rest_of_a_day_changes_nothing(
    rows: list[tuple[int, float]], band: Band, end: int
) -> None:
    """What a window up to some time keeps, the whole day keeps too."""
    rows.sort(key=lambda row: row[0])
    part = [row for row in rows if row[0] < end]
    assert run(part, band) == [row for row in run(rows, band) if row < len(part)]


@given(
    st.lists(st.tuples(st.integers(0, DAY_MS - 1), st.floats(-1e4, 1e4)), max_size=30)
)
def test_nobody_is_farther_from_the_log_than_the_band(
    rows: list[tuple[int, float]],
) -> None:
    """As long as the day's share is not used up."""
    rows.sort(key=lambda row: row[0])
    for band in (TEMPERATURE, POWER):
        counts = counts_of(rows, band)
        keeps = set(run(rows, band))
        last = nan
        for place, count in enumerate(counts):
            last = count if place in keeps else last
            least = max(band.steps, band.relative * max(abs(count), abs(last)))
            assert abs(count - last) < least or count == last


@pytest.mark.parametrize("band", [*BANDS.values(), OTHER])
@pytest.mark.parametrize("middle", [0.0, 0.5, 20.25, 54.999, 667.0, 9950.0])
def test_noise_between_two_steps_never_flips(band: Band, middle: float) -> None:
    noise = middle + np.random.default_rng(1).choice([-0.02, 0.02], 500) * band.step
    rows = [(60_000 * place, float(value)) for place, value in enumerate(noise)]
    assert len(run(rows, band)) == 1


@pytest.mark.parametrize("jump", [1.0, 50.0, 1000.0])
@pytest.mark.parametrize("class_", ["temperature", "power", "illuminance"])
def test_a_day_has_about_300_rows_at_most(class_: str, jump: float) -> None:
    noise = np.random.default_rng(2).normal(0, jump, 17_280)
    rows = [(5_000 * place, float(value)) for place, value in enumerate(noise)]
    assert 240 <= len(run(rows, BANDS[class_])) <= 320


def test_a_sensor_that_flaps_is_not_worth_its_rows() -> None:
    rows = [(20_000 * place, nan if place % 2 else 20.0) for place in range(4320)]
    assert len(run(rows, TEMPERATURE)) <= 320


def test_a_sensor_of_whole_numbers_does_not_flip_between_two() -> None:
    rows = [(60_000 * place, 52.0 + place % 2) for place in range(1000)]
    assert len(run(rows, BANDS["humidity"])) == 1


def test_one_gap_is_one_row_and_what_follows_another() -> None:
    texts = ["20.0", "unavailable", "unknown", "", "nan", "inf", "1_0", "20.05", "20.1"]
    counts = in_steps(numbers(texts), TEMPERATURE)
    t = np.arange(len(texts)) * 1000
    assert kept(t, counts, TEMPERATURE, 0) == [0, 1, 7]


@pytest.mark.parametrize(
    ("class_", "unit", "value", "text"),
    [
        ("temperature", "°C", 21.349, "21.3"),
        ("temperature", "°C", -0.04, "0"),
        ("temperature", "°F", 70.29, "70.2"),
        ("humidity", "%", 54.6, "54.5"),
        ("illuminance", "lx", 1234.0, "1200"),
        ("illuminance", "lx", 7.3, "7"),
        ("power", "W", 1849.0, "1800"),
        ("power", "kW", 1.849, "1.8"),
        ("carbon_dioxide", "ppm", 843.0, "845"),
        ("pressure", "hPa", 1013.2, "1010"),
    ],
)
def test_texts(class_: str, unit: str, value: float, text: str) -> None:
    band = band_of(class_, unit)
    assert band.text(float(in_steps(np.array([value]), band)[0])) == text


def test_every_band_is_wider_than_its_step() -> None:
    assert all(band.steps >= 2 for band in (*BANDS.values(), OTHER))
