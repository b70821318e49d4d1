"""Histogram gradient boosting as arrays for the browser: page/trees.js walks them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from .packing import pack

LEAF = 255  # in place of a column


def pack_boosting(regressor: HistGradientBoostingRegressor) -> bytes:
    """The trees of a regressor of numbers, none of them missing.

    A node's left child comes right after it; a leaf's value is as exact as in Python.
    """
    trees = [_in_preorder(stage[0].nodes) for stage in regressor._predictors]
    nodes = np.concatenate([nodes for nodes, _ in trees])
    inner = nodes["is_leaf"] == 0
    cuts, cut = np.unique(nodes["num_threshold"][inner], return_inverse=True)
    columns = np.where(inner, nodes["feature_idx"], LEAF).astype(np.uint8)
    arrays = {
        "sizes": np.array([len(nodes) for nodes, _ in trees], dtype=np.int32),
        "columns": columns,
        "rights": np.concatenate([right for _, right in trees])[inner].astype(np.uint16),
        "cut": cut.astype(np.uint16),
        "cuts": cuts.astype(np.float64),
        "leaves": nodes["value"][~inner].astype(np.float64),
    }
    return pack({"start": float(regressor._baseline_prediction.item())}, arrays)


def _in_preorder(nodes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The nodes, each before its left and then its right children, and where the right one is."""
    order, waiting = [], [0]
    while waiting:
        number = waiting.pop()
        order.append(number)
        if not nodes["is_leaf"][number]:
            waiting += [int(nodes["right"][number]), int(nodes["left"][number])]
    place = np.empty(len(nodes), dtype=int)
    place[order] = np.arange(len(order))
    laid = nodes[order]
    return laid, place[laid["right"]]
