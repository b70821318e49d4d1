"""Two rivals without a network: raw pixels, and histograms of their gradients.

The settings were chosen on the validation set, with fits on a part of the training set.
"""

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from skimage.feature import hog
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

LOGISTIC, HOG = "logistic regression", "HOG + SVM"
COMPONENTS = 150  # of the gradients and pixels: a support vector machine's time grows with them
COST = 10.0  # of an image on the wrong side of the margin
GREY_WEIGHT = 0.3  # of the pixels beside the gradients
CHUNK = 500  # images for one worker
WORTH_WORKERS = 4  # chunks; starting processes takes longer than fewer of them


def fit(pixels: NDArray[np.uint8], labels: NDArray, seed: int) -> dict[str, Pipeline]:
    """Both baselines, fitted on features of their own."""
    gradients = features(HOG, pixels)
    components = min(COMPONENTS, len(pixels))
    with threadpool_limits(1):  # sums in one order, however many cores there are
        return {
            HOG: make_pipeline(
                PCA(components, svd_solver="randomized", random_state=seed),
                SVC(C=COST, gamma="scale"),
            ).fit(gradients, labels),
            LOGISTIC: make_pipeline(LogisticRegression(C=0.02, max_iter=200, tol=1e-3)).fit(
                features(LOGISTIC, pixels), labels
            ),
        }


def predict(name: str, fitted: Pipeline, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Class numbers, shape (n,)."""
    seen = features(name, pixels)
    with threadpool_limits(1):
        return np.asarray(fitted.predict(seen))


def features(name: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the baseline sees of images of shape (n, 28, 28): one row each."""
    grey = pixels.reshape(len(pixels), -1).astype(np.float32) / 255
    if name == LOGISTIC:
        return grey
    chunks = [pixels[start : start + CHUNK] for start in range(0, len(pixels), CHUNK)]
    workers = -1 if len(chunks) >= WORTH_WORKERS else 1
    rows = Parallel(n_jobs=workers)(delayed(_gradients)(chunk) for chunk in chunks)
    return np.hstack([np.concatenate(list(rows)), GREY_WEIGHT * grey])


def _gradients(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Histograms of oriented gradients (Dalal and Triggs, 2005), shape (n, 1152)."""
    return np.stack(
        [
            hog(
                image,
                orientations=8,
                pixels_per_cell=(4, 4),
                cells_per_block=(2, 2),
                block_norm="L2",
                transform_sqrt=True,
            )
            for image in pixels
        ]
    ).astype(np.float32)
