"""Every row between the raw file and the score: how many came in, how many were lost, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import ProjectError


@dataclass
class Ledger:
    """Counts `rows` of `unit` down, step by step; what is not entered here does not close."""

    rows: int
    unit: str = "rows"
    entries: list[dict[str, Any]] = field(default_factory=list)

    def drop(self, step: str, left: int, reason: str) -> None:
        """`left` rows remain after `step`; `reason` says what the dropped ones were."""
        dropped = self.rows - int(left)
        if dropped < 0:
            raise ProjectError(f"{step}: {left:,} rows cannot be left of {self.rows:,}")
        self._enter(step, dropped, reason)
        self.rows = int(left)

    def count_as(self, unit: str, rows: int) -> None:
        """From here on each `unit` counts, not each row of it: ratings as people, say."""
        self._enter(f"counted as {unit}", 0, "")
        self.rows, self.unit = int(rows), unit

    def require(self, rows: int, where: str) -> None:
        """Raise ProjectError when rows went missing that no entry speaks of."""
        if rows != self.rows:
            raise ProjectError(
                f"{where} has {rows:,} {self.unit}, and the ledger knows of {self.rows:,}: "
                "enter every drop with its reason"
            )

    def _enter(self, step: str, dropped: int, reason: str) -> None:
        self.entries.append(
            {
                "step": step,
                "unit": self.unit,
                "rows_in": self.rows,
                "dropped": dropped,
                "reason": reason,
            }
        )


def ledger_rows(entries: Sequence[Mapping[str, Any]]) -> list[list[str | int]]:
    """The ledger as rows of a table."""
    return [
        [entry["step"], entry["unit"], entry["rows_in"], entry["dropped"], entry["reason"] or "–"]
        for entry in entries
    ]
