from fastapi.testclient import TestClient

CUSTOMERS = [
    {"orders": [{"date": "1997-02-01", "amount": amount}], "today": "1997-09-30"}
    for amount in (20, 200, 5)
]


def test_a_list_is_answered_in_its_order_and_ranked(client: TestClient) -> None:
    found = client.post("/rank", json={"customers": CUSTOMERS}).json()
    alone = [client.post("/predict", json=customer).json() for customer in CUSTOMERS]
    assert found["forecasts"] == alone
    assert found["first"] == [1, 0, 2]
    for refused in ([], CUSTOMERS * 17, [*CUSTOMERS, {"orders": [], "today": "1997-09-30"}]):
        assert client.post("/rank", json={"customers": refused}).status_code == 422
