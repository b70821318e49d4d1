"""What flies: a policy and a value network in plain NumPy, and the gradients that train them.

Two multi-layer perceptrons with tanh units, one that says what to do and one that says what is
still to be earned. How an action is drawn from what the first one says stands in `actions.py`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .actions import Choice, Floats, Normal

UNDECIDED = 0.01  # gain of the policy's last weights at the start
ENGINES = ("no engine", "left engine", "main engine", "right engine")  # what an action fires
SEEN = ("x", "y", "speed across", "speed upwards", "angle", "turning", "left leg", "right leg")
ARRAYS = ("sizes", "policy", "value", "scale")  # of a pilot's file


class Layer(NamedTuple):
    """One linear map: weights of shape (in, out), bias of shape (out,)."""

    weights: Floats
    bias: Floats


class Perceptron:
    """Linear maps with tanh between them; orthogonal at the start (Saxe et al., 2014)."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)

    @classmethod
    def draw(
        cls, sizes: Sequence[int], last_gain: float, random: np.random.Generator
    ) -> "Perceptron":
        """A new network of these layer sizes; small last weights begin without an opinion."""
        layers = []
        for number, (width, out) in enumerate(pairwise(sizes), start=2):
            gain = last_gain if number == len(sizes) else np.sqrt(2)
            square = random.standard_normal((max(width, out), min(width, out)))
            rows, upper = np.linalg.qr(square)
            matrix = rows * np.sign(np.diag(upper))
            weights = gain * (matrix if width >= out else matrix.T)
            layers.append(Layer(weights.astype(np.float32), np.zeros(out, np.float32)))
        return cls(layers)

    @classmethod
    def of(cls, sizes: Sequence[int], flat: NDArray) -> "Perceptron":
        """The network whose parameters stand in one row."""
        layers, start = [], 0
        for width, out in pairwise(sizes):
            ends = start + width * out, start + (width + 1) * out
            layers.append(Layer(flat[start : ends[0]].reshape(width, out), flat[slice(*ends)]))
            start = ends[1]
        return cls(layers)

    @property
    def parameters(self) -> list[Floats]:
        """Every array that is trained."""
        return [array for layer in self.layers for array in layer]

    @property
    def flat(self) -> Floats:
        """A copy of all of them in one row."""
        return np.concatenate([array.ravel() for array in self.parameters])

    def __call__(self, inputs: Floats) -> Floats:
        """Outputs, shape (n, out), for inputs of shape (n, in)."""
        return self.activations(inputs)[-1]

    def activations(self, inputs: Floats) -> list[Floats]:
        """The inputs, what every hidden layer made of them, and the outputs."""
        found = [inputs]
        for layer in self.layers[:-1]:
            found.append(np.tanh(found[-1] @ layer.weights + layer.bias))
        last = self.layers[-1]
        found.append(found[-1] @ last.weights + last.bias)
        return found

    def gradients(self, activations: Sequence[Floats], slope: Floats) -> list[Floats]:
        """Of a loss whose slope at the outputs is known, in the order of `parameters`."""
        # practice: backpropagation
        found: list[Floats] = []
        for layer, inputs in zip(self.layers[::-1], activations[-2::-1], strict=True):
            found = [inputs.T @ slope, slope.sum(0), *found]
            slope = (slope @ layer.weights.T) * (1 - inputs * inputs)  # tanh' of what came in
        return found
        # practice: end


class Pilot:
    """A policy with the value network that was trained beside it; `scale` is that of its returns.

    While it learns it is of single precision; one that was kept flies and answers in double, as
    JavaScript does.
    """

    def __init__(
        self, policy: Perceptron, value: Perceptron, actions: Choice | Normal, scale: float
    ) -> None:
        self.policy, self.value, self.actions, self.scale = policy, value, actions, scale

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray]) -> "Pilot":
        """What `arrays` gave; it chooses one of some actions."""
        *body, count = arrays["sizes"].tolist()
        policy = Perceptron.of([*body, count], arrays["policy"].astype(np.float64))
        value = Perceptron.of([*body, 1], arrays["value"].astype(np.float64))
        return cls(policy, value, Choice(count), float(arrays["scale"]))

    def arrays(self) -> dict[str, NDArray]:
        """All that a file keeps, by the names of ARRAYS; a copy."""
        sizes = [len(layer.weights) for layer in self.policy.layers]
        return {
            "sizes": np.array([*sizes, self.actions.outputs]),
            "policy": self.policy.flat,
            "value": self.value.flat,
            "scale": np.array(self.scale),
        }

    @property
    def trained(self) -> tuple[list[Floats], list[Floats]]:
        """The arrays of the policy, and those of the value."""
        return [*self.policy.parameters, *self.actions.parameters], self.value.parameters

    def act(self, observations: NDArray) -> NDArray:
        """What it does when nothing is left to chance: one action a row."""
        return self.actions.best(self.policy(observations))


def build(
    inputs: int, actions: Choice | Normal, width: int, layers: int, scale: float, seed: int
) -> Pilot:
    """The one model of config.toml, with new weights."""
    random = np.random.default_rng(seed)
    body = [inputs, *[width] * layers]
    policy = Perceptron.draw([*body, actions.outputs], UNDECIDED, random)
    return Pilot(policy, Perceptron.draw([*body, 1], 1.0, random), actions, scale)
