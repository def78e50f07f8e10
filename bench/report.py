"""Tables for people and JSON for machines."""

from collections.abc import Sequence
import json
from pathlib import Path

type Row = dict[str, str | int | float | None]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table; columns are those of the first row."""
    if not rows:
        return "(nothing)"
    columns = list(rows[0])
    cells = [columns] + [
        ["" if row.get(column) is None else str(row[column]) for column in columns]
        for row in rows
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def save(name: str, rows: Sequence[Row], folder: Path) -> Path:
    """Write the rows to `<folder>/<name>.json` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(list(rows), indent=1) + "\n", encoding="utf-8")
    return path
