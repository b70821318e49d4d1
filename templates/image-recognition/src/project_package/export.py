"""From PyTorch to ONNX: one file that the service runs without PyTorch."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray

from .kit.workspace import ProjectError
from .model import Recogniser, as_input

TOLERANCE = 1e-4  # of a probability
CLASSES_KEY, THRESHOLD_KEY = "classes", "threshold"


def export(recogniser: Recogniser, path: Path, classes: Sequence[str], threshold: float) -> None:
    """Write `path`, with the classes' names and the threshold of confidence inside."""
    recogniser.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns about its own insides
        program = torch.onnx.export(
            recogniser,
            (torch.zeros(2, 1, 28, 28),),
            input_names=["images"],
            output_names=["probabilities"],
            dynamic_shapes=({0: torch.export.Dim("rows")},),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ProjectError("PyTorch could not export the network to ONNX")
    model = program.model_proto
    for node in model.graph.node:
        node.ClearField("metadata_props")  # where in which folder it was traced: not the network
    onnx.helper.set_model_props(
        model, {CLASSES_KEY: json.dumps(list(classes)), THRESHOLD_KEY: repr(threshold)}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    onnx.save(model, beside)
    beside.replace(path)


def require_parity(recogniser: Recogniser, path: Path, pixels: NDArray[np.uint8]) -> float:
    """The largest gap between the probabilities of PyTorch and of the exported file.

    Raises ProjectError when it is larger than TOLERANCE: that file must not be served.
    """
    images = as_input(torch.from_numpy(pixels))
    with torch.inference_mode():
        expected = recogniser(images).numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"images": images.numpy()})
    gap = float(np.abs(np.asarray(found) - expected).max())
    if gap > TOLERANCE:
        raise ProjectError(
            f"{path.name} differs from the trained network by {gap:.2g} in a probability; "
            "the export is wrong for this version of PyTorch"
        )
    return gap
