from fastapi.testclient import TestClient

SNIPPETS = [
    {"text": "A wonderful, quiet film: the best of the year, moving and funny.", "kind": "movies"},
    {"text": "An awful, stupid, ugly and boring mess that I hated.", "kind": "movies"},
    {"text": "I love love love this!!! Best day ever :)", "kind": "tweets"},
    {"text": "The council meets on Monday.", "kind": "nyt"},
    {"text": "It was great.", "kind": "other"},
]


def test_an_opinion_says_when_a_person_should_look(client: TestClient) -> None:
    opinions = client.post("/predict", json={"snippets": SNIPPETS}).json()["opinions"]
    assert [each.get("ask") for each in opinions] == [
        each["low"] is None or each["low"] <= 0 <= each["high"] for each in opinions
    ]
