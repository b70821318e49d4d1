import numpy as np
import torch
from torch.utils.data import TensorDataset


def load(path="wine_quality.npz", test_fraction=0.2, seed=13):
    """Return train and test TensorDatasets."""
    raw = np.load(path)
    X = raw["X"].astype("float32")
    y = raw["y"].astype("float32")

    rng = np.random.default_rng(seed)
    idx = rng.permutation(len(X))
    n_test = int(len(X) * test_fraction)
    test, train = idx[:n_test], idx[n_test:]

    mu, sigma = X[train].mean(axis=0), X[train].std(axis=0) + 1e-8
    X = (X - mu) / sigma

    def wrap(rows):
        return TensorDataset(torch.from_numpy(X[rows]), torch.from_numpy(y[rows]).unsqueeze(1))

    return wrap(train), wrap(test)
