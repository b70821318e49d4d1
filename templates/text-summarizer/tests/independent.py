"""What test_recompute.py needs to know of this project, from pandas, nltk and rouge-score alone."""

import io
import json
import re
import zipfile
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import sentencex
from numpy.typing import ArrayLike
from rouge_score.rouge_scorer import RougeScorer

from project_package import evaluate, words
from project_package.kit.workspace import Workspace, read_json
from project_package.predict import Summarizer
from project_package.sample import write_sample

CHANCE = (0.1, 0.19)  # of the headline, with the first sentences exchanged among the articles
BASELINE_LEVEL = {"the headline's words": 0.2, "Lead": 0.14}  # on the sample, whatever the seed
DRAWN = ("train", "test")  # parts that the seed decides
SHARES = {"train": 0.8, "test": 0.2}
RANKER, RULE = "the ranker", "the headline's words"
DATELINE = re.compile(r"^[A-Z]+, February 7\. /TASS/\. ")  # of the sample
DATELINES = 0.05  # share of first sentences that are fit or not by the dateline before them
PAIRS = (0.0, 0.5, 1.0)  # what a pair of the headline's words may count

scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)


def articles(workspace: Workspace) -> pd.DataFrame:
    """Both parts: every fold is the test part once."""
    parts = (
        pd.read_json(workspace.processed / f"{part}.jsonl", lines=True, dtype=False)
        for part in ("train", "test")
    )
    return pd.concat(parts, ignore_index=True)


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Each article's id, its story, and its first sentence."""
    table = articles(workspace)
    return pd.DataFrame({"id": table.id, "group": table.group, "truth": table.reference})


def metric(_: ArrayLike, scores: ArrayLike) -> float:
    """The headline's metric: the mean over articles."""
    return float(np.mean(scores))


@cache
def scored(reference: str, summary: str) -> dict[str, float]:
    """F of each kind."""
    return {kind: each.fmeasure for kind, each in scorer.score(reference, summary).items()}


def rouge(reference: str, summary: str) -> float:
    """Mean F of the three kinds."""
    return float(np.mean([*scored(reference, summary).values()]))


def stems(text: str) -> list[str]:
    """Words as the scorer sees them."""
    return list(scorer._tokenizer.tokenize(text))


def served(sentences: list[str], scores: ArrayLike, budget: int) -> str:
    """Whole sentences, best first, until the next is too long; in the order of the article."""
    chosen: list[int] = []
    for number in np.argsort(-np.asarray(scores, dtype=float), kind="stable"):
        together = " ".join(sentences[i] for i in [*chosen, number])
        if chosen and len(together.split()) > budget:
            break
        chosen.append(number)
    return " ".join(sentences[number] for number in sorted(chosen))


def units(workspace: Workspace) -> set[int]:
    """How many publishers there are: some intervals are over their means."""
    return {articles(workspace).publisher.nunique()}


