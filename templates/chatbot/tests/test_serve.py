import pytest
from fastapi.testclient import TestClient

from project_package.data import NOWHERE
from project_package.kit.served import Served
from project_package.kit.web import IDS
from project_package.kit.workspace import Workspace
from project_package.serve import LONGEST_TEXT, MOST_TURNS


def ask(client: TestClient, *turns: str) -> dict:
    answer = client.post("/predict", json={"turns": turns})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_query_gets_a_reply_with_its_reasons(client: TestClient) -> None:
    answer = ask(client, "please freeze my account")
    assert answer["way"] == "intent"
    assert answer["intent"] == "freeze_account" == answer["guesses"][0][0]
    assert answer["score"] == answer["guesses"][0][1] >= answer["threshold"]
    assert [score for _, score in answer["guesses"]] == sorted(
        (score for _, score in answer["guesses"]), reverse=True
    )
    assert "freeze" in [word for word, _ in answer["words"]]


def test_a_conversation_is_told_whole_and_nothing_is_kept_between(client: TestClient) -> None:
    first = ask(client, "book my hotel")
    assert first["asked"] == "city"
    assert ask(client, "book my hotel", "paris")["asked"] == "date"
    done = ask(client, "book my hotel", "paris", "tomorrow")
    assert done["asked"] is None
    assert done["slots"] == {"city": "Paris", "date": "tomorrow"}
    assert "Paris" in done["reply"]
    assert ask(client, "tomorrow")["slots"] == {}, "another visitor's words are not known"


def test_what_is_not_understood_is_said_to_be(client: TestClient) -> None:
    answer = ask(client, "qzx vkj wpf")
    assert answer["way"] == "unknown"
    assert answer["intent"] is None
    assert answer["score"] < answer["threshold"]


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({"turns": []}, "turns"),
        ({}, "turns"),
        ({"turns": [""]}, "turns"),
        ({"turns": [7]}, "turns"),
        ({"turns": "hello"}, "turns"),
        ({"turns": ["x"], "visitor": "y"}, "visitor"),
        ({"turns": ["x" * (LONGEST_TEXT + 1)]}, "turns"),
        ({"turns": ["x"] * (MOST_TURNS + 1)}, "turns"),
    ],
)
def test_a_refusal_names_the_field(client: TestClient, request_body, named) -> None:
    answer = client.post("/predict", json=request_body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_of_a_text_three_numbers_are_kept_and_not_the_text(
    client: TestClient, trained: Workspace
) -> None:
    canary = "zyzzyvaquark"
    answer = client.post("/predict", json={"turns": ["freeze my account", f"{canary} 42"]})
    (name,) = answer.headers[IDS].split(",")
    record = next(r for r in Served.of(trained).predictions.read() if r["id"] == name)
    assert record["score"] == pytest.approx(answer.json()["score"], rel=1e-5)
    assert record["said"] == NOWHERE
    assert record["summaries"] == pytest.approx(
        {"words": 2, "letters": 6, "signs": 2 / 15}, rel=1e-4
    )
    assert canary not in str(record)


def test_a_truth_is_told_by_name(client: TestClient) -> None:
    answer = client.post("/predict", json={"turns": ["freeze my account"]})
    name = answer.headers[IDS]
    for truth, status in (
        ("freeze_account", 201),
        ("out of scope", 201),
        ("nonsense", 422),
        (3, 422),
    ):
        given = client.post("/feedback", json={"id": name, "truth": truth})
        assert given.status_code == status, truth
