"""A small network that learns what is alike from scratch: NumPy, one hidden layer, one loss."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import model
from .model import Array, Encoder, unit

KEEP, KEEP_SQUARES, TINY = 0.9, 0.999, 1e-8  # of Adam (Kingma and Ba, 2015)


def fit(pixels: NDArray, people: NDArray, config: Mapping[str, Any], seed: int) -> Encoder:
    """Trained on thumbnails, mirrored and moved, for a fixed number of steps."""
    random, chosen = np.random.default_rng(seed), config["network"]
    block = config["baselines"]["block"]
    shown = [model.moved(pixels, *step) for step in model.steps(config["model"]["shift"])]
    shown += [each[:, :, ::-1] for each in shown]
    faces = np.concatenate([model.thumbnails(each, block) for each in shown])
    mean, whose = faces.mean(axis=0), np.tile(people, len(shown))
    faces = (faces - mean) / faces.std()
    sizes = [faces.shape[1], chosen["hidden"], chosen["length"]]
    layers = [random.normal(0, a**-0.5, (a, b)) for a, b in pairwise(sizes)]
    moments = [np.zeros((2, *layer.shape)) for layer in layers]
    for step in range(1, chosen["steps"] + 1):
        rows = random.choice(len(faces), min(chosen["batch"], len(faces)), replace=False)
        slopes = gradients_of(faces[rows], whose[rows], layers, chosen["temperature"])
        for layer, moment, slope in zip(layers, moments, slopes, strict=True):
            moment[0] = KEEP * moment[0] + (1 - KEEP) * slope
            moment[1] = KEEP_SQUARES * moment[1] + (1 - KEEP_SQUARES) * slope**2
            first, second = moment[0] / (1 - KEEP**step), moment[1] / (1 - KEEP_SQUARES**step)
            layer -= chosen["rate"] * first / (np.sqrt(second) + TINY)
    scale = np.concatenate([model.thumbnails(each, block) for each in shown]).std()

    def features(shown: NDArray) -> Array:
        thumbs = (model.thumbnails(shown, block) - mean) / scale
        return np.asarray(np.tanh(thumbs @ layers[0]) @ layers[1])

    return Encoder(features, np.zeros(chosen["length"]), mirrored=True)


def loss_of(vectors: Array, people: NDArray, temperature: float) -> tuple[float, Array]:
    """The supervised contrastive loss (Khosla et al., 2020), and its slope by the likenesses."""
    own = people[:, None] == people[None]
    np.fill_diagonal(own, False)
    likeness = vectors @ vectors.T / temperature
    np.fill_diagonal(likeness, -np.inf)
    likeness -= likeness.max(axis=1, keepdims=True)
    log_share = likeness - np.log(np.exp(likeness).sum(axis=1, keepdims=True))
    wanted = own / np.maximum(own.sum(axis=1, keepdims=True), 1)
    has_own = own.any(axis=1)
    loss = -float((wanted[own] * log_share[own]).sum() / max(has_own.sum(), 1))
    slope = (np.exp(log_share) - wanted) * has_own[:, None] / max(has_own.sum(), 1)
    return loss, slope / temperature


def gradients_of(
    faces: Array, people: NDArray, layers: list[Array], temperature: float
) -> list[Array]:
    """The slope of the loss by the weights of both layers."""
    inside = np.tanh(faces @ layers[0])
    out = inside @ layers[1]
    vectors, lengths = unit(out), np.linalg.norm(out, axis=1, keepdims=True)
    by_pair = loss_of(vectors, people, temperature)[1]
    by_vector = (by_pair + by_pair.T) @ vectors
    along = np.einsum("ij,ij->i", by_vector, vectors)[:, None]
    by_out = (by_vector - along * vectors) / np.maximum(lengths, TINY)
    by_inside = by_out @ layers[1].T * (1 - inside**2)
    return [faces.T @ by_inside, inside.T @ by_out]
