"""What test_recompute.py needs to know of this project, from pandas, nltk and rouge-score alone."""

import io
import json
import re
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import sentencex
from numpy.typing import ArrayLike
from rouge_score.rouge_scorer import RougeScorer

from project_package import evaluate
from project_package.predict import Summarizer
from project_package.sample import write_sample
from project_package.workspace import Workspace, read_json

CHANCE = (0.1, 0.19)  # of the headline, with the first sentences exchanged among the articles
BASELINE_LEVEL = {"the headline's words": 0.2, "Lead": 0.14}  # on the sample, whatever the seed
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


def rouge(reference: str, summary: str) -> float:
    """Mean F of the three kinds."""
    return float(np.mean([kind.fmeasure for kind in scorer.score(reference, summary).values()]))


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


def raw_table(workspace: Workspace) -> pd.DataFrame:
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
    return len(raw_table(workspace))


def without_text(workspace: Workspace) -> int:
    """Articles with nothing in them."""
    return int((raw_table(workspace).text.str.strip() == "").sum())


def told_once(workspace: Workspace) -> pd.DataFrame:
    """The table without empty texts and without the letters and digits of an earlier one."""
    table = raw_table(workspace)
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
