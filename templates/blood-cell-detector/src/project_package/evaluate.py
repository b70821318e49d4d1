"""Measure every method on fields it has not seen. Nothing else opens the test set."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import boxes, data
from .boxes import BOX, KIND, MATCH
from .gallery import INKS, show
from .kit.arrays import load_arrays
from .kit.holdout import Ledger
from .kit.results import Picture, Results, Score, Table, keep_errors, run_studies, write_results
from .kit.statistics import Interval, Predictions, bootstrap
from .kit.workspace import Workspace
from .pictures import KINDS, Pictures
from .predict import NAMES, Detector, read_training
from .train import BASELINES, HELD_OUT, NETWORKS, places
from .tuning import say_simple

WORST, SHOWN = 20, 4
EDGE = 1.0  # pixels from the picture's edge: a cell that is cut off
MODEL = "network"


@dataclass(frozen=True)
class Evaluated:
    """Both parts, and what each method finds in the test set, picture by picture."""

    workspace: Workspace
    train: Pictures
    test: Pictures
    training: Mapping[str, Any]
    shipped: Detector
    found: Mapping[str, Sequence[NDArray]]

    def network(self, name: str) -> Detector:
        """One of models/networks.npz."""
        path, names = self.workspace.models / NETWORKS, tuple(f"{name}/{key}" for key in NAMES)
        arrays = dict(zip(NAMES, load_arrays(path, names).values(), strict=True))
        return Detector(**{**vars(self.shipped), "arrays": arrays})

    def held_out(self, name: str) -> list[NDArray]:
        """What networks that had not learned from them found in the training pictures."""
        arrays = load_arrays(
            self.workspace.models / HELD_OUT, (f"{name}/found", f"{name}/ends")
        ).values()
        found, ends = arrays
        return np.split(found, ends[:-1])

    def interval(self, metric: Callable[..., float], *columns: NDArray) -> Interval:
        """By fields; a row a picture of the test set."""
        return bootstrap(metric, *columns, groups=self.test.fields, seed=self.workspace.seed)


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, predictions.csv, errors.csv and the figures."""
    started = time.perf_counter()
    found = measure(workspace)
    limits = workspace.config["detection"]
    rows = places(found.test, limits["most"])
    for name in (MODEL, *BASELINES):
        said = boxes.as_answers(found.found[name], found.test.cells, limits["most"], MATCH)
        rows["model" if name == MODEL else name] = said
    ledger = Ledger(len(found.test), "pictures")
    ledger.count_as("places for a detection", len(rows))
    results = Results(
        primary="map_50",
        label="mAP at IoU .5",
        predictions=Predictions(
            rows, metric="map_50", higher_is_better=True, baselines=BASELINES,
            unit="places for a detection",
        ),
        measured_on="pictures of fields that no method had seen",
        scores=score(found),
        tables={
            "candidates": candidates_table(found),
            "slices": slices_of_cells(found),
            "errors": errors_table(workspace, found),
        },
        figures={"worst": draw_worst(workspace, found)},
        notes={"size": size_note(found)},
        studies=run_studies(workspace, found),
        ledger=ledger,
    )  # fmt: skip
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"mAP at .5: {written['primary']['value']:.3f}, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> Evaluated:
    """Open the test set and ask every method, each as it was tuned on the training set."""
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training, shipped = read_training(workspace), Detector.load(workspace)
    found = {MODEL: [shipped.detect(pixels) for pixels in test.pixels]}
    for name in BASELINES:
        settings = training["chosen"][name], workspace.config["baselines"]
        found[name] = say_simple(test, name, *settings)
    return Evaluated(workspace, train, test, training, shipped, found)


def score(found: Evaluated) -> dict[str, Score]:
    """Further metrics; thresholds were chosen on training pictures."""
    counted = [found.shipped.counted(each) for each in found.found[MODEL]]
    right = [
        boxes.match(each, known, MATCH)
        for each, known in zip(counted, found.test.cells, strict=True)
    ]
    hits, said, there = (
        np.array([each(row) for row in zip(right, found.test.cells, strict=True)], dtype=float)
        for each in (
            lambda row: (row[0] >= 0).sum(),
            lambda row: len(row[0]),
            lambda row: len(row[1]),
        )
    )
    return {
        "precision": Score("of what is counted, right", found.interval(ratio, hits, said)),
        "recall": Score("of what is boxed, counted", found.interval(ratio, hits, there)),
    }  # fmt: skip


def ratio(hits: NDArray, of: NDArray) -> float:
    """Share of hits; undefined of nothing."""
    return float(hits.sum() / of.sum()) if of.sum() else float("nan")


