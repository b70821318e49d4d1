import pytest
from fastapi.testclient import TestClient

SURE = 0.5
LINES = [
    [],
    [3, 0, 3, 0, 3, 1],  # a win at hand
    [3, 2, 0, 2, 6, 2, 5],  # another one, for the second player
    [0, 2, 0, 3, 6, 4, 1],  # and one that cannot be stopped
    [0, 0, 6, 6, 1],
]


@pytest.mark.parametrize("moves", LINES)
def test_an_opinion_says_how_the_game_stands(client: TestClient, moves: list[int]) -> None:
    opinion = client.post("/predict", json={"game": "connect_four", "moves": moves}).json()
    value = {each["move"]: each["value"] for each in opinion["moves"]}[opinion["choice"]]
    told = "good" if value >= SURE else "bad" if value <= -SURE else "open"
    assert opinion.get("outlook") == told
    lost = client.post("/predict", json={"game": "connect_four", "moves": [3, 0, 3, 0, 3, 0, 3]})
    assert lost.json()["outlook"] is None
