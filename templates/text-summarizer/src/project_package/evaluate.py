"""Measure the ranker, as it is served, on articles whose stories it has not seen.

Each fold is the test set once, for a ranker fitted on the other four, and for a rule tuned
there: so every article counts, and no story is on both sides. Fold 0 is the sealed test set,
which nothing but this module opens, scored by the saved ranker.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from . import data, features, model, rouge, rules, train
from .kit.holdout import Ledger
from .kit.persistence import load_model
from .kit.results import (
    EACH_ALONE,
    Results,
    Score,
    keep_errors,
    run_studies,
    slices_table,
    write_results,
)
from .kit.statistics import NAIVE, STRONGEST, Interval, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .model import Ranker
from .train import RULE

WORST = 20
LEAD, RANKER = "Lead", "**the ranker**"
KINDS = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L", "content": "content words"}
SHOWN = {
    "publisher": "publisher", "gain": "gain", "took": "sentence taken", "best": "best one",
    "of": "of", "kind": "kind", "link": "article",
}  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """All articles with their sentences described; what every measurement below starts from."""

    articles: pd.DataFrame
    table: pd.DataFrame
    config: Mapping[str, Any]

    @property
    def budget(self) -> int:
        """Words of a summary."""
        return int(self.config["summary"]["words"])

    @property
    def fold(self) -> NDArray[np.int64]:
        """The fold of every sentence, shape (sentences,)."""
        return self.articles.fold.to_numpy()[self.table.article]

    def served(self, scores: NDArray[np.float64], rows: NDArray | None = None) -> NDArray:
        """Mean ROUGE for each article, or for the articles at `rows` alone."""
        lists = model.split_by_article(self.table, scores)
        rows = np.arange(len(self.articles)) if rows is None else rows
        articles = self.articles.iloc[rows]
        return train.served(articles, [lists[row] for row in rows], self.budget)

    def interval(self, values: NDArray, rows: NDArray | None = None) -> Interval:
        """Mean with its interval over stories; `rows` are the articles that `values` belong to."""
        groups = self.articles.group if rows is None else self.articles.group.iloc[rows]
        return bootstrap(np.mean, values, groups=groups.to_numpy(), seed=self.config["seed"])


@dataclass(frozen=True)
class Rotation:
    """Scores of every sentence by what had not seen its fold."""

    informed: NDArray[np.float64]
    blind: NDArray[np.float64]
    rule: NDArray[np.float64]


@dataclass(frozen=True)
class Evaluated:
    """The articles, their sentences' scores, and by method what was served, with its ROUGE."""

    corpus: Corpus
    rotation: Rotation
    methods: Mapping[str, pd.DataFrame]

    def reached(self, method: str) -> NDArray[np.float64]:
        """Mean ROUGE for each article by a method."""
        return self.methods[method]["mean"].to_numpy()

    @property
    def gain(self) -> NDArray[np.float64]:
        """The ranker minus the rule, for each article."""
        return self.reached(RANKER) - self.reached(RULE)


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    evaluated = measure(workspace)
    corpus, gain = evaluated.corpus, evaluated.gain
    errors = worst_errors(evaluated)
    private = write_texts(workspace, evaluated, errors)
    results = Results(
        primary="rouge_as_served",
        label="mean of ROUGE-1, -2 and -L",
        measured_on="whole sentences as served, for all articles, each by a ranker that had not "
        "seen its story",
        predictions=predictions(evaluated, private),
        scores=score(evaluated),
        tables={
            "slices": slices_table(
                f"The ranker minus the rule by kind of article. {EACH_ALONE}",
                ["articles", "n", "difference"],
                find_slices(corpus),
                gain,
                corpus.articles.group,
                workspace.seed,
            ),
            "errors": keep_errors(
                workspace,
                errors,
                SHOWN,
                "Sentences are counted after the first one, which is the reference. The texts are "
                "the publishers': `evaluate` writes them side by side to "
                "reports/private/worst.md, which is not committed. "
                f"The {len(errors)} articles on which the ranker lost most against the rule",
            ),
        },
        notes={"failures": failures_note(gain, errors)},
        studies=run_studies(workspace, evaluated),
        ledger=count_articles(corpus),
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"ROUGE {written['primary']['value']:.4f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set, rotate the folds, and score what ranker, rule and Lead serve."""
    corpus = read_corpus(workspace)
    training = read_json(workspace.models / "training.json", made_by="train")
    rotation = rotate(corpus, Ranker(**load_model(workspace, allowed=())), training["pairs"])
    scores = {
        LEAD: np.concatenate([rules.lead(source) for source in corpus.articles.source]),
        RULE: rotation.rule,
        RANKER: rotation.informed,
    }
    return Evaluated(
        corpus, rotation, {name: measure_method(corpus, own) for name, own in scores.items()}
    )


def read_corpus(workspace: Workspace) -> Corpus:
    """Both parts; the test set is opened here, once a run."""
    parts = [data.load(workspace, part, reader="evaluate") for part in data.PARTS]
    articles, config = pd.concat(parts, ignore_index=True), workspace.config
    return Corpus(articles, model.tabulate(articles, config["summary"]["words"]), config)


def rotate(corpus: Corpus, saved: Ranker, pairs: float) -> Rotation:
    """For each fold: fit and tune on the other folds alone, then score this one.

    For fold 0 that is what `train` did and saved.
    """
    found = {name: np.empty(len(corpus.table)) for name in ("informed", "blind", "rule")}
    folds = tqdm(sorted(corpus.articles.fold.unique()), desc="rotating the test fold")
    for fold in folds:
        ranker, weight = (saved, pairs) if fold == 0 else fit_without(corpus, fold)
        rows = corpus.fold == fold
        unseen = corpus.table[rows]
        found["informed"][rows] = ranker.scores(unseen)
        found["blind"][rows] = ranker.blind_scores(unseen)
        articles = corpus.articles[corpus.articles.fold == fold]
        found["rule"][rows] = np.concatenate(train.by_rule(articles, corpus.budget, weight))
    return Rotation(**found)


def fit_without(corpus: Corpus, held: int) -> tuple[Ranker, float]:
    """The ranker fitted on all folds but one, and the rule's weight of pairs tuned there."""
    ranker = model.fit(model.build(corpus.config), corpus.table[corpus.fold != held])
    others = corpus.articles[corpus.articles.fold != held]
    weights = corpus.config["baselines"]["pair_weights"]
    return ranker, train.tune_rule(others, corpus.budget, weights)


def measure_method(corpus: Corpus, scores: ArrayLike) -> pd.DataFrame:
    """What scores of all sentences lead to, by the same rule of length as in the service."""
    lists = model.split_by_article(corpus.table, scores)
    rows = zip(corpus.articles.source, lists, strict=True)
    return measure_texts(
        corpus.articles.reference, [model.summary(*row, corpus.budget) for row in rows]
    )


def measure_texts(references: pd.Series, texts: list[str]) -> pd.DataFrame:
    """ROUGE of a summary for each article: mean, KINDS, words, the summary itself."""
    pairs = list(zip(references, texts, strict=True))
    found = pd.DataFrame([rouge.by_kind(*pair) for pair in pairs], columns=rouge.KINDS)
    return found.assign(
        mean=[rouge.mean(*pair) for pair in pairs],
        content=[rouge.content(*pair) for pair in pairs],
        words=[len(text.split()) for text in texts],
        summary=texts,
    )


def predictions(evaluated: Evaluated, private: pd.DataFrame) -> Predictions:
    """What the headline is computed from: scores, as the texts may not be passed on."""
    rows = evaluated.corpus.articles[["id", "group"]].assign(
        model=evaluated.reached(RANKER),
        **{name: evaluated.reached(name) for name in (RULE, LEAD)},
    )
    return Predictions(
        rows,
        metric="mean",
        higher_is_better=True,
        baselines={RULE: STRONGEST, LEAD: NAIVE},
        unit="articles",
        private=private,
    )


def count_articles(corpus: Corpus) -> Ledger:
    """Both parts are scored: every fold is the test set once."""
    ledger = Ledger(len(corpus.articles), "articles of all folds")
    ledger.count_as("summaries", len(corpus.articles))
    return ledger


def score(evaluated: Evaluated) -> dict[str, Score]:
    """The gain over the rule on the sealed part alone, which the saved ranker scored."""
    corpus = evaluated.corpus
    test = np.flatnonzero(corpus.articles.fold == 0)
    alone = corpus.interval(evaluated.gain[test], test)
    return {"gain_on_test_part": Score("gain on the sealed test set alone", alone, 0.0)}


def find_slices(corpus: Corpus) -> dict[str, pd.Series]:
    """Kinds of articles that a reader would ask about, each as a mask of the rows."""
    articles, settings = corpus.articles, corpus.config["evaluate"]
    short, long, early = (settings[key] for key in ("short_article", "long_article", "early"))
    length = articles.source.map(lambda source: len(" ".join(source).split()))
    best = articles.labels.map(np.argmax)
    return {
        f"under {short} words": length < short,
        f"{short} to {long} words": (length >= short) & (length < long),
        f"{long} words and more": length >= long,
        f"best sentence is one of the first {early}": best < early,
        "best sentence comes later": best >= early,
        "headline is a question": articles.headline.str.endswith("?"),
        "no headline": articles.headline == "",
        "opens with a quotation": articles.source.str[0].str.startswith('"'),
        "story told more than once": articles.group.duplicated(keep=False),
    }


def worst_errors(evaluated: Evaluated) -> pd.DataFrame:
    """The articles on which the ranker lost most against the rule; links in place of texts."""
    corpus = evaluated.corpus
    scores = model.split_by_article(corpus.table, evaluated.rotation.informed)
    rows = []
    for number in np.argsort(evaluated.gain, kind="stable")[:WORST]:
        article = corpus.articles.iloc[number]
        first = int(model.ranking(scores[number])[0])
        rows.append(
            {
                "id": article.id,
                "publisher": article.publisher,
                "gain": round(float(evaluated.gain[number]), 3),
                "took": first + 1,
                "best": int(np.argmax(article.labels)) + 1,
                "of": len(article.source),
                "kind": describe_error(article, first, corpus.config["evaluate"]["early"]),
                "link": article.link,
            }
        )
    return pd.DataFrame(rows)


def describe_error(article: pd.Series, taken: int, early: int) -> str:
    """What stands out about the sentence that was taken in the place of a better one."""
    sentence = article.source[taken]
    first_word = sentence.split()[0].lower().strip("\"'")
    if article.headline == "":
        return "no headline"
    if sentence.startswith(('"', "'")):
        return "took a quotation"
    if first_word in features.REFERS_BACK:
        return "took a sentence that refers back"
    if article.headline.endswith("?"):
        return "headline is a question"
    if np.argmax(article.labels) < early:
        return "the opening was better"
    return "of no kind that was looked for"


def write_texts(workspace: Workspace, evaluated: Evaluated, errors: pd.DataFrame) -> pd.DataFrame:
    """The worst articles in words, for the author's eyes only; returns all summaries likewise."""
    names, methods = (RANKER, RULE, LEAD), evaluated.methods
    texts = evaluated.corpus.articles[["id", "headline", "reference"]].assign(
        **{name.strip("*"): methods[name].summary.to_numpy() for name in names}
    )
    lines = ["# The worst errors in words (the texts are their publishers': do not commit)"]
    for row in errors.itertuples():
        article = texts[texts.id == row.id].iloc[0]
        lines += [f"\n## {row.id} ({row.kind})\n"]
        lines += [f"- {name}: {article[name]}" for name in texts.columns[1:]]
    path = workspace.reports / "private" / "worst.md"  # git leaves that folder out
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return texts


def failures_note(gain: NDArray[np.float64], errors: pd.DataFrame) -> str:
    """How often the ranker is worse than the rule, and how the worst cases fail."""
    kinds = errors.kind.value_counts()
    counted = ", ".join(f"{kind} ({count})" for kind, count in kinds.items())
    return (
        f"The ranker scores above the rule on {np.mean(gain > 0):.0%} of the articles, below it on "
        f"{np.mean(gain < 0):.0%}, and as it does on the rest. Of the {len(errors)} worst: "
        f"{counted}."
    )
