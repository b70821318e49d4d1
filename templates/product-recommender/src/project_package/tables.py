"""The tables and sentences of the write-up."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .evidence import PERSONAL, Evidence
from .kit.results import EACH_ALONE, Table
from .kit.statistics import Interval, bootstrap, decimal, verdict
from .model import ADVENTURES, MODEL, NEIGHBOURS, POPULAR, RECENT, adventurous
from .model import fit_recent_popularity as fit_recent
from .newcomers import PICKS, Newcomers
from .ranking import Lists, coverage, gini, head_share, measure, novelty

AGES = ((0, 24), (25, 34), (35, 49), (50, 120))
SHOWN = (POPULAR, RECENT, NEIGHBOURS, PERSONAL, MODEL)


def settings(evidence: Evidence) -> Table:
    """What was chosen at each origin; no number here comes from after it."""

    def words(found: Mapping[str, Any]) -> str:
        return ", ".join(f"{key} {value:g}" for key, value in found.items())

    rows = [
        [origin.day, *map(words, evidence.training["chosen"][str(origin.period)].values())]
        for origin in evidence.origins
    ]
    return Table(
        "Settings at each origin: those with the highest NDCG@10 on the last tenth of its past, "
        "fitted on what came before that.",
        ["origin", RECENT, NEIGHBOURS, "EASE", "trend"],
        rows,
    )


def protocols(evidence: Evidence, random: Mapping[str, Lists]) -> Table:
    """Every recommender under both protocols."""
    rows = [
        [
            f"**{name}**" if name == MODEL else name,
            evidence.interval(evidence.pooled(name, "ndcg")),
            bootstrap(np.mean, random[name].ndcg, seed=evidence.seed) if name in random else "–",
        ]
        for name in SHOWN
    ]
    return Table(
        "NDCG@10 with 95 % intervals over people. What is recent has a meaning in time only.",
        ["recommender", "in time", "random 20 %"],
        rows,
    )


def origins(evidence: Evidence) -> Table:
    """The origins one by one, with who is left out; the last row is the sealed test set."""
    rows = []
    for place, origin in enumerate(evidence.origins):
        new_films = np.setdiff1d(origin.future.films, origin.past.films)
        found = {name: evidence.lists[name][place].ndcg for name in SHOWN}
        people = evidence.lists[MODEL][place].people
        gain = bootstrap(np.mean, found[MODEL] - found[RECENT], groups=people, seed=evidence.seed)
        rows.append(
            [
                origin.day,
                len(origin.past.people),
                len(np.unique(origin.future.people)),
                len(np.unique(origin.newcomers.people)),
                len(new_films),
                *(float(ndcg.mean()) for ndcg in found.values()),
                gain.signed,
            ]
        )
    return Table(
        "NDCG@10 at each origin. Newcomers have no past and get no list; new films, which nobody "
        f"had rated before, count as misses. The last column is {MODEL} minus {RECENT}; the last "
        "row is the sealed test set alone.",
        ["origin", "past ratings", "people", "newcomers", "new films", *SHOWN, "difference"],
        rows,
    )


def beyond(evidence: Evidence) -> Table:
    """What accuracy does not show: how much of the catalogue is used, and how well known it is."""
    rows = [
        [name, *_beyond(evidence, [lists.films for lists in evidence.lists[name]])]
        for name in SHOWN
    ]
    chosen = [origin.future.films[:, None] for origin in evidence.origins]
    rows.append(["what people chose", *_beyond(evidence, chosen)])
    return Table(
        "Coverage: share of the catalogue recommended to anybody. Novelty: mean surprise in bits. "
        "Head: share that belongs to the best-known tenth of the films. Gini: 0 if all films are "
        "recommended equally often.",
        ["recommender", "coverage", "novelty", "head", "Gini"],
        rows,
    )


def _beyond(evidence: Evidence, films: list[NDArray]) -> list[float]:
    """Each origin's films against what was known at that origin; the coverage is over all."""
    catalogue = evidence.everything.shape[1]
    known = [(saved.popularity, saved.people) for saved in evidence.models]
    surprise = [novelty(own, *who).mean() for own, who in zip(films, known, strict=True)]
    head = [head_share(own, who[0]) for own, who in zip(films, known, strict=True)]
    weights = [len(own) for own in films]
    everywhere = np.concatenate([own.ravel() for own in films])
    return [
        coverage(everywhere, catalogue),
        float(np.average(surprise, weights=weights)),
        float(np.average(head, weights=weights)),
        gini(everywhere, catalogue),
    ]


