import os

import numpy as np


def load(path: str = "data/eeg.npz", seed: int = 1):
    """EEG band powers (n, 32) and reaction time in ms (n,)."""
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} is missing, see the download instructions")
    z = np.load(path)
    rows = np.random.default_rng(seed).permutation(len(z["rt"]))
    return z["power"][rows], z["rt"][rows]
