"""Days of the sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.demo import as_body
from project_package.kit.workspace import Workspace
from project_package.predict import history


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who kept what was known at noon, and what came of it."""
    parts = (pd.read_csv(workspace.processed / f"{part}.csv") for part in data.PARTS)
    rows = pd.concat(parts, ignore_index=True)
    series, dates = data.series(rows)
    first = dates.index(pd.read_csv(workspace.processed / "test.csv").date.min())
    needed = history(max(workspace.config["model"]["bases"]))
    return [
        {
            **as_body(series, dates, day, needed),
            "truth": series.demand[day].tolist(),
            "warmth": series.temperature[day].tolist(),
        }
        for day in range(first, len(dates))
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """The lowest day has the truth of the highest, from its end to its beginning, and so on."""
    order = sorted(range(len(lines)), key=lambda row: sum(lines[row]["truth"]))
    wrong = [dict(line) for line in lines]
    for low, high in zip(order, reversed(order), strict=True):
        wrong[low]["truth"] = lines[high]["truth"][::-1]
    return wrong


def size(workspace: Workspace) -> int:
    """How many days of the training part are learned from."""
    rows = data.load(workspace, "train", reader="train")
    return int(rows[rows.learn == 1].date.nunique())
