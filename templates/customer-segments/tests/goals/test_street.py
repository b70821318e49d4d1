import pytest
from fastapi.testclient import TestClient

HOUSES = [{"zipcode": 98103, "sqft_living": size} for size in (900, 1800, 3600)]


def test_a_street_is_valued_house_by_house(client: TestClient) -> None:
    street = client.post("/street", json={"houses": HOUSES}).json()
    alone = [client.post("/predict", json=house).json() for house in HOUSES]
    assert street["appraisals"] == alone
    assert street["total"] == pytest.approx(sum(each["price"] for each in alone))
    for refused in ([], HOUSES * 17, [*HOUSES, {"zipcode": 10001, "sqft_living": 900}]):
        assert client.post("/street", json={"houses": refused}).status_code == 422
