"""Starts and stops Home Assistant, and nothing that it did not start."""

import os
from pathlib import Path
import signal
import socket
import subprocess
import sys
from typing import Final

from . import interrupt
from .progress import step

FIRST_PORT: Final = 8123
GRACE_S: Final = 30.0
"""Home Assistant stops in 4 s; its own stages may add up to more on a busy machine."""

LAUNCHER: Final = Path(__file__).with_name("hass.py")


class ServerDiedError(Exception):
    """Home Assistant ended by itself; the message has the end of its log."""


def free_port(first: int = FIRST_PORT) -> int:
    """Return the first port of the loopback address that nobody listens on."""
    for port in range(first, first + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {first} on")


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
        with step("Stopping Home Assistant"):
            process.terminate()
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _last_words(self) -> str:
        logs = (self._folder / "home-assistant.log", self._folder / "console.log")
        texts = (log.read_text("utf-8", "replace") for log in logs if log.exists())
        return "\n".join("".join(texts).splitlines()[-20:])
