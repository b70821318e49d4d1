"""`scaffold check`: would a reviewer take this seriously, and what is missing?"""

from __future__ import annotations

import dataclasses
import functools
import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold import guard
from scaffold.checks import showing
from scaffold.checks.repair import Repair
from scaffold.checks.review import Finding, Review, repairs, review
from scaffold.errors import GitError, ScaffoldError, UnknownName
from scaffold.reporter import SILENT, Reporter

if TYPE_CHECKING:
    from scaffold.checks.rubric import Score

FEWEST_SHARED = 4  # repositories that are worth starting processes for

Consent = Callable[[Repair], bool]
"""Shows a repair's diff; answers whether to do it."""

__all__ = ["Finding", "Review", "check", "explain", "review", "score", "write_pages"]


def check(
    roots: Sequence[Path],
    *,
    deep: bool = False,
    trust: bool = False,
    fix: Consent | None = None,
    reporter: Reporter = SILENT,
) -> list[Review]:
    """Review repositories one after the other; with `fix`, offer what a machine can put right.

    What cannot be reviewed at all is a Review with an error; the others are not lost for it.
    """
    look = functools.partial(_or_error, deep=deep, trust=trust, fix=fix, compare=len(roots) > 1)
    if len(roots) >= FEWEST_SHARED and not deep and fix is None:
        return _titled(_side_by_side(roots, look, reporter))
    return _titled([look(root, reporter=reporter) for root in roots])


def _titled(reviews: Sequence[Review]) -> list[Review]:
    """Each with a name of its own: `ann/project` and `bob/project`, not `project` twice."""
    titles = {review.root: review.root.name for review in reviews}
    for depth in range(2, max((len(root.parts) for root in titles), default=0) + 1):
        counts = Counter(title.casefold() for title in titles.values())
        for root, title in titles.items():
            if counts[title.casefold()] > 1:
                titles[root] = "/".join(root.parts[-depth:])
    return [dataclasses.replace(review, title=titles[review.root]) for review in reviews]


def _side_by_side(
    roots: Sequence[Path], look: Callable[..., Review], reporter: Reporter
) -> list[Review]:
    """Each repository in a process that looks at one at a time; none shares anything."""
    look = functools.partial(look, reporter=SILENT)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=spawn) as pool:
        reviews = []
        for number, review in enumerate(pool.map(look, roots), 1):
            reporter.progress(f"{number} of {len(roots)}: {review.root.name}")
            reviews.append(review)
        return reviews


def _or_error(root: Path, **wanted: Any) -> Review:
    root = root if root.name else root.absolute()  # `.` has no name to speak of it by
    try:
        return _review(root, **wanted)
    except ScaffoldError as error:
        return Review(root, error=error.message, hint=error.hint)
    except OSError as error:
        return Review(root, error=f"{root} cannot be looked at: {error.strerror}.")


def explain(name: str) -> str:
    """All that there is to say about one check."""
    from scaffold.checks import FAMILIES, repo_review_checks

    checks = repo_review_checks()
    found = checks.get(name.upper())
    if found is None:
        raise UnknownName(
            "check", name, map(str.lower, checks), "See their names: scaffold check --markdown"
        )
    stops = "`scaffold publish` stops at it." if found.blocks else "It stops nothing."
    rows = [
        ("", f"{name.upper()}  {(found.__doc__ or '').strip()}"),
        ("  family ", FAMILIES[found.family]),
        ("  why    ", found.reason),
        ("  fix    ", found.fix),
        ("  then   ", f"{stops} To switch it off with a reason: [tool.repo-review.ignore]"),
    ]
    return "\n".join(showing.filled(label, text) for label, text in rows)


def score(roots: Sequence[Path], name: str) -> list[Score]:
    """Repositories beside a rubric that others grade by."""
    from scaffold.checks import rubric
    from scaffold.checks.checkout import Checkout

    wanted = rubric.read(name)
    for root in roots:
        if not root.is_dir():
            raise ScaffoldError(f"{root} is not a folder.", "Give the folder of a repository.")
    return [rubric.judge(wanted, Checkout(root.resolve())) for root in roots]


def write_pages(reviews: Sequence[Review], folder: Path) -> None:
    """A Markdown page for each repository, all of them or none."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in reviews:
        text = f"{showing.as_markdown(one)}\n"
        name = one.name.replace("/", "-")
        (folder / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")


def _review(
    root: Path, *, deep: bool, trust: bool, fix: Consent | None, reporter: Reporter, compare: bool
) -> Review:
    if not root.is_dir():
        raise ScaffoldError(f"{root} is not a folder.", "Give the folder of a repository.")
    root = root.resolve()
    next(root.iterdir(), None)  # a folder that may not be read is told once, not by every check
    if deep:
        _require_trust(root, trust, reporter)
    reporter.progress(f"looking at {root.name}")
    found = review(root, deep=deep, compare=compare)
    if fix is None or not found.failures:
        return found
    fixed = [_done(repair) for repair in repairs(root, found) if fix(repair)]
    if not fixed:
        return found
    return dataclasses.replace(review(root, deep=deep, compare=compare), fixed=tuple(fixed))


def _require_trust(root: Path, trust: bool, reporter: Reporter) -> None:
    """Say that code will run; refuse where nobody said that it may."""
    if not guard.is_trusted(root):
        if not trust:
            raise ScaffoldError(
                f"--deep runs the code of {root.name} (its build, its steps, its tests), and it "
                "was not made here.",
                "If you trust its authors, add --trust. Without --deep, nothing of it runs.",
            )
        try:
            place = guard.trust(root)
        except (GitError, OSError) as error:
            raise ScaffoldError(f"{root.name} cannot be cloned: {error}") from error
        reporter.message(f"{root} is trusted from now on ({place}).")
    reporter.message(
        f"--deep runs the code of {root.name}, in a fresh clone: its build, its steps, its tests."
    )


def _done(repair: Repair) -> str:
    repair.apply()
    return repair.sentence
