"""A microscope that is out of focus as traffic: from some picture on, everything is blurred."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from . import data
from .boxes import MATCH, SCORE
from .fit import fit, in_threads
from .kit.replay import Stream, invented_days
from .kit.served import Seen, Watch
from .kit.workspace import Workspace
from .pictures import Pictures
from .predict import Detector
from .train import detector, folds_of, say_held_out
from .tuning import choose_thresholds
from .watch import certainty, summarise

PICTURES, A_DAY = 1_000, 40  # drawn from those of the training set
BLUR = 2.0  # pixels
JUDGED = Watch(metric="median_ape", higher_is_better=False, label="median error of the count")


def replay(workspace: Workspace) -> Stream:
    """Training pictures, each by a network that has not learned from its field.

    Reference are as many pictures in focus.
    """
    random, config = np.random.default_rng(workspace.seed), workspace.config
    train, settings = data.load(workspace, "train", reader="simulate"), config["train"]
    folds = folds_of(train.fields, settings["folds"], workspace.seed)
    fewer = round(settings["shorter"] * settings["steps"])
    jobs = {f"{fold}": (folds != fold, workspace.seed, fewer) for fold in range(settings["folds"])}
    made = in_threads(lambda job: fit(train, *job, config)[0], [*jobs.values()])
    detectors = {name: detector(each, config) for name, each in zip(jobs, made, strict=True)}
    sharp = say_held_out(train, detectors, jobs)
    thresholds = choose_thresholds(sharp, train.cells, MATCH)
    counting = detector(made[0], config, thresholds)
    soft = Pictures(
        **{**vars(train), "pixels": np.stack([blur(pixels, BLUR) for pixels in train.pixels])}
    )
    blurred = say_held_out(soft, detectors, jobs)
    before, after = seen_of(train, sharp, counting), seen_of(soft, blurred, counting)
    truths = [len(cells) for cells in train.cells]
    begins = PICTURES // 2
    first, later = random.integers(len(train), size=(2, PICTURES))
    return Stream(
        title=f"Pictures in focus; then the same microscope out of focus, by {BLUR:g} pixels "
        f"(in days that are invented, {A_DAY} pictures each)",
        past=[before[row] for row in first],
        past_truths=[truths[row] for row in first],
        later=[*(before[row] for row in later[:begins]), *(after[row] for row in later[begins:])],
        later_truths=[truths[row] for row in later],
        times=invented_days(PICTURES, A_DAY),
        begins=begins,
        watch=JUDGED,
    )


def seen_of(pictures: Pictures, found: list[NDArray], counting: Detector) -> list[Seen]:
    """What the service would have logged of each picture."""
    counted = [counting.counted(each) for each in found]
    return [
        Seen(certainty(each[:, SCORE]), summarise(pixels), said=float(len(each)))
        for pixels, each in zip(pictures.pixels, counted, strict=True)
    ]


def blur(pixels: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """A picture out of focus, by a Gaussian of so many pixels."""
    return gaussian_filter(pixels, (sigma, sigma, 0))
