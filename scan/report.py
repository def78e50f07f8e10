"""The findings for a terminal, and for machines."""

from collections.abc import Iterator, Mapping, Sequence
import json
import shutil
import textwrap
from typing import Any, Final

from homeassistant.util import dt as dt_util

from custom_components.automation_scout.mining.rules import Kind

from .analysis import Findings
from .misses import Miss, misses

WIDEST: Final = 96
"""Longer lines are hard to read."""
MISSES: Final = 5
INDENT: Final = "   "
ABOVE: Final = frozenset({"provenance", "detection"})
"""Steps of the funnel that are said with more words above it."""


def as_json(findings: Findings) -> str:
    """Return what `list_suggestions` and `analyze` answer, in one object."""
    served, missed = misses(findings)
    return json.dumps(
        {
            **findings.counters,
            "suggestions": list(findings.suggestions),
            "origins": dict(findings.result.origins),
            "n_tested": findings.result.n_tested,
            "already_automated": [miss.as_dict() for miss in served],
            "nearest": [miss.as_dict() for miss in missed],
            "warnings": list(findings.warnings),
        },
        indent=2,
        ensure_ascii=False,
    )


def as_text(findings: Findings) -> str:
    """Return the suggestions, the funnel and the nearest misses."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    lines: list[str] = []
    for number, suggestion in enumerate(findings.suggestions, 1):
        lines += [*_suggestion(number, suggestion, width), ""]
    if not findings.suggestions:
        lines += ["No suggestions.", ""]
    lines += _funnel(findings)
    served, missed = misses(findings)
    lines += _served(served, width)
    lines += _misses(missed, width)
    lines += [f"Note: {warning}." for warning in findings.warnings]
    return "\n".join(lines)


def _wrapped(text: str, width: int, indent: str = INDENT) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent
    ) or [indent.rstrip()]


def _suggestion(
    number: int, suggestion: Mapping[str, Any], width: int
) -> Iterator[str]:
    yield f"{number}. {suggestion['title']}"
    marks = [
        suggestion["kind"],
        suggestion["category"],
        f"{suggestion['priority']} priority",
        f"confidence {suggestion['confidence']:.0%}",
    ]
    if suggestion["safety"]["tier"] != "ok":
        marks.append(f"safety: {suggestion['safety']['tier']}")
    yield INDENT + ", ".join(marks)
    for key in ("description", "rationale"):
        yield from _wrapped(suggestion[key], width)
    # What is to be tidied up rests on no acts, and nothing is to be set up for it.
    if suggestion["kind"] == Kind.TIDY:
        return
    yield from _wrapped(_evidence(suggestion["evidence"]), width)
    yield ""
    yield textwrap.indent(suggestion["automation_yaml"].rstrip(), INDENT * 2)


def _evidence(evidence: Mapping[str, Any]) -> str:
    held_out = evidence["holdout"]
    done_by = ", ".join(f"{name} {n}" for name, n in evidence["provenance"].items())
    seen = ""
    if evidence["last_seen"]:
        seen = f"; done by: {done_by}; last on {_day(evidence['last_seen'])}"
    return (
        f"Evidence: {evidence['hits']} of {evidence['opportunities']} times right, "
        f"{evidence['missed']} missed, in {evidence['days_observed']} days; held out "
        f"{held_out['hits']} right, {held_out['wrong']} wrong; saves "
        f"{evidence['saved_per_week']:.1f} acts a week, "
        f"{evidence['unwanted_per_week']:.1f} unwanted{seen}."
    )


def _day(instant: str) -> str:
    moment = dt_util.parse_datetime(instant)
    return dt_util.as_local(moment).date().isoformat() if moment else instant


def _funnel(findings: Findings) -> Iterator[str]:
    counters, result = findings.counters, findings.result
    until = ""
    if findings.until:
        until = f" until {dt_util.as_local(findings.until):%Y-%m-%d %H:%M}"
    yield f"How it came to this ({counters['duration_s']:.1f} s, history{until})"
    yield f"{INDENT}{counters['events_read']:>9} changes read"
    done_by = ", ".join(f"{name} {n}" for name, n in result.origins.items())
    yield f"{INDENT}{counters['human_actions']:>9} acts of people (all: {done_by})"
    yield f"{INDENT}{counters['candidates']:>9} ideas, of {result.n_tested} looked at"
    for step in counters["funnel"]:
        if step["gate"] in ABOVE:
            continue
        yield f"{INDENT}{step['out']:>9} left by {step['gate']}, of {step['in']}"
    for error in counters["errors"]:
        yield f"{INDENT}error: {error}"
    yield from _reason(findings)
    yield ""


def _reason(findings: Findings) -> Iterator[str]:
    """Say in words why there is nothing, where it is plain, and what waits."""
    counters = findings.counters
    if not counters["events_read"]:
        yield "The recorder holds no change of anything that people act on."
    elif not counters["human_actions"]:
        yield "Nobody was seen to act: automations, scripts or devices did it all."
    elif not counters["candidates"]:
        yield "Nothing was done often enough, at like times or after like events."
    waiting = len(findings.result.proven) - len(findings.suggestions)
    if waiting > 0:
        yield f"{waiting} more wait for room; --max N shows more."


def _served(served: Sequence[Miss], width: int) -> Iterator[str]:
    if not served:
        return
    yield "Done by an automation already"
    for miss in served[:MISSES]:
        by = ", ".join(miss.rejection.covered_by)
        yield from _wrapped(f"- {miss.title}" + (f" ({by})" if by else ""), width)
    yield from _further(len(served))
    yield ""


def _misses(missed: Sequence[Miss], width: int) -> Iterator[str]:
    if not missed:
        return
    yield "Nearest misses"
    for miss in missed[:MISSES]:
        yield from _wrapped(f"- {miss.title}", width)
        yield from _wrapped(miss.lack, width, INDENT * 2)
    yield from _further(len(missed))
    yield ""


def _further(count: int) -> Iterator[str]:
    if count > MISSES:
        yield f"{INDENT}... and {count - MISSES} more (--json has all)"
