"""The names of a home, and where they stand in a text.

A name is found at the bounds of words, whatever the case. Scripts without spaces have
no such bounds, so there a name is found wherever its characters are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import re
from typing import Final

from ..mining.facts import HomeFacts, domain_of
from ..mining.rules import DERIVED
from ..words.names import clean
from .contexts import DeviceContext

AREA: Final = "Area"
DEVICE: Final = "Device"
PLACE: Final = "Place"
VALUE: Final = "Value"

# Thai to Myanmar, Khmer, Kana, Han with its extensions, and the wide forms of Kana.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_SPACED_LETTER: Final = rf"[^\W{_UNSPACED}]"
_IS_SPACED: Final = re.compile(_SPACED_LETTER)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that somebody gave in the home."""

    kind: str
    """What it names, one English word: `Light`, `Area`."""
    text: str
    entity_id: str = ""

    @property
    def shown(self) -> str:
        """The name as our texts have it."""
        return clean(self.text, self.entity_id)

    @property
    def spellings(self) -> tuple[str, ...]:
        """All forms in which it may stand in a text, each once."""
        shown = self.shown
        forms = (self.text, shown, shown[:1].upper() + shown[1:], self.entity_id)
        return tuple(dict.fromkeys(form for form in forms if form.strip()))


def names_of(facts: HomeFacts) -> Iterator[Name]:
    """Yield the names of entities, areas and automations of a home."""
    for entity_id, entity in (*facts.entities.items(), *facts.others.items()):
        if entity_id not in DERIVED:
            yield Name(kind_of(entity_id), entity.name, entity_id)
    for area in facts.areas.values():
        yield Name(AREA, area)
    for automation in facts.automations:
        yield Name("Automation", automation.name, automation.entity_id)
        for entity_id in automation.missing:
            yield Name(kind_of(entity_id), "", entity_id)


def names_in(context: DeviceContext) -> Iterator[Name]:
    """Yield the names that the context of an entity brings along."""
    if context.entity_id in DERIVED:
        return
    yield Name(kind_of(context.entity_id), context.name, context.entity_id)
    if context.area:
        yield Name(AREA, context.area)
    if context.device:
        yield Name(DEVICE, context.device)


def kind_of(entity_id: str) -> str:
    """Return the word for what an entity is: `Sensor` for `binary_sensor.door`."""
    return domain_of(entity_id).rpartition("_")[2].capitalize() or "Thing"


def matching(spellings: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of these in a text, the longest first; None for none."""
    found = sorted({item for item in spellings if item}, key=lambda s: (-len(s), s))
    if not found:
        return None
    return re.compile("|".join(map(_bounded, found)), re.IGNORECASE)


def _bounded(spelling: str) -> str:
    first, last = (_IS_SPACED.match(spelling[at]) for at in (0, -1))
    before = f"(?<!{_SPACED_LETTER})" if first else ""
    after = f"(?!{_SPACED_LETTER})" if last else ""
    return f"{before}{re.escape(spelling)}{after}"


class Names:
    """Many names, of which few stand in any one text."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Take the names; of those that are spelt the same the first counts."""
        self._by_spelling: dict[str, Name] = {}
        for name in names:
            for spelling in name.spellings:
                self._by_spelling.setdefault(spelling.casefold(), name)
        self._spellings = {
            spelling.casefold(): spelling
            for name in self._by_spelling.values()
            for spelling in name.spellings
        }

    def __iter__(self) -> Iterator[Name]:
        """Yield every name once."""
        yield from dict.fromkeys(self._by_spelling.values())

    def named(self, spelling: str) -> Name | None:
        """Return the name that is spelt so, whatever the case."""
        return self._by_spelling.get(spelling.casefold())

    def candidates(self, text: str) -> list[str]:
        """Return the spellings whose characters are in a text, at bounds or not."""
        folded = text.casefold()
        return [s for key, s in self._spellings.items() if key in folded]

    def found_in(self, text: str) -> list[Name]:
        """Return the names that stand in a text, as often as they do."""
        pattern = matching(self.candidates(text))
        if pattern is None:
            return []
        found = (self.named(match[0]) for match in pattern.finditer(text))
        return [name for name in found if name is not None]
