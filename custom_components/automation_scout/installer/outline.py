"""Where the automations stand in the text of a file, and what each of them says.

Taken from the parser's events, so that nothing has to be understood: an `!include` or a
`!secret` is a tag, an alias a name. Two items with the same digest are the same YAML;
comments, the order of keys and the way of quoting make no difference.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from itertools import batched
import re
from typing import Final, Protocol

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from yaml.resolver import Resolver

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML 1.1."""
_BLOCKS: Final = ("|", ">")
"""Styles of scalars that are blocks of lines."""
_NULLS: Final = ("", "~", "null", "Null", "NULL")


class Unfit(Exception):  # noqa: N818
    """The text is not one in which an automation can be put, or from which taken."""

    def __init__(self, key: str, detail: str = "") -> None:
        """Keep the key of the reason, and what the parser said."""
        super().__init__(f"{key}: {detail}" if detail else key)
        self.key = key
        self.detail = detail


NOT_YAML: Final = "file_not_yaml"
NOT_LIST: Final = "file_not_list"


class Form(StrEnum):
    """How a list is written."""

    NOTHING = "nothing"
    """There is no list: the text is empty, or only comments, or null."""
    BLOCK = "block"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the list. Lines count from 0, offsets in characters."""

    digest: bytes
    automation_id: str | None
    start: int
    end: int
    """Offset behind its last character that is no comment and no space."""
    line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The list in a text."""

    form: Form
    items: tuple[Item, ...]
    start: int
    """Offset of the list, or of the null in its place."""
    end: int
    column: int
    """Of the dashes, or of the bracket."""

    @property
    def digests(self) -> list[bytes]:
        """What the items say, in their order."""
        return [item.digest for item in self.items]


class Mark(Protocol):
    """A place in the text, as the parser has it."""

    index: int
    line: int
    column: int


@dataclass(slots=True)
class _Node:
    """A collection that is being read."""

    event: CollectionStartEvent
    children: list[tuple[bytes, str | None]] = field(default_factory=list)
    """Digest of each child, with its value where it is a scalar."""


def outline_of(text: str) -> Outline:
    """Return where the items of a list stand; the text begins without a mark.

    Raises:
        Unfit: it is no YAML, more than one document, or no list.
    """
    try:
        return _Reader(text).read()
    except yaml.YAMLError as err:
        raise Unfit(NOT_YAML, _told(err)) from err


def line_starts(text: str) -> list[int]:
    """Return the offset of each line; the last may be empty."""
    return [0, *(found.end() for found in _BREAK.finditer(text))]


