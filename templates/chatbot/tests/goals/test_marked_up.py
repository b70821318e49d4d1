import pytest
from fastapi.testclient import TestClient

WISH = "freeze my account"


def score(client: TestClient, text: str) -> float:
    return client.post("/predict", json={"turns": [text]}).json()["score"]


@pytest.mark.parametrize(
    "dressed",
    [
        "<p>freeze my <b>account</b></p>",
        "<div class='x'>freeze my account</div>",
        "freeze my account<script>alert('refund')</script>",
    ],
)
def test_tags_around_a_wish_do_not_change_its_score(client: TestClient, dressed: str) -> None:
    assert score(client, dressed) == pytest.approx(score(client, WISH))
    assert score(client, "2 < 3 and 5 > 4") != score(client, "2 4")
