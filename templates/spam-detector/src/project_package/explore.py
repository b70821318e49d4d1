"""Look at the training set before anything is fitted: what the mails are, what tells them apart."""

import re

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer

from . import data
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace

CLASSES = {"ham": 0, "spam": 1}
TELLING = 8  # words of each class
RARE = 0.01  # words in a smaller share of the mails are left out


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures."""
    mails = data.load(workspace, "train", reader="explore")
    mails["length"] = mails.body.str.split().str.len()
    draw(workspace, mails)
    spam = mails.spam.mean()
    study = Study(
        title="The training set",
        text="What the mails of the training set are, before any model.",
        tables={"folders": folders(mails), "faults": faults(mails), "telling": telling(mails)},
        figures={
            "lengths": Picture("Words in a mail, by class.", "Two histograms of mail lengths."),
            "months": Picture(
                "Mails a month, by class.", "Mails over time, a line for each class."
            ),
        },
        notes={
            "target": f"{spam:.1%} of the {len(mails):,} mails of the training set are spam: the "
            "PR-AUC of a filter that guesses."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(mails):,} mails of the training set, {spam:.1%} of them spam")


def folders(mails: pd.DataFrame) -> Table:
    """Where the mails come from."""
    rows = [
        [name, len(part), float(part.html.mean()), float(part.length.median())]
        for name, part in mails.groupby("folder")
    ]
    columns = ["folder", "mails", "share HTML", "median length in words"]
    return Table("The collection's folders, whose names are the labels.", columns, rows)


def faults(mails: pd.DataFrame) -> Table:
    """What is missing, and what is there more than once."""
    kinds = {
        "no subject": mails.subject.str.strip() == "",
        "no text in the body": mails.length == 0,
        "no date": mails.date.isna(),
        "copy of another mail, word for word": mails.duplicated(["subject", "body"]),
        "with a thread or a near copy": mails.group.duplicated(keep=False),
    }
    rows = [
        [name, *(float(mask[mails.spam == spam].mean()) for spam in CLASSES.values())]
        for name, mask in kinds.items()
    ]
    return Table("Share of the mails of each class.", ["", *CLASSES], rows)


def telling(mails: pd.DataFrame) -> Table:
    """The words whose share of mails differs most between the classes, as a ratio."""
    counter = CountVectorizer(binary=True, min_df=RARE, analyzer=words_of)
    there = counter.fit_transform(mails.text)
    ham, spam = (
        np.asarray(there[(mails.spam == number).to_numpy()].mean(axis=0)).ravel()
        for number in CLASSES.values()
    )
    order = np.argsort((ham + RARE) / (spam + RARE), kind="stable")
    names, shown = counter.get_feature_names_out(), [*order[:TELLING], *order[-TELLING:]]
    rows = [[str(names[word]), float(ham[word]), float(spam[word])] for word in shown]
    columns = ["word", "share of ham", "share of spam"]
    return Table("The words that set the classes of the training set apart most.", columns, rows)


def words_of(text: str) -> list[str]:
    """The words of a mail, in lower case, without digits and the very short ones."""
    return re.findall(r"[^\W\d_]{3,}", text.lower())


def draw(workspace: Workspace, mails: pd.DataFrame) -> None:
    """Lengths, and mails over time."""
    colours = {"ham": figures.MODEL, "spam": figures.BASELINE}
    edges = np.geomspace(1, mails.length.max() + 1, 30)
    with figures.figure(workspace.figures / "lengths", height=3.2) as (_, axes):
        for name, number in CLASSES.items():
            words = mails.length[mails.spam == number].clip(lower=1)
            axes.hist(words, edges, label=name, color=colours[name], histtype="step")
        axes.set(xscale="log", xlabel="words", ylabel="mails")
        axes.legend()
    month = mails.date.dt.to_period("M").dt.to_timestamp()
    with figures.figure(workspace.figures / "months", height=3.2) as (_, axes):
        for name, number in CLASSES.items():
            by_month = month[mails.spam == number].value_counts().sort_index()
            axes.plot(by_month.index, by_month, "o-", label=name, color=colours[name])
        axes.set(ylabel="mails a month", yscale="log")
        axes.legend()
