"""Port, printed report, and the end of the demo."""

from pathlib import Path
import signal
import socket
import subprocess
import sys

import pytest

from demo.report import funnel, table
from demo.server import own_port


@pytest.mark.usefixtures("socket_enabled")
def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with own_port(taken.getsockname()[1]) as port:
            assert port > taken.getsockname()[1]


@pytest.mark.usefixtures("socket_enabled")
def test_two_demos_take_two_ports() -> None:
    with own_port() as first, own_port() as second:
        assert second > first
    with own_port(first) as again:
        assert again == first


SUGGESTION = {
    "title": "Turn on Hall light when Front door opens",
    "kind": "state",
    "confidence": 0.815,
    "safety": {"tier": "confirm", "reasons": []},
    "evidence": {
        "hits": 19,
        "opportunities": 21,
        "missed": 3,
        "days_observed": 42,
        "holdout": {"hits": 9, "wrong": 1},
        "provenance": {"physical": 12, "user": 7},
    },
    "automation": {
        "triggers": [{"trigger": "time", "at": "06:45:00"}],
        "conditions": [{"condition": "time", "weekday": ["sat", "sun"]}],
    },
}


def test_the_table_shows_the_evidence() -> None:
    text = table([SUGGESTION])
    for part in (
        "when Front door opens",
        "[confirm]",
        "06:45",
        "sat, sun",
        "82%",
        "agreed 19 of 21 times,",
        "missed 3, in 42 days",
        "9 right,",
        "physical 12",
    ):
        assert part in text
    assert table([]) == "No suggestions."


def test_the_funnel_shows_each_gate() -> None:
    text = funnel(
        {
            "events_read": 10,
            "human_actions": 4,
            "candidates": 3,
            "duration_s": 1.25,
            "funnel": [{"gate": "support", "in": 3, "out": 2}],
            "errors": ["a detector failed"],
        }
    )
    assert "10 changes read" in text
    assert "support" in text
    assert "3 -> 2" in text
    assert "a detector failed" in text


INTERRUPTED = """
import sys, time
from demo import interrupt

def main():
    with interrupt.uninterrupted():
        interrupt.at_end(lambda: print("first made, last undone"))
        interrupt.at_end(lambda: time.sleep(0.2) or print("last made, first undone"))
        print("ready", flush=True)
        time.sleep(0.2)
        print("whole", flush=True)
    time.sleep(30)

sys.exit(interrupt.run(main))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_undoes_everything_in_order(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.readline() == "whole\n"
        process.send_signal(number)
        assert process.stdout.readline() == "last made, first undone\n"
        assert process.stdout.readline() == "first made, last undone\n"
        assert process.wait(5) == 128 + number


FAILING = """
import sys
from demo import interrupt

def fail():
    raise OSError("the terminal is gone")

def main():
    interrupt.at_end(lambda: print("undone"))
    interrupt.at_end(fail)
    return 0

sys.exit(interrupt.run(main))
"""


def test_what_cannot_be_undone_keeps_nothing_else_from_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "undone\n"
    assert "the terminal is gone" in done.stderr
    assert done.returncode == 1
