"""Measure the ranker on articles whose stories it has not seen.

Each fold is the test part once, for a ranker chosen and fitted on the other four: so every article
counts, and no story is on both sides. The saved ranker's own test part, which nothing but this
module opens, is fold 0.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm import tqdm

from . import data, features, figures, model, rouge, rules, train
from .intervals import Interval, bootstrap
from .model import Ranker
from .persistence import load_model
from .results import Picture, Results, Score, Table, write_results
from .workspace import Workspace, read_json

WORST = 20
OTHER_SPLITS = 5
LEAD = "Lead-30"
RANKER = "**the ranker**"
KINDS = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L", "content": "content words"}


@dataclass(frozen=True)
class Corpus:
    """All articles with their sentences described; what every measurement below starts from."""

    articles: pd.DataFrame
    table: pd.DataFrame
    budget: int
    seed: int
    lead: NDArray[np.float64]

    def gain(self, scores: NDArray[np.float64], rows: NDArray | None = None) -> NDArray:
        """ROUGE-1 minus Lead's for each article, or for the articles at `rows` alone."""
        lists = model.split_by_article(self.table, scores)
        rows = np.arange(len(self.articles)) if rows is None else rows
        articles = self.articles.iloc[rows]
        return train.rouge1(articles, [lists[row] for row in rows], self.budget) - self.lead[rows]

    def interval(self, values: NDArray, rows: NDArray | None = None) -> Interval:
        """Mean with its interval over stories; `rows` are the articles that `values` belong to."""
        groups = self.articles.group if rows is None else self.articles.group.iloc[rows]
        return bootstrap(np.mean, values, groups=groups.to_numpy(), seed=self.seed)


@dataclass(frozen=True)
class Rotation:
    """Out-of-fold scores of every sentence, and what was chosen for each fold."""

    informed: NDArray[np.float64]
    blind: NDArray[np.float64]
    chosen: dict[int, str]


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    corpus = read_corpus(workspace)
    training = read_json(workspace.models / "training.json", made_by="train")
    saved = Ranker(**load_model(workspace, allowed=()))
    rotation = rotate(corpus)
    recipe = training["chosen"]

    gain = corpus.gain(rotation.informed)
    blind_gain = corpus.gain(rotation.blind)
    test_rows = np.flatnonzero(corpus.articles.fold == 0)
    test_gain = corpus.gain(saved.scores(corpus.table), test_rows)
    methods = measure_methods(corpus, rotation)
    left_out = leave_publishers_out(corpus, recipe)
    shuffled = corpus.gain(shuffle_labels(corpus, recipe))
    errors = worst_errors(corpus, rotation, gain)
    workspace.reports.mkdir(exist_ok=True)
    errors.to_csv(workspace.reports / "errors.csv", index=False, lineterminator="\n")
    write_texts(workspace, corpus, rotation, errors)
    draw(workspace, corpus, rotation, methods, left_out)

    headline = corpus.interval(gain)
    scores = {
        "rouge1_gain_over_lead": Score("ROUGE-1 gain over Lead-30", headline, 0.0),
        **{
            kind: Score(
                f"{label}, 30 words" if kind != "content" else "ROUGE-1 of content words alone",
                corpus.interval(methods[RANKER][kind].to_numpy()),
                float(methods[LEAD][kind].mean()),
            )
            for kind, label in KINDS.items()
        },
        "gain_without_headline": Score("gain without a headline", corpus.interval(blind_gain), 0.0),
        "gain_on_test_part": Score(
            "gain of the saved ranker, test part", corpus.interval(test_gain, test_rows), 0.0
        ),
        "gain_publisher_left_out": Score(
            "gain on publishers left out of training", corpus.interval(left_out), 0.0
        ),
    }
    results = Results(
        primary="rouge1_gain_over_lead",
        baseline_name=LEAD,
        measured_on="all articles, each by a ranker that had not seen its story",
        scores=scores,
        difference=headline,
        tables={
            "methods": methods_table(corpus, methods),
            "candidates": candidates_table(training, rotation),
            "publishers": publishers_table(corpus, left_out),
            "ablation": ablation_table(corpus, recipe, headline),
            "slices": slices_table(corpus, gain),
            "errors": errors_table(errors),
        },
        figures=PICTURES,
        notes={
            "headline": headline_note(corpus, methods, blind_gain),
            "words": words_note(methods),
            "controls": controls_note(corpus, recipe, shuffled),
            "failures": failures_note(gain, errors),
        },
    )
    write_results(workspace, results, time.perf_counter() - started)
    print(f"ROUGE-1 gain over Lead-30: {headline}")


