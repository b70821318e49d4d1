"""Measure the shipped file on the test set. Nothing else in the project opens it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from . import baselines, data, gallery
from .baselines import HOG, LOGISTIC
from .data import CLASSES, Images
from .kit.holdout import read_manifest
from .kit.persistence import load_model
from .kit.results import (
    EACH_ALONE,
    Picture,
    Results,
    Score,
    Table,
    run_studies,
    write_results,
)
from .kit.statistics import NAIVE, STRONGEST, Predictions, bootstrap, decimal
from .kit.workspace import Workspace, read_json
from .predict import ImageRecogniser
from .train import BASELINES

WORST = 20
FIFTH = 0.2
NO_CHANCE = 1e-12  # below any probability: the logarithm of zero is not taken
UPPER_BODY = ("T-shirt", "pullover", "dress", "coat", "shirt")
SHOES = ("sandal", "sneaker", "ankle boot")


@dataclass(frozen=True)
class Judged:
    """Test images with what the model and the baselines say; `chances` has shape (n, classes).

    `copied` marks those of which the official training images hold a near-copy.
    """

    images: Images
    recogniser: ImageRecogniser
    rivals: Mapping[str, Pipeline]
    training: Mapping[str, Any]
    chances: NDArray[np.float64]
    said: Mapping[str, NDArray[np.int64]]
    copied: NDArray[np.bool_]

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the likeliest class, shape (n,)."""
        return self.chances.max(axis=1)

    @property
    def label(self) -> NDArray[np.int64]:
        """The likeliest class, shape (n,)."""
        return self.chances.argmax(axis=1)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Where the model is right, shape (n,)."""
        return self.label == self.images.labels

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Where the model answers and asks nobody, shape (n,)."""
        return self.confidence >= self.recogniser.threshold


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    seed, config = workspace.seed, workspace.config
    judged = measure(workspace)
    errors = worst_errors(judged)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    results = Results(
        primary="accuracy",
        label="accuracy",
        predictions=predictions(judged),
        measured_on="the official test images",
        scores=score(judged, config["evaluate"]["bins"], seed),
        tables={
            "slices": slices_table(judged, seed),
            "errors": errors_table(errors),
        },
        figures={"errors": draw_errors(workspace, judged, errors)},
        notes={
            "copies": copies_note(judged, seed),
            "training": training_note(judged.training),
            "asking": asking_note(judged, config["costs"]["error"], seed),
        },
        studies=run_studies(workspace, judged),
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"accuracy {judged.right.mean():.3f}")


def measure(workspace: Workspace) -> Judged:
    """What the exported network and both baselines say of every test image."""
    training = read_json(workspace.models / "training.json", made_by="train")
    recogniser = ImageRecogniser.load(workspace)
    rivals: dict[str, Pipeline] = load_model(workspace, allowed=(), name=BASELINES)
    test = data.load(workspace, "test", reader="evaluate")
    settings = workspace.config["baselines"]
    return Judged(
        images=test,
        recogniser=recogniser,
        rivals=rivals,
        training=training,
        chances=recogniser.probabilities(test.pixels).astype(np.float64),
        said={
            name: baselines.predict(name, rivals[name], test.pixels, settings)
            for name in (HOG, LOGISTIC)
        },
        copied=np.isin(test.ids, read_manifest(workspace)["counts"]["copied_test_images"]),
    )


def predictions(judged: Judged) -> Predictions:
    """Every test image once, classes by their numbers; each image is a unit of its own."""
    rows = pd.DataFrame(
        {
            "id": judged.images.ids,
            "group": judged.images.ids,
            "truth": judged.images.labels,
            "model": judged.label,
            **judged.said,
        }
    )
    return Predictions(rows, "accuracy", True, {HOG: STRONGEST, LOGISTIC: NAIVE}, unit="images")


def score(judged: Judged, bins: int, seed: int) -> dict[str, Score]:
    """Further metrics with intervals; the threshold was chosen before the test set was opened."""
    truth, model = judged.images.labels, judged.chances
    sure, right = judged.sure, judged.right

    def by_row(label: str, values: NDArray, higher: bool = True) -> Score:
        return Score(label, bootstrap(np.mean, values, seed=seed), higher_is_better=higher)

    gap = bootstrap(partial(calibration_error, bins=bins), judged.confidence, right, seed=seed)
    answered_right = bootstrap(share_right, right, sure, seed=seed)
    return {
        "top_two": by_row("truth among the first two", in_top_two(model, truth)),
        "log_loss": by_row("log loss", log_loss(model, truth), higher=False),
        "brier": by_row("Brier score", brier(model, truth), higher=False),
        "calibration_error": Score(f"calibration error, {bins} bins", gap, higher_is_better=False),
        "answered": by_row("answered without asking", sure),
        "accuracy_answered": Score("accuracy of those answers", answered_right),
    }


def share_right(right: NDArray, chosen: NDArray) -> float:
    """Accuracy among the chosen; undefined where none is."""
    return float(np.mean(right[chosen])) if chosen.any() else float("nan")


def in_top_two(chances: NDArray, truth: NDArray) -> NDArray[np.bool_]:
    """Whether the true class is among the two likeliest, shape (n,)."""
    first_two = np.argpartition(-chances, 1, axis=1)[:, :2]
    found: NDArray[np.bool_] = (first_two == truth[:, None]).any(axis=1)
    return found


