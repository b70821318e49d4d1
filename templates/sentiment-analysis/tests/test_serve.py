import pytest
from fastapi.testclient import TestClient

from project_package.serve import LARGEST_BATCH, LONGEST_TEXT

SNIPPET = {"text": "A wonderful, quiet film.", "kind": "movies"}


def test_a_text_gets_a_rating_with_its_reasons(client: TestClient) -> None:
    (opinion,) = client.post("/predict", json={"snippets": [SNIPPET]}).json()["opinions"]
    assert -4 <= opinion["low"] <= opinion["rating"] <= opinion["high"] <= 4
    assert opinion["vader"] > 0
    assert [word["word"] for word in opinion["words"]] == SNIPPET["text"].split()


def test_a_batch_keeps_its_order(client: TestClient) -> None:
    other = {"text": "A dull mess.", "kind": "movies"}
    answer = client.post("/predict", json={"snippets": [SNIPPET, other, SNIPPET]}).json()
    first, second, third = answer["opinions"]
    assert first == third != second
    assert second["rating"] < first["rating"]


def test_a_text_of_unknown_kind_gets_no_range(client: TestClient) -> None:
    (opinion,) = client.post("/predict", json={"snippets": [{"text": "fine"}]}).json()["opinions"]
    assert opinion["low"] is opinion["high"] is None


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({"snippets": []}, "snippets"),
        ({"snippets": [{"kind": "movies"}]}, "text"),
        ({"snippets": [{"text": ""}]}, "text"),
        ({"snippets": [{"text": 7}]}, "text"),
        ({"snippets": [{"text": "x", "kind": "poems"}]}, "kind"),
        ({"snippets": [{"text": "x", "language": "fr"}]}, "language"),
        ({"snippets": [{"text": "x" * (LONGEST_TEXT + 1)}]}, "text"),
        ({"snippets": [{"text": "x"}] * (LARGEST_BATCH + 1)}, "snippets"),
    ],
)
def test_a_refusal_names_the_field(client: TestClient, request_body, named) -> None:
    answer = client.post("/predict", json=request_body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]
