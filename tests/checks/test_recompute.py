"""Numbers computed again from the committed predictions, and seals that an edit breaks."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest

from scaffold.checks import recompute
from tests.checks.conftest import Work

PREDICTIONS = """\
id,group,truth,model,keyword_rule
a,1,1,0.9,1
b,2,1,0.8,0
c,3,0,0.7,0
d,4,1,0.6,1
e,5,0,0.1,0
"""
# by hand: (1/1 + 2/2 + 3/4) / 3, and 2/3 · 2/2 + 1/3 · 3/5
MODEL, RULE = 11 / 12, 13 / 15
LINES = ('{"part":"test","reader":"evaluate","previous":""}',)
CONFIG = "seed = 7\n[train]\nfolds = 5\n[sample]\nfolds = 3\n"


def digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def sealed(work: Work) -> Work:
    """A run that left its predictions, its log of readings and its digests."""
    first = LINES[0]
    second = f'{{"part":"test","reader":"evaluate","previous":"{sha256(first)}"}}'
    work.write("config.toml", CONFIG)
    work.write("data/access.jsonl", f"{first}\n{second}\n")
    work.write("reports/predictions.csv", PREDICTIONS)

    def seal(metrics: Any) -> None:
        gain = MODEL - RULE
        metrics["primary"] |= {"value": MODEL, "ci": [0.7, 1.0], "baseline": RULE}
        metrics["comparison"] = {
            "baseline": "keyword rule",
            "difference": gain,
            "ci": [-0.2, 0.3],
            "verdict": "no clear difference",
        }
        metrics["baselines"] = [{"name": "keyword rule", "column": "keyword_rule", "value": RULE}]
        metrics["predictions"] = {
            "file": "reports/predictions.csv",
            "sha256": sha256(PREDICTIONS),
            "rows": 5,
            "metric": "average_precision",
        }
        metrics["test_reads"] = {"count": 2, "head": sha256(second)}
        manifest = (work.root / "data/manifest.json").read_text(encoding="utf-8")
        metrics["digests"] = {
            "results": digest(metrics),
            "predictions": sha256(PREDICTIONS),
            "data": sha256(manifest),
            "configuration": digest({"seed": 7, "train": {"folds": 5}, "sample": {"folds": 3}}),
        }

    work.change_json("reports/metrics.json", seal)
    return work


def test_values_for_sample_ranges_and_retraining_are_no_settings_of_a_real_run(
    sealed: Work,
) -> None:
    """Since 0.2.0 a project's digest leaves them out; a value of the run itself still counts."""
    text = "seed = 7\n[train]\nfolds = 5\n[sample.train]\nfolds = 3\n[ranges]\n[retrain]\n"
    sealed.write("config.toml", text)

    def seal(metrics: Any) -> None:
        metrics["digests"]["configuration"] = digest({"seed": 7, "train": {"folds": 5}})

    sealed.change_json("reports/metrics.json", seal)
    assert sealed.judge("HO313") == ""
    sealed.write("config.toml", text.replace("folds = 5", "folds = 6"))
    assert "config.toml: not as evaluated" in str(sealed.judge("HO313"))


def test_what_the_sample_is_run_with_is_a_setting_of_a_run_on_the_sample(sealed: Work) -> None:
    text = "seed = 7\n[train]\nfolds = 5\nrounds = 9\n[sample.train]\nfolds = 3\n"
    sealed.write("config.toml", text)

    def seal(metrics: Any) -> None:
        metrics["data"]["sample"] = True
        in_effect = {"seed": 7, "train": {"folds": 3, "rounds": 9}}
        metrics["digests"] = {"configuration": digest(in_effect)}

    sealed.change_json("reports/metrics.json", seal)
    assert sealed.judge("HO313") == ""
    sealed.write("config.toml", text.replace("folds = 3", "folds = 4"))
    assert "config.toml: not as evaluated" in str(sealed.judge("HO313"))


@pytest.mark.parametrize("check", ["HO311", "HO312", "HO313"])
def test_an_untouched_run_passes_and_one_of_another_kind_is_not_judged(
    sealed: Work, check: str
) -> None:
    assert sealed.judge(check) == ""
    sealed.write("reports/metrics.json", json.dumps({"primary": {"value": 0.5}}))
    assert sealed.judge(check) is None


@pytest.mark.parametrize(
    ("metric", "rows", "expected"),
    [
        ("accuracy", [("3", "3"), ("4", "3"), ("5", "5"), ("0", "0")], 0.75),
        ("mean", [("", "0.5"), ("", "1.0")], 0.75),
        ("mean_return", [("", "-100.5"), ("", "280"), ("", "240")], 139.83333333333334),
        ("mape", [("100", "110"), ("200", "100"), ("400", "400")], 20.0),
        ("median_ape", [("100", "110"), ("200", "100"), ("400", "396")], 0.1),
        ("pearson_r", [("1", "2"), ("2", "4"), ("3", "6.0")], 1.0),
        ("average_precision", [("1", "0.5"), ("0", "0.5")], 0.5),
        ("normalised_gini", [("0", "1"), ("0", "4"), ("10", "2"), ("30", "3")], 0.2),
        ("normalised_gini", [("0", "1"), ("0", "1"), ("10", "2"), ("30", "2")], 0.8),
        ("normalised_gini", [("30", "1"), ("10", "2"), ("0", "3")], -1.0),
        ("tar_at_far_1", [("1", "0.9"), ("1", "0.7"), ("0", "0.7"), ("0", "0.1")], 0.5),
        ("tar_at_far_1", [("1", "0.9"), *[("0", "1.0")] * 3, *[("0", "0.5")] * 197], 0.0),
        ("tar_at_far_1", [("1", "0.9"), ("0", "1.0"), *[("0", "0.5")] * 99], 1.0),
    ],
)
def test_a_metric_is_what_its_name_says(
    metric: str, rows: list[tuple[str, str]], expected: float
) -> None:
    table = [{"truth": truth, "model": said} for truth, said in rows]
    assert recompute.MEASURES[metric](table, "model") == pytest.approx(expected)


