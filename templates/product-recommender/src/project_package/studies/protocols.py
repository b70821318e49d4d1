"""The same recommenders, two questions: in time, and with random films held out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluate import COMPARED, Evidence
from ..kit import figures
from ..kit.results import Picture, Score, Study, Table
from ..kit.statistics import Interval, bootstrap, compared, decimal
from ..kit.workspace import Workspace
from ..model import (
    MODEL,
    NEIGHBOURS,
    PERSONAL,
    POPULAR,
    RECENT,
    Interactions,
    Recommender,
    fit_ease,
    fit_item_knn,
    fit_popularity,
)
from ..ranking import Lists, best_settings, make_lists


def study(workspace: Workspace, evaluated: Evidence) -> Study:
    """Every recommender under both protocols."""
    random = random_lists(evaluated.everything, workspace.config)
    share = f"random {workspace.config['random']['test_share'] * 100:g} %"
    table = protocols_table(evaluated, random, share)
    score = bootstrap(np.mean, random[PERSONAL].ndcg, seed=evaluated.seed)
    return Study(
        title="The same recommenders, two questions",
        text="In time, everything is fitted on what came before a day and asked what people chose "
        "after it. Under the random protocol of many papers a share of each person's films, drawn "
        "at random, is held out, and what came later may help to explain what came before. What "
        "is recent has a meaning in time only.",
        tables={"protocols": table},
        figures={"protocols": draw(workspace, table)},
        notes={"random": random_note(random, evaluated.seed)},
        scores={"ndcg_at_10_random": Score(f"NDCG@10 of {PERSONAL}, random protocol", score)},
    )


def random_split(
    people: NDArray, test_share: float, validation_share: float, seed: int
) -> NDArray[np.int64]:
    """0, 1 or 2 for every interaction: known, validation or test, drawn for each person."""
    random = np.random.default_rng(seed)
    part = np.zeros(len(people), dtype=np.int64)
    for person in np.unique(people):
        rows = random.permutation(np.flatnonzero(people == person))
        tests, validations = int(test_share * len(rows)), int(validation_share * len(rows))
        part[rows[:tests]] = 2
        part[rows[tests : tests + validations]] = 1
    return part


def random_lists(everything: Interactions, config: Mapping[str, Any]) -> dict[str, Lists]:
    """Lists where a share of each person's films, drawn at random, is held out.

    Settings are chosen on a further share, which then joins what is known.
    """
    own, grids = config["random"], config["baselines"]
    shares = own["test_share"], own["validation_share"]
    part = random_split(everything.people, *shares, config["seed"])
    train, validation, test = (everything.where(part == number) for number in range(3))
    known = everything.where(part < 2)
    recommenders: dict[str, Recommender] = {POPULAR: fit_popularity(known)}
    tried = {
        NEIGHBOURS: (fit_item_knn, grids["neighbours"]),
        PERSONAL: (fit_ease, {"penalty": own["penalty"]}),
    }
    for name, (fit, values) in tried.items():
        recommenders[name] = fit(known, **best_settings(fit, values, train, validation))
    return {
        name: make_lists(recommender, known.matrix, test.matrix)
        for name, recommender in recommenders.items()
    }


def protocols_table(evidence: Evidence, random: Mapping[str, Lists], by_random: str) -> Table:
    """One row a recommender, one column a protocol."""
    rows = [
        [
            f"**{name}**" if name == MODEL else name,
            evidence.interval(evidence.pooled(name, "ndcg")),
            bootstrap(np.mean, random[name].ndcg, seed=evidence.seed) if name in random else "–",
        ]
        for name in COMPARED
    ]
    caption = "NDCG@10 with 95 % intervals over people."
    return Table(caption, ["recommender", "in time", by_random], rows)


def random_note(random: Mapping[str, Lists], seed: int) -> str:
    """The protocol of many papers, against its own strongest simple method."""
    own, other = random[PERSONAL].ndcg, random[NEIGHBOURS].ndcg
    gain = bootstrap(np.mean, own - other, seed=seed)
    return (
        f"With films drawn at random and held out, {PERSONAL} reaches {decimal(own.mean())}, "
        f"{NEIGHBOURS} {decimal(other.mean())}, {POPULAR} "
        f"{decimal(random[POPULAR].ndcg.mean())}; {PERSONAL} minus {NEIGHBOURS}: {compared(gain)}."
    )


def draw(workspace: Workspace, protocols: Table) -> Picture:
    """One panel a protocol, one bar a recommender."""
    names = [str(row[0]).strip("*") for row in protocols.rows]
    colours = {POPULAR: figures.BASELINE, RECENT: figures.BASELINE, MODEL: figures.MODEL}
    with figures.figure(workspace.figures / "protocols", width=9, height=3.2) as (drawing, axes):
        axes.remove()
        panels = drawing.subplots(1, len(protocols.columns) - 1, sharey=True)
        for column, panel in enumerate(panels, start=1):
            for place, (name, row) in enumerate(zip(names, protocols.rows, strict=True)):
                value = row[column]
                if isinstance(value, Interval):
                    error = [[value.value - value.low], [value.high - value.value]]
                    colour = colours.get(name, figures.OTHER)
                    panel.barh(place, value.value, color=colour, height=0.7)
                    panel.errorbar(value.value, place, xerr=error, color=figures.INK, linewidth=2)
            panel.set_title(protocols.columns[column])
            panel.grid(visible=False, axis="y")
        panels[0].set_yticks(range(len(names)), names)
        panels[0].invert_yaxis()
        drawing.supxlabel("NDCG@10", color=figures.INK)
    return Picture(
        "NDCG@10 under both protocols, with 95 % intervals. They answer different questions.",
        "Bars of NDCG at ten for each recommender in time and under the random protocol.",
    )
