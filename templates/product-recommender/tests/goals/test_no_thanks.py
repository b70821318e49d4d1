from fastapi.testclient import TestClient


def test_hidden_films_stay_away_and_the_next_move_up(client: TestClient) -> None:
    def films(**visit) -> list[int]:
        answer = client.post("/predict", json={"liked": [30, 31], **visit})
        assert answer.status_code == 200, answer.json()
        return [item["film"]["film"] for item in answer.json()["recommendations"]]

    first = films(length=13)
    hidden = [first[0], first[2], first[5]]
    assert films(hidden=hidden) == [film for film in first if film not in hidden]
    assert films(hidden=[]) == first[:10]
    refused = client.post("/predict", json={"liked": [30], "hidden": [999_999]})
    assert refused.status_code == 422