def test_bleu_follows_from_the_counts_of_sentences() -> None:
    """Words said and true, n-grams shared; sacreBLEU gives the same for these two sentences."""
    rows = [{"model": "6 7 5 3 1 0"}, {"model": "4 4 4 3 2 1"}]
    precisions = [9 / 10, 6 / 8, 3 / 6, 1 / 4]
    expected = 100 * math.prod(precisions) ** 0.25 * math.exp(1 - 11 / 10)
    assert recompute.MEASURES["bleu"](rows, "model") == pytest.approx(expected)
    assert recompute.bleu([{"model": "5 5 3 1 0 0"}], "model") == pytest.approx(
        100 * (3 / 5 / 4 / (2 * 3) / (4 * 2)) ** 0.25
    )
    assert recompute.bleu([{"model": "3 3 3 2 1 0"}], "model") == 0
    assert recompute.bleu([{"model": "3 3 0 0 0 0"}], "model") == 0


def test_a_mean_over_speakers_weighs_each_the_same() -> None:
    said = [("ann", "1"), ("ann", "1"), ("ann", "2"), ("bob", "2")]
    rows = [{"group": who, "truth": "1", "model": digit} for who, digit in said]
    assert recompute.MEASURES["accuracy_new_speaker"](rows, "model") == pytest.approx(1 / 3)


def test_a_mean_over_strata_weighs_each_the_same() -> None:
    rows = [
        {"stratum": stratum, "truth": truth, "model": said}
        for stratum, truth, said in [
            ("a", "1", "1"), ("a", "2", "2"), ("a", "3", "3"), ("b", "1", "2"), ("b", "2", "1"),
        ]
    ]  # fmt: skip
    assert recompute.mean_pearson_r(rows, "model") == pytest.approx(0)


def test_precision_is_the_best_from_each_recall_on_and_a_mean_over_kinds() -> None:
    """Of two cells the first is found at once, the second after a miss: 51 recalls at 1, 50 at 2/3.

    Of the other kind the only cell is missed.
    """
    rows = [
        {"stratum": stratum, "truth": truth, "model": said}
        for stratum, truth, said in [
            ("a", "1", "0.9"), ("a", "1", "-0.8"), ("a", "0", "0.7"), ("a", "0", "0"),
            ("b", "1", "-0.99"), ("b", "0", "0"),
        ]
    ]  # fmt: skip
    expected = (51 * 1 + 50 * 2 / 3) / 101
    assert recompute.map_50(rows, "model") == pytest.approx((expected + 0) / 2)
    assert recompute.map_50(rows[:4], "model") == pytest.approx(expected)


def test_the_mean_of_both_sides_counts_each_side_alike() -> None:
    """Three of four in scope, one of two out of scope, whichever side holds more rows."""
    pairs = [("0", "0"), ("1", "1"), ("2", "2.0"), ("3", "-1"), ("-1", "-1"), ("-1", "4")]
    rows = [{"truth": truth, "model": said} for truth, said in pairs]
    assert recompute.in_out_mean(rows, "model") == pytest.approx((3 / 4 + 1 / 2) / 2)


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("reports/predictions.csv", "0.8,0", "0.05,0", "headline pr_auc: 0.916667 claimed"),
        ("reports/predictions.csv", "e,5,0,0.1,0\n", "", "4 rows of predictions, 5 in"),
        ("reports/predictions.csv", "b,2", "a,2", "an id stands twice"),
        ("reports/predictions.csv", "truth", "truths", "does not hold what"),
        ("reports/metrics.json", f'"baseline": {RULE}', '"baseline": 0.5', "primary.baseline: 0.5"),
        ("reports/metrics.json", "no clear difference", "better", "the interval says"),
    ],
)
def test_what_does_not_follow_from_the_predictions_is_named(
    sealed: Work, path: str, old: str, new: str, said: str
) -> None:
    sealed.replace(path, old, new)
    assert said in str(sealed.judge("HO311"))


def test_predictions_that_are_gone_are_missed(sealed: Work) -> None:
    (sealed.root / "reports/predictions.csv").unlink()
    assert "is not there" in str(sealed.judge("HO311"))


def test_a_reading_taken_out_of_the_log_is_noticed(sealed: Work) -> None:
    first, second = (sealed.root / "data/access.jsonl").read_text().splitlines()
    sealed.write("data/access.jsonl", f"{second}\n")
    assert "was changed before line 1" in str(sealed.judge("HO312"))
    sealed.write("data/access.jsonl", f"{first}\n")
    assert "disagree on how often" in str(sealed.judge("HO312"))


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("config.toml", "folds = 5", "folds = 4", "config.toml"),
        ("data/manifest.json", '"5e"', '"5f"', "data/manifest.json"),
        ("reports/predictions.csv", "0.9", "0.91", "the predictions"),
        ("reports/metrics.json", '"rows": 6046', '"rows": 6047', "reports/metrics.json"),
    ],
)
def test_what_was_changed_after_the_run_is_named(
    sealed: Work, path: str, old: str, new: str, said: str
) -> None:
    sealed.replace(path, old, new)
    assert sealed.judge("HO313") == f"{said}: not as evaluated"
