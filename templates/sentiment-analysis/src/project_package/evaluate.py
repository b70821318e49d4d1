"""Measure transfer and the served rater on the test set, which nothing else here opens."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import delayed
from numpy.typing import ArrayLike, NDArray

from . import data, drawings, lexicon, model
from .data import KINDS, NAMES
from .kit.results import EACH_ALONE, Results, Score, Table, write_results
from .kit.statistics import (
    SIMPLE,
    STRONGEST,
    Interval,
    Predictions,
    bootstrap,
    decimal,
    paired_difference,
    verdict,
)
from .kit.workspace import Workspace, read_json
from .predict import SentimentRater, rate_elsewhere
from .train import VADER, pearson_r, rate_unseen
from .unfinished import in_parallel

NEITHER = 0.05  # a mean closer to zero than this is neither positive nor negative
WORST = 20
LONGEST_QUOTED = 140  # characters of a text in the write-up
SHORT, LONG = 8, 25  # words
TAUGHT = f"taught (beside {model.TFIDF_RIDGE})"  # as the baseline of those scores is another
SLICE_MINIMUM = 20  # snippets, below which a correlation says nothing
SARCASM = r"(?i)''[^']{1,40}''|\"[^\"]{1,40}\"|\?!|!\?|\b(?:yeah right|oh great|of course|as if)\b"
EMOTICON = r"[:;=8][\-o*']?[)\](\[dDpP/\\|]|<3|\^_\^"


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    rater = SentimentRater.load(workspace)
    snippets = test.assign(
        elsewhere=rate_elsewhere(workspace, test),
        model=rater.rate(test.text, test.kind),
        vader=lexicon.vader_ratings(list(test.text)),
    )
    refitted = refit(workspace, training, train, snippets)
    snippets["simple"] = refitted.pop(model.TFIDF_RIDGE)
    simple = {
        name: snippets.vader if name == VADER else rated_by_kind(snippets, refitted, settings)
        for name, settings in training["simple"].items()
    }
    strongest = next(iter(simple))
    snippets["carried_simple"] = simple[strongest]
    people = {kind: human_agreement(part) for kind, part in snippets.groupby("kind")}
    errors = worst_errors(snippets, rater)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    scores = carry_scores(snippets, refitted, people)
    drawings.draw_carry(workspace, scores)
    drawings.draw_matrix(workspace, transfer_matrix(snippets, refitted))
    drawings.draw_agreement(workspace, snippets)

    results = Results(
        primary="transfer_r",
        label="mean Pearson r on kinds of text not taught",
        predictions=predictions(snippets, simple),
        scores=score(snippets, workspace.seed),
        tables={
            "carry": carry_table(scores),
            "differences": differences_table(snippets, strongest, workspace.seed),
            "candidates": candidates_table(training),
            "elsewhere": elsewhere_table(training),
            "people": people_table(people),
            "slices": slices_table(snippets, workspace.seed),
            "errors": errors_table(errors),
        },
        figures=drawings.PICTURES,
        notes={
            "carry": carry_note(snippets, strongest, workspace.seed),
            "ranges": ranges_note(snippets, training),
            "contrived": contrived_note(snippets),
            "worst": worst_note(errors),
        },
        measured_on="four kinds of text, each rated by a model that was taught the other three",
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"transfer: r {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


# ---- what is measured


def predictions(snippets: pd.DataFrame, simple: Mapping[str, NDArray]) -> Predictions:
    """Of every kind of text what was said by models that were taught the other three."""
    strongest, *others = simple
    rows = pd.DataFrame(
        {
            "id": snippets.id,
            "group": snippets.group,
            "stratum": snippets.kind,
            "truth": snippets.rating,
            "model": snippets.elsewhere,
            **simple,
        }
    )
    return Predictions(
        rows,
        metric="mean_pearson_r",
        higher_is_better=True,
        baselines={strongest: STRONGEST, **dict.fromkeys(others, SIMPLE)},
        unit="snippets",
    )


def score(snippets: pd.DataFrame, seed: int) -> dict[str, Score]:
    """On kinds that the model was taught: the simple method beside it is ridge on TF-IDF."""

    def measure(
        label: str, metric: Callable[..., float], part: pd.DataFrame, higher: bool = True
    ) -> Score:
        interval = bootstrap(metric, part.rating, part.model, groups=part.group, seed=seed)
        return Score(label, interval, metric(part.rating, part.simple), higher)

    parts = {kind: snippets[snippets.kind == kind] for kind in KINDS}
    scores = {
        f"{name}_{kind}": measure(f"{label}, {NAMES[kind]}, {TAUGHT}", metric, part)
        for name, label, metric in (
            ("pearson_r", "Pearson r", pearson_r),
            ("accuracy", "accuracy, positive or negative", binary_accuracy),
        )
        for kind, part in parts.items()
    }
    scores["mean_absolute_error"] = measure(
        f"mean absolute error, all kinds, {TAUGHT}", mean_absolute_error, snippets, higher=False
    )
    return scores


def binary_accuracy(truth: ArrayLike, ratings: ArrayLike) -> float:
    """Share on the right side of zero, where the human mean is on one; zero counts as negative."""
    truth, ratings = np.asarray(truth), np.asarray(ratings)
    sided = np.abs(truth) > NEITHER
    return float(np.mean((truth[sided] > 0) == (ratings[sided] > 0)))


def mean_absolute_error(truth: ArrayLike, ratings: ArrayLike) -> float:
    """In points of the scale from −4 to 4."""
    return float(np.mean(np.abs(np.asarray(truth) - np.asarray(ratings))))


def human_agreement(snippets: pd.DataFrame) -> dict[str, float]:
    """How far people agree: the reliability of their mean, and one of them against the rest.

    Reliability is the share of the means' variance that is not chance in who was asked (Spearman,
    1904); no rater, however good, can be expected to correlate with the means more than its root.
    """
    ratings = snippets.ratings.map(np.array)
    means = ratings.map(np.mean)
    chance = (ratings.map(lambda each: each.var(ddof=1)) / ratings.map(len)).mean()
    reliability = max(0.0, 1 - chance / means.var())
    first = ratings.map(lambda each: each[0])
    others = ratings.map(lambda each: each[1:].mean())
    return {
        "raters": float(ratings.map(len).median()),
        "reliability": float(reliability),
        "ceiling": float(np.sqrt(reliability)),
        "one": pearson_r(first.astype(float), others),
    }


def compare(snippets: pd.DataFrame, kind: str, column: str, against: str, seed: int) -> Interval:
    """Paired interval of Pearson r of one column minus that of another, on one kind."""
    part = snippets[snippets.kind == kind]
    return paired_difference(
        pearson_r, part.rating, part[column], part[against], groups=part.group, seed=seed
    )


# ---- how far it carries


def refit(
    workspace: Workspace, training: Mapping, train: pd.DataFrame, test: pd.DataFrame
) -> dict[str, NDArray]:
    """Ratings of the test set by what learned from other rows of the training set.

    Ridge on TF-IDF, taught all kinds; what is served for other kinds, taught one kind alone; for
    each kind, every setting of a simple method that it asks for, taught the other three.
    """
    recipes = dict(model.carrying())
    for settings in model.simple_carrying().values():
        recipes |= settings
    whole = pd.concat([train, test], ignore_index=True)
    counts, unseen = model.count(whole.text), np.arange(len(train), len(whole))

    def learn(some: Sequence[model.Recipe], taught: Sequence[str], adapted: bool = False) -> Any:
        fit = np.flatnonzero(train.kind.isin(taught))
        return delayed(rate_unseen)(
            some, whole, counts, (fit, unseen), workspace.seed, adapted=adapted
        )

    asked = {
        kind: [tuned[kind] for tuned in training["simple"].values() if tuned[kind] in recipes]
        for kind in KINDS
    }
    jobs = {model.TFIDF_RIDGE: learn([model.candidates()[model.TFIDF_RIDGE]], KINDS, adapted=True)}
    for kind, names in asked.items():
        others = [other for other in KINDS if other != kind]
        jobs[kind] = learn([recipes[training["served_elsewhere"]]], [kind])
        jobs[f"not {kind}"] = learn([recipes[name] for name in names], others)
    ratings = in_parallel(workspace, jobs, "other training sets", len(train))
    found = {name: ratings[name][0] for name in (model.TFIDF_RIDGE, *KINDS)}
    for kind, names in asked.items():
        labels = [f"{name}, not {kind}" for name in names]
        found |= dict(zip(labels, ratings[f"not {kind}"], strict=True))
    return found


def rated_by_kind(
    snippets: pd.DataFrame, refitted: Mapping[str, NDArray], settings: Mapping[str, str]
) -> NDArray[np.float64]:
    """Each kind's ratings by the setting chosen for it, taught the other three."""
    ratings = np.empty(len(snippets))
    for kind, name in settings.items():
        rows = (snippets.kind == kind).to_numpy()
        ratings[rows] = refitted[f"{name}, not {kind}"][rows]
    return ratings


