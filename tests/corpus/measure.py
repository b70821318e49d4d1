"""Precision and recall of every validity check on the corpus: `python -m tests.corpus.measure`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.timing import markdown
from scaffold.checks import ALL
from scaffold.checks.checkout import Checkout

SYNTHETIC = Path(__file__).parent / "synthetic"

# Pairs whose fault is not found, and why: what would find them would accuse innocent code.
KNOWN_MISSES: dict[str, str] = {
    "VA608-usecols-log-target": "select_dtypes keeps a column of which nobody can tell the type",
}


@dataclass(frozen=True)
class Case:
    """A small repository and the one check that it is about."""

    check: str
    name: str
    root: Path
    guilty: bool

    @property
    def expected(self) -> bool:
        """Whether the check is to fail here: on a fault, unless it is known to be missed."""
        return self.guilty and f"{self.check}-{self.name}" not in KNOWN_MISSES


def cases() -> Iterator[Case]:
    """Every pair, fault first."""
    for folder in sorted(path for path in SYNTHETIC.iterdir() if path.is_dir()):
        check, _, name = folder.name.partition("-")
        yield Case(check, name, folder / "fault", guilty=True)
        yield Case(check, name, folder / "twin", guilty=False)


def raised(root: Path, family: str) -> set[str]:
    """The checks of a family that fail on a folder."""
    checkout = Checkout(root)
    return {kind.__name__ for kind in ALL if kind.family == family and kind().judge(checkout)}


def main() -> None:
    """Print the table."""
    counts: Counter[tuple[str, str]] = Counter()
    for case in cases():
        found = case.check in raised(case.root, "valid")
        word = {
            (True, True): "right",
            (False, True): "wrong",
            (True, False): "missed",
            (False, False): "silent",
        }[case.guilty, found]
        counts[case.check, word] += 1
    rows = []
    for check in sorted({check for check, _ in counts}):
        right, wrong, missed = (counts[check, word] for word in ("right", "wrong", "missed"))
        precision = f"{right / (right + wrong):.2f}" if right + wrong else "–"
        rows.append((check, str(right + missed), precision, f"{right / (right + missed):.2f}"))
    print(markdown(("check", "faults", "precision", "recall"), rows))
    for name, why in KNOWN_MISSES.items():
        print(f"\nnot found: {name} ({why})")


if __name__ == "__main__":
    main()
