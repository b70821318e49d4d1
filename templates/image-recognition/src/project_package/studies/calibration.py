"""Are the probabilities right?"""

from sklearn.calibration import calibration_curve

from ..evaluate import Judged, calibration_error
from ..kit import figures
from ..kit.results import Picture, Study
from ..kit.statistics import decimal
from ..kit.workspace import Workspace

TENTHS = 10


def study(workspace: Workspace, evaluated: Judged) -> Study:
    """What the temperature did, and confidence beside accuracy."""
    bins = workspace.config["evaluate"]["bins"]
    return Study(
        title="Are the probabilities right?",
        text="Of all test images that were named with a confidence of four fifths, say, four "
        "fifths should be named rightly. The calibration error is the mean gap between the two, "
        f"over {bins} equal bins.",
        figures={"calibration": draw(workspace, evaluated)},
        notes={"calibration": temperature_note(evaluated, bins)},
    )


def temperature_note(judged: Judged, bins: int) -> str:
    """What the temperature did; probabilities to its power are those without it, up to scale."""
    temperature = judged.training["temperature"]
    before = judged.chances**temperature
    before /= before.sum(axis=1, keepdims=True)
    raw, kept = (calibration_error(c.max(1), judged.right, bins) for c in (before, judged.chances))
    return (
        f"Temperature {temperature:.2f}, fitted on the validation set, takes the calibration "
        f"error on the test set from {decimal(raw)} to {decimal(kept)}. Over bins such an error "
        "is above zero by chance alone, even where the probabilities are right."
    )


def draw(workspace: Workspace, judged: Judged) -> Picture:
    """Accuracy by stated confidence, in tenths of the images."""
    observed, stated = calibration_curve(
        judged.right, judged.confidence, n_bins=TENTHS, strategy="quantile"
    )
    with figures.figure(workspace.figures / "calibration", width=5) as (_, axes):
        axes.plot([0, 1], [0, 1], "--", color=figures.OTHER, label="perfect")
        axes.plot(stated, observed, "o-", color=figures.MODEL, label="network")
        axes.set(xlabel="stated confidence", ylabel="share named rightly")
        axes.legend()
    return Picture(
        "Of the images given a confidence, the share that were named rightly.",
        "Reliability curve of the network beside the diagonal of perfect calibration.",
    )