def carry_scores(
    snippets: pd.DataFrame, refitted: Mapping[str, NDArray], people: Mapping[str, Mapping]
) -> pd.DataFrame:
    """Pearson r by kind of text and by what the model learned from."""
    rows = {}
    for kind in KINDS:
        part = snippets[snippets.kind == kind]
        alone = refitted[kind][(snippets.kind == kind).to_numpy()]
        rows[NAMES[kind]] = {
            "VADER": pearson_r(part.rating, part.vader),
            "the other kinds": pearson_r(part.rating, part.elsewhere),
            "its own kind": pearson_r(part.rating, alone),
            "all kinds": pearson_r(part.rating, part.model),
            "people's ceiling": people[kind]["ceiling"],
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def transfer_matrix(snippets: pd.DataFrame, refitted: Mapping[str, NDArray]) -> pd.DataFrame:
    """Pearson r: a row for what it learned from, a column for what it was tested on."""
    rows = {}
    for source in KINDS:
        rows[NAMES[source]] = {
            NAMES[kind]: pearson_r(snippets.rating[chosen], refitted[source][chosen])
            for kind, chosen in ((kind, (snippets.kind == kind).to_numpy()) for kind in KINDS)
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def carry_table(scores: pd.DataFrame) -> Table:
    """The figure's numbers."""
    return Table(
        "Pearson r with the human mean on the test set, by what the model learned from.",
        ["rated", *scores.columns],
        [[name, *row] for name, row in zip(scores.index, scores.to_numpy().tolist(), strict=True)],
    )


def differences_table(snippets: pd.DataFrame, strongest: str, seed: int) -> Table:
    """Kind by kind, the model less each simple method, paired."""
    compared = {
        f"not taught, less {strongest}": ("elsewhere", "carried_simple"),
        "not taught, less VADER": ("elsewhere", "vader"),
        f"taught, less {model.TFIDF_RIDGE}": ("model", "simple"),
        "taught, less VADER": ("model", "vader"),
    }
    rows = [
        [
            NAMES[kind],
            *(told(compare(snippets, kind, *columns, seed)) for columns in compared.values()),
        ]
        for kind in KINDS
    ]
    return Table(
        "Pearson r of the model less that of a simple method on the same rows, with paired 95 % "
        f"intervals and what they allow to say of the model. {EACH_ALONE}",
        ["rated", *compared],
        rows,
    )


def carry_note(snippets: pd.DataFrame, strongest: str, seed: int) -> str:
    """For each kind, what the interval of the difference from the strongest simple method says."""
    said: dict[str, list[str]] = {}
    for kind in KINDS:
        difference = compare(snippets, kind, "elsewhere", "carried_simple", seed)
        said.setdefault(verdict(difference, True), []).append(
            f"{NAMES[kind]} ({difference.signed})"
        )
    return (
        f"Kind by kind, a model that was taught the other three, beside {strongest}: "
        + "; ".join(f"{words} on {', '.join(kinds)}" for words, kinds in said.items())
        + ". In brackets: the difference in Pearson r with its paired 95 % interval."
    )


# ---- where it fails


def candidates_table(training: Mapping) -> Table:
    """What the choice rested on; no number here comes from the test set."""
    rows = [
        [
            ("**chosen:** " if name == training["chosen"] else "") + name,
            *(row[kind] for kind in KINDS),
            row["mean"],
            row["spread"],
        ]
        for name, row in training["candidates"].items()
    ]
    folds = training["settings"]["folds"]
    return Table(
        f"Pearson r in grouped {folds}-fold cross-validation on the training set; the highest "
        "mean is chosen.",
        [
            "candidate",
            *(NAMES[kind] for kind in KINDS),
            "mean",
            "standard deviation over folds",
        ],
        rows,
    )


def elsewhere_table(training: Mapping) -> Table:
    """What the choice for kinds not taught rested on."""
    chosen = set(training["carrying"].values())
    simple = {name for tuned in training["simple"].values() for name in tuned.values()}

    def mark(name: str) -> str:
        return "**chosen:** " if name in chosen else "**baseline:** " if name in simple else ""

    rows = [
        [mark(name) + name, *(row[kind] for kind in KINDS), float(np.mean([*row.values()]))]
        for name, row in training["elsewhere"].items()
    ]
    return Table(
        "Pearson r on the training set, each column without the kind that it is for: models taught "
        "two of the other three rate the third. Each column chooses for its kind.",
        ["candidate", *(f"for {NAMES[kind]}" for kind in KINDS), "mean"],
        rows,
    )


def people_table(people: Mapping[str, Mapping[str, float]]) -> Table:
    """What can be hoped for: how far people agree among themselves."""
    rows = [
        [
            NAMES[kind],
            float(people[kind]["raters"]),
            people[kind]["one"],
            people[kind]["reliability"],
            people[kind]["ceiling"],
        ]
        for kind in KINDS
    ]
    return Table(
        "From the raw ratings of the test set.",
        [
            "rated",
            "people each (median)",
            "one person with the mean of the others, r",
            "reliability of the mean",
            "ceiling of r",
        ],
        rows,
    )


def find_slices(snippets: pd.DataFrame) -> dict[str, pd.Series]:
    """Parts of the data that a reader would ask about."""
    words = snippets.text.str.split().str.len()
    negated = snippets.text.map(lexicon.is_negated)
    return {
        "negation": negated,
        "no negation": ~negated,
        f"short (up to {SHORT} words)": words <= SHORT,
        f"long (over {LONG} words)": words > LONG,
        "marks of sarcasm": snippets.text.str.contains(SARCASM, regex=True),
        "emoticons": snippets.text.str.contains(EMOTICON, regex=True),
        "“but”": snippets.text.str.contains(r"\bbut\b", case=False, regex=True),
        "no word that VADER knows": snippets.vader == 0,
    }


def slices_table(snippets: pd.DataFrame, seed: int) -> Table:
    """Error of model and VADER in parts of the data; errors compare where r does not."""
    rows = []
    for name, chosen in find_slices(snippets).items():
        part = snippets[chosen]
        if len(part) < SLICE_MINIMUM:
            continue
        columns = part.rating, part.model
        rows.append(
            [
                name,
                len(part),
                bootstrap(pearson_r, *columns, groups=part.group, seed=seed),
                "–" if part.vader.nunique() == 1 else decimal(pearson_r(part.rating, part.vader)),
                bootstrap(mean_absolute_error, *columns, groups=part.group, seed=seed),
            ]
        )
    return Table(
        "All four kinds of the test set together, taught. Sarcasm has no label here: its marks are "
        f"words in quotation marks, “?!” and a few stock phrases. {EACH_ALONE}",
        ["snippets with", "n", "model, r", "VADER, r", "model, mean absolute error"],
        rows,
    )


def worst_errors(snippets: pd.DataFrame, rater: SentimentRater) -> pd.DataFrame:
    """The snippets with the largest gap between model and people, with the words that drove it."""
    gap = snippets.model - snippets.rating
    worst = snippets.loc[gap.abs().nlargest(WORST).index].assign(gap=gap)
    return pd.DataFrame(
        {
            "id": worst.id,
            "kind": worst.kind,
            "people": worst.rating.round(2),
            "model": worst.model.round(2),
            "vader": worst.vader.round(2),
            "gap": worst.gap.round(2),
            "words": [
                strongest_words(rater, text, kind)
                for text, kind in zip(worst.text, worst.kind, strict=True)
            ],
            "text": worst.text,
        }
    )


def strongest_words(rater: SentimentRater, text: str, kind: str, most: int = 3) -> str:
    """The words that add most, signed."""
    words = sorted(rater.explain(text, kind).words, key=lambda word: -abs(word.model))[:most]
    return ", ".join(f"{word.word} {word.model:+.1f}" for word in words)


def errors_table(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    rows = [
        [NAMES[row.kind], f"{row.people:+.1f}", f"{row.model:+.1f}", f"{row.vader:+.1f}",
         shortened(row.text), row.words]
        for row in errors.itertuples()
    ]  # fmt: skip
    return Table(
        f"The {len(errors)} snippets with the largest gap between model and people "
        "(reports/errors.csv).",
        ["kind", "people", "model", "VADER", "text", "words that add most"],
        rows,
    )


def worst_note(errors: pd.DataFrame) -> str:
    """The widest gap on either side, word for word."""
    quoted = [
        f"much {side} than people: “{shortened(row.text)}” (people {row.people:+.1f}, "
        f"model {row.model:+.1f}, VADER {row.vader:+.1f})"
        for side, part in (("kinder", errors[errors.gap > 0]), ("harsher", errors[errors.gap < 0]))
        for row in part.head(1).itertuples()
    ]
    return f"The widest misses of the test set. The model is {'; it is '.join(quoted)}."


def shortened(text: str) -> str:
    """As much of a text as a table holds."""
    return text if len(text) < LONGEST_QUOTED else text[: LONGEST_QUOTED - 3] + "…"


def ranges_note(snippets: pd.DataFrame, training: Mapping) -> str:
    """How often the stated ranges hold the human mean."""
    settled, meant = training["ranges"], training["settings"]["coverage"]
    inside = (snippets.rating - snippets.model).abs() <= snippets.kind.map(settled)
    each = ", ".join(
        f"{NAMES[kind]} ±{settled[kind]:.2f} ({inside[snippets.kind == kind].mean():.0%})"
        for kind in KINDS
    )
    return (
        f"The range that should hold {meant:.0%} of the human means holds {inside.mean():.1%} "
        f"on the test set: {each}."
    )


def contrived_note(snippets: pd.DataFrame) -> str:
    """The tweets whose published mean is not the mean of their ratings, and what they change."""
    tweets = snippets[snippets.kind == "tweets"]
    off = (tweets.rating - tweets.ratings.map(np.mean)).abs() > 0.01
    kept = tweets[~off]
    without, whole = (
        f"{decimal(pearson_r(rows.rating, rows.model))} "
        f"(VADER {decimal(pearson_r(rows.rating, rows.vader))})"
        for rows in (kept, tweets)
    )
    return (
        f"{int(off.sum())} of the {len(tweets):,} tweets in the test set have a published mean "
        "that is not the mean of their published ratings. Without them Pearson r on tweets is "
        f"{without} instead of {whole}."
    )


def told(difference: Interval) -> str:
    """A difference with its interval and its verdict."""
    return f"{difference.signed}: {verdict(difference, True)}"
