"""From PyTorch to ONNX: one file that the service runs without PyTorch."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from .workspace import ProjectError

TOLERANCE = 1e-4  # of a probability
INPUT, OUTPUT = "images", "probabilities"


def export(model: nn.Module, path: Path, example: Tensor, about: Mapping[str, str]) -> None:
    """Write `path`, with the texts of `about` inside; `example` shows the shape of two rows."""
    model.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns about its own insides
        program = torch.onnx.export(
            model,
            (example,),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("rows")},),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ProjectError("PyTorch could not export the network to ONNX")
    proto = program.model_proto
    for node in proto.graph.node:
        node.ClearField("metadata_props")  # where in which folder it was traced: not the network
    onnx.helper.set_model_props(proto, dict(about))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    onnx.save(proto, beside)
    beside.replace(path)


def require_parity(model: nn.Module, path: Path, rows: Tensor) -> float:
    """The largest gap between the probabilities of PyTorch and of the exported file.

    Raises ProjectError when it is larger than TOLERANCE: that file must not be served.
    """
    with torch.inference_mode():
        expected = model(rows).numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {INPUT: rows.numpy()})
    gap = float(np.abs(np.asarray(found) - expected).max())
    if gap > TOLERANCE:
        raise ProjectError(
            f"{path.name} differs from the trained network by {gap:.2g} in a probability; "
            "the export is wrong for this version of PyTorch"
        )
    return gap
