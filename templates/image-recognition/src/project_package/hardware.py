"""What is fastest on this machine, found by timing a few steps of each choice."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

TIMED_STEPS = 15
WARM_UP = 3  # of those, not counted


@dataclass(frozen=True)
class Setting:
    """Threads of one process, and whether convolutions run in bfloat16."""

    threads: int
    bfloat16: bool = False

    def apply(self) -> None:
        """Make it the setting of this process."""
        torch.set_num_threads(self.threads)

    def __str__(self) -> str:
        kind = "bfloat16" if self.bfloat16 else "float32"
        return f"{self.threads} thread{'s' if self.threads > 1 else ''}, {kind}"

    def autocast(self) -> torch.autocast:
        """The context in which the network runs."""
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16)


def fastest(step: Callable[[Setting], None]) -> tuple[Setting, dict[str, float]]:
    """The setting with the shortest step, and the milliseconds of every one tried.

    More threads are not always faster (on a busy machine, all of them are slower than half), and
    bfloat16 is only on processors with instructions for it.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    most = available or 1
    tried = {
        setting: _time(step, setting)
        for threads in sorted({1, max(1, most // 2), most})
        for setting in (Setting(threads), Setting(threads, bfloat16=True))
    }
    best = min(tried, key=lambda setting: tried[setting])
    best.apply()
    return best, {str(setting): round(ms, 1) for setting, ms in tried.items()}


def _time(step: Callable[[Setting], None], setting: Setting) -> float:
    """Median milliseconds of a step."""
    setting.apply()
    seconds = []
    for _ in range(TIMED_STEPS):
        started = time.perf_counter()
        step(setting)
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds[WARM_UP:])
