"""How an action is drawn: one of a few, or some numbers.

A distribution knows how to draw, how likely a draw was, and how that changes with the outputs of
the network before it.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)


class Choice:
    """One action of `count`, by the softmax of as many outputs."""

    kind = "choice"

    def __init__(self, count: int) -> None:
        self.outputs = count
        self.parameters: list[Floats] = []

    def best(self, outputs: Floats) -> NDArray[np.int64]:
        """The likeliest action of each row."""
        return outputs.argmax(1)

    def draw(self, outputs: Floats, random: np.random.Generator) -> NDArray[np.int64]:
        """One action a row (the largest of logits with Gumbel noise has softmax's odds)."""
        return (outputs + random.gumbel(size=outputs.shape)).argmax(1)

    def log_likelihood(self, outputs: Floats, actions: NDArray) -> Floats:
        """Of each row's action, shape (n,)."""
        return log_softmax(outputs)[np.arange(len(actions)), actions]

    def entropy(self, outputs: Floats) -> Floats:
        """How undecided each row is, in nats."""
        logs = log_softmax(outputs)
        return -(np.exp(logs) * logs).sum(1)

    def slopes(
        self, outputs: Floats, actions: NDArray, by_log: Floats, by_entropy: float
    ) -> tuple[Floats, list[Floats]]:
        """Of a loss with these slopes by log likelihood, shape (n,), and by each row's entropy."""
        logs = log_softmax(outputs)
        odds = np.exp(logs)
        entropy = -(odds * logs).sum(1, keepdims=True)
        slope = -by_log[:, None] * odds - by_entropy * odds * (logs + entropy)
        slope[np.arange(len(actions)), actions] += by_log
        return slope, []


class Normal:
    """`count` numbers, each around one output, all rows with the same spread, which is learned."""

    kind = "normal"

    def __init__(self, count: int) -> None:
        self.outputs = count
        self.parameters = [np.zeros(count, np.float32)]  # logarithms of the standard deviations

    def best(self, outputs: Floats) -> Floats:
        """The middle."""
        return outputs

    def draw(self, outputs: Floats, random: np.random.Generator) -> Floats:
        """One action a row, shape (n, count)."""
        noise = random.standard_normal(outputs.shape, np.float32)
        return outputs + np.exp(self.parameters[0]) * noise

    def log_likelihood(self, outputs: Floats, actions: NDArray) -> Floats:
        """Of each row's action, shape (n,)."""
        logs = self.parameters[0]
        away = (actions - outputs) / np.exp(logs)
        return (-0.5 * away * away - logs - HALF_LOG_TWO_PI).sum(1)

    def entropy(self, outputs: Floats) -> Floats:
        """The same in every row."""
        whole = (self.parameters[0] + 0.5 + HALF_LOG_TWO_PI).sum()
        return np.full(len(outputs), whole)

    def slopes(
        self, outputs: Floats, actions: NDArray, by_log: Floats, by_entropy: float
    ) -> tuple[Floats, list[Floats]]:
        """Of a loss with these slopes by log likelihood, shape (n,), and by each row's entropy."""
        deviation = np.exp(self.parameters[0])
        away = (actions - outputs) / deviation
        of_logs = (by_log[:, None] * (away * away - 1)).sum(0) + by_entropy * len(outputs)
        return by_log[:, None] * away / deviation, [of_logs.astype(np.float32)]


def log_softmax(outputs: Floats) -> Floats:
    """Logarithms of the softmax of each row."""
    shifted = outputs - outputs.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
