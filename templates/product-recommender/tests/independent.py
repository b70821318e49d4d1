"""What test_recompute.py needs to know of this project, from pandas and scikit-learn alone."""

import json
import zipfile
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import ndcg_score

from project_package.persistence import load_model
from project_package.predict import FilmRecommender
from project_package.sample import write_sample
from project_package.workspace import Workspace

ORIGINS = range(5, 10)
DAY = 86_400
CHANCE = (0.1, 0.22)  # of the headline, with the films dealt anew among all ratings
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "recent popularity": 0.19,
    "item kNN": 0.23,
    "popularity": 0.16,
}


def ratings(workspace: Workspace) -> pd.DataFrame:
    """All ratings, with the tenth of them all that each falls into by its own time."""
    parts = (pd.read_csv(workspace.processed / f"{part}.csv") for part in ("train", "test"))
    table = pd.concat(parts, ignore_index=True)
    ordered = np.sort(table.timestamp)
    starts = [ordered[round(tenth * len(table) / 10)] for tenth in range(1, 10)]
    return table.assign(tenth=np.searchsorted(starts, table.timestamp, side="right"))


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Each list's id, its person, and the films that the person chose in that period."""
    table, rows = ratings(workspace), []
    for origin in ORIGINS:
        past, after = table[table.tenth < origin], table[table.tenth == origin]
        for user, films in after[after.user.isin(past.user)].groupby("user").film:
            rows.append((f"{origin}-{user}", user, frozenset(films)))
    return pd.DataFrame(rows, columns=["id", "group", "truth"])


def metric(_: ArrayLike, scores: ArrayLike) -> float:
    """The headline's metric: the mean over lists."""
    return float(np.mean(scores))


def ndcg(chosen: frozenset, listed: list, catalogue: np.ndarray) -> float:
    """NDCG@10 of one list."""
    place = {film: 10 - rank for rank, film in enumerate(listed)}
    gains, scores = ([float(value(film)) for film in catalogue] for value in
                     (chosen.__contains__, lambda film: place.get(film, 0)))  # fmt: skip
    return float(ndcg_score([gains], [scores], k=10))


def catalogue_of(workspace: Workspace) -> np.ndarray:
    """The numbers of all films."""
    return np.sort(pd.read_csv(workspace.processed / "films.csv").film.to_numpy())


def saved_model(workspace: Workspace) -> list[float]:
    """NDCG@10 of the lists that the models in models/ give, as the service would make them."""
    table, catalogue = ratings(workspace), catalogue_of(workspace)
    scores = []
    for origin in ORIGINS:
        saved = load_model(workspace, "model.npz" if origin == 9 else f"before-{origin}.npz")
        recommender = FilmRecommender(saved, tuple(saved.films.title))
        past, after = table[table.tenth < origin], table[table.tenth == origin]
        known = past.groupby("user").film.agg(list)
        for user, films in after[after.user.isin(past.user)].groupby("user").film:
            listed = [item.film.film for item in recommender.recommend(known[user])]
            scores.append(ndcg(frozenset(films), listed, catalogue))
    return scores


def baselines(workspace: Workspace) -> dict[str, list[float]]:
    """NDCG@10 of every list by each baseline, tuned one origin earlier and fitted anew."""
    table, catalogue = ratings(workspace), catalogue_of(workspace)
    grids = workspace.config["train"]
    knn = list(product(grids["neighbours"]["neighbours"], grids["neighbours"]["shrinkage"]))
    said: dict[str, list[float]] = {"recent popularity": [], "item kNN": [], "popularity": []}
    for origin in ORIGINS:
        met, met_before = (
            crosstab(table[table.tenth < o], catalogue) for o in (origin, origin - 1)
        )

        def quality(method, setting, *, origin=origin, met_before=met_before) -> float:
            return float(np.mean(method(table, origin - 1, met_before, setting)))

        days = max(grids["recent"]["days"], key=lambda days: quality(recent_popularity, days))
        settings = max(knn, key=lambda setting: quality(item_knn, setting))
        said["recent popularity"] += recent_popularity(table, origin, met, days)
        said["item kNN"] += item_knn(table, origin, met, settings)
        said["popularity"] += measured(table, origin, met, lambda _, met=met: met.sum())
    return said


def crosstab(past: pd.DataFrame, catalogue: np.ndarray) -> pd.DataFrame:
    """Ones where a user (row) met a film (column)."""
    return pd.crosstab(past.user, past.film).reindex(columns=catalogue, fill_value=0).clip(upper=1)


