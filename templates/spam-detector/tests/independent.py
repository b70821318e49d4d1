"""What test_recompute.py needs to know of this project, from pandas and scikit-learn alone."""

import gzip
import io
import json
import re
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from project_package.data import compose
from project_package.predict import SpamDetector
from project_package.workspace import Workspace

SAMPLE = "mails.tar.gz"
CHANCE = (0.15, 0.6)  # of the headline, with spam and ham shuffled among the mails
BASELINE_LEVEL = {"naive Bayes": 0.8, "keyword rule": 0.35}  # on the sample, whatever the seed
PHRASES = (
    "viagra", "free money", "act now", "click here", "winner", "credit card", "mortgage",
    "guarantee", "guaranteed", "guarantees", "no obligation", "risk free", "lose weight",
    "million dollars", "remove me", r"earn \$?\d+",
)  # fmt: skip
SMOOTHING = (0.003, 0.01, 0.03, 0.1)
DROPS: dict = {}  # no mail may be lost


def sealed(workspace: Workspace, part: str) -> pd.DataFrame:
    return pd.read_json(workspace.processed / f"{part}.jsonl", lines=True, dtype=False)


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, bootstrap unit and truth (the folder's name says it) of the sealed test set."""
    test = sealed(workspace, "test")
    spam = test.id.str.startswith("spam").astype(int)
    return pd.DataFrame({"id": test.id, "group": test.group, "truth": spam})


def metric(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The headline's metric."""
    return float(average_precision_score(truth, predicted))


def raw_count(workspace: Workspace) -> int:
    """Mails in the archive of the sample, or in what was downloaded."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        with tarfile.open(workspace.sample / SAMPLE) as archive:
            return sum(member.isfile() for member in archive)
    texts = len(list(workspace.raw.glob("*/*.txt")))
    for path in workspace.raw.glob("*.tar.bz2"):
        with tarfile.open(path) as archive:
            texts += sum(each.isfile() and Path(each.name).name != "cmds" for each in archive)
    return texts


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every mail the name, and so the folder, of another one."""
    with tarfile.open(folder / SAMPLE) as archive:
        members = [member for member in archive if member.isfile()]
        contents = [archive.extractfile(member).read() for member in members]
    order = random.permutation(len(members))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for member, place in zip(members, order, strict=True):
            member.size = len(contents[place])
            archive.addfile(member, io.BytesIO(contents[place]))
    (folder / SAMPLE).write_bytes(gzip.compress(packed.getvalue(), mtime=0))


def saved_model(workspace: Workspace) -> list[float]:
    """What the service says of the sealed test set."""
    test = sealed(workspace, "test")
    verdicts = SpamDetector.load(workspace).judge(list(zip(test.subject, test.body, strict=True)))
    return [verdict.probability for verdict in verdicts]


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """The rule, and naive Bayes tuned anew on the sealed training set: scores of the test set."""
    train, test = (read(sealed(workspace, part)) for part in ("train", "test"))
    settings = workspace.config["train"]
    folds = list(
        StratifiedGroupKFold(
            settings["folds"], shuffle=True, random_state=workspace.seed
        ).split(train, train.spam, train.group)
    )  # fmt: skip

    def strength(bayes: Pipeline) -> float:
        held_out = np.empty(len(train))
        for fit, unseen in folds:
            bayes.fit(train.text.iloc[fit], train.spam.iloc[fit])
            held_out[unseen] = log_odds(bayes, train.text.iloc[unseen])
        return metric(train.spam, held_out)

    bayes = max(
        (
            words_to_spam(pairs, weighing, alpha)
            for pairs in (1, 2)
            for weighing in ("binary", "tf-idf")
            for alpha in SMOOTHING
        ),
        key=strength,
    )
    bayes.fit(train.text, train.spam)
    rule = re.compile(rf"\b(?:{'|'.join(PHRASES)})\b", re.IGNORECASE)
    found = test.text.map(lambda text: len(rule.findall(text))).to_numpy(dtype=float)
    return {"naive Bayes": log_odds(bayes, test.text), "keyword rule": found}


def words_to_spam(pairs: int, weighing: str, alpha: float) -> Pipeline:
    counts = HashingVectorizer(
        ngram_range=(1, pairs), n_features=2**20, strip_accents="unicode", norm=None,
        alternate_sign=False, binary=weighing == "binary",
    )  # fmt: skip
    weights = [TfidfTransformer(sublinear_tf=True)] if weighing == "tf-idf" else []
    return make_pipeline(counts, *weights, MultinomialNB(alpha=alpha))


def log_odds(bayes: Pipeline, texts: pd.Series) -> np.ndarray:
    ham, spam = bayes.predict_log_proba(texts).T
    return spam - ham


def read(mails: pd.DataFrame) -> pd.DataFrame:
    """The text that every method gets."""
    texts = [compose(*each) for each in zip(mails.subject, mails.body, strict=True)]
    return mails.assign(text=texts, spam=mails.id.str.startswith("spam").astype(int))
