"""`python -m scan`: what scripts/scan runs."""

import argparse
import asyncio
from collections.abc import Coroutine, Sequence
import logging
import os
from pathlib import Path
import signal
import sys
from typing import Any


def main(arguments: Sequence[str] | None = None) -> int:
    """Analyse a folder and print what is in it; return an exit code.

    0 where it is done, 1 where the analysis failed, 2 where the input is bad.
    """
    asked = _parser().parse_args(arguments)
    # Home Assistant's own remarks on the copy are of no use to the reader.
    logging.basicConfig(
        level=logging.WARNING if asked.verbose else logging.CRITICAL + 1
    )
    # Imported here, so that --help comes at once.
    from custom_components.automation_scout.mining.settings import (  # noqa: PLC0415
        Sensitivity,
    )
    from custom_components.automation_scout.phases import PhaseFailed  # noqa: PLC0415

    from .analysis import Wishes, analyse  # noqa: PLC0415
    from .errors import BadInput  # noqa: PLC0415
    from .progress import Progress  # noqa: PLC0415
    from .report import as_json, as_text  # noqa: PLC0415

    wishes = Wishes(
        asked.days,
        Sensitivity(asked.sensitivity) if asked.sensitivity else None,
        asked.max,
        asked.language,
    )
    try:
        findings = asyncio.run(
            _ended_in_order(analyse(asked.folder.absolute(), wishes, Progress()))
        )
    except BadInput as err:
        print(f"scan: {err}", file=sys.stderr)
        return 2
    except PhaseFailed as err:
        cause = f"{type(err.cause).__name__}: {err.cause}"
        print(f"scan: The phase {err.phase} failed: {cause}", file=sys.stderr)
        logging.getLogger(__name__).warning("In full", exc_info=err)
        return 1
    print(as_json(findings) if asked.json else f"\n{as_text(findings)}", flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "scripts/scan",
        description="Automation Scout on a copy of a Home Assistant configuration "
        "folder: what it would suggest, and why nothing else. The folder is only read.",
    )
    parser.add_argument(
        "folder",
        type=Path,
        metavar="CONFIG_DIR",
        help="the folder with configuration.yaml and home-assistant_v2.db",
    )
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    parser.add_argument(
        "--days", type=_positive, metavar="N", help="only the last N days of history"
    )
    parser.add_argument(
        "--sensitivity",
        choices=("quiet", "balanced", "curious"),
        help="how sure a suggestion must be (default: that of the home, or balanced)",
    )
    parser.add_argument(
        "--max",
        type=_positive,
        metavar="N",
        help="suggestions to show (default: that of the home, or 5)",
    )
    parser.add_argument(
        "--language", metavar="TAG", help="of the suggestions, as `de`; default: home's"
    )
    parser.add_argument(
        "--verbose", action="store_true", help="what Home Assistant logs, on stderr"
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return int(text)


async def _ended_in_order[T](work: Coroutine[Any, Any, T]) -> T:
    """Let a signal cancel the work, so that the copy is removed."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    return await task


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt, asyncio.CancelledError:
        code = 130
    except BrokenPipeError:
        # Nobody reads any more; what is still to be said goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
