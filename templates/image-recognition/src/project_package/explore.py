"""Look at the training set before anything is fitted: figures and tables for the write-up."""

import numpy as np
import pandas as pd

from . import data, gallery
from .data import CLASSES, Images
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace

EACH = 2  # images of a class in the figure
ALIKE = 8  # pairs of classes in the table


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures; the test set stays closed."""
    train = data.load(workspace, "train", reader="explore")
    groups = pd.Series(data.near_copies(train.pixels, workspace.config["data"]["near"]))
    sizes = groups.map(groups.value_counts())
    means = np.stack([train.pixels[train.labels == k].mean(axis=0) for k in range(len(CLASSES))])
    write_exploration(
        workspace,
        Study(
            title="The training set",
            text="",
            tables={
                "explored-classes": classes_table(train, sizes.to_numpy()),
                "explored-alike": alike_table(train, means),
            },
            figures={
                "explored-images": draw_images(workspace, train),
                "explored-brightness": draw_brightness(workspace, train),
            },
            notes={
                "explored-copies": f"{int((sizes > 1).sum()):,} of {len(train):,} training images "
                f"have a near-copy among the others; the largest such group holds {sizes.max()}."
            },
        ),
    )
    print(f"{len(train):,} training images explored")


def classes_table(train: Images, sizes: np.ndarray) -> Table:
    """How many images a class has, how bright they are and how much of the square they fill."""
    rows = []
    for number, name in enumerate(CLASSES):
        pixels = train.pixels[train.labels == number]
        lit = pixels[pixels > 0].mean() if pixels.any() else 0.0
        copies = int((sizes[train.labels == number] > 1).sum())
        rows.append([name, len(pixels), copies, float((pixels > 0).mean()), float(lit)])
    columns = ["class", "images", "with a near-copy", "share lit", "mean grey level where lit"]
    return Table("The classes of the training set.", columns, rows)


def alike_table(train: Images, means: np.ndarray) -> Table:
    """Which mean images lie close together, beside how far images lie from their own mean."""
    flat = means.reshape(len(means), -1)
    apart = np.sqrt(np.square(flat[:, None] - flat[None]).mean(axis=2))
    own = train.pixels - means[train.labels]
    spread = float(np.sqrt(np.square(own).mean()))
    places = zip(*np.triu_indices(len(means), 1), strict=True)
    pairs = sorted((apart[one, other], one, other) for one, other in places)
    return Table(
        "The classes whose mean images are closest, in grey levels a pixel (root mean square); "
        f"an image lies {spread:.1f} from the mean image of its own class.",
        ["one", "the other", "apart"],
        [[CLASSES[one], CLASSES[other], float(gap)] for gap, one, other in pairs[:ALIKE]],
    )


def draw_images(workspace: Workspace, train: Images) -> Picture:
    """The first images of each class."""
    rows = np.concatenate([np.flatnonzero(train.labels == k)[:EACH] for k in range(len(CLASSES))])
    titles = [CLASSES[label] for label in train.labels[rows]]
    gallery.draw(workspace.figures / "explored-images", train.pixels[rows], titles)
    return Picture("The first images of each class.", "A grid of small grey pictures of clothes.")


def draw_brightness(workspace: Workspace, train: Images) -> Picture:
    """How bright the images of a class are."""
    brightness = train.pixels.mean(axis=(1, 2))
    with figures.figure(workspace.figures / "explored-brightness") as (_, axes):
        axes.boxplot([brightness[train.labels == k] for k in range(len(CLASSES))], sym="")
        axes.set_xticklabels(CLASSES, rotation=45, ha="right")
        axes.set(ylabel="mean grey level of an image")
    return Picture(
        "Mean grey level of the images of each class: median, quarters, and reach.",
        "One box for each of ten classes, drawn over the mean grey level of its images.",
    )
