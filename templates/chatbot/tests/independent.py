"""What test_recompute.py needs to know of this project, from pandas and scikit-learn alone."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.metrics import recall_score, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from project_package.kit.workspace import Workspace
from project_package.predict import Assistant

DRAWN = ()  # the split is the publisher's
SHARES = {"train": 0.5, "validation": 0.19, "test": 0.31}  # of the sample
PARTS = {"train": ("train", "oos_train"), "validation": ("val", "oos_val"),
         "test": ("test", "oos_test")}  # fmt: skip
BASELINE_LEVEL = {"bag of words": 0.7, "bag of words that always answers": 0.4}  # on the sample
FACTS = {
    "FOLDS": "by which attempts are scored; no run depends on it",
    "REFERENCE_DIGITS": "how the scores that the monitor compares with are written",
    "WORTH_PROCESSES": "rows from which processes pay; no result depends on it",
}
SHOWS = {"threshold.out_cost": 0.01}  # half of it changes nothing on so small a sample


def sealed(workspace: Workspace, part: str) -> pd.DataFrame:
    return pd.read_json(workspace.processed / f"{part}.jsonl", lines=True, dtype={"id": str})


def words_of(text: str) -> str:
    """Letters and digits in lower case, whatever stands between them."""
    kept = "".join(each if each.isalnum() else " " for each in text.lower())
    return " ".join(kept.split())


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, bootstrap unit (the words) and truth of the sealed test set."""
    test = sealed(workspace, "test")
    numbers = {name: place for place, name in enumerate(sorted(intents(workspace)))}
    truth = [numbers.get(name, -1) for name in test.intent]
    return pd.DataFrame({"id": test.id, "group": test.text.map(words_of), "truth": truth})


def metric(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The headline's metric: the mean of two recalls, each by a library."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    inside = truth != -1
    if inside.all() or not inside.any():
        return float("nan")
    outside = recall_score(truth == -1, predicted == -1)
    return float((np.mean(truth[inside] == predicted[inside]) + outside) / 2)


def folder(workspace: Workspace) -> Path:
    """Where the run's raw files are."""
    of_sample = json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]
    return workspace.sample if of_sample else workspace.raw


def intents(workspace: Workspace) -> dict[str, str]:
    """Intent → domain."""
    domains = json.loads((folder(workspace) / "domains.json").read_text(encoding="utf-8"))
    return {intent: domain for domain, names in domains.items() for intent in names}


def published(workspace: Workspace) -> pd.DataFrame:
    """Every query of the raw file: id, text, intent, label, domain, and its part."""
    raw = json.loads((folder(workspace) / "data_full.json").read_text(encoding="utf-8"))
    domain = intents(workspace)
    names = sorted(domain)
    rows = [
        (
            f"{source}-{number:05}",
            text,
            intent if intent in domain else "out of scope",
            names.index(intent) if intent in domain else -1,
            domain.get(intent, "out of scope"),
            part,
        )
        for part, sources in PARTS.items()
        for source in sources
        for number, (text, intent) in enumerate(raw[source])
    ]
    return pd.DataFrame(rows, columns=["id", "text", "intent", "label", "domain", "part"])


def raw_count(workspace: Workspace) -> int:
    """Queries in the publisher's file, or in the sample."""
    return len(published(workspace))


def told_again(queries: pd.DataFrame) -> pd.Series:
    """Whether the words of a query stand in a later part, the test set being last."""
    words = queries.text.map(words_of)
    in_test = set(words[queries.part == "test"])
    later = in_test | set(words[queries.part == "validation"])
    return ((queries.part == "train") & words.isin(later)) | (
        (queries.part == "validation") & words.isin(in_test)
    )


DROPS = {
    "earlier queries whose words stand in a later part": lambda workspace: int(
        told_again(published(workspace)).sum()
    )
}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every query the intent of another one, out of scope among them."""
    path = folder / "data_full.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    rows = [row for part in raw.values() for row in part]
    dealt = [rows[place][1] for place in random.permutation(len(rows))]
    for row, intent in zip(rows, dealt, strict=True):
        row[1] = intent
    path.write_text(json.dumps(raw), encoding="utf-8")


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every query of every part with all that a model or a slice may use."""
    parts = [sealed(workspace, part).assign(part=part) for part in PARTS]
    table = pd.concat(parts, ignore_index=True)
    return table[["id", "text", "intent", "label", "domain", "part"]]


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the sample's file."""
    queries = published(workspace)
    return queries[~told_again(queries)]


def bag(workspace: Workspace, c: float) -> Pipeline:
    """Single words, TF-IDF, a machine for each intent and for out of scope."""
    counts = HashingVectorizer(
        n_features=2 ** workspace.config["features"]["word_bits"], strip_accents="unicode",
        norm=None, alternate_sign=False,
    )  # fmt: skip
    train = sealed(workspace, "train")
    machine = LinearSVC(C=c, random_state=workspace.seed)
    return make_pipeline(counts, TfidfTransformer(sublinear_tf=True), machine).fit(
        train.text, train.label
    )


def scored(fitted: Pipeline, weight: float, texts: pd.Series) -> pd.DataFrame:
    """The best intent of each text, and its score less that of out of scope."""
    said = pd.DataFrame(fitted.decision_function(texts), columns=fitted[-1].classes_)
    inside = said.drop(columns=-1)
    return pd.DataFrame(
        {"best": inside.idxmax(axis=1), "score": inside.max(axis=1) - weight * said[-1]}
    )


