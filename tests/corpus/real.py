"""Precision and recall on real repositories that were labelled by hand, without the checks in view.

`python -m tests.corpus.real FOLDER [LABELS]`: FOLDER holds a clone of each, `owner+name`; the
labels lie in `real.toml`, which the checks were never mended by, or in `tuning.toml`, by which they
were.
`-v` names what is wrong and what is missed.

A finding is right if a label of its check stands in the same file, at most three lines away; for
what is said of a whole repository, if the repository has such a label. A finding in a file that was
not read for the labels counts as neither; where a repository names none, all were read. Checks that
the labels do not name under `checks`, if they have it, are not counted. A label with `after = true`
was given when the finding was there, by reading what it points to: it makes a finding right, and is
no fault that was to be found.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.timing import markdown
from scaffold.checks import ALL
from scaffold.checks.checkout import Checkout
from scaffold.checks.valid import Valid

LABELS = Path(__file__).with_name("real.toml")
NEAR = 3
OF_A_REPOSITORY = {"VA609", "VA613", "VA615", "VA616", "VA617"}
PLACE = re.compile(r"^(?P<path>.+?)(?:, cell (?P<cell>\d+), line (?P<within>\d+)|:(?P<line>\d+))?$")


@dataclass(frozen=True)
class Spot:
    """Where a label or a finding stands; without a file it is said of the repository."""

    path: str = ""
    cell: int = 0
    line: int = 0

    def near(self, other: Spot) -> bool:
        """Whether both may mean the same fault."""
        same = (self.path, self.cell) == (other.path, other.cell)
        return same and abs(self.line - other.line) <= NEAR


def spot(check: str, text: str) -> Spot:
    """`train.py:12` or `study.ipynb, cell 3, line 1`."""
    match = PLACE.match(text)
    if match is None or check in OF_A_REPOSITORY or not check.startswith("VA"):
        return Spot()
    line = match["line"] or match["within"] or 0
    return Spot(match["path"], int(match["cell"] or 0), int(line))


def found(root: Path, only: frozenset[str]) -> Iterator[tuple[str, Spot]]:
    """Every finding of validity, and the stumbling blocks once a repository."""
    checkout = Checkout(root)
    for kind in ALL:
        name = kind.__name__
        if kind.family not in {"valid", "stumbles"} or (only and name not in only):
            continue
        check = kind()
        if not check.judge(checkout):
            continue
        if isinstance(check, Valid):
            yield from {(name, spot(name, str(fault.place))): None
                        for fault in check.evidence(checkout) or []}  # fmt: skip
        else:
            yield name, Spot()


def count(
    repository: Mapping[str, Any], root: Path, only: frozenset[str] = frozenset()
) -> Counter[tuple[str, str]]:
    """Of one repository: labels, labels found, findings right, wrong and in unread files."""
    labels, after = (
        list(dict.fromkeys(
            (fault["check"], spot(fault["check"], fault["place"]))
            for fault in repository.get("fault", [])
            if fault.get("after", False) == later
        ))
        for later in (False, True)
    )  # fmt: skip
    findings = list(dict.fromkeys(found(root, only)))
    read = {"", *repository.get("read", []), *(label.path for _, label in labels)}
    counts: Counter[tuple[str, str]] = Counter()
    for check, label in labels:
        counts[check, "labelled"] += 1
        others = [place for name, place in findings if name == check]
        counts[check, "found"] += any(label.near(place) for place in others)
        counts[check, "in the file"] += any(label.path == place.path for place in others)
        if "-v" in sys.argv and not any(label.near(place) for place in others):
            print("missed", repository["name"], check, label, file=sys.stderr)
    for check, place in findings:
        same = [label for name, label in labels if name == check]
        if any(place.near(label) for label in same):
            word = "right"
        elif any(name == check and place.near(label) for name, label in after):
            word = "after"
        elif any(place.path == label.path for label in same):
            word = "elsewhere"  # the file has the fault, at another line
        else:
            word = "wrong" if place.path in read or "read" not in repository else "unread"
        counts[check, word] += 1
        if "-v" in sys.argv and word != "right":
            print(word, repository["name"], check, place, file=sys.stderr)
    return counts


def main() -> None:
    """Print the table."""
    folder, *others = (Path(argument) for argument in sys.argv[1:] if argument != "-v")
    labels = tomllib.loads((others[0] if others else LABELS).read_text(encoding="utf-8"))
    repositories = labels["repository"]
    counts: Counter[tuple[str, str]] = Counter()
    seen = 0
    for repository in repositories:
        root = folder / repository["name"].replace("/", "+")
        if root.is_dir():
            seen += 1
            counts += count(repository, root, frozenset(labels.get("checks", ())))
    print(f"{seen} of {len(repositories)} repositories\n")
    words = ("labelled", "found", "in the file", "right", "after", "elsewhere", "wrong", "unread")
    rows = []
    for check in sorted({check for check, _ in counts}):
        n = {word: counts[check, word] for word in words}
        sure = n["right"] + n["after"]
        given = sure + n["elsewhere"] + n["wrong"]
        precision = [f"{part / given:.2f}" if given else "–"
                     for part in (sure, sure + n["elsewhere"])]  # fmt: skip
        recall = [f"{n[word] / n['labelled']:.2f}" if n["labelled"] else "–"
                  for word in ("found", "in the file")]  # fmt: skip
        rows.append((check, *(str(n[word]) for word in words), *precision, *recall))
    heads = ("precision", "by file", "recall", "by file")
    print(markdown(("check", *words, *heads), rows))


if __name__ == "__main__":
    main()
