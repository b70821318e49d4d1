"""What a run measured: the only reader of reports/metrics.json, the only formatter of its numbers.

A file that another program wrote under that name is read as far as it goes. What cannot be used
ends in ResultsUnreadable, one sentence.
"""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from scaffold.errors import ScaffoldError

METRICS = "reports/metrics.json"
LARGEST = 20_000_000  # bytes
TABLES = ("data", "run", "inputs", "comparison", "figures", "digests")

Interval = tuple[float, float]
Verdict = Literal["better", "no clear difference", "worse"]


class ResultsUnreadable(ScaffoldError):
    """A reports/metrics.json that does not hold what it should."""


@dataclass(frozen=True)
class Results:
    """The headline of a run, and all else that the file says."""

    name: str
    label: str
    value: float
    interval: Interval | None = None
    baseline: float | None = None
    baseline_name: str = "baseline"
    higher_is_better: bool | None = None
    difference: Interval | None = None  # the paired interval of model minus baseline
    from_sample: bool = False
    file: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The whole file; the tables in TABLES are tables, whatever stood there."""
    written: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The same as it stood there."""

    @property
    def verdict(self) -> Verdict | None:
        """How the model stands to the baseline; None where no interval was measured."""
        if self.difference is None:
            return None
        return verdict(self.difference, higher_is_better=self.higher_is_better is not False)

    @property
    def model(self) -> str:
        """The SHA-256 of the model that was measured; empty where the file tells none."""
        return _text(self.file.get("digests", {}).get("model"))

    def summary(self) -> str:
        """The headline in one line: `PR-AUC 0.998 [0.996, 0.999]; keyword rule: 0.732`."""
        text = f"{self.label} {number(self.value)}"
        if self.interval:
            text += f" {interval(self.interval)}"
        if self.baseline is not None:
            text += f"; {self.baseline_name}: {number(self.baseline)}"
        return text


def read(root: Path) -> Results | None:
    """The results of a project's last run; None before the first; else ResultsUnreadable."""
    path = root / METRICS
    try:
        found = path.stat()
        inside = path.resolve().is_relative_to(root.resolve())
        if not stat.S_ISREG(found.st_mode) or not inside or found.st_size > LARGEST:
            raise ResultsUnreadable(f"{METRICS} is no file that could hold results.", _RUN_AGAIN)
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ResultsUnreadable(f"{METRICS} cannot be read: {error}.", _RUN_AGAIN) from error
    return parse(text)


def parse(text: str) -> Results:
    """What the text of a metrics.json says."""
    try:
        file = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ResultsUnreadable(f"{METRICS} is no JSON: {error}.", _RUN_AGAIN) from error
    primary = file.get("primary") if isinstance(file, dict) else None
    if not isinstance(primary, dict):
        raise ResultsUnreadable(f"{METRICS} names no primary result.", _RUN_AGAIN)
    value = _number(primary.get("value"))
    if value is None:
        raise ResultsUnreadable(f"The primary value in {METRICS} is no number.", _RUN_AGAIN)
    tables = {key: table_of(file.get(key)) for key in TABLES}
    higher = primary.get("higher_is_better")
    name = _text(primary.get("name"))
    return Results(
        name=name,
        label=_text(primary.get("label")) or name or "result",
        value=value,
        interval=interval_of(primary.get("ci")),
        baseline=_number(primary.get("baseline")),
        baseline_name=_text(primary.get("baseline_name")) or "baseline",
        higher_is_better=higher if isinstance(higher, bool) else None,
        difference=interval_of(tables["comparison"].get("ci")),
        from_sample=bool(tables["data"].get("sample")),
        file={**file, **tables},
        written=file,
    )


def verdict(difference: Interval, *, higher_is_better: bool) -> Verdict:
    """What an interval of model minus baseline says; one that touches zero says nothing."""
    low, high = difference
    if low <= 0 <= high:
        return "no clear difference"
    return "better" if (low > 0) == higher_is_better else "worse"


def number(value: float) -> str:
    """Three significant digits, thousands separated: 0.998, 12.3, 70,100."""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    rounded = float(f"{value:.3g}")
    places = 2 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:.2e}" if places > 8 else f"{rounded:,.{max(places, 0)}f}"


def signed(value: float) -> str:
    """A difference, with its sign: +0.266."""
    return number(value) if value < 0 else f"+{number(value)}"


def interval(bounds: Interval) -> str:
    """Both ends of an interval: [0.996, 0.999]."""
    return f"[{number(bounds[0])}, {number(bounds[1])}]"


_RUN_AGAIN = "Let the project's own run write it: scaffold run"


def table_of(value: object) -> dict[str, Any]:
    """A value of a file that should be a table; an empty one where it is something else."""
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def interval_of(value: object) -> Interval | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = _number(value[0]), _number(value[1])
    return (low, high) if low is not None and high is not None and low <= high else None
