import pytest
from fastapi.testclient import TestClient

HOUSE = {"zipcode": 98103, "sqft_living": 1800}


def test_an_asking_price_is_held_against_the_interval(client: TestClient) -> None:
    plain = client.post("/predict", json=HOUSE).json()
    prices = {"low": 0.9 * plain["low"], "fair": plain["price"], "high": 1.1 * plain["high"]}
    assert "asked" in plain
    assert plain["asked"] is None
    for word, asking in prices.items():
        answer = client.post("/predict", json=HOUSE | {"asking": asking}).json()
        assert answer["asked"] == word
        assert answer["price"] == pytest.approx(plain["price"]), "what is asked moves no price"
    assert client.post("/predict", json=HOUSE | {"asking": -1}).status_code == 422
