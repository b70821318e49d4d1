"""The tables and sentences of the write-up."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from .evidence import Evidence
from .intervals import Interval, bootstrap
from .model import ADVENTURES, BASELINE, adventurous, fit_popularity
from .newcomers import PICKS, Newcomers
from .protocols import last_of_each, random_split
from .ranking import Lists, coverage, gini, head_share, measure, novelty
from .results import Table
from .timeline import RECENT, Rolling, blend_name

MOST_RECOMMENDED = 10
SPLITS = 5
AGES = ((0, 24), (25, 34), (35, 49), (50, 120))


def candidates(training: Mapping[str, Any]) -> Table:
    """What the choice rested on; no number here comes from the test part."""
    rows = [
        [
            ("**chosen:** " if name == training["chosen"] else "") + name,
            ", ".join(f"{key} {value:g}" for key, value in found["settings"].items()),
            found["tried"],
            found["ndcg"],
            f"{found['seconds']:.0f} s",
        ]
        for name, found in training["candidates"].items()
    ]
    return Table(
        "The best settings of each candidate on the validation part. Chosen is the simplest whose "
        "gap to the best is within one standard error.",
        ["candidate", "settings", "tried", "NDCG@10", "time"],
        rows,
    )


def protocols(
    evidence: Evidence, lists: Mapping[str, Lists], newest: Mapping[str, Lists], rolling: Rolling
) -> Table:
    """Every recommender under the three protocols side by side."""

    def interval(ndcg: Any, groups: Any = None) -> Interval:
        return bootstrap(np.mean, ndcg, groups=groups, seed=evidence.seed)

    rows = [
        [
            f"**{name}**" if name == evidence.chosen else name,
            interval(lists[name].ndcg) if name in lists else "–",
            interval(newest[name].ndcg) if name in newest else "–",
            interval(rolling.ndcg[name], rolling.ndcg.person),
        ]
        for name in rolling.ndcg.columns.drop(["origin", "person"])
    ]
    return Table(
        "NDCG@10 with 95 % intervals. Recent popularity looks at the days before a cut, so it "
        "has a meaning on the time line only.",
        ["recommender", "random 20 %", "last film", "rolling origin"],
        rows,
    )


def origins(rolling: Rolling, chosen: str) -> Table:
    """The rolling evaluation, one row an origin; the last is the 90/10 split in time."""
    shown = [BASELINE, RECENT, chosen, blend_name(chosen)]
    means = rolling.ndcg.groupby("origin")[shown].mean()
    rows = [
        [
            origin.day,
            len(origin.past.people),
            origin.people,
            origin.newcomers,
            origin.new_films,
            f"{days:g}",
            *(float(means.loc[number, name]) for name in shown),
        ]
        for number, (origin, days) in enumerate(
            zip(rolling.origins, rolling.recent_days, strict=True)
        )
    ]
    return Table(
        "NDCG@10 at each origin. Newcomers have no past and get no list; new films cannot be "
        "recommended by anything here. What counts as recent was chosen before each origin.",
        ["origin", "past ratings", "people", "newcomers", "new films", "recent days", *shown],
        rows,
    )


def ties(evidence: Evidence) -> Table:
    """How much the last film depends on which of several equally new ones is called the last."""
    everything = evidence.everything
    random = np.random.default_rng(evidence.seed).permutation(len(everything.films))
    orders = {
        "highest film number": everything.films,
        "lowest film number": -everything.films,
        "drawn at random": random,
    }
    rows: list[list[Any]] = []
    for label, tie_breaker in orders.items():
        last = last_of_each(everything.people, everything.times, tie_breaker)
        known, newest = everything.where(~last), everything.where(last)
        by_model = measure(evidence.recipe(known), known.matrix, newest.matrix)
        by_baseline = measure(fit_popularity(known), known.matrix, newest.matrix)
        rows.append([label, float(by_baseline.ndcg.mean()), float(by_model.ndcg.mean())])
    return Table(
        "The same protocol, the last film, with three ways to break ties (NDCG@10).",
        ["last of several in one second", BASELINE, evidence.chosen],
        rows,
    )


def splits(evidence: Evidence) -> Table:
    """How much the headline moves with the draw of the split, and iALS with its random start."""
    everything = evidence.everything
    by_split: dict[str, list[float]] = {BASELINE: [], evidence.chosen: []}
    for seed in tqdm(
        range(evidence.seed, evidence.seed + SPLITS), desc="other splits", unit="split"
    ):
        part = random_split(everything.people, seed)
        known, held_out = everything.where(part < 2), everything.where(part == 2)
        for name, values in by_split.items():
            recommender = fit_popularity(known) if name == BASELINE else evidence.recipe(known)
            values.append(float(measure(recommender, known.matrix, held_out.matrix).ndcg.mean()))
    known, held_out = evidence.known, evidence.held_out
    restarts = [
        measure(recipe(known), known.matrix, held_out.matrix).ndcg.mean()
        for recipe in evidence.restarts
    ]
    rows = [[f"{name}, {SPLITS} splits", *_spread(values)] for name, values in by_split.items()] + [
        [f"iALS, {len(restarts)} random starts", *_spread(restarts)]
    ]
    return Table(
        "NDCG@10 of the random protocol over other draws, settings unchanged.",
        ["what was drawn again", "mean", "standard deviation", "lowest", "highest"],
        rows,
    )


def _spread(values: Any) -> list[float]:
    return [
        float(np.mean(values)),
        float(np.std(values, ddof=1)),
        float(np.min(values)),
        float(np.max(values)),
    ]


def beyond(evidence: Evidence, lists: Mapping[str, Lists]) -> Table:
    """What accuracy does not show: how much of the catalogue is used, and how well known it is."""
    rows = [[name, *_beyond(evidence, found.films)] for name, found in lists.items()]
    rows.append(["what people chose", *_beyond(evidence, evidence.held_out.films[:, None])])
    return Table(
        "Coverage: share of the catalogue recommended to anybody. Novelty: mean surprise in bits. "
        "Head: share that belongs to the best-known tenth of the films. Gini: 0 if all films are "
        "recommended equally often.",
        ["recommender", "coverage", "novelty", "head", "Gini"],
        rows,
    )


def _beyond(evidence: Evidence, films: NDArray[np.intp]) -> list[float]:
    people, catalogue = evidence.known.shape
    popularity = evidence.known.popularity
    return [
        coverage(films, catalogue),
        float(novelty(films, popularity, people).mean()),
        head_share(films, popularity),
        gini(films, catalogue),
    ]


def bias(evidence: Evidence, lists: Mapping[str, Lists]) -> pd.DataFrame:
    """Share of recommendations and of choices for each tenth of the catalogue by popularity."""
    order = np.argsort(-evidence.known.popularity, kind="stable")
    tenth = np.empty(len(order), dtype=int)
    tenth[order] = np.arange(len(order)) * 10 // len(order)

    def shares(films: NDArray) -> NDArray:
        return np.bincount(tenth[films.ravel()], minlength=10) / films.size

    return pd.DataFrame(
        {
            "choices": shares(evidence.held_out.films),
            "model": shares(lists[evidence.chosen].films),
            "baseline": shares(lists[BASELINE].films),
        }
    )


def adventure(evidence: Evidence) -> Table:
    """What the page's slider costs: lists with well-known films marked down."""
    rows: list[list[Any]] = []
    known, popularity = evidence.known, evidence.known.popularity
    for adventure in ADVENTURES:
        recommender = adventurous(evidence.saved.recommender, popularity, adventure)
        lists = measure(recommender, known.matrix, evidence.held_out.matrix)
        rows.append(
            [
                f"{adventure:g}",
                bootstrap(np.mean, lists.ndcg, seed=evidence.seed),
                *_beyond(evidence, lists.films)[:3],
            ]
        )
    return Table(
        "The slider of the page: scores divided by the power of a film's popularity.",
        ["power", "NDCG@10", "coverage", "novelty", "head"],
        rows,
    )


