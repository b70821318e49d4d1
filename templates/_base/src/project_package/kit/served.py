"""What the service predicted, and what turned out to be true: two logs that survive a kill.

A line is in the file before its answer goes out, so a process that is killed loses none that
anybody was told. Inputs are never kept: only a score, a few numbers about the input, and an id.
"""

import json
import mmap
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock

from .provenance import TRAINING, model_files
from .workspace import Workspace, hash_files, read_json

PREDICTIONS, FEEDBACK = "predictions", "feedback"
LARGEST = 10_000_000  # bytes of a log file; then a new one is begun
KEPT = 10  # full files of a log; the oldest go
SCORES, SUMMARIES = "reference_scores", "reference_summaries"  # in training.json
ID = r"^[0-9a-f]{16}$"


@dataclass(frozen=True)
class Watch:
    """What a project can be told after a prediction: the type of a truth, and what is made of it.

    `metric` names one of `statistics.MEASURES`, of the truths and what was `said`; None where no
    truth for a single prediction gives the metric: truths are kept then, and not judged. `label`
    is how people call it. Of `together` predictions in a row, those of one answer, the errors hang
    together: an interval draws them as one.
    """

    truth: Any = float
    metric: str | None = None
    higher_is_better: bool = True
    label: str = ""
    together: int = 1

    @property
    def called(self) -> str | None:
        """The metric in words."""
        return self.metric and (self.label or self.metric.replace("_", " "))


@dataclass(frozen=True)
class Seen:
    """One prediction: its score, numbers about its input, and what the metric takes of it.

    `said` is left out where it is the score.
    """

    score: float
    summaries: Mapping[str, float] = field(default_factory=dict)
    said: float | None = None


@dataclass(frozen=True)
class Log:
    """A file of JSON lines that is only added to, by any number of threads and processes."""

    path: Path

    def add(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Append `records`, in the file when this returns; a full file is set aside first."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        with self._alone():
            self._set_aside()
            with self.path.open("a+b") as file:
                file.write(self._missing_end(file) + lines.encode())

    def files(self) -> list[Path]:
        """All files, the oldest first."""
        full = sorted(self.path.parent.glob(f"{self.path.stem}-*{self.path.suffix}"))
        return [*full, *([self.path] if self.path.exists() else [])]

    def read(self) -> Iterator[dict[str, Any]]:
        """Every whole record, the oldest first; half a line (a disk was full) is passed over."""
        with ExitStack() as stack:
            for line in chain.from_iterable(self._opened(stack)):
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict) and "id" in record:
                    yield record

    def holds(self, name: str) -> bool:
        """Whether there is a record of this id."""
        wanted = json.dumps({"id": name})[1:-1].encode()
        with ExitStack() as stack:
            return any(_find(file, wanted) for file in reversed(self._opened(stack)))

    def _alone(self) -> FileLock:
        return FileLock(self.path.with_suffix(".lock"))

    def _opened(self, stack: ExitStack) -> list[BinaryIO]:
        """All files, opened together: one that is set aside meanwhile is read to its end."""
        if not self.path.parent.exists():
            return []
        with self._alone():
            return [stack.enter_context(path.open("rb")) for path in self.files()]

    def _set_aside(self) -> None:
        if not self.path.exists() or self.path.stat().st_size < LARGEST:
            return
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        with suppress(
            PermissionError
        ):  # Windows, while somebody reads: the next record tries again
            self.path.replace(self.path.with_stem(f"{self.path.stem}-{stamp}"))
            for old in self.files()[:-KEPT]:
                old.unlink()

    @staticmethod
    def _missing_end(file: BinaryIO) -> bytes:
        """A line break, where the last line has none: it was not written to its end."""
        if file.seek(0, 2) == 0:
            return b""
        file.seek(-1, 2)
        return b"" if file.read(1) == b"\n" else b"\n"


def _find(file: BinaryIO, wanted: bytes) -> bool:
    if file.seek(0, 2) == 0:
        return False
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(wanted) >= 0


@dataclass(frozen=True)
class Served:
    """The logs of one model's service."""

    predictions: Log
    feedback: Log
    version: str

    @classmethod
    def of(cls, workspace: Workspace) -> "Served":
        """The logs of the model at hand; raises ProjectError when there is none."""
        folder = workspace.root / "logs"
        return cls(
            Log(folder / f"{PREDICTIONS}.jsonl"),
            Log(folder / f"{FEEDBACK}.jsonl"),
            model_version(workspace),
        )

    def predicted(self, *seen: Seen) -> list[str]:
        """Put predictions on record; returns the id of each."""
        time, ids = now(), [secrets.token_hex(8) for _ in seen]
        self.predictions.add(
            [
                {"id": name, "time": time, "model": self.version, **_plain(each)}
                for name, each in zip(ids, seen, strict=True)
            ]
        )
        return ids

    def learned(self, name: str, truth: Any) -> bool:
        """Put the truth for a prediction on record; False when no prediction has this id."""
        if not self.predictions.holds(name):
            return False
        self.feedback.add([{"id": name, "time": now(), "truth": truth}])
        return True


def model_version(workspace: Workspace) -> str:
    """The first digits of the model's SHA-256; raises ProjectError when there is no model."""
    read_json(workspace.models / TRAINING, made_by="train")
    return hash_files(model_files(workspace))[:12]


def now() -> str:
    """The time in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def tabulate(summaries: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """Summaries of many inputs by name, as training.json keeps them for reference."""
    names = summaries[0] if summaries else {}
    return {name: [_short(each[name]) for each in summaries] for name in names}


def _plain(seen: Seen) -> dict[str, Any]:
    record: dict[str, Any] = {"score": _short(seen.score)}
    if seen.said is not None:
        record["said"] = _short(seen.said)
    if seen.summaries:
        record["summaries"] = {name: _short(value) for name, value in seen.summaries.items()}
    return record


def _short(value: float) -> float:
    """Six significant digits; NumPy's numbers become Python's."""
    return float(f"{value:.6g}")
