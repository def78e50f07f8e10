"""Who caused a recorded change."""

from enum import IntEnum
from typing import Final


class Origin(IntEnum):
    """Class of provenance, one for each change in the log."""

    UNKNOWN = 0
    """Not to be told: never evidence for a habit, never against one."""
    USER = 1
    """A person, through the interface of Home Assistant."""
    VOICE = 2
    """A person, by voice."""
    PHYSICAL = 3
    """A person, at the device itself."""
    AUTOMATION = 4
    SCRIPT = 5
    SCENE = 6
    OWN = 7
    """An automation that this integration installed."""
    SYSTEM = 8
    """Restart, reload, an entity that vanished or came back."""
    REPORT = 9
    """A sensor's own report; there is nobody to ask for."""


HUMAN: Final = (Origin.USER, Origin.VOICE, Origin.PHYSICAL)
"""The classes that count as an action of a person."""

AUTOMATED: Final = (Origin.AUTOMATION, Origin.SCRIPT, Origin.SCENE, Origin.OWN)
"""The classes of something that ran by itself or on a person's behalf."""

ECHO_MS: Final = 2_000
"""Changes of one act reach the recorder within this time of each other."""

UNAVAILABLE: Final = frozenset({"unavailable", "unknown", ""})
"""States that say that nothing is known of the entity."""
