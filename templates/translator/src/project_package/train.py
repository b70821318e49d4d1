"""Learn the subwords, train the transformer, it again from other seeds, and the recurrent network.

What is finished waits in models/unfinished until all is; an interrupted run goes on from there.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from . import baselines, data
from .baselines import WORDS
from .fit import Trainer, after_start, pad, watch
from .kit.provenance import write_training
from .kit.served import SCORES, SUMMARIES, tabulate
from .kit.statistics import STRONGEST, Predictions
from .kit.training import checkpoint, finish, finish_all
from .kit.web import one_thread
from .kit.workspace import ProjectError, Workspace
from .predict import FILE, Translator
from .scores import bleu, bleu_counts, chrf, chrf_counts, sentence_chrf
from .search import Found
from .subwords import END, START, Subwords, learn
from .watch import summarise
from .writer import log_softmax

MODEL, RECURRENT = "model", "recurrent"
SHORTER = 4  # an attempt: a quarter of the steps, and no search
PLACES = 6  # of a probability that is kept for monitoring
TOLERANCE = 1e-3  # nats between PyTorch, with single precision, and the arrays that are shipped
COMPARED = 20  # sentences on which they have to agree
PART = 50  # sentences that are translated one after the other
WORTH_PROCESSES = 500  # sentences; with fewer, starting processes takes longer than the work

Done = TypeVar("Done")


def run(workspace: Workspace) -> None:
    """Write models/model.safetensors, the other networks and training.json.

    The test set is not opened. Raises KeyboardInterrupt, with all that was trained kept.
    """
    started, config, seed = time.perf_counter(), workspace.config, workspace.seed
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    subwords = learn_subwords(train, config)
    unfinished = workspace.models / "unfinished"
    names = {MODEL: seed, RECURRENT: seed}
    names |= {f"repeat-{n}": seed + n for n in range(1, config["train"]["repeats"] + 1)}
    trainers = {name: trainer(train, subwords, config, own, name) for name, own in names.items()}
    sides = encode(validation.head(config["train"]["watched"]), subwords)
    standings = finish_all(trainers, watch(*sides, config["train"]["tokens"]), unfinished)

    shipped = translator(trainers[MODEL].network, subwords, config)
    gap = require_parity(trainers[MODEL].network, shipped, *encode(validation, subwords))
    found = search_all(shipped, validation.english, shipped.beam)
    penalties = {
        repr(penalty): bleu_of(best_of(found, subwords, penalty), validation)
        for penalty in config["search"]["penalties"]
    }
    penalty = float(max(penalties, key=penalties.__getitem__))
    for name in trainers:
        if name == RECURRENT:
            checkpoint(unfinished, name).replace(checkpoint(workspace.models, name))
        else:
            made = translator(trainers[name].network, subwords, config, penalty)
            made.save(workspace.models / (FILE if name == MODEL else f"{name}.safetensors"))
    shutil.rmtree(unfinished)
    chosen, candidates = tune(train, validation, config["baselines"])
    scores = [np.exp(best.total / len(best.pieces)) for best in bests(found, penalty)]
    training = {
        "pieces": len(subwords.pieces),
        "penalty": penalty,
        "penalties": penalties,
        "parity": gap,
        "chosen": chosen,
        "candidates": candidates,
        "networks": {
            name: {
                "seed": each.seed,
                "parameters": sum(weight.numel() for weight in each.network.parameters()),
                "epochs": round(each.steps / len(each.batches) * next(each.epochs), 1),
                "curve": standings[name].curve,
            }
            for name, each in trainers.items()
        },
        SCORES: np.round(scores, PLACES).tolist(),
        SUMMARIES: tabulate([summarise(text, subwords) for text in validation.english]),
    }
    write_training(workspace, training, time.perf_counter() - started)
    reached = penalties[repr(penalty)]
    print(f"{len(trainers)} networks, {config['train']['steps']:,} steps each; "
          f"BLEU on the validation set {reached:.1f}")  # fmt: skip


def learn_subwords(train: pd.DataFrame, config: Mapping[str, Any]) -> Subwords:
    """One vocabulary of both sides of the training set."""
    return learn([*train.english, *train.german], config["subwords"]["size"],
                 config["subwords"]["least"])  # fmt: skip


def encode(pairs: pd.DataFrame, subwords: Subwords) -> tuple[list[list[int]], list[list[int]]]:
    """Both sides in pieces, each sentence with END."""
    english, german = (
        [[*subwords.encode(text), END] for text in side] for side in (pairs.english, pairs.german)
    )
    return english, german


def trainer(
    train: pd.DataFrame, subwords: Subwords, config: Mapping[str, Any], seed: int, name: str
) -> Trainer:
    """A network that is going to learn from these pairs."""
    kind = RECURRENT if name == RECURRENT else "transformer"
    return Trainer(*encode(train, subwords), len(subwords.pieces), config, seed, kind)


def translator(
    network: nn.Module, subwords: Subwords, config: Mapping[str, Any], penalty: float = 0.0
) -> Translator:
    """The network with half precision, as it is shipped; `network` itself is rounded, too."""
    network.load_state_dict(
        {name: each.half().float() for name, each in network.state_dict().items()}
    )
    arrays = {name: each.double().numpy() for name, each in network.state_dict().items()}
    return Translator(arrays, subwords, config["model"]["heads"], config["search"]["beam"], penalty)


def require_parity(
    network: nn.Module, shipped: Translator, source: Sequence, target: Sequence
) -> float:
    """The largest gap between log probabilities of PyTorch and of the arrays, piece by piece.

    Raises ProjectError above TOLERANCE.
    """
    gap = 0.0
    for asked, wanted in zip(source[:COMPARED], target[:COMPARED], strict=True):
        with torch.inference_mode():
            logits = network.eval().logits(network(pad([asked]), after_start(pad([wanted]))))[0]
        writer = shipped.writer(asked)
        for place, (before, scores) in enumerate(
            zip([START, *wanted], logits.double(), strict=False)
        ):
            said = writer.advance([0], [before])[0][0]
            there = np.isfinite(said)
            expected = log_softmax(scores.numpy()[there])
            gap = max(gap, float(np.abs(said[there] - expected).max()))
            if gap > TOLERANCE:
                raise ProjectError(f"the arrays differ from the network by {gap:.2g} at {place}")
    return gap


def search_all(translator: Translator, english: Iterable[str], beam: int) -> list[list[Found]]:
    """All candidates for each sentence."""
    return in_parts(partial(search_part, translator, beam), english)


@one_thread
def search_part(translator: Translator, beam: int, texts: Sequence[str]) -> list[list[Found]]:
    """The same, one after the other."""
    return [translator.search([*translator.subwords.encode(text), END], beam) for text in texts]


def in_parts(work: Callable[[Sequence[str]], list[Done]], texts: Iterable[str]) -> list[Done]:
    """What `work` gives for each text, in order; many texts are shared out among the cores."""
    asked = [*texts]
    parts = [asked[start : start + PART] for start in range(0, len(asked), PART)]
    many = len(asked) > WORTH_PROCESSES
    found = Parallel(n_jobs=-1 if many else 1, return_as="generator")(
        delayed(work)(part) for part in parts
    )
    progress = tqdm(found, desc="translating", total=len(parts), unit="part", disable=not many)
    return [each for done in progress for each in done]


def bests(found: Iterable[Sequence[Found]], penalty: float) -> list[Found]:
    """Of each sentence's candidates the best under a penalty of length."""
    return [max(each, key=lambda one: one.score(penalty)) for each in found]


