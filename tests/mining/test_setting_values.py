"""What people set along with an act, against a slow twin and small homes."""

from collections.abc import Sequence
from fractions import Fraction
from statistics import median

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.attributes import ATTRIBUTES, text_of
from custom_components.automation_scout.mining.events import Row, log_of_rows
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import (
    AUTOMATED,
    HUMAN,
    UNAVAILABLE,
    Origin,
)
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    Step,
    TimeTrigger,
    Values,
)
from custom_components.automation_scout.mining.setting_values import (
    RESTING,
    WIDE_OPEN,
    WRITTEN,
    values_of,
    with_values,
)

from .worlds import BARE, MINUTE, SECOND, instant

DESK = Action("light.desk", "on")
BRIGHTNESS = "light.desk#brightness"


def about(day: int, minute: int) -> int:
    """Return an instant some minutes after a time, as people keep it."""
    return instant(day, minute + day * 7 % 11)


def naive(rows: list[Row], action: Action, acts: list[int]) -> dict[str, float | str]:
    """Return the common settings, looking at one act after the other."""
    found: dict[str, float | str] = {}
    if action.attribute or action.state in RESTING:
        return found
    for attribute in ATTRIBUTES[action.entity_id.split(".", maxsplit=1)[0]]:
        mine = sorted(
            row for row in rows if row[1] == f"{action.entity_id}#{attribute.name}"
        )
        seen: list[tuple[float | str, bool]] = []
        for act in acts:
            around = [r[3] for r in mine if act - 2000 <= r[0] <= act + 5000]
            before = [r[2] for r in mine if r[0] <= act + 5000]
            if attribute.is_number:
                before = [text for text in before if text not in UNAVAILABLE]
            if not before or before[-1] in UNAVAILABLE:
                continue
            if any(origin in AUTOMATED for origin in around):
                continue
            by_hand = any(origin in HUMAN for origin in around)
            text = before[-1]
            seen.append((float(text) if attribute.is_number else text, by_hand))
        value = (
            naive_number(attribute.name, seen)
            if attribute.is_number
            else naive_text(seen)
        )
        others = [row[2] for row in mine if row[2] not in UNAVAILABLE]
        if isinstance(value, float):
            far = any(abs(float(o) - value) > attribute.grain for o in others)
            if not far or (attribute.name == "position" and value >= WIDE_OPEN):
                continue
        elif value is None or set(others) <= {value}:
            continue
        found[attribute.name] = value
    return found


def naive_number(name: str, seen: list[tuple[float | str, bool]]) -> float | None:
    domain = {a.name: a for group in ATTRIBUTES.values() for a in group}
    grain, step = domain[name].grain, domain[name].step
    values = [Fraction(value) for value, _ in seen]
    if len(values) < 4:
        return None
    middle = median(values)
    near = [
        (Fraction(v), hand) for v, hand in seen if abs(Fraction(v) - middle) <= grain
    ]
    if len(near) < 4 or len(near) * 10 < len(values) * 6:
        return None
    if sum(hand for _, hand in near) < 2:
        return None
    kept = sorted(value for value, _ in near)
    most = max(kept, key=lambda v: (kept.count(v), -v))
    if kept.count(most) * 2 >= len(kept):
        return float(most)
    unit = Fraction(WRITTEN[name])
    wanted = round(median(kept) / unit) * unit
    far = abs(wanted - median(kept)) * 10 > abs(median(kept))
    if far or not kept[0] <= wanted <= kept[-1]:
        wanted = round(median(kept) / Fraction(step)) * Fraction(step)
    return float(wanted)


def naive_text(seen: list[tuple[float | str, bool]]) -> str | None:
    texts = [str(value) for value, _ in seen]
    for text in sorted(set(texts)):
        same = [hand for value, hand in seen if value == text]
        if len(same) >= 4 and len(same) * 10 >= len(texts) * 7 and sum(same) >= 2:
            return text
    return None


