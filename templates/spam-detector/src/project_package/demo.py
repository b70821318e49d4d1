"""The model for the demo in the browser: page/infer.js reads what is exported here."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import data
from .kit.packing import pack, shorten
from .kit.terms import held_in, steps_to
from .kit.workspace import Workspace
from .predict import WORDS_SHOWN, SpamDetector
from .serve import LARGEST_BATCH, LONGEST_MAIL

BITS = 12  # of a weight, so that a probability is off by less than 1e-4
EXAMPLES = 420
ODD = ("", " ", "!", "ÉCOLE İstanbul ﬁn", "日本語 テスト", "ก็ดี à̈́ 𝔘𝔫𝔦", "a\x1cb\x85c\ufeffd")


def export(workspace: Workspace) -> dict[str, bytes]:
    """Of every column that training saw its weight, and in how many mails it was."""
    detector = SpamDetector.load(workspace)
    union, weights, joined = (step for _, step in detector.detector.steps)
    (_, words), (_, characters) = union.transformer_list
    mails, held = held_in(weights)
    seen = np.flatnonzero(held)
    coefficients = joined.coef_[0]
    unseen = [
        float(coefficients[part][held[part] == 0][:1].sum())
        for part in (slice(words.n_features), slice(words.n_features, None))
    ]
    values = {
        "mails": mails,
        "words": {"longest": words.ngram_range[1], "columns": words.n_features},
        "characters": {"range": characters.ngram_range, "columns": characters.n_features},
        "unseen": unseen,
        "intercept": float(joined.intercept_[0]),
        "calibration": [
            float(detector.calibration.coef_[0, 0]), float(detector.calibration.intercept_[0])
        ],
        "threshold": detector.threshold,
        "longest_body": detector.longest_body,
        "longest_mail": LONGEST_MAIL,
        "largest_batch": LARGEST_BATCH,
        "words_shown": WORDS_SHOWN,
    }  # fmt: skip
    arrays = {
        "steps": steps_to(seen),
        "held": held[seen].astype(np.uint16),
        "weights": shorten(coefficients[seen], BITS),
    }
    return {"model.bin": pack(values, arrays)}


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Mails of the training set, whole and in halves, and some that are refused or odd."""
    mails = data.load(workspace, "train", reader="demo")
    pairs = [*_whole_and_halves(mails.subject, mails.body)][:EXAMPLES]
    return [
        *({"mails": [{"subject": subject, "body": body}]} for subject, body in pairs),
        *({"mails": [{"body": text}]} for text in ODD),
        {"mails": []},
    ]


def _whole_and_halves(subjects: Any, bodies: Any) -> Iterator[tuple[str, str]]:
    for subject, body in zip(subjects, bodies, strict=True):
        half = len(body) // 2
        parts = (body, body[:half], body[half:])
        yield from ((subject[:1000], part[:LONGEST_MAIL]) for part in parts)
