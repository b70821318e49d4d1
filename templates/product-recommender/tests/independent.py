"""What test_recompute.py needs to know of this project, from pandas and scikit-learn alone."""

import json
import zipfile
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import ndcg_score

from project_package.kit.sample import write_sample
from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.persistence import load_model
from project_package.predict import FilmRecommender
from project_package.studies.protocols import random_split

DRAWN = ("train", "test")  # parts that the seed decides: it draws the sample's people
SHARES = {"train": 0.9, "test": 0.1}
ORIGINS = range(5, 10)
MODEL, RECENT = "EASE × trend", "recent popularity"
DAY = 86_400
FACTS = {  # numbers that stand in the code, each with the reason why it is no setting
    "DAY": "seconds of every day",
    "LENGTH": "the name of the metric says it",
    "PLACES": "of a number that is kept for monitoring",
    "WORTH_PROCESSES": "rows from which processes pay; no result depends on it",
}
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
    grids = workspace.config["baselines"]
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


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every rating of both parts."""
    return ratings(workspace)[["id", "user", "film", "rating", "timestamp"]]


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw files: a film's lowest number stands for it, the earliest rating."""
    rated, titles = raw_files(workspace)
    named = titles[~titles.title.isin(["unknown", "unkonwn"])].sort_values("film")
    lowest: dict[tuple, int] = {}
    for row in named.itertuples():
        lowest.setdefault((row.title, row.year), row.film)
    number = {row.film: lowest[row.title, row.year] for row in named.itertuples()}
    kept: dict[tuple, tuple] = {}
    for row in sorted(rated.itertuples(), key=lambda row: (row.timestamp, row.Index)):
        if row.film in number:
            film = number[row.film]
            kept.setdefault(
                (row.user, film), (row.Index, row.user, film, row.rating, row.timestamp)
            )
    return pd.DataFrame(kept.values(), columns=["id", "user", "film", "rating", "timestamp"])


def newcomers(workspace: Workspace) -> pd.DataFrame:
    """Ratings of people without a past at an origin, in order of time, if there are over ten."""
    table = ratings(workspace)
    first = table.groupby("user").tenth.transform("min")
    new = table[table.tenth.isin(ORIGINS) & (first == table.tenth)]
    new = new.sort_values(["user", "timestamp"], kind="stable")
    return new[new.groupby("user").film.transform("size") > 10]


