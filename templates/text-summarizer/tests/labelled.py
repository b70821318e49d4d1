"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who said in a sentence what later articles are about."""
    articles = pd.read_json(workspace.processed / "test.jsonl", lines=True, dtype=False)
    return [
        {
            "headline": article.headline,
            "text": " ".join(article.source),
            "truth": article.reference,
        }
        for article in articles.itertuples()
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """Each article has the sentence of the one before."""
    return [{**line, "truth": lines[row - 1]["truth"]} for row, line in enumerate(lines)]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
