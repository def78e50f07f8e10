"""Puts an automation into the bytes of an automations.yaml, and takes it out again.

Nothing else of the file changes: what is done is one splice, and it is only done where
the result, read anew, has the other items as they were. The end of the list is tried
first, then its beginning (nothing can follow a text block without a final newline).
Pure: bytes in, bytes out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import json
import re
from typing import Any, Final

import yaml

from .outline import (
    Form,
    Item,
    Outline,
    Unfit,
    line_starts,
    outline_of,
)

type Config = Mapping[str, Any]

NOT_UTF8: Final = "file_not_utf8"
NO_PLACE: Final = "file_no_place"
_BOM: Final = "\ufeff"
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ONE_LINE: Final = 1_000_000
"""A width at which nothing is folded."""
_COMMA: Final = re.compile(r"\s*,[^\S\r\n]*")


class Edited(Exception):  # noqa: N818
    """The automation in the file is not the one that was written."""


@dataclass(frozen=True, slots=True)
class Splice:
    """What was put into a text, and what gave way to it."""

    inserted: str
    removed: str = ""


def append(data: bytes | None, config: Config) -> tuple[bytes, Splice]:
    """Return a file with one automation more, and how it was put there.

    Args:
        data: the file, None where there is none.
        config: the automation with its `id`; JSON values.

    Raises:
        Unfit: there is no place for it; `key` says why.
    """
    mark, text = _decoded(data or b"")
    outline = outline_of(text)
    added = _digest_of(config)
    wanted = ([*outline.digests, added], [added, *outline.digests])
    for at, splice in _places(text, outline, config):
        changed = text[:at] + splice.inserted + text[at + len(splice.removed) :]
        if _says(changed, *wanted):
            return (mark + changed).encode(), splice
    raise Unfit(NO_PLACE)


def find(data: bytes | None, config: Config) -> bool | None:
    """Return whether the file has an automation as it was written.

    Returns:
        False where one with its id is there but says something else, None where none
        is there.

    Raises:
        Unfit: the file cannot be read.
    """
    _, text = _decoded(data or b"")
    item = _own(outline_of(text), config)
    return None if item is None else item.digest == _digest_of(config)


def remove(
    data: bytes | None,
    config: Config,
    splice: Splice | None = None,
    *,
    empty: str = "",
    force: bool = False,
) -> bytes:
    """Return the file without an automation; unchanged where it is not there.

    Args:
        data: the file.
        config: the automation as it was written.
        splice: how it was written, None where that is not known.
        empty: what stood in the place of the list before the first was written, where
            that was not this one.
        force: also where somebody changed the automation.

    Raises:
        Edited: somebody changed it.
        Unfit: the file cannot be read, or the others need it (an anchor in it).
    """
    mark, text = _decoded(data or b"")
    outline = outline_of(text)
    item = _own(outline, config)
    if item is None:
        return data or b""
    as_written = item.digest == _digest_of(config)
    if not as_written and not force:
        raise Edited
    number = outline.items.index(item)
    others = [*outline.digests[:number], *outline.digests[number + 1 :]]
    # What stood there before goes back with the last of several that took its place.
    if others or splice is None or splice.removed:
        empty = ""
    for changed in _without(text, outline, item, splice if as_written else None, empty):
        if _says(changed, others):
            return (mark + changed).encode()
    raise Unfit(NO_PLACE)


def block_of(config: Config) -> str:
    """Return an automation as an item of a list, as Home Assistant would write it."""
    return _dumped([_plain(config)], flow=False)


def _plain(config: Config) -> dict[str, Any]:
    """Return a copy in which nothing is shared, which would become an anchor."""
    copy: dict[str, Any] = json.loads(json.dumps(config, allow_nan=False))
    return copy


def _dumped(value: object, *, flow: bool) -> str:
    """Return a value as YAML that is read as the same."""
    # What has line ends that only YAML knows needs quotes and escapes all over.
    for style in (None, '"'):
        text: str = yaml.dump(
            value,
            Dumper=_DUMPER,
            default_flow_style=flow,
            default_style=style,
            allow_unicode=style is None,
            sort_keys=False,
            width=_ONE_LINE if flow else None,
        )
        if yaml.safe_load(text) == value:
            return text.rstrip("\n")
    raise Unfit(NO_PLACE)


def _decoded(data: bytes) -> tuple[str, str]:
    """Return the byte order mark, if any, and the text behind it."""
    try:
        text = data.decode()
    except UnicodeDecodeError as err:
        raise Unfit(NOT_UTF8, f"byte {err.start + 1}") from err
    return (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)


def _digest_of(config: Config) -> bytes:
    return outline_of(block_of(config)).digests[0]


def _own(outline: Outline, config: Config) -> Item | None:
    """Return the item with the id; of several the one that is as it was written."""
    items = [item for item in outline.items if item.automation_id == config["id"]]
    written = _digest_of(config)
    return min(items, key=lambda item: item.digest != written, default=None)


def _says(text: str, *wanted: list[bytes]) -> bool:
    """Return whether a text has the items of one of these lists, in their order."""
    try:
        return outline_of(text).digests in wanted
    except Unfit:
        return False


def _places(
    text: str, outline: Outline, config: Config
) -> Iterator[tuple[int, Splice]]:
    """Yield the offsets at which an automation may stand, with what is put there."""
    block = _indented(block_of(config), outline.column, _newline(text))
    here = block[outline.column :]
    instead = text[outline.start : outline.end] if not outline.items else ""
    flow = _dumped(_plain(config), flow=True)
    if outline.form is Form.FLOW and outline.items:
        yield outline.items[-1].end, Splice(f", {flow}")
        return
    if instead.strip():
        # On the line on which a document begins, no block can.
        yield outline.start, Splice(here, instead)
        yield outline.start, Splice(f"[{flow}]", instead)
        return
    newline = _newline(text)
    ends_line = not text or text.endswith(("\n", "\r"))
    at_end = block + newline if ends_line else newline + block
    yield len(text), Splice(at_end)
    # A document that ends explicitly: what holds no item begins anew before its end.
    first = line_starts(text)[outline.items[0].line] if outline.items else outline.start
    yield first, Splice(block + newline)


def _indented(block: str, column: int, newline: str) -> str:
    return newline.join(
        " " * column + line if line else line for line in block.split("\n")
    )


def _newline(text: str) -> str:
    """Return what ends the first line."""
    found = re.search("\r?\n", text)
    return found[0] if found else "\n"


def _without(
    text: str, outline: Outline, item: Item, splice: Splice | None, empty: str
) -> Iterator[str]:
    """Yield the text without an item, best first."""
    is_flow = outline.form is Form.FLOW
    if empty:
        end = outline.end if is_flow else item.end
        yield text[: outline.start] + empty + text[end:]
    if splice:
        yield from _put_back(text, item, splice)
    if is_flow:
        yield from _cut_flow(text, item)
    else:
        starts = [*line_starts(text), len(text)]
        yield text[: starts[item.line]] + text[starts[item.last_line + 1] :]


def _put_back(text: str, item: Item, splice: Splice) -> Iterator[str]:
    """Yield the text with a splice taken back, where it stands as it was put.

    What gave way to it is of no use any more where others were written behind it; a
    comment that stood behind that on the line stays.
    """
    at = text.find(splice.inserted)
    while at >= 0:
        end = at + len(splice.inserted)
        if at <= item.start < end:
            yield text[:at] + splice.removed + text[end:]
            if text[end:].lstrip(" ").startswith("#"):
                yield text[:at] + text[end:]
        at = text.find(splice.inserted, at + 1)


def _cut_flow(text: str, item: Item) -> Iterator[str]:
    """Yield the text without an item between brackets, and one comma beside it."""
    before, behind = text[: item.start], text[item.end :]
    comma = _COMMA.match(behind)
    if comma:
        yield before + behind[comma.end() :]
    yield re.sub(r",\s*$", "", before) + behind
