"""Look at the training pairs before anything is fitted: figures and tables for the write-up."""

import re

import numpy as np
import pandas as pd

from . import data
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace
from .subwords import split_words
from .train import learn_subwords

FIRST = 10  # most frequent ways to begin that are shown
SHOWN = ("A firefighter is climbing a ladder.", "Eine Feuerwehrfrau klettert auf eine Leiter.",
         "The Copenhagen marathon was cancelled.")  # fmt: skip


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and a figure; the test set stays closed."""
    train = data.load(workspace, "train", reader="explore")
    subwords = learn_subwords(train, workspace.config)
    lengths = pd.DataFrame(
        {
            side: [len(subwords.encode(text)) for text in train[side]]
            for side in ("english", "german")
        }
    )
    begins = train.english.str.split().str[:2].str.join(" ").value_counts()
    entities = train.english.str.contains(re.compile(r"&\w+;")).sum()
    sides = [
        [
            side.capitalize(),
            len(words := [word for text in train[side] for word in split_words(text)]),
            len(set(words)),
            float(np.mean([words_of == 1 for words_of in pd.Series(words).value_counts()])),
            float(lengths[side].mean()),
        ]
        for side in lengths
    ]
    cut = [
        [text, " · ".join(subwords.pieces[number] for number in subwords.encode(text))]
        for text in SHOWN
    ]
    write_exploration(
        workspace,
        Study(
            title="The training pairs",
            text="",
            tables={
                "explored-sides": Table(
                    "Both sides; words are counted as they are written, signs among them.",
                    ["side", "words", "different ones", "of those met once", "pieces a sentence"],
                    sides,
                ),
                "explored-pieces": Table(
                    "Invented sentences in the pieces that were learned; ▁ is a space.",
                    ["sentence", "pieces"], cut,
                ),
            },
            figures={"explored-lengths": draw_lengths(workspace, lengths)},
            notes={
                "explored-world": f"{begins.head(FIRST).sum() / len(train):.0%} of the English "
                f"sentences begin in one of {FIRST} ways ({', '.join(begins.head(FIRST).index)}): "
                "this is the world that a network learns here. "
                f"{entities:,} hold a sign as a page of the web writes it (such as &amp;)."
            },
        ),
    )  # fmt: skip
    print(f"{len(train):,} training pairs explored")


def draw_lengths(workspace: Workspace, lengths: pd.DataFrame) -> Picture:
    """Pieces of both sides."""
    reach = range(int(lengths.quantile(0.995).max()) + 2)
    with figures.figure(workspace.figures / "explored-lengths", height=3) as (_, axes):
        for side, color in zip(lengths, (figures.BASELINE, figures.MODEL), strict=True):
            axes.hist(lengths[side], bins=reach, histtype="step", color=color, label=side)
        axes.set(xlabel="pieces of a sentence", ylabel="sentences")
        axes.legend()
    return Picture(
        "How many pieces the sentences have; the longest half per cent is not drawn.",
        "Two outlines of a histogram, one for each language.",
    )
