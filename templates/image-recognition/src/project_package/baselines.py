"""Two rivals without a network: raw pixels, and the best of what came before deep learning."""

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from skimage.feature import hog
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import Pipeline, make_pipeline

LOGISTIC, HOG = "logistic regression", "HOG + Nyström"
LANDMARKS = 3000  # of the approximated kernel
WIDTH = 0.017  # of the kernel: near the inverse of the mean squared distance of two images
GREY_WEIGHT = 0.3  # of the pixels beside the gradients
CHUNK = 500  # images for one worker
WORTH_WORKERS = 4  # chunks; starting processes takes longer than fewer of them


def fit(pixels: NDArray[np.uint8], labels: NDArray, seed: int) -> dict[str, Pipeline]:
    """Both baselines, fitted on features of their own."""
    landmarks = min(LANDMARKS, len(pixels))
    return {
        LOGISTIC: make_pipeline(LogisticRegression(C=0.02, max_iter=200, tol=1e-3)).fit(
            features(LOGISTIC, pixels), labels
        ),
        HOG: make_pipeline(
            Nystroem(gamma=WIDTH, n_components=landmarks, random_state=seed),
            RidgeClassifier(alpha=0.01),
        ).fit(features(HOG, pixels), labels),
    }


def predict(name: str, fitted: Pipeline, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Class numbers, shape (n,)."""
    return np.asarray(fitted.predict(features(name, pixels)))


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
