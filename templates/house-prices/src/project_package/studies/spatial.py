"""How far off is it where no neighbour was sold?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold

from .. import model
from ..evaluate import Evaluated
from ..kit.holdout import connect
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..predict import Appraiser
from ..train import out_of_fold


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same recipes on another split: whole blocks of the map are left out."""
    settings = workspace.config["evaluate"]
    spatial = spatial_table(
        evaluated.everything, evaluated.appraiser, evaluated.simple, settings, workspace.seed
    )
    return Study(
        title="Spatial blocks",
        text="A random split lets the model learn from the house next door. Here whole blocks of "
        "the map are left out, so that only at their borders a neighbour was seen.",
        tables={"spatial": spatial},
    )


def spatial_table(
    sales: pd.DataFrame, appraiser: Appraiser, simple: str, settings: Mapping, seed: int
) -> Table:
    """The same recipes, each block of the map valued by a model that saw no sale there."""
    size, parts = settings["block"], settings["block_parts"]
    blocks, rows = blocks_of(sales, size), []
    for name, by in (("model", "chosen"), (simple, simple)):
        cuts = spatial_folds(sales, size, parts, seed)
        predicted = out_of_fold(sales, appraiser.models[by], cuts)
        columns, options = (sales.price, predicted), {"groups": blocks, "seed": seed}
        error, fit_of_all = (
            bootstrap(m, *columns, **options) for m in (model.median_ape, r2_score)
        )
        rows.append([name, error, fit_of_all])
    return Table(
        f"All {len(sales):,} sales, blocks of {size}° left out in {parts} turns, intervals by "
        "block; settings as chosen on the training set.",
        ["", "median error", "R²"],
        rows,
    )


def spatial_folds(
    sales: pd.DataFrame, size: float, parts: int, seed: int
) -> list[tuple[NDArray, NDArray]]:
    """Pairs of row numbers, to fit on and to value; a block of the map is on one side."""
    splitter = GroupKFold(n_splits=parts, shuffle=True, random_state=seed)
    return list(splitter.split(sales, groups=blocks_of(sales, size)))


def blocks_of(sales: pd.DataFrame, size: float) -> NDArray[np.int64]:
    """The block of the map, `size` degrees wide, for each sale, shape (n,).

    A house on both sides of a border of blocks keeps its blocks together.
    """
    latitude, longitude = (np.floor(sales[name] / size) for name in ("latitude", "longitude"))
    return connect(list(zip(latitude, longitude, strict=True)), list(sales.house))
