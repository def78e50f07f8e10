"""`python -m demo`: what scripts/demo and scripts/develop run."""

import os
import sys

from . import interrupt


def main() -> int:
    """Run the tour; its imports take a second, in which an interrupt may come."""
    from aiohttp import ClientError  # noqa: PLC0415

    from .client import RefusedError  # noqa: PLC0415
    from .server import ServerDiedError  # noqa: PLC0415
    from .tour import run  # noqa: PLC0415
    from .waiting import CheckFailedError  # noqa: PLC0415

    failures = (
        CheckFailedError,
        ClientError,
        RefusedError,
        ServerDiedError,
        TimeoutError,
    )
    try:
        return run(sys.argv[1:])
    except failures as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads any more; what is still to be said goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(interrupt.run(main))