def adventure(evidence: Evidence) -> Table:
    """What the page's slider costs: lists with well-known films marked down."""
    rows: list[list[Any]] = []
    for power in ADVENTURES:
        lists = [
            measure(
                adventurous(saved.recommender, saved.popularity, power),
                origin.past.matrix,
                origin.future.matrix,
            )
            for origin, saved in zip(evidence.origins, evidence.models, strict=True)
        ]
        ndcg = np.concatenate([found.ndcg for found in lists])
        shown = _beyond(evidence, [found.films for found in lists])[:3]
        rows.append([f"{power:g}", evidence.interval(ndcg), *shown])
    return Table(
        "The slider of the page: scores divided by the power of a film's popularity.",
        ["power", "NDCG@10", "coverage", "novelty", "head"],
        rows,
    )


def newcomers(newcomers: Newcomers, seed: int) -> Table:
    """Lists for people without a past, after their first few films."""
    rows: list[list[Any]] = [
        [f"{picks}", bootstrap(np.mean, newcomers.by_picks[picks], seed=seed)] for picks in PICKS
    ]
    rows += [
        [f"{name}, no picks", bootstrap(np.mean, newcomers.for_all[name], seed=seed)]
        for name in newcomers.for_all
    ]
    return Table(
        f"NDCG@10 for {len(newcomers.for_all)} people who were new at an origin, by the number of "
        f"their first films that the model is told; measured on what they chose after {PICKS[-1]}. "
        "Those first ones are in no list, whether told or not.",
        ["films picked", "NDCG@10"],
        rows,
    )


def slices(evidence: Evidence) -> Table:
    """NDCG@10 of the model, and its difference from recent popularity, by kind of person."""
    users = evidence.users.iloc[evidence.people]
    activity = np.concatenate(
        [
            np.bincount(origin.past.people, minlength=len(evidence.users))[lists.people]
            for origin, lists in zip(evidence.origins, evidence.lists[MODEL], strict=True)
        ]
    )
    quarters = np.quantile(activity, [0, 0.25, 0.5, 0.75, 1])
    slices: dict[str, NDArray[np.bool_]] = {}
    for number, (low, high) in enumerate(pairwise(quarters)):
        lowest = activity >= low if number == 0 else activity > low
        slices[f"{low + (number > 0):.0f} to {high:.0f} films known"] = lowest & (activity <= high)
    for letter, word in (("F", "women"), ("M", "men")):
        slices[word] = (users.gender == letter).to_numpy()
    for low, high in AGES:
        slices[f"aged {low} to {high}"] = users.age.between(low, high).to_numpy()
    model = evidence.pooled(MODEL, "ndcg")
    gain = model - evidence.pooled(RECENT, "ndcg")
    rows = [
        [
            name,
            int(rows.sum()),
            evidence.interval(model[rows], rows),
            evidence.interval(gain[rows], rows).signed,
        ]
        for name, rows in slices.items()
        if rows.any()
    ]
    return Table(
        f"NDCG@10 by kind of person. {EACH_ALONE}",
        ["people", "lists", "NDCG@10", f"minus {RECENT}"],
        rows,
    )


def fame(evidence: Evidence) -> Table:
    """Of the films chosen, by degree of fame at that origin, the share that stood among the ten."""
    known_to, hit, person = [], [], []
    for origin, saved, lists in zip(
        evidence.origins, evidence.models, evidence.lists[MODEL], strict=True
    ):
        found = np.zeros(evidence.everything.shape, dtype=bool)
        found[lists.people[:, None], lists.films] = True
        known_to.append(saved.popularity[origin.future.films])
        hit.append(found[origin.future.people, origin.future.films])
        person.append(origin.future.people)
    known, hits, people = map(np.concatenate, (known_to, hit, person))
    rows: list[list[Any]] = []
    for label, low, high in (
        ("nobody", 0, 0), ("1 to 9 people", 1, 9), ("10 to 49", 10, 49),
        ("50 to 149", 50, 149), ("150 and more", 150, 10**9),
    ):  # fmt: skip
        chosen = (known >= low) & (known <= high)
        if chosen.any():
            options = {"groups": people[chosen], "seed": evidence.seed}
            rows.append([label, int(chosen.sum()), bootstrap(np.mean, hits[chosen], **options)])
    return Table(
        "Share of the films chosen that was among the ten, by how many people knew the film. "
        f"{EACH_ALONE}",
        ["known to", "chosen", "found"],
        rows,
    )


