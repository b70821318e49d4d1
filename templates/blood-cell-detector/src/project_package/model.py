"""The network and what it is told to say; no input or output.

Pictures are float32 tensors, shape (n, 3, height, width), as `see` makes them; cells are arrays of
kind and box, shape (m, 5), in the same pixels.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .pictures import KINDS
from .predict import COLOURS, KERNEL, LAYERS, REACH, SIDES, STEP, see

SURE, FAR = 2, 4  # exponents of the focal loss
BLANK = -3.0  # where the heat maps begin: nearly everywhere is nothing
EDGE = 1e-4  # keeps logarithms finite

Settings = Mapping[str, Any]


class Network(nn.Module):
    """Nine convolutions; the last gives a heat map of each kind, and four sides of a box.

    `widths` are the channels at half, a quarter and an eighth of the picture's size.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        half, quarter, eighth = widths
        outs = [half, quarter, quarter, *[eighth] * (len(LAYERS) - len(widths))]
        ins = [COLOURS, *outs[:-1]]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(
                before, after, KERNEL, stride, padding=dilation, dilation=dilation, bias=False
            )
            for before, after, (stride, dilation, _) in zip(ins, outs, LAYERS, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(after) for after in outs)
        self.head = nn.Conv2d(outs[-1], len(KINDS) + SIDES, 1)
        with torch.no_grad():
            self.head.bias[: len(KINDS)] = BLANK
            self.head.bias[len(KINDS) :] = 1.0

    def forward(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the heat maps, shape (n, kinds, rows, columns), and sides (n, 4, ...).

        Sides are distances in pixels from the middle of a place to left, top, right and bottom.
        """
        found = seen
        layers = zip(self.convolutions, self.norms, LAYERS, strict=True)
        for convolve, norm, (_, _, added) in layers:
            new = norm(convolve(found))
            found = torch.relu(new + found if added else new)
        said = self.head(found)
        sides = nn.functional.softplus(said[:, len(KINDS) :].clamp(-REACH, REACH)) * STEP
        return said[:, : len(KINDS)], sides

    def fold(self) -> dict[str, NDArray[np.float32]]:
        """The network as plain arrays, every normalisation made part of its convolution."""
        arrays = {"head": self.head.weight[:, :, 0, 0], "head_bias": self.head.bias}
        for number, (convolve, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            arrays[f"kernel{number}"] = convolve.weight * factor[:, None, None, None]
            arrays[f"bias{number}"] = norm.bias - norm.running_mean * factor
        return {name: array.detach().numpy().copy() for name, array in arrays.items()}


def as_tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """Pictures as the network sees them."""
    return torch.from_numpy(see(pixels).astype(np.float32))


def targets(cells: Sequence[NDArray], shape: tuple[int, int], settings: Settings) -> tuple:
    """What the network should say of pictures of this shape: heat, middles, sides and weight.

    Heat falls off around each middle as a bell, whose width is a share of the cell's (Zhou et al.,
    2019); middles are 1 at one place a cell. Sides count, by `weight`, where a bell is high; of
    two cells the nearer one is meant.
    """
    # practice: targets
    rows, columns = -(-shape[0] // STEP), -(-shape[1] // STEP)
    heat = np.zeros((len(cells), len(KINDS), rows, columns), np.float32)
    middles, weight = np.zeros_like(heat), np.zeros((len(cells), rows, columns), np.float32)
    sides = np.zeros((len(cells), SIDES, rows, columns), np.float32)
    down, across = np.mgrid[:rows, :columns]
    for number, known in enumerate(cells):
        for kind, left, top, right, bottom in known:
            column = min(int((left + right) / 2 // STEP), columns - 1)
            row = min(int((top + bottom) / 2 // STEP), rows - 1)
            wide, tall = (
                max(size * settings["spread"], STEP * settings["least_spread"])
                for size in (right - left, bottom - top)
            )
            far = ((across - column) * STEP / wide) ** 2 + ((down - row) * STEP / tall) ** 2
            bell = np.exp(-far / 2).astype(np.float32)
            own = heat[number, int(kind)]
            np.maximum(own, bell, out=own)
            middles[number, int(kind), row, column] = 1
            near = (bell > settings["near"]) & (bell > weight[number])
            weight[number][near] = bell[near]
            x, y = (across[near] + 0.5) * STEP, (down[near] + 0.5) * STEP
            sides[number][:, near] = np.stack([x - left, y - top, right - x, bottom - y])
    return tuple(map(torch.from_numpy, (heat, middles, sides, weight)))
    # practice: end


def loss(heat: Tensor, sides: Tensor, wanted: tuple, box_weight: float) -> Tensor:
    """Focal loss of the heat maps, and generalised IoU of the boxes (Rezatofighi et al., 2019)."""
    bells, middles, true_sides, weight = wanted
    chance = torch.sigmoid(heat).clamp(EDGE, 1 - EDGE)
    there = middles * (1 - chance) ** SURE * chance.log()
    not_there = (1 - middles) * (1 - bells) ** FAR * chance**SURE * (1 - chance).log()
    focal = -(there + not_there).sum() / middles.sum().clamp(min=1)
    near = weight > 0
    alike = generalised_iou(sides.movedim(1, -1)[near], true_sides.movedim(1, -1)[near])
    boxes = ((1 - alike) * weight[near]).sum() / weight.sum().clamp(min=1)
    return focal + box_weight * boxes


def generalised_iou(said: Tensor, true: Tensor) -> Tensor:
    """Of boxes given by their sides from one place, shape (n, 4): IoU less what is wasted."""
    # practice: generalised_iou
    low, high = torch.minimum(said, true), torch.maximum(said, true)
    shared = (low[:, :2] + low[:, 2:]).clamp(min=0).prod(dim=1)
    around = (high[:, :2] + high[:, 2:]).prod(dim=1).clamp(min=EDGE)
    union = sum((each[:, :2] + each[:, 2:]).prod(dim=1) for each in (said, true)) - shared
    return shared / union.clamp(min=EDGE) - (around - union) / around
    # practice: end
