"""Files as people write them, and a reader of them that shares nothing with ours."""

from typing import Any

from hypothesis import strategies as st
import yaml

type Draw = st.DrawFn

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp"))
    | st.sampled_from("äß日😀:#-'\"{}[],&*!|>%@`"),
    max_size=12,
)
LAST = (
    "mode: single",
    "note: plain text",
    "note: 'quoted ''text'''",
    'note: "a\\tb"',
    "note: |\n  one\n  two",
    "note: >-\n  one\n  two",
    "note: |+\n  kept\n\n",
    "note:",
    "note: !secret word",
    "more: !include more.yaml",
    "list: [a, {b: c}]",
    "list:\n- a\n-   b",
    "mode: single  # really",
)
"""What an item ends with."""


class Reader(yaml.CSafeLoader):
    """What Home Assistant reads with; any tag of its own is what is written."""


def _tagged(loader: Reader, suffix: str, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.ScalarNode)
    return "tag", suffix, node.value


Reader.add_multi_constructor("!", _tagged)


def read(data: bytes) -> list[Any]:
    """Return what a file says."""
    found = yaml.load(data.decode("utf-8-sig"), Loader=Reader)  # noqa: S506
    return found or []


@st.composite
def items(draw: Draw, number: int) -> str:
    """Return one automation, from its dash on, with lines that end with a newline."""
    if number and draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["- *first", "- !include one.yaml"]))
    gap = " " * draw(st.integers(1, 4))
    anchor = "&first " if not number else ""
    name = yaml.safe_dump(draw(WORDS), allow_unicode=True, width=10_000)
    name = name.removesuffix("\n").removesuffix("\n...")
    lines = [f'id: "{number}"', f"alias: {name}"]
    if draw(st.booleans()):
        lines.append("triggers:\n- {trigger: time, at: 22:50:00}  # late")
    if number and draw(st.booleans()):
        lines.append("<<: *first")
    if draw(st.booleans()):
        lines.append("# a remark\n")
    lines.append(draw(st.sampled_from(LAST)))
    body = "\n".join(lines).split("\n")
    inner = " " * (1 + len(gap))
    rest = [f"{inner}{line}" if line else line for line in body]
    if anchor or draw(st.booleans()):
        return "\n".join([f"-{gap}{anchor}".rstrip(), *rest])
    return "\n".join([f"-{gap}{body[0]}", *rest[1:]])


@st.composite
def block_files(draw: Draw) -> bytes:
    """Return a list in block style."""
    column = draw(st.integers(0, 6))
    head = draw(
        st.sampled_from(["", "# Überschrift\n\n", "---\n", "%YAML 1.1\n---\n# x\n"])
    )
    parts = []
    for number in range(draw(st.integers(1, 4))):
        item = draw(items(number))
        parts += [" " * column + line if line else "" for line in item.split("\n")]
        parts += draw(
            st.sampled_from([[], [""], ["# between"], ["      # far right", ""]])
        )
    tail = draw(
        st.sampled_from(["\n", "", "\n\n\n", "\n# the end", "\n# the end\n", "\n...\n"])
    )
    return finish(draw, head + "\n".join(parts) + tail)


@st.composite
def other_files(draw: Draw) -> bytes:
    """Return a list between brackets, or none."""
    text = draw(
        st.sampled_from(
            [
                "",
                "\n",
                "[]",
                "[]\n",
                "[ ]  # none yet\n",
                "[\n# none yet\n]\n",
                "  []\n",
                "--- []\n",
                "--- [\n# x\n]",
                "--- ~\n",
                "---\n",
                "---\n...\n",
                "null\n",
                "~",
                "# nothing\n# at all",
                "[{id: a, alias: ä}]\n",
                "[{id: a}, {id: b},]",
                "# x\n[{id: a}, # one\n  &b {id: b}, *b, !include c.yaml # two\n] #x\n",
                '[{"id": "a", "note": "1, ]"}]\n...\n',
            ]
        )
    )
    return finish(draw, text)


def finish(draw: Draw, text: str) -> bytes:
    """Return the bytes of a text, with a mark or other line ends at times."""
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    mark = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    return mark + text.encode()


FILES = block_files() | other_files()


@st.composite
def configs(draw: Draw, number: int = 0) -> dict[str, Any]:
    """Return an automation to be added, with words that YAML could take for others."""
    words = WORDS | st.sampled_from(
        (
            *("on", "off", "no", "22:50:00", "1e3", "0x1", "~", "", "- a", "a: b", "#"),
            *("a\nb", " a ", "a\u2028b", "\x85", "word " * 40, "*x", "!x", "{{ x }}"),
        )
    )
    return {
        "id": f"automation_scout_s1-{number}",
        "alias": draw(words),
        "description": draw(words),
        "triggers": [{"trigger": "time", "at": "22:50:00"}],
        "conditions": draw(
            st.lists(st.dictionaries(words, words, max_size=2), max_size=2)
        ),
        "actions": [
            {
                "action": "light.turn_on",
                "data": {
                    "level": draw(st.integers() | st.floats(-1e6, 1e6) | st.booleans()),
                    "text": draw(words),
                },
            }
        ],
        "mode": "single",
    }
