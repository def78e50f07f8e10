"""How hard a model is worked."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the calls of one run."""

    concurrency: int = 5
    """Calls under way at once."""
    tries: int = 3
    """Of one call, the first included."""
    call_s: float = 60.0
    """Time of one try."""
    run_s: float = 600.0
    """Time of all calls together."""
    pause_s: float = 1.0
    """The first pause between tries, at most; each further one may be twice as long."""
    most_pause_s: float = 30.0
    """No pause of our own choice is longer."""

    def __post_init__(self) -> None:
        """Refuse what allows no call at all.

        Raises:
            ValueError: nothing could be asked.
        """
        if min(self.concurrency, self.tries) < 1:
            raise ValueError("at least one call, and one try of it")
        if min(self.call_s, self.run_s) <= 0:
            raise ValueError("a call takes time")


USUAL: Final = Limits()
