import pandas as pd

from project_package import explore, model, train
from project_package.kit.workspace import Workspace, read_json


def test_twenty_worst_errors_are_kept(trained: Workspace) -> None:
    rows = (trained.reports / "errors.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("id,price,model,error")
    assert len(rows) == 21


def test_an_attempt_is_scored_on_held_out_sales_of_the_training_set(
    without_test: Workspace,
) -> None:
    """With no test set in reach; model and baseline on the same rows, both far from chance."""
    rows = train.held_out(without_test).rows
    sales = pd.read_csv(without_test.processed / "train.csv", dtype={"id": str})
    assert list(rows.id) == list(sales.id)
    assert rows.groupby("group").fold.nunique().max() == 1
    baseline = train.held_out_baseline(without_test)
    by_chance = model.median_ape(sales.price, [sales.price.median()] * len(sales))
    for prices in (rows.model, baseline):
        assert model.median_ape(rows.truth, prices) < by_chance / 1.5


def test_only_the_training_set_is_explored(without_test: Workspace) -> None:
    explore.run(without_test)
    found = read_json(without_test.reports / "exploration.json", made_by="explore")
    sales = pd.read_csv(without_test.processed / "train.csv")
    told = f"of the {len(sales):,} sales of the training set is ${sales.price.median():,.0f}"
    assert told in found["notes"]["target"]
    assert found["tables"]["columns"]["rows"][0][-1] == sales.price.max()
    for name in found["figures"]:
        assert (without_test.figures / f"{name}.svg").stat().st_size > 1_000
