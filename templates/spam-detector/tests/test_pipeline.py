from project_package.results import read_results
from project_package.workspace import Workspace


def test_the_model_beats_the_keyword_rule_on_the_sample(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["value"] > results["primary"]["baseline"]
    assert results["comparison"]["ci"][0] > 0


def test_twenty_worst_errors_are_kept_with_their_words(trained: Workspace) -> None:
    rows = (trained.reports / "errors.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "id,truth,probability,subject,words"
    assert len(rows) == 21
