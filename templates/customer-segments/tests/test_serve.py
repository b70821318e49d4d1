import pytest
from fastapi.testclient import TestClient

from project_package.serve import EXAMPLE, MOST_ORDERS

ORDER = {"date": "1997-02-10", "amount": 25.5}


def test_a_customer_gets_a_forecast_with_segment_and_reasons(client: TestClient) -> None:
    found = client.post("/predict", json=EXAMPLE).json()
    assert found["orders"] > 0
    assert found["spend"] > 0
    assert 1 <= found["segment"] <= found["segments"]
    sizes = [abs(share) for _, share in found["effects"]]
    assert len(sizes) == 4
    assert sizes == sorted(sizes, reverse=True)


def test_the_page_shows_the_segments_as_the_forecast_names_them(client: TestClient) -> None:
    profiles = client.get("/segments").json()
    found = client.post("/predict", json=EXAMPLE).json()
    assert len(profiles) == found["segments"]
    assert profiles[found["segment"] - 1] == found["profile"]
    assert "label" not in found["profile"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"orders": []}, "orders"),
        ({"orders": None}, "orders"),
        ({"orders": [{**ORDER, "amount": -1}]}, "amount"),
        ({"orders": [{**ORDER, "amount": "much"}]}, "amount"),
        ({"orders": [{**ORDER, "date": "1997-02-30"}]}, "date"),
        ({"orders": [{**ORDER, "date": "2024-01-01"}]}, "date"),
        ({"orders": [{**ORDER, "date": "1997-10-01"}]}, "after the day"),
        ({"orders": [ORDER, {**ORDER, "date": "1997-10-01"}]}, "after the day"),
        ({"orders": [{**ORDER, "name": "Ann"}]}, "name"),
        ({"orders": [ORDER] * (MOST_ORDERS + 1)}, "orders"),
        ({"today": "1995-01-01"}, "today"),
        ({"today": "soon"}, "today"),
    ],
)
def test_a_refusal_names_what_is_wrong(client: TestClient, change: dict, named: str) -> None:
    answer = client.post("/predict", json=EXAMPLE | change)
    assert answer.status_code == 422, answer.json()
    assert named in answer.json()["error"]
