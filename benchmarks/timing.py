"""Fair timing: the contestants take turns, so that a busy machine is busy for all; medians."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Contestant = Callable[[], object]


def interleaved_medians(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, float]:
    """Median seconds of each contestant over some rounds, after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            begin = time.perf_counter()
            contestant()
            if number:
                seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(times) for name, times in seconds.items()}


def command(*words: str | Path, folder: Path | None = None) -> Contestant:
    """A contestant that runs a program and insists on its success."""
    line = [str(word) for word in words]

    def run() -> None:
        subprocess.run(line, cwd=folder, check=True, capture_output=True)

    return run


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a README."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
