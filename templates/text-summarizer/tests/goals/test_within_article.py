import numpy as np
import pytest

from project_package import data, model
from project_package.kit.workspace import Workspace


def test_how_well_an_article_as_a_whole_does_plays_no_part(prepared: Workspace) -> None:
    """With all sentences of an article raised alike, the same sentences are the better ones."""
    articles, config = data.load(prepared, "train", reader="train"), prepared.config
    table = model.tabulate(articles, config["summary"]["words"])
    raised = np.random.default_rng(0).normal(size=len(articles))[table.article]
    plain, other = (
        model.fit(model.build(config), table.assign(label=label)).scores(table)
        for label in (table.label, table.label + raised)
    )
    plain, other = (
        scores - np.concatenate([[own.mean()] * len(own) for own in each])
        for scores in (plain, other)
        for each in [model.split_by_article(table, scores)]
    )
    assert np.std(plain) > 0.01
    assert other == pytest.approx(plain, abs=1e-6)
