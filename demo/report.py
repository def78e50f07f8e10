"""Prints what an analysis found: suggestions with their evidence, and the funnel."""

from collections.abc import Iterator, Mapping, Sequence
import textwrap
from typing import Any, Final

TITLE_WIDTH: Final = 44
HEADINGS: Final = ("Suggestion", "Trigger", "Conf.", "Evidence", "Held out", "Done by")


def table(suggestions: Sequence[Mapping[str, Any]]) -> str:
    """Return the suggestions as a table, best first, a few lines each."""
    if not suggestions:
        return "No suggestions."
    rows = [HEADINGS, *map(_row, suggestions)]
    blocks = [[cell.split("\n") for cell in row] for row in rows]
    widths = [
        max(len(line) for block in blocks for line in block[column])
        for column in range(len(HEADINGS))
    ]
    rule = "-+-".join("-" * width for width in widths)
    return "\n".join(
        line for block in blocks for line in (*_lines(block, widths), rule)
    )


def _lines(block: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for number in range(max(map(len, block))):
        cells = (cell[number] if number < len(cell) else "" for cell in block)
        padded = (cell.ljust(wide) for cell, wide in zip(cells, widths, strict=True))
        yield " | ".join(padded).rstrip()


def _row(suggestion: Mapping[str, Any]) -> tuple[str, ...]:
    evidence = suggestion["evidence"]
    held_out = evidence["holdout"]
    title = suggestion["title"]
    if suggestion["safety"]["tier"] != "ok":
        title += f" [{suggestion['safety']['tier']}]"
    agreed = f"agreed {evidence['hits']} of {evidence['opportunities']} times,"
    missed = f"missed {evidence['missed']}, in {evidence['days_observed']} days"
    return (
        textwrap.fill(title, TITLE_WIDTH),
        f"{suggestion['kind']}: {_trigger(suggestion['automation'])}",
        f"{suggestion['confidence']:.0%}",
        f"{agreed}\n{missed}",
        f"{held_out['hits']} right,\n{held_out['wrong']} wrong",
        "\n".join(f"{name} {n}" for name, n in evidence["provenance"].items()),
    )


def _trigger(automation: Mapping[str, Any]) -> str:
    trigger = automation["triggers"][0]
    match trigger["trigger"]:
        case "time":
            return f"{trigger['at'][:5]}\n{_days(automation)}"
        case "state":
            return f"{trigger['entity_id']}\n-> {trigger['to']}"
        case "sun":
            return (
                f"{trigger['event']} {trigger.get('offset', '')}\n{_days(automation)}"
            )
        case "numeric_state":
            side = "above" if "above" in trigger else "below"
            return f"{trigger['entity_id']}\n{side} {trigger[side]}"
        case kind:
            return str(kind)


def _days(automation: Mapping[str, Any]) -> str:
    for condition in automation["conditions"]:
        if "weekday" in condition:
            return ", ".join(condition["weekday"])
    return "every day"


def funnel(answer: Mapping[str, Any]) -> str:
    """Return how many candidates each gate let through."""
    read = (
        f"{answer['events_read']} changes read, {answer['human_actions']} of them acts "
        f"of people, {answer['candidates']} candidates, in {answer['duration_s']:.1f} s"
    )
    gates = (
        f"  {gate['gate']:<20} {gate['in']:>5} -> {gate['out']}"
        for gate in answer["funnel"]
    )
    errors = (f"  error: {error}" for error in answer["errors"])
    return "\n".join((read, *gates, *errors))
