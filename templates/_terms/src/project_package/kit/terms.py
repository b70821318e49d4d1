"""What the demo in the browser needs to know of hashed terms: page/terms.js weighs by it."""

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer


def held_in(weights: TfidfTransformer) -> tuple[int, NDArray[np.int64]]:
    """How many texts the weights were fitted to, and how many of them hold each column.

    Read off the weights, which only takes that there is a column that none of the texts holds.
    """
    texts = int(np.rint(np.exp(weights.idf_.max() - 1) - 1))
    held = np.rint((1 + texts) / np.exp(weights.idf_ - 1) - 1).astype(int)
    return texts, held


def steps_to(columns: NDArray[np.int64]) -> NDArray[np.int32]:
    """From each column to the next, which compresses; the first counts from −1."""
    return np.diff(columns, prepend=-1).astype(np.int32)
