"""The shipped translator, ready for use: NumPy alone, without PyTorch.

Weights are kept with half precision, and everything is computed with double: so the page, which
has the same weights, gives the same translations.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from .kit.web import one_thread
from .kit.workspace import COMMAND, ProjectError, Workspace, read_json
from .subwords import END, NOTHING, START, UNKNOWN, Subwords, tidy

FILE = "model.safetensors"
WAVES = 10_000.0  # longest wave of a place, as in the paper
TINY = 1e-5  # of PyTorch's layer norm: keeps a quotient from being one by nothing
LONGER, AT_LEAST = 2, 10  # a translation has at most so many pieces for each, and so many more
NEVER = [NOTHING, START, UNKNOWN]  # what no translation holds
BASE, SHARE = 5.0, 6.0  # of the penalty of length (Wu et al., 2016)
MOST_PIECES = 120  # of a sentence; captions in training had far fewer

Arrays = Mapping[str, NDArray[Any]]


class Decoder(Protocol):
    """What a search asks: each call goes one piece further."""

    def advance(self, parents: Sequence[int], pieces: Sequence[int]) -> tuple[NDArray, NDArray]:
        """Continue texts `parents` of the last call, each by a piece.

        Returns the log probabilities of the next piece, shape (n, pieces), and where in the
        source was looked, shape (n, read).
        """


@dataclass(frozen=True)
class Found:
    """Pieces with END, the sum of their log probabilities, and where each one looked."""

    pieces: list[int]
    total: float
    looked: list[NDArray]

    def score(self, penalty: float) -> float:
        """By which candidates of different lengths are compared."""
        return self.total / ((BASE + len(self.pieces)) / SHARE) ** penalty


def search(decoder: Decoder, width: int, longest: int, penalty: float) -> list[Found]:
    """The candidates of a beam search, best first; of width 1 what is likeliest piece by piece.

    It ends with `width` candidates that ended, or with pieces of the number `longest`.
    """
    # practice: search
    alive, ended = [Found([], 0.0, [])], []
    parents, pieces = [0], [START]
    for _ in range(longest):
        logs, looked = decoder.advance(parents, pieces)
        totals = (np.array([each.total for each in alive])[:, None] + logs).ravel()
        best = np.argpartition(-totals, 2 * width)[: 2 * width]
        best = best[np.argsort(-totals[best], kind="stable")]
        going, parents = [], []
        for rank, place in enumerate(best.tolist()):
            parent, piece = divmod(place, logs.shape[1])
            before = alive[parent]
            each = Found(
                [*before.pieces, piece], float(totals[place]), [*before.looked, looked[parent]]
            )
            if piece == END and rank < width:
                ended.append(each)
            elif piece != END and len(going) < width:
                going.append(each)
                parents.append(parent)
        alive, pieces = going, [each.pieces[-1] for each in going]
        if len(ended) >= width:
            break
    return sorted(ended or alive, key=lambda each: -each.score(penalty))
    # practice: end


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
        longest = LONGER * len(numbers) + AT_LEAST
        return search(Writer(self, numbers), beam, longest, self.penalty)


class Writer:
    """Writes translations of one source side by side, piece by piece; remembers what it wrote."""

    def __init__(self, translator: Translator, source: Sequence[int]) -> None:
        self.arrays, self.heads = translator.arrays, translator.heads
        self.layers = sum(name.endswith("own_norm.weight") for name in self.arrays) // 2
        self.width = self.arrays["pieces"].shape[1]
        state = self._placed(source, range(len(source)))
        for number in range(self.layers):
            name = f"readers.{number}"
            own = self._norm(state, f"{name}.own_norm")
            keys, values = (self._linear(own, f"{name}.own.{each}") for each in ("keys", "values"))
            asked = self._linear(own, f"{name}.own.asks")
            looked, _ = self._attend(asked, keys[None], values[None])
            state = self._think(state + self._linear(looked, f"{name}.own.gives"), name)
        memory = self._norm(state, "read_norm")[None]
        self.memory = [self._remember(memory, f"writers.{n}.other") for n in range(self.layers)]
        nothing = np.zeros((1, 0, self.width))
        self.past = [(nothing, nothing) for _ in range(self.layers)]

    def advance(self, parents: Sequence[int], pieces: Sequence[int]) -> tuple[NDArray, NDArray]:
        """Continue each text by a piece."""
        place = self.past[0][0].shape[1]
        state, looked_at = self._placed(pieces, [place]), np.empty(0)
        for number in range(self.layers):
            name = f"writers.{number}"
            own = self._norm(state, f"{name}.own_norm")
            new = self._remember(own[:, None], f"{name}.own")
            keys, values = (
                np.concatenate([old[list(parents)], more], axis=1)
                for old, more in zip(self.past[number], new, strict=True)
            )
            self.past[number] = keys, values
            looked, _ = self._attend(self._linear(own, f"{name}.own.asks"), keys, values)
            state = state + self._linear(looked, f"{name}.own.gives")
            asked = self._linear(self._norm(state, f"{name}.other_norm"), f"{name}.other.asks")
            looked, looked_at = self._attend(asked, *self.memory[number])
            state = self._think(state + self._linear(looked, f"{name}.other.gives"), name)
        logits = self._norm(state, "write_norm") @ self.arrays["pieces"].T + self.arrays["bias"]
        logits[:, NEVER] = -math.inf
        return log_softmax(logits), looked_at

    def _placed(self, pieces: Sequence[int], places: Sequence[int]) -> NDArray:
        """Vectors of pieces, each with the waves of its place."""
        waves = np.exp(np.arange(0, self.width, 2) * (-math.log(WAVES) / self.width))
        angles = np.asarray(places)[:, None] * waves
        pattern = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
        vectors = self.arrays["pieces"][list(pieces)] * math.sqrt(self.width)
        return np.asarray(vectors + pattern)

    def _norm(self, state: NDArray, name: str) -> NDArray:
        centred = state - state.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + TINY)
        weight, bias = self.arrays[f"{name}.weight"], self.arrays[f"{name}.bias"]
        return np.asarray(centred / scale * weight + bias)

    def _linear(self, state: NDArray, name: str) -> NDArray:
        return np.asarray(state @ self.arrays[f"{name}.weight"].T + self.arrays[f"{name}.bias"])

    def _remember(self, state: NDArray, name: str) -> tuple[NDArray, NDArray]:
        return self._linear(state, f"{name}.keys"), self._linear(state, f"{name}.values")

    def _think(self, state: NDArray, name: str) -> NDArray:
        thought = self._linear(self._norm(state, f"{name}.think_norm"), f"{name}.first")
        return state + self._linear(np.maximum(0, thought), f"{name}.second")

    def _attend(self, asked: NDArray, keys: NDArray, values: NDArray) -> tuple[NDArray, NDArray]:
        """What is found, shape (n, width), and where, (n, places), the mean over heads.

        `keys` and `values`, (n or 1, places, width), are each text's own or the same for all.
        """
        # practice: attend
        size = self.width // self.heads
        asks = asked.reshape(-1, self.heads, size)
        keys, values = (each.reshape(*each.shape[:2], self.heads, size) for each in (keys, values))
        likeness = (asks[:, None] * keys).sum(axis=-1) / math.sqrt(size)
        weights = np.exp(log_softmax(likeness, axis=1))
        found = (weights[..., None] * values).sum(axis=1)
        return found.reshape(-1, self.width), weights.mean(axis=2)
        # practice: end


def log_softmax(scores: NDArray, axis: int = -1) -> NDArray[np.float64]:
    """Logarithms of probabilities along an axis."""
    lowered = scores - scores.max(axis=axis, keepdims=True)
    return np.asarray(lowered - np.log(np.exp(lowered).sum(axis=axis, keepdims=True)))


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
