"""Translate every test set by every method, and measure. Nothing else opens the test set."""

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from . import baselines, data
from .baselines import COPY, MEMORY, WORDS
from .data import HEADLINE, LATER
from .fit import RecurrentWriter
from .kit import figures
from .kit.holdout import Ledger
from .kit.results import (
    EACH_ALONE,
    Picture,
    Results,
    Score,
    Table,
    keep_errors,
    run_studies,
    slices_table,
    write_results,
)
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Interval, Predictions, bleu, bootstrap
from .kit.training import checkpoint, restore
from .kit.web import one_thread
from .kit.workspace import Workspace
from .model import Recurrent
from .predict import Translator, read_training
from .scores import bleu_counts, chrf, chrf_counts, sentence_chrf, written
from .search import Found, longest_for, search
from .subwords import END
from .train import RECURRENT, best_of, bests, in_parts, search_all
from .writer import NEVER

WORST = 20
BASELINES = {WORDS: STRONGEST, MEMORY: SIMPLE, COPY: NAIVE}
TRANSFORMER, GRU = "transformer", "recurrent network"
ELSEWHERE = "of the test sets of 2017, which are measured by themselves"


@dataclass(frozen=True)
class Evaluated:
    """The parts, and what each method says of the test set's sentences, in their order."""

    workspace: Workspace
    train: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame
    training: Mapping[str, Any]
    shipped: Translator
    found: Sequence[Found]
    said: Mapping[str, Sequence[str]]

    @cached_property
    def counts(self) -> dict[str, NDArray[np.int64]]:
        """By method what BLEU counts, shape (n, 6)."""
        return {name: bleu_counts(said, list(self.test.german)) for name, said in self.said.items()}

    @cached_property
    def letters(self) -> dict[str, NDArray[np.int64]]:
        """By method what chrF counts, shape (n, 18)."""
        return {name: chrf_counts(said, list(self.test.german)) for name, said in self.said.items()}

    @cached_property
    def chrf(self) -> NDArray[np.float64]:
        """The transformer's chrF of each sentence by itself."""
        return sentence_chrf(self.said[TRANSFORMER], list(self.test.german))

    def of(self, name: str) -> NDArray[np.bool_]:
        """The rows of one test set."""
        return (self.test["set"] == name).to_numpy()

    def bleu(self, method: str, rows: NDArray) -> Interval:
        """By sentences."""
        return self.interval(corpus_bleu, self.counts[method], rows)

    def interval(self, metric: Any, values: NDArray, rows: NDArray) -> Interval:
        """Of rows of the test set, by sentences."""
        groups = self.test.group[rows]
        return bootstrap(metric, values[rows], groups=groups, seed=self.workspace.seed)


