"""Choose model and baseline by grouped cross-validation on the training part, then calibrate.

The question chooses: how much spam is caught when at most `ham_blocked` of the wanted mails may
be lost. It is answered on the scores of all folds together, as one fold has too few wanted mails.
Naive Bayes, the baseline, is tuned twice: for the headline's metric and for the question's.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline
from tqdm import tqdm

from . import data, model
from .kit.persistence import save_model
from .kit.provenance import write_training
from .kit.statistics import bootstrap
from .kit.workspace import Workspace

Cut = tuple[NDArray[np.int64], NDArray[np.int64]]
DRAWS = 200  # of the bootstrap behind a standard error
STANDARD_ERRORS = 1.96  # from the middle of a 95 % interval to its end
WORTH_PROCESSES = 1_000  # rows; with fewer, starting processes takes longer than the work


def run(workspace: Workspace) -> None:
    """Write models/model.skops and models/training.json. The test part is not opened."""
    started = time.perf_counter()
    settings = workspace.config["train"]
    train = data.load(workspace, "train", reader="train")
    models, baselines = model.candidates(workspace.seed), model.naive_bayes()
    held_out = rate_held_out(train, {**models, **baselines}, settings["folds"], workspace.seed)
    table = measure(train, held_out, settings["ham_blocked"], workspace.seed)
    chosen = choose(table, models)
    at_cap = max(baselines, key=lambda name: table[name]["caught"])
    detector = models[chosen].fit(train.text, train.spam)
    limits = Limits.of(held_out[chosen], train.spam, settings)
    save_model(workspace, {"detector": detector, "calibration": limits.calibration})
    write_training(
        workspace,
        {
            "chosen": chosen,
            "baseline": max(baselines, key=lambda name: table[name]["pr_auc"]),
            "baseline_at_cap": at_cap,
            "candidates": table,
            "thresholds": {"cost": limits.cost, "capped": limits.capped},
            "baseline_capped": model.capped_threshold(
                held_out[at_cap], train.spam, settings["ham_blocked"]
            ),
            "settings": settings,
            "reference_scores": limits.probability.round(6).tolist(),
        },
        seconds=time.perf_counter() - started,
    )
    print(f"chosen: {chosen}, cross-validated {table[chosen]}")


def measure(
    train: pd.DataFrame, held_out: Mapping[str, NDArray], ham_blocked: float, seed: int
) -> dict[str, dict[str, float]]:
    """Spam caught at the cap with its standard error, and PR-AUC, of scores of unseen mails."""
    table = {}
    for name, raw in held_out.items():
        caught = bootstrap(
            partial(model.caught_at_cap, ham_blocked=ham_blocked),
            train.spam, raw, groups=train.group, seed=seed, rounds=DRAWS,
        )  # fmt: skip
        table[name] = {
            "caught": caught.value,
            "error": (caught.high - caught.low) / (2 * STANDARD_ERRORS),
            "pr_auc": float(average_precision_score(train.spam, raw)),
        }
    return table


def choose(table: Mapping[str, Mapping[str, float]], names: Iterable[str]) -> str:
    """Of those that catch as much as the best within its standard error, the best PR-AUC.

    The threshold rests on a handful of mails, so smaller differences than that say nothing.
    """
    best = max(names, key=lambda name: table[name]["caught"])
    enough = table[best]["caught"] - table[best]["error"]
    close = [name for name in names if table[name]["caught"] >= enough]
    return max(close, key=lambda name: table[name]["pr_auc"])


@dataclass(frozen=True)
class Limits:
    """The calibration, and from which probability on a mail is blocked."""

    calibration: LogisticRegression
    probability: NDArray[np.float64]
    cost: float
    capped: float

    @classmethod
    def of(cls, held_out: NDArray, spam: pd.Series, settings: Mapping) -> "Limits":
        """From scores of mails that the model had not seen."""
        calibration = model.calibrator(held_out, spam)
        probability = model.probabilities(calibration, held_out)
        return cls(
            calibration,
            probability,
            model.cheapest_threshold(probability, spam, settings["ham_cost"]),
            model.capped_threshold(probability, spam, settings["ham_blocked"]),
        )


def rate_held_out(
    mails: pd.DataFrame, candidates: Mapping[str, Pipeline], folds: int, seed: int
) -> dict[str, NDArray[np.float64]]:
    """For every candidate, scores of all mails by models that had not seen their group."""
    cuts = grouped_folds(mails, folds, seed)
    held_out = {name: np.empty(len(mails)) for name in candidates}
    for (_, unseen), scores in zip(cuts, rate_cuts(mails, candidates, cuts), strict=True):
        for name, raw in scores.items():
            held_out[name][unseen] = raw
    return held_out


def grouped_folds(mails: pd.DataFrame, folds: int, seed: int) -> list[Cut]:
    """Rows to fit on and rows to rate: stratified by class, groups kept together."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return list(splitter.split(mails, mails.spam, mails.group))


def rate_cuts(
    mails: pd.DataFrame, candidates: Mapping[str, Pipeline], cuts: Sequence[Cut]
) -> list[dict[str, NDArray[np.float64]]]:
    """For every cut, each candidate fitted to its first rows and its scores of the second.

    Terms are counted once for all cuts, which no fit can notice, as counting a mail needs no
    other mail; the weights of terms are fitted within the cut.
    """
    families: dict[str, dict[str, Pipeline]] = {}
    for name, candidate in candidates.items():
        families.setdefault(repr(candidate[0]), {})[name] = candidate
    spam = mails.spam.to_numpy()
    jobs = []
    for family in families.values():
        counts = next(iter(family.values()))[0].transform(mails.text)
        jobs += [delayed(score_cut)(counts, spam, cut, family) for cut in cuts]
    workers = -1 if len(mails) > WORTH_PROCESSES else 1
    finished = Parallel(n_jobs=workers, return_as="generator")(jobs)
    merged: list[dict[str, NDArray]] = [{} for _ in cuts]
    for number, scores in enumerate(tqdm(finished, total=len(jobs), desc="fits", unit="cut")):
        merged[number % len(cuts)] |= scores
    return merged


def score_cut(
    counts: csr_matrix, spam: NDArray, cut: Cut, family: Mapping[str, Pipeline]
) -> dict[str, NDArray[np.float64]]:
    """Fit a family to one cut's first rows, weights of terms too; scores of the second."""
    fit, unseen = cut
    return {
        name: model.scores(clone(candidate[1:]).fit(counts[fit], spam[fit]), counts[unseen])
        for name, candidate in family.items()
    }