ACTS = (
    DESK,
    Action("light.desk", "off"),
    Action("climate.hall", "heat"),
    Action("media_player.tv", "playing"),
    Action("cover.blind", "open"),
    Action("light.desk#brightness", "40"),
)
NUMBERS: dict[str, tuple[float, ...]] = {
    "brightness": (10, 30, 31, 33, 40, 45, 100),
    "color_temp": (2700, 2750, 3000, 4000),
    "position": (40, 50, 96, 100),
    "temperature": (19, 21, 21.5, 22),
    "volume": (10, 15, 40),
}
TEXTS = ("radio", "hdmi", "unknown")


@st.composite
def homes(draw: st.DrawFn) -> tuple[list[Row], Action, list[int]]:
    """Return rows, an action, and instants at which it was done."""
    action = draw(st.sampled_from(ACTS))
    days = draw(st.integers(0, 12))
    rows: list[Row] = []
    acts = []
    for day in range(days):
        act = about(day, 1200)
        acts.append(act)
        rows.append((act, action.entity_id, action.state, int(Origin.USER), ""))
        for attribute in ATTRIBUTES[action.entity_id.split(".", maxsplit=1)[0]]:
            if action.attribute or draw(st.integers(0, 9)) == 0:
                continue
            lag = draw(st.sampled_from((0, 0, 1, 4, 5, 6, -1, -3, 600))) * SECOND
            values: Sequence[float | str] = NUMBERS.get(attribute.name) or TEXTS
            text = draw(st.sampled_from(values))
            state = text if isinstance(text, str) else text_of(text, attribute.step)
            origin = draw(st.sampled_from((1, 1, 1, 1, 3, 4, 0)))
            name = f"{action.entity_id}#{attribute.name}"
            rows.append((act + lag, name, state, origin, ""))
    return rows, action, acts


@given(homes())
def test_slow_twin_agrees(home: tuple[list[Row], Action, list[int]]) -> None:
    rows, action, acts = home
    history = History(log_of_rows(rows), BARE)
    times = log_of_rows([(t, "a", "b", 1, "") for t in acts]).t
    assert dict(values_of(history, action, times)) == naive(rows, action, acts)


def lit(
    levels: Sequence[float], lag_s: float = 0, origin: int = Origin.USER
) -> list[Row]:
    """Turn the desk lamp on at eight every evening, each time with a brightness."""
    rows: list[Row] = []
    for day, level in enumerate(levels):
        at = about(day, 1200)
        rows.append((at, "light.desk", "on", int(Origin.USER), ""))
        later = at + round(lag_s * SECOND)
        rows.append((later, BRIGHTNESS, text_of(level, 1), int(origin), ""))
        rows.append((at + 90 * MINUTE, "light.desk", "off", int(Origin.USER), ""))
    return rows


def values(rows: list[Row], action: Action = DESK) -> Values:
    history = History(log_of_rows(rows), BARE)
    return values_of(history, action, history.acts[action].t)


@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=15), st.sampled_from([0, 1, 4])
)
def test_what_is_set_lies_among_what_people_set(levels: list[int], lag: int) -> None:
    for name, value in values(lit([float(level) for level in levels], lag)):
        assert name == "brightness"
        assert isinstance(value, float)
        assert min(levels) <= value <= max(levels)
        near = [level for level in levels if abs(level - value) <= 2 * 10]
        assert len(near) >= max(4, 0.6 * len(levels))
        assert max(abs(level - value) for level in levels) > 10


