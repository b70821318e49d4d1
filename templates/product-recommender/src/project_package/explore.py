"""Look at the training set before anything is fitted: figures and tables for the write-up."""

import numpy as np
import pandas as pd

from . import data
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace
from .model import DAY

BEST_KNOWN = 50  # films of a period, of which those of the next may be others


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures; the test set stays closed."""
    ratings = data.load(workspace, "train", reader="explore")
    films = data.load_films(workspace)
    tables = {"explored-periods": periods(ratings), "explored-genres": genres(ratings, films)}
    drawn = {
        "explored-tail": draw_tail(workspace, ratings),
        "explored-arrivals": draw_arrivals(workspace, ratings),
    }
    notes = {"explored-sparse": sparse_note(ratings, len(films))}
    write_exploration(workspace, Study("The training set", "", tables, drawn, notes))
    print(f"{len(ratings):,} ratings of the training set explored")


def periods(ratings: pd.DataFrame) -> Table:
    """What drifts: who comes, and how far fashion moves from one period to the next."""
    first = ratings.groupby("user").period.transform("min")
    rows: list[list[str | int | float]] = []
    before: set[int] = set()
    for period, own in ratings.groupby("period"):
        days = (own.timestamp.max() - own.timestamp.min()) / DAY
        new = own.user[first[own.index] == period].nunique()
        known = set(own.film.value_counts().index[:BEST_KNOWN])
        kept = len(known & before) if before else "–"
        rows.append([str(period), float(days), own.user.nunique(), new, kept])
        before = known
    return Table(
        "The periods of the training set, from the oldest: days that each spans, people who rated "
        f"in it, how many of them for the first time, and how many of its {BEST_KNOWN} most rated "
        "films had been among those of the period before.",
        ["period", "days", "people", "new people", "films kept"],
        rows,
    )


def genres(ratings: pd.DataFrame, films: pd.DataFrame) -> Table:
    """Which kinds of films are met."""
    listed = films.assign(genre=films.genres.str.split("|")).explode("genre")
    met = listed.merge(ratings, on="film").genre.value_counts()
    counts = listed.genre.value_counts()
    rows = [[name, int(counts[name]), float(n / len(ratings))] for name, n in met.items()]
    caption = "Genres: films, and share of all ratings. A film may have several."
    return Table(caption, ["genre", "films", "share of ratings"], rows)


def sparse_note(ratings: pd.DataFrame, films: int) -> str:
    """How full the matrix of people and films is, and what falls on the best-known films."""
    counts, by_user = ratings.film.value_counts(), ratings.groupby("user").timestamp
    head = counts.iloc[: films // 10].sum() / len(ratings)
    within = (by_user.max() - by_user.min() <= DAY).mean()
    return (
        f"{len(ratings):,} ratings by {len(by_user):,} people fill "
        f"{len(ratings) / (len(by_user) * films):.1%} of the matrix; {films - len(counts)} of "
        f"{films:,} films have none, and the best-known decile has {head:.0%} of the ratings. "
        f"{within:.0%} of the people entered all of theirs within a day. "
        f"{ratings.duplicated(['user', 'film']).sum()} pairs of person and film occur twice; "
        f"{ratings.isna().sum().sum()} values are missing."
    ).replace("%", " %")


def draw_tail(workspace: Workspace, ratings: pd.DataFrame) -> Picture:
    """How unequally ratings fall on films and people."""
    with figures.figure(workspace.figures / "explored-tail") as (_, axes):
        for column, colour in (("film", figures.BASELINE), ("user", figures.MODEL)):
            counts = ratings[column].value_counts().to_numpy()
            axes.loglog(np.arange(len(counts)) + 1, counts, color=colour, label=f"{column}s")
        axes.set(xlabel="rank", ylabel="ratings")
        axes.legend()
    caption = "Ratings of each film and by each person, most first; both axes are logarithmic."
    return Picture(caption, "Two falling curves, one for films and one for people.")


def draw_arrivals(workspace: Workspace, ratings: pd.DataFrame) -> Picture:
    """Ratings a week, by whether the person had been there in an earlier week."""
    week = (ratings.timestamp - ratings.timestamp.min()) // (7 * DAY)
    came_back = week > week.groupby(ratings.user).transform("min")
    counts = pd.crosstab(week, came_back).reindex(columns=[False, True], fill_value=0)
    with figures.figure(workspace.figures / "explored-arrivals") as (_, axes):
        labels, colours = ("first week", "who came back"), (figures.OTHER, figures.MODEL)
        axes.stackplot(counts.index, counts.T.to_numpy(), labels=labels, colors=colours)
        axes.set(xlabel="week", ylabel="ratings")
        axes.legend()
    caption = "Ratings a week by people in their first week, and by people who came back."
    return Picture(caption, "Two areas stacked over the weeks.")
