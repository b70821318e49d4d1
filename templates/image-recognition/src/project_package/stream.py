"""Disturbed pictures as traffic: from some picture on, all are noisy, as from a failing camera."""

import numpy as np
import torch
from numpy.typing import NDArray

from . import data
from .data import Images
from .fit import predict
from .kit.replay import Stream, invented_days
from .kit.served import Seen
from .kit.workspace import Workspace
from .model import fit_temperature
from .studies.corruption import CORRUPTIONS
from .train import ENOUGH, short_training
from .watch import summarise

KIND = "noise"
LEVEL = 1  # of the study's levels: the second mildest
MOST = 2_000  # pictures on either side of the split
A_DAY = 50


def replay(workspace: Workspace) -> Stream:
    """Pictures of the training set that a short training did not see; the second half disturbed.

    The network is trained on the first third, calibrated and measured on the second.
    """
    images = data.load(workspace, "train", reader="simulate")
    part = min(ENOUGH, len(images) // 3)
    few, past, later = (
        images.take(slice(start, start + rows))
        for start, rows in ((0, part), (part, min(part, MOST)), (2 * part, min(part, MOST)))
    )
    network = short_training(workspace, few, past)
    begins, pixels = len(later) // 2, later.pixels.copy()
    level = workspace.config["evaluate"]["corruption"][KIND][LEVEL]
    random = np.random.default_rng(workspace.seed)
    pixels[begins:] = CORRUPTIONS[KIND](pixels[begins:], level, random)
    later = Images(pixels, later.labels, later.ids)
    logits = predict(network, past.pixels)
    temperature = fit_temperature(logits, torch.from_numpy(past.labels))
    return Stream(
        title=f"Pictures as they were published; then with {KIND} of {level} grey levels "
        f"(in days that are invented, {A_DAY} pictures each)",
        past=seen(past, logits / temperature),
        past_truths=past.labels.tolist(),
        later=seen(later, predict(network, later.pixels) / temperature),
        later_truths=later.labels.tolist(),
        times=invented_days(len(later), A_DAY),
        begins=begins,
    )


def seen(images: Images, logits: torch.Tensor) -> list[Seen]:
    """What the service would have logged."""
    found: NDArray[np.float32] = torch.softmax(logits, dim=1).numpy()
    return [
        Seen(float(chances.max()), summarise(pixels), said=int(chances.argmax()))
        for chances, pixels in zip(found, images.pixels, strict=True)
    ]
