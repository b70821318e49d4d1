"""What test_recompute.py needs to know of this project, from pandas and libraries alone."""

import json
import tarfile
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import pearsonr
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from project_package import predict
from project_package.lexicon import feature_matrix  # of a text: no rating in sight
from project_package.workspace import Workspace

ARCHIVE = "hutto_ICWSM_2014.tar.gz"
KINDS = ("tweets", "movies", "amazon", "nyt")
CHANCE = (-0.2, 0.2)  # of the headline, with ratings shuffled among the snippets of a kind
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "VADER": 0.45,
    "ridge on VADER's numbers": 0.4,
    "ridge on TF-IDF": 0.05,
}
DROPS: dict = {}  # no snippet may be lost


def sealed(workspace: Workspace, part: str) -> pd.DataFrame:
    path = workspace.processed / f"{part}.jsonl"
    return pd.read_json(path, lines=True, dtype={"id": str, "text": str})


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, bootstrap unit, kind and mean rating of the sealed test set."""
    test = sealed(workspace, "test")
    kind = test.id.str.split("/").str[0]
    return pd.DataFrame({"id": test.id, "group": test.group, "stratum": kind, "truth": test.rating})


def metric(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The headline's metric: Pearson r in each kind of text, and their mean."""
    table = pd.DataFrame(truth, columns=["truth", "kind"]).assign(said=np.asarray(predicted))
    parts = [part for _, part in table.groupby("kind")]
    return float(np.mean([pearsonr(part.truth.astype(float), part.said)[0] for part in parts]))


def raw_archive(workspace: Workspace) -> Path:
    sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    return (workspace.sample if sample else workspace.raw) / ARCHIVE


def raw_count(workspace: Workspace) -> int:
    """Lines of the four tables of means."""
    with tarfile.open(raw_archive(workspace)) as archive:
        return sum(
            sum(1 for line in archive.extractfile(member).read().split(b"\n") if line.strip())
            for member in archive
            if member.name.endswith("_GroundTruth.txt")
        )


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every snippet the mean and the ratings of another one of its kind."""
    with tarfile.open(folder / ARCHIVE) as archive:
        files = {
            member.name: archive.extractfile(member).read() for member in archive if member.isfile()
        }
    for name in [name for name in files if name.endswith("_GroundTruth.txt")]:
        rows = [line.split("\t") for line in files[name].decode().splitlines()]
        other = name.replace("_GroundTruth", "_anonDataRatings")
        said = [line.split("\t") for line in files[other].decode("utf-8-sig").splitlines()]
        ratings = {row[0]: row[1:] for row in said}
        order = random.permutation(len(rows))
        means = [(row[0], rows[i][1], row[2]) for row, i in zip(rows, order, strict=True)]
        moved = [(row[0], *ratings[rows[i][0]]) for row, i in zip(rows, order, strict=True)]
        for path, table in ((name, means), (other, moved)):
            files[path] = "".join("\t".join(row) + "\n" for row in table).encode()
    with tarfile.open(folder / ARCHIVE, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the saved models say of the sealed test set, each of the kind it was not taught."""
    return predict.rate_elsewhere(workspace, sealed(workspace, "test"))


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """VADER, and both ridges tuned and fitted anew for each kind on the other three."""
    train, test = sealed(workspace, "train"), sealed(workspace, "test")
    said = {
        "ridge on VADER's numbers": carried(train, test, on_vader, (1, 10, 100)),
        "ridge on TF-IDF": carried(train, test, on_terms, (0.5, 1, 2, 4)),
    }
    vader = SentimentIntensityAnalyzer()
    said["VADER"] = np.array([4 * vader.polarity_scores(text)["compound"] for text in test.text])
    return said


def carried(train: pd.DataFrame, test: pd.DataFrame, ridge, alphas: tuple) -> np.ndarray:
    """For each kind, the penalty that carries best among the other three, fitted to those."""
    score = {(kind, alpha): [] for kind in KINDS for alpha in alphas}
    for pair in combinations(KINDS, 2):
        rest = [kind for kind in KINDS if kind not in pair]
        for alpha in alphas:
            fitted = teach(ridge(alpha), train[train.kind.isin(pair)])
            for kind, other in (rest, rest[::-1]):
                part = train[train.kind == kind]
                score[other, alpha].append(pearsonr(part.rating, fitted(part.text))[0])
    ratings = np.empty(len(test))
    for kind in KINDS:
        best = max(alphas, key=lambda alpha, kind=kind: np.mean(score[kind, alpha]))
        rows = (test.kind == kind).to_numpy()
        ratings[rows] = teach(ridge(best), train[train.kind != kind])(test.text[rows])
    return ratings


def teach(ridge: Pipeline, rows: pd.DataFrame):
    """Fit to ratings standardised by kind, every kind with the same weight."""
    ratings = rows.groupby("kind").rating
    centre, spread = ratings.mean(), ratings.std()
    weight = len(rows) / len(centre) / ratings.transform("size")
    target = (rows.rating - rows.kind.map(centre)) / rows.kind.map(spread)
    ridge.fit(rows.text, target, ridge__sample_weight=weight)
    return lambda texts: np.clip(centre.mean() + spread.mean() * ridge.predict(texts), -4, 4)


def on_vader(alpha: float) -> Pipeline:
    numbers = FunctionTransformer(lambda texts: feature_matrix(list(texts)))
    return make_pipeline(numbers, StandardScaler(), shrunk(), ridge_of(alpha))


def shrunk() -> FunctionTransformer:
    return FunctionTransformer(lambda features: 2 / np.sqrt(features.shape[1]) * features)


def on_terms(alpha: float) -> Pipeline:
    words, runs = (
        make_pipeline(
            HashingVectorizer(**view, alternate_sign=False, norm=None),
            TfidfTransformer(sublinear_tf=True),
        )
        for view in (
            {"ngram_range": (1, 2), "n_features": 2**17},
            {"analyzer": "char_wb", "ngram_range": (4, 4), "n_features": 2**16},
        )
    )
    return make_pipeline(make_union(words, runs), ridge_of(alpha))


def ridge_of(alpha: float) -> Ridge:
    return Ridge(alpha=alpha, solver="lsqr", tol=1e-3)
