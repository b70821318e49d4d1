import pandas as pd

from project_package import explore, model, train
from project_package.kit.workspace import Workspace, read_json


def test_twenty_worst_errors_are_kept(trained: Workspace) -> None:
    rows = (trained.reports / "errors.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("id,spend,model,orders")
    assert len(rows) == 21


def test_an_attempt_is_scored_at_the_earlier_cutoff(without_test: Workspace) -> None:
    """With no test set in reach; model and baseline on the same rows, both far from chance."""
    rows = train.held_out(without_test).rows
    settings = without_test.config["data"]
    table = pd.read_csv(without_test.processed / "train.csv", dtype={"id": str})
    asked = table[(table.asked == settings["last"]) & (table.window == max(settings["windows"]))]
    assert list(rows.id) == list(asked.id)
    assert rows.truth.tolist() == asked.spend.tolist()
    assert rows.groupby("group").fold.nunique().max() == 1
    for said in (rows.model, train.held_out_baseline(without_test)):
        assert model.normalised_gini(rows.truth, said) > 0.3


def test_only_orders_up_to_the_last_cutoff_are_explored(without_test: Workspace) -> None:
    explore.run(without_test)
    found = read_json(without_test.reports / "exploration.json", made_by="explore")
    orders = pd.read_csv(without_test.processed / "orders.csv", dtype={"customer": str})
    assert f"Of the {orders.customer.nunique():,} customers" in found["notes"]["target"]
    most = orders.groupby("customer").amount.sum().max()
    money = next(row for row in found["tables"]["columns"]["rows"] if row[0] == "money")
    assert money[-1] == most
    cohorts = found["tables"]["cohorts"]["rows"]
    assert sum(row[1] for row in cohorts) == orders.customer.nunique()
    for name in found["figures"]:
        assert (without_test.figures / f"{name}.svg").stat().st_size > 1_000
