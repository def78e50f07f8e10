"""The names of a home, and where they stand in a text.

A name is found at the bounds of words, however it is written there (`folding`).
Scripts without spaces have no such bounds, so there a name is found wherever its
characters are.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from string import punctuation
from typing import Final
import unicodedata

from ..mining.facts import HomeFacts, domain_of
from ..mining.rules import DERIVED
from ..words.names import clean
from .contexts import DeviceContext
from .folding import Folded, fold

AREA: Final = "Area"
DEVICE: Final = "Device"
PLACE: Final = "Place"
VALUE: Final = "Value"
PERSON: Final = "Person"
_MARKS: Final = frozenset(punctuation)
_ENDING: Final = 2
"""Letters of an ending: "Annas", "Annan", "Toms"."""

# Thai and Lao, Myanmar, Khmer, Kana with its extension, Han with its extensions, the
# wide forms of Kana, and the planes that hold nothing but Han.
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x20000, 0x3FFFF),
)


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
        # As it was given, on one line, and as our texts have it.
        forms = (self.text.strip(), " ".join(self.text.split()), self.shown)
        names = (form for form in forms if not is_number(form))
        return tuple(dict.fromkeys((*names, *filter(None, [self.entity_id]))))


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


def is_number(text: str) -> bool:
    """Return whether a text is nothing but digits and marks: as a name it says nothing.

    A floor may be called "1", and no number of an instruction is a floor.
    """
    return all(char in _MARKS or char.isdigit() or char.isspace() for char in text)


def kind_of(entity_id: str) -> str:
    """Return the word for what an entity is: `Sensor` for `binary_sensor.door`."""
    return domain_of(entity_id).rpartition("_")[2].capitalize() or "Thing"


def replaced(
    text: str,
    spellings: Iterable[str],
    by: Callable[[str], str],
    endings: Collection[str] = (),
) -> tuple[str, list[str]]:
    """Return a text with names replaced, and the names that stood there.

    The longest come first, wherever they are: "Hall lamp" before "lamp".

    Args:
        text: any text.
        spellings: of the names.
        by: returns what stands in the place of a name, given as it stands there, or
            folded where an ending follows.
        endings: those of the spellings that may have one: "Anna" is found in "Annas".
    """
    spans: list[tuple[int, int, str]] = []
    folded = Folded(text)
    inflected = {fold(spelling) for spelling in endings}
    wanted = {fold(spelling) for spelling in spellings} - {""}
    for spelling in sorted(wanted, key=lambda item: (-len(item), item)):
        for start, end in folded.spans(spelling):
            till, name = end, text[start:end]
            if spelling in inflected and (longer := _ended(text, end)) != end:
                till, name = longer, spelling
            is_free = all(till <= other or start >= to for other, to, _ in spans)
            if is_free and _is_whole(text, start, till):
                spans.append((start, till, name))
    parts: list[str] = []
    found: list[str] = []
    at = 0
    for start, end, name in sorted(spans):
        found.append(name)
        parts += (text[at:start], by(name))
        if parts[-1][-1:].isdigit() and text[end : end + 1].isdigit():
            # Where no spaces are written a number may follow at once.
            parts.append(" ")
        at = end
    return "".join((*parts, text[at:])), found


def _ended(text: str, end: int) -> int:
    """Return where a name ends with an ending of at most so many letters."""
    if not joins(text[end - 1]):
        return end
    till = end
    while till < len(text) and text[till].isalpha() and joins(text[till]):
        till += 1
    return till if till - end <= _ENDING else end


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether no letter before or behind belongs to the same word."""
    return not (
        (start and joins(text[start - 1]) and joins(text[start]))
        or (end < len(text) and joins(text[end]) and joins(text[end - 1]))
    )


def joins(char: str) -> bool:
    """Return whether a character is of a word, in a script that parts words."""
    code = ord(char)
    if any(low <= code <= high for low, high in _UNSPACED):
        return False
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


class Names:
    """Many names, of which few stand in any one text."""

    def __init__(self, names: Iterable[Name], base: Names | None = None) -> None:
        """Take the names; of those that are spelt the same the first counts.

        Args:
            names: to be known.
            base: what is known already, and stays as it is.
        """
        self.by_spelling: dict[str, Name] = dict(base.by_spelling) if base else {}
        """Folded spelling to name."""
        self.spellings: dict[str, str] = dict(base.spellings) if base else {}
        """Spelling to how it is folded."""
        for name in names:
            # What has another name already is no other thing for it.
            known = self.named(name.entity_id) if name.entity_id else None
            for spelling in name.spellings:
                key = self.spellings[spelling] = fold(spelling)
                self.by_spelling.setdefault(key, known or name)

    def __iter__(self) -> Iterator[Name]:
        """Yield every name once."""
        yield from dict.fromkeys(self.by_spelling.values())

    def named(self, spelling: str) -> Name | None:
        """Return the name that is spelt so, however it is written."""
        return self.by_spelling.get(fold(spelling))

    def candidates(self, text: str) -> list[str]:
        """Return the spellings whose characters are in a text, at bounds or not."""
        folded = fold(text)
        return [spelling for spelling, key in self.spellings.items() if key in folded]

    def found_in(self, text: str) -> list[Name]:
        """Return the names that stand in a text, as often as they do."""
        _, found = replaced(text, self.candidates(text), str)
        names = (self.named(spelling) for spelling in found)
        return [name for name in names if name is not None]
