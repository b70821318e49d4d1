"""The figures of the write-up."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from . import figures
from .intervals import Interval
from .model import BASELINE
from .newcomers import PICKS, Newcomers
from .results import Picture, Table
from .timeline import RECENT, Rolling, blend_name
from .workspace import Workspace

COLOURS = {BASELINE: figures.BASELINE, RECENT: figures.BASELINE}


def draw(
    workspace: Workspace,
    protocols: Table,
    rolling: Rolling,
    newcomers: Newcomers,
    bias: pd.DataFrame,
    chosen: str,
) -> dict[str, Picture]:
    """Draw all figures; returns what they show, by name."""
    draw_protocols(workspace, protocols, chosen)
    draw_origins(workspace, rolling, chosen)
    draw_newcomers(workspace, newcomers)
    draw_bias(workspace, bias)
    return {
        "protocols": Picture(
            "NDCG@10 under three protocols, with 95 % intervals. The order of the recommenders "
            "depends on the question asked.",
            "Bars of NDCG at ten for each recommender under the random, last-film and "
            "rolling-origin protocols.",
        ),
        "origins": Picture(
            "NDCG@10 on what people chose after each of five days.",
            "Lines of NDCG at ten over five origins in time for popularity, recent popularity, "
            "the chosen recommender and the blend.",
        ),
        "newcomers": Picture(
            "NDCG@10 for people the recommender was not fitted on, by the films they pick.",
            "A line that rises with the number of picked films, and popularity as a level line.",
        ),
        "bias": Picture(
            "What is recommended and what people chose, by popularity of the film.",
            "Shares of recommendations and of choices for each tenth of the catalogue, from the "
            "best known to the least known.",
        ),
    }


def draw_protocols(workspace: Workspace, protocols: Table, chosen: str) -> None:
    """One panel a protocol, one bar a recommender."""
    names = [str(row[0]).strip("*") for row in protocols.rows]
    with figures.figure(workspace.figures / "protocols", width=9, height=3.2) as (drawing, axes):
        axes.remove()
        panels = drawing.subplots(1, len(protocols.columns) - 1, sharey=True)
        for panel, column, title in zip(
            panels, range(1, len(protocols.columns)), protocols.columns[1:], strict=True
        ):
            _bars(panel, names, [row[column] for row in protocols.rows], chosen)
            panel.set_title(title)
            panel.grid(visible=False, axis="y")
        panels[0].set_yticks(range(len(names)), names)
        panels[0].invert_yaxis()
        drawing.supxlabel("NDCG@10", color=figures.INK)


def _bars(panel: Axes, names: Sequence[str], values: Sequence[Interval | str], chosen: str) -> None:
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        if isinstance(value, Interval):
            error = [[value.value - value.low], [value.high - value.value]]
            colour = figures.MODEL if name == chosen else COLOURS.get(name, figures.OTHER)
            bar = panel.barh(place, value.value, color=colour, height=0.7)
            bar.patches[0].set_alpha(1 if name == chosen else 0.6)
            panel.errorbar(value.value, place, xerr=error, color=figures.INK, linewidth=2)


def draw_origins(workspace: Workspace, rolling: Rolling, chosen: str) -> None:
    """One line a recommender over the origins."""
    means = rolling.ndcg.drop(columns="person").groupby("origin").mean()
    days = [f"{origin.day}\n{origin.people} people" for origin in rolling.origins]
    looks = {
        BASELINE: (figures.BASELINE, "--"),
        RECENT: (figures.BASELINE, "-"),
        chosen: (figures.MODEL, "--"),
        blend_name(chosen): (figures.MODEL, "-"),
    }
    with figures.figure(workspace.figures / "origins") as (_, axes):
        for name, (colour, line) in looks.items():
            axes.plot(days, means[name], line, marker="o", color=colour, label=name)
        axes.set(ylabel="NDCG@10", ylim=(0, None))
        axes.legend(loc="upper left", ncols=2)


def draw_newcomers(workspace: Workspace, newcomers: Newcomers) -> None:
    """NDCG by the number of picked films, with popularity as a level line."""
    with figures.figure(workspace.figures / "newcomers") as (_, axes):
        axes.plot(PICKS, newcomers.by_picks.mean(), "o-", color=figures.MODEL, label="after picks")
        axes.axhline(
            newcomers.popularity.mean(), color=figures.BASELINE, linestyle="--", label="popularity"
        )
        axes.set_xscale("log")
        axes.set_xticks(PICKS, [str(picks) for picks in PICKS])
        axes.minorticks_off()
        axes.set(xlabel="films picked", ylabel="NDCG@10", ylim=(0, None))
        axes.legend(loc="lower right")


def draw_bias(workspace: Workspace, bias: pd.DataFrame) -> None:
    """Shares for each tenth of the catalogue."""
    place = np.arange(len(bias))
    looks = {
        "choices": ("what people chose", figures.OTHER),
        "model": ("recommended", figures.MODEL),
        "baseline": ("recommended by popularity", figures.BASELINE),
    }
    with figures.figure(workspace.figures / "bias") as (_, axes):
        for offset, (column, (label, colour)) in zip((-0.27, 0, 0.27), looks.items(), strict=True):
            axes.bar(place + offset, bias[column], width=0.27, color=colour, label=label)
        axes.set_xticks(place, ["best\nknown", *range(2, 10), "least\nknown"])
        axes.set(xlabel="tenth of the catalogue", ylabel="share")
        axes.legend()
