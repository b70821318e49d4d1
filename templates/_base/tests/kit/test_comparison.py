"""Measures by their definitions, differences by their draws, verdicts from both sides."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

from project_package.kit.statistics import (
    BETTER,
    MEASURES,
    NAIVE,
    SIMPLE,
    STRONGEST,
    UNCLEAR,
    WORSE,
    Interval,
    bleu,
    compare,
    read_column,
    slug,
    truth_of,
    verdict,
)

BASELINES = {"Plain rule": NAIVE, "k-NN, tuned": STRONGEST, "Ridge": SIMPLE}


def precision_and_recall(truth: np.ndarray, scores: np.ndarray) -> float:
    """Average precision threshold by threshold: scores that are equal pass together."""
    area, known = 0.0, 0.0
    for limit in sorted(set(scores), reverse=True):
        passed = scores >= limit
        recall = truth[passed].sum() / truth.sum()
        area, known = area + (recall - known) * truth[passed].mean(), recall
    return area


def mean_of_strata(truth: np.ndarray, said: np.ndarray) -> float:
    parts = [truth[:, 1] == stratum for stratum in set(truth[:, 1])]
    return float(np.mean([pearsonr(truth[rows, 0], said[rows])[0] for rows in parts]))


def mean_of_sides(truth: np.ndarray, said: np.ndarray) -> float:
    pairs = list(zip(truth, said, strict=True))
    sides = [[a == b for a, b in pairs if bool(a == -1) is outside] for outside in (True, False)]
    return sum(sum(side) / len(side) for side in sides) / 2


def spend_found_by_pairs(truth: np.ndarray, said: np.ndarray) -> float:
    """Normalised Gini pair by pair: what the better one by the order has more, of what it could."""
    gaps = np.subtract.outer(truth, truth)
    return float((gaps * np.sign(np.subtract.outer(said, said))).sum() / abs(gaps).sum())


def accepted_at_one_percent(truth: np.ndarray, scores: np.ndarray) -> float:
    """The most of one kind above any limit that at most a hundredth of the other kind exceeds."""
    limits = [limit for limit in set(scores) if (scores[truth == 0] > limit).mean() <= 0.01]
    return max((scores[truth == 1] > limit).mean() for limit in limits)


def share_right(truth: np.ndarray, said: np.ndarray) -> float:
    return float(sum(truth == said) / len(truth))


def of_the_paper(_: np.ndarray, counts: np.ndarray) -> float:
    """BLEU: the geometric mean of four precisions, times the penalty of brevity."""
    precisions = [
        sum(row[2 + order] for row in counts) / sum(max(0, row[0] - order) for row in counts)
        for order in range(4)
    ]
    said, true = counts[:, 0].sum(), counts[:, 1].sum()
    return 100 * np.prod(precisions) ** 0.25 * (np.exp(1 - true / said) if said < true else 1)


def mean_over_kinds(truth: np.ndarray, said: np.ndarray) -> float:
    """Of each kind, the best precision from each of 101 recalls on, threshold by threshold."""
    found = []
    for kind in set(truth[:, 1]):
        own, cells = said[truth[:, 1] == kind], truth[truth[:, 1] == kind, 0].sum()
        curve = []
        for score in np.abs(own[own != 0]):
            kept = own[np.abs(own) >= score]
            curve.append(((kept > 0).sum() / cells, (kept > 0).mean()))
        recalls = [step * 0.01 for step in range(101)]
        found += [max([p for r, p in curve if r >= step], default=0.0) for step in recalls]
    return float(np.mean(found))


DEFINITIONS = {
    "accuracy": share_right,
    "accuracy_new_speaker": share_right,
    "average_precision": precision_and_recall,
    "bleu": of_the_paper,
    "in_out_mean": mean_of_sides,
    "mean": lambda _, said: sum(said) / len(said),
    "mean_return": lambda _, said: sum(said) / len(said),
    "mean_of_truths": lambda truth, _: sum(truth) / len(truth),
    "mean_pearson_r": mean_of_strata,
    "map_50": mean_over_kinds,
    "mape": lambda truth, said: 100 * sum(abs(said / truth - 1)) / len(truth),
    "median_ape": lambda truth, said: sorted(abs(said / truth - 1))[len(truth) // 2],
    "normalised_gini": spend_found_by_pairs,
    "pearson_r": lambda truth, said: pearsonr(truth, said)[0],
    "tar_at_far_1": accepted_at_one_percent,
}


def measured(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A truth and answers with many ties, strata of unlike sizes, levels and spreads."""
    random = np.random.default_rng(seed)
    if name in ("accuracy", "accuracy_new_speaker", "average_precision", "tar_at_far_1"):
        truth = np.r_[1, 0, random.integers(0, 2, 59)]
        return truth, random.integers(0, 2 if name == "accuracy" else 6, 61)
    if name == "bleu":
        said = random.integers(1, 15, 61)
        shared = np.maximum(
            np.r_[[9], said[1:]][:, None] // random.integers(1, 4) - np.arange(4), 0
        )
        return np.zeros(61), np.column_stack([said, random.integers(1, 15 + seed, 61), shared])
    if name == "in_out_mean":
        truth = np.r_[-1, 0, random.integers(-1, 4, 59)]
        return truth, random.integers(-1, 4, 61)
    truth, said = random.uniform(1, 9, 61), random.uniform(1, 9, 61)
    if name == "normalised_gini":
        return truth * random.integers(0, 2, 61), said.round()
    if name == "map_50":
        cells = np.column_stack(
            [np.r_[1, 1, random.integers(0, 2, 59)], np.r_[0, 1, [0, 1] * 29, 0]]
        )
        return cells, random.uniform(0.1, 1, 61) * random.choice([1, 1, -1, 0], 61)
    if name == "mean_pearson_r":
        strata = np.repeat([0, 1, 2], [5, 16, 40])
        return np.column_stack([truth + 10 * strata, strata]), said + truth / 2 + 30 * strata
    return truth, said


