"""Train the network against the clock, the same again from other seeds, and the baselines.

What is finished waits in models/unfinished until all is; an interrupted run goes on from there.
"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.pipeline import Pipeline
from torch import Tensor

from . import baselines, checkpoint, data, hardware
from .checkpoint import Standing
from .data import CLASSES, Images
from .export import export, require_parity
from .fit import FEWEST_BATCHES, Recipe, Trainer, fit, predict
from .hardware import Setting
from .model import Recogniser, ResidualNetwork, cheapest_threshold, fit_temperature
from .pace import Clock, Pace, Steps
from .persistence import save_model
from .workspace import Workspace, write_json

BASELINES = "baselines.skops"
EXACT = Setting(threads=1)  # and float32: the same steps give the same network
PARITY_IMAGES = 256
INTERRUPTED = (
    f"\ninterrupted; the checkpoint is kept. `python -m {__package__} train` goes on from there; "
    "with a smaller --budget it comes to its end sooner"
)


def run(workspace: Workspace) -> None:
    """Write models/model.onnx, the weights, the baselines and training.json.

    The test part is not opened. Raises KeyboardInterrupt, with all that was made kept.
    """
    started = time.perf_counter()
    settings, seed = workspace.config["train"], workspace.seed
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    setup = choose_setup(train, settings, seed)
    unfinished = workspace.models / "unfinished"
    earlier = sum(read_seconds(path) for path in unfinished.glob("*.safetensors"))
    try:
        networks = {
            name: train_network(name, train, validation, settings, setup, unfinished, **plan)
            for name, plan in plans(settings, seed).items()
        }
    except KeyboardInterrupt:
        print(INTERRUPTED)
        raise
    trainer, standing = networks["model"]
    shipped = ship(workspace, trainer.network, validation, settings["error_cost"])
    print("fitting the baselines")
    rivals = baselines.fit(train.pixels, train.labels, seed)
    save_model(workspace, rivals, BASELINES)
    for name in networks:
        (unfinished / f"{name}.safetensors").replace(workspace.models / f"{name}.safetensors")
    shutil.rmtree(unfinished)
    write_json(
        workspace.models / "training.json",
        {
            **shipped,
            "hardware": setup.describe(),
            "networks": {name: summarise(*made, validation) for name, made in networks.items()},
            "candidates": compare(rivals, trainer.network, validation),
            "settings": settings,
            "seconds": round(earlier + time.perf_counter() - started, 1),
        },
    )
    print(f"trained for {standing.seconds:.0f} s, {standing.step:,} steps")


@dataclass(frozen=True)
class Setup:
    """Where and how the networks are trained; `counted` steps in place of the clock."""

    device: torch.device
    setting: Setting
    milliseconds: Mapping[str, float]
    counted: int | None = None

    def pace(self, budget: float, share: float, spent: float) -> Pace:
        """The clock, or `share` of the counted steps."""
        if self.counted is None:
            return Clock(budget, spent)
        return Steps(max(1, round(self.counted * share)), spent)

    def describe(self) -> dict[str, Any]:
        """What the write-up says about it."""
        return {
            "device": self.device.type,
            "setting": str(self.setting),
            "milliseconds": dict(self.milliseconds),
            "counted_steps": self.counted,
        }


def choose_setup(train: Images, settings: Mapping[str, Any], seed: int) -> Setup:
    """A GPU where PyTorch has one; else the fastest setting of this processor.

    Counted steps are taken in exact arithmetic on one thread, so that they can be repeated.
    """
    if settings["steps"]:
        return Setup(torch.device("cpu"), EXACT, {}, counted=settings["steps"])
    if torch.cuda.is_available():
        return Setup(torch.device("cuda"), Setting(torch.get_num_threads()), {})
    cpu = torch.device("cpu")
    recipe = Recipe.from_settings(settings, seed)
    rehearsal = Trainer(train.take(slice(FEWEST_BATCHES * recipe.batch_size)), recipe, cpu)
    setting, milliseconds = hardware.fastest(lambda tried: rehearsal.step(0, 0.0, tried))
    print(f"a step takes {milliseconds} ms; chosen: {setting}")
    return Setup(cpu, setting, milliseconds)


def plans(settings: Mapping[str, Any], seed: int) -> dict[str, dict[str, Any]]:
    """The network that is shipped, and shorter repeats from other seeds that show the spread."""
    whole, short = settings["budget"], settings["repeat_budget"]
    return {
        "model": {"seed": seed, "budget": whole, "share": 1.0},
        **{
            f"repeat-{n}": {"seed": seed + n, "budget": short, "share": short / whole}
            for n in range(1, settings["repeats"] + 1)
        },
    }


def train_network(
    name: str,
    train: Images,
    validation: Images,
    settings: Mapping[str, Any],
    setup: Setup,
    unfinished: Path,
    *,
    seed: int,
    budget: float,
    share: float,
) -> tuple[Trainer, Standing]:
    """Train one network, or go on with it."""
    path = unfinished / f"{name}.safetensors"
    setup.setting.apply()
    trainer = Trainer(train, Recipe.from_settings(settings, seed), setup.device)
    pace = setup.pace(budget, share, spent=read_seconds(path))
    standing = fit(trainer, validation, pace, setup.setting, path, title=f"{name} (seed {seed})")
    return trainer, standing


def ship(
    workspace: Workspace, network: ResidualNetwork, validation: Images, error_cost: float
) -> dict[str, Any]:
    """Calibrate on the validation part, export to ONNX, and require both to agree."""
    logits = predict(network, validation.pixels)
    temperature = fit_temperature(logits, torch.from_numpy(validation.labels))
    probabilities = torch.softmax(logits / temperature, dim=1).numpy()
    confidence, right = probabilities.max(1), probabilities.argmax(1) == validation.labels
    threshold = cheapest_threshold(confidence, right, error_cost)
    recogniser = Recogniser(network, temperature).cpu()
    path = workspace.models / "model.onnx"
    export(recogniser, path, CLASSES, threshold)
    return {
        "temperature": temperature,
        "threshold": threshold,
        "parity": require_parity(recogniser, path, validation.pixels[:PARITY_IMAGES]),
        "reference_scores": confidence.astype(float).round(6).tolist(),
    }


def summarise(trainer: Trainer, standing: Standing, validation: Images) -> dict[str, Any]:
    """What training.json keeps of one training."""
    images = standing.step * trainer.batch_size
    return {
        "seed": trainer.recipe.seed,
        "steps": standing.step,
        "epochs": round(images / len(trainer.labels), 2),
        "budget": standing.budget,
        "seconds": round(standing.seconds, 1),
        "parameters": sum(weight.numel() for weight in trainer.network.parameters()),
        "validation_accuracy": accuracy(predict(trainer.network, validation.pixels), validation),
        "curve": standing.curve,
    }


def compare(
    rivals: Mapping[str, Pipeline], network: ResidualNetwork, validation: Images
) -> dict[str, float]:
    """Validation accuracy of everything that could have been shipped."""
    one_view = predict(network, validation.pixels, mirror=False)
    both_views = predict(network, validation.pixels)
    return {
        **{
            name: float(
                np.mean(baselines.predict(name, rival, validation.pixels) == validation.labels)
            )
            for name, rival in rivals.items()
        },
        "network": accuracy(one_view, validation),
        "network, averaged with the mirror image": accuracy(both_views, validation),
    }


def accuracy(logits: Tensor, images: Images) -> float:
    """Share of the images whose largest logit is that of their class."""
    return float(np.mean(logits.argmax(1).numpy() == images.labels))


def read_seconds(path: Path) -> float:
    """Seconds that an interrupted training has used up."""
    standing = checkpoint.read_standing(path)
    return 0.0 if standing is None else standing.seconds