@given(st.integers(1, 100), st.integers(1, 30))
def test_what_never_changes_is_nobodys_wish(level: int, days: int) -> None:
    assert values(lit([float(level)] * days)) == ()


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([40] * 6 + [100], 40),
        ([40, 41, 40, 100, 42, 40, 40], 40),
        ([37, 41, 39, 42, 38, 43, 100], 40),
        ([5, 1, 4, 3, 2, 100], 3),
        ([12, 11, 13, 14, 10, 100], 12),
        ([36, 37, 38, 39, 100], 38),
        ([40, 40, 40, 100, 100], None),
        ([40, 40, 40, 100], None),
        ([10, 30, 50, 70, 90, 20], None),
    ],
)
def test_one_value_that_people_repeat(levels: list[float], expected: float) -> None:
    found = dict(values(lit(levels)))
    assert found == ({} if expected is None else {"brightness": expected})


def test_at_the_edge_of_three_in_five() -> None:
    assert dict(values(lit([40] * 6 + [100] * 4))) == {"brightness": 40}
    assert values(lit([40] * 5 + [100] * 5)) == ()


def test_the_value_that_came_with_the_act() -> None:
    levels = [40.0, 40, 40, 40, 40, 90]
    assert dict(values(lit(levels, 5))) == {"brightness": 40}
    assert values(lit(levels, 6)) == ()
    assert values(lit(levels, 0, Origin.AUTOMATION)) == ()
    assert values(lit(levels, 0, Origin.UNKNOWN)) == ()


def test_off_has_no_brightness() -> None:
    rows = lit([40] * 6 + [100])
    history = History(log_of_rows(rows), BARE)
    off = Action("light.desk", "off")
    assert values_of(history, off, history.acts[DESK].t) == ()
    assert values_of(history, Action(BRIGHTNESS, "40"), history.acts[DESK].t) == ()


def test_a_source_and_a_volume() -> None:
    rows: list[Row] = []
    for day in range(10):
        at = about(day, 1200)
        rows.append((at, "media_player.tv", "playing", 1, ""))
        source = "radio" if day % 5 else "hdmi"
        rows.append((at + SECOND, "media_player.tv#source", source, 1, ""))
        volume = (20, 22, 60, 24)[day % 4]
        rows.append((at + SECOND, "media_player.tv#volume", str(volume), 1, ""))
        rows.append((at + 60 * MINUTE, "media_player.tv", "off", 1, ""))
    action = Action("media_player.tv", "playing")
    assert values(rows, action) == (("source", "radio"), ("volume", 20.0))


def test_an_open_cover_needs_no_position() -> None:
    rows: list[Row] = []
    for day in range(8):
        at = about(day, 480)
        for minute, state, place in (
            (0, "open", (100, 30)[day == 3]),
            (600, "closed", 0),
        ):
            then = at + minute * MINUTE
            rows.append((then, "cover.blind", state, 1, ""))
            rows.append((then, "cover.blind#position", str(place), 1, ""))
    assert values(rows, Action("cover.blind", "open")) == ()


def test_each_part_of_a_routine_has_its_own() -> None:
    rows = lit([40] * 9 + [100])
    shelf = {"40": "70"}
    rows += [
        (t + SECOND, name.replace("desk", "shelf"), shelf.get(state, state), o, a)
        for t, name, state, o, a in rows
    ]
    rows += [(instant(0, -60), "light.desk", "off", 1, ""),
             (instant(0, -60), "light.shelf", "off", 1, ""),
             (instant(10, 0), "light.hall", "off", 1, "")]  # fmt: skip
    history = History(log_of_rows(rows), BARE)
    rule = Rule(
        TimeTrigger(1200), DESK, 900, more=(Step(Action("light.shelf", "on"), (), 30),)
    )
    valued = with_values(history, rule)
    assert dict(valued.values) == {"brightness": 40}
    assert dict(valued.more[0].values) == {"brightness": 70}
    assert valued.more[0].delay_s == 30
    assert valued.key == rule.key
    off = Rule(TimeTrigger(1290), Action("light.desk", "off"), 900)
    assert with_values(history, off) == off
    never = Rule(TimeTrigger(1290), Action("light.never", "on"), 900)
    assert with_values(history, never) == never
