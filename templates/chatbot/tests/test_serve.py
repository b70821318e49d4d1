import pytest
from fastapi.testclient import TestClient

from project_package.serve import LARGEST_BATCH, LONGEST_MAIL

MAIL = {"subject": "Offer", "body": "Click here for your free credit report."}


def test_a_mail_gets_a_verdict_with_its_reasons(client: TestClient) -> None:
    (verdict,) = client.post("/predict", json={"mails": [MAIL]}).json()["verdicts"]
    assert 0 <= verdict["probability"] <= 1
    assert verdict["spam"] is (verdict["probability"] >= verdict["threshold"])
    assert "free" in [word for word, _ in verdict["words"]]


def test_a_batch_keeps_its_order(client: TestClient) -> None:
    other = {"body": "I will merge your patch tomorrow."}
    answers = client.post("/predict", json={"mails": [MAIL, other, MAIL]}).json()["verdicts"]
    assert answers[0] == answers[2] != answers[1]


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({"mails": []}, "mails"),
        ({"mails": [{"subject": "no body"}]}, "body"),
        ({"mails": [{"body": 7}]}, "body"),
        ({"mails": [{"body": "x", "sender": "y"}]}, "sender"),
        ({"mails": [{"body": "x" * (LONGEST_MAIL + 1)}]}, "body"),
        ({"mails": [{"body": "x"}] * (LARGEST_BATCH + 1)}, "mails"),
    ],
)
def test_a_refusal_names_the_field(client: TestClient, request_body, named) -> None:
    answer = client.post("/predict", json=request_body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]
