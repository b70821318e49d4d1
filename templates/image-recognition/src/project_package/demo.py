"""The demo: the exported network, and the way from a picture to its pixels, in the browser."""

import base64
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper
from PIL import Image

from . import data
from .kit.packing import pack, shorten
from .kit.workspace import ProjectError, Workspace
from .predict import STRIDE, WINDOW, ImageRecogniser

PICTURES = 400  # that the browser has to answer as the service does
ON_SAMPLE = 40  # the same in tests: with its map of what decided, an answer takes half a second
BITS = 20  # of a weight that are kept: changes no answer by as much as the service rounds off
PLAIN = {"Add", "Sub", "Mul", "Div", "Relu", "Softmax"}  # operations that need no translation
SAME = {"pads": [1] * 4, "kernel_shape": [3, 3], "strides": [1, 1], "dilations": [1, 1], "group": 1}
HALF = {"pads": [0] * 4, "kernel_shape": [2, 2], "strides": [2, 2], "dilations": [1, 1]}

Arrays = dict[str, NDArray[np.float32]]


def export(workspace: Workspace) -> dict[str, bytes]:
    """The operations of the network that is served, and its weights in so many bits."""
    recogniser = ImageRecogniser.load(workspace)
    graph = onnx.load(workspace.models / "model.onnx").graph
    arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    steps, used = translate(list(graph.node), arrays)
    about = {
        "classes": recogniser.classes,
        "threshold": recogniser.threshold,
        "occlusion": {"window": WINDOW, "stride": STRIDE},
        "input": graph.input[0].name,
        "steps": steps,
        "shapes": {name: array.shape for name, array in used.items()},
    }
    weights = np.concatenate([shorten(array, BITS).ravel() for array in used.values()])
    return {"model.bin": pack(about, {"weights": weights})}


def translate(
    nodes: list[NodeProto], arrays: Mapping[str, NDArray]
) -> tuple[list[dict[str, Any]], Arrays]:
    """The operations that page/network.js knows, and the arrays that they use.

    Batch normalisation becomes part of the convolution before it. Raises ProjectError for an
    operation that the page does not know.
    """
    steps: list[dict[str, Any]] = []
    used: Arrays = {}
    for node in nodes:
        name, inputs, settings = node.op_type, list(node.input), _settings(node)
        if name == "BatchNormalization" and steps and steps[-1]["output"] == inputs[0]:
            _fold(steps[-1], used, [arrays[each] for each in inputs[1:]], settings["epsilon"])
        else:
            known = _known(name, settings, [arrays.get(each) for each in inputs])
            if not known:
                raise ProjectError(f"the demo's page/network.js does not know this {name}")
            kept = inputs[:1] if known in ("Flip", "GlobalMax", "Flatten") else inputs
            used |= {each: arrays[each] for each in kept if each in arrays}
            steps.append({"name": known, "inputs": kept})
        steps[-1]["output"] = node.output[0]
    return steps, used


def _known(name: str, settings: dict[str, Any], given: list[NDArray | None]) -> str | None:
    """What an operation is called in page/network.js; None for one that it does not have."""
    constants = [None if each is None else each.ravel().tolist() for each in given]
    known = {
        "Conv": SAME.items() <= settings.items(),
        "MaxPool": HALF.items() <= settings.items(),
        "Gemm": settings.get("transB") == 1 and settings.get("transA", 0) == 0,
    }
    if name in PLAIN or known.get(name):
        return name
    if name == "Slice" and constants[3:] in ([[3], [-1]], [[-1], [-1]]):
        return "Flip"
    if name == "ReduceMax" and constants[1] in ([2, 3], [-2, -1], [-1, -2]):
        return "GlobalMax"
    return "Flatten" if name in ("Reshape", "Flatten") else None


def _settings(node: NodeProto) -> dict[str, Any]:
    return {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}


def _fold(step: dict[str, Any], used: Arrays, norm: list[NDArray], epsilon: float) -> None:
    """Make a batch normalisation part of the convolution `step`; both mirror images share it."""
    scale, shift, mean, variance = (each.astype(float) for each in norm)
    factor = scale / np.sqrt(variance + epsilon)
    name, *biases = step["inputs"][1:]
    folded, bias = f"{name} folded", f"{name} bias"
    used[bias] = shift + (sum(used.pop(each) for each in biases) - mean) * factor
    used[folded] = used.pop(name) * factor[:, None, None, None]
    step["inputs"][1:] = [folded, bias]


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Pictures as the page sends them: garments of the training set on sheets of many kinds.

    Two more show nothing and are refused.
    """
    random = np.random.default_rng(workspace.seed)
    train = data.load(workspace, "train", reader="demo")
    rows = random.choice(len(train), ON_SAMPLE if workspace.holds_sample else PICTURES)
    files = [_as_file(_sheet(train.pixels[row], random)) for row in rows]
    nothing = _as_file(Image.new("RGB", (40, 30), "navy"))
    return [{"images": [each]} for each in (*files, nothing, nothing[:40])]


def _as_file(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _sheet(pixels: NDArray[np.uint8], random: np.random.Generator) -> Image.Image:
    """A garment somewhere on a sheet: grey, of two colours, or transparent around it."""
    width, height = (int(side) for side in random.integers(28, 600, 2))
    garment = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
    around = [int(side) for side in random.integers(0, 120, 4)]
    strength = Image.new("L", (width + around[0] + around[1], height + around[2] + around[3]))
    strength.paste(garment, (around[0], around[2]))
    kind = random.choice(["grey", "colours", "transparent", "noisy"])
    paper, cloth = (tuple(int(each) for each in random.integers(0, 256, 3)) for _ in range(2))
    if kind == "grey":
        return strength
    if kind == "transparent":
        picture = Image.new("RGBA", strength.size, cloth)
        picture.putalpha(strength)
        return picture
    of_cloth, of_paper = (Image.new("RGB", strength.size, each) for each in (cloth, paper))
    sheet = Image.composite(of_cloth, of_paper, strength)
    if kind == "colours":
        return sheet
    noise = random.normal(0, 5, (strength.height, strength.width, 3))
    return Image.fromarray((np.asarray(sheet) + noise).clip(0, 255).astype(np.uint8))
