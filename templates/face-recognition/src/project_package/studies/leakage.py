"""Is it too good? What a leak would give, and what the model says without each of its parts."""

import numpy as np

from .. import data, model
from ..data import Faces
from ..evaluate import Evaluated
from ..kit.results import EACH_ALONE, Study, Table
from ..kit.statistics import bootstrap, compared, paired_difference, tar_at_far_1
from ..kit.workspace import Workspace
from ..model import FISHERFACES, MODEL, Array, Encoder

SHUFFLED = "to shuffled names"


def study(workspace: Workspace, found: Evaluated) -> Study:
    """The model beside fits that know too much, or less, on the same pairs of the same people."""
    one, other, same = model.pairs(found.test.people)
    options = {"groups": found.rows.group.to_numpy(), "seed": found.seed}
    said: dict[str, Array] = {MODEL: found.rows.model.to_numpy()}
    for name, encoder in variants(workspace, found).items():
        vectors = encoder.embed(found.test.pixels)
        said[name] = np.einsum("ij,ij->i", vectors[one], vectors[other])
    values = {name: bootstrap(tar_at_far_1, same, each, **options) for name, each in said.items()}
    _, leaked, shuffled, _, unlearned = (values[name].value for name in said)
    names = paired_difference(tar_at_far_1, same, said[MODEL], said[SHUFFLED], **options)
    fisher = tar_at_far_1(same, found.rows[FISHERFACES].to_numpy())
    people = len(set(found.train.people) & set(found.test.people))
    pictures = len(set(data.inputs(found.train)) & set(data.inputs(found.test)))
    return Study(
        title="Is it too good?",
        text="A number above what others report is to be explained before it is believed. The same "
        "recipe is fitted again: to the test people as well, as a leak would have it; to training "
        "pictures whose names were shuffled; to pictures that were not moved; and with nothing "
        "learned. None of these is a result.",
        tables={
            "leakage": Table(
                f"Accepted at 1 % false accepts, on the same pairs. {EACH_ALONE}",
                ["fitted", "accepted"],
                [[name, value] for name, value in values.items()],
            )
        },
        notes={
            "leakage": f"Training and test part share {people} people and {pictures} pictures. "
            f"With the test people learned as well it would be {leaked:.3f}. What the names of the "
            f"training people teach is {compared(names)}: with shuffled ones it is {shuffled:.3f}, "
            "as directions are still made to vary alike, over all people in place of within each; "
            f"with nothing learned it is {unlearned:.3f}. Fisherfaces, which are reported most "
            f"often, come to {fisher:.3f} on these pairs: where others report about as much, their "
            "pairs are as hard as these, and the difference is in what is looked at."
        },
    )


def variants(workspace: Workspace, found: Evaluated) -> dict[str, Encoder]:
    """The recipe of config.toml, fitted to whom it must not know, or without one of its parts."""
    config, train = workspace.config, found.train
    still = model.build({**config, "model": {**config["model"], "shift": 0}})
    columns = zip(vars(train).values(), vars(found.test).values(), strict=True)
    everybody = Faces(*map(np.concatenate, columns))
    names = np.random.default_rng(found.seed).permutation(train.people)
    features = found.recogniser.encoder.features
    mean = features(train.pixels).mean(axis=0)
    return {
        "a leak: to the test people as well": found.fit(everybody.pixels, everybody.people),
        SHUFFLED: found.fit(train.pixels, names),
        "to pictures that were not moved": still(train.pixels, train.people),
        "with nothing learned": Encoder(features, mean, mirrored=True),
    }
