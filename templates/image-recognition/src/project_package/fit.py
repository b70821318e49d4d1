"""One network with its optimiser, step by step.

The learning rate follows one cycle (Smith and Topin, 2019) over the steps. All that is random at
step n comes from the seed and n alone, so a training that goes on from a checkpoint draws what it
would have drawn.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .data import CLASSES, Images
from .kit.training import Look
from .model import BRIGHTEST, ResidualNetwork, as_input, augment, flip_averaged

BATCH_OF_PREDICTION = 500
PROCESSOR = torch.cpu.get_capabilities()
BFLOAT16 = bool(PROCESSOR.get("amx_bf16") or PROCESSOR.get("avx512_bf16"))  # else it is slower
PRIME = 1_000_003  # keeps the random numbers of neighbouring seeds apart


@dataclass(frozen=True)
class Recipe:
    """What a training is made of, apart from its data: config.toml says it key by key."""

    seed: int
    width: int
    logit_scale: float
    steps: int
    batch_size: int
    peak_rate: float
    warm_up: float
    momentum: float
    weight_decay: float
    shift: int
    points: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any], seed: int) -> "Recipe":
        """The recipe that `[model]` and `[train]` describe."""
        settings = {**config["model"], **config["train"], "seed": seed}
        return cls(**{name: settings[name] for name in cls.__dataclass_fields__})

    def rate(self, step: int) -> float:
        """The learning rate: up for the share `warm_up` of the way, then down to zero."""
        progress = step / self.steps
        if progress < self.warm_up:
            return self.peak_rate * progress / self.warm_up
        return self.peak_rate * (1 - progress) / (1 - self.warm_up)


class Trainer:
    """A network in training (kit/training.py takes it to the end)."""

    def __init__(self, images: Images, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        grey = images.pixels / BRIGHTEST
        self.recipe, self.steps, self.points = recipe, recipe.steps, recipe.points
        self.batch_size = min(recipe.batch_size, len(images))
        self.pixels = torch.from_numpy(images.pixels)
        self.labels = torch.from_numpy(images.labels)
        content = images.pixels.tobytes() + images.labels.tobytes()
        self.identity = f"{recipe} {BFLOAT16} {hashlib.sha256(content).hexdigest()}"
        self.network = ResidualNetwork(
            len(CLASSES), recipe.width, recipe.logit_scale, grey.mean(), grey.std()
        ).to(memory_format=torch.channels_last)
        weights = [weight for weight in self.network.parameters() if weight.ndim > 1]
        others = [weight for weight in self.network.parameters() if weight.ndim <= 1]
        self.optimiser = torch.optim.SGD(
            [
                {"params": weights, "weight_decay": recipe.weight_decay},
                {"params": others, "weight_decay": 0},
            ],
            lr=recipe.peak_rate,
            momentum=recipe.momentum,
            nesterov=True,
        )

    def step(self, number: int) -> dict[str, float]:
        """One batch: how many images were seen by then, and its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate(number)
        rows, random = self._draw(number)
        pixels = augment(self.pixels[rows], self.recipe.shift, random)
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16):
            logits = self.network(as_input(pixels))
        loss = nn.functional.cross_entropy(logits.float(), self.labels[rows])
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return {"images": (number + 1) * self.batch_size, "loss": float(loss.detach())}

    def _draw(self, number: int) -> tuple[Tensor, torch.Generator]:
        """The rows of a step: every image once an epoch, in an order of that epoch's own."""
        rows, size = len(self.labels), self.batch_size
        epoch, place = divmod(number, rows // size)
        order = torch.randperm(rows, generator=_generator(self.recipe.seed, epoch, 0))
        return order[place * size : (place + 1) * size], _generator(self.recipe.seed, number, 1)


def watch(images: Images) -> Look:
    """Measures a network in training by its accuracy on these images, without mirror images."""

    def look(network: nn.Module) -> dict[str, float]:
        return {"accuracy": accuracy(predict(network, images.pixels, mirror=False), images)}

    return look


def predict(network: nn.Module, pixels: NDArray[np.uint8], mirror: bool = True) -> Tensor:
    """Logits, shape (n, classes); with `mirror`, averaged over image and mirror image."""
    torch.set_num_threads(1)
    network.eval()
    look = flip_averaged if mirror else nn.Module.__call__
    with torch.inference_mode():
        chunks = torch.from_numpy(pixels).split(BATCH_OF_PREDICTION)
        logits = [look(network, as_input(chunk)) for chunk in chunks]
    return torch.cat(logits)


def accuracy(logits: Tensor, images: Images) -> float:
    """Share of the images whose largest logit is that of their class."""
    return float(np.mean(logits.argmax(1).numpy() == images.labels))


def _generator(seed: int, number: int, purpose: int) -> torch.Generator:
    """Random numbers of one step or epoch, the same whenever it is repeated."""
    return torch.Generator().manual_seed((seed * PRIME + number) * 2 + purpose)
