"""Chunks: what goes in comes out, small, and damage is noticed."""

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.store.chunks import (
    Columns,
    decode,
    decode_into,
    encode,
    length_of,
)

rows = st.lists(
    st.tuples(
        st.integers(-(2**40), 2**45),
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**31 - 1),
        st.integers(0, 127),
        st.integers(0, 2**16 - 1),
    ),
    max_size=40,
)


def columns_of(values: list[tuple[int, int, int, int, int]]) -> Columns:
    table = np.array(sorted(values), np.int64).reshape(-1, 5)
    return Columns(
        table[:, 0].copy(),
        table[:, 1].astype(np.uint16),
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int8),
        table[:, 4].astype(np.uint16),
    )


def lists(columns: Columns) -> list[list[int]]:
    return [
        columns.t.tolist(),
        columns.entity.tolist(),
        columns.state.tolist(),
        columns.origin.tolist(),
        columns.actor.tolist(),
    ]


def ordinary_day(changes: int) -> Columns:
    """Return a day of 500 entities that are switched on and off at random."""
    rng = np.random.default_rng(7)
    return Columns(
        np.sort(rng.integers(0, 86_400_000, changes)) + 1_700_000_000_000,
        rng.integers(0, 500, changes).astype(np.uint16),
        rng.integers(0, 2, changes).astype(np.int32),
        np.where(rng.random(changes) < 0.9, 9, 1).astype(np.int8),
        (rng.random(changes) < 0.1).astype(np.uint16),
    )


@given(rows)
@settings(max_examples=100, deadline=None)
def test_what_goes_in_comes_out(values: list[tuple[int, int, int, int, int]]) -> None:
    before = columns_of(values)
    chunk = encode(before)
    after = decode(chunk)
    assert length_of(chunk) == len(values)
    assert [column.dtype for column in after] == [column.dtype for column in before]
    assert lists(after) == lists(before)


def test_at_most_8_bytes_a_change() -> None:
    assert len(encode(ordinary_day(11_111))) <= 8 * 11_111


def test_decoding_into_a_part_leaves_the_rest() -> None:
    day = ordinary_day(100)
    whole = Columns.empty(300)
    for before in (whole.t, whole.entity, whole.state, whole.origin, whole.actor):
        before.fill(77)
    decode_into(encode(day), whole.at(slice(100, 200)))
    assert lists(whole.at(slice(100, 200))) == lists(day)
    rest = np.r_[0:100, 200:300]
    assert lists(whole.at(rest)) == [[77] * 200] * 5


def test_columns_that_are_no_day_are_refused() -> None:
    day = ordinary_day(3)
    with pytest.raises(ValueError, match="length"):
        encode(day._replace(entity=day.entity[:2]))
    with pytest.raises(ValueError, match="backwards"):
        encode(day._replace(t=day.t[::-1].copy()))
    with pytest.raises(ValueError, match="negative"):
        encode(day._replace(state=np.array([0, -1, 0], np.int32)))


def test_damage_of_any_byte_is_noticed() -> None:
    chunk = encode(ordinary_day(50))
    for position in range(len(chunk)):
        damaged = bytearray(chunk)
        damaged[position] ^= 0x41
        with pytest.raises(ValueError, match="chunk"):
            decode(bytes(damaged))


def test_missing_bytes_are_noticed() -> None:
    chunk = encode(ordinary_day(50))
    for length in range(len(chunk)):
        with pytest.raises(ValueError, match="chunk"):
            decode(chunk[:length])


def test_header_of_another_chunk_is_noticed() -> None:
    long, short = encode(ordinary_day(60)), encode(ordinary_day(50))
    start = len(encode(Columns.empty(0))) - 8
    with pytest.raises(ValueError, match="chunk"):
        decode(long[:start] + short[start:])


def test_target_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="50 changes, not 49"):
        decode_into(encode(ordinary_day(50)), Columns.empty(49))