def read_corpus(workspace: Workspace) -> Corpus:
    """Both parts; the test part is opened here, once a run."""
    parts = [data.load(workspace, part, reader="evaluate") for part in data.PARTS]
    articles = pd.concat(parts, ignore_index=True)
    budget = workspace.config["summary"]["words"]
    lead = [rules.lead(source) for source in articles.source]
    return Corpus(
        articles=articles,
        table=model.tabulate(articles, budget),
        budget=budget,
        seed=workspace.seed,
        lead=train.rouge1(articles, lead, budget),
    )


def rotate(corpus: Corpus) -> Rotation:
    """For each fold: choose and fit on the other folds alone, then score this one."""
    folds = sorted(corpus.articles.fold.unique())
    jobs = (delayed(_without_fold)(corpus, fold) for fold in folds)
    informed, blind = np.empty(len(corpus.table)), np.empty(len(corpus.table))
    chosen: dict[int, str] = {}
    answers = Parallel(n_jobs=-1, return_as="generator")(jobs)
    for answer in tqdm(answers, total=len(folds), desc="rotating the test fold", unit="fold"):
        fold, rows, informed_scores, blind_scores, chosen[fold] = answer
        informed[rows], blind[rows] = informed_scores, blind_scores
    return Rotation(informed, blind, chosen)


def _without_fold(
    corpus: Corpus, held: int
) -> tuple[int, NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], str]:
    others = np.flatnonzero(corpus.articles.fold != held)
    seen = corpus.table.article.isin(others).to_numpy()
    renumbered = pd.Series(np.arange(len(others)), index=others)
    table = corpus.table[seen].assign(article=corpus.table.article[seen].map(renumbered))
    articles = corpus.articles.iloc[others].reset_index(drop=True)
    comparison, _ = train.compare(
        articles, table.reset_index(drop=True), corpus.budget, progress=False
    )
    chosen = train.best(comparison)
    ranker = model.fit(model.candidates()[chosen], table)
    unseen = corpus.table[~seen]
    scores = ranker.scores(unseen), ranker.blind_scores(unseen)
    return held, np.flatnonzero(~seen), *scores, chosen


def measure_methods(corpus: Corpus, rotation: Rotation) -> dict[str, pd.DataFrame]:
    """ROUGE of every method on every article, one frame each with the columns of KINDS and words.

    All but the last five keep to the same length.
    """
    articles, budget, table = corpus.articles, corpus.budget, corpus.table
    random = np.random.default_rng(corpus.seed)
    ranked = model.split_by_article(table, rotation.informed)
    rankings = {
        "sentences at random": [random.random(len(source)) for source in articles.source],
        LEAD: [rules.lead(source) for source in articles.source],
        "TextRank": rules.rank_all(rules.text_rank, articles),
        "LexRank": rules.rank_all(rules.lex_rank, articles),
        "centroid": model.split_by_article(table, table.like_article),
        "rule: says the headline's words": rules.headline(articles, budget),
        "the ranker without headlines": model.split_by_article(table, rotation.blind),
        RANKER: ranked,
        "oracle: ranked by the answer": articles.labels.map(np.array).to_list(),
    }
    summaries = {
        name: [model.extract(*row, budget) for row in zip(articles.source, scores, strict=True)]
        for name, scores in rankings.items()
    }
    summaries |= {
        "· the ranker, whole sentences as served": [
            " ".join(source[i] for i in sorted(model.choose_whole(source, scores, budget)))
            for source, scores in zip(articles.source, ranked, strict=True)
        ],
        "· Lead-1, uncut": articles.source.str[0].to_list(),
        "· Lead-3, uncut": articles.source.map(lambda source: " ".join(source[:3])).to_list(),
        "· the headline itself": articles.headline.to_list(),
    }
    jobs = (delayed(_score_all)(articles.reference, texts) for texts in summaries.values())
    answers = Parallel(n_jobs=-1, return_as="generator")(jobs)
    progress = tqdm(answers, total=len(summaries), desc="scoring summaries", unit="method")
    return dict(zip(summaries, progress, strict=True))


