"""Look at the training set before anything is fitted: whom it shows, and how much they vary.

No face of the data is drawn: means and eigenfaces are of all people together.
"""

import numpy as np

from . import data, model
from .data import Faces
from .kit import figures
from .kit.results import Picture, Study, Table, write_exploration
from .kit.workspace import Workspace
from .watch import summarise

EIGENFACES = 7


def run(workspace: Workspace) -> None:
    """Write reports/exploration.json and two figures; the test set stays closed."""
    train = data.load(workspace, "train", reader="explore")
    block = workspace.config["baselines"]["block"]
    small = model.thumbnails(train.pixels, block)
    one, other, same = model.pairs(train.people)
    alike = np.einsum("ij,ij->i", small[one], small[other])
    beaten = float((alike[~same] > np.median(alike[same])).mean())
    draw_faces(workspace, train, small, block)
    draw_pairs(workspace, alike, same)
    study = Study(
        title="The training set",
        text="Whom the training set shows, before any model. Its people are in no other part.",
        tables={"explored-light": light_table(train)},
        figures={
            "explored-faces": Picture(
                "The mean of all training pictures, and where thumbnails vary most (eigenfaces).",
                "A blurred face, and seven ghostly ones in grey.",
            ),
            "explored-pairs": Picture(
                "How alike two pictures are as thumbnails, of one person and of two people.",
                "Two histograms that overlap.",
            ),
        },
        notes={
            "explored-pairs": f"{len(set(train.people))} people with {len(train):,} pictures make "
            f"{int(same.sum()):,} pairs of one person and {int((~same).sum()):,} of two people. As "
            f"thumbnails, {beaten:.1%} of the latter are more alike than half of the former."
        },
    )
    write_exploration(workspace, study)
    print(f"{len(train):,} pictures of {len(set(train.people))} people explored")


def light_table(train: Faces) -> Table:
    """How light, and how evenly lit, pictures are: within a person and between people."""
    rows = []
    numbers = [summarise(pixels) for pixels in train.pixels]
    for name in numbers[0]:
        values = np.array([each[name] for each in numbers])
        means = np.array([values[train.people == who].mean() for who in np.unique(train.people)])
        within = [values[train.people == who].std() for who in np.unique(train.people)]
        rows.append([name, float(values.mean()), float(np.mean(within)), float(means.std())])
    columns = [
        "of a picture, in grey levels",
        "mean",
        "deviation within a person",
        "between people",
    ]
    return Table("Light is no property of a person, but of how they were taken.", columns, rows)


def draw_faces(workspace: Workspace, train: Faces, small: model.Array, block: int) -> None:
    """The mean face, and eigenfaces."""
    shape = (data.HEIGHT // block, data.WIDTH // block)
    ghosts = [each.reshape(shape) for each in model.principal(small, EIGENFACES).T]
    with figures.figure(workspace.figures / "explored-faces", width=7.5, height=1.6) as (
        page,
        whole,
    ):
        whole.remove()
        for axes, face in zip(
            page.subplots(1, EIGENFACES + 1), [train.pixels.mean(axis=0), *ghosts], strict=True
        ):
            axes.imshow(face, cmap="gray")
            axes.axis("off")


def draw_pairs(workspace: Workspace, alike: model.Array, same: np.ndarray) -> None:
    """Both kinds of pair."""
    with figures.figure(workspace.figures / "explored-pairs", height=3) as (_, axes):
        for mask, name, colour in (
            (~same, "two people", figures.OTHER),
            (same, "one person", figures.MODEL),
        ):
            axes.hist(alike[mask], 50, density=True, alpha=0.6, label=name, color=colour)
        axes.set(xlabel="likeness of thumbnails", ylabel="density")
        axes.legend(frameon=False)
