"""Measure the ranker, as it is served, on articles whose stories it has not seen.

Each fold is the test part once, for a ranker chosen and fitted on the other four, and for a rule
tuned there: so every article counts, and no story is on both sides. Fold 0 is the sealed test
part, which nothing but this module opens, scored by the saved ranker.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from . import data, features, model, rouge, rules, train
from .kit import figures
from .kit.holdout import Ledger
from .kit.persistence import load_model
from .kit.results import EACH_ALONE, Picture, Results, Score, Table, write_results
from .kit.statistics import NAIVE, STRONGEST, Interval, Predictions, bootstrap, decimal, verdict
from .kit.workspace import Workspace, read_json
from .model import Ranker

WORST = 20
LEAD, RULE, RANKER = "Lead", "the headline's words", "**the ranker**"
KINDS = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L", "content": "content words"}


@dataclass(frozen=True)
class Corpus:
    """All articles with their sentences described; what every measurement below starts from."""

    articles: pd.DataFrame
    table: pd.DataFrame
    budget: int
    seed: int

    def served(self, scores: NDArray[np.float64], rows: NDArray | None = None) -> NDArray:
        """Mean ROUGE for each article, or for the articles at `rows` alone."""
        lists = model.split_by_article(self.table, scores)
        rows = np.arange(len(self.articles)) if rows is None else rows
        articles = self.articles.iloc[rows]
        return train.served(articles, [lists[row] for row in rows], self.budget)

    def interval(self, values: NDArray, rows: NDArray | None = None) -> Interval:
        """Mean with its interval over stories; `rows` are the articles that `values` belong to."""
        groups = self.articles.group if rows is None else self.articles.group.iloc[rows]
        return bootstrap(np.mean, values, groups=groups.to_numpy(), seed=self.seed)


@dataclass(frozen=True)
class Rotation:
    """Out-of-fold scores of every sentence, and what was chosen for each fold."""

    informed: NDArray[np.float64]
    blind: NDArray[np.float64]
    rule: NDArray[np.float64]
    chosen: dict[int, str]


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    corpus = read_corpus(workspace)
    training = read_json(workspace.models / "training.json", made_by="train")
    rotation = rotate(corpus, Ranker(**load_model(workspace, allowed=())), training)
    methods = measure_methods(corpus, rotation)
    reached = {name: found["mean"].to_numpy() for name, found in methods.items()}
    left_out = leave_publishers_out(corpus, training["chosen"]) - reached[RULE]
    gain = reached[RANKER] - reached[RULE]
    errors = worst_errors(corpus, rotation, gain)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    private = write_texts(workspace, corpus, methods, errors)
    draw(workspace, corpus, rotation, methods, left_out)
    results = Results(
        primary="rouge_as_served",
        label="mean of ROUGE-1, -2 and -L",
        measured_on="whole sentences as served, for all articles, each by a ranker that had not "
        "seen its story",
        predictions=Predictions(
            pd.DataFrame(
                {
                    "id": corpus.articles.id,
                    "group": corpus.articles.group,
                    "model": reached[RANKER],
                    **{name: reached[name] for name in (RULE, LEAD)},
                }
            ),
            metric="mean",
            higher_is_better=True,
            baselines={RULE: STRONGEST, LEAD: NAIVE},
            unit="articles",
            private=private,
        ),
        scores=score(corpus, methods, gain, left_out),
        tables={
            "methods": methods_table(corpus, methods),
            "candidates": candidates_table(training, rotation),
            "publishers": publishers_table(corpus, gain, left_out),
            "ablation": ablation_table(corpus, training["chosen"], reached[RULE], gain),
            "slices": slices_table(corpus, gain),
            "errors": errors_table(errors),
        },
        figures=PICTURES,
        notes={
            "kinds": kinds_note(corpus, methods),
            "publishers": publishers_note(corpus, gain, left_out),
            "headline": headline_note(corpus, reached),
            "failures": failures_note(gain, errors),
        },
        ledger=count_articles(corpus),
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"ROUGE {written['primary']['value']:.4f}, {written['comparison']['verdict']}")


def count_articles(corpus: Corpus) -> Ledger:
    """Both parts are scored: every fold is the test part once."""
    ledger = Ledger(len(corpus.articles), "articles of all folds")
    ledger.count_as("summaries", len(corpus.articles))
    return ledger


def score(
    corpus: Corpus, methods: Mapping[str, pd.DataFrame], gain: NDArray, left_out: NDArray
) -> dict[str, Score]:
    """Each kind of ROUGE beside the rule's, and the gain over the rule by other units."""
    test = np.flatnonzero(corpus.articles.fold == 0)
    kinds = {
        kind: Score(
            label if kind != "content" else "ROUGE-1 of content words alone",
            corpus.interval(methods[RANKER][kind].to_numpy()),
            float(methods[RULE][kind].mean()),
        )
        for kind, label in KINDS.items()
    }
    return {
        **kinds,
        "gain_on_test_part": Score(
            "gain on the sealed test part alone", corpus.interval(gain[test], test), 0.0
        ),
        "gain_publisher_left_out": Score(
            "gain, publishers as the unit, each left out of training",
            over_publishers(corpus, left_out),
            0.0,
        ),
    }


