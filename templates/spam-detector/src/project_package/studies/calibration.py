"""Are the probabilities right?"""

import numpy as np
import pandas as pd
from sklearn.calibration import calibration_curve

from ..evaluate import Evaluated
from ..kit import figures
from ..kit.results import Picture, Study
from ..kit.statistics import decimal
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The reliability curve, and how far it is from the diagonal."""
    bins = workspace.config["evaluate"]["bins"]
    draw(workspace, evaluated.mails, bins)
    return Study(
        title="Are the probabilities right?",
        text="Of the mails of the test set that were given about the same probability, the share "
        "that were spam beside what was stated.",
        figures={
            "calibration": Picture(
                "Of the mails given a probability, the share that were spam.",
                "Reliability curve of the model, with the diagonal of perfect calibration.",
            )
        },
        notes={"calibration": calibration_note(evaluated.mails, bins)},
    )


def calibration_note(mails: pd.DataFrame, bins: int) -> str:
    """How far the stated probabilities are from the shares observed."""
    in_bin = mails.groupby((mails.probability * bins).clip(upper=bins - 1).astype(int))
    gaps = (in_bin.spam.mean() - in_bin.probability.mean()).abs()
    return (
        "On average over the mails, the stated probability is off by "
        f"{decimal(float(np.average(gaps, weights=in_bin.size())))} from the share observed "
        f"(expected calibration error, {bins} bins; above zero by chance alone, even where the "
        "probabilities are right)."
    )


def draw(workspace: Workspace, mails: pd.DataFrame, bins: int) -> None:
    """The reliability curve."""
    observed, stated = calibration_curve(mails.spam, mails.probability, n_bins=bins)
    with figures.figure(workspace.figures / "calibration", width=5) as (_, axes):
        axes.plot([0, 1], [0, 1], "--", color=figures.OTHER, label="perfect")
        axes.plot(stated, observed, "o-", color=figures.MODEL, label="model")
        axes.set(xlabel="stated probability", ylabel="share that was spam")
        axes.legend()
