"""The ranker for the demo in the browser: page/infer.js reads what is exported here."""

import json
from collections.abc import Sequence
from typing import Any

from sklearn.pipeline import Pipeline

from . import data, features, serve, words
from .kit.workspace import Workspace
from .predict import MOST_SENTENCES, Summarizer

EXAMPLES = 420
ODD = (
    "One sentence only",
    '“He left at 5 p.m. on Monday.” Dr. Smith of the U.S. Navy said so. " Yes! " No... maybe.',
    "First:\n1) one thing. And more.\n2) another.\n3) a third.\n\nThe end. J. R. Tolkien wrote it.",
    "It's 'his' idea. See fig. 3 [4] for more. Yahoo! is here (said Mr. Bean. Twice.), gone!\n",
    "Mail a.b@c.org now. Was it £5.50? ! Really . . . yes. Ünder the bridge. 日本。 He ran.",
)


def export(workspace: Workspace) -> dict[str, bytes]:
    """Both rankers, and the words that their features count."""
    summarizer = Summarizer.load(workspace)
    model = {
        "informed": _weights(summarizer.ranker.informed, features.NAMES),
        "blind": _weights(summarizer.ranker.blind, features.WITHOUT_HEADLINE),
        "budget": summarizer.budget,
        "function_stems": sorted(words.FUNCTION_STEMS),
        "refers_back": sorted(features.REFERS_BACK),
        "stemmed_from": words.STEMMED_FROM,
        "limits": {
            "longest_article": serve.LONGEST_ARTICLE,
            "largest_batch": serve.LARGEST_BATCH,
            "shortest": serve.SHORTEST,
            "longest": serve.LONGEST,
            "most_sentences": MOST_SENTENCES,
        },
    }
    return {"model.json": json.dumps(model).encode()}


def _weights(ranker: Pipeline, names: Sequence[str]) -> dict[str, Any]:
    scaler, ridge = (step for _, step in ranker.steps)
    return {
        "names": names,
        "means": scaler.mean_.tolist(),
        "scales": scaler.scale_.tolist(),
        "weights": ridge.coef_.tolist(),
        "intercept": float(ridge.intercept_),
    }


def examples(workspace: Workspace) -> list[dict[str, Any]]:
    """Articles of the training set with and without headline, at several lengths; one refused."""
    rows = data.load(workspace, "train", reader="demo")
    articles = [
        {"headline": headline, "text": text}
        for names, source in zip(rows.headline, rows.source, strict=True)
        for text in (" ".join(source), "\n\n".join(source))
        for headline in (names[:1000], "")
    ]
    bodies = [
        {"articles": [article], "words": serve.SHORTEST + number % 100}
        for number, article in enumerate(articles[:EXAMPLES])
    ]
    odd = [{"articles": [{"text": text}]} for text in ODD]
    return [*bodies, *odd, {"articles": [{"text": " "}]}]