def least_cost(rows: pd.DataFrame, truth: pd.Series, price: float) -> tuple[float, float]:
    """The cheapest threshold and its cost, by trying half-way between any two scores."""
    levels = np.sort(rows.score.unique())[::-1]
    tried = [*(levels[:-1] + levels[1:]) / 2, levels[-1]]
    right, outside = (rows.best == truth).to_numpy(), (truth == -1).to_numpy()
    score = rows.score.to_numpy()
    costs = [
        1 - right[score >= level].sum() / (~outside).sum()
        + price * outside[score >= level].sum() / outside.sum()
        for level in tried
    ]  # fmt: skip
    best = int(np.argmin(np.round(costs, 12)))
    return float(tried[best]), costs[best]


def tuned(workspace: Workspace) -> tuple[Pipeline, float, float]:
    """The bag of words that is cheapest on the validation part: fitted, its rule, its threshold."""
    settings, price = workspace.config["baselines"], workspace.config["threshold"]["out_cost"]
    validation = sealed(workspace, "validation")
    found = []
    for c in settings["c"]:
        fitted = bag(workspace, c)
        for weight in settings["out_weight"]:
            rows = scored(fitted, weight, validation.text)
            threshold, cost = least_cost(rows, validation.label, price)
            found.append((round(cost, 12), fitted, weight, threshold))
    _, fitted, weight, threshold = min(found, key=lambda each: each[0])
    return fitted, weight, threshold


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Both tuned anew on the sealed parts: numbers of intents for the test set, −1 for none."""
    fitted, weight, threshold = tuned(workspace)
    rows = scored(fitted, weight, sealed(workspace, "test").text)
    answered = rows.best.where(rows.score >= threshold, -1)
    return {
        "bag of words": answered.to_numpy(),
        "bag of words that always answers": rows.best.to_numpy(),
    }


def judged(workspace: Workspace) -> tuple[pd.DataFrame, dict]:
    """The sealed test set with what each method says, and the notes of the training."""
    test = sealed(workspace, "test")
    said = pd.read_csv(workspace.reports / "predictions.csv")
    training = json.loads((workspace.models / "training.json").read_text(encoding="utf-8"))
    assistant = Assistant.load(workspace).judge(list(test.text))
    c, weight = re.fullmatch(
        r"bag of words, C=(.*), out of scope × (.*)", training["baseline"]
    ).groups()
    of_bag = scored(bag(workspace, float(c)), float(weight), test.text)
    return test.assign(
        model=said.model,
        bag=said.bag_of_words,
        best=assistant.label,
        score=assistant.score,
        bag_best=of_bag.best,
        bag_score=of_bag.score,
    ), training


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of the bag of words."""
    rows, _ = judged(workspace)
    inside, outside = rows[rows.label >= 0], rows[rows.label < 0]

    def area(column: str) -> float:
        return float(roc_auc_score(rows.label >= 0, rows[column]))

    return {
        "in_scope_accuracy": tuple(
            float((inside[name] == inside.label).mean()) for name in ("model", "bag")
        ),
        "out_of_scope_recall": tuple(
            float((outside[name] == -1).mean()) for name in ("model", "bag")
        ),
        "auroc": (area("score"), area("bag_score")),
        "always_answering": tuple(
            float((inside[name] == inside.label).mean()) for name in ("best", "bag_best")
        ),
    }


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Share met by kind of query, and what was taken for what."""
    rows, training = judged(workspace)
    met, length = rows.model == rows.label, rows.text.map(lambda text: len(text.split()))
    inside = rows.label >= 0
    kinds = {name.replace("_", " "): rows.domain == name for name in rows.domain.unique()}
    for name, least, most in (
        ("1 to 4 words", 1, 4), ("5 to 8 words", 5, 8), ("9 to 12 words", 9, 12),
        ("13 words and more", 13, 10**6),
    ):  # fmt: skip
        so_long = (length >= least) & (length <= most)
        kinds |= {f"in scope, {name}": inside & so_long, f"out of scope, {name}": ~inside & so_long}
    wrong = rows[~met & (rows.model >= 0)]
    pairs = wrong.groupby(["intent", "model"]).size()
    frequent = pairs[pairs > (sorted(pairs)[-11:][0] if len(pairs) > 10 else 0)]
    return {
        "slices": {name: [own.sum(), met[own].mean()] for name, own in kinds.items() if own.any()},
        "confusions": {
            (truth, training["intents"][str(label)]): [n, n / len(wrong)]
            for (truth, label), n in frequent.items()
        },
    }


def badness(workspace: Workspace) -> pd.Series:
    """By id, the score of each wrong answer: errors.csv shows the highest."""
    rows, _ = judged(workspace)
    return rows[(rows.model != rows.label) & (rows.model >= 0)].set_index("id").score


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentence on the threshold has to say."""
    rows, training = judged(workspace)
    inside, outside = rows[rows.label >= 0], rows[rows.label < 0]
    wrong = (inside.model != inside.label) & (inside.model >= 0)
    return {
        "threshold": [
            f"at a score of {training['threshold']:.3f}",
            f"answers {(outside.model >= 0).sum()} of {len(outside):,} queries",
            f"could know {(inside.model < 0).sum()} not at all and {wrong.sum()} wrongly",
        ]
    }


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the assistant answers to the sealed test set, query by query, as in a conversation."""
    assistant = Assistant.load(workspace)
    found = (assistant.understand(text).intent for text in sealed(workspace, "test").text)
    return np.array([-1 if intent is None else assistant.by_name[intent] for intent in found])
