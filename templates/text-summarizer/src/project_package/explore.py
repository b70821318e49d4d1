"""Look at the training set before anything is fitted: what the articles are, what drives ROUGE."""

import numpy as np
import pandas as pd

from . import data, features, model
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace

TELLING = 6  # features at either end
PLACES = 20  # sentences from the start that are drawn


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures."""
    articles = data.load(workspace, "train", reader="explore")
    articles["length"] = articles.source.map(lambda source: len(" ".join(source).split()))
    articles["best"] = articles.labels.map(np.argmax)
    sentences = model.tabulate(articles, workspace.config["summary"]["words"])
    best = articles.labels.map(max)
    study = Study(
        title="The training set",
        text="What the articles of the training set are, before any model: each sentence after "
        "the first has its ROUGE with the first one, which is what a ranker has to guess.",
        tables={"sources": sources(articles), "drivers": drivers(sentences)},
        figures={"lengths": draw_lengths(workspace, articles), "places": draw(workspace, articles)},
        notes={
            "target": f"{len(articles):,} articles with {len(sentences):,} sentences. A sentence "
            f"has a mean ROUGE of {sentences.label.mean():.3f}, the best of its article one of "
            f"{best.mean():.3f}; in {np.mean(articles.best == 0):.0%} of the articles the best is "
            "the one that comes first."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(articles):,} articles of the training set, {len(sentences):,} sentences")


def sources(articles: pd.DataFrame) -> Table:
    """Who wrote the articles, what is missing, and which tell a story that others tell."""
    again = articles.group.duplicated(keep=False)
    rows = [
        [
            str(publisher),
            len(part),
            float(part.length.median()),
            float((part.headline == "").mean()),
            float(again[part.index].mean()),
        ]
        for publisher, part in articles.groupby("publisher")
    ]
    columns = ["publisher", "articles", "words (median)", "without headline", "told again"]
    return Table("Articles by publisher; the last two columns are shares.", columns, rows)


def drivers(sentences: pd.DataFrame) -> Table:
    """The features that go with a sentence's ROUGE most, up and down."""
    varied = [name for name in features.NAMES if sentences[name].nunique() > 1]
    found = sentences[varied].corrwith(sentences.label, method="spearman")
    found = found.sort_values(ascending=False)
    rows = [[name.replace("_", " "), value] for name, value in found.items()]
    return Table(
        "Rank correlation (Spearman) of a feature with the ROUGE of the sentence; the features at "
        "either end.",
        ["feature", "correlation"],
        [*rows[:TELLING], *rows[-TELLING:]],
    )


def draw_lengths(workspace: Workspace, articles: pd.DataFrame) -> Picture:
    """How long the articles are."""
    with figures.figure(workspace.figures / "lengths", height=3.2) as (_, axes):
        axes.hist(articles.length, 30, color=figures.MODEL)
        axes.set(xlabel="words after the first sentence", ylabel="articles")
    return Picture("Words of an article after its first sentence.", "Histogram of lengths.")


def draw(workspace: Workspace, articles: pd.DataFrame) -> Picture:
    """Where the best sentence stands."""
    with figures.figure(workspace.figures / "places", height=3.2) as (_, axes):
        axes.hist(articles.best + 1, range(1, PLACES + 2), color=figures.MODEL, align="left")
        axes.set(xlabel="place of the best sentence", ylabel="articles")
    return Picture(
        f"Where the sentence with the highest ROUGE stands, up to place {PLACES}.",
        "Histogram of places, counted from the start of the article.",
    )
