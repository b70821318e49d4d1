"""The figures of the write-up."""

import numpy as np
import pandas as pd

from .data import KINDS, NAMES
from .kit import figures
from .kit.results import Picture
from .kit.workspace import Workspace

COLOURS = {
    "VADER": figures.BASELINE,
    "the other kinds": "#8b5cf6",
    "its own kind": "#0d9488",
    "all kinds": figures.MODEL,
}
LIFTS = (0.21, 0.07, -0.07, -0.21)  # of the dots in a row, so that none hides another
PICTURES = {
    "carry": Picture(
        "Pearson r with the human mean, by what the model was taught. The grey line is what the "
        "human means themselves allow.",
        "For each of four kinds of text, dots for VADER, a model taught the other kinds, its own "
        "kind and all kinds, and a line for the ceiling set by human disagreement.",
    ),
    "matrix": Picture(
        "Taught one kind of text, tested on another: Pearson r on the test set.",
        "A table of four by four correlations; on the diagonal both are of one kind.",
    ),
    "agreement": Picture(
        "Mean human rating of the snippets in each tenth of the model's ratings.",
        "Lines for four kinds of text, mean human rating over the model's, with the diagonal.",
    ),
}


def draw_carry(workspace: Workspace, scores: pd.DataFrame) -> None:
    """One row for each kind of text, one dot for each training set."""
    with figures.figure(workspace.figures / "carry", height=3.8) as (_, axes):
        rows = np.arange(len(scores))[::-1]
        for lift, (name, colour) in zip(LIFTS, COLOURS.items(), strict=True):
            axes.scatter(scores[name], rows + lift, s=60, color=colour, label=name, zorder=3)
        axes.vlines(
            scores["people's ceiling"], rows - 0.28, rows + 0.28, color=figures.OTHER, lw=2.5,
            label="people's ceiling",
        )  # fmt: skip
        axes.set(yticks=rows, yticklabels=scores.index, xlabel="Pearson r", xlim=(None, 1.02))
        axes.set_ylim(-0.5, len(scores) - 0.5)
        axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.45, 1.0), fontsize=10)


def draw_matrix(workspace: Workspace, matrix: pd.DataFrame) -> None:
    """Numbers in cells, darker where they are higher."""
    with figures.figure(workspace.figures / "matrix", width=6.2, height=4.2) as (_, axes):
        axes.imshow(matrix, cmap="Blues", vmin=0, vmax=1.4, aspect="auto")
        for (i, j), value in np.ndenumerate(matrix.to_numpy()):
            colour = "white" if value > 0.75 else "#0b1f3a"
            axes.text(j, i, f"{value:.2f}", ha="center", va="center", color=colour)
        places = range(len(matrix))
        axes.set_xticks(places, matrix.columns)
        axes.set_yticks(places, matrix.index)
        axes.set(xlabel="tested on", ylabel="taught")
        axes.grid(False)


def draw_agreement(workspace: Workspace, snippets: pd.DataFrame) -> None:
    """A reliability diagram for ratings."""
    colours = dict(zip(KINDS, COLOURS.values(), strict=True))
    with figures.figure(workspace.figures / "agreement", width=5.6) as (_, axes):
        axes.axline((0, 0), slope=1, ls="--", color=figures.OTHER, label="perfect")
        for kind in KINDS:
            part = snippets[snippets.kind == kind]
            tenth = pd.qcut(part.model, 10, labels=False, duplicates="drop")
            means = part.groupby(tenth)[["model", "rating"]].mean()
            axes.plot(means.model, means.rating, "o-", color=colours[kind], label=NAMES[kind])
        axes.set(xlabel="model's rating", ylabel="mean human rating")
        axes.legend()