def precision(found: Evaluated, detections: Sequence[NDArray], overlap: float) -> float:
    """Mean over the kinds of average precision on the test set."""
    cells = found.test.cells
    each = [boxes.precision_of_kind(detections, cells, kind, overlap) for kind in range(len(KINDS))]
    return float(np.mean(each))


def candidates_table(found: Evaluated) -> Table:
    """How the simple methods were tuned; no number here is of the test set."""
    return Table(
        "Settings of the simple methods, on training pictures: average precision at .5 of what "
        "they decide about (what is purple: white cells and platelets; the others: red cells).",
        ["settings", "average precision"],
        [[name, value] for name, value in found.training["candidates"].items()],
    )


def slices_of_cells(found: Evaluated) -> Table:
    """Share of boxed cells that are not counted, by kind, size, place and crowd."""
    cells = np.concatenate([*found.test.cells])
    owner = np.repeat(np.arange(len(found.test)), [len(each) for each in found.test.cells])
    missed = np.ones(len(cells))
    starts = np.cumsum([0, *(len(each) for each in found.test.cells)])
    for row, detected in enumerate(found.found[MODEL]):
        taken = boxes.match(found.shipped.counted(detected), found.test.cells[row], MATCH)
        missed[starts[row] + taken[taken >= 0]] = 0
    size = np.array([*found.test.pixels.shape[2:0:-1]] * 2)
    cut = (cells[:, BOX] <= EDGE) | (cells[:, BOX] >= size - EDGE)
    shared = np.concatenate(
        [boxes.overlaps(each[:, BOX], each[:, BOX]).sum(axis=1) - 1 for each in found.test.cells]
    )
    inside, alone = ~cut.any(axis=1), shared <= 0
    kinds = {
        **{f"{name}s": cells[:, KIND] == kind for kind, name in enumerate(KINDS)},
        "cut off by the edge": ~inside,
        "not cut off": inside,
        "boxes that overlap with others": ~alone,
        "boxes that touch no other": alone,
    }
    groups, seed = found.test.fields[owner], found.workspace.seed
    rows = [
        [name, int(mask.sum()), bootstrap(np.mean, missed[mask], groups=groups[mask], seed=seed)]
        for name, mask in kinds.items()
        if mask.any()
    ]  # fmt: skip
    return Table(
        "Share of boxed cells that are not counted, by kind, with intervals by field. Intervals "
        "are for one row alone: of many rows, some stand out by chance.",
        ["cells", "n", "missed"],
        rows,
    )


def mistakes(found: Evaluated) -> pd.DataFrame:
    """For each picture what is boxed, counted, missed and counted in vain."""
    rows = []
    for row, detected in enumerate(found.found[MODEL]):
        counted, cells = found.shipped.counted(detected), found.test.cells[row]
        hits = int((boxes.match(counted, cells, MATCH) >= 0).sum())
        rows.append([len(cells), len(counted), len(cells) - hits, len(counted) - hits])
    table = pd.DataFrame(rows, columns=["boxed", "counted", "missed", "in_vain"])
    return table.assign(id=found.test.ids, error=table.missed + table.in_vain)


def errors_table(workspace: Workspace, found: Evaluated) -> Table:
    """The pictures with most mistakes."""
    worst = mistakes(found).sort_values("error", ascending=False, kind="stable").head(WORST)
    shown = {
        "id": "picture", "boxed": "boxed", "counted": "counted", "missed": "missed",
        "in_vain": "counted, not boxed",
    }  # fmt: skip
    return keep_errors(workspace, worst, shown, f"The {len(worst)} pictures with most mistakes")


def draw_worst(workspace: Workspace, found: Evaluated) -> Picture:
    """The pictures with most mistakes: boxes of the publisher, and of what is counted."""
    order = mistakes(found).error.to_numpy().argsort(kind="stable")[::-1][:SHOWN]
    panels = []
    for row in order:
        counted = found.shipped.counted(found.found[MODEL][row])
        panels += [
            (found.test.pixels[row], found.test.cells[row], f"{found.test.ids[row]}, as boxed"),
            (found.test.pixels[row], counted, "as counted"),
        ]
    show(workspace.figures / "worst", panels, columns=2)
    told = ", ".join(f"{name}s {ink}" for name, ink in zip(KINDS, INKS, strict=True))
    return Picture(
        f"The pictures with most mistakes: left as the publisher boxed them, right what the "
        f"network counts ({told}).",
        "Pairs of microscope pictures with boxes around cells.",
    )


def size_note(found: Evaluated) -> str:
    """How large the network is."""
    return (
        f"The network has {found.training['parameters']:,} parameters; the largest gap between its "
        f"heat map and that of the arrays that are shipped is {found.training['parity']:.1g}."
    )
