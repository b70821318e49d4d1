"""The trained assistant, ready for a conversation."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from . import model
from .dialogue import Turn, Understood, converse, read_answers
from .kit.persistence import load_model
from .kit.web import one_thread
from .kit.workspace import Workspace, read_json
from .language_model import LanguageModel
from .model import Judged, Recipe

GUESSES, WORDS_SHOWN = 3, 6
ALLOWED = (f"{model.__name__}.PrunedSVC", "scipy.sparse._csr.csr_matrix")


@dataclass(frozen=True)
class Assistant:
    """A fitted classifier with its threshold, the names of its intents, and what it answers.

    `second`, where there is one, is asked what a text wants that the classifier does not answer.
    """

    recipe: Recipe
    threshold: float
    intents: dict[int, str]
    answers: dict[str, Any]
    second: LanguageModel | None = None

    @classmethod
    def load(cls, workspace: Workspace) -> "Assistant":
        """Read what `train` wrote; raises ProjectError when there is none."""
        pipeline = load_model(workspace, allowed=ALLOWED)
        training = read_json(workspace.models / "training.json", made_by="train")
        return cls(
            Recipe(pipeline, training["out_weight"]),
            training["threshold"],
            {int(label): name for label, name in training["intents"].items()},
            read_answers(),
            LanguageModel.from_environment(),
        )

    @cached_property
    def by_name(self) -> dict[str, int]:
        """The numbers of the intents, and of out of scope."""
        return {name: label for label, name in self.intents.items()}

    def judge(self, texts: Sequence[str]) -> Judged:
        """Of each text the likeliest intent and its score."""
        return model.ask(self.recipe, texts)

    def understand(self, text: str) -> Understood:
        """What one text wants, and why the classifier thinks so."""
        pipeline = self.recipe.pipeline
        said = pipeline.decision_function([text])
        judged = model.judge(said, pipeline[-1].classes_, self.recipe.out_weight)
        best, score = int(judged.label[0]), float(judged.score[0])
        of_intents = dict(zip(pipeline[-1].classes_.tolist(), said[0].tolist(), strict=True))
        above = score - of_intents[best]  # what out of scope takes from every intent
        ranked = sorted((label for label in of_intents if label >= 0), key=of_intents.get)[::-1]
        intent = self.intents[best] if score >= self.threshold else None
        if intent is None and self.second:
            intent = self.second.choose(text, [name for n, name in self.intents.items() if n >= 0])
        return Understood(
            intent,
            score,
            self.threshold,
            [(self.intents[label], of_intents[label] + above) for label in ranked[:GUESSES]],
            model.word_effects(pipeline, text, best, WORDS_SHOWN),
        )

    @one_thread
    def talk(self, texts: Sequence[str]) -> Turn:
        """The last turn of a conversation, from all that the visitor wrote."""
        return converse(texts, self.understand, self.answers)[-1]


def run(workspace: Workspace, inputs: Sequence[str]) -> None:
    """Print one JSON line for each input; a line holds one conversation, its texts between "|"."""
    assistant = Assistant.load(workspace)
    for line in inputs:
        turn = assistant.talk([text.strip() for text in line.split("|")])
        print(json.dumps(asdict(turn), ensure_ascii=False))
