import pytest
from fastapi.testclient import TestClient

PAIRS = [
    ("Fr3e m0ney for you", "Free money for you"),
    ("w1nner, cl1ck here", "winner, click here"),
    ("your CR3DIT card", "your CREDIT card"),
]
PLAIN = "Meet at 10 on March 3, room 101; see RFC 1345 and python3."


def probability(client: TestClient, body: str) -> float:
    answer = client.post("/predict", json={"mails": [{"body": body}]}).json()
    return answer["verdicts"][0]["probability"]


@pytest.mark.parametrize(("disguised", "word"), PAIRS)
def test_a_word_in_disguise_counts_as_the_word(client: TestClient, disguised, word) -> None:
    assert probability(client, disguised) == pytest.approx(probability(client, word))
    assert probability(client, PLAIN) != probability(client, PLAIN.replace("10", "io"))
