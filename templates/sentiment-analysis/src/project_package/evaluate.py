"""Measure the rater on the test part. Nothing else in the project opens that part."""

import time
from collections.abc import Mapping

import numpy as np
import pandas as pd
from joblib import delayed
from numpy.typing import ArrayLike, NDArray

from . import data, drawings, lexicon, model
from .data import KINDS, NAMES
from .intervals import Interval, bootstrap, paired_difference
from .predict import SentimentRater
from .results import Results, Score, Table, write_results
from .train import pearson_r, rate_unseen
from .unfinished import in_parallel
from .workspace import Workspace, read_json

NEITHER = 0.05  # a mean closer to zero than this is neither positive nor negative
CLASS_EDGE = 0.5  # from here on a mean counts as negative or positive of three classes
CLASSES = ("negative", "neutral", "positive")
WORST = 20
LONGEST_QUOTED = 140  # characters of a text in the write-up
SHORT, LONG = 8, 25  # words
SLICE_MINIMUM = 20  # snippets, below which a correlation says nothing
SARCASM = r"(?i)''[^']{1,40}''|\"[^\"]{1,40}\"|\?!|!\?|\b(?:yeah right|oh great|of course|as if)\b"
EMOTICON = r"[:;=8][\-o*']?[)\](\[dDpP/\\|]|<3|\^_\^"
PUBLISHED = {"tweets": 0.888, "movies": 0.899, "amazon": 0.911, "nyt": 0.745}


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    rater = SentimentRater.load(workspace)
    snippets = test.assign(
        model=rater.rate(test.text, test.kind), vader=lexicon.vader_ratings(list(test.text))
    )
    recipe = model.candidates()[training["chosen"]]
    carried, five_fold = refit(workspace, recipe, train, snippets)
    people = {kind: human_agreement(part) for kind, part in snippets.groupby("kind")}
    errors = worst_errors(snippets, rater)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    drawings.draw_carry(workspace, carry_scores(snippets, carried, people))
    drawings.draw_matrix(workspace, transfer_matrix(snippets, carried))
    drawings.draw_agreement(workspace, snippets)

    scores = score(snippets, workspace.seed)
    results = Results(
        primary="pearson_r_movies",
        baseline_name="VADER",
        scores=scores,
        difference=compare(snippets, "movies", snippets.model, workspace.seed),
        tables={
            "carry": carry_table(snippets, carried, people, workspace.seed),
            "five-fold": five_fold_table(five_fold),
            "candidates": candidates_table(training),
            "people": people_table(people),
            "slices": slices_table(snippets, workspace.seed),
            "confusion": confusion_table(snippets),
            "errors": errors_table(errors),
        },
        figures=drawings.PICTURES,
        notes={
            "carry": carry_note(snippets, carried, workspace.seed),
            "ranges": ranges_note(snippets, training),
            "contrived": contrived_note(snippets),
            "worst": worst_note(errors),
        },
    )
    write_results(workspace, results, time.perf_counter() - started)
    for kind in KINDS:
        print(f"Pearson r, {NAMES[kind]}: {scores[f'pearson_r_{kind}'].model}")


# ---- what is measured


def score(snippets: pd.DataFrame, seed: int) -> dict[str, Score]:
    """Pearson r and binary accuracy of every kind, and the mean absolute error."""
    scores = {}
    for kind in ("movies", "tweets", "amazon", "nyt"):
        part = snippets[snippets.kind == kind]
        for name, label, metric in (
            ("pearson_r", "Pearson r", pearson_r),
            ("accuracy", "accuracy, positive or negative", binary_accuracy),
        ):
            scores[f"{name}_{kind}"] = Score(
                f"{label}, {NAMES[kind]}",
                bootstrap(metric, part.rating, part.model, groups=part.group, seed=seed),
                metric(part.rating, part.vader),
            )
    scores["mean_absolute_error"] = Score(
        "mean absolute error, all kinds (VADER × 4)",
        bootstrap(
            mean_absolute_error,
            snippets.rating,
            snippets.model,
            groups=snippets.group,
            seed=seed,
        ),
        mean_absolute_error(snippets.rating, snippets.vader),
        higher_is_better=False,
    )
    return dict(sorted(scores.items(), key=lambda score: not score[0].startswith("pearson")))


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


def compare(
    snippets: pd.DataFrame, kind: str, ratings: ArrayLike, seed: int, against: str = "vader"
) -> Interval:
    """Paired interval of Pearson r of `ratings` minus that of column `against`, on one kind."""
    chosen = (snippets.kind == kind).to_numpy()
    part = snippets[chosen]
    return paired_difference(
        pearson_r,
        part.rating,
        np.asarray(ratings)[chosen],
        part[against],
        groups=part.group,
        seed=seed,
    )


