from project_package.results import read_results
from project_package.workspace import Workspace


def test_the_model_beats_the_linear_model_on_the_sample(trained: Workspace) -> None:
    results = read_results(trained)
    assert results["primary"]["value"] < results["primary"]["baseline"]
    assert results["comparison"]["ci"][1] < 0


def test_twenty_worst_errors_are_kept(trained: Workspace) -> None:
    rows = (trained.reports / "errors.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("id,price,model,error")
    assert len(rows) == 21
