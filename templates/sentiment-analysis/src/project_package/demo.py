"""The models for the demo in the browser: page/infer.js reads what is exported here."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from vaderSentiment import vaderSentiment

from . import data, lexicon, model
from .kit.packing import pack, shorten
from .kit.terms import held_in, steps_to
from .kit.trees import pack_boosting
from .kit.workspace import Workspace
from .predict import MOST_WORDS, OTHER, SentimentRater
from .serve import LARGEST_BATCH, LONGEST_TEXT

BITS = 28  # of a weight: boosting cuts the ridge's rating, where a hair may be a leaf
EXAMPLES = 420
ODD = (
    "", " ", "!!!!!", "NOT good at ALL!!", "kind of nice, but the least funny; no good or bad news",
    "never so good 😀😡💔", "yeah right, a kiss of death :D :(", "İstanbul ÉCOLE ﬁn “so” isn't...",
    "without doubt THE bomb but but bad", "日本語 bad テスト a\x1cb\x85c\ufeffd", "great " * 70,
)  # fmt: skip


def export(workspace: Workspace) -> dict[str, bytes]:
    """Both ridge regressions, the boosting after one of them, and VADER's lexicon and lists."""
    rater = SentimentRater.load(workspace)
    about = {
        "scale": lexicon.SCALE,
        "lowest": model.LOWEST,
        "highest": model.HIGHEST,
        "digits": model.DIGITS,
        "ranges": rater.ranges,
        "coverage": rater.coverage,
        "kinds": [*rater.taught.kinds, OTHER],
        "most_words": MOST_WORDS,
        "longest_text": LONGEST_TEXT,
        "largest_batch": LARGEST_BATCH,
    }
    return {
        "about.json": json.dumps(about).encode(),
        "vader.json": json.dumps(_vader(), ensure_ascii=False).encode(),
        "taught.bin": _ridge(rater.taught),
        "untaught.bin": _ridge(rater.untaught),
        "boosting.bin": pack_boosting(rater.taught.booster),
    }


def _vader() -> dict[str, Any]:
    analyzer = vaderSentiment.SentimentIntensityAnalyzer()
    return {
        "lexicon": analyzer.lexicon,
        "emojis": analyzer.emojis,
        "boosters": vaderSentiment.BOOSTER_DICT,
        "negations": vaderSentiment.NEGATE,
        "idioms": vaderSentiment.SPECIAL_CASES,
        "capitals": vaderSentiment.C_INCR,
        "negation": vaderSentiment.N_SCALAR,
    }


def _ridge(rater: model.Rater) -> bytes:
    """Of the terms that training saw how many texts held them, and their weights: shared, own."""
    reading, terms = rater.reading, rater.reading.terms
    held = [held_in(each) for each in (reading.words, reading.runs)]
    counted = np.concatenate([columns for _, columns in held])
    seen = np.flatnonzero(counted)
    blocks = rater.ridge.coef_.reshape(1 + len(rater.kinds), -1)
    arrays = {
        "steps": steps_to(seen),
        "held": counted[seen].astype(np.uint16),
        "weights": shorten(blocks[0][seen], BITS),
    }
    for number, own in enumerate(blocks[1:, : len(counted)]):
        columns = np.flatnonzero(own)
        arrays[f"steps_{number}"] = steps_to(columns)
        arrays[f"weights_{number}"] = shorten(own[columns], BITS)
    values = {
        "texts": held[0][0],
        "words": {"longest": terms.words, "columns": 2**terms.word_bits},
        "runs": {"length": terms.chars, "columns": 2**terms.char_bits},
        "kinds": rater.kinds,
        "intercept": float(rater.ridge.intercept_),
        "centres": rater.centres,
        "spreads": rater.spreads,
        "means": reading.scaler.mean_.tolist(),
        "scales": (reading.scaler.scale_ * np.sqrt(len(lexicon.FEATURES)) / terms.lexicon_weight)
        .tolist(),
        "numbers": blocks[:, len(counted) :].tolist(),
    }  # fmt: skip
    return pack(values, arrays)


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Texts of the training set, each kind as such and as another kind; odd ones, two refused."""
    rows = data.load(workspace, "train", reader="demo").sample(frac=1, random_state=workspace.seed)
    texts = [*_both_ways(rows.text, rows.kind)][:EXAMPLES]
    texts += [{"text": text, "kind": kind} for text in ODD for kind in ("tweets", OTHER)]
    return [*({"snippets": [text]} for text in texts), {"snippets": []}]


def _both_ways(texts: Any, kinds: Any) -> Iterator[dict[str, str]]:
    for text, kind in zip(texts, kinds, strict=True):
        yield {"text": text, "kind": kind}
        yield {"text": text}
