"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

from project_package import data, features, model, rouge, rules, train


def test_rouge_balances_what_is_found_and_what_is_said() -> None:
    """Of four words two are found among three that are said; of three pairs one among two."""
    found = rouge.by_kind("the dog runs fast", "the dog sleeps")
    assert found == pytest.approx((4 / 7, 2 / 5, 4 / 7))
    in_another_order = rouge.by_kind("one two three four", "four three two one")
    assert in_another_order == pytest.approx((1, 0, 1 / 4))


def test_every_fold_has_its_share_of_a_publisher_and_whole_stories() -> None:
    articles = pd.DataFrame({"publisher": ["a", "b"] * 20, "group": np.arange(40) // 2})
    fold = data.assign_folds(articles, 5, seed=1)
    dealt = articles.assign(fold=fold)
    assert sorted(set(fold)) == [0, 1, 2, 3, 4]
    assert dealt.groupby("group").fold.nunique().max() == 1
    assert (dealt.groupby(["fold", "publisher"]).size() == 4).all()
    assert list(fold) == list(data.assign_folds(articles, 5, seed=1))
    assert list(fold) != list(data.assign_folds(articles, 5, seed=2))


def test_lead_takes_sentences_in_the_order_of_the_article() -> None:
    scores = rules.lead(["a", "b", "c", "d"])
    assert scores.dtype == float
    assert (np.diff(scores) < 0).all()
    assert model.choose_whole(["a", "b", "c", "d"], scores, 3) == [0, 1, 2]


def test_overlap_with_a_headline_in_words_pairs_and_balance() -> None:
    source = ["the ferry stays", "Ferries", "stays ferry", "..."]
    shared, pairs, balance = features.headline_overlap(source, "Ferry stays")
    assert shared.tolist() == [2, 1, 2, 0]
    assert pairs.tolist() == [1, 0, 0, 0]
    assert balance == pytest.approx([4 / 5, 2 / 3, 1, 0])


def test_without_a_headline_nothing_overlaps_with_it() -> None:
    for found in features.headline_overlap(["one two", ""], ""):
        assert found.tolist() == [0, 0]


def test_a_fold_is_scored_by_what_was_fitted_to_the_others() -> None:
    """A model that says the mean of what it learned tells which sentences those were."""
    articles = pd.DataFrame({"fold": [1, 1, 2, 3]})
    table = pd.DataFrame(0.0, index=range(5), columns=features.NAMES).assign(
        article=[0, 1, 2, 2, 3],
        has_headline=[True, False, True, True, True],
        label=[0, 3, 6, 9, 12],
    )
    scores = train.out_of_fold(DummyRegressor(), articles, table)
    assert scores == pytest.approx([9, 9, 5, 5, 4.5])
