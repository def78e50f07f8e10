"""Starts and stops Home Assistant, and nothing that it did not start."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import signal
import socket
import subprocess
import sys
from typing import Final

from . import interrupt

FIRST_PORT: Final = 8123
GRACE_S: Final = 30.0
"""Home Assistant stops in 4 s; its own stages may add up to more on a busy machine."""

LAUNCHER: Final = Path(__file__).with_name("hass.py")


class ServerDiedError(Exception):
    """Home Assistant ended by itself; the message has the end of its log."""


@contextmanager
def own_port(first: int = FIRST_PORT) -> Iterator[int]:
    """Yield a port of the loopback address that is free and stays so for others' demos.

    Home Assistant listens seconds after it was told the port. As long as the block
    lasts, a datagram socket of the same number tells other demos to take another.
    """
    for port in range(first, first + 200):
        with socket.socket(type=socket.SOCK_DGRAM) as mark:
            if _binds(mark, port) and _is_free(port):
                yield port
                return
    raise OSError(f"no free port from {first} on")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As Home Assistant does, which may follow on one that has just ended.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _binds(probe, port)


def _binds(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


class Server:
    """Home Assistant on one configuration folder."""

    def __init__(self, folder: Path) -> None:
        """Prepare; nothing runs yet."""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a process group of its own, and see to it that it is stopped."""
        interrupt.at_end(self.stop)
        command = [
            sys.executable,
            # Without -P, the script's folder would come before the configuration's.
            "-P",
            str(LAUNCHER),
            "--config",
            str(self._folder),
            "--log-no-color",
        ]
        with (
            (self._folder / "console.log").open("wb") as output,
            interrupt.uninterrupted(),
        ):
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise `ServerDiedError` where it does not run."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            words = self._last_words()
            raise ServerDiedError(f"Home Assistant ended with {code}.\n{words}")

    def wait(self) -> None:
        """Wait until it ends by itself, which is an error."""
        if self._process is not None:
            self._process.wait()
        self.check()

    def stop(self) -> None:
        """Ask it to stop, and end its process group when it does not."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        # The terminal may be gone, and that be the reason for stopping.
        with suppress(OSError):
            print("Stopping Home Assistant ...", flush=True)
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _last_words(self) -> str:
        logs = (self._folder / "home-assistant.log", self._folder / "console.log")
        texts = (log.read_text("utf-8", "replace") for log in logs if log.exists())
        return "\n".join("".join(texts).splitlines()[-20:])
