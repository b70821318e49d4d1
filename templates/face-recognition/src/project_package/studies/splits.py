"""How much depends on who happens to be in the test set? The same recipes on other splits."""

import numpy as np

from .. import data, model
from ..data import Faces
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import tar_at_far_1
from ..kit.workspace import Workspace
from ..model import MODEL, PIXELS
from ..train import score_pairs


def study(workspace: Workspace, found: Evaluated) -> Study:
    """Model, strongest simple method and pixels, their settings as they are, on other halves."""
    columns = zip(vars(found.train).values(), vars(found.test).values(), strict=True)
    everybody = Faces(*map(np.concatenate, columns))
    config, chosen = workspace.config, found.training["chosen"]
    names = dict.fromkeys((found.strongest, PIXELS))
    recipes = {MODEL: found.fit}
    recipes |= {name: model.simple(name, chosen[name], config) for name in names}
    rows = []
    for number in range(1, config["evaluate"]["splits"] + 1):
        parts = data.split(everybody, found.seed + number, config["data"])
        train, test = parts["train"], parts["test"]
        vectors = {
            name: fit(train.pixels, train.people).embed(test.pixels)
            for name, fit in recipes.items()
        }
        said = score_pairs(test, vectors)
        truth = said.truth.to_numpy()
        rows.append(
            [f"split {number}", *(tar_at_far_1(truth, said[name].to_numpy()) for name in recipes)]
        )
    values = np.array([row[1:] for row in rows], dtype=float)
    gain = values[:, 0] - values[:, 1]
    return Study(
        title="And with other people?",
        text="All people are dealt anew into halves. The settings are those of the headline's "
        "training people, some of whom are in these test halves: it shows the spread.",
        tables={
            "splits": Table(
                "Accepted at 1 % false accepts on other halves of the people.",
                ["", *recipes],
                [*rows, ["mean", *values.mean(axis=0).tolist()]],
            )
        },
        notes={
            "splits": f"Over {len(rows)} other splits the model gives {values[:, 0].min():.3f} to "
            f"{values[:, 0].max():.3f}; it is ahead of {found.strongest} in "
            f"{int((gain > 0).sum())} of them, by {gain.mean():+.3f} on average."
        },
    )