def newcomers(newcomers: Newcomers, seed: int) -> Table:
    """Lists for people the recommender was not fitted on, after a few random picks."""
    rows: list[list[Any]] = [
        [f"{picks}", bootstrap(np.mean, newcomers.by_picks[picks], seed=seed)] for picks in PICKS
    ]
    rows.append([f"{BASELINE}, no picks", bootstrap(np.mean, newcomers.popularity, seed=seed)])
    return Table(
        "NDCG@10 for people left out of training, by the number of films they pick.",
        ["films picked", "NDCG@10"],
        rows,
    )


def slices(evidence: Evidence, lists: Lists) -> Table:
    """NDCG@10 and popularity's, by how active people are, by gender and by age."""
    baseline = measure(
        fit_popularity(evidence.known), evidence.known.matrix, evidence.held_out.matrix
    )
    users = evidence.users.iloc[lists.people]
    activity = np.bincount(evidence.known.people, minlength=len(evidence.users))[lists.people]
    quarters = np.quantile(activity, [0, 0.25, 0.5, 0.75, 1])
    slices: dict[str, NDArray[np.bool_]] = {}
    for number, (low, high) in enumerate(pairwise(quarters)):
        lowest = activity >= low if number == 0 else activity > low
        slices[f"{low + (number > 0):.0f} to {high:.0f} films known"] = lowest & (activity <= high)
    for letter, word in (("F", "women"), ("M", "men")):
        slices[word] = (users.gender == letter).to_numpy()
    for low, high in AGES:
        slices[f"aged {low} to {high}"] = users.age.between(low, high).to_numpy()
    rows = [
        [
            name,
            int(chosen.sum()),
            bootstrap(np.mean, lists.ndcg[chosen], seed=evidence.seed),
            float(baseline.ndcg[chosen].mean()),
        ]
        for name, chosen in slices.items()
        if chosen.any()
    ]
    return Table(
        "NDCG@10 by kind of person (active people have more held out, so more can be hit).",
        ["people", "n", "NDCG@10", BASELINE],
        rows,
    )


