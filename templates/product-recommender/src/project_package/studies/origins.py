"""The origins one by one, and how much of the gain is only a better choice of the window."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..evaluate import COMPARED, Evidence
from ..kit import figures
from ..kit.results import Picture, Study, Table
from ..kit.statistics import bootstrap, compared, decimal
from ..kit.workspace import Workspace
from ..model import MODEL, NEIGHBOURS, PERSONAL, POPULAR, RECENT, fit_recent_popularity
from ..ranking import make_lists

LINES = {POPULAR: ("--", figures.BASELINE), RECENT: ("-", figures.BASELINE),
         MODEL: ("-", figures.MODEL)}  # fmt: skip


def study(workspace: Workspace, evaluated: Evidence) -> Study:
    """Every origin by itself, and the best window that hindsight could choose."""
    return Study(
        title="Origin by origin",
        text="The headline pools all origins. Newcomers have no past and get no list; new films, "
        "which nobody had rated before, count as misses. The last row is the sealed test set "
        f"alone. The window of {RECENT} is chosen before each origin; the model is also held "
        "against the one window that was best over all origins.",
        tables={"settings": settings_table(evaluated), "origins": origins_table(evaluated)},
        figures={"origins": draw(workspace, evaluated)},
        notes={"recency": recency_note(evaluated)},
    )


def settings_table(evidence: Evidence) -> Table:
    """What was chosen for the baselines at each origin; no number here comes from after it."""

    def words(found: Mapping[str, Any]) -> str:
        return ", ".join(f"{key} {value:g}" for key, value in found.items())

    rows = [
        [origin.day, *map(words, evidence.training["chosen"][str(origin.period)].values())]
        for origin in evidence.origins
    ]
    return Table(
        "Settings of the baselines at each origin: those with the highest NDCG@10 on the last "
        "period of its past, fitted on what came before that. The model's stand in config.toml: "
        f"{words(evidence.training['model'])}.",
        ["origin", RECENT, NEIGHBOURS],
        rows,
    )


def origins_table(evidence: Evidence) -> Table:
    """One row an origin, with who is left out."""
    rows = []
    for place, origin in enumerate(evidence.origins):
        new_films = np.setdiff1d(origin.future.films, origin.past.films)
        found = {name: evidence.lists[name][place].ndcg for name in COMPARED}
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
        f"NDCG@10 at each origin. The last column is {MODEL} minus {RECENT}.",
        ["origin", "past ratings", "people", "newcomers", "new films", *COMPARED, "difference"],
        rows,
    )


def recency_note(evidence: Evidence) -> str:
    """What is left against the window that hindsight would choose, and of EASE alone."""
    windows = {
        days: np.concatenate(
            [
                make_lists(
                    fit_recent_popularity(origin.past, days),
                    origin.past.matrix,
                    origin.future.matrix,
                ).ndcg
                for origin in evidence.origins
            ]
        )
        for days in evidence.training["grids"]["recent"]["days"]
    }
    days = max(windows, key=lambda days: windows[days].mean())
    model, personal = evidence.pooled(MODEL, "ndcg"), evidence.pooled(PERSONAL, "ndcg")
    alone = evidence.interval(personal - evidence.pooled(RECENT, "ndcg"))
    return (
        f"Of {RECENT}, the window that was best over all origins, which nobody could know before, "
        f"has {days} days and {decimal(windows[days].mean())}; the model's difference from it is "
        f"{compared(evidence.interval(model - windows[days]))}. EASE without the trend reaches "
        f"{decimal(personal.mean())}; its difference from {RECENT} is {compared(alone)}."
    )


def draw(workspace: Workspace, evidence: Evidence) -> Picture:
    """One line a recommender over the origins."""
    days = [f"{origin.day}\n{len(lists.people)} people" for origin, _, lists in evidence.rounds]
    with figures.figure(workspace.figures / "origins") as (_, axes):
        for name, (line, colour) in LINES.items():
            means = [float(np.mean(lists.ndcg)) for lists in evidence.lists[name]]
            axes.plot(days, means, line, marker="o", color=colour, label=name)
        axes.set(ylabel="NDCG@10", ylim=(0, None))
        axes.legend(loc="upper left", ncols=3)
    return Picture(
        "NDCG@10 on what people chose after each of the origins.",
        "Lines of NDCG at ten over the origins in time for popularity, recent popularity and "
        "the model.",
    )
