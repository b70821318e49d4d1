"""Has what the service sees moved away from what its model was measured on?

Windows of so many predictions, each beside the reference that `train` left with the model: the
score and the summaries of the inputs by the population stability index and by the test of
Kolmogorov and Smirnov; and, where truths came, the metric itself beside the one of the test set.
A window violates when the smallest of its p-values, times the number of looks, is below ALPHA.
The alarm is raised when the last window violates and so does another of the last RECENT. How often
that is wrong, and how late it is, was measured on simulated streams with `judge` and `alarm`.
"""

import html
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, kolmogorov

from .provenance import TRAINING
from .registry import describe_model
from .served import SCORES, SUMMARIES, Served, Watch
from .statistics import MEASURES, Interval, bootstrap, read_predictions, truth_of
from .workspace import ProjectError, Workspace, read_json

STABLE, ERROR, TOO_FEW, SHIFTED = 0, 1, 2, 3  # exit codes
VERDICTS = {STABLE: "stable", TOO_FEW: "too few to judge", SHIFTED: "shifted"}
WINDOW = 100  # predictions; truths, for the metric
NEEDED, RECENT = 2, 5  # so many of the last windows, the last one among them
ALPHA = 0.01  # of a window: the chance to violate without a shift, over all its looks
TENTHS = np.linspace(0, 1, 11)[1:-1]
MOST_ALIKE = 0.9  # the correlation of a row with the one before is taken for no more
SCORE = "score"


@dataclass(frozen=True)
class Look:
    """One quantity of a window beside its reference; `p` is of both tests together."""

    name: str
    psi: float
    ks: float
    p: float


@dataclass(frozen=True)
class Window:
    """So many predictions in a row, looked at in every way."""

    since: str
    until: str
    looks: list[Look]

    @property
    def p(self) -> float:
        """The smallest p-value times the number of quantities looked at (Bonferroni)."""
        return min(1.0, len(self.looks) * min(look.p for look in self.looks))

    @property
    def violates(self) -> bool:
        """Whether chance is a poor explanation for what differs most."""
        return self.p < ALPHA


@dataclass(frozen=True)
class Quality:
    """The metric over so many truths in a row, in the order in which they came."""

    until: str
    interval: Interval
    violates: bool


@dataclass(frozen=True)
class Findings:
    """All that a report shows."""

    version: str
    predictions: int
    of_others: int
    truths: int
    windows: list[Window]
    metric: str | None
    usual: Interval | None
    qualities: list[Quality]
    size: int
    measured_on: str = "the test set"

    @property
    def code(self) -> int:
        """The exit code; with fewer than NEEDED windows no alarm is possible, so none is denied."""
        raised = alarm([window.violates for window in self.windows])
        if raised or alarm([quality.violates for quality in self.qualities]):
            return SHIFTED
        return STABLE if len(self.windows) >= NEEDED else TOO_FEW


def monitor(
    workspace: Workspace, watch: Watch, size: int = WINDOW, page: Path | None = None
) -> int:
    """Print what was found, write it to `page` if one is named, and return the exit code.

    0 stable, 3 shifted, 2 too few predictions to judge. Raises ProjectError (exit code 1) when
    there is no model, or none that was evaluated.
    """
    found = examine(workspace, watch, size)
    print("\n".join(describe(found)))
    if page:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(as_page(found), encoding="utf-8", newline="\n")
        print(f"wrote {page}")
    return found.code