def best_of(found: Iterable[Sequence[Found]], subwords: Subwords, penalty: float) -> list[str]:
    """The same as texts."""
    return [subwords.decode(each.pieces) for each in bests(found, penalty)]


def bleu_of(said: Sequence[str], pairs: pd.DataFrame) -> float:
    """BLEU against the German of these pairs."""
    counts = bleu_counts(said, list(pairs.german))
    return bleu(counts, counts)


def tune(
    train: pd.DataFrame, validation: pd.DataFrame, settings: Mapping[str, Any]
) -> tuple[dict[str, Any], list[list[Any]]]:
    """For each setting of a baseline the value that was best on the validation set, and all."""
    chosen: dict[str, Any] = {}
    table: list[list[Any]] = []
    for name, key in ((WORDS, "iterations"), (baselines.MEMORY, "memory")):
        reached = {}
        for value in settings[key]:
            say = baselines.fit(name, train.english, train.german, {key: value})
            said = say(list(validation.english))
            reached[value] = bleu_of(said, validation)
            letters = chrf(chrf_counts(said, list(validation.german)))
            table.append([name, str(value), reached[value], letters])
        chosen[key] = max(reached, key=reached.__getitem__)
    return chosen, table


def held_out(workspace: Workspace) -> Predictions:
    """The chrF of each sentence of the validation set by a shorter trained network.

    The truth beside it is that of the German itself, so that no other sentences pass for these.
    """
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    short = short_training(workspace, train)
    said = best_of(search_all(short, validation.english, 1), short.subwords, 0.0)
    rows = {
        "id": validation.id,
        "group": validation.group,
        "fold": 0,
        "truth": sentence_chrf(list(validation.german), list(validation.german)),
        "model": sentence_chrf(said, list(validation.german)),
    }
    return Predictions(
        pd.DataFrame(rows),
        metric="mean",
        higher_is_better=True,
        baselines={WORDS: STRONGEST},
        unit="sentences",
    )


def held_out_baseline(workspace: Workspace) -> NDArray[np.float64]:
    """The chrF of the same sentences, word by word."""
    train = data.load(workspace, "train", reader="train")
    validation = data.load(workspace, "validation", reader="train")
    chosen, _ = tune(train, validation, workspace.config["baselines"])
    say = baselines.fit(WORDS, train.english, train.german, chosen)
    return sentence_chrf(say(list(validation.english)), list(validation.german))


def short_training(workspace: Workspace, train: pd.DataFrame) -> Translator:
    """The configured network, trained on these pairs for a quarter of the steps."""
    config = workspace.config
    config["train"]["steps"] = max(1, config["train"]["steps"] // SHORTER)
    subwords = learn_subwords(train, config)
    made = trainer(train, subwords, config, workspace.seed, MODEL)
    torch.set_num_threads(1)
    finish(made, lambda _: {})
    return translator(made.network, subwords, config)