def fame(evidence: Evidence, lists: Lists) -> Table:
    """Of the held-out films of each degree of fame, the share that stood among the ten."""
    fame = evidence.known.popularity
    found = np.zeros(evidence.known.shape, dtype=bool)
    found[lists.people[:, None], lists.films] = True
    hit = found[evidence.held_out.people, evidence.held_out.films]
    rows: list[list[Any]] = []
    for label, low, high in (
        ("nobody", 0, 0), ("1 to 9 people", 1, 9), ("10 to 49", 10, 49),
        ("50 to 149", 50, 149), ("150 and more", 150, 10**9),
    ):  # fmt: skip
        chosen = (fame[evidence.held_out.films] >= low) & (fame[evidence.held_out.films] <= high)
        if chosen.any():
            groups = evidence.held_out.people[chosen]
            interval = bootstrap(np.mean, hit[chosen], groups=groups, seed=evidence.seed)
            rows.append(
                [label, int(((fame >= low) & (fame <= high)).sum()), int(chosen.sum()), interval]
            )
    return Table(
        "Share of the held-out films that was among the ten, by how many people know the film.",
        ["known to", "films", "held out", "found"],
        rows,
    )


def favourites(evidence: Evidence, lists: Lists) -> Table:
    """The films recommended most often, and how often that was right."""
    films, counts = np.unique(lists.films, return_counts=True)
    right = np.bincount(lists.films[lists.hits], minlength=evidence.known.shape[1])
    order = np.argsort(-counts, kind="stable")[:MOST_RECOMMENDED]
    rows = [
        [
            evidence.title(film),
            int(evidence.known.popularity[film]),
            int(count),
            float(right[film] / count),
        ]
        for film, count in zip(films[order], counts[order], strict=True)
    ]
    return Table(
        "The films recommended to most people, and the share of those who had chosen it.",
        ["film", "known to", "recommended to", "right"],
        rows,
    )


