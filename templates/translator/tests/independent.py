"""What test_recompute.py needs to know of this project, from libraries alone."""

import gzip
import itertools
import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike
from sacrebleu import corpus_bleu, corpus_chrf, sentence_bleu, sentence_chrf
from sacrebleu.metrics import BLEU
from safetensors import safe_open
from sklearn.feature_extraction.text import TfidfVectorizer
from torch.nn import functional

from project_package.contrast import ITEMS
from project_package.kit.sample import write_sample
from project_package.kit.workspace import Workspace

CHANCE = (0.5, 12.0)  # of the headline, with the German sentences exchanged among the pairs
BASELINE_LEVEL = {  # on the sample, which is the same in every project
    "word by word": 15.0,
    "translation memory": 30.0,
    "the English itself": 0.05,
}
DRAWN = ()  # parts that the seed decides: none, they are the publisher's
SHARES = {"train": 0.78, "validation": 0.07, "test": 0.155}
FACTS = {
    "WAVES": "the pattern of places, as in the paper of the transformer",
    "TINY": "keeps a quotient from being one by nothing, as PyTorch does",
    "LONGER": "a translation that does not end has to be stopped somewhere",
    "AT_LEAST": "the same, for short sentences",
    "BASE": "of the penalty of length, a formula of the field",
    "SHARE": "of the penalty of length, a formula of the field",
    "MOST_PIECES": "what the service reads, longer than any caption",
    "BETAS": "of Adam, as in the paper of the transformer",
    "PRIME": "keeps the random numbers of neighbouring seeds apart",
    "MIXED": "how much batches differ from epoch to epoch",
    "ORDER": "chrF is defined with six",
    "RECALL": "chrF is defined with a beta of two",
    "EACH": "how many counts an order has",
    "HUNDRED": "both scores are given in hundreds",
    "DIGITS": "what differs less is alike, in floating point",
    "AT_ONCE": "how much memory a comparison takes; no result depends on it",
    "ANALYSERS": "config.toml chooses among them by name",
    "SHORTER": "attempts take a quarter of the steps",
    "PLACES": "decimals of what is kept for monitoring",
    "TOLERANCE": "between two libraries' arithmetic",
    "PART": "how the work is shared out; no result depends on it",
    "WORTH_PROCESSES": "from how many on processes are worth it; no result depends on it",
    "COMPARED": "how many sentences two libraries have to agree on",
}
SHOWS: dict[str, object] = {  # what to set a number to where another shows nothing here
    "subwords.least": 400,
    "search.beam": 1,
    "search.penalties": [0.0],
    "train.clip": 0.01,
    "train.weight_decay": 5.0,
    "evaluate.short": 9,
    "evaluate.long": 11,
    "evaluate.rare": 200,
    "model.dropout": 0.4,
}
ELSEWHERE = "of the test sets of 2017, which are measured by themselves"
SETS = {"train": "train", "val": "validation", "test_2016_flickr": "2016",
        "test_2017_flickr": "2017", "test_2017_mscoco": "COCO"}  # fmt: skip
ANALYSERS = {
    "words": {"token_pattern": r"\w+"},
    "words and pairs": {"token_pattern": r"\w+", "ngram_range": (1, 2)},
    "letters": {"analyzer": "char_wb", "ngram_range": (3, 5)},
}


def part(workspace: Workspace, name: str) -> pd.DataFrame:
    return pd.read_json(workspace.processed / f"{name}.jsonl", lines=True, dtype=False)


def headline(workspace: Workspace) -> pd.DataFrame:
    """The test set of 2016."""
    test = part(workspace, "test")
    return test[test["set"] == "2016"].reset_index(drop=True)


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, group and German of the headline's test set."""
    test = headline(workspace)
    return pd.DataFrame({"id": test.id, "group": test.group, "truth": test.german})


@cache
def numbers(cell: str) -> tuple[int, ...]:
    """The counts in a cell, with n-grams said in place of words said."""
    said, true, *shared = map(int, cell.split())
    return (said, true, *shared, *(max(0, said - order) for order in range(len(shared))))


def metric(_: ArrayLike, cells: ArrayLike) -> float:
    """sacreBLEU's own score of counts added up."""
    said, true, *counts = np.array([numbers(cell) for cell in cells]).sum(axis=0).tolist()
    return float(BLEU.compute_bleu(counts[:4], counts[4:], said, true, smooth_method="exp").score)


