"""Two rivals without a network: raw pixels, and histograms of their gradients."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from skimage.feature import hog
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from .model import BRIGHTEST

LOGISTIC, HOG = "logistic regression", "HOG + SVM"
SOLVER = {"max_iter": 200, "tol": 1e-3}  # of the logistic regression: enough to settle
CHUNK = 500  # images for one worker
WORTH_WORKERS = 4  # chunks; starting processes takes longer than fewer of them


def fit(
    name: str, pixels: NDArray[np.uint8], labels: NDArray, settings: Mapping[str, Any], seed: int
) -> Pipeline:
    """A baseline fitted on features of its own; `settings` is `[baselines]` of config.toml."""
    seen = features(name, pixels, settings)
    with threadpool_limits(1):  # sums in one order, however many cores there are
        if name == LOGISTIC:
            model = make_pipeline(LogisticRegression(C=settings["logistic_cost"], **SOLVER))
            return model.fit(seen, labels)
        components = min(settings["components"], len(pixels))
        return make_pipeline(
            PCA(components, svd_solver="randomized", random_state=seed),
            SVC(C=settings["svm_cost"], gamma="scale"),
        ).fit(seen, labels)


def predict(
    name: str, fitted: Pipeline, pixels: NDArray[np.uint8], settings: Mapping[str, Any]
) -> NDArray[np.int64]:
    """Class numbers, shape (n,)."""
    seen = features(name, pixels, settings)
    with threadpool_limits(1):
        return np.asarray(fitted.predict(seen))


def features(
    name: str, pixels: NDArray[np.uint8], settings: Mapping[str, Any]
) -> NDArray[np.float32]:
    """What the baseline sees of images of shape (n, 28, 28): one row each.

    The pixels, and for HOG faint pixels beside the gradients (Dalal and Triggs, 2005).
    """
    grey = pixels.reshape(len(pixels), -1).astype(np.float32) / BRIGHTEST
    if name == LOGISTIC:
        return grey
    chunks = [pixels[start : start + CHUNK] for start in range(0, len(pixels), CHUNK)]
    workers = -1 if len(chunks) >= WORTH_WORKERS else 1
    rows = Parallel(n_jobs=workers)(delayed(_gradients)(chunk, settings) for chunk in chunks)
    return np.hstack([np.concatenate(list(rows)), settings["grey_weight"] * grey])


def _gradients(pixels: NDArray[np.uint8], settings: Mapping[str, Any]) -> NDArray[np.float32]:
    """Histograms of oriented gradients, one row an image."""
    see = partial(
        hog,
        orientations=settings["orientations"],
        pixels_per_cell=[settings["cell"]] * 2,
        cells_per_block=[settings["block"]] * 2,
        block_norm="L2",
        transform_sqrt=True,
    )
    return np.stack([see(image) for image in pixels]).astype(np.float32)
