import pandas as pd
import pytest

from project_package import data
from project_package.kit.sample import generate
from project_package.kit.workspace import Workspace

TEXT = {"id": str, "customer": str}


def part(workspace: Workspace, name: str) -> pd.DataFrame:
    return pd.read_csv(workspace.processed / f"{name}.csv", dtype=TEXT)


def test_the_parts_have_their_columns_and_sane_values(prepared: Workspace) -> None:
    orders, train, test = (part(prepared, name) for name in data.PARTS)
    assert set(orders) == {"id", "customer", "date", "amount"}
    assert set(train) == {
        "id", "customer", *data.FEATURES, "orders", "spend", "asked", "cutoff", "window"
    }  # fmt: skip
    assert set(test) == {"id", "orders", "spend"}
    for table in (orders, train, test):
        assert not table.isna().any().any()
        assert table.id.is_unique
    assert (train.recency <= train.age).all()
    assert (train.frequency >= 1).all()
    assert train[[*data.FEATURES, "orders", "spend"]].min().min() >= 0


def test_no_order_after_the_last_cutoff_can_be_learned_from(prepared: Workspace) -> None:
    last = prepared.config["data"]["last"]
    assert part(prepared, "orders").date.max() == last
    assert part(prepared, "train").asked.max() == last


def test_windows_end_at_the_cutoff_that_is_asked(prepared: Workspace) -> None:
    train = part(prepared, "train")
    ends = pd.to_datetime(train.cutoff) + pd.to_timedelta(train.window, unit="D")
    assert (ends == pd.to_datetime(train.asked)).all()
    assert set(train.window) == set(prepared.config["data"]["windows"])


def test_what_judges_an_idea_lies_after_all_that_the_model_for_it_has_seen(
    prepared: Workspace,
) -> None:
    """The judged cut-off is the end of the windows of the rows that are learned from there."""
    train, settings = part(prepared, "train"), prepared.config["data"]
    judged = train[(train.asked == settings["last"]) & (train.window == max(settings["windows"]))]
    assert set(judged.cutoff) == {train.asked.min()}
    assert train.asked.nunique() == 2


def test_every_customer_known_at_the_last_cutoff_is_asked_once(prepared: Workspace) -> None:
    test, orders = part(prepared, "test"), part(prepared, "orders")
    assert sorted(test.id) == sorted(orders.customer.unique())
    assert 0 < (test.spend > 0).mean() < 1


def test_the_sample_is_invented_and_says_so(prepared: Workspace) -> None:
    folder = prepared.sample / f"seed-{prepared.seed}"
    assert (folder / data.TABLE).exists()
    listed, again = data.read(folder / data.TABLE), generate(prepared.seed)
    assert listed.amount.to_numpy() == pytest.approx(again.amount.to_numpy())
    first = listed.groupby("customer").date.min()
    assert first.max() < pd.Timestamp("1997-03-26")
    assert listed.duplicated(["customer", "date"]).any(), "orders of one day are in it"
    assert (listed.amount == 0).any(), "and orders that cost nothing"


def test_what_is_asked_is_no_feature() -> None:
    assert not {"spend", "orders", "customer", "id", "window", "asked"} & set(data.FEATURES)
