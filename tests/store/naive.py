"""The archive as a list, for the tests to compare the real one with."""

from custom_components.automation_scout.mining.events import Row


class NaiveArchive:
    """Every change once, in a list."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.watermark_ms: int | None = None
        self.last: dict[str, Row] = {}

    def append(self, rows: list[Row], until_ms: int) -> int:
        added = 0
        for row in rows:
            if any(row[:3] == known[:3] for known in self.rows):
                continue
            self.rows.append(row)
            added += 1
        self.rows.sort(key=lambda row: row[0])
        for row in rows:
            known_t = self.last[row[1]][0] if row[1] in self.last else until_ms
            if row[0] >= known_t or known_t >= until_ms:
                self.last[row[1]] = row
        self.watermark_ms = until_ms
        return added

    def last_states(self) -> dict[str, str]:
        return {entity: row[2] for entity, row in self.last.items()}
