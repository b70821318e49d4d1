"""Cold start: how good are the lists for somebody new, who picks only a few films?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..evaluate import Evidence
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import bootstrap, compared
from ..kit.workspace import Workspace
from ..model import POPULAR, RECENT, fit_popularity, fit_recent_popularity
from ..ranking import make_lists


@dataclass(frozen=True)
class Newcomers:
    """NDCG@10 by person, one column for each number of picks, and one for each list for all."""

    by_picks: pd.DataFrame
    for_all: pd.DataFrame


def study(workspace: Workspace, evaluated: Evidence) -> Study:
    """Lists after the first few films of everybody who was new at an origin."""
    picks, seed = workspace.config["evaluate"]["picks"], evaluated.seed
    found = measure_newcomers(evaluated, picks)
    return Study(
        title="Somebody new",
        text="At each origin there are people without a past (cold start). Their first films, in "
        "order of time, are taken for picks, and the lists are measured on what they chose after "
        f"the first {max(picks)}. Those first ones are in no list, whether the model is told of "
        "them or not.",
        tables={"newcomers": newcomers_table(found, seed)},
        figures={"newcomers": draw(workspace, found)},
        notes={"cold": cold_note(evaluated), "newcomers": newcomers_note(found, seed)},
    )


def measure_newcomers(evidence: Evidence, picks: Sequence[int]) -> Newcomers:
    """Lists by the model, told more and more, and those that are the same for everybody."""
    by_picks, for_all = [], []
    for origin, saved, _ in evidence.rounds:
        own = origin.newcomers
        order = np.lexsort((own.times, own.people))
        place = np.empty(len(order), dtype=int)
        place[order] = np.arange(len(order)) - np.searchsorted(own.people[order], own.people[order])
        first, later = (
            own.where(rows).matrix for rows in (place < max(picks), place >= max(picks))
        )
        told = {
            number: make_lists(
                saved.recommender, own.where(place < number).matrix, later, hidden=first
            )
            for number in picks
        }
        days = evidence.training["chosen"][str(origin.period)]["recent"]
        same = {
            POPULAR: make_lists(fit_popularity(origin.past), first, later),
            RECENT: make_lists(fit_recent_popularity(origin.past, **days), first, later),
        }
        for frames, lists in ((by_picks, told), (for_all, same)):
            frames.append(pd.DataFrame({name: each.ndcg for name, each in lists.items()}))
    return Newcomers(pd.concat(by_picks, ignore_index=True), pd.concat(for_all, ignore_index=True))


def newcomers_table(newcomers: Newcomers, seed: int) -> Table:
    """One row for each number of picks, one for each list for all."""
    rows = [
        [f"{name}{more}", bootstrap(np.mean, values, seed=seed)]
        for table, more in ((newcomers.by_picks, ""), (newcomers.for_all, ", no picks"))
        for name, values in table.items()
    ]
    return Table(
        f"NDCG@10 for {len(newcomers.for_all)} people who were new at an origin, by the number of "
        "their first films that the model is told.",
        ["films picked", "NDCG@10"],
        rows,
    )


def newcomers_note(newcomers: Newcomers, seed: int) -> str:
    """Is a newcomer served by these lists, or by one that is the same for all?"""
    best = str(newcomers.for_all.mean().idxmax())
    gains = [
        f"told {picks}: {compared(bootstrap(np.mean, own - newcomers.for_all[best], seed=seed))}"
        for picks, own in list(newcomers.by_picks.items())[-2:]
    ]
    return f"For somebody new, the lists minus {best}, the same for everybody: {'; '.join(gains)}."


def draw(workspace: Workspace, newcomers: Newcomers) -> Picture:
    """NDCG by the number of picked films, with the lists for all as levels."""
    picks = list(newcomers.by_picks)
    with figures.figure(workspace.figures / "newcomers") as (_, axes):
        axes.plot(picks, newcomers.by_picks.mean(), "o-", color=figures.MODEL, label="after picks")
        for name, line in ((POPULAR, "--"), (RECENT, "-")):
            level = newcomers.for_all[name].mean()
            axes.axhline(level, color=figures.BASELINE, linestyle=line, label=name)
        axes.set_xscale("log")
        axes.set_xticks(picks, [str(number) for number in picks])
        axes.minorticks_off()
        axes.set(xlabel="films picked", ylabel="NDCG@10", ylim=(0, None))
        axes.legend(loc="lower right")
    return Picture(
        "NDCG@10 for people without a past, by the number of their films that are known.",
        "A line over the number of picked films; popularity and recent popularity as levels.",
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
        f"after an origin are theirs and are in no list (cold start). {new} of the {scored:,} "
        "ratings that are scored are of films nobody had rated before, and count as misses."
    )
