"""The contract of `detection.py`."""

import importlib

import numpy as np

from project_package import data
from project_package.kit.workspace import Workspace


def test_a_face_on_a_larger_sheet_is_found_where_it_is(prepared: Workspace) -> None:
    detection = importlib.import_module("project_package.detection")
    faces = data.load(prepared, "train", reader="train").pixels[:, ::4, ::4]
    random, near = np.random.default_rng(0), []
    for face in faces[:12]:
        sheet = random.integers(90, 110, (70, 80)).astype(np.uint8)
        top, left = int(random.integers(0, 42)), int(random.integers(0, 57))
        sheet[top : top + face.shape[0], left : left + face.shape[1]] = face
        found = detection.find(sheet, faces[12:])
        near.append(max(abs(found[0] - top), abs(found[1] - left)) <= 4)
    assert np.mean(near) >= 0.75
