"""What the monitor would have said of later data, had they been traffic.

A project's `stream.py` fits its recipe to an earlier part of the training set and hands over what
came later, in order; or, where the data know no time, what comes another way from some row on.
The test set stays closed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from .monitoring import (
    SCORE,
    WINDOW,
    Findings,
    answers,
    as_page,
    first_alarm,
    in_windows,
    interval,
    look_at,
    measure_all,
)
from .served import Seen, Watch
from .statistics import Interval
from .workspace import ProjectError, Workspace

FIRST_DAY = date(2001, 1, 1)  # of a calendar that is invented


@dataclass(frozen=True)
class Stream:
    """Held-out rows of the past for reference, with their truths, and all later rows in order.

    `times` are days as YYYY-MM-DD; `title` says what was replayed, and where days are invented.
    With row `begins` of the later ones what is predicted becomes different on purpose; 0 where the
    data are as they came. `watch` judges the truths where the project's own judges none.
    """

    title: str
    past: Sequence[Seen]
    past_truths: Sequence[float]
    later: Sequence[Seen]
    later_truths: Sequence[float]
    times: Sequence[str]
    begins: int = 0
    watch: Watch | None = None


def invented_days(rows: int, a_day: int) -> list[str]:
    """A day for each row, so many rows a day: for data that have no dates."""
    return [(FIRST_DAY + timedelta(days=row // a_day)).isoformat() for row in range(rows)]


def simulate(
    workspace: Workspace, watch: Watch, stream: Stream, late: int, page: Path, size: int = WINDOW
) -> Findings:
    """Replay `stream`, print when the alarm would have been raised, and write it to `page`."""
    found = judge_stream(workspace, watch, stream, late, size)
    lines = [*tell(found, watch, stream, late)]
    print("\n".join([stream.title, *lines]))
    page.parent.mkdir(parents=True, exist_ok=True)
    text = as_page(found, stream.title, lines, stream.begins)
    page.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {page}")
    return found


def judge_stream(
    workspace: Workspace, watch: Watch, stream: Stream, late: int, size: int
) -> Findings:
    """The windows of a stream, and those of its truths, `late` days after the predictions."""
    if len(stream.later) < size:
        raise ProjectError(f"{len(stream.later)} later rows are less than one window of {size}")
    watch, names = stream.watch or watch, stream.past[0].summaries
    reference = {SCORE: [seen.score for seen in stream.past]}
    reference |= {name: [seen.summaries[name] for seen in stream.past] for name in names}
    records = [
        {"time": time, "score": seen.score, "summaries": seen.summaries}
        for time, seen in zip(stream.times, stream.later, strict=True)
    ]
    pairs = [
        (_later(time, late), truth, _said(seen))
        for time, truth, seen in zip(stream.times, stream.later_truths, stream.later, strict=True)
    ]
    usual = _metric(watch, stream.past_truths, stream.past, workspace.seed)
    return Findings(
        version="of the past",
        predictions=len(records),
        of_others=0,
        truths=len(pairs),
        windows=[look_at(part, reference) for part in in_windows(records, size)],
        metric=watch.called,
        usual=usual,
        qualities=measure_all(pairs, watch, usual, workspace.seed, size),
        size=size,
    )


def tell(found: Findings, watch: Watch, stream: Stream, late: int) -> Iterator[str]:
    """When each kind of look would have raised the alarm, and what the predictions were worth."""
    yield f"{found.predictions:,} predictions from {stream.times[0]} to {stream.times[-1]}"
    if stream.begins:
        yield f"the change begins after {stream.begins:,} of them, on {stream.times[stream.begins]}"
    if found.usual:
        yield f"{found.metric} on held-out rows of the past: {found.usual}"
    first = first_alarm([window.violates for window in found.windows])
    noticed = []  # predictions made until each alarm
    if first is None:
        yield "scores and inputs: no alarm"
    else:
        window, rows = found.windows[first], (first + 1) * found.size
        worst = min(window.looks, key=lambda look: look.p)
        noticed.append(rows)
        yield (
            f"scores and inputs: alarm on {window.until} after {rows:,} predictions"
            f"{_since(rows, stream)}, most of all by {worst.name} (PSI {worst.psi:.3f})"
        )
    seen = first_alarm([quality.violates for quality in found.qualities])
    if not found.usual:
        yield "truths: kept, and not judged, as one alone does not give the metric"
        return
    if seen is None:
        yield f"truths, {late} days late: no alarm"
    else:
        day, rows = found.qualities[seen].until, (seen + 1) * found.size
        noticed.append(sum(time <= day for time in stream.times))
        yield (
            f"truths, {late} days late: alarm on {day} after {rows:,} truths{_since(rows, stream)}"
        )
    yield from _worth(stream.watch or watch, stream, min(noticed, default=None))


def _worth(watch: Watch, stream: Stream, noticed: int | None) -> Iterator[str]:
    """The metric of what came after the first alarm, if one was raised, and of the whole."""

    def of(rows: slice) -> Interval | None:
        return _metric(watch, stream.later_truths[rows], stream.later[rows], 0)

    if noticed is not None and noticed < len(stream.later):
        left = len(stream.later) - noticed
        yield (
            f"who had not looked had {watch.called} {of(slice(noticed, None))} on the "
            f"{left:,} predictions after the first alarm"
        )
    if stream.begins:
        before, after = of(slice(stream.begins)), of(slice(stream.begins, None))
        yield f"{watch.called} before the change: {before}; from then on: {after}"
    else:
        yield f"{watch.called} on all of them: {of(slice(None))}"


def _since(rows: int, stream: Stream) -> str:
    """How long after the change that is, where one was made."""
    if not stream.begins:
        return ""
    if rows <= stream.begins:
        return " (a false one: nothing had changed yet)"
    return f", {rows - stream.begins:,} of them changed"


def _metric(
    watch: Watch, truths: Sequence[float], seen: Sequence[Seen], seed: int
) -> Interval | None:
    if not watch.metric:
        return None
    groups = answers(watch, len(truths))
    return interval(watch, truths, [*map(_said, seen)], seed, groups)


def _said(seen: Seen) -> float:
    return seen.score if seen.said is None else seen.said


def _later(day: str, late: int) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=late)).date().isoformat()
