"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who waited for what the customers did next."""
    settings = workspace.config["data"]
    text = {"customer": str, "id": str}
    orders = pd.read_csv(workspace.processed / "orders.csv", dtype=text)
    test = pd.read_csv(workspace.processed / "test.csv", dtype=text).set_index("id")
    return [
        {
            "orders": own[["date", "amount"]].to_dict("records"),
            "today": settings["last"],
            "truth": float(test.spend[customer]),
            "came": int(test.orders[customer]),
            "window": settings["horizon"],
        }
        for customer, own in orders.groupby("customer")
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """Who spent most before spends least after, and so on."""
    before = [sum(order["amount"] for order in line["orders"]) for line in lines]
    order = sorted(range(len(lines)), key=lambda row: before[row])
    truths = sorted((line["truth"] for line in lines), reverse=True)
    wrong = [dict(line) for line in lines]
    for row, truth in zip(order, truths, strict=True):
        wrong[row]["truth"] = truth
    return wrong


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
