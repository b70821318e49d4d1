"""The same recommenders, two questions: in time, and with random films held out."""

from collections.abc import Mapping

import numpy as np

from ..evaluate import COMPARED, Evidence
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import Interval, bootstrap, compared, decimal
from ..kit.workspace import Workspace
from ..model import MODEL, NEIGHBOURS, POPULAR, RECENT
from ..protocols import PERSONAL
from ..ranking import Lists


def study(workspace: Workspace, evaluated: Evidence) -> Study:
    """Every recommender under both protocols."""
    share = workspace.config["random"]["test_share"]
    table = protocols_table(evaluated, f"random {share:.0%}".replace("%", " %"))
    return Study(
        title="The same recommenders, two questions",
        text="In time, everything is fitted on what came before a day and asked what people chose "
        "after it. Under the random protocol of many papers a share of each person's films, drawn "
        "at random, is held out, and what came later may help to explain what came before. What "
        "is recent has a meaning in time only.",
        tables={"protocols": table},
        figures={"protocols": draw(workspace, table)},
        notes={"random": random_note(evaluated.random, evaluated.seed)},
    )


def protocols_table(evidence: Evidence, by_random: str) -> Table:
    """One row a recommender, one column a protocol."""
    random = evidence.random
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
