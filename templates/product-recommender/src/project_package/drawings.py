"""The figures of the write-up."""

import numpy as np

from .evidence import Evidence
from .kit import figures
from .kit.results import Picture, Table
from .kit.statistics import Interval
from .kit.workspace import Workspace
from .model import MODEL, POPULAR, RECENT
from .newcomers import PICKS, Newcomers

COLOURS = {POPULAR: figures.BASELINE, RECENT: figures.BASELINE, MODEL: figures.MODEL}


def draw(
    workspace: Workspace, evidence: Evidence, protocols: Table, newcomers: Newcomers
) -> dict[str, Picture]:
    """Draw all figures; returns what they show, by name."""
    draw_protocols(workspace, protocols)
    draw_origins(workspace, evidence)
    draw_newcomers(workspace, newcomers)
    return {
        "protocols": Picture(
            "NDCG@10 under both protocols, with 95 % intervals. They answer different questions.",
            "Bars of NDCG at ten for each recommender in time and under the random protocol.",
        ),
        "origins": Picture(
            "NDCG@10 on what people chose after each of the origins.",
            "Lines of NDCG at ten over the origins in time for popularity, recent popularity and "
            "the model.",
        ),
        "newcomers": Picture(
            "NDCG@10 for people without a past, by the number of their films that are known.",
            "A line over the number of picked films; popularity and recent popularity as levels.",
        ),
    }


def draw_protocols(workspace: Workspace, protocols: Table) -> None:
    """One panel a protocol, one bar a recommender."""
    names = [str(row[0]).strip("*") for row in protocols.rows]
    with figures.figure(workspace.figures / "protocols", width=9, height=3.2) as (drawing, axes):
        axes.remove()
        panels = drawing.subplots(1, len(protocols.columns) - 1, sharey=True)
        for column, panel in enumerate(panels, start=1):
            for place, (name, row) in enumerate(zip(names, protocols.rows, strict=True)):
                value = row[column]
                if isinstance(value, Interval):
                    error = [[value.value - value.low], [value.high - value.value]]
                    colour = COLOURS.get(name, figures.OTHER)
                    panel.barh(place, value.value, color=colour, height=0.7)
                    panel.errorbar(value.value, place, xerr=error, color=figures.INK, linewidth=2)
            panel.set_title(protocols.columns[column])
            panel.grid(visible=False, axis="y")
        panels[0].set_yticks(range(len(names)), names)
        panels[0].invert_yaxis()
        drawing.supxlabel("NDCG@10", color=figures.INK)


def draw_origins(workspace: Workspace, evidence: Evidence) -> None:
    """One line a recommender over the origins."""
    counts = [len(lists.people) for lists in evidence.lists[MODEL]]
    days = [f"{o.day}\n{n} people" for o, n in zip(evidence.origins, counts, strict=True)]
    with figures.figure(workspace.figures / "origins") as (_, axes):
        for name, line in ((POPULAR, "--"), (RECENT, "-"), (MODEL, "-")):
            means = [float(np.mean(lists.ndcg)) for lists in evidence.lists[name]]
            axes.plot(days, means, line, marker="o", color=COLOURS[name], label=name)
        axes.set(ylabel="NDCG@10", ylim=(0, None))
        axes.legend(loc="upper left", ncols=3)


def draw_newcomers(workspace: Workspace, newcomers: Newcomers) -> None:
    """NDCG by the number of picked films, with the lists for all as levels."""
    with figures.figure(workspace.figures / "newcomers") as (_, axes):
        axes.plot(PICKS, newcomers.by_picks.mean(), "o-", color=figures.MODEL, label="after picks")
        for name, line in ((POPULAR, "--"), (RECENT, "-")):
            level = newcomers.for_all[name].mean()
            axes.axhline(level, color=figures.BASELINE, linestyle=line, label=name)
        axes.set_xscale("log")
        axes.set_xticks(PICKS, [str(picks) for picks in PICKS])
        axes.minorticks_off()
        axes.set(xlabel="films picked", ylabel="NDCG@10", ylim=(0, None))
        axes.legend(loc="lower right")
