import math

import numpy as np
import pandas as pd

from project_package import data
from project_package.kit.workspace import PROJECT_ROOT, Workspace
from project_package.studies import later_sales, spatial

SAMPLE = PROJECT_ROOT / "data" / "sample" / data.TABLE


def rows(workspace: Workspace) -> pd.DataFrame:
    parts = [
        pd.read_csv(workspace.processed / f"{name}.csv").assign(part=name) for name in data.PARTS
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_table_has_its_columns_and_sane_values(prepared: Workspace) -> None:
    sales = rows(prepared)
    assert set(sales.columns) >= {"id", "house", "price", *data.FEATURES}
    assert not sales.isna().any().any()
    assert sales.price.between(50_000, 10_000_000).all()
    assert sales.latitude.between(47, 48).all()
    assert sales.longitude.between(-123, -121).all()
    assert sales.month_of_sale.between(5, 17).all()


def test_the_parts_are_as_large_as_the_settings_say_and_dealt_by_the_seed() -> None:
    sales = pd.DataFrame({"house": np.arange(100), "price": 1.0})
    settings = {"parts": 10, "test_parts": 3, "validation_parts": 2}
    parts = data.split(sales, 1, settings)
    assert {name: len(part) for name, part in parts.items()} == {
        "train": 50, "validation": 20, "test": 30
    }  # fmt: skip
    houses = sorted(house for part in parts.values() for house in part.house)
    assert houses == list(range(100)), "every sale is in one of them"
    assert set(parts["test"].house) == set(data.split(sales, 1, settings)["test"].house)
    assert set(parts["test"].house) != set(data.split(sales, 2, settings)["test"].house)


def test_no_house_crosses_the_split(prepared: Workspace) -> None:
    sales = rows(prepared)
    houses = sales.groupby(data.SAME_HOUSE)
    assert houses.size().max() > 1, "the sample should hold houses sold twice"
    assert houses.part.nunique().max() == 1


def test_sales_without_price_or_area_are_left_out() -> None:
    table = pd.read_csv(SAMPLE)
    table.loc[0, "price"] = 0
    table.loc[1, "sqft_living"] = 0
    assert len(data.clean(table)) == len(table) - 2


def test_the_price_is_no_feature() -> None:
    assert not {"price", "id", "house"} & set(data.FEATURES)


def test_a_block_of_the_map_and_a_house_are_on_one_side(prepared: Workspace) -> None:
    """Asked of the row numbers themselves: a block is a block, whatever it is called."""
    sales = rows(prepared)
    cells = list(
        zip(
            (sales.latitude / 0.05).apply(math.floor),
            (sales.longitude / 0.05).apply(math.floor),
            strict=True,
        )
    )
    held = []
    for fit, held_out in spatial.spatial_folds(sales, 0.05, 5, prepared.seed):
        assert not set(fit) & set(held_out)
        for names in (cells, list(sales.house)):
            assert not {names[row] for row in fit} & {names[row] for row in held_out}
        held += list(held_out)
    assert sorted(held) == list(range(len(sales)))
    assert len(set(cells)) > 50


def test_no_sale_after_the_cut_is_learnt_from(prepared: Workspace) -> None:
    sales = rows(prepared)
    past, later = later_sales.time_split(sales, prepared.config["evaluate"]["last_known"])
    assert len(past) + len(later) == len(sales)
    raw = pd.read_csv(SAMPLE).set_index("id")
    months = {name: raw.loc[part.id, ["year", "month"]] for name, part in
              (("past", past), ("later", later))}  # fmt: skip
    assert max(map(tuple, months["past"].to_numpy())) == (2015, 2)
    assert min(map(tuple, months["later"].to_numpy())) == (2015, 3)
