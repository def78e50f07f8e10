"""How often answers to a question were refused, kept in the place of an answer.

A model that cannot say a thing well says it no better every night, and is paid each
time. What is asked about is part of the key, as is the model: a change asks anew.
"""

import json
from typing import Final

GIVEN_UP_AFTER: Final = 2
"""Refused answers, one a run, after which a question is not asked any more."""


def rejections_in(kept: str | None) -> int:
    """Return how many refused answers were kept, 0 where it is none or an answer."""
    try:
        plain = json.loads(kept or "")
    except ValueError:
        return 0
    times = plain.get("rejected") if isinstance(plain, dict) else None
    return times if isinstance(times, int) else 0


def kept_rejections(times: int) -> str:
    """Return as JSON what is kept of so many refused answers."""
    return json.dumps({"rejected": times})
