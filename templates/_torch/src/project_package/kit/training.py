"""Train for a fixed number of steps, several networks side by side; an interruption loses nothing.

Each network is trained by one thread: sums are added up in one order, so a busy machine takes
longer and finds the same numbers. A checkpoint is a safetensors file: numbers and a little text,
nothing that runs.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from tqdm import tqdm

NETWORK, STATE = "network.", "state."
SECONDS_BETWEEN_CHECKPOINTS = 20  # what a power cut can lose; no number depends on it

Look = Callable[[nn.Module], Mapping[str, float]]


class Trainer(Protocol):
    """A network with its optimiser; what step n does depends on n alone.

    `identity` says of what data and by which settings, `points` how often a training is looked at.
    """

    identity: str
    steps: int
    points: int
    network: nn.Module
    optimiser: torch.optim.Optimizer

    def step(self, number: int) -> Mapping[str, float]:
        """One step; returns what the learning curve tells of it."""


@dataclass(frozen=True)
class Standing:
    """How far the training `identity` has come."""

    identity: str
    step: int = 0
    curve: list[dict[str, Any]] = field(default_factory=list)


def finish_all(trainers: Mapping[str, Trainer], look: Look, folder: Path) -> dict[str, Standing]:
    """Train all to their ends, one a core. Ctrl-C keeps each one's state in `folder`."""
    torch.set_num_threads(1)  # of each network: idle threads of PyTorch's own would only spin
    stop = threading.Event()
    total = sum(trainer.steps for trainer in trainers.values())
    with tqdm(total=total, desc="training", unit="step", smoothing=0) as bar:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waiting = {
                name: pool.submit(finish, trainer, look, checkpoint(folder, name), stop, bar)
                for name, trainer in trainers.items()
            }
            try:
                wait(waiting.values())
            except KeyboardInterrupt:
                stop.set()
                raise
        return {name: done.result() for name, done in waiting.items()}


def finish(
    trainer: Trainer,
    look: Look,
    path: Path | None = None,
    stop: threading.Event | None = None,
    bar: tqdm | None = None,
) -> Standing:
    """Train to the last step, from the checkpoint in `path` if it is of this training.

    The network is in `trainer` and in `path`; once `stop` is set, as far as it has come.
    `look` measures the network for the learning curve.
    """
    stop, bar = stop or threading.Event(), bar if bar is not None else tqdm(disable=True)
    standing = read_standing(path) if path else None
    if standing is None or standing.identity != trainer.identity:
        standing = Standing(trainer.identity)
    else:
        restore(path, trainer.network, trainer.optimiser)
    curve, step = list(standing.curve), standing.step
    bar.update(step)

    def save() -> Standing:
        state = Standing(trainer.identity, step, curve)
        if path:
            write(path, state, trainer.network, trainer.optimiser)
        return state

    saved = time.monotonic()
    while step < trainer.steps and not stop.is_set():
        told = trainer.step(step)
        step += 1
        bar.update()
        if step * trainer.points >= (len(curve) + 1) * trainer.steps:
            curve.append({**told, **look(trainer.network)})
        if time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
            save()
            saved = time.monotonic()
    return save()


def checkpoint(folder: Path, name: str) -> Path:
    """Where a network is kept."""
    return folder / f"{name}.safetensors"


def write(
    path: Path, standing: Standing, network: nn.Module, optimiser: torch.optim.Optimizer
) -> None:
    """Write beside first and then move, so that an interruption leaves the checkpoint before."""
    tensors = {NETWORK + name: value for name, value in network.state_dict().items()}
    for name, weight in network.named_parameters():
        known = optimiser.state.get(weight, {})
        tensors |= {
            f"{STATE}{kind}/{name}": torch.as_tensor(value) for kind, value in known.items()
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    contiguous = {name: value.detach().contiguous() for name, value in tensors.items()}
    save_file(contiguous, beside, {"standing": json.dumps(asdict(standing))})
    beside.replace(path)


def read_standing(path: Path) -> Standing | None:
    """What the checkpoint is of; None when there is none."""
    if not path.exists():
        return None
    with safe_open(path, framework="pt") as file:
        return Standing(**json.loads(file.metadata()["standing"]))


def restore(path: Path, network: nn.Module, optimiser: torch.optim.Optimizer | None = None) -> None:
    """Put the numbers of the checkpoint into the network, and what the optimiser remembers."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    network.load_state_dict(
        {name.removeprefix(NETWORK): tensors[name] for name in tensors if name.startswith(NETWORK)}
    )
    if optimiser:
        weights = dict(network.named_parameters())
        for name in (name for name in tensors if name.startswith(STATE)):
            kind, weight = name.removeprefix(STATE).split("/")
            optimiser.state[weights[weight]][kind] = tensors[name]