# ---- how far it carries


def refit(
    workspace: Workspace, recipe: model.Recipe, train: pd.DataFrame, test: pd.DataFrame
) -> tuple[dict[str, NDArray], pd.DataFrame]:
    """The recipe fitted on other rows, and its ratings of rows it has not seen.

    First, trained on one kind of text (`movies`) or on all but one (`not movies`) of the training
    part, ratings of the whole test part. Second, five folds over all rows: fold 0 is the test
    part with the served model, the others are rated by models that never saw them.
    """
    whole = pd.concat([train, test], ignore_index=True)
    folds = sorted(set(whole.fold) - {data.TEST_FOLD})
    jobs = {kind: (train[train.kind == kind], test) for kind in KINDS}
    jobs |= {f"not {kind}": (train[train.kind != kind], test) for kind in KINDS}
    jobs |= {
        f"fold {fold}": (whole[whole.fold != fold], whole[whole.fold == fold]) for fold in folds
    }
    ratings = in_parallel(
        workspace,
        {
            name: delayed(rate_unseen)(recipe, known, unseen, workspace.seed)
            for name, (known, unseen) in jobs.items()
        },
        "other training sets",
        len(train),
    )
    held_out = whole.assign(vader=lexicon.vader_ratings(list(whole.text)))
    for fold in folds:
        held_out.loc[held_out.fold == fold, "model"] = ratings.pop(f"fold {fold}")
    return ratings, held_out


def carry_scores(
    snippets: pd.DataFrame, carried: Mapping[str, NDArray], people: Mapping[str, Mapping]
) -> pd.DataFrame:
    """Pearson r by kind of text and by what the model learned from."""
    rows = {}
    for kind in KINDS:
        chosen = (snippets.kind == kind).to_numpy()
        truth = snippets.rating[chosen]
        rows[NAMES[kind]] = {
            "VADER": pearson_r(truth, snippets.vader[chosen]),
            "the other kinds": pearson_r(truth, carried[f"not {kind}"][chosen]),
            "its own kind": pearson_r(truth, carried[kind][chosen]),
            "all kinds": pearson_r(truth, snippets.model[chosen]),
            "people's ceiling": people[kind]["ceiling"],
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def transfer_matrix(snippets: pd.DataFrame, carried: Mapping[str, NDArray]) -> pd.DataFrame:
    """Pearson r: a row for what it learned from, a column for what it was tested on."""
    rows = {}
    for source in KINDS:
        rows[NAMES[source]] = {
            NAMES[kind]: pearson_r(snippets.rating[chosen], carried[source][chosen])
            for kind, chosen in ((kind, (snippets.kind == kind).to_numpy()) for kind in KINDS)
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def carry_table(
    snippets: pd.DataFrame,
    carried: Mapping[str, NDArray],
    people: Mapping[str, Mapping],
    seed: int,
) -> Table:
    """The figure's numbers, and the paired difference from VADER of what was learned elsewhere."""
    scores = carry_scores(snippets, carried, people)
    rows = []
    for kind in KINDS:
        name = NAMES[kind]
        difference = compare(snippets, kind, carried[f"not {kind}"], seed)
        rows.append([name, *scores.loc[name].tolist(), signed(difference)])
    return Table(
        "Pearson r with the human mean on the test part, by what the model learned from. The last "
        "column: learned from the other three kinds, less VADER, paired.",
        ["rated", *scores.columns, "others less VADER"],
        rows,
    )


def carry_note(snippets: pd.DataFrame, carried: Mapping[str, NDArray], seed: int) -> str:
    """For each kind, whether what was learned elsewhere beats VADER."""
    verdicts: dict[str, list[str]] = {"beats VADER on": [], "loses to it on": [], "ties on": []}
    for kind in KINDS:
        difference = compare(snippets, kind, carried[f"not {kind}"], seed)
        verdict = (
            "beats VADER on" if difference.low > 0
            else "loses to it on" if difference.high < 0
            else "ties on"
        )  # fmt: skip
        verdicts[verdict].append(f"{NAMES[kind]} ({signed(difference)})")
    said = "; ".join(
        f"{verdict} {', '.join(named)}" for verdict, named in verdicts.items() if named
    )
    return (
        "A model that has never seen a kind of text, trained on the other three, "
        f"{said}. In brackets: Pearson r less VADER's, with its paired 95 % interval."
    )


def five_fold_table(held_out: pd.DataFrame) -> Table:
    """Every snippet rated once by a model that never saw it: the protocol others report."""
    rows = []
    for kind, part in ((kind, held_out[held_out.kind == kind]) for kind in KINDS):
        known = part[part.model.notna()]
        rows.append(
            [
                NAMES[kind],
                len(known),
                pearson_r(known.rating, known.vader),
                pearson_r(known.rating, known.model),
                binary_accuracy(known.rating, known.vader),
                binary_accuracy(known.rating, known.model),
                PUBLISHED[kind],
            ]
        )
    return Table(
        "Five folds over all snippets, grouped by review, editorial and identical words. The "
        "recipe was chosen on four of the five folds; the fifth is the test part. Last column: "
        "one person against the mean of 20, as the paper gives it.",
        [
            "rated",
            "snippets",
            "VADER, r",
            "model, r",
            "VADER, accuracy",
            "model, accuracy",
            "a person, r",
        ],
        rows,
    )


# ---- where it fails


def candidates_table(training: Mapping) -> Table:
    """What the choice rested on; no number here comes from the test part."""
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
        f"Pearson r in grouped {folds}-fold cross-validation on the training part; the highest "
        "mean is chosen.",
        [
            "candidate",
            *(NAMES[kind] for kind in KINDS),
            "mean",
            "standard deviation over folds",
        ],
        rows,
    )


def people_table(people: Mapping[str, Mapping[str, float]]) -> Table:
    """What can be hoped for: how far people agree among themselves."""
    rows = [
        [
            NAMES[kind],
            int(people[kind]["raters"]),
            people[kind]["one"],
            people[kind]["reliability"],
            people[kind]["ceiling"],
        ]
        for kind in KINDS
    ]
    return Table(
        "From the raw ratings of the test part.",
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
                "–" if part.vader.nunique() == 1 else f"{pearson_r(part.rating, part.vader):.3f}",
                bootstrap(mean_absolute_error, *columns, groups=part.group, seed=seed),
            ]
        )
    return Table(
        "All four kinds of the test part together. Sarcasm has no label here: its marks are "
        "words in quotation marks, “?!” and a few stock phrases.",
        ["snippets with", "n", "model, r", "VADER, r", "model, mean absolute error"],
        rows,
    )