def log_loss(chances: NDArray, truth: NDArray) -> NDArray[np.float64]:
    """−ln of the probability given to the true class, shape (n,)."""
    return -np.log(np.maximum(chances[np.arange(len(truth)), truth], NO_CHANCE))


def brier(chances: NDArray, truth: NDArray) -> NDArray[np.float64]:
    """Squared distance from the true class's one-hot vector, 0 to 2, shape (n,)."""
    # practice: brier
    return np.asarray(np.square(chances - np.eye(chances.shape[1])[truth]).sum(axis=1))
    # practice: end


def calibration_error(confidence: NDArray, right: NDArray, bins: int) -> float:
    """Mean gap between stated confidence and accuracy over equal bins (Naeini et al., 2015)."""
    # practice: calibration_error
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
    # practice: end


def slices_table(judged: Judged, seed: int) -> Table:
    """Error rate in parts of the data that a reader would ask about."""
    pixels = judged.images.pixels
    lit = pixels > 0
    area = lit.mean(axis=(1, 2))
    brightness = pixels.sum(axis=(1, 2), dtype=np.int64) / np.maximum(lit.sum(axis=(1, 2)), 1)
    names = np.array(CLASSES)[judged.images.labels]
    slices = {
        "worn above the waist": np.isin(names, UPPER_BODY),
        "shoes": np.isin(names, SHOES),
        "trousers and bags": ~np.isin(names, UPPER_BODY + SHOES),
        "the faintest fifth": brightness <= np.quantile(brightness, FIFTH),
        "the brightest fifth": brightness >= np.quantile(brightness, 1 - FIFTH),
        "the smallest fifth": area <= np.quantile(area, FIFTH),
        "the largest fifth": area >= np.quantile(area, 1 - FIFTH),
        "answered without asking": judged.sure,
        "left to a person": ~judged.sure,
        "with a near-copy among the official training images": judged.copied,
        "without one": ~judged.copied,
    }
    rows = [
        [name, int(chosen.sum()), bootstrap(np.mean, ~judged.right[chosen], seed=seed)]
        for name, chosen in slices.items()
        if chosen.any()
    ]
    caption = f"Share of images named wrongly, by kind of image. {EACH_ALONE}"
    return Table(caption, ["images", "n", "error"], rows)


def worst_errors(judged: Judged) -> pd.DataFrame:
    """The images on which the network was most sure and wrong."""
    wrong = np.flatnonzero(~judged.right)
    worst = wrong[np.argsort(-judged.confidence[wrong], kind="stable")][:WORST]
    truth = judged.images.labels[worst]
    return pd.DataFrame(
        {
            "row": worst,
            "id": judged.images.ids[worst],
            "truth": np.array(CLASSES)[truth],
            "called": np.array(CLASSES)[judged.label[worst]],
            "probability": judged.confidence[worst].round(3),
            "probability_of_truth": judged.chances[worst, truth].round(3),
        }
    )


def errors_table(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    columns = ["id", "truth", "called", "probability", "probability_of_truth"]
    return Table(
        f"The {len(errors)} surest errors (reports/errors.csv), the same as in the figure.",
        ["image", "truth", "taken for", "probability", "probability of the truth"],
        errors[columns].to_numpy().tolist(),
    )


def copies_note(judged: Judged, seed: int) -> str:
    """The headline with and without test images of which training had a near-copy to offer."""
    alone = bootstrap(np.mean, judged.right[~judged.copied], seed=seed)
    return (
        f"{int(judged.copied.sum())} of {len(judged.copied):,} test images have a near-copy among "
        f"the official training images, which were kept out of training. Accuracy with these test "
        f"images {judged.right.mean():.4f}; without them {alone.value:.4f} [{alone.low:.4f}, "
        f"{alone.high:.4f}]."
    )


def training_note(training: Mapping[str, Any]) -> str:
    """What the training was."""
    made = training["networks"]["model"]
    return (
        f"{made['steps']:,} steps, {made['epochs']:.1f} epochs, {made['parameters']:,} parameters, "
        f"{training['arithmetic']}, one thread for each network."
    )


def asking_note(judged: Judged, error_cost: float, seed: int) -> str:
    """What asking a person costs and saves on the test set."""
    always = float((~judged.right).mean() * error_cost)
    cost = bootstrap(np.mean, np.where(judged.sure, ~judged.right * error_cost, 1.0), seed=seed)
    return (
        f"An error is priced at {error_cost:g} questions to a person. On the validation set the "
        f"cheapest rule is to answer from a confidence of {judged.recogniser.threshold:.2f} on. On "
        f"the test set it answers {judged.sure.mean():.1%} of the images and costs {cost} "
        f"questions an image; always answering would cost {decimal(always)}, always asking 1."
    )


def draw_errors(workspace: Workspace, judged: Judged, errors: pd.DataFrame) -> Picture:
    """The surest errors, in a grid."""
    titles = [f"{row.called}\n({row.truth})" for row in errors.itertuples(index=False)]
    gallery.draw(workspace.figures / "errors", judged.images.pixels[errors.row], titles)
    return Picture(
        "The surest errors: what the network said, and in brackets what it is.",
        "A grid of small grey pictures of clothes, each with a wrong name and the right one.",
    )
