"""Later articles, each with the sentence that says what it is about: `retrain` learns from them."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from . import data, model, rouge, words
from .kit.workspace import Workspace
from .predict import Summarizer
from .serve import Article

METRIC, HIGHER_IS_BETTER = "mean", True  # of the ROUGE of what is served


class Labelled(Article):
    """A line: an article as /predict takes it, without the sentence that is its truth.

    Lines stand in the order in which they came.
    """

    truth: Annotated[str, Field(min_length=1, max_length=1_000)]


def tabulate(workspace: Workspace, lines: Sequence[Labelled]) -> pd.DataFrame:
    """Articles as the training set has them; `known` tell a story that is told there."""
    rows = [
        {
            "id": f"feedback/{number}",
            "publisher": "feedback",
            "link": "",
            "headline": line.headline.strip(),
            "reference": line.truth,
            "source": words.sentences(line.text),
            "time": number,
        }
        for number, line in enumerate(lines, start=1)
    ]
    articles = pd.DataFrame(rows)
    train = data.load(workspace, "train", reader="retrain")
    group = told(workspace, train, articles)
    return articles.assign(
        group=group[len(train) :],
        known=np.isin(group[len(train) :], group[: len(train)]),
        truth=articles.reference,
    )


def join(workspace: Workspace, rows: pd.DataFrame) -> None:
    """Add rows to the training part; a story is in one fold, that of its first article there."""
    train = data.load(workspace, "train", reader="retrain")
    rows = rows.assign(labels=data.label(rows))
    both = pd.concat([train, rows.reindex(columns=train.columns)], ignore_index=True)
    both["group"] = told(workspace, train, rows)
    folds = np.unique(train.fold)
    first = both.groupby("group").fold.transform("first")
    dealt = pd.Series(folds[both.group % len(folds)], index=both.index)
    data.write_part(workspace, "train", both.assign(fold=first.fillna(dealt).astype(int)))


def say(workspace: Workspace, rows: pd.DataFrame) -> NDArray[np.float64]:
    """ROUGE, against the truth, of what the model in `workspace` would serve."""
    summarizer = Summarizer.load(workspace)
    scored = []
    for source, headline, truth in zip(rows.source, rows.headline, rows.truth, strict=True):
        scores = summarizer.scores(source, headline)
        scored.append(rouge.mean(truth, model.summary(source, scores, summarizer.budget)))
    return np.array(scored)


def told(workspace: Workspace, train: pd.DataFrame, articles: pd.DataFrame) -> NDArray[np.int64]:
    """The number of each article's story, of both tables one after the other."""
    columns = ["reference", "source"]
    both = pd.concat([train[columns], articles[columns]], ignore_index=True)
    return data.find_stories(both, workspace.config["data"])