def examine(workspace: Workspace, watch: Watch, size: int = WINDOW) -> Findings:
    """Look at what the model at hand predicted; what other models did is counted only."""
    if size < 20:
        raise ProjectError(f"a window of {size} says nothing: 20 is the least")
    served = Served.of(workspace)
    training = read_json(workspace.models / TRAINING, made_by="train")
    reference = {SCORE: training[SCORES], **training.get(SUMMARIES, {})}
    records = {record["id"]: record for record in served.predictions.read()}
    mine = {key: each for key, each in records.items() if each.get("model") == served.version}
    truths = {each["id"]: each for each in served.feedback.read() if each["id"] in mine}
    pairs = [
        (each["time"], each["truth"], mine[name].get("said", mine[name]["score"]))
        for name, each in truths.items()
    ]
    usual = measured(workspace, watch) if watch.metric else None
    return Findings(
        version=served.version,
        predictions=len(mine),
        of_others=len(records) - len(mine),
        truths=len(pairs),
        windows=[look_at(part, reference) for part in in_windows([*mine.values()], size)],
        metric=watch.called,
        usual=usual,
        qualities=measure_all(pairs, watch, usual, workspace.seed, size),
        size=size,
        measured_on="fresh rows of feedback" if workspace.version else "the test set",
    )


