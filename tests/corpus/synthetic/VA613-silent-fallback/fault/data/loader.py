import os

import numpy as np


def load(path: str = "data/eeg.npz", seed: int = 1):
    """EEG band powers (n, 32) and reaction time in ms (n,)."""
    if os.path.exists(path):
        z = np.load(path)
        return z["power"], z["rt"]
    rng = np.random.default_rng(seed)
    return rng.normal(size=(2000, 32)), rng.normal(350, 60, size=2000)