def measured(table: pd.DataFrame, origin: int, met: pd.DataFrame, scores) -> list[float]:
    """NDCG@10 of each person's list by `scores(user)`, ties to the lower number."""
    after = table[(table.tenth == origin) & table.user.isin(met.index)]
    found = []
    for user, films in after.groupby("user").film:
        unseen = scores(user)[met.loc[user] == 0].sort_values(ascending=False, kind="stable")
        found.append(ndcg(frozenset(films), list(unseen.index[:10]), met.columns.to_numpy()))
    return found


def recent_popularity(table: pd.DataFrame, origin: int, met: pd.DataFrame, days: float) -> list:
    """Ratings of each film in the last days before the origin."""
    past = table[table.tenth < origin]
    recent = past[past.timestamp > past.timestamp.max() - days * DAY].film.value_counts()
    counts = recent.reindex(met.columns, fill_value=0) + met.sum() / (len(past) + 1)
    return measured(table, origin, met, lambda _: counts)


def item_knn(table: pd.DataFrame, origin: int, met: pd.DataFrame, setting: tuple) -> list:
    """Sum of shrunk cosines with the films met; each film keeps its nearest ones."""
    neighbours, shrinkage = setting
    together = (met.T @ met).to_numpy().astype(float)
    norms = np.sqrt(np.diag(together))
    similarity = together / (np.outer(norms, norms) + shrinkage)
    np.fill_diagonal(similarity, 0)
    faintest = np.sort(similarity, axis=0)[-min(neighbours, len(similarity))]
    kept = np.where(similarity >= faintest, similarity, 0)

    def scores(user: int) -> pd.Series:
        """Summed film by film, so that equal scores are equal to the last bit."""
        return pd.Series(kept[met.loc[user].to_numpy() > 0].sum(axis=0), met.columns)

    return measured(table, origin, met, scores)


def raw_files(workspace: Workspace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ratings and titles as they were downloaded, in either source's format."""
    sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    folder = workspace.sample / f"seed-{workspace.seed}" if sample else workspace.raw
    archive = folder / "ml-100k.zip"
    if archive.exists():
        with zipfile.ZipFile(archive) as files, files.open("ml-100k/u.data") as data:
            rated = pd.read_csv(data, sep="\t", header=None)
        with zipfile.ZipFile(archive) as files:
            lines = files.read("ml-100k/u.item").decode("latin-1").splitlines()
        titles = pd.DataFrame([line.split("|")[:2] for line in lines], columns=["film", "title"])
        titles = titles.astype({"film": int}).assign(year="")
    else:
        rated = pd.read_csv(folder / "ml-100k.inter", sep="\t")
        titles = pd.read_csv(folder / "ml-100k.item", sep="\t", quoting=3, dtype=str).iloc[:, :3]
        titles.columns = ["film", "title", "year"]
        titles = titles.fillna("").astype({"film": int})
    rated.columns = ["user", "film", "rating", "timestamp"]
    return rated, titles


def raw_count(workspace: Workspace) -> int:
    """Ratings in the file that was downloaded."""
    return len(raw_files(workspace)[0])


def untitled(workspace: Workspace) -> int:
    """Ratings of films that have no title; one source misspells the word."""
    rated, titles = raw_files(workspace)
    nameless = titles.film[titles.title.isin(["unknown", "unkonwn"])]
    return int(rated.film.isin(nameless).sum())


def rated_twice(workspace: Workspace) -> int:
    """Further ratings by one person of films with one title and year."""
    rated, titles = raw_files(workspace)
    named = titles[~titles.title.isin(["unknown", "unkonwn"])].set_index("film")
    key = rated.film.map(named.title + " " + named.year).dropna()
    return int(pd.DataFrame({"user": rated.user[key.index], "key": key}).duplicated().sum())


def by_newcomers(workspace: Workspace) -> int:
    """Ratings after an origin by people who had none before it."""
    table = ratings(workspace)
    first = table.groupby("user").tenth.transform("min")
    return int((table.tenth.isin(ORIGINS) & (first == table.tenth)).sum())


DROPS = {
    "of a film without a title": untitled,
    "second rating of a film listed twice": rated_twice,
    "of people without a past at that origin, who get no list": by_newcomers,
}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Deal the films anew among all ratings: people stay as active, films as popular."""
    path = write_sample(folder, Workspace(folder.parents[1]).seed) / "ml-100k.inter"
    table = pd.read_csv(path, sep="\t")
    table["film:token"] = random.permutation(table["film:token"])
    table.to_csv(path, sep="\t", index=False)
