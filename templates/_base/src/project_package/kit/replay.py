"""What the monitor would have said of later data, had they been traffic.

A project's `stream.py` fits its recipe to an earlier part of the training set and hands over what
came later, in order. The test set stays closed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from .monitoring import (
    SCORE,
    WINDOW,
    Findings,
    alarm,
    as_page,
    in_windows,
    interval,
    look_at,
    measure,
)
from .served import Seen, Watch
from .statistics import Interval
from .workspace import ProjectError, Workspace


@dataclass(frozen=True)
class Stream:
    """Held-out rows of the past for reference, with their truths, and all later rows in order.

    `times` are days as YYYY-MM-DD; `title` says what was replayed.
    """

    title: str
    past: Sequence[Seen]
    past_truths: Sequence[float]
    later: Sequence[Seen]
    later_truths: Sequence[float]
    times: Sequence[str]


def simulate(
    workspace: Workspace, watch: Watch, stream: Stream, late: int, page: Path, size: int = WINDOW
) -> Findings:
    """Replay `stream`, print when the alarm would have been raised, and write it to `page`."""
    found = judge_stream(workspace, watch, stream, late, size)
    lines = [*tell(found, watch, stream, late)]
    print("\n".join([stream.title, *lines]))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(as_page(found, stream.title, lines), encoding="utf-8", newline="\n")
    print(f"wrote {page}")
    return found


def judge_stream(
    workspace: Workspace, watch: Watch, stream: Stream, late: int, size: int
) -> Findings:
    """The windows of a stream, and those of its truths, `late` days after the predictions."""
    if len(stream.later) < size:
        raise ProjectError(f"{len(stream.later)} later rows are less than one window of {size}")
    names = stream.past[0].summaries
    reference = {SCORE: [seen.score for seen in stream.past]}
    reference |= {name: [seen.summaries[name] for seen in stream.past] for name in names}
    records = [
        {"time": time, "score": seen.score, "summaries": seen.summaries}
        for time, seen in zip(stream.times, stream.later, strict=True)
    ]
    said = [each.score if each.said is None else each.said for each in stream.later]
    known = [
        (_later(time, late), truth)
        for time, truth in zip(stream.times, stream.later_truths, strict=True)
    ]
    pairs = [(*each, value) for each, value in zip(known, said, strict=True)]
    usual = _metric(watch, stream.past_truths, stream.past, workspace.seed)
    return Findings(
        version="of the past",
        predictions=len(records),
        of_others=0,
        truths=len(pairs),
        windows=[look_at(part, reference) for part in in_windows(records, size)],
        metric=watch.metric,
        usual=usual,
        qualities=[measure(part, watch, usual, workspace.seed) for part in in_windows(pairs, size)],
        size=size,
    )


def tell(found: Findings, watch: Watch, stream: Stream, late: int) -> Iterator[str]:
    """When each kind of look would have raised the alarm, and what the predictions were worth."""
    yield f"{found.predictions:,} predictions from {stream.times[0]} to {stream.times[-1]}"
    yield f"{found.metric} on held-out rows of the past: {found.usual}"
    first = first_alarm([window.violates for window in found.windows])
    if first is None:
        yield "scores and inputs: no alarm"
    else:
        window = found.windows[first]
        worst = min(window.looks, key=lambda look: look.p)
        rows = (first + 1) * found.size
        yield (
            f"scores and inputs: alarm on {window.until} after {rows:,} predictions, most of all "
            f"by {worst.name} (PSI {worst.psi:.3f})"
        )
    seen = first_alarm([quality.violates for quality in found.qualities])
    if seen is None:
        yield f"truths, {late} days late: no alarm"
    else:
        rows = (seen + 1) * found.size
        yield (
            f"truths, {late} days late: alarm on {found.qualities[seen].until} "
            f"after {rows:,} truths"
        )
    if first is not None and (first + 1) * found.size < found.predictions:
        rest = slice((first + 1) * found.size, None)
        after = _metric(watch, stream.later_truths[rest], stream.later[rest], 0)
        yield f"who had not looked had {found.metric} {after} on the predictions after that alarm"
    whole = _metric(watch, stream.later_truths, stream.later, 0)
    yield f"{found.metric} on all of them: {whole}"


def first_alarm(violations: Sequence[bool]) -> int | None:
    """The window at whose end the alarm is first raised."""
    ends = range(1, len(violations) + 1)
    return next((end - 1 for end in ends if alarm(violations[:end])), None)


def _metric(watch: Watch, truths: Sequence[float], seen: Sequence[Seen], seed: int) -> Interval:
    said = [each.score if each.said is None else each.said for each in seen]
    return interval(watch, truths, said, seed)


def _later(day: str, late: int) -> str:
    return (datetime.fromisoformat(day) + timedelta(days=late)).date().isoformat()
