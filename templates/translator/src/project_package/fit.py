"""One network with its optimiser, step by step; kit/training.py takes it to the end.

All that is random at step n comes from the seed and n alone, so a training that goes on from a
checkpoint draws what it would have drawn.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .model import Network, Recurrent, build
from .subwords import NOTHING, START

BETAS = (0.9, 0.98)  # of Adam, as in the paper of the transformer
PRIME = 1_000_003  # keeps the random numbers of neighbouring seeds apart
MIXED = 2.0  # pieces by which lengths may differ, so that batches differ from epoch to epoch

Pieces = Sequence[Sequence[int]]


class Trainer:
    """A network in training on pairs of sentences in pieces, each with END."""

    def __init__(
        self, source: Pieces, target: Pieces, pieces: int, config: Mapping[str, Any], seed: int,
        kind: str = "transformer",
    ) -> None:  # fmt: skip
        settings = config["train"]
        self.source, self.target, self.settings, self.seed = source, target, settings, seed
        self.steps, self.points = settings["steps"], settings["points"]
        told = json.dumps(
            [kind, seed, pieces, config["model"], settings, list(source), list(target)]
        )
        self.identity = hashlib.sha256(told.encode()).hexdigest()
        torch.manual_seed(seed)
        self.network: Network = build(pieces, config["model"], kind)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), betas=BETAS, weight_decay=settings["weight_decay"]
        )
        self.batches: list[list[int]] = []
        self.epochs = count()

    def step(self, number: int) -> dict[str, float]:
        """One batch: how far that is, and its loss for each piece."""
        while len(self.batches) <= number:
            random = np.random.default_rng((self.seed, next(self.epochs)))
            self.batches += batches(self.source, self.target, self.settings["tokens"], random)
        rows = self.batches[number]
        for group in self.optimiser.param_groups:
            group["lr"] = rate(number / self.steps, self.settings)
        random = torch.Generator().manual_seed(self.seed * PRIME + number)
        source, target = (pad([side[row] for row in rows]) for side in (self.source, self.target))
        self.network.train()
        known = self.network(source, after_start(target), random)
        there = target != NOTHING
        loss = nn.functional.cross_entropy(
            self.network.logits(known[there]), target[there],
            label_smoothing=self.settings["smoothing"],
        )  # fmt: skip
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.settings["clip"])
        self.optimiser.step()
        return {"step": number + 1, "loss": float(loss.detach())}


def batches(
    source: Pieces, target: Pieces, tokens: int, random: np.random.Generator
) -> list[list[int]]:
    """Every row once, in batches of similar length with at most `tokens` pieces on either side.

    A row longer than that is a batch by itself.
    """
    # practice: batches
    lengths = np.array(
        [max(len(one), len(other)) for one, other in zip(source, target, strict=True)]
    )
    order = np.argsort(lengths + random.uniform(0, MIXED, len(lengths)), kind="stable")
    found: list[list[int]] = [[]]
    longest = 0
    for row in order.tolist():
        longest = max(longest, int(lengths[row]))
        if found[-1] and longest * (len(found[-1]) + 1) > tokens:
            found.append([])
            longest = int(lengths[row])
        found[-1].append(row)
    return [found[number] for number in random.permutation(len(found))]
    # practice: end


def pad(rows: Pieces) -> Tensor:
    """Rows of different lengths as one array, filled up with NOTHING."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[NOTHING] * (longest - len(row))] for row in rows])


def after_start(target: Tensor) -> Tensor:
    """What was written before each piece of the target."""
    return torch.cat([torch.full((len(target), 1), START), target[:, :-1]], dim=1)


def rate(progress: float, settings: Mapping[str, float]) -> float:
    """The learning rate: up for the share `warm_up` of the way, then down along a cosine."""
    warm_up = settings["warm_up"]
    if progress < warm_up:
        return settings["peak_rate"] * progress / warm_up
    down = (progress - warm_up) / (1 - warm_up)
    return settings["peak_rate"] * (1 + math.cos(math.pi * down)) / 2


def watch(source: Pieces, target: Pieces, tokens: int) -> Callable[[nn.Module], dict[str, float]]:
    """Measures a network in training by its surprise at these rows, in nats a piece."""
    parts = batches(source, target, tokens, np.random.default_rng(0))

    def look(network: nn.Module) -> dict[str, float]:
        network.eval()
        total = pieces = 0.0
        with torch.inference_mode():
            for rows in parts:
                wanted = pad([target[row] for row in rows])
                there = wanted != NOTHING
                known = network(pad([source[row] for row in rows]), after_start(wanted))[there]
                logits = network.logits(known)
                total += float(nn.functional.cross_entropy(logits, wanted[there], reduction="sum"))
                pieces += int(there.sum())
        return {"validation_loss": total / pieces}

    return look


class RecurrentWriter:
    """The recurrent network as predict.search asks it."""

    def __init__(self, network: Recurrent, source: Sequence[int], never: Sequence[int]) -> None:
        self.network, self.never = network.eval(), list(never)
        with torch.inference_mode():
            self.memory = network.read(pad([source]))
        self.state = self.memory[2]

    @torch.inference_mode()
    def advance(self, parents: Sequence[int], pieces: Sequence[int]) -> tuple[NDArray, NDArray]:
        """Continue each text by a piece; where it looked is not told."""
        written = torch.tensor(pieces)[:, None]
        known, self.state = self.network.go_on(written, self.memory, self.state[:, list(parents)])
        logits = self.network.logits(known[:, 0])
        logits[:, self.never] = -math.inf
        logs = torch.log_softmax(logits.double(), dim=1).numpy()
        return logs, np.zeros((len(pieces), 0))
