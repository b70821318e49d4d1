"""What test_recompute.py needs to know of this project, from NumPy and scikit-learn alone."""

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from skimage.feature import hog
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_score,
    recall_score,
    top_k_accuracy_score,
)
from sklearn.svm import SVC

from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.predict import ImageRecogniser

DRAWN = ("train", "validation")  # parts that the seed decides; the test part is the publisher's
SHARES = {"train": 11 / 12, "validation": 1 / 12}  # of the official training images
PARTS = ("train", "validation", "test")
CLASSES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
           "ankle boot")  # fmt: skip
GROWS = ("calibration_error",)  # gaps count without their sign: fewer different images, wider gaps
FACTS = {  # numbers that stand in the code, each with the reason why it is no setting
    "BATCH_OF_PREDICTION": "images looked at in one go, which changes how long it takes",
    "BRIGHTEST": "a byte has so many grey levels",
    "CHUNK": "what one worker gets, which changes how long it takes",
    "ENOUGH": "what an attempt learns from; no run depends on it",
    "FLATTEST": "an end of the search for a temperature, far from where it stops",
    "KERNEL": "the smallest convolution that has a centre; the network is built around it",
    "PARITY_IMAGES": "on which PyTorch and the exported file are compared",
    "PLACES": "of a probability that is kept for monitoring",
    "LIT": "the grey level of a light pixel, for monitoring",
    "PRIME": "keeps the random numbers of two seeds apart",
    "REACH": "how far the search for near-copies looks; a search of all pairs finds no more",
    "SEARCH_STEPS": "the search for a temperature ends by itself long before",
    "SHORTER": "what an attempt costs; no run depends on it",
    "SIDE": "the publisher's images are so large",
    "SOLVER": "when a convex search may stop",
    "WORTH_WORKERS": "from where on processes pay, which changes how long it takes",
}
BASELINE_LEVEL = {"HOG + SVM": 0.68, "logistic regression": 0.62}  # on the sample, any seed


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file."""
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, bootstrap unit and class of the sealed test set."""
    test = read(workspace.processed / "test.npz")
    return pd.DataFrame({"id": test["ids"], "group": test["ids"], "truth": test["labels"]})


