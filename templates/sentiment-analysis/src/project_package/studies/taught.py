"""How well does it rate kinds of text that it was taught?"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .. import model
from ..data import KINDS, NAMES
from ..evaluate import Evaluated
from ..kit.results import Score, Study
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..train import pearson_r

TAUGHT = f"taught (beside {model.TFIDF_RIDGE})"  # as the baseline of those scores is another


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Correlation, accuracy and error of the model that is served for these kinds."""
    return Study(
        title="On kinds that it was taught",
        text="The model that is served for the four kinds was taught all of them. Its scores on "
        "the test set, kind by kind, stand in the first table of the results, beside those of "
        f"{model.TFIDF_RIDGE}, taught the same. Accuracy is that of the side of zero.",
        scores=score(evaluated.snippets, workspace.config["evaluate"]["neither"], workspace.seed),
    )


def score(snippets: pd.DataFrame, neither: float, seed: int) -> dict[str, Score]:
    """On kinds that the model was taught: the simple method beside it is ridge on TF-IDF."""

    def measured(
        label: str, metric: Callable[..., float], part: pd.DataFrame, higher: bool = True
    ) -> Score:
        interval = bootstrap(metric, part.rating, part.model, groups=part.group, seed=seed)
        return Score(label, interval, metric(part.rating, part.simple), higher)

    def accuracy(truth: ArrayLike, ratings: ArrayLike) -> float:
        return binary_accuracy(truth, ratings, neither)

    parts = {kind: snippets[snippets.kind == kind] for kind in KINDS}
    scores = {
        f"{name}_{kind}": measured(f"{label}, {NAMES[kind]}, {TAUGHT}", metric, part)
        for name, label, metric in (
            ("pearson_r", "Pearson r", pearson_r),
            ("accuracy", "accuracy, positive or negative", accuracy),
        )
        for kind, part in parts.items()
    }
    scores["mean_absolute_error"] = measured(
        f"mean absolute error, all kinds, {TAUGHT}", mean_absolute_error, snippets, higher=False
    )
    return scores


def binary_accuracy(truth: ArrayLike, ratings: ArrayLike, neither: float) -> float:
    """Share on the right side of zero, where the human mean is on one; zero counts as negative."""
    # practice: binary_accuracy
    truth, ratings = np.asarray(truth), np.asarray(ratings)
    sided = np.abs(truth) > neither
    return float(np.mean((truth[sided] > 0) == (ratings[sided] > 0)))
    # practice: end


def mean_absolute_error(truth: ArrayLike, ratings: ArrayLike) -> float:
    """In points of the scale from −4 to 4."""
    return float(np.mean(np.abs(np.asarray(truth) - np.asarray(ratings))))
