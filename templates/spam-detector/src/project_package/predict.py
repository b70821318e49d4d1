"""The trained detector, ready for use."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from . import data, model
from .kit.persistence import load_model
from .kit.web import one_thread
from .kit.workspace import Workspace, read_json

ALLOWED = (f"{model.__name__}.JoinedSVC",)


@dataclass(frozen=True)
class Verdict:
    """What the detector thinks of one mail; `words` are the strongest, plus: towards spam."""

    spam: bool
    probability: float
    threshold: float
    words: list[tuple[str, float]]


@dataclass(frozen=True)
class SpamDetector:
    """A fitted detector with its calibration and the threshold of the stated cost."""

    detector: Pipeline
    calibration: LogisticRegression
    threshold: float

    @classmethod
    def load(cls, workspace: Workspace) -> "SpamDetector":
        """Read what `train` wrote; raises ProjectError when there is none."""
        parts = load_model(workspace, allowed=ALLOWED)
        training = read_json(workspace.models / "training.json", made_by="train")
        return cls(parts["detector"], parts["calibration"], training["thresholds"]["cost"])

    def rate(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities of spam, shape (n,), of texts as `data.compose` makes them."""
        return model.probabilities(self.calibration, model.scores(self.detector, texts))

    @one_thread
    def judge(self, mails: Sequence[tuple[str, str]]) -> list[Verdict]:
        """One verdict for each (subject, body)."""
        texts = [data.compose(subject, body) for subject, body in mails]
        return [
            Verdict(
                spam=bool(chance >= self.threshold),
                probability=float(chance),
                threshold=self.threshold,
                words=model.word_effects(self.detector, text),
            )
            for text, chance in zip(texts, self.rate(texts), strict=True)
        ]


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input; a mail's first line is its subject."""
    mails = [(first, rest) for first, _, rest in (text.partition("\n") for text in inputs)]
    for verdict in SpamDetector.load(workspace).judge(mails):
        print(json.dumps(asdict(verdict), ensure_ascii=False))
