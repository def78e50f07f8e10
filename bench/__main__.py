"""`scripts/bench NAME [options]`: runs one measure, prints it, writes it as JSON."""

from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Final

from .report import save

BENCHES: Final = {
    "ablation": "ablation",
    "calibration": "calibration",
    "curve": "curve",
    "homes": "homes_bench",
    "ids": "ids",
    "ingest": "ingest",
    "setup": "set_up",
    "speed": "speed",
    "stall": "stall",
    "store": "store",
    "traces": "traces",
    "words": "words",
}


def main() -> None:
    """Run what the command line names."""
    parser = ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FOLDER",
        default=Path("bench-results"),
        help="where the JSON goes (default: bench-results)",
    )
    chosen = parser.add_subparsers(dest="name", required=True)
    modules = {
        name: import_module(f"bench.{module}") for name, module in BENCHES.items()
    }
    for name, module in modules.items():
        module.configure(chosen.add_parser(name, help=(module.__doc__ or "").strip()))
    options = parser.parse_args()
    rows = modules[options.name].run(options)
    print(f"written to {save(options.name, rows, options.results)}")


if __name__ == "__main__":
    main()
