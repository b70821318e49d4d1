"""What a buyer expects of any appraisal (Ribeiro et al., CheckList, 2020)."""

import pytest

from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import Appraiser

HOUSE = {"zipcode": 98103, "sqft_living": 1800, "grade": 7, "bathrooms": 2, "condition": 3}


@pytest.fixture(scope="module")
def appraiser(trained: Workspace) -> Appraiser:
    return Appraiser.load(trained)


@pytest.mark.parametrize(
    "better", [{"sqft_living": 3200}, {"grade": 10}, {"sqft_living": 2600, "grade": 9}]
)
def test_a_larger_or_finer_house_costs_more(appraiser: Appraiser, better: dict) -> None:
    assert appraiser.appraise(HOUSE | better).price > 1.05 * appraiser.appraise(HOUSE).price


def test_a_poor_district_costs_less(appraiser: Appraiser) -> None:
    dear, cheap = (appraiser.appraise(HOUSE | {"zipcode": code}) for code in (98112, 98002))
    assert cheap.price < 0.8 * dear.price


def test_the_price_lies_in_its_interval(appraiser: Appraiser) -> None:
    for size in (400, 1800, 8000):
        appraisal = appraiser.appraise(HOUSE | {"sqft_living": size})
        assert 0 < appraisal.low <= appraisal.price <= appraisal.high


def test_a_typical_house_is_moved_by_nothing(appraiser: Appraiser) -> None:
    row = appraiser.typical.to_frame().T
    appraisal = appraiser.appraise(row.iloc[0].to_dict())
    effects = dict(appraisal.effects)
    assert max(abs(effects[name]) for name in effects if name not in ("place", "size")) == 0


def test_an_unknown_district_is_refused(appraiser: Appraiser) -> None:
    with pytest.raises(ProjectError, match="no sale in zip code 98000"):
        appraiser.appraise(HOUSE | {"zipcode": 98000})
