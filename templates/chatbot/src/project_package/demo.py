"""The model for the demo in the browser: page/infer.js reads what is exported here."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import data
from .kit.packing import pack, shorten
from .kit.terms import held_in, steps_to
from .kit.workspace import Workspace
from .predict import GUESSES, WORDS_SHOWN, Assistant
from .serve import LONGEST_TEXT, MOST_TURNS

BITS = 16  # of a weight, so that a score is off by less than 1e-4
EXAMPLES = 300
TALKS = (
    ("book a hotel", "in Paris", "tomorrow", "no, i meant new york"),
    ("book a flight to tokyo on friday", "and in san francisco?", "what about next week"),
    ("transfer money please", "what do you mean", "250", "make it $1,200.50"),
    ("pay my bill", "3 march", "40 dollars", "say that again"),
    ("asdf qwer", "zxcv", "poiu", "hello"),
    ("what happens to what i write here", "how does this chatbot work?"),
    ("talk to a person", "cancel", "human"),
    ("hello there", "tell me a joke", "thanks", "bye"),
    ("ÉCOLE İstanbul ﬁn", "日本語 テスト", "a\x1cb\x85c\ufeffd", "<b>pay</b> my <script>bill"),
    (" ", "!!!", "no, i meant ", "€5 or 2026-03-01"),
    ("what is the weather in los angeles the day after tomorrow", "in 3 days"),
)


def export(workspace: Workspace) -> dict[str, bytes]:
    """Of every column that training saw its weights that are not zero, and answers.toml."""
    assistant = Assistant.load(workspace)
    union, machine = (step for _, step in assistant.recipe.pipeline.steps)
    (words, by_word), (characters, by_run) = (kind for _, kind in union.transformer_list)
    (queries, of_words), (_, of_runs) = held_in(by_word), held_in(by_run)
    held = np.concatenate([of_words, of_runs])
    seen = np.flatnonzero(held)
    by_column = machine.coef_.tocsc()[:, seen]
    values = {
        "queries": queries,
        "words": {"longest": words.ngram_range[1], "columns": words.n_features},
        "characters": {"range": characters.ngram_range, "columns": characters.n_features},
        "intercepts": machine.intercept_.tolist(),
        "labels": machine.classes_.tolist(),
        "intents": {str(label): name for label, name in assistant.intents.items()},
        "threshold": assistant.threshold,
        "out_weight": assistant.recipe.out_weight,
        "guesses": GUESSES,
        "words_shown": WORDS_SHOWN,
        "longest_text": LONGEST_TEXT,
        "most_turns": MOST_TURNS,
    }
    arrays = {
        "steps": steps_to(seen),
        "held": held[seen].astype(np.uint16),
        "counts": np.diff(by_column.indptr).astype(np.uint8),
        "rows": by_column.indices.astype(np.uint8),
        "weights": shorten(by_column.data, BITS),
    }
    return {
        "model.bin": pack(values, arrays),
        "answers.json": json.dumps(assistant.answers, ensure_ascii=False).encode(),
    }


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Queries of the training set, alone and in pairs, conversations turn by turn, refused ones."""
    texts = list(data.load(workspace, "train", reader="demo").text)
    drawn = np.random.default_rng(0).permutation(len(texts))[:EXAMPLES]
    return [{"turns": turns} for turns in [*_singly_and_in_pairs([texts[n] for n in drawn])]] + [
        {"turns": []},
        {"turns": [""]},
        {"turns": ["x"] * (MOST_TURNS + 1)},
        {"turns": ["x" * (LONGEST_TEXT + 1)]},
    ]


def _singly_and_in_pairs(texts: list[str]) -> Iterator[list[str]]:
    yield from ([text] for text in texts)
    yield from ([one, other] for one, other in zip(texts[:100], texts[100:200], strict=False))
    for talk in TALKS:
        yield from (list(talk[: length + 1]) for length in range(len(talk)))
