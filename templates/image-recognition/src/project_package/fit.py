"""Train one network until its pace says that it is done; an interruption loses nothing.

The learning rate follows one cycle (Smith and Topin, 2019) along the pace. All that is random at
step n comes from the seed and n alone, so a training that goes on from a checkpoint draws what it
would have drawn.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from . import checkpoint
from .checkpoint import Standing
from .data import CLASSES, Images
from .hardware import Setting
from .model import ResidualNetwork, as_input, augment, flip_averaged
from .pace import Pace

MOMENTUM = 0.9
SECONDS_BETWEEN_CHECKPOINTS = 20
POINTS = 10  # of the learning curve
WATCHED = 2_000  # validation images behind each point
BATCH_OF_PREDICTION = 500
FEWEST_BATCHES = 16  # of an epoch; smaller batches where there are few images
BAR = "{desc}: {percentage:3.0f}% |{bar}| {elapsed} gone, {remaining} to go {postfix}"


@dataclass(frozen=True)
class Recipe:
    """What a training is made of, apart from its data and its pace."""

    seed: int
    batch_size: int
    peak_rate: float
    warm_up: float
    weight_decay: float
    shift: int

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], seed: int) -> "Recipe":
        """The recipe that config.toml describes."""
        names = set(cls.__dataclass_fields__) - {"seed"}
        return cls(seed=seed, **{name: settings[name] for name in names})

    def rate(self, progress: float) -> float:
        """The learning rate: up for the share `warm_up` of the way, then down to zero."""
        if progress < self.warm_up:
            return self.peak_rate * progress / self.warm_up
        return self.peak_rate * (1 - progress) / (1 - self.warm_up)


class Trainer:
    """A network with its optimiser, one step at a time."""

    def __init__(self, images: Images, recipe: Recipe, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        grey = images.pixels / 255.0
        self.recipe = recipe
        self.batch_size = min(recipe.batch_size, max(1, len(images) // FEWEST_BATCHES))
        self.pixels = torch.from_numpy(images.pixels).to(device)  # 55,000 of them are 43 MB
        self.labels = torch.from_numpy(images.labels).to(device)
        self.identity = f"{recipe} {hashlib.sha256(images.pixels.tobytes()).hexdigest()}"
        self.network = ResidualNetwork(len(CLASSES), grey.mean(), grey.std()).to(
            device, memory_format=torch.channels_last
        )
        weights = [weight for weight in self.network.parameters() if weight.ndim > 1]
        others = [weight for weight in self.network.parameters() if weight.ndim <= 1]
        self.optimiser = torch.optim.SGD(
            [
                {"params": weights, "weight_decay": recipe.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=recipe.peak_rate,
            momentum=MOMENTUM,
            nesterov=True,
        )

    def step(self, number: int, progress: float, setting: Setting) -> float:
        """One batch; returns its loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate(progress)
        rows, random = self._draw(number)
        pixels = augment(self.pixels[rows], self.recipe.shift, random)
        self.network.train()
        with setting.autocast():
            logits = self.network(as_input(pixels))
        loss = nn.functional.cross_entropy(logits.float(), self.labels[rows])
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return float(loss.detach())

    def _draw(self, number: int) -> tuple[Tensor, torch.Generator]:
        """The rows of a step: every image once an epoch, in an order of that epoch's own."""
        rows, size = len(self.labels), self.batch_size
        epoch, place = divmod(number, rows // size)
        order = torch.randperm(rows, generator=_generator(self.recipe.seed, epoch, 0))
        return order[place * size : (place + 1) * size], _generator(self.recipe.seed, number, 1)


def fit(
    trainer: Trainer, validation: Images, pace: Pace, setting: Setting, path: Path, title: str
) -> Standing:
    """Train to the end of the pace, from the checkpoint in `path` if it is of this training.

    The network is in `trainer` and in `path`. When interrupted, `path` holds the state and
    KeyboardInterrupt is raised.
    """
    standing = checkpoint.read_standing(path)
    if standing is None or not standing.can_become(trainer.identity, pace.budget):
        standing = Standing(trainer.identity)
    else:
        checkpoint.restore(path, trainer.network, trainer.optimiser)
        if standing.finished:
            return standing
    curve, step, loss = list(standing.curve), standing.step, float("nan")
    watched = validation.take(slice(WATCHED))

    def save(finished: bool = False) -> Standing:
        state = Standing(trainer.identity, step, pace.seconds(), pace.budget, finished, curve)
        checkpoint.save(path, state, trainer.network, trainer.optimiser)
        return state

    def look() -> None:
        with setting.autocast():
            logits = predict(trainer.network, watched.pixels, mirror=False)
        right = float(np.mean(logits.argmax(1).numpy() == watched.labels))
        images, seconds = step * trainer.batch_size, round(pace.seconds(), 1)
        curve.append({"images": images, "seconds": seconds, "loss": loss, "accuracy": right})
        bar.set_postfix_str(f"validation accuracy {right:.3f}")

    saved = pace.seconds()
    with tqdm(total=100, desc=title, bar_format=BAR) as bar:
        try:
            while (progress := pace.progress(step)) < 1:
                loss = trainer.step(step, progress, setting)
                step += 1
                bar.update(int(100 * progress) - bar.n)
                if progress * POINTS >= len(curve) + 1:
                    look()
                if pace.seconds() - saved > SECONDS_BETWEEN_CHECKPOINTS:
                    saved = save().seconds
            look()
        except KeyboardInterrupt:
            save()
            raise
        bar.update(100 - bar.n)
    return save(finished=True)


def predict(network: nn.Module, pixels: NDArray[np.uint8], mirror: bool = True) -> Tensor:
    """Logits, shape (n, classes); with `mirror`, averaged over image and mirror image."""
    network.eval()
    device = next(network.parameters()).device
    look = flip_averaged if mirror else nn.Module.__call__
    with torch.inference_mode():
        chunks = torch.from_numpy(pixels).split(BATCH_OF_PREDICTION)
        logits = [look(network, as_input(chunk.to(device))).float().cpu() for chunk in chunks]
    return torch.cat(logits)


def _generator(seed: int, number: int, purpose: int) -> torch.Generator:
    """Random numbers of one step or epoch, the same whenever it is repeated."""
    return torch.Generator().manual_seed((seed * 1_000_003 + number) * 2 + purpose)
