"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.feedback import Labelled
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who asked what the houses went for."""
    sales = pd.read_csv(workspace.processed / "test.csv").rename(columns={"price": "truth"})
    known = [name for name in Labelled.model_fields if name in sales]
    found = sales[known].to_dict("records")
    return [{**sale, "waterfront": bool(sale["waterfront"])} for sale in found]


def swapped(lines: list[dict]) -> list[dict]:
    """The cheapest house has the price of the dearest, and so on."""
    order = sorted(range(len(lines)), key=lambda row: lines[row]["truth"])
    wrong = [dict(line) for line in lines]
    for low, high in zip(order, reversed(order), strict=True):
        wrong[low]["truth"] = lines[high]["truth"]
    return wrong


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
