"""What came of each run that would have been, as people are told of it. No numpy."""

from enum import IntEnum


class Outcome(IntEnum):
    """What became of a run."""

    UNJUDGED = 0
    """It changes nothing that the log holds, nobody was at home for days, the entity
    was unavailable, or the log ends too soon."""
    ALREADY = 1
    """All was as it would have made it."""
    HIT = 2
    """People did the same by hand."""
    KEPT = 3
    """An automation did it then, and people left it so."""
    WRONG = 4
    """Nobody did it."""
    OVERRIDDEN = 5
    """People set the opposite right after it or just before."""

    @property
    def key(self) -> str:
        """Name of it in answers."""
        return self.name.lower()
