"""One network learns from some pictures, by one thread: a busy machine finds the same numbers."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from . import model
from .model import Network
from .pictures import Pictures
from .variation import augment

POINTS = 10  # of a learning curve
Job, Done = TypeVar("Job"), TypeVar("Done")
_drawing = threading.Lock()  # PyTorch draws first weights from a generator that threads share


def in_threads(work: Callable[[Job], Done], jobs: Sequence[Job]) -> list[Done]:
    """The results in the order of the jobs, one thread a core."""
    torch.set_num_threads(1)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [*tqdm(pool.map(work, jobs), total=len(jobs), desc="training", unit="network")]


def fit(
    train: Pictures, rows: NDArray[np.bool_], seed: int, steps: int, config: Mapping[str, Any]
) -> tuple[Network, list[float]]:
    """A network that has learned from these rows and nothing else, and its loss along the way."""
    settings, random = config["train"], np.random.default_rng(seed)
    own = train.take(rows)
    with _drawing:
        torch.manual_seed(seed)
        network = Network(config["model"]["widths"])
    seen = model.as_tensor(own.pixels)
    network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=settings["weight_decay"])
    network.train()
    order, losses = np.empty(0, dtype=int), []
    for step in range(steps):
        while len(order) < settings["batch_size"]:
            order = np.append(order, random.permutation(len(own)))
        batch, order = order[: settings["batch_size"]], order[settings["batch_size"] :]
        for group in optimiser.param_groups:
            group["lr"] = rate(step / steps, settings)
        pictures, cells = augment(seen[batch], own.cells[batch], config["augment"], random)
        wanted = model.targets(cells, pictures.shape[2:], config["target"])
        heat, sides = network(pictures.contiguous(memory_format=torch.channels_last))
        lost = model.loss(heat, sides, wanted, settings["box_weight"])
        optimiser.zero_grad()
        lost.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings["clip"])
        optimiser.step()
        losses.append(float(lost.detach()))
    curve = [float(np.mean(part)) for part in np.array_split(losses, POINTS)]
    return network.eval(), curve


def rate(progress: float, settings: Mapping[str, float]) -> float:
    """The learning rate: up in a line, down along a cosine; `progress` goes from 0 to 1."""
    warm_up = settings["warm_up"]
    if progress < warm_up:
        return settings["peak_rate"] * progress / warm_up
    falling = (progress - warm_up) / (1 - warm_up)
    return float(settings["peak_rate"] * (1 + np.cos(np.pi * falling)) / 2)
