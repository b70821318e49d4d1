"""How often the monitor is wrong, and how late it is, on streams whose truth is known.

`python benchmarks/monitoring.py [STREAMS [PART]...]`, with the environment of any project.

Every stream draws a reference of its own and is judged by the code that a project's `monitor` runs,
after each window. A stream has a score and three summaries; a shift begins after BEFORE windows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import lfilter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "templates" / "_base" / "src")]

from benchmarks.timing import markdown  # noqa: E402
from project_package.kit import monitoring, statistics  # noqa: E402
from project_package.kit.served import Watch  # noqa: E402

STREAMS = 1000
QUIET = 50  # windows of a stream without a shift
BEFORE, AFTER = 5, 40  # windows before a shift, and after it at most
LATER = 20  # windows of truths after it at most
ROUNDS = 200  # of the bootstrap, where the metric is judged
Values = Mapping[str, Any]
Shift = Callable[[np.random.Generator, dict[str, Any]], Values]


def draw(random: np.random.Generator, rows: int, dependence: float = 0.0) -> dict[str, Any]:
    """A score with two humps, a length with a long tail, a count with many ties, a share."""
    common = [_normal(random, rows, dependence) for _ in range(4)]
    return {
        "score": 1 / (1 + np.exp(-(3 * np.sign(common[0]) + 1.5 * common[0]))),
        "length": np.exp(5 + common[1]).round(),
        "count": np.clip(np.floor(2 * common[2]), 0, None),
        "share": 1 / (1 + np.exp(2 - 0.5 * common[3])),
    }


def _normal(random: np.random.Generator, rows: int, dependence: float) -> Any:
    """Standard normal; each row depends on the one before, as mails of one morning do."""
    noise = random.normal(size=rows)
    if not dependence:
        return noise
    fresh = np.sqrt(1 - dependence**2) * noise
    return lfilter([1.0], [1.0, -dependence], fresh)


def stuck(share: float) -> Shift:
    """Some of the scores are .999, whatever the input."""

    def shifted(random: np.random.Generator, values: dict[str, Any]) -> Values:
        score = values["score"]
        return {**values, "score": np.where(random.random(len(score)) < share, 0.999, score)}

    return shifted


def longer(deviations: float) -> Shift:
    """The logarithm of the length grows by so many standard deviations."""

    def shifted(_: np.random.Generator, values: dict[str, Any]) -> Values:
        return {**values, "length": (values["length"] * np.exp(deviations)).round()}

    return shifted


def surer(towards: float) -> Shift:
    """One hump of the score grows: so many of the low scores become high."""

    def shifted(random: np.random.Generator, values: dict[str, Any]) -> Values:
        score = values["score"]
        turned = (score < 0.5) & (random.random(len(score)) < towards)
        return {**values, "score": np.where(turned, 1 - score, score)}

    return shifted


SHIFTS: Mapping[str, Shift] = {
    "every score is .999": stuck(1.0),
    "a quarter of the scores is .999": stuck(0.25),
    "a tenth of the scores is .999": stuck(0.1),
    "high scores from 50 % to 75 %": surer(0.5),
    "high scores from 50 % to 60 %": surer(0.2),
    "length up by 1 deviation": longer(1.0),
    "length up by half a deviation": longer(0.5),
    "length up by a quarter of one": longer(0.25),
}


def quiet(streams: int, size: int, held: int, dependence: float) -> tuple[float, float, float]:
    """Shares of windows that violate, of streams with an alarm, of windows with one."""
    violated, alarms, touched = 0, 0, 0
    for seed in range(streams):
        random = np.random.default_rng(seed)
        reference = draw(random, held)
        values = draw(random, QUIET * size, dependence)
        found = [
            _violates(
                reference, {name: each[start : start + size] for name, each in values.items()}
            )
            for start in range(0, QUIET * size, size)
        ]
        raised = [monitoring.alarm(found[: end + 1]) for end in range(QUIET)]
        violated, alarms, touched = (
            violated + sum(found),
            alarms + sum(raised),
            touched + any(raised),
        )
    windows = streams * QUIET
    return violated / windows, touched / streams, alarms / windows


def shifted(streams: int, size: int, held: int, shift: Shift) -> list[float]:
    """Windows from the shift to the first alarm after it, infinite where there is none."""
    delays = []
    for seed in range(streams):
        random = np.random.default_rng(seed)
        reference, found, delay = draw(random, held), [], np.inf
        for number in range(BEFORE + AFTER):
            values: Values = draw(random, size)
            if number >= BEFORE:
                values = shift(random, dict(values))
            found.append(_violates(reference, values))
            if number >= BEFORE and monitoring.alarm(found):
                delay = number - BEFORE + 1
                break
        delays.append(delay)
    return delays


def _violates(reference: Values, values: Values) -> bool:
    return bool(monitoring.Window("", "", monitoring.judge(reference, values)).violates)


METRICS: Mapping[str, Callable[[np.random.Generator, int, float], tuple[Any, Any]]] = {
    "accuracy": lambda random, rows, good: (np.ones(rows), random.random(rows) < good),
    "average_precision": lambda random, rows, good: _ranked(random, rows, good),
}


def _ranked(random: np.random.Generator, rows: int, distance: float) -> tuple[Any, Any]:
    """A third is of the class sought, its scores higher by `distance`."""
    truth = (random.random(rows) < 1 / 3).astype(float)
    return truth, random.normal(size=rows) + distance * truth


def judged(streams: int, size: int, held: int, metric: str, was: float, now: float) -> list[float]:
    """Windows of truths until the alarm; with `was == now` any alarm is false."""
    make, watch, delays = METRICS[metric], Watch(metric=metric), []
    for seed in range(streams):
        random = np.random.default_rng(seed)
        usual = statistics.bootstrap(
            statistics.MEASURES[metric], *make(random, held, was), seed=seed
        )
        found, delay = [], np.inf
        for number in range(BEFORE + LATER):
            truth, said = make(random, size, was if number < BEFORE else now)
            pairs = [("", *pair) for pair in zip(truth, said, strict=True)]
            found.append(monitoring.measure(pairs, watch, usual, seed).violates)
            if monitoring.alarm(found) and (number >= BEFORE or was == now):
                delay = number - BEFORE + 1
                break
        delays.append(delay)
    return delays


def late(delays: list[float], size: int) -> list[str]:
    """How many were noticed, and after how many predictions half of them and nine tenths."""
    found = np.array(delays)
    middle, nearly = np.quantile(found, [0.5, 0.9], method="higher")
    shown = [f"{each * size:,.0f}" if np.isfinite(each) else "–" for each in (middle, nearly)]
    return [f"{np.isfinite(found).mean():.1%}", *shown]


def without_shift(streams: int) -> str:
    rows = []
    for text, size, held, dependence in (
        ("windows of 100, reference of 1,000", 100, 1000, 0.0),
        ("windows of 200, reference of 1,000", 200, 1000, 0.0),
        ("windows of 100, reference of 150, as on a sample", 100, 150, 0.0),
        ("windows of 100, each row like the one before (correlation .5)", 100, 1000, 0.5),
        ("the same, correlation .8", 100, 1000, 0.8),
    ):
        violated, touched, alarms = quiet(streams, size, held, dependence)
        between = f"{1 / alarms:,.0f}" if alarms else f"over {streams * QUIET:,}"
        rows.append([text, f"{violated:.2%}", f"{touched:.1%}", between])
    head = ("no shift", "windows that violate", f"streams with an alarm in {QUIET} windows",
            "windows to one alarm")  # fmt: skip
    return markdown(head, rows)


def with_shift(streams: int) -> str:
    rows = []
    for text, shift in SHIFTS.items():
        delays = [late(shifted(streams, size, 1000, shift), size) for size in (100, 200)]
        rows.append([text, *delays[0], *delays[1]])
    head = ("shift", "noticed", "half after", "nine tenths after", "noticed, windows of 200",
            "half after", "nine tenths after")  # fmt: skip
    return markdown(head, rows)


def with_truths(streams: int) -> str:
    statistics.ROUNDS = ROUNDS
    rows = []
    for metric, was, now in (
        ("accuracy", 0.9, 0.9), ("accuracy", 0.9, 0.8),
        ("accuracy", 0.9, 0.7), ("average_precision", 3.0, 3.0), ("average_precision", 3.0, 2.0),
    ):  # fmt: skip
        values = [_expected(metric, each) for each in (was, now)]
        rows.append([metric, *values, *late(judged(streams, 100, 1000, metric, was, now), 100)])
    head = ("metric", "before", "after", f"alarm in {BEFORE + LATER} windows of truths",
            "half after", "nine tenths after")  # fmt: skip
    return markdown(head, rows)


PARTS = {"without": without_shift, "with": with_shift, "truths": with_truths}


def main(streams: int, parts: Sequence[str]) -> None:
    for name in parts or PARTS:
        started = time.perf_counter()
        print(PARTS[name](streams), end="\n\n", flush=True)
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _expected(metric: str, good: float) -> str:
    """The metric on very many rows."""
    made = METRICS[metric](np.random.default_rng(0), 200_000, good)
    return f"{statistics.MEASURES[metric](*(np.asarray(each, float) for each in made)):.3f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS, sys.argv[2:])