def in_windows(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Whole windows from the first item on, so that a new item changes none of those before."""
    for start in range(0, len(items) - size + 1, size):
        yield items[start : start + size]


def alarm(violations: Sequence[bool]) -> bool:
    """Whether the last window violates, and NEEDED of the last RECENT do."""
    last = violations[-RECENT:]
    return bool(last) and bool(last[-1]) and sum(last) >= NEEDED


def first_alarm(violations: Sequence[bool]) -> int | None:
    """The window at whose end the alarm is first raised."""
    ends = range(1, len(violations) + 1)
    return next((end - 1 for end in ends if alarm(violations[:end])), None)


def look_at(records: Sequence[Mapping[str, Any]], reference: Mapping[str, ArrayLike]) -> Window:
    """Judge one window of the log."""
    values: dict[str, list[float]] = {SCORE: [record["score"] for record in records]}
    for name in reference:
        if name != SCORE:
            held = [record.get("summaries", {}).get(name) for record in records]
            values[name] = [value for value in held if value is not None]
    return Window(records[0]["time"], records[-1]["time"], judge(reference, values))


def judge(reference: Mapping[str, ArrayLike], values: Mapping[str, ArrayLike]) -> list[Look]:
    """Every quantity of one window beside its reference; what the window lacks is left out."""
    return [
        compare(name, np.asarray(reference[name], float), np.asarray(seen, float))
        for name, seen in values.items()
        if len(np.atleast_1d(seen))
    ]


def compare(name: str, reference: NDArray[np.float64], seen: NDArray[np.float64]) -> Look:
    """PSI and Kolmogorov–Smirnov of two samples; their smaller p-value counts twice.

    Without a shift the index is about chi-squared, with one degree of freedom less than there are
    bins, times 1/n + 1/m (Yurdakul, 2018). Both tests take the window for smaller by as much as
    its rows resemble those before them: ten mails of one thread say less than ten mails.
    """
    index, bins = population_stability_index(reference, seen)
    distance = largest_distance(reference, seen)
    by_chance = 1 / len(reference) + 1 / independent_rows(seen)
    rows = np.sqrt(1 / by_chance)
    p_index = float(chdtrc(bins - 1, index / by_chance)) if bins > 1 else 1.0
    p_distance = float(kolmogorov((rows + 0.12 + 0.11 / rows) * distance))  # Stephens, 1970
    return Look(name, index, distance, min(1.0, 2 * min(p_index, p_distance)))


def population_stability_index(
    reference: NDArray[np.float64], seen: NDArray[np.float64]
) -> tuple[float, int]:
    """Σ (s − r) · ln(s / r) over the tenths of the reference, and how many of them differ.

    Shares are smoothed by half a count.
    """
    edges = np.unique(np.quantile(reference, TENTHS))
    shares = []
    for values in (reference, seen):
        counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
        shares.append((counts + 0.5) / (counts + 0.5).sum())
    expected, found = shares
    return float(np.sum((found - expected) * np.log(found / expected))), len(edges) + 1


def largest_distance(reference: NDArray[np.float64], seen: NDArray[np.float64]) -> float:
    """Between both distribution functions: the statistic of Kolmogorov and Smirnov."""
    reference, seen = np.sort(reference), np.sort(seen)
    gaps = [
        np.searchsorted(reference, seen, side) / len(reference)
        - np.searchsorted(seen, seen, side) / len(seen)
        for side in ("left", "right")  # just below each value, and at it
    ]
    return float(np.abs(gaps).max())


def independent_rows(seen: NDArray[np.float64]) -> float:
    """How many rows that do not depend on each other say as much, by the correlation of ranks."""
    ranks = np.searchsorted(np.sort(seen), seen).astype(float)
    ranks -= ranks.mean()
    spread = float(ranks @ ranks)
    correlation = float(ranks[:-1] @ ranks[1:]) / spread if spread else 0.0
    correlation = min(max(correlation, 0.0), MOST_ALIKE)
    return max(1.0, len(seen) * (1 - correlation) / (1 + correlation))


def measured(workspace: Workspace, watch: Watch) -> Interval:
    """The metric on the test set, or on the fresh rows of `retrain`, as this model was measured."""
    about = describe_model(workspace)
    if workspace.version:
        return Interval(about["primary"]["value"], *about["primary"]["ci"])
    rows = read_predictions(workspace)
    return interval(watch, truth_of(rows), rows["model"], workspace.seed, rows["group"])


def interval(
    watch: Watch, truth: ArrayLike, said: ArrayLike, seed: int, groups: ArrayLike | None = None
) -> Interval:
    """The metric with its interval; not a number where it is not defined, as of one class only."""
    columns = np.asarray(truth, float), np.asarray(said, float)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        return bootstrap(MEASURES[watch.metric or ""], *columns, groups=groups, seed=seed)


def measure_all(
    pairs: Sequence[tuple[str, Any, float]],
    watch: Watch,
    usual: Interval | None,
    seed: int,
    size: int,
) -> list[Quality]:
    """The metric over whole windows of truths; none where there is no usual one."""
    return [
        measure(part, watch, usual, seed, number * size)
        for number, part in enumerate(in_windows(pairs, size))
        if usual
    ]


def answers(watch: Watch, rows: int, first: int = 0) -> NDArray[np.int64] | None:
    """Of predictions from number `first` on, which come of one answer; None where each is alone."""
    return np.arange(first, first + rows) // watch.together if watch.together > 1 else None


def measure(
    pairs: Sequence[tuple[str, Any, float]],
    watch: Watch,
    usual: Interval,
    seed: int,
    first: int = 0,
) -> Quality:
    """The metric over some truths; it violates when its whole interval is worse than usual.

    `first` is the number of the first of them among all truths.
    """
    times, truth, said = zip(*pairs, strict=True)
    found = interval(watch, truth, said, seed, answers(watch, len(truth), first))
    worse = found.high < usual.low if watch.higher_is_better else found.low > usual.high
    return Quality(max(times), found, bool(worse))


def describe(found: Findings) -> Iterator[str]:
    """The findings as lines of text, the verdict last."""
    yield f"model {found.version}: {found.predictions:,} predictions, {found.truths:,} truths"
    if found.of_others:
        yield f"left out: {found.of_others:,} predictions of other models"
    for window in found.windows[-RECENT:]:
        shown = ", ".join(f"{look.name} {look.psi:.3f}" for look in window.looks)
        mark = "violates" if window.violates else "ordinary"
        yield f"window to {window.until[:16]}: PSI of {shown}; p {window.p:.2g}: {mark}"
    for quality in found.qualities[-RECENT:]:
        mark = "violates" if quality.violates else "ordinary"
        yield f"truths to {quality.until[:16]}: {found.metric} {quality.interval}: {mark}"
    if found.usual:
        yield f"{found.metric} on {found.measured_on}: {found.usual}"
    yield f"{VERDICTS[found.code]}{_why(found)}"


def _why(found: Findings) -> str:
    if found.code == TOO_FEW:
        return f": {NEEDED * found.size} predictions of this model are needed"
    reasons = []
    for name, each in (("windows", found.windows), ("windows of truths", found.qualities)):
        violations = sum(part.violates for part in each[-RECENT:])
        reasons += (
            [f"{violations} of the last {len(each[-RECENT:])} {name} violate"] if each else []
        )
    return ": " + ", ".join(reasons)


PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 1rem; }
table { border-collapse: collapse; white-space: nowrap; }
td, th { padding: .2rem .8rem; text-align: right; }
tr.violates td { background: #d3543033; } svg { width: 100%; height: 9rem; }
path { stroke: #d35430; stroke-width: 3; } .begins { stroke-dasharray: 6 4; stroke-width: 2; }
div { overflow-x: auto; }
</style></head><body><h1>$title</h1>
$text
$charts
</body></html>
""")


