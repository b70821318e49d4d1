from fastapi.testclient import TestClient


def test_what_is_not_understood_is_met_with_two_offers(client: TestClient) -> None:
    for text, understood in (("freeze my account", True), ("qzx vkj wpf", False)):
        answer = client.post("/predict", json={"turns": [text]}).json()
        assert (answer["way"] == "intent") is understood
        likeliest = [name for name, _ in answer["guesses"][:2]]
        assert answer["offered"] == ([] if understood else likeliest)
