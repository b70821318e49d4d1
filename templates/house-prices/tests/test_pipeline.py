from project_package.kit.workspace import Workspace


def test_twenty_worst_errors_are_kept(trained: Workspace) -> None:
    rows = (trained.reports / "errors.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("id,price,model,error")
    assert len(rows) == 21
