"""Train the network, the same again from other seeds, and the baselines.

What is finished waits in models/unfinished until all is; an interrupted run goes on from there.
"""

import shutil
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from sklearn.pipeline import Pipeline
from torch import Tensor

from . import baselines, data
from .checkpoint import Standing
from .data import CLASSES, Images
from .export import export, require_parity
from .fit import BFLOAT16, Recipe, Trainer, finish_all, predict
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.workspace import Workspace
from .model import Recogniser, ResidualNetwork, cheapest_threshold, fit_temperature

BASELINES = "baselines.skops"
PARITY_IMAGES = 256


def run(workspace: Workspace) -> None:
    """Write models/model.onnx, the weights, the baselines and training.json.

    The test set is not opened. Raises KeyboardInterrupt, with all that was trained kept.
    """
    started = time.perf_counter()
    settings, seed = workspace.config["train"], workspace.seed
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    unfinished = workspace.models / "unfinished"
    trainers = {
        f"repeat-{n}" if n else "model": Trainer(train, Recipe.from_settings(settings, seed + n))
        for n in range(settings["repeats"] + 1)
    }
    standings = finish_all(trainers, validation, unfinished)
    network = trainers["model"].network
    shipped = ship(workspace, network, validation, settings["error_cost"])
    print("fitting the baselines")
    rivals = baselines.fit(train.pixels, train.labels, seed)
    save_model(workspace, rivals, BASELINES)
    for name in trainers:
        (unfinished / f"{name}.safetensors").replace(workspace.models / f"{name}.safetensors")
    shutil.rmtree(unfinished)
    networks = {
        name: summarise(trainer, standings[name], validation) for name, trainer in trainers.items()
    }
    training = {
        **shipped,
        "networks": networks,
        "candidates": compare(rivals, network, validation),
        "arithmetic": "bfloat16" if BFLOAT16 else "float32",
        "settings": settings,
    }
    write_training(workspace, training, time.perf_counter() - started)
    print(f"{len(trainers)} networks trained for {settings['steps']:,} steps each")


def ship(
    workspace: Workspace, network: ResidualNetwork, validation: Images, error_cost: float
) -> dict[str, Any]:
    """Calibrate on the validation set, export to ONNX, and require both to agree."""
    logits = predict(network, validation.pixels)
    temperature = fit_temperature(logits, torch.from_numpy(validation.labels))
    probabilities = torch.softmax(logits / temperature, dim=1).numpy()
    confidence, right = probabilities.max(1), probabilities.argmax(1) == validation.labels
    threshold = cheapest_threshold(confidence, right, error_cost)
    recogniser = Recogniser(network, temperature)
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
