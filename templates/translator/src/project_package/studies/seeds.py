"""How much of the result is luck, and would more steps help?"""

import numpy as np

from ..data import HEADLINE
from ..evaluate import TRANSFORMER, Evaluated
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import decimal
from ..kit.workspace import Workspace
from ..predict import Translator
from ..train import MODEL, RECURRENT, best_of, bleu_of, search_all

ENOUGH = 3  # networks: a spread of fewer says nothing


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The transformer of the headline, and the same again from other seeds."""
    rows, chosen = [], evaluated.of(HEADLINE)
    test = evaluated.test[chosen]
    for name, about in evaluated.training["networks"].items():
        if name == RECURRENT:
            continue
        said = np.array(evaluated.said[TRANSFORMER])[chosen].tolist()
        if name != MODEL:
            other = Translator.read(workspace.models / f"{name}.safetensors")
            found = search_all(other, test.english, other.beam)
            said = best_of(found, other.subwords, other.penalty)
        last = about["curve"][-1]["validation_loss"]
        label = "**headline**" if name == MODEL else name
        rows.append([label, about["seed"], about["epochs"], last, bleu_of(said, test)])
    return Study(
        title="How much of it is luck, and would more steps help?",
        text="The transformer was trained again from other seeds, everything else alike, and "
        "translated the same sentences.",
        tables={
            "seeds": Table(
                "BLEU by seed; a later row replaces nothing.",
                ["", "seed", "epochs", "validation loss, nats a piece", "BLEU"], rows,
            )
        },
        figures={"curves": draw(workspace, evaluated)},
        notes={"spread": spread_note([row[4] for row in rows]), "curve": curve_note(evaluated)},
    )  # fmt: skip


def spread_note(found: list[float]) -> str:
    """Mean and standard deviation over the seeds."""
    if len(found) < ENOUGH:
        return "Not repeated from enough other seeds in this run (`repeats` in config.toml)."
    return (
        f"Over {len(found)} seeds BLEU is {decimal(np.mean(found))} ± "
        f"{decimal(np.std(found, ddof=1))} (standard deviation), from {decimal(min(found))} to "
        f"{decimal(max(found))}."
    )


def curve_note(evaluated: Evaluated) -> str:
    """What the last part of the training brought."""
    curve = evaluated.training["networks"][MODEL]["curve"]
    losses = [point["validation_loss"] for point in curve]
    return (
        f"In the last tenth of its steps the transformer's loss on the validation set went from "
        f"{decimal(losses[-2])} to {decimal(losses[-1])} nats a piece; its lowest was "
        f"{decimal(min(losses))}."
    )


def draw(workspace: Workspace, evaluated: Evaluated) -> Picture:
    """The validation loss of every network along the way."""
    with figures.figure(workspace.figures / "curves", height=3.4) as (_, axes):
        for name, about in evaluated.training["networks"].items():
            color = {MODEL: figures.MODEL, RECURRENT: figures.BASELINE}.get(name, figures.OTHER)
            steps = [point["step"] for point in about["curve"]]
            losses = [point["validation_loss"] for point in about["curve"]]
            axes.plot(steps, losses, "o-", markersize=3, color=color, label=name)
        axes.set(xlabel="steps", ylabel="loss on the validation set\nnats a piece")
        axes.legend()
    return Picture(
        "The loss on the validation set along the training; no label smoothing in it.",
        "Falling lines, one for each network.",
    )
