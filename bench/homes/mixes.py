"""Which homes are measured: what is planted in them, for how long, in how much noise.

Made by functions at the top of a module, so that other processes can make them.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from .generate import TIME_AND_STATE, planted_home
from .model import World

type Make = Callable[..., World]
"""Takes a seed, and `later` days that are not there to be learned from."""

ALL_KINDS: Final = (
    "time",
    "moved",
    "sun",
    "absence",
    "quiet",
    "numeric",
    "state",
    "twin",
    "state_if",
    "time_if",
    "left",
    "routine",
    "heating",
    "valued",
)
CONDITIONS: Final = ("state_if",) * 5 + ("time_if",) * 2
VALUES: Final = ("heating",) + ("valued",) * 5
CHAINS: Final = ("state", "chain", "state", "twin", "chain")

MIXES: Final[Mapping[str, Make]] = {
    "time only": partial(planted_home, kinds=("time",) * 6),
    "state only": partial(planted_home, kinds=("state", "twin", *("state",) * 4)),
    "time and state": partial(planted_home, kinds=TIME_AND_STATE),
    "all kinds": partial(planted_home, kinds=ALL_KINDS),
    "sun and clock": partial(planted_home, kinds=("sun", "sun", "sun", "time", "time")),
    "numbers and absence": partial(
        planted_home, kinds=("absence", "absence", "numeric", "numeric", "quiet")
    ),
    "conditions": partial(planted_home, kinds=CONDITIONS),
    "values": partial(planted_home, kinds=VALUES),
    "routines": partial(planted_home, kinds=("routine", "routine", "left", "time")),
    "chains": partial(planted_home, kinds=CHAINS),
}
"""30 days at medium noise."""
GRID: Final[Mapping[str, Make]] = {
    f"{days} days, {noise} noise": partial(
        planted_home, days=days, noise=noise, kinds=ALL_KINDS
    )
    for days in (7, 14, 30, 90)
    for noise in ("low", "medium", "high")
}
"""Every kind, by days and spontaneous acts."""
