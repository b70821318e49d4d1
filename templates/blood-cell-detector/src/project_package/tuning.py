"""What is chosen on training pictures: settings of the simple methods, thresholds for counting."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import boxes, simple
from .boxes import KIND, MATCH, SCORE
from .fit import in_threads
from .kit.workspace import Workspace
from .pictures import KINDS, Pictures
from .simple import PURPLE, RED, TUNED


def choose_thresholds(
    found: Sequence[NDArray], cells: Sequence[NDArray], overlap: float
) -> list[float]:
    """For each kind the score from which on detections are counted: where F1 is highest."""
    # practice: choose_thresholds
    scores = np.concatenate([each[:, SCORE] for each in found])
    kinds = np.concatenate([each[:, KIND] for each in found])
    hits = np.concatenate(
        [boxes.match(each, known, overlap) >= 0 for each, known in zip(found, cells, strict=True)]
    )
    chosen = []
    for kind in range(len(KINDS)):
        there = sum(int((known[:, KIND] == kind).sum()) for known in cells)
        own = np.flatnonzero(kinds == kind)
        own = own[np.argsort(-scores[own], kind="stable")]
        quality = 2 * np.cumsum(hits[own]) / (np.arange(1, len(own) + 1) + there)
        chosen.append(float(scores[own[quality.argmax()]]) if len(own) else 1.0)
    return chosen
    # practice: end


def mean_precision(found: Sequence[NDArray], cells: Sequence[NDArray], overlap: float) -> float:
    """Mean over the kinds of average precision."""
    each = [boxes.precision_of_kind(found, cells, kind, overlap) for kind in range(len(KINDS))]
    return float(np.mean(each))


def tune(
    train: Pictures, workspace: Workspace, asked: NDArray | None = None
) -> tuple[dict[str, dict[str, Any]], dict[str, float]]:
    """The settings of each simple method that were best on training pictures, and all scores.

    First those for what is purple, which all have in common, by the mean over white cells and
    platelets; then those for red cells. Of `asked` rows, or all, so many as config.toml says.
    """
    settings = workspace.config["baselines"]
    rows = np.arange(len(train)) if asked is None else asked
    random = np.random.default_rng(workspace.seed)
    some = train.take(random.permutation(rows)[: settings["pictures"]])
    others = [kind for kind in range(len(KINDS)) if kind != RED]

    def score(found: Sequence[NDArray], kinds: Sequence[int]) -> float:
        return float(
            np.mean([boxes.precision_of_kind(found, some.cells, kind, MATCH) for kind in kinds])
        )

    def best(stage: str, tried: list, ask: Callable, kinds: Sequence[int], names: tuple) -> dict:
        scores = in_threads(
            lambda each: score([ask(row, each) for row in range(len(some))], kinds), tried
        )
        for each, value in zip(tried, scores, strict=True):
            table[f"{stage}: " + ", ".join(f"{name} {each[name]:g}" for name in names)] = value
        return dict(tried[int(np.nanargmax(scores))])

    table: dict[str, float] = {}
    purple = best(
        "what is purple", [*simple.grid(settings, PURPLE)],
        lambda row, each: simple.find_purple(some.pixels[row], each)[1], others, PURPLE,
    )  # fmt: skip
    bigs = [simple.find_purple(pixels, purple)[0] for pixels in some.pixels]
    chosen = {}
    for method, names in TUNED.items():
        chosen[method] = best(
            method, [*simple.grid({**settings, **{n: purple[n] for n in PURPLE}}, names)],
            lambda row, each, method=method: simple.find_red(
                some.pixels[row], bigs[row], method, each
            ),
            [RED], names,
        )  # fmt: skip
        chosen[method] = {name: chosen[method][name] for name in (*PURPLE, *names)}
    return chosen, table


def say_simple(
    pictures: Pictures, method: str, chosen: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[NDArray]:
    """What a simple method finds in each picture, under the settings that were chosen."""
    return [simple.detect(each, method, {**settings, **chosen}) for each in pictures.pixels]