def _score_all(references: pd.Series, texts: list[str]) -> pd.DataFrame:
    rows = [rouge.all_scores(*pair) for pair in zip(references, texts, strict=True)]
    return pd.DataFrame(rows).assign(words=[len(text.split()) for text in texts])


def leave_publishers_out(corpus: Corpus, recipe: str) -> NDArray[np.float64]:
    """Gain on each publisher's articles by a ranker that saw neither it nor its stories."""
    articles, table = corpus.articles, corpus.table
    gain = np.empty(len(articles))
    for publisher in tqdm(articles.publisher.unique(), desc="leaving out", unit="publisher"):
        held = articles.publisher == publisher
        seen = ~held & ~articles.group.isin(articles.group[held])
        ranker = model.fit(model.candidates()[recipe], table[seen.to_numpy()[table.article]])
        rows = np.flatnonzero(held)
        scores = np.zeros(len(table))
        chosen = held.to_numpy()[table.article]
        scores[chosen] = ranker.scores(table[chosen])
        gain[rows] = corpus.gain(scores, rows)
    return gain


def shuffle_labels(corpus: Corpus, recipe: str) -> NDArray[np.float64]:
    """Out-of-fold scores by rankers that learned from labels shuffled within each article."""
    random = np.random.default_rng(corpus.seed)
    labels = corpus.table.groupby("article").label.transform(random.permutation)
    table = corpus.table.assign(label=labels)
    return train.out_of_fold(model.candidates()[recipe], corpus.articles, table)


def methods_table(corpus: Corpus, methods: Mapping[str, pd.DataFrame]) -> Table:
    """Every method in the same words, and what other lengths would have bought."""
    lead = methods[LEAD].rouge1.to_numpy()
    rows = []
    for name, found in methods.items():
        same = name == LEAD
        rows.append(
            [
                name,
                f"{found.words.mean():.0f}",
                found.rouge1.mean(),
                "–" if same else _signed(corpus.interval(found.rouge1.to_numpy() - lead)),
                *(float(found[kind].mean()) for kind in ("rouge2", "rougeL", "content")),
            ]
        )
    return Table(
        f"Mean F over {len(corpus.articles):,} articles; every method is cut at {corpus.budget} "
        "words, but for the rows with a dot. Content words: ROUGE-1 without function words.",
        ["method", "words", "ROUGE-1", "gain over Lead-30", "ROUGE-2", "ROUGE-L", "content words"],
        rows,
    )


def candidates_table(training: Mapping, rotation: Rotation) -> Table:
    """What the choice rested on; no number here comes from the test part."""
    times = list(rotation.chosen.values())
    rows = [
        [
            ("**chosen:** " if name == training["chosen"] else "") + name,
            row["gain"],
            row["spread"],
            f"{times.count(name)} of {len(times)}",
        ]
        for name, row in training["candidates"].items()
    ]
    return Table(
        "Cross-validation over the folds of the training part. In the rotation the choice is made "
        "anew for each fold; the last column says how often it fell on which.",
        ["candidate", "gain over Lead-30", "standard deviation over folds", "chosen in rotation"],
        rows,
    )


def publishers_table(corpus: Corpus, left_out: NDArray[np.float64]) -> Table:
    """Does it work for a paper it has never read?"""
    rows = []
    for publisher, members in corpus.articles.groupby("publisher"):
        at = members.index.to_numpy()
        gain = corpus.interval(left_out[at], at)
        rows.append([str(publisher), len(at), float(corpus.lead[at].mean()), _signed(gain)])
    return Table(
        "Each publisher left out of training, together with every story that it tells.",
        ["publisher", "articles", "Lead-30", "gain over Lead-30"],
        rows,
    )