def cells(said: Sequence[str], german: Sequence[str]) -> np.ndarray:
    """Counts of each sentence as the file has them."""
    rows = []
    for one, other in zip(said, german, strict=True):
        found = sentence_bleu(one, [other])
        rows.append(" ".join(map(str, [found.sys_len, found.ref_len, *found.counts])))
    return np.array(rows, dtype=object)


def tidy(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def plain(text: str) -> str:
    """Words alone, in small letters."""
    return " ".join(word for word in re.findall(r"\w+", tidy(text).lower()) if word.isalnum())


def raw(workspace: Workspace) -> pd.DataFrame:
    """All pairs that the run began with."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        path = workspace.sample / "generated.jsonl"
        return pd.read_json(path, lines=True, dtype=False)
    tables = []
    for name, called in SETS.items():
        sides = {}
        for side, code in (("english", "en"), ("german", "de")):
            with gzip.open(
                workspace.raw / f"{name}.{code}.gz", "rt", encoding="utf-8", newline="\n"
            ) as file:
                sides[side] = [tidy(line) for line in file]
        ids = [f"{called}/{number}" for number in range(1, len(sides["english"]) + 1)]
        tables.append(pd.DataFrame({"id": ids, "set": called, **sides}))
    return pd.concat(tables, ignore_index=True)


def raw_count(workspace: Workspace) -> int:
    """Pairs there."""
    return len(raw(workspace))


def empty(workspace: Workspace) -> int:
    table = raw(workspace)
    return int(((table.english == "") | (table.german == "")).sum())


def copied(workspace: Workspace) -> int:
    table = raw(workspace)
    table = table[(table.english != "") & (table.german != "") & (table["set"] == "train")]
    return len(table) - len(table[["english", "german"]].drop_duplicates())


def asked(workspace: Workspace) -> int:
    table = raw(workspace)
    table = table[(table.english != "") & (table.german != "")]
    words = table.english.map(plain)
    later, val = ~table["set"].isin(["train", "validation"]), table["set"] == "validation"
    train = (table["set"] == "train") & ~table.duplicated(["set", "english", "german"])
    return int(
        words[train].isin(set(words[later | val])).sum() + words[val].isin(set(words[later])).sum()
    )


DROPS: dict[str, Callable[[Workspace], int]] = {
    "one side is empty": empty,
    "the same pair as an earlier one": copied,
    "its English is asked in a part that measures": asked,
    ELSEWHERE: lambda workspace: len(part(workspace, "test")) - len(headline(workspace)),
}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Exchange the German sentences among the pairs of each set."""
    path = write_sample(folder)
    table = pd.read_json(path, lines=True, dtype=False)
    for name in table["set"].unique():
        own = table["set"] == name
        table.loc[own, "german"] = random.permutation(table.german[own])
    table.to_json(path, orient="records", lines=True, force_ascii=False)


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every pair of every part."""
    parts = [part(workspace, name) for name in ("train", "validation", "test")]
    return pd.concat(parts, ignore_index=True)[["id", "english", "german"]]


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw files, for the pairs that were kept; how many, the ledger is asked."""
    table = raw(workspace)
    return table[table.id.isin(set(sealed_table(workspace).id))][["id", "english", "german"]]


class Plain:
    """The shipped transformer once more, by PyTorch's own functions, all of a text at a time."""

    def __init__(self, path: Path) -> None:
        with safe_open(path, framework="pt") as file:
            self.arrays = {name: file.get_tensor(name).double() for name in file.keys()}  # noqa: SIM118
            self.about = json.loads(file.metadata()["about"])
        special = ["<nothing>", "<start>", "<end>", "<unknown>"]
        self.pieces = [*special, *self.about["letters"], *map("".join, self.about["merges"])]
        self.numbers = {piece: number for number, piece in enumerate(self.pieces)}
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(self.about["merges"])}
        self.layers = len([name for name in self.arrays if name.endswith("own_norm.weight")]) // 2
        self.width = self.arrays["pieces"].shape[1]

    def encode(self, text: str) -> list[int]:
        flat = "▁" + tidy(text).replace("▁", "_").replace(" ", "▁")
        found = []
        for word in re.findall(r"▁?\w+|▁?[^\w▁]|▁", flat):
            symbols = tuple(word)
            while True:
                ranked = [(self.ranks[pair], pair) for pair in itertools.pairwise(symbols)
                          if pair in self.ranks]  # fmt: skip
                if not ranked:
                    break
                one, other = min(ranked)[1]
                out: list[str] = []
                place = 0
                while place < len(symbols):
                    both = symbols[place : place + 2] == (one, other)
                    out.append(one + other if both else symbols[place])
                    place += 1 + both
                symbols = tuple(out)
            found += [self.numbers.get(symbol, 3) for symbol in symbols]
        return [*found, 2]

    def decode(self, numbers: Sequence[int]) -> str:
        return "".join(self.pieces[n] for n in numbers if n > 3).replace("▁", " ").strip()

    def norm(self, state: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self.arrays[f"{name}.weight"], self.arrays[f"{name}.bias"]
        return functional.layer_norm(state, (self.width,), weight, bias)

    def linear(self, state: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(state, self.arrays[f"{name}.weight"], self.arrays[f"{name}.bias"])

    def attend(self, asks: torch.Tensor, to: torch.Tensor, name: str, ahead: bool) -> torch.Tensor:
        heads = [
            self.linear(state, f"{name}.{kind}")
            .unflatten(-1, (self.about["heads"], -1))
            .transpose(-2, -3)
            for state, kind in ((asks, "asks"), (to, "keys"), (to, "values"))
        ]
        found = functional.scaled_dot_product_attention(*heads, is_causal=ahead)
        return self.linear(found.transpose(-2, -3).flatten(-2), f"{name}.gives")

    def placed(self, numbers: Sequence[Sequence[int]]) -> torch.Tensor:
        table = torch.tensor(numbers)
        half = torch.arange(self.width // 2, dtype=torch.float64)
        angles = torch.arange(table.shape[1])[:, None] / 10_000.0 ** (2 * half / self.width)
        pattern = torch.cat([angles.sin(), angles.cos()], dim=1)
        return self.arrays["pieces"][table] * math.sqrt(self.width) + pattern

    def think(self, state: torch.Tensor, name: str) -> torch.Tensor:
        thought = self.linear(self.norm(state, f"{name}.think_norm"), f"{name}.first")
        return state + self.linear(thought.relu(), f"{name}.second")

    def read(self, source: Sequence[int]) -> torch.Tensor:
        state = self.placed([source])
        for number in range(self.layers):
            name = f"readers.{number}"
            own = self.norm(state, f"{name}.own_norm")
            state = self.think(state + self.attend(own, own, f"{name}.own", False), name)
        return self.norm(state, "read_norm")

    def logs(self, memory: torch.Tensor, written: Sequence[Sequence[int]]) -> torch.Tensor:
        """Log probabilities after every piece, shape (texts, places, pieces)."""
        state = self.placed(written)
        memory = memory.expand(len(written), -1, -1)
        for number in range(self.layers):
            name = f"writers.{number}"
            own = self.norm(state, f"{name}.own_norm")
            state = state + self.attend(own, own, f"{name}.own", True)
            asks = self.norm(state, f"{name}.other_norm")
            state = self.think(state + self.attend(asks, memory, f"{name}.other", False), name)
        logits = functional.linear(
            self.norm(state, "write_norm"), self.arrays["pieces"], self.arrays["bias"]
        )
        logits[..., [0, 1, 3]] = -math.inf
        return functional.log_softmax(logits, dim=-1)

    def translate(self, text: str, beam: int | None = None) -> str:
        """The best candidate of a beam search, with texts written anew at every step."""
        beam, source = beam or self.about["beam"], self.encode(text)
        memory, alive, ended = self.read(source), [([1], 0.0)], []
        for _ in range(2 * len(source) + 10):
            logs = self.logs(memory, [pieces for pieces, _ in alive])[:, -1]
            totals = logs + torch.tensor([total for _, total in alive])[:, None]
            values, places = totals.flatten().topk(2 * beam)
            going = []
            for rank, (value, place) in enumerate(
                zip(values.tolist(), places.tolist(), strict=True)
            ):
                parent, piece = divmod(place, len(self.pieces))
                longer = [*alive[parent][0], piece]
                if piece == 2:
                    if rank < beam:
                        ended.append((longer, value))
                elif len(going) < beam:
                    going.append((longer, value))
            alive = going
            if len(ended) >= beam:
                break
        power = self.about["penalty"]
        best = max(ended or alive, key=lambda each: each[1] / ((4 + len(each[0])) / 6) ** power)
        return self.decode(best[0])

    def total(self, english: str, german: str) -> float:
        """The log probability of a given translation."""
        wanted = self.encode(german)
        logs = self.logs(self.read(self.encode(english)), [[1, *wanted[:-1]]])[0]
        return float(sum(logs[place, piece] for place, piece in enumerate(wanted)))


@cache
def by_plain(path: Path, stamp: bytes, texts: tuple[str, ...]) -> list[str]:
    """Translations by the network in a file; `stamp` is of its bytes."""
    torch.set_num_threads(1)
    network = Plain(path)
    with torch.inference_mode():
        return [network.translate(text) for text in texts]


def translate(workspace: Workspace, texts: Sequence[str], name: str = "model") -> list[str]:
    path = workspace.models / f"{name}.safetensors"
    return by_plain(path, path.read_bytes()[-4096:], tuple(texts))


def saved_model(workspace: Workspace) -> np.ndarray:
    """Counts of the shipped model's translations."""
    test = headline(workspace)
    return cells(translate(workspace, list(test.english)), list(test.german))


def training(workspace: Workspace) -> dict:
    return json.loads((workspace.models / "training.json").read_text("utf-8"))


def memory(train: pd.DataFrame, analyser: str) -> Callable[[Sequence[str]], list[str]]:
    """The translation of the nearest sentence."""
    vectors = TfidfVectorizer(sublinear_tf=True, **ANALYSERS[analyser]).fit(train.english)
    known = vectors.transform(train.english)

    def say(texts: Sequence[str]) -> list[str]:
        return [
            train.german[int(np.argmax(known @ vectors.transform([text]).toarray()[0]))]
            for text in texts
        ]

    return say


def split(text: str) -> list[str]:
    """Words and signs with the space before them."""
    return re.findall(r"▁?\w+|▁?[^\w▁]", "▁" + tidy(text).replace(" ", "▁"))


def dictionary(train: pd.DataFrame, iterations: int) -> Callable[[Sequence[str]], list[str]]:
    """IBM's model 1 with dictionaries of Python."""
    pairs = [(["", *split(one.lower())], split(other))
             for one, other in zip(train.english, train.german, strict=True)]  # fmt: skip
    met: dict[str, int] = {}
    for _, german in pairs:
        for word in german:
            met.setdefault(word, len(met))
    chances: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(lambda: 1.0))
    for _ in range(iterations):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for english, german in pairs:
            for word in german:
                shares = [chances[one][word] for one in english]
                whole = sum(shares)
                for one, share in zip(english, shares, strict=True):
                    counts[one][word] += share / whole
        chances = defaultdict(dict)
        for one, found in counts.items():
            whole = sum(found.values())
            chances[one] = {word: many / whole for word, many in found.items()}
    best = {
        one: min(found, key=lambda word, found=found: (-round(found[word], 9), met[word]))
        for one, found in chances.items()
    }

    def say(texts: Sequence[str]) -> list[str]:
        said = ["".join(best.get(word.lower(), word) for word in split(text)) for text in texts]
        flat = [text.replace("▁", " ").strip() for text in said]
        return [text[:1].upper() + text[1:] for text in flat]

    return say


def tuned(workspace: Workspace) -> dict[str, Callable[[Sequence[str]], list[str]]]:
    """Each baseline by the setting that is best on the validation set."""
    train, validation = part(workspace, "train"), part(workspace, "validation")
    settings = workspace.config["baselines"]
    chosen = {}
    for name, make, values in (
        ("word by word", dictionary, settings["iterations"]),
        ("translation memory", memory, settings["memory"]),
    ):
        made = [make(train, value) for value in values]
        reached = [
            corpus_bleu(say(validation.english), [list(validation.german)]).score for say in made
        ]
        chosen[name] = made[int(np.argmax(reached))]
    return {**chosen, "the English itself": list}


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Counts of every baseline, fitted anew."""
    test = headline(workspace)
    return {
        name: cells(say(list(test.english)), list(test.german))
        for name, say in tuned(workspace).items()
    }


def texts(workspace: Workspace) -> pd.DataFrame:
    """What every method said, as the run kept it for its author."""
    path = workspace.reports / "private" / "predictions.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """BLEU and chrF on every test set, and the contrast set."""
    said = texts(workspace)
    test = part(workspace, "test")
    assert list(said.german) == list(test.german)
    ours = pd.Series(translate(workspace, list(test.english)))
    found: dict[str, tuple[float, float | None]] = {}
    for name in ("2016", "2017", "COCO"):
        rows = test["set"] == name
        german = [list(test.german[rows])]
        pair = list(ours[rows]), list(said["word by word"][rows])
        if name != "2016":
            found[f"bleu_{name.lower()}"] = tuple(corpus_bleu(each, german).score for each in pair)
        found[f"chrf_{name.lower()}"] = tuple(corpus_chrf(each, german).score for each in pair)
    found["contrast"] = (np.mean([right for _, right in contrast(workspace)]), 0.5)
    return found


def contrast(workspace: Workspace) -> list[tuple[str, bool]]:
    """By item, its kind and whether the right translation is likelier."""
    network = Plain(workspace.models / "model.safetensors")
    with torch.inference_mode():
        return [
            (
                item.kind,
                network.total(item.english, item.right) > network.total(item.english, item.wrong),
            )
            for item in ITEMS
        ]


def rare(table: pd.Series, train: pd.Series, times: int) -> np.ndarray:
    counts = Counter(word for text in train for word in plain(text).split())
    return np.array([any(counts[word] < times for word in plain(text).split()) for text in table])


def tables(workspace: Workspace) -> dict[str, dict]:
    """Every method on every set, kinds of sentences, seeds, the contrast set."""
    said, test, config = texts(workspace), part(workspace, "test"), workspace.config["evaluate"]
    said["transformer"] = translate(workspace, list(test.english))
    methods: dict = {}
    for name in ("2016", "2017", "COCO"):
        rows = test["set"] == name
        german = [list(test.german[rows])]
        for method in ("transformer", "recurrent network", *BASELINE_LEVEL):
            own = list(said[method][rows])
            methods[name, method] = [
                rows.sum(), corpus_bleu(own, german).score, corpus_chrf(own, german).score,
            ]  # fmt: skip
    rows = (test["set"] == "2016").to_numpy()
    first, train = headline(workspace), part(workspace, "train")
    words = first.english.str.split().str.len()
    kinds = {
        f"under {config['short']} words": words < config["short"],
        f"{config['long']} words and more": words >= config["long"],
        "a rare word": rare(first.english, train.english, config["rare"]),
        "a number in digits": first.english.map(lambda text: any(map(str.isdigit, text))),
    }
    own = said["transformer"][rows].reset_index(drop=True)
    slices = {
        name: [at.sum(), corpus_bleu(list(own[at]), [list(first.german[at])]).score]
        for name, at in kinds.items() if at.any()
    }  # fmt: skip
    seeds = {"**headline**": [workspace.seed, None, None, methods["2016", "transformer"][1]]}
    for number in range(1, workspace.config["train"]["repeats"] + 1):
        other = translate(workspace, list(first.english), f"repeat-{number}")
        reached = corpus_bleu(other, [list(first.german)]).score
        seeds[f"repeat-{number}"] = [workspace.seed + number, None, None, reached]
    items = pd.DataFrame(contrast(workspace), columns=["kind", "right"]).groupby("kind").right
    return {
        "methods": methods, "slices": slices, "seeds": seeds,
        "contrast": {kind: [len(found), found.mean()] for kind, found in items},
    }  # fmt: skip


def badness(workspace: Workspace) -> pd.Series:
    """By id, how little letters are shared: errors.csv shows the worst."""
    test = headline(workspace)
    ours = translate(workspace, list(test.english))
    scores = [
        -sentence_chrf(one, [other]).score for one, other in zip(ours, test.german, strict=True)
    ]
    return pd.Series(scores, index=test.id)


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """Numbers that sentences tell."""
    test = headline(workspace)
    ours = translate(workspace, list(test.english))
    same = sum(one == other for one, other in zip(ours, test.german, strict=True))
    right = sum(right for _, right in contrast(workspace))
    return {
        "failures": [f"Of {len(test):,} sentences {same:,} came out"],
        "contrast": [f"Of {len(ITEMS)} sentences", f"likelier for {right}: negation "],
    }
