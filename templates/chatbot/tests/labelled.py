"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who read what visitors wanted."""
    queries = pd.read_json(workspace.processed / "test.jsonl", lines=True, dtype={"id": str})
    queries = queries.sample(frac=1, random_state=0)  # as they came, not intent by intent
    return [{"text": row.text, "truth": row.intent} for row in queries.itertuples()]


def swapped(lines: list[dict]) -> list[dict]:
    """Each gets the intent of the line a third further on."""
    far = len(lines) // 3
    moved = [line["truth"] for line in [*lines[far:], *lines[:far]]]
    return [{**line, "truth": truth} for line, truth in zip(lines, moved, strict=True)]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
