"""Does it bear what people really type?"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from .. import model
from ..data import NOWHERE
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap, paired_difference
from ..kit.workspace import Workspace

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONG = 10_000  # characters
FILLER = "i was just thinking about it while it rained and the train was late again so "
SAID_OTHERWISE = {
    "what is": "tell me", "what's": "tell me", "how do i": "explain how to", "can you": "could you",
    "i need": "i require", "i want": "i'd like", "please": "kindly", "show": "display",
    "find": "look up", "my": "the", "help": "assist", "get": "obtain", "buy": "purchase",
}  # fmt: skip
# The author's own sentences: German, French, Spanish, and one of each that is out of scope.
FOREIGN = (
    "buche ein hotel in paris", "wie ist das wetter morgen", "überweise zweihundert euro",
    "wie ist mein kontostand", "stelle einen wecker auf sieben uhr", "erzähle mir einen witz",
    "réserve un hôtel à paris", "quel temps fera-t-il demain", "vire deux cents euros",
    "quel est mon solde", "mets un réveil à sept heures", "raconte-moi une blague",
    "reserva un hotel en parís", "qué tiempo hará mañana", "transfiere doscientos euros",
    "cuál es mi saldo", "pon una alarma a las siete", "cuéntame un chiste",
    "wer hat die glühbirne erfunden", "qui a inventé l'ampoule", "quién inventó la bombilla",
)  # fmt: skip


def mistype(text: str, random: np.random.Generator, errors: int) -> str:
    """So many letters left out, doubled, replaced or exchanged with the next."""
    for _ in range(errors):
        at = int(random.integers(len(text)))
        kind = random.integers(4)
        other = LETTERS[random.integers(len(LETTERS))]
        text = (
            text[:at] + text[at + 1 :] if kind == 0 and len(text) > 1
            else text[:at] + text[at] + text[at:] if kind == 1
            else text[:at] + other + text[at + 1 :] if kind == 2
            else text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
        )  # fmt: skip
    return text


def say_otherwise(text: str, _: np.random.Generator) -> str:
    """Frequent words by others that mean about the same: a paraphrase by rule, no person's."""
    padded = f" {text} "
    for words, others in SAID_OTHERWISE.items():
        padded = padded.replace(f" {words} ", f" {others} ")
    return padded.strip()


def with_html(text: str, _: np.random.Generator) -> str:
    """Marked up, and with a script behind it."""
    return f"<p><b>{text}</b></p><script>alert('{text[:9]}')</script>"


def drowned(text: str, _: np.random.Generator) -> str:
    """At the start of 10,000 characters about nothing."""
    return (f"{text} " + FILLER * (LONG // len(FILLER) + 1))[:LONG]


DISTURBED: dict[str, Callable[[str, np.random.Generator], str]] = {
    "as published": lambda text, _: text,
    "in capitals, without signs": lambda text, _: text.upper().replace("'", ""),
    "one typing error": partial(mistype, errors=1),
    "three typing errors": partial(mistype, errors=3),
    "said otherwise, by rule": say_otherwise,
    "inside HTML": with_html,
    f"at the start of {LONG:,} characters": drowned,
}


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """Test queries, disturbed in several ways, at the same threshold."""
    queries = evaluated.queries
    drawn = queries.sample(
        min(workspace.config["evaluate"]["disturbed"], len(queries)), random_state=workspace.seed
    )
    rows, plain = [], None
    for name, disturb in DISTURBED.items():
        random = np.random.default_rng(workspace.seed)
        said = answers(evaluated, [disturb(text, random) for text in drawn.text])
        plain = said if plain is None else plain
        rows.append([name, *sides(drawn, said, plain, workspace.seed)])
    foreign = answers(evaluated, list(FOREIGN))
    refused = int((foreign == NOWHERE).sum())
    return Study(
        title="Does it bear what people really type?",
        text="The same queries of the test set, disturbed, at the same threshold; nothing was "
        "trained for it.",
        tables={
            "robustness": Table(
                f"{len(drawn):,} queries of the test set. The difference is that of the mean from "
                "the same queries as published.",
                ["", "in-scope accuracy", "out-of-scope recall", "difference of the mean"],
                rows,
            )
        },
        notes={
            "foreign": f"Of {len(FOREIGN)} short sentences in German, French and Spanish, all "
            f"written for this study, the assistant does not answer {refused} and takes "
            f"{len(FOREIGN) - refused} for an intent by what they share with English. It is "
            "taught English alone: not to answer is right for all of them."
        },
    )


def answers(evaluated: Evaluated, texts: list[str]) -> "np.ndarray":
    """Numbers of intents, NOWHERE for no answer."""
    return evaluated.assistant.judge(texts).answered(evaluated.assistant.threshold)


def sides(drawn: pd.DataFrame, said: "np.ndarray", plain: "np.ndarray", seed: int) -> list:
    """Both sides with intervals, and the mean's difference from what was said undisturbed."""
    found: list = [
        bootstrap(metric, drawn.label, said, groups=drawn.group, seed=seed)
        for metric in (model.in_scope_accuracy, model.out_of_scope_recall)
    ]
    difference = paired_difference(
        model.in_out_mean, drawn.label, said, plain, groups=drawn.group, seed=seed
    )
    return [*found, "–" if said is plain else difference.signed]
