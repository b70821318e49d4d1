"""Who is it, when it may be nobody? Some people are enrolled, and strangers come too."""

import numpy as np
from numpy.typing import NDArray

from ..data import Faces
from ..evaluate import Evaluated
from ..kit.results import Score, Study, Table
from ..kit.statistics import Interval, bootstrap
from ..kit.workspace import Workspace
from ..model import MODEL, Array, threshold_at

CLOSED = 5  # pictures of each person, the others asked for: the number that everybody reports


def study(workspace: Workspace, found: Evaluated) -> Study:
    """Open set by pictures enrolled, model and strongest simple method; beside it the closed."""
    settings = workspace.config["evaluate"]
    rate, names = workspace.config["service"]["false_accepts"], {"model": MODEL}
    names |= {found.strongest: found.strongest}
    rows = []
    for count in settings["enrolled"]:
        for column, name in names.items():
            trials = open_set(found, column, count, settings, rate)
            rows.append([count, name, *(mean(trials, k, found) for k in ("known", "strangers"))])
    right = {name: closed_set(found.test, found.vectors[name], CLOSED) for name in names}
    people = found.test.people
    closed = [bootstrap(np.mean, each, groups=people[~first(people, CLOSED)], seed=found.seed)
              for each in right.values()]  # fmt: skip
    return Study(
        title="Who is it, if anybody?",
        text="Some of the test people are enrolled, the others are strangers, drawn anew again and "
        "again. Somebody enrolled counts as known when they are nearest to themselves and above "
        "the likeness that the stated share of the strangers' pictures exceeds.",
        tables={
            "open-set": Table(
                f"Known at {rate:.0%} of strangers taken for somebody, and, at the service's own "
                "threshold, the share of strangers taken for somebody. Intervals over people.",
                ["pictures enrolled", "method", "known", "strangers taken for somebody"],
                rows,
            )
        },
        scores={"closed_set": Score("closed-set accuracy", closed[0], closed[1].value)},
        notes={
            "closed-set": f"With {CLOSED} pictures of everybody enrolled and no strangers, as it "
            f"is usually reported, the nearest person is the right one for {closed[0]} of the "
            f"pictures ({found.strongest}: {closed[1]}). It says little: nobody who comes is "
            "unknown, so nothing is refused, and pictures of one sitting stand on both sides."
        },
    )


def open_set(
    found: Evaluated, column: str, count: int, settings: dict, rate: float
) -> list[dict[str, tuple[NDArray, NDArray]]]:
    """In each of many galleries: whose picture it was, and whether it was known or taken."""
    random, trials = np.random.default_rng(found.seed), []
    people, vectors = found.test.people, found.vectors[column]
    names = np.unique(people)
    for _ in range(settings["galleries"]):
        order = random.permutation(names)
        strangers = np.isin(people, order[: round(settings["strangers"] * len(names))])
        enrolled = drawn(people, strangers, count, random)
        likeness, nearest = compare(vectors, people, enrolled)
        asked, outside = ~strangers & ~enrolled, strangers
        edge = threshold_at(~outside[outside | asked], likeness[outside | asked], rate)
        right = (nearest == people) & (likeness > edge)
        own = found.recogniser.threshold if column == "model" else edge
        trials.append(
            {
                "known": (people[asked], right[asked]),
                "strangers": (people[outside], likeness[outside] > own),
            }
        )
    return trials


def mean(trials: list[dict[str, tuple[NDArray, NDArray]]], kind: str, found: Evaluated) -> Interval:
    """Of all trials, drawn by people."""
    who, values = (np.concatenate([trial[kind][place] for trial in trials]) for place in (0, 1))
    return bootstrap(np.mean, values, groups=who, seed=found.seed)


def drawn(
    people: NDArray, strangers: NDArray, count: int, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Which pictures are enrolled: `count` of each person who is no stranger."""
    enrolled = np.zeros(len(people), dtype=bool)
    for name in np.unique(people[~strangers]):
        enrolled[random.permutation(np.flatnonzero(people == name))[:count]] = True
    return enrolled


def compare(vectors: Array, people: NDArray, enrolled: NDArray[np.bool_]) -> tuple[Array, NDArray]:
    """For each picture the likeness to the nearest person enrolled, and who that is."""
    # practice: compare
    names = np.unique(people[enrolled])
    alike = vectors @ vectors[enrolled].T
    own = np.stack([alike[:, people[enrolled] == name].mean(axis=1) for name in names], axis=1)
    return own.max(axis=1), names[own.argmax(axis=1)]
    # practice: end


def first(people: NDArray, count: int) -> NDArray[np.bool_]:
    """Which pictures are among the first `count` of their person."""
    found = np.zeros(len(people), dtype=bool)
    for name in np.unique(people):
        found[np.flatnonzero(people == name)[:count]] = True
    return found


def closed_set(test: Faces, vectors: Array, count: int) -> NDArray[np.bool_]:
    """Whether the nearest person is the right one, but for the first pictures of each."""
    enrolled = first(test.people, count)
    return (compare(vectors, test.people, enrolled)[1] == test.people)[~enrolled]