def units(workspace: Workspace) -> set[int]:
    """How many people have one list each: newcomers, and those of the random protocol."""
    films = ratings(workspace).groupby("user").film.size()
    return {newcomers(workspace).user.nunique(), int((films // 5 > 0).sum())}


def lists(workspace: Workspace) -> pd.DataFrame:
    """The lists that were scored, each with the films chosen, and how known films were then."""
    found = pd.read_csv(workspace.reports / "private" / "predictions.csv")
    truth = sealed_truth(workspace).set_index("id").truth
    for column in ("films", "chosen"):
        found[column] = [[int(film) for film in str(each).split()] for each in found[column]]
    assert all(set(row.chosen) == truth[row.id] for row in found.itertuples())
    assert all(len(set(row.films)) == 10 for row in found.itertuples())
    assert all(sorted(own.id) == sorted(truth.index) for _, own in found.groupby("method"))
    parts = found.id.str.split("-", expand=True).astype(int)
    return found.assign(
        origin=parts[0],
        user=parts[1],
        hits=[len(set(row.films) & set(row.chosen)) for row in found.itertuples()],
    )


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Further measures of the same lists, and the random protocol fitted anew."""
    found, table = lists(workspace), ratings(workspace)
    found["novelty"] = np.nan
    for origin in ORIGINS:
        past = table[table.tenth < origin]
        known, people = past.film.value_counts(), past.user.nunique()
        rows = found.origin == origin
        found.loc[rows, "novelty"] = [
            np.mean([-np.log2((known.get(film, 0) + 1) / (people + 1)) for film in films])
            for films in found.films[rows]
        ]
    found["recall_at_10"] = found.hits / found.chosen.map(len)
    found["precision_at_10"] = found.hits / 10
    found["hit_rate_at_10"] = found.hits > 0
    columns = ["recall_at_10", "precision_at_10", "hit_rate_at_10", "novelty"]
    means = found.groupby("method")[columns].mean()
    return {name: (means[name][MODEL], means[name][RECENT]) for name in columns} | {
        "ndcg_at_10_random": (random_protocol(workspace)["EASE alone"], None)
    }


def random_protocol(workspace: Workspace) -> dict[str, float]:
    """EASE and popularity on a fifth of each one's films, EASE tuned on a tenth beside it."""
    table, catalogue = ratings(workspace), catalogue_of(workspace)
    users = np.sort(pd.read_csv(workspace.processed / "users.csv").user.to_numpy())
    shape = len(users), len(catalogue)
    people, films = np.searchsorted(users, table.user), np.searchsorted(catalogue, table.film)
    part = random_split(people, 0.2, 0.1, workspace.seed)

    def met(rows: np.ndarray) -> np.ndarray:
        matrix = np.zeros(shape)
        matrix[people[rows], films[rows]] = 1
        return matrix

    def ease(known: np.ndarray, penalty: float) -> np.ndarray:
        inverse = np.linalg.inv(known.T @ known + penalty * np.eye(shape[1]))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)
        return known @ weights.astype(np.float32)

    def quality(scores: np.ndarray, known: np.ndarray, held: np.ndarray) -> float:
        asked = held.any(axis=1)
        ranked = np.argsort(-np.where(known > 0, -np.inf, scores), axis=1, kind="stable")[:, :10]
        places = np.zeros(shape)
        np.put_along_axis(places, ranked, np.arange(10.0, 0, -1)[None], axis=1)
        return float(ndcg_score(held[asked], places[asked], k=10))

    train, validation, test = (met(part == number) for number in range(3))
    known = met(part < 2)
    best = max(
        workspace.config["random"]["penalty"],
        key=lambda penalty: quality(ease(train, penalty), train, validation),
    )
    popular = np.broadcast_to(known.sum(axis=0), shape)
    return {
        "EASE alone": quality(ease(known, best), known, test),
        "popularity": quality(popular, known, test),
    }


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Both protocols, kinds of people, and people who were new at an origin."""
    found = pd.read_csv(workspace.reports / "predictions.csv")
    users = pd.read_csv(workspace.processed / "users.csv").set_index("user").loc[found.group]
    random = random_protocol(workspace)
    kinds = {"women": users.gender == "F", "men": users.gender == "M"}
    for low, high in ((0, 24), (25, 34), (35, 49), (50, 120)):
        kinds[f"aged {low} to {high}"] = users.age.between(low, high)
    gain = found.model - found.recent_popularity
    slices = {
        name: [
            chosen.sum(),
            found.model[chosen.to_numpy()].mean(),
            gain[chosen.to_numpy()].mean(),
        ]
        for name, chosen in kinds.items()
        if chosen.any()
    }
    chosen = lists(workspace)[lambda rows: rows.method == MODEL]
    hits = np.concatenate([np.isin(row.chosen, row.films) for row in chosen.itertuples()])
    known = np.concatenate(
        [ratings(workspace)[lambda t, o=row.origin: t.tenth < o].film.value_counts()
         .reindex(row.chosen, fill_value=0) for row in chosen.itertuples()]
    )  # fmt: skip
    levels = (("nobody", 0, 0), ("1 to 9", 1, 9), ("10 to 49", 10, 49),
              ("50 to 149", 50, 149), ("150 and more", 150, 10**9))  # fmt: skip
    fame = {}
    for label, low, high in levels:
        rows = (known >= low) & (known <= high)
        if rows.any():
            fame[label] = [rows.sum(), hits[rows].mean()]
    return {
        "protocols": {
            f"**{MODEL}**": [found.model.mean(), None],
            "EASE alone": [None, random["EASE alone"]],
            "popularity": [found.popularity.mean(), random["popularity"]],
        },
        "slices": slices,
        "fame": fame,
        "newcomers": {f"{picks}": [told(workspace, picks)] for picks in (1, 2, 3, 5, 10)},
    }


def told(workspace: Workspace, picks: int) -> float:
    """NDCG@10 of what newcomers chose after their tenth film, the model told the first few."""
    scores = []
    for origin, rows in newcomers(workspace).groupby("tenth"):
        saved = load_model(workspace, "model.npz" if origin == 9 else f"before-{origin}.npz")
        catalogue = saved.films.film.to_numpy()
        for _, own in rows.groupby("user"):
            columns = np.searchsorted(catalogue, own.film)
            said = saved.recommender.weights[columns[:picks]].sum(axis=0) * saved.recommender.lift
            said = np.where(np.isin(np.arange(len(said)), columns[:10]), -np.inf, said)
            listed = catalogue[np.argsort(-said, kind="stable")[:10]]
            scores.append(ndcg(frozenset(own.film.iloc[10:]), list(listed), catalogue))
    return float(np.mean(scores))


def badness(workspace: Workspace) -> pd.Series:
    """By list, how much was known of a person whose ten were all wrong: errors.csv shows most."""
    found, table = lists(workspace), ratings(workspace)
    missed = found[(found.method == MODEL) & (found.hits == 0)]
    known = [((table.tenth < row.origin) & (table.user == row.user)).sum()
             for row in missed.itertuples()]  # fmt: skip
    return pd.Series(known, index=missed.id, dtype=float)


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What is said of the random protocol and of those who are left out."""
    table, random = ratings(workspace), random_protocol(workspace)
    first = table.groupby("user").tenth.transform("min")
    asked = table[table.tenth.isin(ORIGINS)]
    lost = int((first[asked.index] == asked.tenth).sum())
    return {
        "random": [f"EASE alone reaches {decimal(random['EASE alone'])}",
                   f"popularity {decimal(random['popularity'])}"],
        "cold": [f"{lost:,} of {len(asked):,} ratings",
                 f"{len(sealed_truth(workspace))} lists of"],
    }  # fmt: skip


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
