"""`scaffold update DIR DIR ...`: many projects at once, each in a process of its own.

Also what `--json` says of one project or of many, updated or only looked at: always a list of the
same records.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.commands.diff import check
from scaffold.commands.update import Outcome, exit_code, summary, update
from scaffold.commands.update import as_dict as outcome_as_dict
from scaffold.engines import Ask, apart
from scaffold.errors import ScaffoldError
from scaffold.project import Project
from scaffold.reporter import SILENT, Reporter
from scaffold.sources import addresses
from scaffold.staging import workshop
from scaffold.updating.plan import Options, address_of

MOST = 8  # processes; more only wait for the disk


@dataclass(frozen=True)
class Result:
    """How one of many projects fared; picklable."""

    root: Path
    word: str  # updated, staged, current, newer, conflicts, refused, failed
    detail: str
    code: int
    outcome: Outcome | None = None  # None: refused or failed
    hint: str = ""


def update_many(roots: Sequence[Path], options: Options, reporter: Reporter) -> list[Result]:
    """Update projects in parallel; the failure of one never stops another. In the order given."""
    results: dict[Path, Result] = {}
    folder = workshop("scaffold-sources-")
    _fetch_once(roots, options, reporter)
    workers = min(len(roots), os.cpu_count() or 1, MOST)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _begin, (folder,)) as pool:
        futures = {pool.submit(one, root, options): root for root in dict.fromkeys(roots)}
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
    name = str(result.root)
    name = name if len(name) <= 30 else f"…{name[-29:]}"
    text = f"{name:<30}  {result.word:<9}  {result.detail}"
    return text if len(text) <= 80 else f"{text[:79]}…"


def looked_at(result: Result) -> str:
    """What `--check` says of one project."""
    if result.outcome is None:
        return f"{result.root}: {result.detail} {result.hint}".rstrip()
    found = result.outcome
    if result.word == "newer":
        return f"{found.root}: {found.template} {found.before}, newest {found.after}"
    return f"{found.root}: {found.template} {found.before} is the newest."


def table(results: Sequence[Result]) -> str:
    """How many fared how, and which of them need somebody."""
    words = ("updated", "staged", "current", "newer", "conflicts", "refused", "failed")
    counts = {word: sum(result.word == word for result in results) for word in words}
    lines = [f"{word:<10} {count:>5}" for word, count in counts.items() if count]
    lines.append(f"{'projects':<10} {len(results):>5}")
    return "\n".join(lines)


def worst(results: Sequence[Result]) -> int:
    return max((result.code for result in results), default=0)


def one(
    root: Path, options: Options, ask: Ask | None = None, reporter: Reporter = SILENT
) -> Result:
    """Update one project; what stands in the way of that is a result too."""
    return _told(root, lambda root: update(Project.find(root).root, options, ask, reporter))


def check_many(roots: Sequence[Path], options: Options) -> list[Result]:
    """Whether the templates of some projects have moved on; the failure of one stops no other."""
    return [
        _told(root, lambda root: check(Project.find(root).root, options))
        for root in dict.fromkeys(roots)
    ]


def _told(root: Path, work: Callable[[Path], Outcome]) -> Result:
    try:
        outcome = work(root)
    except ScaffoldError as error:
        said = error.output.strip().rpartition("\n")[2]  # the last line of a program that failed
        message = f"{error.message} It said: {said}" if said else error.message
        return Result(root, "refused", message, error.exit_code, hint=error.hint)
    except Exception as error:  # noqa: BLE001 - one of many; the others go on
        return _broken(root, error)
    versions = f"{outcome.before} → {outcome.after}"
    detail = {
        "current": outcome.before,
        "newer": versions,
        "updated": f"{versions}, {summary(outcome.changes)}",
        "staged": f"{versions}, {summary(outcome.changes)}, not committed",
        "conflicts": f"{versions}, {', '.join(outcome.conflicts)}",
    }[outcome.status]
    return Result(root, outcome.status, detail, exit_code(outcome), outcome)


def _broken(root: Path, error: BaseException) -> Result:
    return Result(root, "failed", f"{type(error).__name__}: {error}", 1)


def _fetch_once(roots: Sequence[Path], options: Options, reporter: Reporter) -> None:
    """Bring the copies of the templates up to date here, so that no two processes do it."""
    for address in sorted(set(_addresses(roots, options)), key=str):
        reporter.progress(f"fetching {address.location}")
        try:
            addresses.fetch(address)
        except ScaffoldError:
            continue  # told for each project that needs it


def _addresses(roots: Sequence[Path], options: Options) -> Iterator[addresses.Address]:
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
    addresses.use_workshop(folder)
    apart.use_workshop(folder)


def as_dict(result: Result) -> dict[str, Any]:
    """A result for `--json`: the same keys whatever it came to."""
    outcome = result.outcome or Outcome(result.root.absolute(), "current", "", "", "")
    return {
        **outcome_as_dict(outcome),
        "status": result.word,
        "exit_code": result.code,
        "message": "" if result.outcome else result.detail,
        "hint": result.hint,
    }
