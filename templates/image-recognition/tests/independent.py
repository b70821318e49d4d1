"""What test_recompute.py needs to know of this project, from NumPy and scikit-learn alone."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from skimage.feature import hog
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.svm import SVC

from project_package.predict import ImageRecogniser
from project_package.workspace import Workspace

CHANCE = (0.0, 0.25)  # of the headline, with labels shuffled among the images; a tenth is expected
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


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the model in models/ says of the sealed test set."""
    pixels = read(workspace.processed / "test.npz")["pixels"]
    return ImageRecogniser.load(workspace).probabilities(pixels).argmax(axis=1)


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each baseline fitted anew on the sealed training set: classes of the test set."""
    train, test = (read(workspace.processed / f"{part}.npz") for part in ("train", "test"))
    said = {}
    for name, see in (("HOG + SVM", gradients), ("logistic regression", grey)):
        seen, unseen = see(train["pixels"]), see(test["pixels"])
        if see is gradients:
            seed = workspace.seed
            reduced = PCA(COMPONENTS, svd_solver="randomized", random_state=seed).fit(seen)
            seen, unseen = reduced.transform(seen), reduced.transform(unseen)
            fitted = SVC(C=10, gamma="scale").fit(seen, train["labels"])
        else:
            model = LogisticRegression(C=0.02, max_iter=200, tol=1e-3)
            fitted = model.fit(seen, train["labels"])
        said[name] = fitted.predict(unseen)
    return said


COMPONENTS = 150


def grey(pixels: np.ndarray) -> np.ndarray:
    """Pixels from 0 to 1."""
    return pixels.reshape(len(pixels), -1).astype(np.float32) / 255


def gradients(pixels: np.ndarray) -> np.ndarray:
    """Histograms of oriented gradients beside faint pixels."""
    rows = [hog(image, 8, (4, 4), (2, 2), block_norm="L2", transform_sqrt=True) for image in pixels]
    return np.hstack([np.array(rows, np.float32), 0.3 * grey(pixels)]).astype(np.float32)
