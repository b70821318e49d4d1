"""Look at the training set before anything is fitted: what people ask, and how alike it is."""

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer

from . import data
from .data import OUT
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace

RARE = 5  # queries; words in fewer of one side are left out
TELLING = 8  # words of each side


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and a figure."""
    queries = data.load(workspace, "train", reader="explore")
    queries["length"] = queries.text.str.split().str.len()
    draw(workspace, queries)
    outside = float((queries.intent == OUT).mean())
    study = Study(
        title="The training set",
        text="What the queries of the training set are, before any model.",
        tables={"domains": domains(queries), "telling": telling(queries)},
        figures={"lengths": Picture("Words in a query.", "Two histograms of query lengths.")},
        notes={
            "target": f"{outside:.1%} of the {len(queries):,} queries of the training set are out "
            "of scope: few to learn from, though in use they may be many."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(queries):,} queries of the training set, {outside:.1%} of them out of scope")


def domains(queries: pd.DataFrame) -> Table:
    """Where the queries belong."""
    rows = [
        [name.replace("_", " "), part.intent.nunique(), len(part), float(part.length.median())]
        for name, part in queries.groupby("domain")
    ]
    columns = ["domain", "intents", "queries", "median length in words"]
    return Table("The domains of the training set.", columns, rows)


def telling(queries: pd.DataFrame) -> Table:
    """The words whose share of queries differs most between in scope and out of scope."""
    counter = CountVectorizer(binary=True, analyzer=lambda text: data.normalise(text).split())
    there = counter.fit_transform(queries.text)
    outside = (queries.intent == OUT).to_numpy()
    counts = [np.asarray(there[side].sum(axis=0)).ravel() for side in (~outside, outside)]
    shares = [
        count / max(side.sum(), 1) for count, side in zip(counts, (~outside, outside), strict=True)
    ]
    known = np.flatnonzero(np.maximum(*counts) >= RARE)
    order = known[np.argsort((shares[0] - shares[1])[known], kind="stable")]
    names, chosen = counter.get_feature_names_out(), [*order[:TELLING], *order[-TELLING:]]
    rows = [[str(names[word]), float(shares[0][word]), float(shares[1][word])] for word in chosen]
    columns = ["word", "share in scope", "share out of scope"]
    return Table("The words that set in scope and out of scope apart most.", columns, rows)


def draw(workspace: Workspace, queries: pd.DataFrame) -> None:
    """Lengths, in scope and out of scope, as shares."""
    edges = np.arange(0.5, queries.length.max() + 1.5)
    outside = queries.intent == OUT
    with figures.figure(workspace.figures / "lengths", height=3.2) as (_, axes):
        for name, side, colour in (
            ("in scope", ~outside, figures.MODEL), (OUT, outside, figures.BASELINE)
        ):  # fmt: skip
            axes.hist(queries.length[side], edges, density=True, label=name, color=colour,
                      histtype="step")  # fmt: skip
        axes.set(xlabel="words", ylabel="share of the queries")
        axes.legend()
