import pytest
from fastapi.testclient import TestClient

from project_package.serve import EXAMPLE


def test_an_answer_says_how_far_ahead_the_nearest_is(client: TestClient) -> None:
    alone = client.post("/predict", json=EXAMPLE).json()
    assert alone["margin"] is None
    mine = alone["descriptor"]
    other = [-each for each in mine]
    gallery = {"Ada": [mine], "Ben": [mine, other], "Cleo": [other]}
    answer = client.post("/predict", json={**EXAMPLE, "gallery": gallery}).json()
    assert answer["margin"] == pytest.approx(1, abs=1e-4)
    one = client.post("/predict", json={**EXAMPLE, "gallery": {"Ada": [mine]}}).json()
    assert one["margin"] is None