def over_publishers(corpus: Corpus, values: NDArray[np.float64]) -> Interval:
    """The mean over publishers of each one's mean, with its interval over publishers."""
    means = pd.Series(values).groupby(corpus.articles.publisher.to_numpy()).mean().to_numpy()
    return bootstrap(np.mean, means, seed=corpus.seed)


def read_corpus(workspace: Workspace) -> Corpus:
    """Both parts; the test part is opened here, once a run."""
    parts = [data.load(workspace, part, reader="evaluate") for part in data.PARTS]
    articles = pd.concat(parts, ignore_index=True)
    budget = workspace.config["summary"]["words"]
    return Corpus(articles, model.tabulate(articles, budget), budget, workspace.seed)


def rotate(corpus: Corpus, saved: Ranker, training: Mapping) -> Rotation:
    """For each fold: choose and fit on the other folds alone, then score this one.

    For fold 0 that is what `train` did and saved.
    """
    folds = sorted(corpus.articles.fold.unique())
    jobs = (delayed(_without_fold)(corpus, fold) for fold in folds if fold != 0)
    answers = Parallel(n_jobs=rules.workers(corpus.articles), return_as="generator")(jobs)
    progress = tqdm(answers, total=len(folds) - 1, desc="rotating the test fold", unit="fold")
    informed, blind = np.empty(len(corpus.table)), np.empty(len(corpus.table))
    rule = np.empty(len(corpus.table))
    chosen: dict[int, str] = {}
    everything = [(0, saved, training["chosen"], training["pairs"]), *progress]
    for fold, ranker, name, pairs in everything:
        rows = corpus.articles.fold.to_numpy()[corpus.table.article] == fold
        unseen = corpus.table[rows]
        informed[rows], blind[rows] = ranker.scores(unseen), ranker.blind_scores(unseen)
        articles = corpus.articles[corpus.articles.fold == fold]
        rule[rows] = np.concatenate(train.by_rule(articles, corpus.budget, pairs))
        chosen[int(fold)] = name
    return Rotation(informed, blind, rule, chosen)


def _without_fold(corpus: Corpus, held: int) -> tuple[int, Ranker, str, float]:
    """The fold, the ranker fitted on all others, its name, and the rule's weight of pairs."""
    articles, table = rows_of(corpus, corpus.articles.fold != held)
    comparison, _ = train.compare(articles, table, corpus.budget, progress=False)
    chosen = train.best(comparison)
    ranker = model.fit(model.candidates()[chosen], table)
    return held, ranker, chosen, train.tune_rule(articles, corpus.budget)


