"""Bytes in, bytes out: whatever a person's file looks like, the rest of it stays."""

from typing import Any

from hypothesis import given, settings, strategies as st
import pytest
import yaml

from custom_components.automation_scout.installer.outline import Unfit
from custom_components.automation_scout.installer.text import (
    Edited,
    append,
    block_of,
    find,
    remove,
)

from .strategies import FILES, WORDS, block_files, configs, items, read

CONFIG: dict[str, Any] = {
    "id": "automation_scout_s1-0",
    "alias": "Lamp on",
    "description": "",
    "triggers": [{"trigger": "time", "at": "22:50:00"}],
    "conditions": [],
    "actions": [{"action": "light.turn_on", "target": {"entity_id": "light.desk"}}],
    "mode": "single",
}
OTHER = {**CONFIG, "id": "automation_scout_s1-1", "alias": "Lamp off"}

PATIENT = settings(max_examples=100, deadline=None)


@PATIENT
@given(data=FILES, config=configs())
def test_undo_gives_back_every_byte(data: bytes, config: dict[str, Any]) -> None:
    after, splice = append(data, config)
    before = read(data)
    assert read(after) in ([*before, config], [config, *before])
    assert after.startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
    assert find(after, config)
    assert find(data, config) is None
    assert remove(after, config, splice) == data


@PATIENT
@given(data=FILES, first=configs(0), second=configs(1), swap=st.booleans())
def test_two_in_any_order(
    data: bytes, first: dict[str, Any], second: dict[str, Any], swap: bool
) -> None:
    one, first_splice = append(data, first)
    two, second_splice = append(one, second)
    if not swap:
        assert remove(two, second, second_splice) == one
    left = remove(two, first, first_splice)
    before = read(data)
    assert read(left) in ([*before, second], [second, *before])
    end = remove(left, second, second_splice, empty=first_splice.removed)
    assert read(end) == before
    if b"none yet" not in data:
        assert end == data


@PATIENT
@given(data=FILES, config=configs(), remark=WORDS)
def test_undo_after_edits_elsewhere(
    data: bytes, config: dict[str, Any], remark: str
) -> None:
    after, splice = append(data, config)
    mark = after[:3] if after.startswith(b"\xef\xbb\xbf") else b""
    line = f"# {remark}\n".encode()
    edited = mark + line + after[len(mark) :]
    if after.startswith(mark + b"%YAML"):
        edited = after.replace(b"# x", b"# y", 1)
    undone = remove(edited, config, splice)
    assert undone == edited.replace(after[len(mark) :], data[len(mark) :]) or (
        undone == data.replace(b"# x", b"# y", 1)
    )


@PATIENT
@given(data=block_files(), config=configs(), item=items(7))
def test_undo_after_somebody_wrote_behind_it(
    data: bytes, config: dict[str, Any], item: str
) -> None:
    after, splice = append(data, config)
    text = after.decode("utf-8-sig")
    if "*first" in item or not text.endswith("\n") or text.endswith("...\n"):
        return
    if "..." in text:
        return
    column = len(text.rstrip().rsplit("\n", 1)[-1]) - len(
        text.rstrip().rsplit("\n", 1)[-1].lstrip()
    )
    column = max(0, column - 2)
    lines = "\n".join(" " * column + line if line else "" for line in item.split("\n"))
    longer = after + lines.encode() + b"\n"
    try:
        wanted = [entry for entry in read(longer) if entry != config]
    except yaml.YAMLError:
        return
    undone = remove(longer, config, splice)
    assert read(undone) == wanted


@PATIENT
@given(data=FILES, config=configs())
def test_undo_after_home_assistant_wrote_the_file(
    data: bytes, config: dict[str, Any]
) -> None:
    """Comments are gone and the form is another; what it says is the same."""
    before = [entry for entry in read(data) if isinstance(entry, dict)]
    plain = yaml.safe_dump(
        [{**entry, "note": str(entry.get("note"))} for entry in before],
        allow_unicode=True,
        sort_keys=False,
    ).encode()
    _, splice = append(data, config)
    written, _ = append(plain, config)
    assert read(remove(written, config, splice)) == read(plain)


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=60)
    | st.text(st.sampled_from("-[]{}:,#&*!|>'\"%~ \n\r\tab\ufeff."), max_size=24).map(
        lambda text: text.encode()
    )
)
def test_whatever_it_is_it_works_or_is_refused(data: bytes) -> None:
    try:
        after, splice = append(data, CONFIG)
    except Unfit:
        return
    assert remove(after, CONFIG, splice) == data
    assert CONFIG in read(after)


@PATIENT
@given(config=configs())
def test_a_block_says_what_it_is_of(config: dict[str, Any]) -> None:
    assert yaml.safe_load(block_of(config)) == [config]
    assert block_of(config).startswith("- id: automation_scout_s1-0\n  alias: ")


