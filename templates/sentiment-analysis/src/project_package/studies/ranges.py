"""How sure is a rating?"""

from collections.abc import Mapping

import pandas as pd

from ..data import KINDS, NAMES
from ..evaluate import Evaluated
from ..kit import figures
from ..kit.results import Picture, Study
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Whether the stated ranges hold what they say, and ratings beside what people said."""
    bins = workspace.config["evaluate"]["bins"]
    return Study(
        title="How sure is a rating?",
        text="The range that the service states comes from ratings held out in training "
        "(split-conformal: Lei et al., 2018). Here it is held against the test set, and so are "
        f"the ratings themselves, in {bins} parts of the same size by kind of text.",
        figures={"agreement": draw(workspace, evaluated.snippets, bins)},
        notes={"ranges": ranges_note(evaluated.snippets, evaluated.training)},
    )


def ranges_note(snippets: pd.DataFrame, training: Mapping) -> str:
    """How often the stated ranges hold the human mean."""
    settled, meant = training["ranges"], training["settings"]["coverage"]
    inside = (snippets.rating - snippets.model).abs() <= snippets.kind.map(settled)
    each = ", ".join(
        f"{NAMES[kind]} ±{settled[kind]:.2f} ({inside[snippets.kind == kind].mean():.0%})"
        for kind in KINDS
    )
    return (
        f"The range that should hold {meant:.0%} of the human means holds {inside.mean():.1%} "
        f"on the test set: {each}."
    )


def draw(workspace: Workspace, snippets: pd.DataFrame, bins: int) -> Picture:
    """A reliability diagram for ratings."""
    colours = (figures.BASELINE, "#8b5cf6", "#0d9488", figures.MODEL)
    with figures.figure(workspace.figures / "agreement", width=5.6) as (_, axes):
        axes.axline((0, 0), slope=1, ls="--", color=figures.OTHER, label="perfect")
        for kind, colour in zip(KINDS, colours, strict=True):
            part = snippets[snippets.kind == kind]
            place = pd.qcut(part.model, bins, labels=False, duplicates="drop")
            means = part.groupby(place)[["model", "rating"]].mean()
            axes.plot(means.model, means.rating, "o-", color=colour, label=NAMES[kind])
        axes.set(xlabel="model's rating", ylabel="mean human rating")
        axes.legend()
    return Picture(
        f"Mean human rating of the snippets in {bins} parts by the model's ratings.",
        "Lines for four kinds of text, mean human rating over the model's, with the diagonal.",
    )