def rows_of(corpus: Corpus, kept: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The articles that are kept and their sentences, renumbered."""
    rows = np.flatnonzero(kept)
    table = corpus.table[corpus.table.article.isin(rows)]
    renumbered = table.article.map(pd.Series(np.arange(len(rows)), index=rows))
    articles = corpus.articles.iloc[rows].reset_index(drop=True)
    return articles, table.assign(article=renumbered).reset_index(drop=True)


def measure_methods(corpus: Corpus, rotation: Rotation) -> dict[str, pd.DataFrame]:
    """ROUGE of every method on every article, one frame each: mean, KINDS, words, the summary.

    All choose whole sentences by the same rule of length, as the service does; the rows with a
    dot do not.
    """
    articles, table = corpus.articles, corpus.table
    random = np.random.default_rng(corpus.seed)
    rankings = {
        "sentences at random": [random.random(len(source)) for source in articles.source],
        LEAD: [rules.lead(source) for source in articles.source],
        "TextRank": rules.rank_all(rules.text_rank, articles),
        "LexRank": rules.rank_all(rules.lex_rank, articles),
        "centroid": model.split_by_article(table, table.like_article),
        RULE: model.split_by_article(table, rotation.rule),
        "the ranker without headlines": model.split_by_article(table, rotation.blind),
        RANKER: model.split_by_article(table, rotation.informed),
        "oracle: ranked by the answer": articles.labels.map(np.array).to_list(),
    }
    texts = {
        name: [
            model.summary(*row, corpus.budget) for row in zip(articles.source, scores, strict=True)
        ]
        for name, scores in rankings.items()
    }
    texts["· the headline itself"] = articles.headline.to_list()
    jobs = (delayed(_score_all)(articles.reference, summaries) for summaries in texts.values())
    answers = Parallel(n_jobs=rules.workers(corpus.articles), return_as="generator")(jobs)
    progress = tqdm(answers, total=len(texts), desc="scoring summaries", unit="method")
    return dict(zip(texts, progress, strict=True))


def _score_all(references: pd.Series, texts: list[str]) -> pd.DataFrame:
    pairs = list(zip(references, texts, strict=True))
    found = pd.DataFrame([rouge.by_kind(*pair) for pair in pairs], columns=rouge.KINDS)
    return found.assign(
        mean=[rouge.mean(*pair) for pair in pairs],
        content=[rouge.content(*pair) for pair in pairs],
        words=[len(text.split()) for text in texts],
        summary=texts,
    )


def leave_publishers_out(corpus: Corpus, recipe: str) -> NDArray[np.float64]:
    """ROUGE on each publisher's articles by a ranker that saw neither it nor its stories."""
    reached = np.empty(len(corpus.articles))
    progress = tqdm(publisher_splits(corpus.articles), desc="leaving out", unit="publisher")
    for fit_rows, held_rows in progress:
        seen = corpus.table.article.isin(fit_rows)
        ranker = model.fit(model.candidates()[recipe], corpus.table[seen])
        held = corpus.table.article.isin(held_rows).to_numpy()
        scores = np.zeros(len(corpus.table))
        scores[held] = ranker.scores(corpus.table[held])
        reached[held_rows] = corpus.served(scores, held_rows)
    return reached


def publisher_splits(articles: pd.DataFrame) -> list[tuple[NDArray, NDArray]]:
    """For each publisher: rows to fit on, which share no story with it, and its own rows."""
    splits = []
    for publisher in articles.publisher.unique():
        held = articles.publisher == publisher
        seen = ~held & ~articles.group.isin(articles.group[held])
        splits.append((np.flatnonzero(seen), np.flatnonzero(held)))
    return splits


def methods_table(corpus: Corpus, methods: Mapping[str, pd.DataFrame]) -> Table:
    """Every method in the same words, and its difference from the rule."""
    rule = methods[RULE]["mean"].to_numpy()
    rows = [
        [
            name,
            f"{found.words.mean():.0f}",
            float(found["mean"].mean()),
            "–" if name == RULE else corpus.interval(found["mean"].to_numpy() - rule).signed,
            *(float(found[kind].mean()) for kind in KINDS),
        ]
        for name, found in methods.items()
    ]
    return Table(
        f"Mean F over {len(corpus.articles):,} articles. Every method takes whole sentences, best "
        f"first, until the next would pass {corpus.budget} words, and one in any case; but for the "
        "row with a dot. Content words: ROUGE-1 without function words.",
        ["method", "words", "mean", f"minus {RULE}", *KINDS.values()],
        rows,
    )


def candidates_table(training: Mapping, rotation: Rotation) -> Table:
    """What the choice rested on; no number here comes from the test part."""
    times = list(rotation.chosen.values())
    rows = [
        [
            ("**chosen:** " if name == training["chosen"] else "") + name,
            row["rouge"],
            row["spread"],
            f"{times.count(name)} of {len(times)}",
        ]
        for name, row in training["candidates"].items()
    ]
    return Table(
        "Cross-validation over the folds of the training part: mean of ROUGE-1, -2 and -L as "
        "served. In the rotation the choice is made anew for each fold; the last column says how "
        "often it fell on which.",
        ["candidate", "ROUGE", "standard deviation over folds", "chosen in rotation"],
        rows,
    )


def publishers_table(
    corpus: Corpus, gain: NDArray[np.float64], left_out: NDArray[np.float64]
) -> Table:
    """Does it work for a paper it has never read?"""
    rows = []
    for publisher, members in corpus.articles.groupby("publisher"):
        at = members.index.to_numpy()
        both = [corpus.interval(values[at], at).signed for values in (gain, left_out)]
        rows.append([str(publisher), len(at), *both])
    return Table(
        "The ranker minus the rule of the headline's words, on each publisher: when other "
        "stories of it were in training, and when it was left out with every story that it tells. "
        f"{EACH_ALONE}",
        ["publisher", "articles", "other stories seen", "left out"],
        rows,
    )


def ablation_table(
    corpus: Corpus, recipe: str, rule: NDArray[np.float64], gain: NDArray[np.float64]
) -> Table:
    """What is left without each group of features."""
    candidate = model.candidates()[recipe]
    fold = corpus.articles.fold.to_numpy()[corpus.table.article]
    rows: list[list] = [["nothing", 0, corpus.interval(gain).signed]]
    for group, names in tqdm(features.GROUPS.items(), desc="ablation", unit="group"):
        used = [name for name in features.NAMES if name not in names]
        scores = np.empty(len(corpus.table))
        for held in np.unique(fold):
            fitted = model.fit_on(candidate, corpus.table[fold != held], used)
            scores[fold == held] = model.score_on(fitted, corpus.table[fold == held], used)
        left = corpus.interval(corpus.served(scores) - rule)
        rows.append([group, len(names), left.signed])
    return Table(
        "The ranker minus the rule when a group of features is taken away. Groups overlap in what "
        "they know, so a small loss does not mean that a group is worth little.",
        ["without", "features", "difference"],
        rows,
    )


def slices_table(corpus: Corpus, gain: NDArray[np.float64]) -> Table:
    """Gain in parts of the data that a reader would ask about."""
    articles = corpus.articles
    length = articles.source.map(lambda source: len(" ".join(source).split()))
    best = articles.labels.map(np.argmax)
    told = articles.group.map(articles.group.value_counts())
    slices = {
        "under 400 words": length < 400,
        "400 to 800 words": (length >= 400) & (length < 800),
        "800 words and more": length >= 800,
        "best sentence is one of the first three": best < 3,
        "best sentence comes later": best >= 3,
        "headline is a question": articles.headline.str.endswith("?"),
        "no headline": articles.headline == "",
        "opens with a quotation": articles.source.str[0].str.startswith('"'),
        "story told more than once": told > 1,
    }
    rows = []
    for name, chosen in slices.items():
        at = np.flatnonzero(chosen)
        if len(at):
            rows.append([name, len(at), corpus.interval(gain[at], at).signed])
    return Table(
        f"The ranker minus the rule by kind of article. {EACH_ALONE}",
        ["articles", "n", "difference"],
        rows,
    )


def worst_errors(corpus: Corpus, rotation: Rotation, gain: NDArray[np.float64]) -> pd.DataFrame:
    """The articles on which the ranker lost most against the rule; links in place of texts."""
    scores = model.split_by_article(corpus.table, rotation.informed)
    rows = []
    for number in np.argsort(gain, kind="stable")[:WORST]:
        article = corpus.articles.iloc[number]
        first = int(model.ranking(scores[number])[0])
        rows.append(
            {
                "id": article.id,
                "publisher": article.publisher,
                "gain": round(float(gain[number]), 3),
                "took": first + 1,
                "best": int(np.argmax(article.labels)) + 1,
                "of": len(article.source),
                "kind": describe_error(article, first),
                "link": article.link,
            }
        )
    return pd.DataFrame(rows)


def describe_error(article: pd.Series, taken: int) -> str:
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
    if np.argmax(article.labels) < 3:
        return "the opening was better"
    return "of no kind that was looked for"


def errors_table(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    rows = [
        [row.publisher, row.gain, f"{row.took} of {row.of}", row.best, row.kind,
         f"[article {row.id}]({row.link})"]
        for row in errors.itertuples()
    ]  # fmt: skip
    return Table(
        f"The {len(errors)} articles on which the ranker lost most against the rule "
        "(reports/errors.csv). Sentences are counted after the first one, which is the reference. "
        "The texts are the publishers': `evaluate` writes them side by side to "
        "reports/private/worst.md, which is not committed.",
        ["publisher", "gain", "sentence taken", "best one", "kind", "article"],
        rows,
    )


def write_texts(
    workspace: Workspace,
    corpus: Corpus,
    methods: Mapping[str, pd.DataFrame],
    errors: pd.DataFrame,
) -> pd.DataFrame:
    """The worst articles in words, for the author's eyes only; returns all summaries likewise."""
    texts = corpus.articles[["id", "headline", "reference"]].assign(
        **{name.strip("*"): methods[name].summary.to_numpy() for name in (RANKER, RULE, LEAD)}
    )
    lines = ["# The worst errors in words (the texts are their publishers': do not commit)"]
    for row in errors.itertuples():
        article = texts[texts.id == row.id].iloc[0]
        lines += [f"\n## {row.id} ({row.kind})\n"]
        lines += [f"- {name}: {article[name]}" for name in texts.columns[1:]]
    path = workspace.reports / "private" / "worst.md"  # git leaves that folder out
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return texts


def kinds_note(corpus: Corpus, methods: Mapping[str, pd.DataFrame]) -> str:
    """The difference from the rule in each kind of ROUGE, with its verdict."""
    found = []
    for kind, label in KINDS.items():
        difference = methods[RANKER][kind].to_numpy() - methods[RULE][kind].to_numpy()
        found.append(f"{label} {_compared(corpus.interval(difference))}")
    return f"The ranker minus the rule of the headline's words: {'; '.join(found)}."


def publishers_note(
    corpus: Corpus, gain: NDArray[np.float64], left_out: NDArray[np.float64]
) -> str:
    """The same question with nine papers in place of thousands of articles."""
    publishers = corpus.articles.publisher.nunique()
    return (
        f"With the {publishers} publishers as the unit, the ranker minus the rule is "
        f"{_compared(over_publishers(corpus, gain))}; when each publisher is left out of training, "
        f"{_compared(over_publishers(corpus, left_out))}. So few units make such an interval "
        "rough, and rather too narrow."
    )


def headline_note(corpus: Corpus, reached: Mapping[str, NDArray[np.float64]]) -> str:
    """How much of it all the headline brings."""

    def against(name: str, other: str) -> str:
        return _compared(corpus.interval(reached[name] - reached[other]))

    blind = "the ranker without headlines"
    return (
        f"Without the headline the ranker minus {LEAD} is {against(blind, LEAD)}, and minus the "
        f"rule {against(blind, RULE)}; the rule minus {LEAD}: {against(RULE, LEAD)}. The headline "
        f"itself, which an editor wrote, scores {decimal(reached['· the headline itself'].mean())}."
    )


def failures_note(gain: NDArray[np.float64], errors: pd.DataFrame) -> str:
    """How often the ranker is worse than the rule, and how the worst cases fail."""
    kinds = errors.kind.value_counts()
    counted = ", ".join(f"{kind} ({count})" for kind, count in kinds.items())
    return (
        f"The ranker scores above the rule on {np.mean(gain > 0):.0%} of the articles, below it on "
        f"{np.mean(gain < 0):.0%}, and as it does on the rest. Of the {len(errors)} worst: "
        f"{counted}."
    )


def _compared(gap: Interval) -> str:
    return f"{gap.signed} ({verdict(gap, True)})"


PICTURES = {
    "methods": Picture(
        "Mean of ROUGE-1, -2 and -L by each method, with 95 % intervals; the dashed line is the "
        "rule of the headline's words.",
        "Dot plot with an interval for each method.",
    ),
    "publishers": Picture(
        "The ranker minus the rule on each publisher, by a ranker that never saw it.",
        "Dot plot with an interval for each publisher; the line at zero is the rule.",
    ),
    "scores": Picture(
        "Sentences of all articles in tenths of their score, and the mean ROUGE of each tenth.",
        "Line over the tenths of scores, from the lowest to the highest.",
    ),
}


def draw(
    workspace: Workspace,
    corpus: Corpus,
    rotation: Rotation,
    methods: Mapping[str, pd.DataFrame],
    left_out: NDArray[np.float64],
) -> None:
    """The methods, the publishers left out, and what a score is worth."""
    shown = {name.strip("*"): m for name, m in methods.items() if not name.startswith("·")}
    intervals = {name: corpus.interval(m["mean"].to_numpy()) for name, m in shown.items()}
    with figures.figure(workspace.figures / "methods") as (_, axes):
        _dots(axes, intervals, marked=RANKER.strip("*"))
        axes.axvline(intervals[RULE].value, linestyle="--", color=figures.BASELINE)
        axes.set(xlabel="mean of ROUGE-1, -2 and -L")
    by_publisher = {
        str(publisher): corpus.interval(left_out[members.index], members.index.to_numpy())
        for publisher, members in corpus.articles.groupby("publisher")
    }
    with figures.figure(workspace.figures / "publishers") as (_, axes):
        _dots(axes, by_publisher)
        axes.axvline(0, linestyle="--", color=figures.BASELINE)
        axes.set(xlabel="minus the rule, when left out of training")
    tenth = pd.qcut(pd.Series(rotation.informed).rank(method="first"), 10, labels=range(1, 11))
    reached = corpus.table.label.groupby(tenth, observed=True).mean()
    with figures.figure(workspace.figures / "scores", width=5) as (_, axes):
        axes.plot(reached.index.astype(int), reached, "o-", color=figures.MODEL)
        axes.set(xlabel="tenth of the score (10: highest)", ylabel="ROUGE of the sentence")
        axes.set_ylim(bottom=0)


def _dots(axes, intervals: Mapping[str, Interval], marked: str | None = None) -> None:
    for place, (name, interval) in enumerate(reversed(intervals.items())):
        color = figures.MODEL if marked in (None, name) else figures.OTHER
        axes.plot([interval.low, interval.high], [place, place], color=color)
        axes.plot(interval.value, place, "o", color=color)
    axes.set_yticks(range(len(intervals)), list(reversed(intervals)))
    axes.grid(axis="y", visible=False)