def metric(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The headline's metric."""
    return float(accuracy_score(truth, predicted))


def raw_images(workspace: Workspace) -> tuple[np.ndarray, np.ndarray]:
    """All images that the run began with, and which of them are official test images."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        sample = read(workspace.sample / "images.npz")
        return sample["pixels"], np.array([str(name)[:4] == "test" for name in sample["ids"]])
    parts = []
    for name in ("train", "t10k"):
        content = gzip.decompress((workspace.raw / f"{name}-images-idx3-ubyte.gz").read_bytes())
        parts.append(np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28, 28))
    is_test = np.repeat([False, True], [len(part) for part in parts])
    return np.concatenate(parts), is_test


def raw_count(workspace: Workspace) -> int:
    """Images in the publisher's files, or in the sample."""
    return len(raw_images(workspace)[0])


def left_out(workspace: Workspace) -> int:
    """Training images that are in no part, each of which must look like a sealed test image.

    At most a tenth of the brightness may differ: copies of copies are left out as well.
    """
    pixels, is_test = raw_images(workspace)
    parts = [read(workspace.processed / f"{name}.npz") for name in ("train", "validation")]
    kept = {image.tobytes() for part in parts for image in part["pixels"]}
    tests = read(workspace.processed / "test.npz")["pixels"].astype(np.int32)
    missing = [image for image in pixels[~is_test] if image.tobytes() not in kept]
    for image in missing:
        apart = np.abs(tests - image).sum(axis=(1, 2))
        either = np.maximum(tests, image).sum(axis=(1, 2))
        assert (apart / either).min() < 0.1, "an image that is no copy was left out"
    return len(missing)


DROPS = {"training images that are near-copies of a test image": left_out}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every image the label of another one."""
    arrays = read(folder / "images.npz")
    arrays["labels"] = random.permutation(arrays["labels"])
    np.savez(folder / "images.npz", **arrays)


def described(arrays: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """Id, label and a digest of the pixels of each image."""
    rows = [
        (str(name), int(label), hashlib.sha256(image.tobytes()).hexdigest())
        for each in arrays
        for name, label, image in zip(each["ids"], each["labels"], each["pixels"], strict=True)
    ]
    return pd.DataFrame(rows, columns=["id", "label", "pixels"])


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every image of every part."""
    return described([read(workspace.processed / f"{part}.npz") for part in PARTS])


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the sample, but for the copies whose number and kind the ledger tells."""
    table = described([read(workspace.sample / "images.npz")])
    kept = np.concatenate([read(workspace.processed / f"{part}.npz")["ids"] for part in PARTS])
    return table[table.id.isin(kept) | table.id.str.startswith("test")]


def judged(workspace: Workspace) -> tuple[pd.DataFrame, np.ndarray, dict]:
    """The sealed test set as the saved model sees it, its chances, and the training's notes."""
    test = read(workspace.processed / "test.npz")
    chances = ImageRecogniser.load(workspace).probabilities(test["pixels"]).astype(float)
    training = json.loads((workspace.models / "training.json").read_text(encoding="utf-8"))
    said = pd.read_csv(workspace.reports / "predictions.csv")
    lit = test["pixels"] > 0
    total = test["pixels"].sum(axis=(1, 2), dtype=int)
    rows = pd.DataFrame({"id": test["ids"], "truth": test["labels"], "model": said.model})
    return (
        rows.assign(
            hog=said.hog_svm,
            right=said.model == test["labels"],
            sure=chances.max(axis=1) >= training["threshold"],
            confidence=chances.max(axis=1),
            area=lit.mean(axis=(1, 2)),
            brightness=total / np.maximum(lit.sum(axis=(1, 2)), 1),
        ),
        chances,
        training,
    )


def gap(workspace: Workspace, confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error, bin by bin."""
    count = workspace.config["evaluate"]["bins"]
    bins = np.minimum(np.floor(confidence * count), count - 1)
    own = [bins == number for number in range(count)]
    return sum(
        rows.mean() * abs(confidence[rows].mean() - right[rows].mean())
        for rows in own
        if rows.any()
    )


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric of the network."""
    rows, chances, _ = judged(workspace)
    one_hot = np.eye(len(CLASSES))[rows.truth]
    values = {
        "top_two": top_k_accuracy_score(rows.truth, chances, k=2, labels=range(len(CLASSES))),
        "log_loss": np.mean(
            [-np.log(max(each[n], 1e-12)) for each, n in zip(chances, rows.truth, strict=True)]
        ),
        "brier": np.mean(np.sum((chances - one_hot) ** 2, axis=1)),
        "calibration_error": gap(workspace, rows.confidence.to_numpy(), rows.right.to_numpy()),
        "answered": rows.sure.mean(),
        "accuracy_answered": rows.right[rows.sure].mean(),
    }
    return {name: (float(value), None) for name, value in values.items()}


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """By class and by kind of image."""
    rows, _, _ = judged(workspace)
    options = {"labels": range(len(CLASSES)), "average": None, "zero_division": np.nan}
    recall, ours, precision = (
        score(rows.truth, said, **options)
        for score, said in (
            (recall_score, rows.model), (recall_score, rows.hog), (precision_score, rows.model)
        )
    )  # fmt: skip
    count = confusion_matrix(rows.truth, rows.model, labels=range(len(CLASSES))).sum(axis=1)
    classes = {
        name: [count[n], recall[n], None if np.isnan(precision[n]) else precision[n], ours[n]]
        for n, name in enumerate(CLASSES)
    }
    upper, shoes = rows.truth.isin([0, 2, 3, 4, 6]), rows.truth.isin([5, 7, 9])
    copied = json.loads(workspace.manifest.read_text(encoding="utf-8"))["counts"]
    near = rows.id.isin(copied["copied_test_images"])
    kinds = {
        "worn above the waist": upper,
        "shoes": shoes,
        "trousers and bags": ~upper & ~shoes,
        "the faintest fifth": rows.brightness <= rows.brightness.quantile(0.2),
        "the brightest fifth": rows.brightness >= rows.brightness.quantile(0.8),
        "the smallest fifth": rows.area <= rows.area.quantile(0.2),
        "the largest fifth": rows.area >= rows.area.quantile(0.8),
        "answered without asking": rows.sure,
        "left to a person": ~rows.sure,
        "with a near-copy among the official training images": near,
        "without one": ~near,
    }
    wrong = rows[~rows.right].groupby(["truth", "model"]).size()
    confusions = {
        (CLASSES[truth], CLASSES[called]): [n, n / wrong.sum()]
        for (truth, called), n in wrong.items()
        if n > sorted(wrong)[-9:][0]
    }
    return {
        "classes": classes,
        "confusions": confusions,
        "slices": {
            name: [own.sum(), 1 - rows.right[own].mean()]
            for name, own in kinds.items()
            if own.any()
        },
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, how sure the network was and wrong: errors.csv shows the worst."""
    rows, _, _ = judged(workspace)
    return rows[~rows.right].set_index("id").confidence


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What asking a person costs, and what the temperature did."""
    rows, chances, training = judged(workspace)
    price = workspace.config["costs"]["error"]
    cost = np.where(rows.sure, ~rows.right * price, 1.0).mean()
    before = chances ** training["temperature"]
    before = (before / before.sum(axis=1, keepdims=True)).max(axis=1)
    raw, kept = (
        gap(workspace, each, rows.right.to_numpy()) for each in (before, rows.confidence.to_numpy())
    )
    networks = training["networks"]
    return {
        "asking": [f"answers {rows.sure.mean():.1%} of the images and costs {decimal(cost)}",
                   f"would cost {decimal((~rows.right).mean() * price)}"],
        "calibration": [f"from {decimal(raw)} to {decimal(kept)}"],
        "spread": [f"{len(networks)} networks from as many seeds" if len(networks) > 2
                   else "Not repeated from enough other seeds"],
    }  # fmt: skip


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the model in models/ says of the sealed test set."""
    pixels = read(workspace.processed / "test.npz")["pixels"]
    return ImageRecogniser.load(workspace).probabilities(pixels).argmax(axis=1)


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each baseline fitted anew on the sealed training set: classes of the test set."""
    train, test = (read(workspace.processed / f"{part}.npz") for part in ("train", "test"))
    said, settings = {}, workspace.config["baselines"]
    for name, see in (("HOG + SVM", gradients), ("logistic regression", grey)):
        seen, unseen = see(train["pixels"], settings), see(test["pixels"], settings)
        if see is gradients:
            size, seed = settings["components"], workspace.seed
            reduced = PCA(size, svd_solver="randomized", random_state=seed).fit(seen)
            seen, unseen = reduced.transform(seen), reduced.transform(unseen)
            fitted = SVC(C=settings["svm_cost"], gamma="scale").fit(seen, train["labels"])
        else:
            model = LogisticRegression(C=settings["logistic_cost"], max_iter=200, tol=1e-3)
            fitted = model.fit(seen, train["labels"])
        said[name] = fitted.predict(unseen)
    return said


def grey(pixels: np.ndarray, _: object) -> np.ndarray:
    """Pixels from 0 to 1."""
    return pixels.reshape(len(pixels), -1).astype(np.float32) / 255


def gradients(pixels: np.ndarray, settings: dict) -> np.ndarray:
    """Histograms of oriented gradients beside faint pixels."""
    sizes = settings["orientations"], (settings["cell"],) * 2, (settings["block"],) * 2
    rows = [hog(image, *sizes, block_norm="L2", transform_sqrt=True) for image in pixels]
    faint = settings["grey_weight"] * grey(pixels, settings)
    return np.hstack([np.array(rows, np.float32), faint]).astype(np.float32)
