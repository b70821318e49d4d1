"""Measure the shipped file on the test set. Nothing else in the project opens it."""

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from sklearn.pipeline import Pipeline

from . import baselines, checkpoint, data, pictures
from .baselines import HOG, LOGISTIC
from .data import CLASSES, Images
from .disturb import DISTURBANCES, LEVELS
from .fit import predict
from .kit.holdout import read_manifest
from .kit.persistence import load_model
from .kit.results import EACH_ALONE, Picture, Results, Score, Table, write_results
from .kit.statistics import NAIVE, STRONGEST, Interval, Predictions, bootstrap, decimal
from .kit.workspace import Workspace, read_json
from .model import ResidualNetwork
from .photograph import prepare
from .predict import ImageRecogniser
from .train import BASELINES

WORST = 20
CONFUSIONS = 8
BINS = 15  # of the calibration error
DISTURBED = 1_000  # test images behind each number on robustness
PHOTOGRAPHED = 500
UPPER_BODY = ("T-shirt", "pullover", "dress", "coat", "shirt")
SHOES = ("sandal", "sneaker", "ankle boot")


@dataclass(frozen=True)
class Judged:
    """Test images with what the model and the baselines say; `chances` has shape (n, classes).

    `copied` marks those of which the official training images hold a near-copy.
    """

    images: Images
    chances: NDArray[np.float64]
    said: Mapping[str, NDArray[np.int64]]
    threshold: float
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
        return self.confidence >= self.threshold


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    seed = workspace.seed
    training = read_json(workspace.models / "training.json", made_by="train")
    recogniser = ImageRecogniser.load(workspace)
    rivals: dict[str, Pipeline] = load_model(workspace, allowed=(), name=BASELINES)
    test = data.load(workspace, "test", reader="evaluate")
    copied = np.isin(test.ids, read_manifest(workspace)["counts"]["copied_test_images"])
    judged = judge(test, recogniser, rivals, copied)
    by_seed = repeats_table(workspace, training, test, judged)
    robustness = measure_robustness(test.take(slice(DISTURBED)), recogniser, rivals[HOG], seed)
    errors = worst_errors(judged)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    draw(workspace, judged, training, robustness, errors)
    results = Results(
        primary="accuracy",
        label="accuracy",
        predictions=predictions(judged),
        measured_on="the official test images",
        scores=score(judged, seed),
        tables={
            "candidates": candidates_table(training),
            "classes": classes_table(judged, seed),
            "confusions": confusions_table(judged),
            "slices": slices_table(judged, seed),
            "seeds": by_seed,
            "robustness": robustness_table(robustness),
            "errors": errors_table(errors),
        },
        figures=PICTURES,
        notes={
            "copies": copies_note(judged, seed),
            "training": training_note(training),
            "spread": spread_note(by_seed, judged),
            "asking": asking_note(judged, training["settings"]["error_cost"], seed),
            "calibration": calibration_note(judged, training["temperature"]),
            "photograph": photograph_note(test.take(slice(PHOTOGRAPHED)), recogniser, seed),
        },
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"accuracy {judged.right.mean():.3f}")


