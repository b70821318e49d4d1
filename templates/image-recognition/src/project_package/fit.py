"""Train networks for a fixed number of steps; an interruption loses nothing.

The learning rate follows one cycle (Smith and Topin, 2019) over the steps. All that is random at
step n comes from the seed and n alone, so a training that goes on from a checkpoint draws what it
would have drawn. Each network is trained by one thread, several networks side by side: sums are
added up in one order, so a busy machine takes longer and finds the same numbers.
"""

import hashlib
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
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
from .model import ResidualNetwork, as_input, augment, flip_averaged

MOMENTUM = 0.9
SECONDS_BETWEEN_CHECKPOINTS = 20  # what a power cut can lose; no number depends on it
POINTS = 10  # of the learning curve
WATCHED = 2_000  # validation images behind each point
BATCH_OF_PREDICTION = 500
PROCESSOR = torch.cpu.get_capabilities()
BFLOAT16 = bool(PROCESSOR.get("amx_bf16") or PROCESSOR.get("avx512_bf16"))  # else it is slower
FEWEST_BATCHES = 16  # of an epoch; smaller batches where there are few images


@dataclass(frozen=True)
class Recipe:
    """What a training is made of, apart from its data."""

    seed: int
    steps: int
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

    def rate(self, step: int) -> float:
        """The learning rate: up for the share `warm_up` of the way, then down to zero."""
        progress = step / self.steps
        if progress < self.warm_up:
            return self.peak_rate * progress / self.warm_up
        return self.peak_rate * (1 - progress) / (1 - self.warm_up)


class Trainer:
    """A network with its optimiser, one step at a time."""

    def __init__(self, images: Images, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        grey = images.pixels / 255.0
        self.recipe = recipe
        self.batch_size = min(recipe.batch_size, max(1, len(images) // FEWEST_BATCHES))
        self.pixels = torch.from_numpy(images.pixels)
        self.labels = torch.from_numpy(images.labels)
        content = images.pixels.tobytes() + images.labels.tobytes()
        self.identity = f"{recipe} {BFLOAT16} {hashlib.sha256(content).hexdigest()}"
        self.network = ResidualNetwork(len(CLASSES), grey.mean(), grey.std()).to(
            memory_format=torch.channels_last
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

    def step(self, number: int) -> float:
        """One batch; returns its loss."""
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
        return float(loss.detach())

    def _draw(self, number: int) -> tuple[Tensor, torch.Generator]:
        """The rows of a step: every image once an epoch, in an order of that epoch's own."""
        rows, size = len(self.labels), self.batch_size
        epoch, place = divmod(number, rows // size)
        order = torch.randperm(rows, generator=_generator(self.recipe.seed, epoch, 0))
        return order[place * size : (place + 1) * size], _generator(self.recipe.seed, number, 1)


def finish_all(
    trainers: Mapping[str, Trainer], validation: Images, folder: Path
) -> dict[str, Standing]:
    """Train all to their ends, one a core. Ctrl-C keeps each one's state in `folder`."""
    torch.set_num_threads(1)  # of each network: idle threads of PyTorch's own would only spin
    stop = threading.Event()
    total = sum(trainer.recipe.steps for trainer in trainers.values())
    with tqdm(total=total, desc="training", unit="step", smoothing=0) as bar:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waiting = {
                name: pool.submit(
                    fit, trainer, validation, folder / f"{name}.safetensors", stop, bar
                )
                for name, trainer in trainers.items()
            }
            try:
                wait(waiting.values())
            except KeyboardInterrupt:
                stop.set()
                raise
        return {name: done.result() for name, done in waiting.items()}


def fit(
    trainer: Trainer,
    validation: Images,
    path: Path,
    stop: threading.Event | None = None,
    bar: tqdm | None = None,
) -> Standing:
    """Train to the last step, from the checkpoint in `path` if it is of this training.

    The network is in `trainer` and in `path`; once `stop` is set, as far as it has come.
    """
    stop, bar = stop or threading.Event(), bar if bar is not None else tqdm(disable=True)
    steps = trainer.recipe.steps
    standing = checkpoint.read_standing(path)
    if standing is None or standing.identity != trainer.identity:
        standing = Standing(trainer.identity)
    else:
        checkpoint.restore(path, trainer.network, trainer.optimiser)
    curve, step = list(standing.curve), standing.step
    watched = validation.take(slice(WATCHED))
    bar.update(step)

    def save() -> Standing:
        state = Standing(trainer.identity, step, curve)
        checkpoint.save(path, state, trainer.network, trainer.optimiser)
        return state

    saved = time.monotonic()
    while step < steps and not stop.is_set():
        loss = trainer.step(step)
        step += 1
        bar.update()
        if step * POINTS >= (len(curve) + 1) * steps:
            logits = predict(trainer.network, watched.pixels, mirror=False)
            right = float(np.mean(logits.argmax(1).numpy() == watched.labels))
            curve.append({"images": step * trainer.batch_size, "loss": loss, "accuracy": right})
        if time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
            save()
            saved = time.monotonic()
    return save()


def predict(network: nn.Module, pixels: NDArray[np.uint8], mirror: bool = True) -> Tensor:
    """Logits, shape (n, classes); with `mirror`, averaged over image and mirror image."""
    torch.set_num_threads(1)
    network.eval()
    look = flip_averaged if mirror else nn.Module.__call__
    with torch.inference_mode():
        chunks = torch.from_numpy(pixels).split(BATCH_OF_PREDICTION)
        logits = [look(network, as_input(chunk)) for chunk in chunks]
    return torch.cat(logits)


def _generator(seed: int, number: int, purpose: int) -> torch.Generator:
    """Random numbers of one step or epoch, the same whenever it is repeated."""
    return torch.Generator().manual_seed((seed * 1_000_003 + number) * 2 + purpose)