def errors(errors: pd.DataFrame) -> Table:
    """The worst errors as the write-up shows them."""
    return Table(
        f"The {len(errors)} people of whom most was known and whose ten were all wrong: rank of "
        "their best held-out film, and how many people know their films (median). "
        "All of it: reports/errors.csv.",
        ["user", "films known", "held out", "best rank", "fame of known", "fame of held out",
         "recommended first"],
        errors.to_numpy().tolist(),
    )  # fmt: skip


def recency_note(rolling: Rolling, evidence: Evidence) -> str:
    """Does recent popularity beat the personal recommender on the time line? With its interval."""
    table, chosen = rolling.ndcg, evidence.chosen
    recent, personal = table[RECENT], table[chosen]
    blend = table[blend_name(chosen)]
    gap = bootstrap(np.mean, recent - personal, groups=table.person, seed=evidence.seed)
    gain = bootstrap(np.mean, blend - recent, groups=table.person, seed=evidence.seed)
    return (
        f"Asked what people choose after a given day, a list of what was popular lately, the same "
        f"for everybody, reaches NDCG@10 {recent.mean():.3f}; {chosen} {personal.mean():.3f}. The "
        f"paired difference is {_signed(gap)}: {_verdict(gap, 'recency', 'the personal list')}. "
        f"Both together reach {blend.mean():.3f}, {_signed(gain)} against recency alone "
        f"({len(table):,} lists at {len(rolling.origins)} origins)."
    )


def last_note(newest: Mapping[str, Lists], evidence: Evidence) -> str:
    """The gain over popularity where the newest film is held out."""
    gain = newest[evidence.chosen].ndcg - newest[BASELINE].ndcg
    interval = bootstrap(np.mean, gain, seed=evidence.seed)
    return (
        f"Holding out each person's newest film, {evidence.chosen} gains {_signed(interval)} over "
        f"{BASELINE} ({newest[BASELINE].ndcg.mean():.3f})."
    )


def newcomers_note(newcomers: Newcomers, seed: int) -> str:
    """From how many picks on a newcomer is served better than by popularity."""
    for picks in PICKS:
        gain = bootstrap(np.mean, newcomers.by_picks[picks] - newcomers.popularity, seed=seed)
        if gain.low > 0:
            return (
                f"For somebody new, {picks} picked film{'s' * (picks > 1)} are enough to beat "
                f"{BASELINE} ({_signed(gain)} NDCG@10)."
            )
    return f"Even {PICKS[-1]} picked films do not clearly beat {BASELINE} for somebody new."


def shuffled_note(evidence: Evidence, lists: Mapping[str, Lists]) -> str:
    """What is left when the films of all ratings are dealt anew to the people."""
    known = evidence.known.shuffled(evidence.seed)
    scrambled = evidence.recipe(known)
    left = measure(scrambled, evidence.known.matrix, evidence.held_out.matrix)
    return (
        f"Fitted with the films of all training ratings dealt anew to the people, "
        f"{evidence.chosen} reaches {left.ndcg.mean():.3f}, where it reaches "
        f"{lists[evidence.chosen].ndcg.mean():.3f} with the real ones and {BASELINE} "
        f"{lists[BASELINE].ndcg.mean():.3f}. A score that survived this would be a leak."
    )


def cold_note(evidence: Evidence) -> str:
    """Who and what the random protocol cannot serve."""
    known, held_out = evidence.known, evidence.held_out
    cold_people = np.setdiff1d(held_out.people, known.people)
    cold = np.setdiff1d(held_out.films, known.films)
    lost = int(np.isin(held_out.films, cold).sum())
    return (
        f"{len(cold_people)} people and {len(cold)} films of the test part have nothing in "
        f"training; {lost} of {len(held_out.films):,} held-out ratings are of such films and "
        "count as misses."
    )


def _verdict(gap: Interval, above: str, below: str) -> str:
    if gap.low > 0:
        return f"{above} wins"
    return f"{below} wins" if gap.high < 0 else "no clear difference"


def _signed(gap: Interval) -> str:
    return f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"
