"""Look at the training set before anything is fitted: what people rated, and what goes with it."""

import re

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer

from . import data, lexicon
from .data import KINDS, NAMES
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace

TELLING = 8  # words at either end
RARE = 0.002  # words in a smaller share of the texts are left out
COLOURS = (figures.BASELINE, "#8b5cf6", "#0d9488", figures.MODEL)


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures."""
    snippets = data.load(workspace, "train", reader="explore")
    snippets["length"] = snippets.text.str.split().str.len()
    spread = snippets.ratings.map(np.std).mean()
    study = Study(
        title="The training set",
        text="What people rated, and how, before any model.",
        tables={
            "kinds": kinds(snippets),
            "faults": faults(snippets),
            "telling": telling_words(snippets),
        },
        figures={
            "ratings": draw(workspace, snippets, "rating", "mean human rating"),
            "lengths": draw(workspace, snippets, "length", "words"),
        },
        notes={
            "target": f"The mean ratings of the {len(snippets):,} snippets spread by "
            f"{snippets.rating.std():.2f} points (standard deviation); the ratings of one snippet "
            f"spread by {spread:.2f} on average."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(snippets):,} snippets of the training set")


def kinds(snippets: pd.DataFrame) -> Table:
    """How long the texts of each kind are, and how they were rated."""
    rows = []
    for kind in KINDS:
        part = snippets[snippets.kind == kind]
        moments = float(part.rating.mean()), float(part.rating.std())
        rows.append([NAMES[kind], len(part), float(part.length.median()), *moments])
    columns = ["kind", "snippets", "words (median)", "mean rating", "standard deviation"]
    return Table("The kinds of text.", columns, rows)


def faults(snippets: pd.DataFrame) -> Table:
    """What is there more than once, and what says little."""
    words = snippets.text.map(data.normalise)
    masks = {
        "copy of another, word for word": snippets.text.duplicated(),
        "copy but for case and punctuation": words.duplicated(),
        "no letter in it": words == "",
        "belongs together with another": snippets.group.duplicated(keep=False),
        "no word that VADER knows": lexicon.vader_ratings(list(snippets.text)) == 0,
    }
    by_kind = [(snippets.kind == kind).to_numpy() for kind in KINDS]
    rows = [
        [name, *(float(np.mean(np.asarray(mask)[rows])) for rows in by_kind)]
        for name, mask in masks.items()
    ]
    return Table("Share of the snippets of each kind.", ["", *NAMES.values()], rows)


def telling_words(snippets: pd.DataFrame) -> Table:
    """The words that go with the highest ratings and with the lowest."""
    counter = CountVectorizer(binary=True, min_df=RARE, analyzer=words_of)
    there = counter.fit_transform(snippets.text)
    counts = np.asarray(there.sum(axis=0)).ravel()
    means = there.T @ snippets.rating.to_numpy() / counts
    order = np.argsort(-means, kind="stable")
    names = counter.get_feature_names_out()
    rows = [
        [str(names[word]), int(counts[word]), float(means[word])]
        for word in [*order[:TELLING], *order[-TELLING:]]
    ]
    return Table("Words by the mean rating of the snippets that hold them; those at either end.",
                 ["word", "snippets", "mean rating"], rows)  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words of a snippet, in lower case, without digits and the very short ones."""
    return re.findall(r"[^\W\d_]{3,}", text.lower())


def draw(workspace: Workspace, snippets: pd.DataFrame, column: str, label: str) -> Picture:
    """How a column is distributed, a line for each kind."""
    edges = np.linspace(snippets[column].min(), snippets[column].max(), 40)
    with figures.figure(workspace.figures / f"{column}s", height=3.2) as (_, axes):
        for kind, colour in zip(KINDS, COLOURS, strict=True):
            values = snippets[column][snippets.kind == kind]
            axes.hist(values, edges, label=NAMES[kind], color=colour, histtype="step", density=True)
        axes.set(xlabel=label, ylabel="share of the kind")
        axes.legend()
    return Picture(f"The {label} of the snippets, by kind.", "Histograms, a line for each kind.")
