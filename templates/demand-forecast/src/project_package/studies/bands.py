"""How often do the bands hold, and when do they not?"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..evaluate import Evaluated, inside
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..model import SLOTS

PARTS = {"0:00 to 6:00": 0, "6:00 to 12:00": 12, "12:00 to 18:00": 24, "18:00 to 24:00": 36}
QUARTER = 12


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Coverage over the day, days that were missed, and the pinball loss of the bands' ends."""
    draw(workspace, evaluated)
    seed = workspace.seed
    return Study(
        title="How often do the bands hold?",
        text="By part of the day. The width follows the last misses of each half-hour, and the "
        "level follows what was covered lately (adaptive conformal prediction).",
        tables={"bands": bands_table(evaluated, seed)},
        figures={
            "bands": Picture(
                "Share of half-hours inside each band, over the day; dashed, what is meant.",
                "Lines of coverage over the day beside dashed lines at what is meant.",
            )
        },
        notes={"bands": bands_note(evaluated, seed)},
    )


def bands_table(evaluated: Evaluated, seed: int) -> Table:
    """Coverage, mean width and pinball loss, for each band and part of the day."""
    found = []
    for band in evaluated.bands:
        for name, start in {"all day": None, **PARTS}.items():
            rows = evaluated.rows
            if start is not None:
                rows = rows[(rows.slot >= start) & (rows.slot < start + QUARTER)]
            held = bootstrap(np.mean, inside(rows, band), groups=rows.week, seed=seed)
            width = float((rows[f"high {band}"] - rows[f"low {band}"]).mean() * 1000)
            found.append([f"{float(band):.0%}", name, held, width, band_loss(rows, band)])
    return Table(
        f"Bands on the test set; pinball loss is the mean of both ends'. {EACH_ALONE}",
        ["band", "time", "share inside", "width, MW", "pinball loss, MW"],
        found,
    )


def band_loss(rows: pd.DataFrame, band: str) -> float:
    """The mean pinball loss of both ends of a band, in megawatts."""
    tail = (1 - float(band)) / 2
    ends = ((f"low {band}", tail), (f"high {band}", 1 - tail))
    return 1000 * float(np.mean([pinball(rows.truth, rows[name], share) for name, share in ends]))


def pinball(truth: NDArray, said: NDArray, share: float) -> float:
    """The loss that the quantile `share` makes smallest (Koenker and Bassett, 1978)."""
    # practice: pinball
    missing = np.asarray(truth) - np.asarray(said)
    return float(np.mean(np.maximum(share * missing, (share - 1) * missing)))
    # practice: end


def bands_note(evaluated: Evaluated, seed: int) -> str:
    """What the bands are meant to hold, what they held, and how many days were mostly missed."""
    rows, said = evaluated.rows, []
    for band, level in evaluated.bands.items():
        held = bootstrap(np.mean, inside(rows, band), groups=rows.week, seed=seed)
        days = pd.Series(inside(rows, band)).groupby(rows.date.to_numpy()).mean()
        said.append(
            f"Bands meant to hold {level:.0%} of the half-hours hold {held}; of {len(days)} days, "
            f"{int((days < 0.5).sum())} are covered by less than half."
        )
    return " ".join(said)


def draw(workspace: Workspace, evaluated: Evaluated) -> None:
    """Coverage by half-hour."""
    with figures.figure(workspace.figures / "bands", height=3.2) as (_, axes):
        for (band, level), style in zip(evaluated.bands.items(), ("-", ":"), strict=False):
            held = pd.Series(inside(evaluated.rows, band)).groupby(evaluated.rows.slot).mean()
            axes.plot(np.arange(SLOTS) / 2, held, style, color=figures.MODEL, label=f"{level:.0%}")
            axes.axhline(level, color=figures.BASELINE, linestyle="--")
        axes.set(xlabel="hour", ylabel="share inside", ylim=(0, 1.02))
        axes.legend()
