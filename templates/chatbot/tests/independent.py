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
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    matthews_corrcoef,
    roc_curve,
)
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline

from project_package.data import compose, read_mail  # of one mail
from project_package.kit.workspace import Workspace
from project_package.predict import SpamDetector

SAMPLE = "mails.tar.gz"
LONGEST = 10_000  # characters of a body that every method gets
DRAWN = ("train", "test")  # parts that the seed decides
SHARES = {"train": 0.8, "test": 0.2}
BASELINE_LEVEL = {"naive Bayes": 0.8, "keyword rule": 0.35}  # on the sample, whatever the seed
PHRASES = (
    "viagra", "free money", "act now", "click here", "winner", "credit card", "mortgage",
    "guarantee", "guaranteed", "guarantees", "no obligation", "risk free", "lose weight",
    "million dollars", "remove me", r"earn \$?\d+",
)  # fmt: skip
DROPS: dict = {}  # no mail may be lost
FACTS = {
    "UNPENALISED": "as good as no penalty: Platt's sigmoid has none",
    "REFERENCE_DIGITS": "how the scores that the monitor compares with are written",
    "WORTH_PROCESSES": "rows from which processes pay; no result depends on it",
}
SHOWS = {  # what to set a number to where half of it changes nothing on so small a sample
    "data.longest_body": 100,
    "data.opening_words": 5,
    "data.copy_overlap": 0.1,
    "data.topic_words": 1,
    "data.parts": 4,
    "thresholds.ham_cost": 0.01,
    "thresholds.ham_blocked": 0.2,
}


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


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every mail of both parts with all that a model or a slice may use."""
    table = pd.concat((sealed(workspace, part) for part in DRAWN), ignore_index=True)
    return table[["id", "spam", "subject", "body", "html", "feed", "date"]]


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the archive of the sample, each mail by itself."""
    rows = []
    with tarfile.open(workspace.sample / SAMPLE) as archive:
        for member in archive:
            if member.isfile():
                mail = read_mail(archive.extractfile(member).read())
                rows.append({"id": member.name, "spam": int(member.name[:4] == "spam"), **mail})
    return pd.DataFrame(rows)[["id", "spam", "subject", "body", "html", "feed", "date"]]


def judged(workspace: Workspace) -> tuple[pd.DataFrame, dict]:
    """The sealed test set with what each method says, and the notes of the training."""
    test = read(sealed(workspace, "test"))
    said = pd.read_csv(workspace.reports / "predictions.csv")
    training = json.loads((workspace.models / "training.json").read_text(encoding="utf-8"))
    found = re.match(r"naive Bayes, .* (\d), (.*), α=(.*)", training["baseline_at_cap"])
    weighing = "binary" if found[2] == "there or not" else "tf-idf"
    bayes = words_to_spam(int(found[1]), weighing, float(found[3]))
    train = read(sealed(workspace, "train"))
    strict = log_odds(bayes.fit(train.text, train.spam), test.text) >= training["baseline_capped"]
    return test.assign(
        model=said.model,
        bayes=said.naive_bayes,
        bayes_at_cap=log_odds(bayes, test.text),
        strict=said.model >= training["thresholds"]["capped"],
        bayes_strict=strict,
    ), training


def caught(mails: pd.DataFrame, column: str) -> float:
    """Share of the spam that is blocked."""
    return float(mails[column][mails.spam == 1].mean())


def blocked(mails: pd.DataFrame, column: str) -> float:
    """Share of the ham that is blocked."""
    return float(mails[column][mails.spam == 0].mean())


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of naive Bayes."""
    mails, _ = judged(workspace)
    likely, odds = mails.model >= 0.5, mails.bayes >= 0

    def oracle(column: str) -> float:
        lost, found, _ = roc_curve(mails.spam, mails[column], drop_intermediate=False)
        return float(found[lost <= workspace.config["thresholds"]["ham_blocked"]].max())

    return {
        "spam_caught": (caught(mails, "strict"), caught(mails, "bayes_strict")),
        "ham_blocked": (blocked(mails, "strict"), blocked(mails, "bayes_strict")),
        "caught_at_cap": (oracle("model"), oracle("bayes_at_cap")),
        "mcc": (matthews_corrcoef(mails.spam, likely), matthews_corrcoef(mails.spam, odds)),
        "accuracy": (accuracy_score(mails.spam, likely), accuracy_score(mails.spam, odds)),
        "brier": (brier_score_loss(mails.spam, mails.model), None),
    }


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Share judged wrongly by kind of mail."""
    mails, _ = judged(workspace)
    wrong = (mails.model >= 0.5) != mails.spam
    year = mails.date.str[:4]
    kinds = {
        "hard ham (newsletters, receipts)": mails.id.str.startswith("hard-ham"),
        "HTML mail": mails.html,
        "plain mail": ~mails.html,
        "short mail (under 50 words)": mails.body.str.split().map(len) < 50,
        "news feed": mails.feed,
        "spam of 2001": (year == "2001") & (mails.spam == 1),
        "spam of 2002": (year == "2002") & (mails.spam == 1),
    }
    return {
        "slices": {
            name: [chosen.sum(), wrong[chosen].mean()]
            for name, chosen in kinds.items()
            if chosen.any()
        }
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, how sure and wrong the model is: errors.csv shows the worst."""
    mails, _ = judged(workspace)
    return mails.set_index("id").eval("abs(model - spam)")


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on the thresholds have to say."""
    mails, training = judged(workspace)
    mails["cost"] = mails.model >= training["thresholds"]["cost"]
    lost, ham = int(mails.strict[mails.spam == 0].sum()), int((mails.spam == 0).sum())
    kept = lost <= workspace.config["thresholds"]["ham_blocked"] * ham
    return {
        "threshold": [
            f"blocks {int(mails.cost[mails.spam == 0].sum())} of {ham:,} wanted mails",
            f"lets {1 - caught(mails, 'cost'):.1%} of the spam through",
        ],
        "cap": [
            f"**{'kept' if kept else 'broken'}**: {lost} of {ham:,} wanted mails",
            f"{caught(mails, 'strict'):.1%} of the spam is caught",
            (
                f"loses {blocked(mails, 'bayes_strict'):.2%} of the ham and catches "
                f"{caught(mails, 'bayes_strict'):.1%} of the spam"
            ),
        ],
    }


def saved_model(workspace: Workspace) -> list[float]:
    """What the service says of the sealed test set."""
    test = sealed(workspace, "test")
    verdicts = SpamDetector.load(workspace).judge(list(zip(test.subject, test.body, strict=True)))
    return [verdict.probability for verdict in verdicts]


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """The rule, and naive Bayes tuned anew on the sealed training set: scores of the test set."""
    train, test = (read(sealed(workspace, part)) for part in ("train", "test"))
    folds, tried = workspace.config["train"]["folds"], workspace.config["baselines"]
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=workspace.seed)
    cuts = list(splitter.split(train, train.spam, train.group))

    def strength(bayes: Pipeline) -> float:
        held_out = np.empty(len(train))
        for fit, unseen in cuts:
            bayes.fit(train.text.iloc[fit], train.spam.iloc[fit])
            held_out[unseen] = log_odds(bayes, train.text.iloc[unseen])
        return metric(train.spam, held_out)

    bayes = max(
        (
            words_to_spam(pairs, weighing, alpha)
            for pairs in tried["words"]
            for weighing in ("binary", "tf-idf")
            for alpha in tried["smoothing"]
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
    texts = [compose(*each, LONGEST) for each in zip(mails.subject, mails.body, strict=True)]
    return mails.assign(text=texts, spam=mails.id.str.startswith("spam").astype(int))
