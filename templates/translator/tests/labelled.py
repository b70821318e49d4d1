"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who translated what later users asked."""
    pairs = pd.read_json(workspace.processed / "test.jsonl", lines=True, dtype=False)
    return [{"sentence": pair.english, "truth": pair.german} for pair in pairs.itertuples()]


def swapped(lines: list[dict]) -> list[dict]:
    """Each sentence has the translation of the one before."""
    return [{**line, "truth": lines[row - 1]["truth"]} for row, line in enumerate(lines)]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
