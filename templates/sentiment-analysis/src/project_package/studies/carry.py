"""How far does it carry, kind by kind?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import model
from ..data import KINDS, NAMES
from ..evaluate import Evaluated, teach_again
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import Interval, paired_difference, verdict
from ..kit.workspace import Workspace
from ..train import pearson_r
from .people import human_agreement

CEILING = "people's ceiling"
COLOURS = {
    "VADER": figures.BASELINE,
    "the other kinds": "#8b5cf6",
    "its own kind": "#0d9488",
    "all kinds": figures.MODEL,
}
LIFTS = (0.21, 0.07, -0.07, -0.21)  # of the dots in a row, so that none hides another


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """What is left of r on a kind that was not taught, and what one kind alone teaches."""
    alone = teach_one_kind(workspace, evaluated)
    scores = carry_scores(evaluated.snippets, alone)
    seed, strongest = workspace.seed, evaluated.strongest
    return Study(
        title="How far does it carry?",
        text="Each kind of the test set is rated by models that were taught the other kinds, its "
        "own kind alone, and all kinds; in the matrix, a row was taught one kind alone and is "
        "tested on each.",
        tables={
            "carry": Table(
                "Pearson r with the human mean on the test set, by what the model learned from.",
                ["rated", *scores.columns],
                [[name, *row.tolist()] for name, row in scores.iterrows()],
            ),
            "differences": differences_table(evaluated.snippets, strongest, seed),
        },
        figures={
            "carry": draw_carry(workspace, scores),
            "matrix": draw_matrix(workspace, transfer_matrix(evaluated.snippets, alone)),
        },
        notes={"carry": carry_note(evaluated.snippets, strongest, seed)},
    )


def teach_one_kind(workspace: Workspace, evaluated: Evaluated) -> dict[str, NDArray]:
    """Ratings of the test set by models that were taught one kind alone."""
    recipe = model.build(workspace.config)
    wanted = {kind: ([recipe], [kind], False) for kind in KINDS}
    return teach_again(workspace, wanted, evaluated.train, evaluated.snippets)


def carry_scores(snippets: pd.DataFrame, alone: Mapping[str, NDArray]) -> pd.DataFrame:
    """Pearson r by kind of text and by what the model learned from."""
    rows = {}
    for kind in KINDS:
        chosen = (snippets.kind == kind).to_numpy()
        part = snippets[chosen]
        rows[NAMES[kind]] = {
            "VADER": pearson_r(part.rating, part.vader),
            "the other kinds": pearson_r(part.rating, part.elsewhere),
            "its own kind": pearson_r(part.rating, alone[kind][chosen]),
            "all kinds": pearson_r(part.rating, part.model),
            CEILING: human_agreement(part)["ceiling"],
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def transfer_matrix(snippets: pd.DataFrame, alone: Mapping[str, NDArray]) -> pd.DataFrame:
    """Pearson r: a row for what it learned from, a column for what it was tested on."""
    rows = {}
    for source in KINDS:
        rows[NAMES[source]] = {
            NAMES[kind]: pearson_r(snippets.rating[chosen], alone[source][chosen])
            for kind, chosen in ((kind, (snippets.kind == kind).to_numpy()) for kind in KINDS)
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def compare(snippets: pd.DataFrame, kind: str, column: str, against: str, seed: int) -> Interval:
    """Paired interval of Pearson r of one column minus that of another, on one kind."""
    part = snippets[snippets.kind == kind]
    return paired_difference(
        pearson_r, part.rating, part[column], part[against], groups=part.group, seed=seed
    )


def differences_table(snippets: pd.DataFrame, strongest: str, seed: int) -> Table:
    """Kind by kind, the model less each simple method, paired."""
    compared = {
        f"not taught, less {strongest}": ("elsewhere", "carried_simple"),
        "not taught, less VADER": ("elsewhere", "vader"),
        f"taught, less {model.TFIDF_RIDGE}": ("model", "simple"),
        "taught, less VADER": ("model", "vader"),
    }
    rows = []
    for kind in KINDS:
        found = (compare(snippets, kind, *columns, seed) for columns in compared.values())
        rows.append([NAMES[kind], *(f"{each.signed}: {verdict(each, True)}" for each in found)])
    return Table(
        "Pearson r of the model less that of a simple method on the same rows, with paired 95 % "
        f"intervals and what they allow to say of the model. {EACH_ALONE}",
        ["rated", *compared],
        rows,
    )


def carry_note(snippets: pd.DataFrame, strongest: str, seed: int) -> str:
    """For each kind, what the interval of the difference from the strongest simple method says."""
    said: dict[str, list[str]] = {}
    for kind in KINDS:
        difference = compare(snippets, kind, "elsewhere", "carried_simple", seed)
        said.setdefault(verdict(difference, True), []).append(
            f"{NAMES[kind]} ({difference.signed})"
        )
    return (
        f"Kind by kind, a model that was taught the other three, beside {strongest}: "
        + "; ".join(f"{words} on {', '.join(kinds)}" for words, kinds in said.items())
        + ". In brackets: the difference in Pearson r with its paired 95 % interval."
    )


def draw_carry(workspace: Workspace, scores: pd.DataFrame) -> Picture:
    """One row for each kind of text, one dot for each training set."""
    with figures.figure(workspace.figures / "carry", height=3.8) as (_, axes):
        rows = np.arange(len(scores))[::-1]
        for lift, (name, colour) in zip(LIFTS, COLOURS.items(), strict=True):
            axes.scatter(scores[name], rows + lift, s=60, color=colour, label=name, zorder=3)
        axes.vlines(
            scores[CEILING], rows - 0.28, rows + 0.28, color=figures.OTHER, lw=2.5, label=CEILING
        )
        axes.set(yticks=rows, yticklabels=scores.index, xlabel="Pearson r", xlim=(None, 1.02))
        axes.set_ylim(-0.5, len(scores) - 0.5)
        axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.45, 1.0), fontsize=10)
    return Picture(
        "Pearson r with the human mean, by what the model was taught. The grey line is what the "
        "human means themselves allow.",
        "For each of four kinds of text, dots for VADER, a model taught the other kinds, its own "
        "kind and all kinds, and a line for the ceiling set by human disagreement.",
    )


def draw_matrix(workspace: Workspace, matrix: pd.DataFrame) -> Picture:
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
    return Picture(
        "Taught one kind of text, tested on another: Pearson r on the test set.",
        "A table of four by four correlations; on the diagonal both are of one kind.",
    )
