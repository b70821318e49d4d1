"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who kept what visitors went on to choose."""
    past, future = (pd.read_csv(workspace.processed / f"{part}.csv") for part in data.PARTS)
    people = data.choices(past, future)
    day = pd.to_datetime(future.groupby("user").timestamp.min(), unit="s").dt.date
    return [
        {"liked": liked[-100:], "truth": chosen, "date": str(day[user]), "person": str(user)}
        for user, liked, chosen in people.itertuples()
        if liked
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """Each visitor chose what the one before did."""
    wrong = []
    for row, line in enumerate(lines):
        truth = [film for film in lines[row - 1]["truth"] if film not in line["liked"]]
        wrong.append({**line, "truth": truth or line["truth"]})
    return wrong


def size(workspace: Workspace) -> int:
    """How many people the training part has."""
    return data.load(workspace, "train", reader="train").user.nunique()
