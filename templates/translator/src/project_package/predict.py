"""The shipped translator, ready for use: NumPy alone, without PyTorch.

Weights are kept with half precision, and everything is computed with double: so the page, which
has the same weights, gives the same translations.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from .kit.web import one_thread
from .kit.workspace import COMMAND, ProjectError, Workspace, read_json
from .search import Found, longest_for, search
from .subwords import END, UNKNOWN, Subwords, tidy
from .writer import Arrays, Writer

FILE = "model.safetensors"
MOST_PIECES = 120  # of a sentence; captions in training had far fewer


@dataclass(frozen=True)
class Candidate:
    """Another translation that was considered."""

    text: str
    probability: float


@dataclass(frozen=True)
class Translation:
    """A sentence in German, and how it came about.

    `probability` is the geometric mean over the pieces. `attention` has a row for each of `pieces`
    and a column for each of `source`: where the last layer looked. `unknown` counts pieces of the
    source that training never saw.
    """

    text: str
    probability: float
    unknown: int
    source: list[str]
    pieces: list[str]
    attention: list[list[float]]
    others: list[Candidate]


@dataclass(frozen=True)
class Translator:
    """The arrays of a trained transformer, its vocabulary, and how it searches."""

    arrays: Arrays
    subwords: Subwords
    heads: int
    beam: int
    penalty: float

    @classmethod
    def load(cls, workspace: Workspace) -> "Translator":
        """Read what `train` shipped; raises ProjectError when there is none."""
        return cls.read(workspace.models / FILE)

    @classmethod
    def read(cls, path: Path) -> "Translator":
        """Read a file of `save`; raises ProjectError when it is missing or damaged."""
        try:
            with safe_open(path, framework="np") as file:
                arrays = {name: file.get_tensor(name).astype(float) for name in file.keys()}  # noqa: SIM118
                about = json.loads(file.metadata()["about"])
        except FileNotFoundError:
            raise ProjectError(f"{path.name} is missing: run `{COMMAND} train` first") from None
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ProjectError(f"{path.name} cannot be read: {error}") from error
        merges = [(one, other) for one, other in about.pop("merges")]
        return cls(arrays, Subwords(about.pop("letters"), merges), **about)

    def save(self, path: Path) -> None:
        """Write beside first and then move into place."""
        words = {"letters": self.subwords.letters, "merges": self.subwords.merges}
        about = {**words, "heads": self.heads, "beam": self.beam, "penalty": self.penalty}
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.partial")
        half = {name: array.astype(np.float16) for name, array in self.arrays.items()}
        save_file(half, beside, {"about": json.dumps(about, ensure_ascii=False)})
        beside.replace(path)

    @one_thread
    def translate(self, text: str, beam: int | None = None) -> Translation:
        """Translate one sentence; raises ProjectError when it is empty or too long."""
        numbers = [*self.subwords.encode(text), END]
        if len(numbers) == 1 or not tidy(text):
            raise ProjectError("there is nothing to translate in this text")
        if len(numbers) > MOST_PIECES:
            raise ProjectError(
                f"this text has {len(numbers)} pieces; {MOST_PIECES} can be read: one sentence"
            )
        found = self.search(numbers, beam or self.beam)
        best = found[0]
        return Translation(
            text=self.subwords.decode(best.pieces),
            probability=_probability(best),
            unknown=numbers.count(UNKNOWN),
            source=[self.subwords.pieces[number] for number in numbers],
            pieces=[self.subwords.pieces[number] for number in best.pieces],
            attention=[row.tolist() for row in best.looked],
            others=[
                Candidate(self.subwords.decode(each.pieces), _probability(each))
                for each in found[1:]
            ],
        )

    def search(self, numbers: Sequence[int], beam: int) -> list[Found]:
        """Candidates for a source that ends with END."""
        return search(self.writer(numbers), beam, longest_for(numbers), self.penalty)

    def writer(self, source: Sequence[int]) -> Writer:
        """The transformer that has read this source."""
        return Writer(self.arrays, self.heads, source)


def _probability(found: Found) -> float:
    return math.exp(found.total / len(found.pieces))


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each line of the inputs, without the attention."""
    translator = Translator.load(workspace)
    for line in (line for given in inputs for line in given.splitlines() if line.strip()):
        said = asdict(translator.translate(line))
        for long in ("attention", "source", "pieces"):
            del said[long]
        print(json.dumps({"english": line, **said}, ensure_ascii=False))


def read_training(workspace: Workspace) -> dict[str, Any]:
    """models/training.json."""
    return dict(read_json(workspace.models / "training.json", made_by="train"))
