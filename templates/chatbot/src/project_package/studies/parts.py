"""What does each part give?"""

from collections.abc import Iterator

import pandas as pd
from sklearn.pipeline import make_pipeline

from .. import data, model
from ..data import NOWHERE
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap, paired_difference, verdict
from ..kit.workspace import Workspace
from ..model import PrunedSVC, Recipe


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The model without one of its parts, with a threshold of its own from the validation part."""
    train, validation = (
        data.load(workspace, part, reader="evaluate") for part in ("train", "validation")
    )
    price = workspace.config["threshold"]["out_cost"]
    queries, rows = evaluated.queries, []
    options = {"groups": queries.group, "seed": workspace.seed}
    for name, recipe in without(workspace, evaluated, train):
        judged = model.ask(recipe, validation.text)
        threshold = model.cheapest_threshold(judged, validation.label, price)
        said = model.ask(recipe, queries.text).answered(threshold)
        value = bootstrap(model.in_out_mean, queries.label, said, **options)
        gain = paired_difference(model.in_out_mean, queries.label, queries.model, said, **options)
        rows.append([name, value, gain.signed, verdict(gain, higher_is_better=True)])
    return Study(
        title="What does each part give?",
        text="One part is left out, the rest stays as it is set for the whole, and the threshold "
        "is placed anew on the validation part. The few training queries out of scope are what the "
        "publishers gave to every method; here each intent's machine learns to stay below zero on "
        "them, and the rule puts the machine that knows them against the best of the others.",
        tables={
            "parts": Table(
                "Mean of in-scope accuracy and out-of-scope recall on the test set, and what the "
                "whole model has more. Nothing was chosen by this table.",
                ["", "mean", "whole model minus this", "the whole is"],
                rows,
            )
        },
    )


def without(
    workspace: Workspace, evaluated: Evaluated, train: pd.DataFrame
) -> Iterator[tuple[str, Recipe]]:
    """Fitted recipes with one part less; the first differs in the rule alone."""
    config, whole = workspace.config, evaluated.assistant.recipe
    chosen, kinds = config["model"], model.terms(config["features"]).transformer_list
    inside = train[train.label != NOWHERE]
    yield "no score of out of scope in the rule", Recipe(whole.pipeline, 0.0)
    yield (
        "no query out of scope to learn from",
        model.fitted(model.build(config), inside.text, inside.label),
    )
    for name, (_, counted) in zip(("runs of characters", "words and pairs"), kinds, strict=True):
        machine = PrunedSVC(chosen["c"], chosen["least_weight"], random_state=config["seed"])
        recipe = Recipe(make_pipeline(counted, machine), whole.out_weight)
        yield f"no {name}", model.fitted(recipe, train.text, train.label)
