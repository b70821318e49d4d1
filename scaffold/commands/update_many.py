"""`scaffold update DIR DIR ...`: many projects at once, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from scaffold import sources
from scaffold.commands.update import exit_code, summary, update
from scaffold.engines import apart
from scaffold.errors import ScaffoldError
from scaffold.project import Project
from scaffold.renewal import Options, address_of
from scaffold.reporter import Reporter, Silent
from scaffold.staging import workshop

MOST = 8  # processes; more only wait for the disk


@dataclass(frozen=True)
class Result:
    """How one of many projects fared; picklable."""

    root: Path
    name: str  # as it was asked for
    word: str  # updated, current, conflicts, refused, failed
    detail: str
    code: int
    before: str = ""
    after: str = ""


def update_many(
    roots: Sequence[Path], options: Options | None = None, reporter: Reporter | None = None
) -> list[Result]:
    """Update projects in parallel; the failure of one never stops another. In the order given."""
    options, reporter = options or Options(), reporter or Silent()
    results: dict[Path, Result] = {}
    folder = workshop("scaffold-sources-")
    _fetch_once(roots, options, reporter)
    workers = min(len(roots), os.cpu_count() or 1, MOST)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _begin, (folder,)) as pool:
        futures = {pool.submit(_one, root, options): root for root in dict.fromkeys(roots)}
        try:
            for future in as_completed(futures):
                root = futures[future]
                error = future.exception()
                result = _broken(root, error) if error else future.result()
                results[root] = result
                reporter.message(line(result))
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)  # those begun are brought to an end
            raise
    return [results[root] for root in dict.fromkeys(roots)]


def line(result: Result) -> str:
    """One project, one line of 80 columns."""
    name = result.name if len(result.name) <= 30 else f"…{result.name[-29:]}"
    text = f"{name:<30}  {result.word:<9}  {result.detail}"
    return text if len(text) <= 80 else f"{text[:79]}…"


def table(results: Sequence[Result]) -> str:
    """How many fared how, and which of them need somebody."""
    words = ("updated", "current", "conflicts", "refused", "failed")
    counts = {word: sum(result.word == word for result in results) for word in words}
    lines = [f"{word:<10} {count:>5}" for word, count in counts.items() if count]
    lines.append(f"{'projects':<10} {len(results):>5}")
    return "\n".join(lines)


def worst(results: Sequence[Result]) -> int:
    return max((result.code for result in results), default=0)


def _one(root: Path, options: Options) -> Result:
    try:
        project = Project.find(root)
        outcome = update(project.root, options)
    except ScaffoldError as error:
        return Result(root, str(root), "refused", error.message, error.exit_code)
    versions = f"{outcome.before} → {outcome.after}"
    detail = {
        "current": outcome.before,
        "updated": f"{versions}, {summary(outcome.changes)}",
        "staged": f"{versions}, not committed",
        "conflicts": f"{versions}, {', '.join(outcome.conflicts)}",
    }[outcome.status]
    word = "updated" if outcome.status == "staged" else outcome.status
    code = exit_code(outcome)
    return Result(root, str(root), word, detail, code, outcome.before, outcome.after)


def _broken(root: Path, error: BaseException) -> Result:
    return Result(root, str(root), "failed", f"{type(error).__name__}: {error}", 1)


def _fetch_once(roots: Sequence[Path], options: Options, reporter: Reporter) -> None:
    """Bring the copies of the templates up to date here, so that no two processes do it."""
    for address in sorted(set(_addresses(roots, options)), key=str):
        reporter.progress(f"fetching {address.location}")
        try:
            sources.fetch(address)
        except ScaffoldError:
            continue  # told for each project that needs it


def _addresses(roots: Sequence[Path], options: Options) -> Iterator[sources.Address]:
    for root in roots:
        try:
            address = address_of(Project.find(root), options)
        except ScaffoldError:
            continue
        if address.is_url:
            yield address


def _begin(folder: Path) -> None:
    """What each process does first. An interruption is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sources.use_workshop(folder)
    apart.use_workshop(folder)


def as_dict(result: Result) -> dict[str, object]:
    """A result for `--json`."""
    return {
        "project": result.name,
        "status": result.word,
        "before": result.before,
        "after": result.after,
        "detail": result.detail,
        "exit_code": result.code,
    }
