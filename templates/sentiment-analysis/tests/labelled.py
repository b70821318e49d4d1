"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who let people rate later snippets."""
    snippets = pd.read_json(workspace.processed / "test.jsonl", lines=True, dtype={"id": str})
    return [
        {
            "text": snippet.text,
            "kind": snippet.kind,
            "truth": snippet.rating,
            "part_of": data.parent(snippet.id) or "",
        }
        for snippet in snippets.itertuples()
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """What people liked is called bad, and the other way round."""
    return [{**line, "truth": -line["truth"]} for line in lines]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
