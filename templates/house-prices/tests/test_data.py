import pandas as pd

from project_package import data
from project_package.workspace import PROJECT_ROOT, Workspace

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
