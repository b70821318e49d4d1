"""Measure transfer and the served rater on the test set, which nothing else here opens."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import delayed
from numpy.typing import NDArray

from . import data, lexicon, model
from .data import KINDS, NAMES
from .kit.results import Results, keep_errors, run_studies, write_results
from .kit.statistics import SIMPLE, STRONGEST, Predictions
from .kit.workspace import Workspace, read_json
from .model import Recipe, Terms
from .predict import SentimentRater, rate_elsewhere
from .train import VADER, rate_unseen
from .unfinished import in_parallel

WORST = 20
LONGEST_QUOTED = 140  # characters of a text in the write-up


@dataclass(frozen=True)
class Evaluated:
    """The test set with what each method says of it, the simple methods by strength, and more.

    Columns of `snippets` beside those of the data: `elsewhere` (not taught the kind), `model`
    (taught all kinds), `vader`, `simple` (ridge on TF-IDF, taught all), `carried_simple`.
    """

    snippets: pd.DataFrame
    train: pd.DataFrame
    simple: Mapping[str, NDArray]
    rater: SentimentRater
    training: Mapping[str, Any]

    @property
    def strongest(self) -> str:
        """The simple method that does best on kinds that it was not taught, by the training set."""
        return next(iter(self.simple))


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    evaluated = measure(workspace)
    errors = worst_errors(evaluated)
    results = Results(
        primary="transfer_r",
        label="mean Pearson r on kinds of text not taught",
        predictions=predictions(evaluated),
        tables={
            "errors": keep_errors(
                workspace,
                errors,
                {"kind": "kind", "people": "people", "model": "model", "vader": "VADER",
                 "text": "text", "words": "words that add most"},
                f"The {len(errors)} snippets with the largest gap between model and people",
            ),
        },
        notes={"worst": worst_note(errors)},
        studies=run_studies(workspace, evaluated),
        measured_on="four kinds of text, each rated by a model that was taught the other three",
    )  # fmt: skip
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"transfer: r {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set, and ask the saved models and the simple methods, fitted anew."""
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    rater = SentimentRater.load(workspace)
    snippets = test.assign(
        elsewhere=rate_elsewhere(workspace, test),
        model=rater.rate(test.text, test.kind),
        vader=lexicon.vader_ratings(list(test.text)),
    )
    refitted = refit(workspace, training["simple"], train, snippets)
    snippets["simple"] = refitted.pop(model.TFIDF_RIDGE)
    simple = {
        name: snippets.vader if name == VADER else rated_by_kind(snippets, refitted, settings)
        for name, settings in training["simple"].items()
    }
    snippets["carried_simple"] = next(iter(simple.values()))
    return Evaluated(snippets, train, simple, rater, training)


def refit(
    workspace: Workspace, tuned: Mapping[str, Mapping], train: pd.DataFrame, test: pd.DataFrame
) -> dict[str, NDArray]:
    """Ratings of the test set by the simple methods, fitted to the training set.

    Ridge on TF-IDF, taught all kinds; for each kind, every setting of a simple method that `tuned`
    asks for, taught the other three.
    """
    config, recipes = workspace.config, {}
    for settings in model.simple(config).values():
        recipes |= settings
    wanted = {model.TFIDF_RIDGE: ([model.simple_taught(config)], KINDS, True)}
    for kind in KINDS:
        others = [other for other in KINDS if other != kind]
        for name in (settings[kind] for settings in tuned.values() if settings[kind] in recipes):
            wanted[f"{name}, not {kind}"] = ([recipes[name]], others, False)
    return teach_again(workspace, wanted, train, test)


def teach_again(
    workspace: Workspace,
    wanted: Mapping[str, tuple[Sequence[Recipe], Sequence[str], bool]],
    train: pd.DataFrame,
    test: pd.DataFrame,
) -> dict[str, NDArray]:
    """Ratings of the test set by what learned from some kinds of the training set alone.

    `wanted` says by name: the recipe, the kinds it is taught, whether each kind apart as well.
    """
    whole = pd.concat([train, test], ignore_index=True)
    terms = Terms(**workspace.config["features"])
    counts, unseen = model.count(whole.text, terms), np.arange(len(train), len(whole))
    jobs = {}
    for name, (recipes, kinds, adapted) in wanted.items():
        cut = np.flatnonzero(train.kind.isin(kinds)), unseen
        jobs[name] = delayed(rate_unseen)(
            recipes, whole, counts, cut, terms, workspace.seed, adapted=adapted
        )
    found = in_parallel(workspace, jobs, "other training sets", len(train))
    return {name: ratings[0] for name, ratings in found.items()}


def rated_by_kind(
    snippets: pd.DataFrame, refitted: Mapping[str, NDArray], settings: Mapping[str, str]
) -> NDArray[np.float64]:
    """Each kind's ratings by the setting chosen for it, taught the other three."""
    ratings = np.empty(len(snippets))
    for kind, name in settings.items():
        rows = (snippets.kind == kind).to_numpy()
        ratings[rows] = refitted[f"{name}, not {kind}"][rows]
    return ratings


def predictions(evaluated: Evaluated) -> Predictions:
    """Of every kind of text what was said by models that were taught the other three."""
    columns = {
        "id": "id", "group": "group", "kind": "stratum", "rating": "truth", "elsewhere": "model"
    }  # fmt: skip
    rows = evaluated.snippets[list(columns)].rename(columns=columns).assign(**evaluated.simple)
    roles = dict.fromkeys(evaluated.simple, SIMPLE) | {evaluated.strongest: STRONGEST}
    return Predictions(
        rows,
        metric="mean_pearson_r",
        higher_is_better=True,
        baselines=roles,
        unit="snippets",
    )


def worst_errors(evaluated: Evaluated) -> pd.DataFrame:
    """The snippets with the largest gap between model and people, with the words that drove it."""
    snippets = evaluated.snippets.assign(people=evaluated.snippets.rating)
    gap = snippets.model - snippets.rating
    worst = snippets.loc[gap.abs().nlargest(WORST).index].assign(gap=gap)
    numbers = ["people", "model", "vader", "gap"]
    texts = zip(worst.text, worst.kind, strict=True)
    words = [strongest_words(evaluated.rater, text, kind) for text, kind in texts]
    errors = worst[["id", "kind", *numbers]].round(dict.fromkeys(numbers, 2))
    return errors.assign(kind=worst.kind.map(NAMES), words=words, text=worst.text)


def strongest_words(rater: SentimentRater, text: str, kind: str, most: int = 3) -> str:
    """The words that add most, signed."""
    words = sorted(rater.explain(text, kind).words, key=lambda word: -abs(word.model))[:most]
    return ", ".join(f"{word.word} {word.model:+.1f}" for word in words)


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
