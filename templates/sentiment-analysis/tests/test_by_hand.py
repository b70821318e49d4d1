"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from project_package import data, model, train
from project_package.studies import taught


def test_a_correlation_does_not_depend_on_scale_or_place() -> None:
    assert train.pearson_r([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert train.pearson_r([1, 2, 3], [0.3, 0.2, 0.1]) == pytest.approx(-1)
    assert train.pearson_r([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(4 / 5)


def test_what_does_not_vary_correlates_with_nothing() -> None:
    assert np.isnan(train.pearson_r([1, 2, 3], [2, 2, 2]))


def test_accuracy_counts_sides_and_leaves_out_what_is_on_neither() -> None:
    assert taught.binary_accuracy([2, -1, 0.02, 0.5], [1, 1, -3, 0], neither=0.05) == 1 / 3
    assert taught.binary_accuracy([-2, 0.1], [0, 3], neither=0.05) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("GREAT!!!", "great"),
        ("  Don't\tgo...", "don t go"),
        ("snake_case, 2 fois: ÇA", "snake case 2 fois ça"),
        ("?!", ""),
    ],
)
def test_words_are_letters_and_digits_in_small(text: str, words: str) -> None:
    assert data.normalise(text) == words


def test_every_fold_has_its_share_of_a_kind_and_whole_groups() -> None:
    rows = pd.DataFrame({"kind": ["tweets"] * 20 + ["nyt"] * 20, "group": np.arange(40) // 2})
    dealt = data.split(rows, 5, seed=1)
    assert dealt.groupby("group").fold.nunique().max() == 1
    assert (dealt.groupby(["fold", "kind"]).size() == 4).all()
    assert dealt.fold.nunique() == 5
    assert dealt.fold.tolist() == data.split(rows, 5, seed=1).fold.tolist()
    assert dealt.fold.tolist() != data.split(rows, 5, seed=2).fold.tolist()


def test_a_kind_that_is_not_known_has_the_shared_features_alone() -> None:
    features = csr_matrix([[1.0, 2.0], [3.0, 4.0]])
    assert model.adapt(features, ["a", "z"], ["a"]).toarray().tolist() == [
        [1, 2, 1, 2],
        [3, 4, 0, 0],
    ]
    assert model.adapt(features, ["a", "z"], []).toarray().tolist() == [[1, 2], [3, 4]]


def test_a_range_is_a_miss_that_was_seen_and_each_kind_has_its_own() -> None:
    """Of the misses 0 to 10, nine tenths lie at 9 or below it; the sign of a miss is no matter."""
    misses = np.concatenate([size * np.arange(11) for size in (1, 2, 3, 4)])
    rows = pd.DataFrame({"kind": np.repeat(data.KINDS, 11), "rating": 1.0})
    for said in (1 + misses, 1 - misses):
        found = train.ranges(rows, said, coverage=0.9)
        assert found == dict(zip(data.KINDS, [9, 18, 27, 36], strict=True))
    assert train.ranges(rows, 1 + misses, coverage=0.95)["tweets"] == 10