def corpus_bleu(counts: NDArray) -> float:
    """BLEU of rows of counts together."""
    return bleu(counts, counts)


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    found = measure(workspace)
    rows = found.of(HEADLINE)
    test = found.test[rows]
    cells = {name: np.array(written(counts))[rows] for name, counts in found.counts.items()}
    ledger = Ledger(len(found.test), "sentences")
    ledger.drop("headline", len(test), ELSEWHERE)
    results = Results(
        primary="bleu",
        label="BLEU",
        predictions=Predictions(
            pd.DataFrame(
                {"id": test.id, "group": test.group, "model": cells[TRANSFORMER]}
                | {name: cells[name] for name in BASELINES}
            ),
            metric="bleu",
            higher_is_better=True,
            baselines=BASELINES,
            unit="sentences",
            private=texts(found),
        ),
        measured_on=f"captions of the test set of {HEADLINE}",
        scores=score(found),
        tables={
            "candidates": candidates_table(found),
            "slices": kinds_table(found),
            "errors": errors_table(workspace, found),
        },
        figures={"lengths": draw(workspace, found)},
        notes={"sureness": sureness_note(found), "failures": failures_note(found)},
        studies=run_studies(workspace, found),
        ledger=ledger,
    )
    written_results = write_results(workspace, results, time.perf_counter() - started)
    primary, verdict = written_results["primary"], written_results["comparison"]["verdict"]
    print(f"BLEU {primary['value']:.1f}, {verdict} beside {primary['baseline_name']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set; fit the simple methods, as they were tuned; translate."""
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    validation = data.load(workspace, "validation", reader="evaluate")
    training, shipped = read_training(workspace), Translator.load(workspace)
    candidates = search_all(shipped, test.english, shipped.beam)
    found = bests(candidates, shipped.penalty)
    said = {
        TRANSFORMER: best_of(candidates, shipped.subwords, shipped.penalty),
        GRU: by_recurrent(workspace, shipped, training["pieces"], list(test.english)),
    }
    for name in BASELINES:
        say = baselines.fit(name, train.english, train.german, training["chosen"])
        said[name] = say(list(test.english))
    return Evaluated(workspace, train, validation, test, training, shipped, found, said)


def by_recurrent(
    workspace: Workspace, shipped: Translator, pieces: int, english: Sequence[str]
) -> list[str]:
    """Translations by the recurrent network, by the same search."""
    network = Recurrent(pieces, workspace.config["model"])
    restore(checkpoint(workspace.models, RECURRENT), network)
    return in_parts(partial(recurrent_part, network, shipped), english)


@one_thread
def recurrent_part(network: Recurrent, shipped: Translator, texts: Sequence[str]) -> list[str]:
    """The same, one after the other."""
    said = []
    for text in texts:
        source = [*shipped.subwords.encode(text), END]
        writer = RecurrentWriter(network, source, NEVER)
        best = search(writer, shipped.beam, longest_for(source), shipped.penalty)[0]
        said.append(shipped.subwords.decode(best.pieces))
    return said


def score(found: Evaluated) -> dict[str, Score]:
    """Letters (chrF) beside the headline, and both on the later test sets."""
    scores = {}
    for name in (HEADLINE, *LATER):
        rows = found.of(name)
        plain = {method: corpus_bleu(counts[rows]) for method, counts in found.counts.items()}
        letters = found.interval(chrf, found.letters[TRANSFORMER], rows)
        if name != HEADLINE:
            scores[f"bleu_{name.lower()}"] = Score(
                f"BLEU, {name}", found.bleu(TRANSFORMER, rows), plain[WORDS]
            )
        scores[f"chrf_{name.lower()}"] = Score(
            f"chrF, {name}", letters, chrf(found.letters[WORDS][rows])
        )
    return scores


def candidates_table(found: Evaluated) -> Table:
    """What was chosen on the validation set; no number here is of the test set."""
    training = found.training
    chosen = [str(value) for value in training["chosen"].values()]
    rows = [
        [f"**{name}, {value}**" if value in chosen else f"{name}, {value}", reached, letters]
        for name, value, reached, letters in training["candidates"]
    ]
    rows += [
        [f"**{name}**" if float(penalty) == training["penalty"] else name, reached, "–"]
        for penalty, reached in training["penalties"].items()
        for name in [f"transformer, penalty of length {penalty}"]
    ]
    return Table(
        "What was chosen on the validation set; what stands in bold was taken.",
        ["setting", "BLEU while choosing", "chrF"],
        rows,
    )


def kinds_table(found: Evaluated) -> Table:
    """BLEU on the headline's test set by kind of sentence."""
    rows, settings = found.of(HEADLINE), found.workspace.config["evaluate"]
    test = found.test[rows]
    words = test.english.str.split().str.len()
    sure = np.array([each.total / len(each.pieces) for each in found.found])[rows]
    first = test.english.str.split().str[0].str.lower()
    kinds = {
        f"under {settings['short']} words": words < settings["short"],
        f"{settings['short']} to {settings['long'] - 1} words": (words >= settings["short"])
        & (words < settings["long"]),
        f"{settings['long']} words and more": words >= settings["long"],
        "a rare word": data.rare(test.english, found.train.english, settings["rare"]),
        "a word never seen": data.rare(test.english, found.train.english, 1),
        "a number in digits": test.english.str.contains(r"\d"),
        "begins with another word than a or an": ~first.isin(["a", "an"]),
        "the surer half": sure >= np.median(sure),
        "the less sure half": sure < np.median(sure),
    }
    return slices_table(
        f"BLEU by kind of sentence, test set of {HEADLINE}; rare is a word that training has less "
        f"than {settings['rare']} times. {EACH_ALONE}",
        ["sentences", "n", "BLEU"],
        kinds, found.counts[TRANSFORMER][rows], test.group, found.workspace.seed, corpus_bleu,
    )  # fmt: skip


def errors_table(workspace: Workspace, found: Evaluated) -> Table:
    """The worst sentences by numbers; `evaluate` writes them in words where git does not look."""
    rows = np.flatnonzero(found.of(HEADLINE))
    worst = rows[np.argsort(found.chrf[rows], kind="stable")[:WORST]]
    settings, test = workspace.config["evaluate"], found.test
    rare = data.rare(test.english, found.train.english, settings["rare"])
    new = data.rare(test.english, found.train.english, 1)
    probability = np.exp([each.total / len(each.pieces) for each in found.found])
    errors = pd.DataFrame(
        {
            "id": test.id.to_numpy()[worst],
            "chrf": found.chrf[worst].round(3),
            "words": [len(test.english[row].split()) for row in worst],
            "probability": probability[worst].round(3),
            "words_known": [
                "one is new" if new[row] else "one is rare" if rare[row] else "all are usual"
                for row in worst
            ],
            "length": [describe_length(found, row) for row in worst],
        }
    )
    lines = ["# The worst sentences in words (the publisher's: do not commit)"]
    for row in worst:
        lines += [f"\n## {test.id[row]}\n", f"- English: {test.english[row]}"]
        lines += [
            f"- {name}: {found.said[name][row]}" for name in (TRANSFORMER, GRU, WORDS, MEMORY)
        ]
        lines += [f"- by a person: {test.german[row]}"]
    path = workspace.reports / "private" / "worst.md"  # git leaves that folder out
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    shown = {name: name.replace("_", " ") for name in errors} | {"id": "sentence", "chrf": "chrF"}
    caption = (
        "Sentences are named by their line in the publisher's file; in words they stand in "
        f"reports/private/worst.md, which is not committed. The {len(errors)} worst by chrF"
    )
    return keep_errors(workspace, errors, shown, caption)


def describe_length(found: Evaluated, row: int) -> str:
    """How the lengths of what was said and of the truth compare, in words as BLEU has them."""
    said, true = found.counts[TRANSFORMER][row, :2]
    if said == true:
        return "as long"
    return f"{abs(said - true)} words {'too many' if said > true else 'too few'}"


def texts(found: Evaluated) -> pd.DataFrame:
    """Every translation, for the author's eyes: the sentences may not be passed on."""
    rows = found.test[["id", "set", "english", "german"]]
    return rows.assign(**{name: list(said) for name, said in found.said.items()})


def sureness_note(found: Evaluated) -> str:
    """Whether the probability tells good translations from bad ones."""
    rows = found.of(HEADLINE)
    sure = np.array([each.total / len(each.pieces) for each in found.found])
    agreement = bootstrap(
        lambda one, other: float(spearmanr(one, other).statistic),
        sure[rows], found.chrf[rows], groups=found.test.group[rows], seed=found.workspace.seed,
    )  # fmt: skip
    return (
        "The mean log probability of a translation's pieces and its chrF are correlated by "
        f"{agreement} (Spearman, test set of {HEADLINE}): that is how much the probability on the "
        "page tells of a translation's worth."
    )


def failures_note(found: Evaluated) -> str:
    """How good and how bad single sentences are."""
    rows = found.of(HEADLINE)
    same = np.array(found.said[TRANSFORMER])[rows] == found.test.german[rows]
    half, bad = np.median(found.chrf[rows]), np.quantile(found.chrf[rows], 0.1)
    return (
        f"Of {rows.sum():,} sentences {same.sum():,} came out as the person wrote them, letter by "
        f"letter. Half have a chrF under {half:.0f}, a tenth under {bad:.0f}."
    )


def draw(workspace: Workspace, found: Evaluated) -> Picture:
    """BLEU by the number of words in the source."""
    rows = found.of(HEADLINE)
    words = found.test.english.str.split().str.len().to_numpy()
    edges = np.unique(np.quantile(words[rows], np.linspace(0, 1, 6)).astype(int))
    with figures.figure(workspace.figures / "lengths", height=3.4) as (_, axes):
        for name, color in ((TRANSFORMER, figures.MODEL), (GRU, figures.OTHER),
                            (WORDS, figures.BASELINE)):  # fmt: skip
            spans = [
                rows & (words >= low) & ((words < high) | (high == edges[-1]))
                for low, high in itertools.pairwise(edges)
            ]
            spans = [span & (words <= edges[-1]) for span in spans if span.any()]
            middle = [float(words[span].mean()) for span in spans]
            found_here = [found.bleu(name, span) for span in spans]
            axes.plot(middle, [each.value for each in found_here], "o-", color=color, label=name)
            low, high = ([getattr(each, end) for each in found_here] for end in ("low", "high"))
            axes.fill_between(middle, low, high, color=color, alpha=0.15)
        axes.set(xlabel="words of the English sentence", ylabel="BLEU", ylim=(0, None))
        axes.legend()
    return Picture(
        f"BLEU by length of the sentence, test set of {HEADLINE}, with 95 % intervals.",
        "Three lines over the number of words, one for each method.",
    )
