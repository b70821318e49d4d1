"""Does it work for a publisher that it has never read?"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from .. import model
from ..evaluate import RULE, Corpus, Evaluated
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Score, Study, Table
from ..kit.statistics import Interval, bootstrap, compared
from ..kit.workspace import Workspace


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Each publisher left out of training, and the publishers as the unit of the interval."""
    corpus = evaluated.corpus
    left_out = leave_publishers_out(corpus) - evaluated.reached(RULE)
    return Study(
        title="For a publisher it has never read",
        text="A ranker is fitted anew for each publisher, without its articles and without every "
        "story that it tells, and is compared with the rule on that publisher's articles.",
        tables={"publishers": publishers_table(corpus, evaluated.gain, left_out)},
        figures={"publishers": draw(workspace, corpus, left_out)},
        notes={"publishers": publishers_note(corpus, evaluated.gain, left_out)},
        scores={
            "gain_publisher_left_out": Score(
                "gain, publishers as the unit, each left out of training",
                over_publishers(corpus, left_out),
                0.0,
            )
        },
    )


def leave_publishers_out(corpus: Corpus) -> NDArray[np.float64]:
    """ROUGE on each publisher's articles by a ranker that saw neither it nor its stories."""
    reached = np.empty(len(corpus.articles))
    progress = tqdm(publisher_splits(corpus.articles), desc="leaving out", unit="publisher")
    for fit_rows, held_rows in progress:
        seen = corpus.table.article.isin(fit_rows)
        ranker = model.fit(model.build(corpus.config), corpus.table[seen])
        held = corpus.table.article.isin(held_rows).to_numpy()
        scores = np.zeros(len(corpus.table))
        scores[held] = ranker.scores(corpus.table[held])
        reached[held_rows] = corpus.served(scores, held_rows)
    return reached


def publisher_splits(articles: pd.DataFrame) -> list[tuple[NDArray, NDArray]]:
    """For each publisher: rows to fit on, which share no story with it, and its own rows."""
    splits = []
    for publisher in articles.publisher.unique():
        held = articles.publisher == publisher
        seen = ~held & ~articles.group.isin(articles.group[held])
        splits.append((np.flatnonzero(seen), np.flatnonzero(held)))
    return splits


def over_publishers(corpus: Corpus, values: NDArray[np.float64]) -> Interval:
    """The mean over publishers of each one's mean, with its interval over publishers."""
    means = pd.Series(values).groupby(corpus.articles.publisher.to_numpy()).mean().to_numpy()
    return bootstrap(np.mean, means, seed=corpus.config["seed"])


def by_publisher(corpus: Corpus, values: NDArray[np.float64]) -> dict[str, Interval]:
    """The mean on each publisher's articles."""
    return {
        str(publisher): corpus.interval(values[members.index], members.index.to_numpy())
        for publisher, members in corpus.articles.groupby("publisher")
    }


def publishers_table(corpus: Corpus, gain: NDArray, left_out: NDArray) -> Table:
    """Publisher by publisher."""
    seen, unseen = (by_publisher(corpus, values) for values in (gain, left_out))
    sizes = corpus.articles.publisher.value_counts()
    rows = [[name, int(sizes[name]), seen[name].signed, unseen[name].signed] for name in seen]
    return Table(
        "The ranker minus the rule of the headline's words, on each publisher: when other "
        "stories of it were in training, and when it was left out with every story that it tells. "
        f"{EACH_ALONE}",
        ["publisher", "articles", "other stories seen", "left out"],
        rows,
    )


def publishers_note(corpus: Corpus, gain: NDArray, left_out: NDArray) -> str:
    """The same question with publishers in place of articles."""
    publishers = corpus.articles.publisher.nunique()
    return (
        f"With the {publishers} publishers as the unit, the ranker minus the rule is "
        f"{compared(over_publishers(corpus, gain))}; when each publisher is left out of training, "
        f"{compared(over_publishers(corpus, left_out))}. Of so few units such an "
        "interval is rough (Cameron, Gelbach and Miller, 2008: it tends to be too narrow)."
    )


def draw(workspace: Workspace, corpus: Corpus, left_out: NDArray[np.float64]) -> Picture:
    """A dot with its interval for each publisher."""
    with figures.figure(workspace.figures / "publishers") as (_, axes):
        figures.draw_intervals(axes, by_publisher(corpus, left_out))
        axes.axvline(0, linestyle="--", color=figures.BASELINE)
        axes.set(xlabel="minus the rule, when left out of training")
    return Picture(
        "The ranker minus the rule on each publisher, by a ranker that never saw it.",
        "Dot plot with an interval for each publisher; the line at zero is the rule.",
    )
