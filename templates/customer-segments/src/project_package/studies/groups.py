"""What is a segment good for?"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from .. import model
from ..evaluate import Evaluated
from ..kit import figures
from ..kit.results import EACH_ALONE, Picture, Study, Table
from ..kit.statistics import bootstrap, compared, paired_difference
from ..kit.workspace import Workspace, read_json
from ..segments import k_means, scales, stability, value

FEW = 2_000  # customers that a tree of all pairs, and a silhouette, can take
DRAWS = 3  # for the methods that are not served


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """How the number of segments was chosen, other ways to make them, and what they found later."""
    training = read_json(workspace.models / "training.json", made_by="train")
    judged, settings, seed = evaluated.judged, workspace.config["segments"], workspace.seed
    count = len(training["segments"])
    draw(workspace, evaluated)
    return Study(
        title="What is a segment good for?",
        text="Segments are customers who are alike in recency, frequency and money on logarithmic "
        "scales. How many there are was chosen at the earlier cut-off by two things: whether they "
        "stay when customers are drawn anew, and how much of the next period's spend they find.",
        tables={
            "sizes": sizes_table(judged, training["sizes"], count, settings, seed),
            "ways": ways_table(judged, count, settings, seed),
            "segments": segments_table(evaluated.customers, seed),
        },
        figures={
            "plane": Picture(
                "A picture, no evidence: customers on the two directions in which they differ most "
                "(principal components), coloured by segment. What looks apart here need not be.",
                "A cloud of points in two dimensions, each coloured by its segment.",
            )
        },
        notes={"segments": segments_note(evaluated.customers, seed)},
    )


def sizes_table(
    judged: pd.DataFrame, tried: list, count: int, settings: Mapping[str, Any], seed: int
) -> Table:
    """Stability, value, and the silhouette that is often chosen by."""
    some = judged.sample(min(FEW, len(judged)), random_state=seed)
    rows = []
    for row in tried:
        recipe = k_means(row["segments"], seed, settings["starts"]).fit(judged)
        apart = silhouette_score(recipe[:-1].transform(some), recipe.predict(some))
        mark = "**chosen:** " if row["segments"] == count else ""
        rows.append([f"{mark}{row['segments']}", row["stability"], row["value"], float(apart)])
    return Table(
        "Numbers of segments at the earlier cut-off. Stability: adjusted Rand index with segments "
        "of customers drawn anew, 1 where nothing moves. Value: normalised Gini of the next "
        "period's spend, a segment's worth told by other customers in it. The "
        "silhouette was not chosen by.",
        ["segments", "stability", "value", "silhouette"],
        rows,
    )


class Mixture:
    """Gaussian mixture on the same scales."""

    def __init__(self, count: int, seed: int) -> None:
        self.steps = scaled(GaussianMixture(count, random_state=seed))

    def fit(self, customers: pd.DataFrame) -> "Mixture":
        """Fit to customers."""
        self.steps.fit(customers)
        return self

    def predict(self, customers: pd.DataFrame) -> np.ndarray:
        """The likeliest component of each."""
        return self.steps.predict(customers)


class Ward:
    """Hierarchical clusters of a few, to whose nearest middle everybody else belongs."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed = count, seed

    def fit(self, customers: pd.DataFrame) -> "Ward":
        """Fit to a sample of customers: the tree needs all pairs."""
        some = customers.sample(min(FEW, len(customers)), random_state=self.seed)
        self.before = make_pipeline(FunctionTransformer(scales), StandardScaler()).fit(customers)
        points = self.before.transform(some)
        labels = AgglomerativeClustering(self.count, linkage="ward").fit_predict(points)
        self.middles = NearestCentroid().fit(points, labels)
        return self

    def predict(self, customers: pd.DataFrame) -> np.ndarray:
        """The cluster with the nearest middle."""
        return self.middles.predict(self.before.transform(customers))


class Cells:
    """Halves by recency, frequency and money: eight cells of the textbook."""

    def fit(self, customers: pd.DataFrame) -> "Cells":
        """Where the halves are parted."""
        self.middle = pd.DataFrame(scales(customers)).median().to_numpy()
        return self

    def predict(self, customers: pd.DataFrame) -> np.ndarray:
        """The number of the cell."""
        return (scales(customers) > self.middle) @ np.array([1, 2, 4])


def scaled(last: Any) -> Any:
    """`last` behind the scales on which customers are compared."""
    return make_pipeline(FunctionTransformer(scales), StandardScaler(), last)


def ways_table(judged: pd.DataFrame, count: int, settings: Mapping[str, Any], seed: int) -> Table:
    """Other ways to make as many segments, by the same two measures."""
    ways = {
        "k-means": k_means(count, seed, settings["starts"]),
        "Gaussian mixture": Mixture(count, seed),
        "hierarchical (Ward)": Ward(count, seed),
        "cells of recency, frequency, money (2 × 2 × 2)": Cells(),
    }
    rows = []
    for name, recipe in ways.items():
        stays = stability(judged, recipe, DRAWS, seed)
        labels = recipe.fit(judged).predict(judged)
        found = value(labels, judged.spend, judged.fold)
        rows.append([name, len(np.unique(labels)), stays, found])
    return Table(
        f"At the earlier cut-off, {DRAWS} draws for each. The hierarchical tree is made of "
        f"{min(FEW, len(judged)):,} customers.",
        ["", "segments", "stability", "value"],
        rows,
    )


def segments_table(customers: pd.DataFrame, seed: int) -> Table:
    """What the customers of each segment did after the last cut-off."""
    rows = []
    for number, part in customers.groupby("segment"):
        rows.append(
            [
                str(number),
                len(part),
                *(float(part[name].median()) for name in ("recency", "frequency", "money")),
                float(part.spend.sum() / customers.spend.sum()),
                bootstrap(np.mean, part.spend, seed=seed),
                bootstrap(np.mean, part.spend > 0, seed=seed),
            ]
        )
    return Table(
        "Segments at the last cut-off, the most valuable by the model first: their middle before "
        "it, and what came after it. " + EACH_ALONE,
        ["segment", "n", "days since the last", "orders", "dollars", "share of the spend",
         "spent each, $", "came again"],
        rows,
    )  # fmt: skip


def segments_note(customers: pd.DataFrame, seed: int) -> str:
    """What is lost when only the segment of a customer is known."""
    by_segment = -customers.segment.to_numpy(dtype=float)
    measure = model.normalised_gini
    alone = bootstrap(measure, customers.spend, by_segment, seed=seed)
    lost = paired_difference(measure, customers.spend, by_segment, customers.model, seed=seed)
    return (
        f"Who knows only in which of the {customers.segment.nunique()} segments a customer is has "
        f"a normalised Gini of {alone}; beside what the model says of each customer that is "
        f"{compared(lost)}."
    )


def draw(workspace: Workspace, evaluated: Evaluated) -> None:
    """The plane of the first two principal components."""
    some = evaluated.customers
    some = some.sample(min(FEW, len(some)), random_state=workspace.seed)
    points = make_pipeline(StandardScaler(), PCA(2)).fit_transform(scales(some))
    with figures.figure(workspace.figures / "plane", width=5.5, height=4.4) as (drawing, axes):
        drawn = axes.scatter(*points.T, s=8, c=some.segment, cmap="viridis", rasterized=True)
        drawing.colorbar(drawn, label="segment", ticks=sorted(some.segment.unique()))
        axes.set(xlabel="first component", ylabel="second component")