def errors(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    return Table(
        f"The {len(errors)} lists with most known of a person and all ten wrong: rank of the best "
        "film that was chosen, and how many people know their films (median). All of it: "
        "reports/errors.csv.",
        ["list", "films known", "chosen", "best rank", "fame of known", "fame of chosen",
         "recommended first"],
        errors.to_numpy().tolist(),
    )  # fmt: skip


def recency_note(evidence: Evidence) -> str:
    """What is left against the window that hindsight would choose, and against EASE alone."""
    windows = {
        days: np.concatenate(
            [
                measure(fit_recent(o.past, days), o.past.matrix, o.future.matrix).ndcg
                for o in evidence.origins
            ]
        )
        for days in evidence.training["grids"]["recent"]["days"]
    }
    days = max(windows, key=lambda days: windows[days].mean())
    model, personal = evidence.pooled(MODEL, "ndcg"), evidence.pooled(PERSONAL, "ndcg")
    hindsight = evidence.interval(model - windows[days])
    return (
        f"The window of {RECENT} is chosen before each origin, like all settings. The one that "
        f"was best over all origins, which nobody could know, has {days} days and "
        f"{decimal(windows[days].mean())}; the model's difference from it is "
        f"{_compared(hindsight)}. EASE without the trend reaches {decimal(personal.mean())}; its "
        f"difference from {RECENT} is "
        f"{_compared(evidence.interval(personal - evidence.pooled(RECENT, 'ndcg')))}."
    )


def random_note(random: Mapping[str, Lists], seed: int) -> str:
    """The protocol of most papers, against its own strongest simple method."""
    own, other = random[PERSONAL].ndcg, random[NEIGHBOURS].ndcg
    gain = bootstrap(np.mean, own - other, seed=seed)
    return (
        f"With a fifth of each person's films drawn at random and held out, {PERSONAL} reaches "
        f"{decimal(own.mean())}, {NEIGHBOURS} {decimal(other.mean())}, {POPULAR} "
        f"{decimal(random[POPULAR].ndcg.mean())}; {PERSONAL} minus {NEIGHBOURS}: {_compared(gain)}."
    )


def newcomers_note(newcomers: Newcomers, seed: int) -> str:
    """Is a newcomer served by these lists, or by one that is the same for all?"""
    best = str(newcomers.for_all.mean().idxmax())

    def gain(picks: int) -> str:
        difference = newcomers.by_picks[picks] - newcomers.for_all[best]
        return _compared(bootstrap(np.mean, difference, seed=seed))

    few, many = PICKS[-2:]
    return (
        f"For somebody new, told {few} films, the lists minus {best}, the same for everybody: "
        f"{gain(few)}; told {many}: {gain(many)}."
    )


def cold_note(evidence: Evidence) -> str:
    """Who and what the headline leaves out."""
    people = sum(len(np.unique(origin.newcomers.people)) for origin in evidence.origins)
    lost = sum(len(origin.newcomers.people) for origin in evidence.origins)
    new = sum((~np.isin(o.future.films, o.past.films)).sum() for o in evidence.origins)
    scored = sum(len(origin.future.people) for origin in evidence.origins)
    return (
        f"{len(evidence.people)} lists of {len(np.unique(evidence.people))} people are scored. "
        f"{people} people were new at one of the origins: {lost:,} of {lost + scored:,} ratings "
        f"after an origin are theirs and are in no list. {new} of the {scored:,} ratings that are "
        "scored are of films nobody had rated before, and count as misses."
    )


def _compared(gap: Interval) -> str:
    return f"{gap.signed} ({verdict(gap, True)})"
