import pandas as pd
from sklearn.metrics import average_precision_score

from project_package import explore, train
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json


def test_twenty_worst_errors_are_kept_with_their_words(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "errors.csv")
    assert list(rows.columns) == ["id", "truth", "probability", "subject", "words"]
    assert len(rows) == 20


def test_what_rests_on_few_mails_is_shown_over_several_splits(trained: Workspace) -> None:
    results = read_results(trained)
    assert [row[0] for row in results["tables"]["splits"]["rows"]] == [
        "model", "naive Bayes", "naive Bayes, tuned for the cap"
    ]  # fmt: skip
    assert "Over 2 splits it is kept in" in results["notes"]["cap"]


def test_an_attempt_is_scored_on_held_out_mails_of_the_training_set(
    without_test: Workspace,
) -> None:
    """Without a test set in reach, above its baseline's chance, and the baseline's rows alike."""
    said = train.held_out(without_test)
    rows = said.rows
    mails = pd.read_json(without_test.processed / "train.jsonl", lines=True, dtype=False)
    assert list(rows.id) == list(mails.id)
    assert rows.groupby("group").fold.nunique().max() == 1
    baseline = train.held_out_baseline(without_test)
    assert len(baseline) == len(rows)
    for scores in (rows.model, baseline):
        assert average_precision_score(rows.truth, scores) > rows.truth.mean() + 0.2


def test_only_the_training_set_is_explored(without_test: Workspace) -> None:
    explore.run(without_test)
    found = read_json(without_test.reports / "exploration.json", made_by="explore")
    mails = pd.read_json(without_test.processed / "train.jsonl", lines=True, dtype=False)
    assert sum(row[1] for row in found["tables"]["folders"]["rows"]) == len(mails)
    assert f"{mails.spam.mean():.1%} of the {len(mails):,} mails" in found["notes"]["target"]
    for name in found["figures"]:
        assert (without_test.figures / f"{name}.svg").stat().st_size > 1_000
