"""dlib's embedding of faces, where its two packages are installed: `pip install --group dlib`.

Each face is made three times as large and aligned by five points. The package's file of 68 points
is never opened: its licence excludes commercial use.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .model import Array

LARGER = 3
NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
POINTS = "shape_predictor_5_face_landmarks.dat"


def installed() -> bool:
    """Whether both packages are there."""
    return find_spec("dlib") is not None and find_spec("face_recognition_models") is not None


def embed(pixels: NDArray[np.uint8]) -> Array:
    """Descriptors, shape (n, 128)."""
    import dlib

    folder = Path(find_spec("face_recognition_models").submodule_search_locations[0]) / "models"
    network = dlib.face_recognition_model_v1(str(folder / NETWORK))
    points, detect = dlib.shape_predictor(str(folder / POINTS)), dlib.get_frontal_face_detector()
    found = []
    for face in pixels:
        large = face.repeat(LARGER, axis=0).repeat(LARGER, axis=1)
        colours = np.ascontiguousarray(np.stack([large] * 3, axis=-1))
        height, width = large.shape
        places = [*detect(colours, 0), dlib.rectangle(0, 0, width, height)]
        chip = dlib.get_face_chip(colours, points(colours, places[0]))
        found.append(np.array(network.compute_face_descriptor(chip)))
    return np.stack(found)


def likeness(vectors: Array, one: NDArray, other: NDArray) -> Array:
    """The network was trained for distances: the nearer, the more alike."""
    return -np.linalg.norm(vectors[one] - vectors[other], axis=1)
