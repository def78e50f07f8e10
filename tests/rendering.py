"""Markdown as a reader sees it."""

import re

from markdown_it import MarkdownIt

_BARE_LINK = re.compile(r"(?<!\]\()(?:\w://|www\.|\w@\w)")
"""What a renderer with the extensions of GitHub makes a link of, marked or not."""


def seen(markdown: str) -> tuple[list[str], list[str]]:
    """Return the lines of text that a reader sees, and where the links lead to."""
    lines: list[str] = []
    links: list[str] = []
    for block in MarkdownIt("commonmark").parse(markdown):
        if block.type == "list_item_open":
            lines.append("- ")
        if block.type != "inline":
            continue
        text = ""
        for part in block.children or ():
            if part.type == "link_open":
                links.append(str(part.attrs["href"]))
            text += "\n" if part.type == "softbreak" else part.content
            assert part.type in {"text", "softbreak", "link_open", "link_close"}
        mark = lines.pop() if lines and lines[-1] == "- " else ""
        lines += f"{mark}{text}".split("\n")
    links += _BARE_LINK.findall(markdown)
    return lines, links


def text_of(markdown: str) -> str:
    """Return what a reader sees of a message in which there are no links."""
    lines, links = seen(markdown)
    assert links == []
    return "\n".join(lines)
