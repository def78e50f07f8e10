"""Settings of actuators: attributes of states as changes of values at rest.

Lights fade, sliders are dragged, covers travel: one act is many rows. Changes of a
setting that follow each other within `REST_MS` are one change, of whoever made the
first of them, to the value at which it comes to rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, NamedTuple

from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads
import numpy as np

from ..mining.attributes import ATTRIBUTES, Attribute, text_of
from ..mining.events import Ints

REST_MS: Final = 5_000
LONGEST: Final = 64
"""Characters of a text that are kept."""
LARGEST: Final = 1e6
PARSED: Final = 50_000
"""Distinct attributes that are remembered from one window to the next: 10 MB."""

UNTOLD: Final = ""
"""Stands for a value of which nothing is said."""
CALLS: Final = frozenset({"light.toggle", "light.turn_on"})

type Texts = tuple[str | None, ...]
"""Value of each setting of a domain, in the order of `ATTRIBUTES`."""


class Run(NamedTuple):
    """Changes of one setting that are one change."""

    first: int
    """Position of the first of them."""
    last_ms: int
    """When the last of them was."""
    value: int
    """Code of the value at rest."""


@dataclass(slots=True)
class Parser:
    """Attributes as settings; the same text is parsed once."""

    _known: dict[tuple[str, int], Texts] = field(default_factory=dict)

    def unknown(self, wanted: set[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return the domains and ids of attributes that have yet to be added."""
        if len(self._known) > PARSED:
            self._known.clear()
        return wanted - self._known.keys()

    def add(self, domain: str, attributes_id: int, text: str | None) -> None:
        """Parse the attributes of an entity of the domain."""
        self._known[domain, attributes_id] = parse(domain, text)

    def of(self, domain: str, attributes_id: int) -> Texts:
        """Return the settings that some attributes hold."""
        return self._known.get((domain, attributes_id), ())


def called(service: str, data: object) -> Texts:
    """Return the settings that a call asks for; () where it asks for none.

    The recorder keeps no brightness and no colour of lights, so that what is set at
    the lamp itself is not to be known, and what a call sets only from the call.
    """
    if service not in CALLS or not isinstance(data, Mapping):
        return ()
    level = _first(data, {"brightness_pct": 1.0, "brightness": 100 / 255})
    white = _first(data, {"color_temp_kelvin": 1.0, "kelvin": 1.0})
    return tuple(
        _text(attribute, value / attribute.to_log if value else None)
        for attribute, value in zip(ATTRIBUTES["light"], (level, white), strict=True)
    )


def _first(data: Mapping[Any, Any], factors: Mapping[str, float]) -> float | None:
    """Return the first value that is a number above nothing, times its factor."""
    for key, factor in factors.items():
        try:
            value = float(data[key])
        except KeyError, TypeError, ValueError, OverflowError:
            continue
        if isfinite(value) and value > 0:
            return value * factor
    return None


def parse(domain: str, text: str | None) -> Texts:
    """Return the settings in an entity's attributes; junk holds none.

    A setting that is not mentioned is `UNTOLD`, one that is null is None.
    """
    try:
        data = json_loads(text or "")
    except JSON_DECODE_EXCEPTIONS:
        data = None
    known: Mapping[str, Any] = data if isinstance(data, dict) else {}
    return tuple(
        _text(attribute, known[attribute.source])
        if attribute.source in known
        else UNTOLD
        for attribute in ATTRIBUTES[domain]
    )


def _text(attribute: Attribute, value: object) -> str | None:
    """Return a value as the log's text, None where it is none."""
    if not attribute.is_number:
        if not isinstance(value, str):
            return None
        words = "".join(c if c.isprintable() else " " for c in value).split()
        return " ".join(words)[:LONGEST].rstrip() or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = value * attribute.to_log
    if not isfinite(number) or abs(number) >= LARGEST:
        return None
    return text_of(number, attribute.step)


def runs(t: Ints, value: Ints, rest: int) -> list[Run]:
    """Return the runs of one setting of one entity, by time.

    A setting that is gone before it came to rest (a light that fades out) made no run.

    Args:
        t: int64[n], ms UTC, ascending.
        value: int64[n], code of the value, -1 where there is none.
        rest: Code of the value before, -1 where it is not known.
    """
    found: list[Run] = []
    new = np.ones(len(t), np.bool_)
    new[1:] = value[1:] != value[:-1]
    places = np.flatnonzero(new)
    first, last_ms, seen = -1, 0, rest
    for place, moment, code in zip(
        places.tolist(), t[places].tolist(), value[places].tolist(), strict=True
    ):
        if first >= 0 and moment - last_ms > REST_MS:
            found.append(Run(first, last_ms, seen))
            first, rest = -1, seen
        if code < 0:
            first, seen = -1, rest
        elif code != seen:
            if first < 0:
                first = place
            last_ms, seen = moment, code
    if first >= 0:
        found.append(Run(first, last_ms, seen))
    return found