def letters(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every article with its link, its headline, and the letters of all its sentences in order."""
    table = articles(workspace)
    text = (table.reference + table.source.str.join("")).map(letters)
    return table[["id", "link", "headline"]].assign(text=text)


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw table, for the articles that were kept; datelines are left out.

    How many were kept, and why not the others, is asked of the ledger.
    """
    length = sealed_table(workspace).set_index("id").text.str.len()
    table = raw_table_of(workspace).set_index("article_id").loc[length.index]
    text = table.text.map(letters)
    assert (text.str.len() - length).between(0, 80).all(), "more than a dateline is missing"
    ends = [whole[len(whole) - size :] for whole, size in zip(text, length, strict=True)]
    found = {"id": table.index, "link": table.article_source_link, "text": ends}
    found["headline"] = table.title.str.strip()
    return pd.DataFrame(found)[["id", "link", "headline", "text"]]


def summaries(workspace: Workspace) -> pd.DataFrame:
    """What each method served, beside the fold, the publisher and the story of the article."""
    path = workspace.reports / "private" / "predictions.csv"
    texts = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = articles(workspace)
    assert list(texts.id) == list(table.id)
    assert list(texts.reference) == list(table.reference)
    return texts.assign(**{name: table[name] for name in ("fold", "publisher", "group", "source")})


def by_kind(references: pd.Series, texts: pd.Series) -> pd.DataFrame:
    """F of each kind of ROUGE, of content words, and the mean of the three kinds."""
    rows = []
    for reference, text in zip(references, texts, strict=True):
        found = scored(reference, text)
        ours, theirs = (Counter(words.content_stems(each)) for each in (text, reference))
        shared = sum((ours & theirs).values())
        content = 2 * shared / (ours.total() + theirs.total()) if shared else 0.0
        rows.append({**found, "content": content, "mean": np.mean([*found.values()])})
    return pd.DataFrame(rows)


@cache
def without_publisher(root: Path) -> np.ndarray:
    """ROUGE of each article by a ranker fitted to no article of its publisher nor its stories."""
    workspace = Workspace(root)
    table, budget = articles(workspace), workspace.config["summary"]["words"]
    training = read_json(workspace.models / "training.json", made_by="train")
    described = evaluate.model.tabulate(table, budget)
    reached = np.empty(len(table))
    for publisher in table.publisher.unique():
        own = table.publisher == publisher
        fit = table.index[~own & ~table.group.isin(table.group[own])]
        ranker = evaluate.model.fit(
            evaluate.model.candidates()[training["chosen"]],
            described[described.article.isin(fit)],
        )
        for number in table.index[own]:
            row = table.loc[number]
            scores = ranker.scores(described[described.article == number])
            reached[number] = rouge(row.reference, served(row.source, scores, budget))
    return reached


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Each kind of ROUGE of ranker and rule, and the gain by two other units."""
    texts = summaries(workspace)
    ours, rules = (by_kind(texts.reference, texts[name]) for name in (RANKER, RULE))
    found = {kind: (ours[kind].mean(), rules[kind].mean())
             for kind in ("rouge1", "rouge2", "rougeL", "content")}  # fmt: skip
    left_out = pd.Series(without_publisher(workspace.root)) - rules["mean"]
    return {
        **found,
        "gain_on_test_part": ((ours["mean"] - rules["mean"])[texts.fold == 0].mean(), 0.0),
        "gain_publisher_left_out": (left_out.groupby(texts.publisher).mean().mean(), 0.0),
    }


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Methods, publishers and kinds of articles."""
    texts, methods = summaries(workspace), {}
    found = {name: by_kind(texts.reference, texts[name]) for name in (RANKER, RULE, "Lead")}
    for name, kinds in found.items():
        label = f"**{name}**" if name == RANKER else name
        less = None if name == RULE else (kinds["mean"] - found[RULE]["mean"]).mean()
        count = round(texts[name].str.split().str.len().mean())
        methods[label] = [count, kinds["mean"].mean(), less,
                          *kinds[["rouge1", "rouge2", "rougeL", "content"]].mean()]  # fmt: skip
    headline = by_kind(texts.reference, texts.headline)["mean"].mean()
    methods["· the headline itself"] = [None, headline]
    gain = found[RANKER]["mean"] - found[RULE]["mean"]
    left_out = pd.Series(without_publisher(workspace.root)) - found[RULE]["mean"]
    publishers = {
        name: [len(rows), gain[rows.index].mean(), left_out[rows.index].mean()]
        for name, rows in texts.groupby("publisher")
    }
    length = texts.source.map(lambda source: len(" ".join(source).split()))
    kinds = {
        "under 400 words": length < 400,
        "400 to 800 words": length.between(400, 799),
        "800 words and more": length >= 800,
        "headline is a question": texts.headline.str.endswith("?"),
        "no headline": texts.headline == "",
        "story told more than once": texts.group.duplicated(keep=False),
    }
    slices = {name: [at.sum(), gain[at].mean()] for name, at in kinds.items() if at.any()}
    return {"methods": methods, "publishers": publishers, "slices": slices}


def badness(workspace: Workspace) -> pd.Series:
    """By id, how much less the ranker reaches than the rule: errors.csv shows the worst."""
    texts = summaries(workspace)
    ours, rules = (by_kind(texts.reference, texts[name])["mean"] for name in (RANKER, RULE))
    return (rules - ours).set_axis(texts.id)


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """How often the ranker is above the rule and below it."""
    texts = summaries(workspace)
    ours, rules = (by_kind(texts.reference, texts[name])["mean"] for name in (RANKER, RULE))
    gain = np.round(ours - rules, 12)
    return {
        "failures": [f"on {(gain > 0).mean():.0%} of the articles", f"{(gain < 0).mean():.0%}, and"]
    }


def saved_model(workspace: Workspace) -> list[float]:
    """ROUGE of the saved ranker on its own test part; on the other folds, of one fitted anew."""
    table, budget = articles(workspace), workspace.config["summary"]["words"]
    summarizer = Summarizer.load(workspace)
    training = read_json(workspace.models / "training.json", made_by="train")
    described = evaluate.model.tabulate(table, budget)
    corpus = evaluate.Corpus(table, described, budget, workspace.seed)
    refitted = evaluate.rotate(corpus, summarizer.ranker, training).informed
    others = np.split(refitted, np.cumsum(table.source.map(len))[:-1])
    scores = [
        summarizer.scores(row.source, row.headline) if row.fold == 0 else others[number]
        for number, row in enumerate(table.itertuples())
    ]
    rows = zip(table.reference, table.source, scores, strict=True)
    return [rouge(reference, served(source, own, budget)) for reference, source, own in rows]


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """ROUGE of every summary by each rule, that of the headline tuned on the other folds."""
    table, budget = articles(workspace), workspace.config["summary"]["words"]
    rows = list(table[["reference", "source", "headline"]].itertuples(index=False))
    by_weight = {
        pairs: np.array(
            [
                rouge(ref, served(source, headline_rule(source, title, budget, pairs), budget))
                for ref, source, title in rows
            ]
        )
        for pairs in PAIRS
    }
    rule = np.empty(len(table))
    for fold in table.fold.unique():
        held = (table.fold == fold).to_numpy()
        best = max(PAIRS, key=lambda pairs, held=held: by_weight[pairs][~held].mean())
        rule[held] = by_weight[best][held]
    lead = [rouge(ref, served(source, -np.arange(len(source)), budget)) for ref, source, _ in rows]
    return {"the headline's words": rule, "Lead": np.array(lead)}


def headline_rule(sentences: list[str], title: str, budget: int, pairs: float) -> list[float]:
    """Different words of the headline in a sentence's first words, and pairs of them."""
    wanted = stems(title)
    wanted_pairs = set(pairwise(wanted))
    scores = []
    for sentence in sentences:
        said = stems(" ".join(sentence.split()[:budget]))
        together = wanted_pairs & set(pairwise(said))
        scores.append(len(set(wanted) & set(said)) + pairs * len(together))
    return scores


def raw_table_of(workspace: Workspace) -> pd.DataFrame:
    """The table that the run began with."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        content = (workspace.sample / f"seed-{workspace.seed}.csv").read_bytes()
    else:
        (path,) = (path for path in workspace.raw.iterdir() if path.name != "SOURCE")
        content = path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                content = archive.read("NewsArticles.csv")
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)


def raw_count(workspace: Workspace) -> int:
    """Articles in that table."""
    return len(raw_table_of(workspace))


def without_text(workspace: Workspace) -> int:
    """Articles with nothing in them."""
    return int((raw_table_of(workspace).text.str.strip() == "").sum())


def told_once(workspace: Workspace) -> pd.DataFrame:
    """The table without empty texts and without the letters and digits of an earlier one."""
    table = raw_table_of(workspace)
    table = table[table.text.str.strip() != ""]
    letters = table.text.str.lower().str.replace(r"[^a-z0-9]+", " ", regex=True).str.strip()
    return table[~letters.duplicated()]


def copied(workspace: Workspace) -> int:
    """Articles that repeat an earlier one."""
    return raw_count(workspace) - without_text(workspace) - len(told_once(workspace))


def first_sentences(workspace: Workspace) -> pd.Series:
    """Words in the first sentence of each article, shorter datelines than TASS's among them."""
    texts = told_once(workspace).text.str.replace(r"^.{0,80}?/TASS/\.?", "", regex=True).str.strip()
    return texts.map(lambda text: len(next(iter(sentencex.segment("en", text))).split()))


def unfit(workspace: Workspace) -> int:
    """All that was left out but for too few words; about as many as sentencex alone finds."""
    gone = len(told_once(workspace)) - len(articles(workspace)) - too_short(workspace)
    found = (~first_sentences(workspace).between(12, 45)).sum()
    assert abs(gone - found) <= DATELINES * raw_count(workspace)
    return int(gone)


def too_short(workspace: Workspace) -> int:
    """Texts that were left out although their first sentence is fit, and have few words."""
    kept = set(articles(workspace).id)
    table = told_once(workspace)
    gone = table[~table.article_id.isin(kept)]
    entries = json.loads(workspace.manifest.read_text(encoding="utf-8"))["ledger"]
    dropped = next(entry["dropped"] for entry in entries if entry["step"] == "length")
    assert dropped <= (gone.text.str.split().str.len() < 200 + 45 + 20).sum()
    return int(dropped)


DROPS = {
    "no text": without_text,
    "the same text as an earlier article": copied,
    "first sentence shorter than 12 or longer than 45 words": unfit,
    "fewer than 200 words after the first sentence": too_short,
}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Exchange the first sentences among the articles."""
    path = write_sample(folder, Workspace(folder.parents[1]).seed)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    told = table.text != ""
    parted = (
        table.text[told].str.replace(DATELINE, "", regex=True).str.split(". ", n=1, regex=False)
    )
    firsts = random.permutation(parted.str[0])
    table.loc[told, "text"] = [
        f"{first}. {rest}" for first, rest in zip(firsts, parted.str[1], strict=True)
    ]
    table.to_csv(path, index=False)
