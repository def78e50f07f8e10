"""`python -m demo`: what scripts/demo and scripts/develop run."""

import sys

from . import interrupt


def main() -> int:
    """Run the tour; its imports take a second, in which an interrupt may come."""
    from .client import RefusedError  # noqa: PLC0415
    from .server import ServerDiedError  # noqa: PLC0415
    from .tour import run  # noqa: PLC0415

    try:
        return run(sys.argv[1:])
    except (RefusedError, ServerDiedError, TimeoutError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(interrupt.run(main))
