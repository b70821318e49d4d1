"""The model for the demo in the browser: page/infer.js reads what is exported here."""

import unicodedata
from typing import Any

import numpy as np

from . import data, predict, search, serve, subwords, writer
from .contrast import ITEMS
from .kit.packing import pack
from .kit.workspace import Workspace
from .predict import Translator

EXAMPLES, ON_SAMPLE = 340, 120
ODD = (
    "", " ", "naïve café – “quoted” text…", "Zwölf Boxkämpfer jagen Viktor.", "日本の犬",
    "ÀÉ e\u0301",
    "A_man ▁ walks", "m&amp;h 2.52 $!?", "two  spaces\tand a tab", "²½ Ⅷ ٣ dogs", "!!!",
    "🙂 smiles",
)  # fmt: skip


def export(workspace: Workspace) -> dict[str, bytes]:
    """The weights with half precision, the vocabulary, and how it searches."""
    translator = Translator.load(workspace)
    arrays = {
        name: array.astype(np.float16).ravel().view(np.uint16)
        for name, array in translator.arrays.items()
    }
    about = {
        "letters": translator.subwords.letters,
        "merges": [" ".join(pair) for pair in translator.subwords.merges],
        "special": subwords.SPECIAL,
        "never": writer.NEVER,
        "width": translator.arrays["pieces"].shape[1],
        "heads": translator.heads,
        "beam": translator.beam,
        "penalty": translator.penalty,
        "waves": writer.WAVES,
        "tiny": writer.TINY,
        "longer": search.LONGER,
        "at_least": search.AT_LEAST,
        "base": search.BASE,
        "share": search.SHARE,
        "most_pieces": predict.MOST_PIECES,
        "longest": serve.LONGEST,
        "batch": serve.LARGEST_BATCH,
        "widest": serve.WIDEST,
    }
    return {"model.bin": pack(about, arrays)}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Sentences of the training set, of the contrast set and odd ones, with beams of any width."""
    train = data.load(workspace, "train", reader="demo")
    many = ON_SAMPLE if workspace.holds_sample else EXAMPLES
    some = train.english.sample(many, random_state=workspace.seed, replace=True)
    texts = [*some, *(item.english for item in ITEMS), *ODD]
    texts += [unicodedata.normalize("NFD", "Ein Mädchen läuft."), "dog " * serve.LONGEST]
    bodies: list[dict[str, Any]] = [{"sentences": [text]} for text in texts]
    for number, body in enumerate(bodies):
        if number % 4:
            body["beam"] = 1 + number % serve.WIDEST
    return [
        *bodies,
        {"sentences": texts[:3]},
        {"sentences": []},
        {"sentences": ["A dog"], "beam": 9},
    ]
