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
from sklearn.metrics import accuracy_score, mean_absolute_error
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from project_package import model, predict
from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.lexicon import feature_matrix  # of a text: no rating in sight

DRAWN = ("train", "test")  # parts that the seed decides
SHARES = {"train": 0.8, "test": 0.2}
ARCHIVE = "hutto_ICWSM_2014.tar.gz"
KINDS = ("tweets", "movies", "amazon", "nyt")
BASELINE_LEVEL = {  # on the sample, whatever the seed
    "VADER": 0.45,
    "ridge on VADER's numbers": 0.4,
    "ridge on TF-IDF": 0.05,
}
FACTS = {  # numbers that stand in the code, each with the reason why it is no setting
    "DIGITS": "how what boosting reads is rounded, so that machines agree",
    "HIGHEST": "the scale that people rated on",
    "LOWEST": "the scale that people rated on",
    "NAME_LENGTH": "of a folder of unfinished work",
    "FURTHEST": "the end of the publisher's scale, for truths that the service takes",
    "REFERENCE_DIGITS": "how the scores that the monitor compares with are written",
    "REMEMBERED": "how much a cache holds",
    "SCALE": "from VADER's scale to that of the ratings",
    "TOLERANCE": "how exactly the ridge is solved",
    "WORTH_PROCESSES": "rows from which processes pay; no result depends on it",
}
SHOWS = {  # what to set a number to where half of it changes nothing on so small a sample
    "evaluate.neither": 1.0,
    "evaluate.slice_min": 1000,
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


NAMES = {"tweets": "tweets", "movies": "film reviews", "amazon": "product reviews",
         "nyt": "editorials"}  # fmt: skip
STEMS = {"tweets": "tweets", "movies": "movieReviewSnippets", "amazon": "amazonReviewSnippets",
         "nyt": "nytEditorialSnippets"}  # fmt: skip


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every snippet of both parts, with its mean and what each person said."""
    table = pd.concat((sealed(workspace, part) for part in DRAWN), ignore_index=True)
    return table[["id", "kind", "text", "rating"]].assign(
        ratings=[" ".join(map(str, each)) for each in table.ratings]
    )


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the eight files, line by line."""
    rows = []
    with tarfile.open(raw_archive(workspace)) as archive:
        files = {Path(m.name).name: archive.extractfile(m).read() for m in archive if m.isfile()}
    for kind, stem in STEMS.items():
        said = {
            line.split("\t")[0]: json.loads(line.split("\t")[3])
            for line in files[f"{stem}_anonDataRatings.txt"].decode("utf-8-sig").splitlines()
        }
        for line in files[f"{stem}_GroundTruth.txt"].decode("utf-8").splitlines():
            number, mean, text = line.split("\t")
            people = " ".join(map(str, said[number]))
            rows.append((f"{kind}/{number}", kind, text, float(mean), people))
    return pd.DataFrame(rows, columns=["id", "kind", "text", "rating", "ratings"])


def judged(workspace: Workspace) -> pd.DataFrame:
    """The sealed test set as rated by the model that was taught all kinds, and by VADER.

    `simple` is ridge on TF-IDF, fitted anew to the sealed training set and to nothing else.
    """
    train, test = (sealed(workspace, part) for part in DRAWN)
    terms = model.Terms(**workspace.config["features"])
    (ridge,) = model.fit_raters(
        [model.Recipe(4.0, vader=False)],
        train,
        model.count(train.text, terms),
        terms,
        workspace.seed,
        adapted=True,
    )
    vader = SentimentIntensityAnalyzer()
    return test.assign(
        model=predict.SentimentRater.load(workspace).rate(test.text, test.kind),
        simple=ridge.predict(test.text, test.kind),
        elsewhere=pd.read_csv(workspace.reports / "predictions.csv").model,
        vader=[4 * vader.polarity_scores(text)["compound"] for text in test.text],
    )


def correlation(rows: pd.DataFrame, column: str) -> float:
    return float(pearsonr(rows.rating, rows[column])[0])


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric, on kinds that were taught: of the model, of ridge on TF-IDF."""
    snippets, found = judged(workspace), {}
    for kind, part in snippets.groupby("kind"):
        found[f"pearson_r_{kind}"] = correlation(part, "model"), correlation(part, "simple")
        sided = part[part.rating.abs() > 0.05]
        found[f"accuracy_{kind}"] = tuple(
            accuracy_score(sided.rating > 0, sided[column] > 0) for column in ("model", "simple")
        )
    found["mean_absolute_error"] = tuple(
        mean_absolute_error(snippets.rating, snippets[column]) for column in ("model", "simple")
    )
    return found


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """By kind of text: correlations, how far people agree, differences; and slices."""
    snippets, strongest = judged(workspace), pd.read_csv(workspace.reports / "predictions.csv")
    carry, people, less = {}, {}, {}
    for kind, part in snippets.groupby("kind"):
        said = [pd.Series(each, dtype=float) for each in part.ratings]
        chance = np.mean([each.var() / len(each) for each in said])
        reliability = max(0.0, 1 - chance / pd.Series([each.mean() for each in said]).var())
        ceiling = reliability**0.5
        one = pearsonr([each[0] for each in said], [each[1:].mean() for each in said])[0]
        people[NAMES[kind]] = [np.median([*map(len, said)]), one, reliability, ceiling]
        vader, other, taught, simple = (
            correlation(part, column) for column in ("vader", "elsewhere", "model", "simple")
        )
        carry[NAMES[kind]] = [vader, other, None, taught, ceiling]
        carried = pearsonr(part.rating, strongest[strongest.columns[5]][part.index])[0]
        less[NAMES[kind]] = [other - carried, other - vader, taught - simple, taught - vader]
        if strongest.columns[5] == "vader":
            less[NAMES[kind]].pop(0)  # one column says both
    words, error = snippets.text.str.split().str.len(), (snippets.model - snippets.rating).abs()
    silent = snippets.vader == 0
    slices = {"no word that VADER knows": [silent.sum(), None, None, error[silent].mean()]}
    for name, chosen in (
        ("short (up to 8 words)", words <= 8),
        ("long (over 25 words)", words > 25),
    ):
        part = snippets[chosen]
        slices[name] = [len(part), correlation(part, "model"), correlation(part, "vader"),
                        error[chosen].mean()]  # fmt: skip
    return {"carry": carry, "people": people, "differences": less, "slices": slices}


def badness(workspace: Workspace) -> pd.Series:
    """By id, how far the model that was taught all kinds is off: errors.csv shows the worst."""
    return judged(workspace).set_index("id").eval("abs(model - rating)")


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on the ranges and on contradicted means have to say."""
    snippets = judged(workspace)
    training = json.loads((workspace.models / "training.json").read_text(encoding="utf-8"))
    gap = (snippets.rating - snippets.model).abs()
    inside = gap <= snippets.kind.map(training["ranges"])
    tweets = snippets[snippets.kind == "tweets"]
    own = tweets.ratings.map(np.mean)
    return {
        "ranges": [
            f"hold {training['settings']['coverage']:.0%}", f"holds {inside.mean():.1%}",
            *(f"{NAMES[kind]} ±{training['ranges'][kind]:.2f} ({held.mean():.0%})"
              for kind, held in inside.groupby(snippets.kind)),
        ],
        "contrived": [
            f"{int(((tweets.rating - own).abs() > 0.01).sum())} of the {len(tweets):,} tweets",
            f"instead of {decimal(correlation(tweets, 'model'))}",
        ],
    }  # fmt: skip


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
