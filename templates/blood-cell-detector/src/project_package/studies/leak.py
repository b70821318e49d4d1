"""What would a split by pictures have claimed?"""

import numpy as np
from numpy.typing import NDArray

from .. import boxes
from ..boxes import MATCH
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import Interval, bootstrap, compared, paired_difference
from ..kit.workspace import Workspace
from ..pictures import Pictures
from ..train import BY_FIELD, BY_PICTURE, places, torn_apart


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same training pictures, by networks that have seen another window on the field or not."""
    train, seen = evaluated.train, seen_elsewhere(workspace, evaluated.train)
    rows = [
        ["seen in another picture", *compare(workspace, evaluated, seen)],
        ["shown by one picture alone", *compare(workspace, evaluated, alone(train))],
    ]
    return Study(
        title="What the leak is worth",
        text="Networks learned from parts of the training set that were dealt in two ways, as many "
        "pictures each: by whole fields, and by pictures, so that those of one field were torn "
        "apart as the publisher's split does. Each picture was then asked of the networks that had "
        "not learned from it. Where a picture's field is in another picture, those dealt by "
        "pictures had seen it; the rest of the pictures tell what else differs.",
        tables={
            "leak": Table(
                "mAP at .5 on training pictures by networks that had not learned from them, dealt "
                "by field and by picture, intervals by field.",
                ["pictures of a field", "n", "by field", "by picture", "by picture minus by field"],
                [[*row[:4], row[4].signed] for row in rows],
            )
        },
        notes={"leak": leak_note(rows[0][4], rows[1][4]), "official": official_note(train)},
    )


def alone(train: Pictures) -> NDArray[np.bool_]:
    """Pictures whose field no other one shows."""
    _, codes, sizes = np.unique(train.fields, return_inverse=True, return_counts=True)
    return sizes[codes] == 1


def seen_elsewhere(workspace: Workspace, train: Pictures) -> NDArray[np.bool_]:
    """Pictures of whose field another one is in training when pictures are dealt one by one."""
    folds = torn_apart(train.fields, workspace.config["train"]["folds"], workspace.seed)
    pairs = (train.fields[:, None] == train.fields) & (folds[:, None] != folds)
    return pairs.any(axis=1)


def compare(
    workspace: Workspace, evaluated: Evaluated, chosen: NDArray[np.bool_]
) -> tuple[int, Interval, Interval, Interval]:
    """How many they are, mAP by both ways, and the paired difference."""
    part, limits = evaluated.train.take(chosen), workspace.config["detection"]
    rows = places(part, limits["most"])
    truth = np.column_stack([rows.truth, np.unique(rows.stratum, return_inverse=True)[1]])
    by_field, by_picture = (
        boxes.as_answers(
            [found for found, own in zip(evaluated.held_out(name), chosen, strict=True) if own],
            part.cells, limits["most"], MATCH,
        )
        for name in (BY_FIELD, BY_PICTURE)
    )  # fmt: skip
    own = {"groups": rows.group, "seed": workspace.seed}
    return (
        len(part),
        bootstrap(boxes.map_50, truth, by_field, **own),
        bootstrap(boxes.map_50, truth, by_picture, **own),
        paired_difference(boxes.map_50, truth, by_picture, by_field, **own),
    )


def leak_note(gain: Interval, without: Interval) -> str:
    """What it is worth to have seen the field, beside what another dealing does by itself."""
    return (
        "To have learned from another picture of the same field changes mAP at .5 on these "
        f"pictures by {compared(gain)}. On pictures of which no other shows the field, where "
        f"nothing leaks, the other dealing alone changes it by {without.signed}: both intervals "
        "draw fields and no new trainings, so that differences of this size are luck of the "
        "networks as well."
    )


def official_note(train: Pictures) -> str:
    """How the publisher's own split lies across fields, as far as the training part shows."""
    known = train.fields[train.official == "train"]
    tested = train.official == "test"
    crossing = int(np.isin(train.fields[tested], known).sum())
    return (
        f"Of the pictures here {int(tested.sum()):,} are in the publisher's test set, and "
        f"{crossing:,} of these show a field that its training set shows, too. For all pictures "
        "the count stands in data/manifest.json."
    )