def to_class(ratings: ArrayLike) -> NDArray[np.int64]:
    """0 negative, 1 neutral, 2 positive."""
    return np.digitize(ratings, [-CLASS_EDGE, CLASS_EDGE])


def confusion_table(snippets: pd.DataFrame) -> Table:
    """What people called it against what the model calls it."""
    counts = np.zeros((3, 3), dtype=int)
    np.add.at(counts, (to_class(snippets.rating), to_class(snippets.model)), 1)
    rows = [
        [f"people: {name}", *(int(count) for count in row), float(row[i] / max(row.sum(), 1))]
        for i, (name, row) in enumerate(zip(CLASSES, counts, strict=True))
    ]
    return Table(
        f"Test part, three classes with edges at ±{CLASS_EDGE}; last column: the share found.",
        ["", *(f"model: {name}" for name in CLASSES), "found"],
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
    return f"The widest misses of the test part. The model is {'; it is '.join(quoted)}."


def shortened(text: str) -> str:
    """As much of a text as a table holds."""
    return text if len(text) < LONGEST_QUOTED else text[: LONGEST_QUOTED - 3] + "…"


def ranges_note(snippets: pd.DataFrame, training: Mapping) -> str:
    """Whether the stated ranges hold what they promise."""
    settled, promised = training["ranges"], training["settings"]["coverage"]
    inside = (snippets.rating - snippets.model).abs() <= snippets.kind.map(settled)
    each = ", ".join(
        f"{NAMES[kind]} ±{settled[kind]:.2f} ({inside[snippets.kind == kind].mean():.0%})"
        for kind in KINDS
    )
    return (
        f"The range that should hold {promised:.0%} of the human means holds {inside.mean():.1%} "
        f"on the test part: {each}."
    )


def contrived_note(snippets: pd.DataFrame) -> str:
    """The tweets whose published mean is not the mean of their ratings, and what they change."""
    tweets = snippets[snippets.kind == "tweets"]
    off = (tweets.rating - tweets.ratings.map(np.mean)).abs() > 0.01
    kept = tweets[~off]
    without, whole = (
        f"{pearson_r(rows.rating, rows.model):.3f} (VADER {pearson_r(rows.rating, rows.vader):.3f})"
        for rows in (kept, tweets)
    )
    return (
        f"{int(off.sum())} of the {len(tweets):,} tweets in the test part have a published mean "
        "that is not the mean of their published ratings. Without them Pearson r on tweets is "
        f"{without} instead of {whole}."
    )


def signed(difference: Interval) -> str:
    """A difference with its sign and its interval."""
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
