"""What the demo can take over of a network, and what it says when it cannot."""

import numpy as np
import onnx
import pytest
from onnx import helper

from project_package.demo import translate
from project_package.kit.workspace import ProjectError

KERNELS = np.ones((2, 1, 3, 3), np.float32)
AROUND = {
    "pads": [1] * 4,
    "kernel_shape": [3, 3],
    "strides": [1, 1],
    "dilations": [1, 1],
    "group": 1,
}


def test_a_normalisation_becomes_part_of_the_convolution_before_it() -> None:
    norm = {"scale": [2.0, 4.0], "shift": [1.0, 0.0], "mean": [3.0, 0.0], "variance": [4.0, 1.0]}
    arrays = {name: np.array(values, np.float32) for name, values in norm.items()}
    nodes = [
        helper.make_node("Conv", ["seen", "kernels"], ["sums"], **AROUND),
        helper.make_node("BatchNormalization", ["sums", *norm], ["normed"], epsilon=0.0),
    ]
    steps, used = translate(nodes, {**arrays, "kernels": KERNELS})
    assert [step["name"] for step in steps] == ["Conv"]
    assert steps[0]["output"] == "normed"
    kernels, bias = (used[name] for name in steps[0]["inputs"][1:])
    assert kernels[:, 0, 0, 0].tolist() == [1, 4]
    assert bias.tolist() == [-2, 0]


@pytest.mark.parametrize(
    "node",
    [
        helper.make_node("Conv", ["seen", "kernels"], ["sums"], **{**AROUND, "strides": [2, 2]}),
        helper.make_node("AveragePool", ["seen"], ["mean"], kernel_shape=[2, 2]),
    ],
    ids=lambda node: node.op_type,
)
def test_an_operation_that_the_page_does_not_know_is_named(node: onnx.NodeProto) -> None:
    with pytest.raises(ProjectError, match=f"does not know this {node.op_type}"):
        translate([node], {"kernels": KERNELS})


def test_what_turns_an_image_round_is_told_from_other_slices() -> None:
    ends = {"from": [-1], "to": [-28], "axis": [3]}
    arrays = {name: np.array(values) for name, values in ends.items()}

    def flip(step: int) -> list[dict[str, object]]:
        node = helper.make_node("Slice", ["seen", *ends, "step"], ["turned"])
        return translate([node], {**arrays, "step": np.array([step])})[0]

    assert flip(-1)[0]["name"] == "Flip"
    with pytest.raises(ProjectError, match="Slice"):
        flip(-2)
