"""Pictures as other views and other stains would give them, with their boxes; training alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .boxes import BOX, areas
from .predict import COLOURS, SIDES


def augment(
    seen: Tensor, cells: Sequence[NDArray], settings: Mapping[str, Any], random: np.random.Generator
) -> tuple[Tensor, list[NDArray]]:
    """Pictures turned over, moved, made larger or smaller and stained otherwise, with their boxes.

    What a picture lacks after a move is filled with its mirror image, in which no cell is boxed.
    """
    rows, _, height, width = seen.shape
    flips = random.choice([-1.0, 1.0], (rows, 2))
    zooms = np.exp(random.uniform(-settings["scale"], settings["scale"], rows))
    moves = random.uniform(-settings["shift"], settings["shift"], (rows, 2))
    turns = torch.diag_embed(torch.from_numpy(flips / zooms[:, None]))
    how = torch.cat([turns, torch.from_numpy(moves)[:, :, None]], dim=2).float()
    grid = nn.functional.affine_grid(how, list(seen.shape), align_corners=False)
    moved = nn.functional.grid_sample(seen, grid, padding_mode="reflection", align_corners=False)
    boxes = [
        move(known, flip * zoom, shift, (width, height), settings["seen"])
        for known, flip, zoom, shift in zip(cells, flips, zooms, moves, strict=True)
    ]
    reach = settings["colour"]
    gain = np.exp(random.uniform(-reach, reach, (rows, COLOURS, 1, 1)))
    light = random.uniform(-reach, reach, (rows, 1, 1, 1)) / 2
    return moved * torch.from_numpy(gain).float() + torch.from_numpy(light).float(), boxes


def move(
    known: NDArray, factor: NDArray, shift: NDArray, size: tuple[int, int], seen: float
) -> NDArray:
    """Boxes where `augment` has put the cells: cut off at the picture's edges.

    `factor` and `shift`, (2,) for across and down, are of coordinates from −1 to 1. Cells of which
    less than the share `seen` of the area is left are not told of.
    """
    # practice: move
    corners = known[:, BOX].reshape(-1, 2, 2)
    places = (corners / size * 2 - 1 - shift) * factor
    places = np.sort((places + 1) / 2 * size, axis=1)
    whole, cut = places.reshape(-1, SIDES), places.clip(0, size).reshape(-1, SIDES)
    kept = areas(cut) > seen * areas(whole)
    return np.column_stack([known[:, 0], cut])[kept]
    # practice: end
