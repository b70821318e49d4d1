"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline

from project_package import data, model
from project_package.kit.workspace import PROJECT_ROOT

SAMPLE = PROJECT_ROOT / "data" / "sample" / data.TABLE


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.read_csv(SAMPLE)


def test_an_error_counts_in_parts_of_the_price_and_without_its_sign() -> None:
    found = model.percentage_errors([100, 200, 400], [110, 150, 400])
    assert found.tolist() == pytest.approx([0.1, 0.25, 0.0])
    assert model.median_ape([100, 200, 400], [110, 150, 400]) == pytest.approx(0.1)


def test_prices_may_come_as_a_column_whose_rows_are_numbered_otherwise() -> None:
    price = pd.Series([100.0, 200.0], index=[7, 3])
    assert model.percentage_errors(price, np.array([50, 300])).tolist() == [0.5, 0.5]


def test_cleaning_keeps_the_columns_that_are_asked_for(table: pd.DataFrame) -> None:
    sales = data.clean(table)
    assert list(sales.columns) == ["id", "house", "price", *data.FEATURES]
    assert list(sales.index) == list(range(len(sales)))
    assert all(isinstance(name, str) for name in sales.id)


def test_months_are_counted_from_january_2014(table: pd.DataFrame) -> None:
    sales = data.clean(table.assign(year=2015, month=3))
    assert set(sales.month_of_sale) == {15}


def test_sales_of_one_house_share_its_number(table: pd.DataFrame) -> None:
    twice = pd.concat([table.head(20), table.head(20).assign(month=1)], ignore_index=True)
    house = data.clean(twice).house.to_numpy()
    assert (house[:20] == house[20:]).all()
    assert len(set(house)) == len(table.head(20).drop_duplicates(data.SAME_HOUSE))


def test_a_house_that_was_rebuilt_is_the_same_house(table: pd.DataFrame) -> None:
    """Its place, its lot and its first year stay; whatever was built on it since may change."""
    before = table.head(20)
    rebuilt = before.assign(
        sqft_living=before.sqft_living + 500, bedrooms=before.bedrooms + 1, year_renovated=2015
    )
    house = data.clean(pd.concat([before, rebuilt], ignore_index=True)).house.to_numpy()
    assert (house[:20] == house[20:]).all()


def test_a_constant_price_is_the_middle_one() -> None:
    houses = pd.DataFrame({"anything": range(5)})
    fitted = model.median_price().fit(houses, [1.0, 2.0, 4.0, 8.0, 1000.0])
    assert fitted.predict(houses) == pytest.approx([4.0] * 5)


def test_areas_become_logarithms_on_one_scale() -> None:
    areas = pd.DataFrame({"a": [0.0, 9.0, 99.0, 999.0], "b": [1e6, 1e3, 1e9, 1.0]})
    found = make_pipeline(model.log_areas()).fit_transform(areas)
    assert found.mean(axis=0) == pytest.approx([0, 0], abs=1e-9)
    assert found.std(axis=0) == pytest.approx([1, 1])
    assert np.diff(np.asarray(found)[:, 0]) == pytest.approx([0.894427191] * 3)


def test_a_margin_is_the_miss_that_leaves_the_share_outside() -> None:
    """Ten prices miss the lower end by 0.1 to 1.0; nine tenths of eleven are all ten.

    Half of eleven are the sixth or the seventh, as one counts.
    """
    misses = np.linspace(0.1, 1.0, 10)
    low, high = np.zeros(10), np.full(10, 5.0)
    half = model.conformal_margin(-misses, low, high, coverage=0.5)
    assert min(abs(half - misses[5]), abs(half - misses[6])) == pytest.approx(0, abs=1e-9)
    assert model.conformal_margin(-misses, low, high, coverage=0.9) == pytest.approx(1.0)


def test_a_margin_may_be_negative_where_the_ends_are_too_wide() -> None:
    price = np.zeros(100)
    assert model.conformal_margin(price, price - 2, price + 3, coverage=0.9) == pytest.approx(-2)
