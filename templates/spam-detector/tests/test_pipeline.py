import pandas as pd

from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace


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
