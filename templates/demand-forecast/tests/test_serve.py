import pandas as pd
import pytest
from fastapi.testclient import TestClient

from project_package.data import TABLE
from project_package.kit.workspace import PROJECT_ROOT

HOUSE = {"zipcode": 98103, "sqft_living": 1800}


def test_a_house_gets_a_price_with_its_interval_and_reasons(client: TestClient) -> None:
    appraisal = client.post("/predict", json=HOUSE).json()
    assert appraisal["low"] <= appraisal["price"] <= appraisal["high"]
    assert "place" in [name for name, _ in appraisal["effects"]]


def test_the_page_offers_the_districts_of_the_training_data(client: TestClient) -> None:
    districts = client.get("/districts").json()
    assert 98103 in districts
    assert districts == sorted(districts)


@pytest.mark.parametrize("column", ["view", "condition", "grade", "floors", "waterfront"])
def test_a_house_may_have_any_quality_that_the_table_knows(client: TestClient, column) -> None:
    table = pd.read_csv(PROJECT_ROOT / "data" / "sample" / TABLE)
    for value in table[column].unique().tolist():
        assert client.post("/predict", json=HOUSE | {column: value}).status_code == 200, value


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"sqft_living": None}, "sqft_living"),
        ({"sqft_living": "large"}, "sqft_living"),
        ({"sqft_living": 10}, "sqft_living"),
        ({"zipcode": 10001}, "zipcode"),
        ({"zipcode": 98060}, "zip code"),
        ({"sqft_basement": 1800}, "basement"),
        ({"garage": 2}, "garage"),
        ({"view": 0}, "view"),
    ],
)
def test_a_refusal_names_what_is_wrong(client: TestClient, change: dict, named: str) -> None:
    answer = client.post("/predict", json=HOUSE | change)
    assert answer.status_code == 422, answer.json()
    assert named in answer.json()["error"]
