"""The transformer of model.py in NumPy alone: reads a source once, then writes piece by piece."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .subwords import NOTHING, START, UNKNOWN

WAVES = 10_000.0  # longest wave of a place, as in the paper
TINY = 1e-5  # of PyTorch's layer norm: keeps a quotient from being one by nothing
NEVER = [NOTHING, START, UNKNOWN]  # what no translation holds

Arrays = Mapping[str, NDArray[Any]]


class Writer:
    """Writes translations of one source side by side, piece by piece; remembers what it wrote."""

    def __init__(self, arrays: Arrays, heads: int, source: Sequence[int]) -> None:
        self.arrays, self.heads = arrays, heads
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
