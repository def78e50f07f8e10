"""Accepts and undoes without end, and is killed at any point of it.

Runs as a process of its own, without Home Assistant. It forks for each kill, and prints
what the file was found to be, with how many half written files lay beside it.
"""

from collections import Counter
import json
import os
from pathlib import Path
import random
import signal
import sys
import time

from installer import files, text  # type: ignore[attr-defined]

CONFIG = {
    "id": "automation_scout_s1-0",
    "alias": "Lamp on",
    "description": "In the last 28 days it would have run 21 times.",
    "triggers": [{"trigger": "time", "at": "22:50:00"}],
    "conditions": [],
    "actions": [{"action": "light.turn_on", "target": {"entity_id": "light.desk"}}],
    "mode": "single",
}
LONGEST_S = 0.1


def accept_and_undo(path: Path) -> None:
    """Do what accept and undo do to the file, again and again."""
    while True:
        before = files.read(path)
        after, splice = text.append(before, CONFIG)
        files.replace(path, before, after)
        now = files.read(path)
        files.replace(path, now, text.remove(now, CONFIG, splice))


def main(path: Path, kills: int) -> None:
    """Print how often the file was the old one and the new one."""
    old = path.read_bytes()
    new, _ = text.append(old, CONFIG)
    chance = random.Random(7)  # noqa: S311 - the same in each run
    found: Counter[str] = Counter()
    for _ in range(kills):
        child = os.fork()
        if not child:
            accept_and_undo(path)
        time.sleep(chance.uniform(0, LONGEST_S))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        content = path.read_bytes()
        found["old" if content == old else "new" if content == new else "broken"] += 1
        found["half written"] += any(path.parent.glob(".*.tmp"))
        files.replace(path, content, old, backup=False)
        found["left behind"] += any(path.parent.glob(".*.tmp"))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