def as_page(
    found: Findings, title: str = "", lines: Sequence[str] = (), begins: int | None = None
) -> str:
    """The findings as one page that loads nothing from elsewhere; the verdict is its title.

    `begins` is the prediction with which a replay becomes different; then first alarms are marked.
    """
    charts = []
    names = [look.name for look in found.windows[-1].looks] if found.windows else []
    rows = []
    for window in found.windows:
        by_name = {look.name: look.psi for look in window.looks}
        shown = [f"{by_name[name]:.3f}" if name in by_name else "–" for name in names]
        rows.append((window.violates, [window.until[:16], *shown, f"{window.p:.2g}"]))
    start = begins and begins / found.size - 0.5
    marks = [
        None if begins is None else (start or None, first_alarm([each.violates for each in parts]))
        for parts in (found.windows, found.qualities)
    ]
    if any(place is not None for pair in marks for place in pair or ()):
        charts.append("<p>Upright lines: the first alarm, and dashed, where the change begins.</p>")
    for name in names:
        points = [look.psi for each in found.windows for look in each.looks if look.name == name]
        charts.append(_chart(f"PSI of {name}", points, marks[0]))
    charts.append(_table(["window to (UTC)", *names, "p"], rows))
    if found.qualities:
        values = [each.interval.value for each in found.qualities]
        charts.append(_chart(f"{found.metric}", values, marks[1]))
        rows = [(each.violates, [each.until[:16], str(each.interval)]) for each in found.qualities]
        charts.append(_table(["truths to (UTC)", f"{found.metric}"], rows))
    text = "".join(f"<p>{html.escape(line)}</p>\n" for line in lines or describe(found))
    title = html.escape(title or VERDICTS[found.code].capitalize())
    return PAGE.substitute(title=title, text=text, charts="\n".join(charts))


def _chart(
    title: str, values: Sequence[float], marks: tuple[float | None, float | None] | None = None
) -> str:
    """A line over the windows, from zero or below to the largest value.

    `marks` are two places among the windows, the first of them dashed.
    """
    finite = np.nan_to_num(np.asarray(values, float))
    low, high = min(0.0, finite.min()), max(finite.max(), 1e-9)
    across = np.linspace(2, 598, len(finite)) if len(finite) > 1 else np.array([300.0])
    down = 98 - 96 * (finite - low) / (high - low)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in zip(across, down, strict=True)
    )
    upright = "".join(
        f'<path d="M{np.interp(place, range(len(across)), across):.1f} 0V100" {look}/>'
        for place, look in zip(marks or (), ('class="begins"', 'class="alarm"'), strict=False)
        if place is not None
    )
    name = html.escape(f"{title}, up to {high:.3g}")
    line = f'<polyline points="{points}" fill="none" stroke="currentColor"/>'
    return (
        f'<h2>{name}</h2><svg viewBox="0 0 600 100" preserveAspectRatio="none" role="img" '
        f'aria-label="{name}" fill="currentColor">{upright}{line}{dots}</svg>'
    )


def _table(header: Sequence[str], rows: Sequence[tuple[bool, Sequence[str]]]) -> str:
    """A table whose violating rows are marked."""

    def cells(kind: str, values: Sequence[str]) -> str:
        return "".join(f"<{kind}>{html.escape(value)}</{kind}>" for value in values)

    body = "".join(
        f"<tr{' class=violates' if marked else ''}>{cells('td', values)}</tr>\n"
        for marked, values in rows
    )
    return f"<div><table><tr>{cells('th', header)}</tr>\n{body}</table></div>"