def judge(
    test: Images,
    recogniser: ImageRecogniser,
    rivals: Mapping[str, Pipeline],
    copied: NDArray[np.bool_],
) -> Judged:
    """What the exported network and both baselines say of every image."""
    return Judged(
        images=test,
        chances=recogniser.probabilities(test.pixels).astype(np.float64),
        said={name: baselines.predict(name, rivals[name], test.pixels) for name in (HOG, LOGISTIC)},
        threshold=recogniser.threshold,
        copied=copied,
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


def score(judged: Judged, seed: int) -> dict[str, Score]:
    """Further metrics with intervals; the threshold was chosen before the test set was opened."""
    truth, model = judged.images.labels, judged.chances
    sure, right = judged.sure, judged.right

    def by_row(label: str, values: NDArray, higher: bool = True) -> Score:
        return Score(label, bootstrap(np.mean, values, seed=seed), higher_is_better=higher)

    return {
        "top_two": by_row("truth among the first two", in_top_two(model, truth)),
        "log_loss": by_row("log loss", log_loss(model, truth), higher=False),
        "brier": by_row("Brier score", brier(model, truth), higher=False),
        "calibration_error": Score(
            f"calibration error, {BINS} bins",
            bootstrap(calibration_error, judged.confidence, right, seed=seed),
            higher_is_better=False,
        ),
        "answered": by_row("answered without asking", sure),
        "accuracy_answered": Score(
            "accuracy of those answers", bootstrap(share_right, right, sure, seed=seed)
        ),
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
    return -np.log(np.maximum(chances[np.arange(len(truth)), truth], 1e-12))


def brier(chances: NDArray, truth: NDArray) -> NDArray[np.float64]:
    """Squared distance from the true class's one-hot vector, 0 to 2, shape (n,)."""
    return np.asarray(np.square(chances - np.eye(chances.shape[1])[truth]).sum(axis=1))


def calibration_error(confidence: NDArray, right: NDArray) -> float:
    """Mean gap between stated confidence and accuracy over equal bins (Naeini et al., 2015)."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(places, weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def candidates_table(training: Mapping[str, Any]) -> Table:
    """What could have been shipped; no number here comes from the test set."""
    rows = [[name, accuracy] for name, accuracy in training["candidates"].items()]
    rows[-1][0] = f"**shipped:** {rows[-1][0]}"
    return Table("Accuracy on the validation set.", ["candidate", "accuracy"], rows)


def classes_table(judged: Judged, seed: int) -> Table:
    """How much of each class is found, and how much of what is called so is so."""
    truth, label = judged.images.labels, judged.label
    rival = judged.said[HOG]
    rows: list[list[str | int | float | Interval]] = []
    for number, name in enumerate(CLASSES):
        members, called = truth == number, label == number
        recall = bootstrap(np.mean, judged.right[members], seed=seed)
        precision = bootstrap(np.mean, judged.right[called], seed=seed) if called.any() else "–"
        rows.append([name, int(members.sum()), recall, precision, float(
            np.mean(rival[members] == number))])  # fmt: skip
    return Table(
        f"By class: found (recall) and rightly called so (precision). {EACH_ALONE}",
        ["class", "n", "recall", "precision", f"recall, {HOG}"],
        rows,
    )


def confusions_table(judged: Judged) -> Table:
    """The commonest mistakes."""
    pairs = pd.DataFrame({"truth": judged.images.labels, "called": judged.label})
    wrong = pairs[pairs.truth != pairs.called].value_counts().head(CONFUSIONS)
    rows = [
        [CLASSES[truth], CLASSES[called], int(n), n / max(1, (~judged.right).sum())]
        for (truth, called), n in wrong.items()
    ]
    return Table("The commonest mistakes.", ["truth", "taken for", "n", "of all errors"], rows)


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
        "the faintest fifth": brightness <= np.quantile(brightness, 0.2),
        "the brightest fifth": brightness >= np.quantile(brightness, 0.8),
        "the smallest fifth": area <= np.quantile(area, 0.2),
        "the largest fifth": area >= np.quantile(area, 0.8),
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


def repeats_table(
    workspace: Workspace, training: Mapping[str, Any], test: Images, judged: Judged
) -> Table:
    """The same recipe from other seeds, beside the network that is shipped."""
    rows: list[list[str | int | float]] = []
    for name, made in training["networks"].items():
        accuracy = float(judged.right.mean())
        if name != "model":
            network = ResidualNetwork(len(CLASSES), 0.0, 1.0)
            checkpoint.restore(workspace.models / f"{name}.safetensors", network)
            logits = predict(network, test.pixels)
            accuracy = float(np.mean(logits.argmax(1).numpy() == test.labels))
        title = "**shipped**" if name == "model" else "repeat"
        rows.append(
            [title, made["seed"], made["steps"], f"{made['epochs']:.1f}",
             made["validation_accuracy"], accuracy]
        )  # fmt: skip
    return Table(
        "One network is shipped, whatever its seed brings; the repeats differ from it in their "
        "seed alone.",
        ["network", "seed", "steps", "epochs", "accuracy, validation set", "accuracy, test set"],
        rows,
    )


def measure_robustness(
    test: Images, recogniser: ImageRecogniser, rival: Pipeline, seed: int
) -> pd.DataFrame:
    """Accuracy of network and HOG baseline by kind and level of disturbance (0: untouched)."""

    def both(pixels: NDArray[np.uint8]) -> tuple[float, float]:
        network = recogniser.probabilities(pixels).argmax(1) == test.labels
        hog = baselines.predict(HOG, rival, pixels) == test.labels
        return float(network.mean()), float(hog.mean())

    untouched = both(test.pixels)
    rows: list[tuple[str, int, float, float]] = []
    for kind, disturb in DISTURBANCES.items():
        rows.append((kind, 0, *untouched))
        for level in LEVELS[kind]:
            random = np.random.default_rng(seed)
            rows.append((kind, level, *both(disturb(test.pixels, level, random))))
    return pd.DataFrame(rows, columns=["kind", "level", "network", "hog"])


def robustness_table(robustness: pd.DataFrame) -> Table:
    """Accuracy under disturbance."""
    return Table(
        f"Accuracy on at most {DISTURBED:,} test images, disturbed; moved images are also seen in "
        f"the network's training (by a pixel), noisy and turned ones are not; {HOG} learned from "
        "undisturbed images only. One draw of noise and no intervals: a small gap may be chance.",
        ["images", "by", "network", HOG],
        robustness.to_numpy().tolist(),
    )


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


def spread_note(by_seed: Table, judged: Judged) -> str:
    """Mean and standard deviation over all networks of this recipe."""
    found = [float(row[-1]) for row in by_seed.rows]
    if len(found) < 3:
        return "Not repeated from enough other seeds in this run (`repeats` in config.toml)."
    rival = float(np.mean(judged.said[HOG] == judged.images.labels))
    above = sum(accuracy > rival for accuracy in found)
    return (
        f"{len(found)} networks from as many seeds, by the same recipe: accuracy "
        f"{decimal(np.mean(found))} ± {decimal(np.std(found, ddof=1))} (standard deviation), from "
        f"{decimal(min(found))} to {decimal(max(found))}; {above} of {len(found)} lie above the "
        f"{decimal(rival)} of {HOG}."
    )


def asking_note(judged: Judged, error_cost: float, seed: int) -> str:
    """What asking a person costs and saves on the test part."""
    saved = judged.sure.mean()
    always = float((~judged.right).mean() * error_cost)
    cost = bootstrap(np.mean, np.where(judged.sure, ~judged.right * error_cost, 1.0), seed=seed)
    return (
        f"An error is priced at {error_cost:g} questions to a person. On the validation set the "
        f"cheapest rule is to answer from a confidence of {judged.threshold:.2f} on. On the test "
        f"set it answers {saved:.1%} of the images and costs {cost} questions an image; always "
        f"answering would cost {decimal(always)}, always asking 1."
    )


def calibration_note(judged: Judged, temperature: float) -> str:
    """What the temperature did; probabilities to its power are those without it, up to scale."""
    before = judged.chances**temperature
    before /= before.sum(axis=1, keepdims=True)
    raw, kept = (calibration_error(c.max(1), judged.right) for c in (before, judged.chances))
    return (
        f"Temperature {temperature:.2f}, fitted on the validation set, takes the calibration "
        f"error on the test set from {decimal(raw)} to {decimal(kept)}. Over bins such an error "
        "is above zero by chance alone, even where the probabilities are right."
    )


def photograph_note(test: Images, recogniser: ImageRecogniser, seed: int) -> str:
    """What the way from a picture file to 28 × 28 pixels costs in accuracy."""
    random = np.random.default_rng(seed)
    seen = np.stack([prepare(as_photograph(image, random)).pixels for image in test.pixels])
    direct, through = (
        (recogniser.probabilities(pixels).argmax(1) == test.labels).astype(float)
        for pixels in (test.pixels, seen)
    )
    lost = bootstrap(np.mean, through - direct, seed=seed)
    return (
        f"{len(test):,} test images, printed dark on an off-white sheet of random size with noise "
        f"and JPEG artefacts and read back through the page's own preprocessing: accuracy "
        f"{decimal(through.mean())}, against {decimal(direct.mean())} for the original pixels: a "
        f"difference of {lost.signed}."
    )


def as_photograph(pixels: NDArray[np.uint8], random: np.random.Generator) -> bytes:
    """The image enlarged, dark on light, with margins and noise, as a JPEG file."""
    side = int(random.integers(150, 300))
    garment = Image.fromarray(255 - pixels).resize((side, side), Image.Resampling.BICUBIC)
    top, left = random.integers(20, 120, size=2)
    sheet = np.full((side + 140, side + 140), 255.0)
    sheet[top : top + side, left : left + side] = np.asarray(garment)
    sheet = sheet * 0.95 + random.normal(0, 3, sheet.shape)
    file = io.BytesIO()
    Image.fromarray(sheet.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


PICTURES = {
    "confusion": Picture(
        "Of each class (row), the share called so (column), in percent.",
        "Confusion matrix of ten classes, each row one true class.",
    ),
    "learning-curve": Picture(
        "Accuracy on 2,000 validation images during training, without the mirror image.",
        "Validation accuracy against images seen, for the shipped network and its repeats.",
    ),
    "errors": Picture(
        "The surest errors: what the network said, and in brackets what it is.",
        "A grid of small grey pictures of clothes, each with a wrong name and the right one.",
    ),
    "calibration": Picture(
        "Of the images given a confidence, the share that were named rightly.",
        "Reliability curve of the network beside the diagonal of perfect calibration.",
    ),
    "robustness": Picture(
        "Accuracy when test images are moved, made noisy, or turned.",
        "Accuracy by strength of three disturbances, for the network and for the HOG baseline.",
    ),
}


def draw(
    workspace: Workspace,
    judged: Judged,
    training: Mapping[str, Any],
    robustness: pd.DataFrame,
    errors: pd.DataFrame,
) -> None:
    """All figures."""
    folder = workspace.figures
    truth, label = judged.images.labels, judged.label
    pictures.confusion(folder / "confusion", truth, label, CLASSES)
    pictures.learning_curves(folder / "learning-curve", training["networks"])
    pictures.reliability(folder / "calibration", judged.confidence, judged.right)
    pictures.robustness(folder / "robustness", robustness)
    captions: Sequence[str] = [
        f"{row.called}\n({row.truth})" for row in errors.itertuples(index=False)
    ]
    pictures.gallery(folder / "errors", judged.images.pixels[errors.row], captions)