def long_file() -> bytes:
    """Return 5,000 lines with all that people write."""
    parts = [
        f'- id: "{number}"  # {number}\n'
        f"  alias: Küche {number}\n"
        f"  triggers: {'&t' if not number else ''}\n"
        "  - trigger: time\n"
        "    at: '22:50:00'\n"
        "  # nothing but light\n"
        "  actions:\n"
        "  - {action: light.turn_on, target: {entity_id: light.a}}\n"
        f"  variables: {'{t: *t, s: !secret word}' if number else '{}'}\n"
        "\n"
        for number in range(500)
    ]
    text = "".join(("# Automations of the house\n", *parts, "- !include last.yaml\n"))
    return text.encode()


def test_five_thousand_lines() -> None:
    data = long_file()
    assert data.count(b"\n") > 5000
    for file in (data, data.replace(b"\n", b"\r\n"), data.removesuffix(b"\n")):
        after, splice = append(file, CONFIG)
        assert after.startswith(file)
        assert read(after) == [*read(file), CONFIG]
        assert remove(after, CONFIG, splice) == file


@pytest.mark.parametrize(
    "data",
    [
        b"- id: x\n  note: |\n    the text has no end of line",
        b"- id: x\n...\n",
    ],
)
def test_where_nothing_can_follow_it_goes_before(data: bytes) -> None:
    after, splice = append(data, CONFIG)
    assert after.endswith(data)
    assert remove(after, CONFIG, splice) == data


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"- a: [\n", "file_not_yaml"),
        (b"- a\n---\n- b\n", "file_not_yaml"),
        (b"- *nowhere\n", "file_not_yaml"),
        (b"- a:\n\t- b\n", "file_not_yaml"),
        ("- ä\n".encode("latin-1"), "file_not_utf8"),
        ("- ä\n".encode("utf-16"), "file_not_utf8"),
        (b"a: b\n", "file_not_list"),
        (b"only words\n", "file_not_list"),
        (b"!include_dir_merge_list automations\n", "file_not_list"),
    ],
)
def test_what_is_no_list_is_refused(data: bytes, key: str) -> None:
    for action in (
        lambda: append(data, CONFIG),
        lambda: find(data, CONFIG),
        lambda: remove(data, CONFIG),
    ):
        with pytest.raises(Unfit) as raised:
            action()
        assert raised.value.key == key


def test_what_is_not_there_is_not_removed() -> None:
    for data in (b"", b"# x\n", b"- id: x\n", b"[{id: y}]"):
        assert remove(data, CONFIG, force=True) == data


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("22:50:00", "22:40:00"),
        ("Lamp on", "Lamp   on, late"),
        ("  mode: single\n", "  mode: single\n  max: 3\n"),
        ("  conditions: []\n", ""),
        ("'22:50:00'", "22:50:00"),
        ("- id:", "- &mine\n  id:"),
    ],
)
def test_what_a_person_changed_needs_force(old: str, new: str) -> None:
    data = b"# x\n- id: x\n  a: b\n# y\n"
    after, splice = append(data, CONFIG)
    block = after[len(data) :].decode()
    assert old in block
    changed = data + block.replace(old, new, 1).encode() + b"- id: z\n"
    assert find(changed, CONFIG) is False
    with pytest.raises(Edited):
        remove(changed, CONFIG, splice)
    assert remove(changed, CONFIG, splice, force=True) == data + b"- id: z\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("alias: Lamp on", "'alias':   \"Lamp on\"  # my lamp"),
        ("  mode: single\n", "\n  # as always\n  mode: single\n"),
        ("  conditions: []\n  actions:", "  actions:"),
    ],
)
def test_another_way_of_writing_it_is_no_change(old: str, new: str) -> None:
    after, splice = append(b"- id: x\n", CONFIG)
    changed = after.decode().replace(old, new)
    if "conditions" in old:
        changed += "  conditions: []\n"
    assert find(changed.encode(), CONFIG)
    assert remove(changed.encode(), CONFIG, splice) == b"- id: x\n"


def test_what_others_refer_to_stays() -> None:
    after, splice = append(b"", CONFIG)
    changed = after.replace(b"triggers:", b"triggers: &t") + b"- triggers: *t\n"
    with pytest.raises(Unfit) as raised:
        remove(changed, CONFIG, splice, force=True)
    assert raised.value.key == "file_no_place"


def test_of_two_with_one_id_the_one_that_was_written_goes() -> None:
    after, splice = append(b"- id: automation_scout_s1-0\n  alias: copy\n", CONFIG)
    assert find(after, CONFIG)
    undone = remove(after, CONFIG, splice)
    assert undone == b"- id: automation_scout_s1-0\n  alias: copy\n"


def test_between_brackets_in_any_order() -> None:
    for data in (b"--- []\n", b"[{id: x}]", b"[{id: x}, ]\n"):
        one, first = append(data, CONFIG)
        two, second = append(one, OTHER)
        left = remove(two, CONFIG, first)
        assert remove(left, OTHER, second, empty=first.removed) == data
        changed = two.replace(b"Lamp on", b"Lamp up")
        left = remove(changed, CONFIG, first, force=True)
        assert remove(left, OTHER, second, empty=first.removed) == data
