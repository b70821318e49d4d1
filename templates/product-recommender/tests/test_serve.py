import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from project_package.kit.served import Served
from project_package.kit.workspace import Workspace
from project_package.serve import LONGEST_LIST, MOST_LIKED
from project_package.watch import summarise


def test_films_are_found_and_lead_to_recommendations(client: TestClient) -> None:
    films = client.get("/films", params={"query": "horror 3"}).json()["films"]
    assert films[0]["title"] == "Invented Horror 3"
    answer = client.post("/predict", json={"liked": [films[0]["film"]]}).json()
    assert answer["liked"] == films[:1]
    assert len(answer["recommendations"]) == 10
    first = answer["recommendations"][0]
    assert first["because"][0]["title"] == "Invented Horror 3"


def test_length_and_adventure_are_honoured(client: TestClient) -> None:
    plain = client.post("/predict", json={"liked": [30], "length": 30}).json()
    bold = client.post("/predict", json={"liked": [30], "length": 30, "adventure": 0.45}).json()
    assert len(plain["recommendations"]) == len(bold["recommendations"]) == 30

    def fame(answer: dict) -> int:
        return sum(item["film"]["known_by"] for item in answer["recommendations"][:10])

    assert fame(bold) <= fame(plain)


def test_two_numbers_a_list_are_logged_and_no_film(client: TestClient, trained: Workspace) -> None:
    client.post("/predict", json={"liked": [31, 32, 33]})
    *_, last = Served.of(trained).predictions.read()
    assert set(last) == {"id", "time", "model", "score", "summaries"}
    assert set(last["summaries"]) == {"fame"}


def test_what_is_logged_of_one_liked_film_fits_others_too(client: TestClient) -> None:
    known_by = [film["known_by"] for film in client.get("/films?length=50").json()["films"]]
    assert len({summarise([each])["fame"] for each in known_by}) < len(known_by) / 2


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"liked": []}, "liked"),
        ({"liked": ["Toy Story"]}, "liked"),
        ({"liked": [1] * (MOST_LIKED + 1)}, "liked"),
        ({"liked": [999_999]}, "no film with the number 999999"),
        ({"liked": [-1]}, "no film with the number -1"),
        ({"liked": [10**30]}, "no film with the number 1000"),
        ({"liked": [1], "length": LONGEST_LIST + 1}, "length"),
        ({"liked": [1], "adventure": 2}, "adventure"),
        ({"liked": [1], "user": 7}, "user"),
    ],
)
def test_a_refusal_says_what_is_wrong(client: TestClient, body: dict, named: str) -> None:
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


@pytest.mark.parametrize("query", ["%", "\x00", "ξένος", "a" * 100, "' OR 1=1 --"])
def test_odd_searches_find_nothing_and_break_nothing(client: TestClient, query: str) -> None:
    answer = client.get("/films", params={"query": query})
    assert answer.status_code == 200
    assert isinstance(answer.json()["films"], list)


def test_a_search_that_is_too_long_gets_a_sentence(client: TestClient) -> None:
    answer = client.get("/films", params={"query": "a" * 101})
    assert answer.status_code == 422
    assert "query" in answer.json()["error"]


def test_the_service_needs_no_package_that_only_training_needs() -> None:
    """A small container has no OpenMP library, which implicit is linked to."""
    code = "import sys; sys.modules['implicit'] = None; import project_package.serve"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
