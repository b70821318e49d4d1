import pandas as pd

from project_package import explore, model, train
from project_package.data import NOWHERE
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json


def test_the_surest_wrong_answers_are_kept_with_their_words(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "errors.csv")
    assert list(rows.columns) == ["id", "text", "truth", "answered", "score", "words"]
    said = pd.read_csv(trained.reports / "predictions.csv")
    wrong = (said.model != said.truth) & (said.model != NOWHERE)
    assert len(rows) == min(20, wrong.sum()) > 3
    assert (rows.truth != rows.answered).all()
    assert rows.score.is_monotonic_decreasing
    threshold = read_json(trained.models / "training.json", made_by="train")["threshold"]
    assert rows.score.min() >= round(threshold, 3)


def test_published_results_stand_beside_this_one_as_they_were_published(trained: Workspace) -> None:
    """Larson et al., 2019, table 2, full data, typed once more."""
    table = read_results(trained)["tables"]["published"]["rows"]
    found = {row[0]: [round(100 * row[1], 1), round(100 * row[2], 1)] for row in table[:-1]}
    assert found == {
        "SVM, published": [91.0, 14.5],
        "MLP on sentence embeddings (USE), published": [93.5, 47.4],
        "BERT, published": [96.9, 40.3],
        "BERT with a threshold, published": [96.2, 52.3],
    }
    assert table[-1][0] == "this model"


def test_disturbed_queries_are_those_of_the_test_set_and_the_first_row_is_undisturbed(
    trained: Workspace,
) -> None:
    rows = read_results(trained)["tables"]["robustness"]["rows"]
    assert rows[0][0] == "as published"
    assert rows[0][-1] == "–"
    assert [row[0] for row in rows[1:3]] == ["in capitals, without signs", "one typing error"]
    assert rows[1][1:3] == rows[0][1:3], "letters are read small"
    assert "short sentences in German" in read_results(trained)["notes"]["foreign"]


def test_an_attempt_is_scored_on_held_out_queries_of_the_training_set(
    without_test: Workspace,
) -> None:
    """Without a test set in reach, above always answering, and the baseline's rows alike."""
    said = train.held_out(without_test)
    rows = said.rows
    queries = pd.read_json(without_test.processed / "train.jsonl", lines=True, dtype={"id": str})
    assert list(rows.id) == list(queries.id)
    assert rows.groupby("group").fold.nunique().max() == 1
    assert said.metric == "in_out_mean"
    baseline = train.held_out_baseline(without_test)
    assert len(baseline) == len(rows)
    for answers in (rows.model, baseline):
        assert model.in_out_mean(rows.truth, answers) > 0.6


def test_only_the_training_set_is_explored(without_test: Workspace) -> None:
    explore.run(without_test)
    found = read_json(without_test.reports / "exploration.json", made_by="explore")
    queries = pd.read_json(without_test.processed / "train.jsonl", lines=True, dtype={"id": str})
    assert sum(row[2] for row in found["tables"]["domains"]["rows"]) == len(queries)
    outside = (queries.label == NOWHERE).mean()
    assert f"{outside:.1%} of the {len(queries):,} queries" in found["notes"]["target"]
    for name in found["figures"]:
        assert (without_test.figures / f"{name}.svg").stat().st_size > 1_000
