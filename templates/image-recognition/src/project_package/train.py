"""Train the network, the same again from other seeds, and the baselines.

What is finished waits in models/unfinished until all is; an interrupted run goes on from there.
"""

import json
import shutil
import time
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from . import baselines, data
from .baselines import HOG, LOGISTIC
from .data import CLASSES, SIDE, Images
from .fit import BFLOAT16, Recipe, Trainer, accuracy, predict, watch
from .kit.export import export, require_parity
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.served import tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.training import Standing, checkpoint, finish, finish_all
from .kit.workspace import Workspace
from .model import Recogniser, ResidualNetwork, as_input, cheapest_threshold, fit_temperature
from .watch import summarise as summaries_of

BASELINES = "baselines.skops"
SHORTER, ENOUGH = 8, 6_000  # an attempt: an eighth of the steps, the first training images
PARITY_IMAGES = 256  # on which the exported network must agree with PyTorch
PLACES = 6  # of a probability that is kept for monitoring


def run(workspace: Workspace) -> None:
    """Write models/model.onnx, the weights, the baselines and training.json.

    The test set is not opened. Raises KeyboardInterrupt, with all that was trained kept.
    """
    started = time.perf_counter()
    config, seed = workspace.config, workspace.seed
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    unfinished = workspace.models / "unfinished"
    trainers = {
        f"repeat-{n}" if n else "model": Trainer(train, Recipe.from_config(config, seed + n))
        for n in range(config["train"]["repeats"] + 1)
    }
    look = watch(validation.take(slice(config["train"]["watched"])))
    standings = finish_all(trainers, look, unfinished)
    shipped = ship(workspace, trainers["model"].network, validation, config["costs"]["error"])
    print("fitting the baselines")
    rivals = {
        name: baselines.fit(name, train.pixels, train.labels, config["baselines"], seed)
        for name in (HOG, LOGISTIC)
    }
    save_model(workspace, rivals, BASELINES)
    for name in trainers:
        checkpoint(unfinished, name).replace(checkpoint(workspace.models, name))
    shutil.rmtree(unfinished)
    training = {
        **shipped,
        "networks": {
            name: summarise(trainer, standings[name], validation)
            for name, trainer in trainers.items()
        },
        "arithmetic": "bfloat16" if BFLOAT16 else "float32",
    }
    write_training(workspace, training, time.perf_counter() - started)
    print(f"{len(trainers)} networks trained for {config['train']['steps']:,} steps each")


def held_out(workspace: Workspace) -> Predictions:
    """What a short training of the configured network says of the validation set."""
    few, validation = parts_of_attempts(workspace)
    rows = {
        "id": validation.ids,
        "group": validation.ids,
        "fold": 0,
        "truth": validation.labels,
        "model": say_after_short_training(workspace, few, validation),
    }
    return Predictions(
        pd.DataFrame(rows),
        metric="accuracy",
        higher_is_better=True,
        baselines={HOG: STRONGEST},
        unit="images",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.int64]:
    """What the support vector machine says of the same images, fitted on the same few."""
    settings, (few, validation) = workspace.config["baselines"], parts_of_attempts(workspace)
    fitted = baselines.fit(HOG, few.pixels, few.labels, settings, workspace.seed)
    return baselines.predict(HOG, fitted, validation.pixels, settings)


def parts_of_attempts(workspace: Workspace) -> tuple[Images, Images]:
    """The first images of the training set, and the validation set: the same for every attempt."""
    train = data.load(workspace, "train", reader="train").take(slice(ENOUGH))
    return train, data.load(workspace, "validation", reader="train")


def say_after_short_training(
    workspace: Workspace, images: Images, unseen: Images
) -> NDArray[np.int64]:
    """Classes of `unseen` by the configured network, trained on `images` for fewer steps."""
    network = short_training(workspace, images, unseen)
    return predict(network, unseen.pixels).argmax(1).numpy()


def short_training(workspace: Workspace, images: Images, unseen: Images) -> ResidualNetwork:
    """The configured network, trained on `images` and watched on some of `unseen`.

    For an eighth of the steps that `run` takes, so that an idea costs seconds.
    """
    config, settings = workspace.config, workspace.config["train"]
    short = {**config, "train": {**settings, "steps": settings["steps"] // SHORTER}}
    trainer = Trainer(images, Recipe.from_config(short, workspace.seed))
    finish(trainer, watch(unseen.take(slice(settings["watched"]))))
    return trainer.network


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
    path, about = workspace.models / "model.onnx", {"classes": json.dumps(CLASSES)}
    export(recogniser, path, torch.zeros(2, 1, SIDE, SIDE), about | {"threshold": repr(threshold)})
    some = as_input(torch.from_numpy(validation.pixels[:PARITY_IMAGES]))
    return {
        "temperature": temperature,
        "threshold": threshold,
        "parity": require_parity(recogniser, path, some),
        "reference_scores": confidence.astype(float).round(PLACES).tolist(),
        "reference_summaries": tabulate([summaries_of(each) for each in validation.pixels]),
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