def ablation_table(corpus: Corpus, recipe: str, whole: Interval) -> Table:
    """What each group of features is worth: taken away, and alone."""
    candidate = model.candidates()[recipe]
    fold = corpus.articles.fold.to_numpy()[corpus.table.article]
    rows: list[list] = [["all features", len(features.NAMES), _signed(whole), "–"]]
    for group, names in tqdm(features.GROUPS.items(), desc="ablation", unit="group"):
        intervals = []
        for used in ([name for name in features.NAMES if name not in names], names):
            scores = np.empty(len(corpus.table))
            for held in np.unique(fold):
                fitted = model.fit_on(candidate, corpus.table[fold != held], used)
                scores[fold == held] = model.score_on(fitted, corpus.table[fold == held], used)
            intervals.append(_signed(corpus.interval(corpus.gain(scores))))
        rows.append([group, len(names), *intervals])
    return Table(
        "Gain over Lead-30 when a group of features is taken away, and when it stands alone.",
        ["features", "number", "without them", "with them alone"],
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
            lead = float(corpus.lead[at].mean())
            rows.append([name, len(at), lead, _signed(corpus.interval(gain[at], at))])
    return Table(
        "Gain over Lead-30 by kind of article.",
        ["articles", "n", "Lead-30", "gain over Lead-30"],
        rows,
    )


def worst_errors(corpus: Corpus, rotation: Rotation, gain: NDArray[np.float64]) -> pd.DataFrame:
    """The articles on which the ranker lost most against Lead; links in place of texts."""
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
    return "repeats the headline, misses the news"


def errors_table(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    rows = [
        [row.publisher, row.gain, f"{row.took} of {row.of}", row.best, row.kind,
         f"[article {row.id}]({row.link})"]
        for row in errors.itertuples()
    ]  # fmt: skip
    return Table(
        f"The {len(errors)} articles on which the ranker lost most against Lead-30 "
        "(reports/errors.csv). Sentences are counted after the first one, which is the reference. "
        "The texts are the publishers': `evaluate` writes them side by side to "
        "reports/private/worst.md, which is not committed.",
        ["publisher", "gain", "sentence taken", "best one", "kind", "article"],
        rows,
    )


def write_texts(
    workspace: Workspace, corpus: Corpus, rotation: Rotation, errors: pd.DataFrame
) -> None:
    """Reference, Lead and ranker of the worst articles, for the author's eyes only."""
    scores = model.split_by_article(corpus.table, rotation.informed)
    numbers = {article: number for number, article in enumerate(corpus.articles.id)}
    lines = ["# The worst errors in words (the texts are their publishers': do not commit)"]
    for row in errors.itertuples():
        article = corpus.articles.iloc[numbers[row.id]]
        lead = model.extract(article.source, rules.lead(article.source), corpus.budget)
        ranked = model.extract(article.source, scores[numbers[row.id]], corpus.budget)
        best = article.source[int(np.argmax(article.labels))]
        lines += [
            f"\n## {article.id}: {article.headline} ({row.kind})\n",
            f"- reference: {article.reference}",
            f"- Lead-30: {lead}",
            f"- ranker: {ranked}",
            f"- best sentence: {best}",
        ]
    path = workspace.reports / "private" / "worst.md"  # git leaves that folder out
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def headline_note(
    corpus: Corpus, methods: Mapping[str, pd.DataFrame], blind_gain: NDArray[np.float64]
) -> str:
    """How much of the gain the headline brings."""
    rule = methods["rule: says the headline's words"].rouge1.to_numpy()
    over_rule = corpus.interval(methods[RANKER].rouge1.to_numpy() - rule)
    return (
        f"Without the headline the ranker gains {_signed(corpus.interval(blind_gain))} over "
        f"Lead-30. A rule that only takes the sentences with most of the headline's words gains "
        f"{_signed(corpus.interval(rule - corpus.lead))}; the ranker is {_signed(over_rule)} above "
        f"that rule. The headline itself, which an editor wrote, scores "
        f"{methods['· the headline itself'].rouge1.mean():.3f}, the ranker "
        f"{methods[RANKER].rouge1.mean():.3f}."
    )


def words_note(methods: Mapping[str, pd.DataFrame]) -> str:
    """What is left of the gain when function words do not count."""
    ranker, lead = methods[RANKER], methods[LEAD]
    rule = methods["rule: says the headline's words"]
    return (
        "ROUGE-1 counts *the* and *of* as it counts a name. On content words alone the ranker has "
        f"{ranker.content.mean():.3f}, Lead-30 {lead.content.mean():.3f} and the rule of the "
        f"headline's words {rule.content.mean():.3f}; in pairs of words (ROUGE-2) "
        f"{ranker.rouge2.mean():.3f}, {lead.rouge2.mean():.3f} and {rule.rouge2.mean():.3f}."
    )


def controls_note(corpus: Corpus, recipe: str, shuffled: NDArray[np.float64]) -> str:
    """Where a leak would show."""
    gains = []
    for shift in range(1, OTHER_SPLITS + 1):
        articles = corpus.articles.assign(
            fold=data.assign_folds(corpus.articles, corpus.seed + shift)
        )
        scores = train.out_of_fold(model.candidates()[recipe], articles, corpus.table)
        gains.append(float(corpus.gain(scores).mean()))
    return (
        f"With the labels shuffled within each article the gain is "
        f"{_signed(corpus.interval(shuffled))}: such a shuffle leaves known only which articles "
        f"are easy. With {OTHER_SPLITS} other seeds of the folds it "
        f"lies between {min(gains):+.3f} and {max(gains):+.3f}."
    )


def failures_note(gain: NDArray[np.float64], errors: pd.DataFrame) -> str:
    """How often the ranker is worse than the rule it replaces, and how the worst cases fail."""
    kinds = errors.kind.value_counts()
    counted = ", ".join(f"{kind} ({count})" for kind, count in kinds.items())
    return (
        f"The ranker is better than Lead-30 on {np.mean(gain > 0):.0%} of the articles, worse on "
        f"{np.mean(gain < 0):.0%}. Of the {len(errors)} worst: {counted}."
    )


def _signed(interval: Interval) -> str:
    return f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"


PICTURES = {
    "methods": Picture(
        "ROUGE-1 of 30 words by each method, with 95 % intervals; the dashed line is Lead-30.",
        "Dot plot of all methods: the ranker stands to the right of Lead-30, TextRank, LexRank "
        "and the centroid, and to the left of the oracle.",
    ),
    "publishers": Picture(
        "Gain over Lead-30 on each publisher, by a ranker that never saw it.",
        "Dot plot with an interval for each publisher; the line at zero is Lead-30.",
    ),
    "scores": Picture(
        "Sentences by tenth of their score within all articles, and the ROUGE-1 they really have.",
        "Line that rises from the lowest tenth of scores to the highest.",
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
    intervals = {name: corpus.interval(m.rouge1.to_numpy()) for name, m in shown.items()}
    with figures.figure(workspace.figures / "methods") as (_, axes):
        _dots(axes, intervals, marked=RANKER.strip("*"))
        axes.axvline(intervals[LEAD].value, linestyle="--", color=figures.BASELINE)
        axes.set(xlabel="ROUGE-1 F of 30 words")
    by_publisher = {
        str(publisher): corpus.interval(left_out[members.index], members.index.to_numpy())
        for publisher, members in corpus.articles.groupby("publisher")
    }
    with figures.figure(workspace.figures / "publishers") as (_, axes):
        _dots(axes, by_publisher)
        axes.axvline(0, linestyle="--", color=figures.BASELINE)
        axes.set(xlabel="gain over Lead-30 when left out of training")
    tenth = pd.qcut(pd.Series(rotation.informed).rank(method="first"), 10, labels=range(1, 11))
    reached = corpus.table.label.groupby(tenth, observed=True).mean()
    with figures.figure(workspace.figures / "scores", width=5) as (_, axes):
        axes.plot(reached.index.astype(int), reached, "o-", color=figures.MODEL)
        axes.set(xlabel="tenth of the score (10: highest)", ylabel="mean ROUGE-1 of the sentence")
        axes.set_ylim(bottom=0)


def _dots(axes, intervals: Mapping[str, Interval], marked: str | None = None) -> None:
    for place, (name, interval) in enumerate(reversed(intervals.items())):
        color = figures.MODEL if marked in (None, name) else figures.OTHER
        axes.plot([interval.low, interval.high], [place, place], color=color)
        axes.plot(interval.value, place, "o", color=color)
    axes.set_yticks(range(len(intervals)), list(reversed(intervals)))
    axes.grid(axis="y", visible=False)