class _Reader:
    """Goes through the events of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = line_starts(text)
        self._resolve: Callable[[type[yaml.Node], str, tuple[bool, bool]], str] = (
            Resolver().resolve
        )
        self._anchors: set[str] = set()
        self._root: NodeEvent | None = None
        self._end = 0
        self._stack: list[_Node] = []
        self._items: list[Item] = []
        self._first: NodeEvent | None = None
        """What the item that is being read begins with."""
        self._last: Event | None = None
        """What has ended last in it, of what has an end of its own."""

    def read(self) -> Outline:
        for event in self._events():
            match event:
                case CollectionStartEvent():
                    self._enter(event)
                    self._stack.append(_Node(event))
                case CollectionEndEvent():
                    self._close(event)
                case ScalarEvent():
                    self._leaf(event, self._scalar(event), event.value)
                case NodeEvent():
                    self._leaf(event, _digest("alias", event.anchor), None)
        return self._outlined()

    def _events(self) -> Iterator[Event]:
        """Yield the events of the only document's nodes; all aliases are defined."""
        documents = 0
        for event in yaml.parse(self._text, Loader=_LOADER):
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unfit(NOT_YAML, "more than one document")
            elif isinstance(event, AliasEvent):
                if event.anchor not in self._anchors:
                    raise Unfit(NOT_YAML, f"undefined alias {event.anchor}")
            elif isinstance(event, NodeEvent) and event.anchor:
                self._anchors.add(event.anchor)
            if isinstance(event, NodeEvent | CollectionEndEvent):
                yield event

    def _enter(self, event: NodeEvent) -> None:
        if self._root is None:
            self._root = event
        elif len(self._stack) == 1:
            self._first = event

    def _leaf(self, event: NodeEvent, digest: bytes, value: str | None) -> None:
        self._enter(event)
        self._last = event
        self._done(event, digest, value, None)

    def _close(self, event: CollectionEndEvent) -> None:
        node = self._stack.pop()
        start, automation_id = node.event, None
        if start.flow_style:
            # That of a block is where the next thing begins.
            self._last = event
        digests = [digest for digest, _ in node.children]
        if isinstance(start, MappingStartEvent):
            pairs = list(batched(node.children, 2, strict=True))
            digests = sorted(key[0] + value[0] for key, value in pairs)
            automation_id = next(
                (value[1] for key, value in pairs if key[1] == "id"), None
            )
        digest = _digest(type(start).__name__, start.anchor, start.tag, *digests)
        self._done(event, digest, None, automation_id)

    def _done(
        self, event: Event, digest: bytes, value: str | None, automation_id: str | None
    ) -> None:
        """Hand a node that was read to the one that it is in."""
        if not self._stack:
            self._end = _behind(event).index
            return
        self._stack[-1].children.append((digest, value))
        if len(self._stack) == 1 and isinstance(self._root, SequenceStartEvent):
            self._items.append(self._item(self._root, digest, automation_id))

    def _item(
        self, root: SequenceStartEvent, digest: bytes, automation_id: str | None
    ) -> Item:
        start, end = _before(self._first), _behind(self._last)
        line, last_line = start.line, end.line
        is_block = isinstance(self._last, ScalarEvent) and self._last.style in _BLOCKS
        if is_block and not end.column:
            last_line -= 1
        if not root.flow_style:
            line = self._dash(line, _before(root).column)
        return Item(digest, automation_id, start.index, end.index, line, last_line)

    def _dash(self, line: int, column: int) -> int:
        """Return the line with the dash of an item whose content begins in a line."""
        for number in range(line, -1, -1):
            dash = self._lines[number] + column
            before = self._text[self._lines[number] : dash]
            if self._text[dash : dash + 1] == "-" and not before.strip(" "):
                return number
        raise Unfit(NOT_YAML, "an item without a dash")

    def _scalar(self, event: ScalarEvent) -> bytes:
        tag = event.tag
        if tag is None or tag == "!":
            plain, quoted = event.implicit
            tag = self._resolve(yaml.ScalarNode, event.value, (plain, quoted))
        return _digest("scalar", event.anchor, tag, event.value)

    def _outlined(self) -> Outline:
        root = self._root
        if root is None:
            length = len(self._text)
            return Outline(Form.NOTHING, (), length, length, 0)
        start = _before(root)
        if isinstance(root, SequenceStartEvent):
            form = Form.FLOW if root.flow_style else Form.BLOCK
        elif isinstance(root, ScalarEvent) and _is_null(root):
            form = Form.NOTHING
        else:
            raise Unfit(NOT_LIST)
        return Outline(form, tuple(self._items), start.index, self._end, start.column)


def _is_null(event: ScalarEvent) -> bool:
    return event.tag is None and event.implicit[0] and event.value in _NULLS


def _before(event: Event | None) -> Mark:
    """Return where something begins."""
    assert event is not None and event.start_mark is not None  # noqa: PT018, S101
    return event.start_mark


def _behind(event: Event | None) -> Mark:
    """Return where something has ended."""
    assert event is not None and event.end_mark is not None  # noqa: PT018, S101
    return event.end_mark


def _digest(*parts: str | bytes | None) -> bytes:
    """Return a digest of parts; none of them runs over into the next."""
    found = blake2b(digest_size=16)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        found.update(b"-" if raw is None else b"%d:%b" % (len(raw), raw))
    return found.digest()


def _told(err: yaml.YAMLError) -> str:
    """Return what the parser found, on one line."""
    problem = getattr(err, "problem", None) or str(err)
    mark = getattr(err, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return where + " ".join(str(problem).split())[:200]
