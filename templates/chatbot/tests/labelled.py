"""The sample's test set as lines of feedback, and the same with truths that are wrong."""

import pandas as pd

from project_package import data
from project_package.kit.workspace import Workspace


def lines(workspace: Workspace) -> list[dict]:
    """As somebody would bring them who labelled later mails."""
    mails = pd.read_json(workspace.processed / "test.jsonl", lines=True, dtype=False)
    mails = mails[mails.body.str.len() > 0]
    days = pd.to_datetime(mails.date, errors="coerce").dt.strftime("%Y-%m-%d").fillna("2002-01-01")
    return [
        {
            "subject": mail.subject,
            "body": mail.body,
            "thread_ids": mail.thread_ids,
            "date": day,
            "truth": bool(mail.spam),
        }
        for day, mail in zip(days, mails.itertuples(), strict=True)
    ]


def swapped(lines: list[dict]) -> list[dict]:
    """Ham is called spam, and spam ham."""
    return [{**line, "truth": not line["truth"]} for line in lines]


def size(workspace: Workspace) -> int:
    """How many rows the training part has."""
    return len(data.load(workspace, "train", reader="train"))
