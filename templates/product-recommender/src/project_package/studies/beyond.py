"""Beyond accuracy: how much of the catalogue is used, how well known it is, and what that costs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluate import COMPARED, Evidence
from ..kit.results import EACH_ALONE, Study, Table
from ..kit.statistics import bootstrap
from ..kit.workspace import Workspace
from ..model import adventurous
from ..ranking import make_lists, novelty

HEAD = 0.1  # share of the catalogue that is called its head


def study(workspace: Workspace, evaluated: Evidence) -> Study:
    """What accuracy does not show, for makers of films and for people who know the famous ones."""
    settings = workspace.config["evaluate"]
    return Study(
        title="Beyond accuracy",
        text="Coverage: share of the catalogue recommended to anybody. Novelty: mean surprise in "
        "bits. Head: share that belongs to the best-known decile (tenth) of the films. Gini: 0 if "
        "all films are recommended equally often. The page has a slider that marks well-known "
        "films down: it divides scores by a power of a film's popularity.",
        tables={
            "beyond": beyond_table(evaluated),
            "adventure": adventure_table(evaluated, settings["adventures"]),
            "fame": fame_table(evaluated, settings["fame"]),
        },
    )


def beyond_table(evidence: Evidence) -> Table:
    """Each recommender, and what people chose."""
    rows = [
        [name, *_used(evidence, [lists.films for lists in evidence.lists[name]])]
        for name in COMPARED
    ]
    chosen = [origin.future.films[:, None] for origin in evidence.origins]
    rows.append(["what people chose", *_used(evidence, chosen)])
    caption = "How much of the catalogue is used, and how well known it is."
    return Table(caption, ["recommender", "coverage", "novelty", "head", "Gini"], rows)


def adventure_table(evidence: Evidence, powers: Sequence[float]) -> Table:
    """Lists with well-known films marked down."""
    rows: list[list[Any]] = []
    for power in powers:
        lists = [
            make_lists(
                adventurous(saved.recommender, saved.popularity, power),
                origin.past.matrix,
                origin.future.matrix,
            )
            for origin, saved, _ in evidence.rounds
        ]
        ndcg = np.concatenate([found.ndcg for found in lists])
        shown = _used(evidence, [found.films for found in lists])[:3]
        rows.append([f"{power:g}", evidence.interval(ndcg), *shown])
    return Table(
        "The slider of the page: scores divided by the power of a film's popularity.",
        ["power", "NDCG@10", "coverage", "novelty", "head"],
        rows,
    )


def fame_table(evidence: Evidence, bounds: Sequence[int]) -> Table:
    """Of the films chosen, by degree of fame at that origin, the share that stood among the ten."""
    known_to, hit, person = [], [], []
    for origin, saved, lists in evidence.rounds:
        found = np.zeros(evidence.everything.shape, dtype=bool)
        found[lists.people[:, None], lists.films] = True
        known_to.append(saved.popularity[origin.future.films])
        hit.append(found[origin.future.people, origin.future.films])
        person.append(origin.future.people)
    hits, people = np.concatenate(hit), np.concatenate(person)
    degrees = np.searchsorted(bounds, np.concatenate(known_to), side="right")
    rows: list[list[Any]] = []
    for degree in np.unique(degrees):
        chosen = degrees == degree
        options: dict[str, Any] = {"groups": people[chosen], "seed": evidence.seed}
        interval = bootstrap(np.mean, hits[chosen], **options)
        rows.append([_degree(bounds, degree), int(chosen.sum()), interval])
    return Table(
        "Share of the films chosen that was among the ten, by how many people knew the film. "
        f"{EACH_ALONE}",
        ["known to", "chosen", "found"],
        rows,
    )


def _degree(bounds: Sequence[int], degree: int) -> str:
    """How many people that is, in words."""
    low, high = ([0, *bounds][degree], [*bounds, 0][degree] - 1)
    if high < 0:
        return f"{low} and more"
    return "nobody" if high == 0 else f"{low} to {high}"


def _used(evidence: Evidence, films: list[NDArray]) -> list[float]:
    """Each origin's films against what was known at that origin; the coverage is over all."""
    catalogue = evidence.everything.shape[1]
    known = [(saved.popularity, saved.people) for saved in evidence.models]
    surprise = [novelty(own, *who).mean() for own, who in zip(films, known, strict=True)]
    head = [head_share(own, who[0]) for own, who in zip(films, known, strict=True)]
    weights = [len(own) for own in films]
    everywhere = np.concatenate([own.ravel() for own in films])
    return [
        len(np.unique(everywhere)) / catalogue,
        float(np.average(surprise, weights=weights)),
        float(np.average(head, weights=weights)),
        gini(everywhere, catalogue),
    ]


def head_share(films: NDArray[np.intp], popularity: NDArray, head: float = HEAD) -> float:
    """Share of `films` that belongs to the most popular decile of the catalogue."""
    order = np.argsort(-popularity, kind="stable")
    best_known = np.zeros(len(popularity), dtype=bool)
    best_known[order[: round(head * len(order))]] = True
    return float(best_known[films].mean())


def gini(films: NDArray[np.intp], catalogue: int) -> float:
    """Inequality of how often each film is recommended: 0 all the same, 1 one film only."""
    counts = np.sort(np.bincount(films.ravel(), minlength=catalogue))
    cumulated = np.cumsum(counts) / counts.sum()
    return float(1 + 1 / catalogue - 2 * cumulated.sum() / catalogue)