def test_of_orders_that_share_nothing_each_counts_half_as_much_as_the_one_before() -> None:
    """As sacreBLEU smooths; where no word is shared at all, it is nothing."""
    row = np.array([[5, 5, 3, 1, 0, 0]])
    expected = (3 / 5 * 1 / 4 * 1 / (2 * 3) * 1 / (4 * 2)) ** 0.25
    assert bleu(row, row) == pytest.approx(100 * expected)
    assert bleu(row, np.array([[5, 5, 0, 0, 0, 0]])) == 0
    assert bleu(row, np.array([[3, 3, 3, 2, 1, 0]])) == 0, "no sentence has four words"


def test_counts_stand_in_one_cell_and_numbers_alone() -> None:
    rows = pd.DataFrame({"model": ["3 4 2 1 0 0", "10 9 8 7 6 5"], "rule": [0.5, 1.0]})
    found = read_column(rows, "model", "bleu")
    assert found.tolist() == [[3, 4, 2, 1, 0, 0], [10, 9, 8, 7, 6, 5]]
    assert read_column(rows, "rule", "mean").tolist() == [0.5, 1.0]


@pytest.mark.parametrize(("name", "seed"), list(product(MEASURES, range(3))))
def test_a_measure_is_what_its_name_says(name: str, seed: int) -> None:
    truth, said = measured(name, seed)
    expected = DEFINITIONS[name](truth, said)
    assert MEASURES[name](truth, said) == pytest.approx(expected, rel=1e-9)
    order = np.random.default_rng(seed).permutation(len(truth))
    shuffled = MEASURES[name](truth[order], said[order])
    assert shuffled == pytest.approx(expected, rel=1e-9), "the order of the rows is no part of it"


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "expected"),
    [
        (0.1, 0.2, True, BETTER),
        (0.1, 0.2, False, WORSE),
        (-0.2, -0.1, True, WORSE),
        (-0.2, -0.1, False, BETTER),
        (-0.1, 0.3, True, UNCLEAR),
        (-0.1, 0.3, False, UNCLEAR),
        (-0.3, 0.1, True, UNCLEAR),
        (-0.3, 0.1, False, UNCLEAR),
        (0.0, 0.2, True, UNCLEAR),
        (-0.2, 0.0, False, UNCLEAR),
    ],
)
def test_a_verdict_follows_from_interval_and_direction(
    low: float, high: float, higher_is_better: bool, expected: str
) -> None:
    assert verdict(Interval((low + high) / 2, low, high), higher_is_better) == expected


@pytest.fixture
def rows() -> pd.DataFrame:
    """Groups of one to five rows; the model is better than one baseline and worse than another."""
    random = np.random.default_rng(5)
    group = np.sort(random.integers(0, 40, 120))
    level = random.uniform(0.2, 0.6, 40)[group] + random.normal(0, 0.05, 120)
    columns = {"model": level + 0.2, "plain_rule": level, "k_nn_tuned": level + 0.3,
               "ridge": level + 0.2 + random.normal(0, 0.2, 120)}  # fmt: skip
    return pd.DataFrame({"id": range(120), "group": group.astype(str), **columns})


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_every_baseline_has_its_own_numbers_from_all_rows(
    rows: pd.DataFrame, higher_is_better: bool
) -> None:
    model, table = compare(rows, "mean", BASELINES, higher_is_better=higher_is_better, seed=3)
    assert model.value == pytest.approx(rows.model.mean())
    assert [(row["name"], row["role"]) for row in table] == list(BASELINES.items())
    for row in table:
        assert row["column"] == slug(row["name"])
        assert row["value"] == pytest.approx(rows[row["column"]].mean())
        assert row["difference"] == pytest.approx((rows.model - rows[row["column"]]).mean())
    good, bad = (BETTER, WORSE) if higher_is_better else (WORSE, BETTER)
    assert [row["verdict"] for row in table] == [good, bad, UNCLEAR]


def test_a_difference_is_taken_on_the_same_draws_of_groups(rows: pd.DataFrame) -> None:
    """Where the model is better by the same in every row, the interval has no width at all."""
    _, table = compare(rows, "mean", BASELINES, higher_is_better=True, seed=3)
    assert table[0]["difference_ci"] == pytest.approx([0.2, 0.2])
    assert table[1]["difference_ci"] == pytest.approx([-0.1, -0.1])
    members = [found for _, found in sorted(rows.groupby("group").indices.items())]
    random, draws = np.random.default_rng(3), []
    for _ in range(1000):
        drawn = random.integers(0, len(members), len(members))
        draws.append(rows.iloc[np.concatenate([members[number] for number in drawn])].mean(
            numeric_only=True))  # fmt: skip
    means = pd.DataFrame(draws)
    model, _ = compare(rows, "mean", BASELINES, higher_is_better=True, seed=3)
    assert (model.low, model.high) == pytest.approx(np.percentile(means.model, [2.5, 97.5]))
    for row in table:
        own = means[row["column"]]
        assert row["ci"] == pytest.approx(np.percentile(own, [2.5, 97.5]))
        assert row["difference_ci"] == pytest.approx(np.percentile(means.model - own, [2.5, 97.5]))


def test_another_seed_draws_others(rows: pd.DataFrame) -> None:
    ends = [
        compare(rows, "mean", BASELINES, higher_is_better=True, seed=seed) for seed in (1, 2, 1)
    ]
    assert ends[0][0] != ends[1][0]
    assert ends[0][1][2]["difference_ci"] != ends[1][1][2]["difference_ci"]
    assert ends[0] == ends[2]


def test_truth_and_strata_reach_the_measure_as_they_stand() -> None:
    rows = pd.DataFrame({"truth": [1.0, 2.0, 3.0], "model": [4.0, 5.0, 6.0]})
    assert list(truth_of(rows)) == [1, 2, 3]
    assert list(truth_of(rows.drop(columns="truth"))) == [4, 5, 6]
    strata = truth_of(rows.assign(stratum=["b", "a", "b"]))
    assert list(strata[:, 0]) == [1, 2, 3]
    assert strata[0, 1] == strata[2, 1] != strata[1, 1]


def test_two_baselines_never_share_a_column() -> None:
    names = ["HOG + SVM", "naive Bayes", "the headline's words", "alpha-beta of depth 4"]
    assert len({slug(name) for name in names}) == len(names)
    assert all(slug(name).isidentifier() for name in names)
