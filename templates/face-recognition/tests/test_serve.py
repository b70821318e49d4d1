import json

import numpy as np
import pytest
from fastapi.testclient import TestClient

from project_package import data
from project_package.demo import encode
from project_package.kit.served import Served
from project_package.kit.workspace import Workspace
from project_package.predict import Recogniser
from project_package.serve import EXAMPLE, MOST_PEOPLE, MOST_PICTURES, PIXELS


@pytest.fixture(scope="module")
def pictures(trained: Workspace) -> list[str]:
    """Of the training set, the least unusual first."""
    pixels = data.load(trained, "train", reader="train").pixels
    order = Recogniser.load(trained).encoder.distance(pixels).argsort()
    return [encode(pixels[row]) for row in order[:10]]


def enrolled(client: TestClient, picture: str) -> list[float]:
    return client.post("/predict", json={"picture": picture}).json()["descriptor"]


def test_who_enrols_is_recognised_and_the_service_keeps_nothing(
    client: TestClient, pictures: list[str]
) -> None:
    descriptor = enrolled(client, pictures[0])
    answer = client.post(
        "/predict", json={"picture": pictures[0], "gallery": {"Ada": [descriptor]}}
    ).json()
    assert (answer["known"], answer["nearest"]) == (True, "Ada")
    assert answer["likeness"] == pytest.approx(1, abs=1e-4)
    again = client.post("/predict", json={"picture": pictures[0]}).json()
    assert again["nearest"] is None, "whom one visitor enrols, no other meets"


def test_neither_names_nor_descriptors_nor_pictures_are_logged(
    client: TestClient, trained: Workspace, pictures: list[str]
) -> None:
    descriptor = enrolled(client, pictures[1])
    client.post("/predict", json={"picture": pictures[1], "gallery": {"Zebedee": [descriptor]}})
    records = [*Served.of(trained).predictions.read()]
    text = json.dumps(records)
    assert "Zebedee" not in text
    assert pictures[1][:40] not in text
    assert str(descriptor[0]) not in text
    assert set(records[-1]["summaries"]) == {"brightness", "contrast", "side"}


def test_an_answer_says_how_unusual_the_picture_is(client: TestClient) -> None:
    answer = client.post("/predict", json=EXAMPLE).json()
    assert answer["distance"] > 0
    assert answer["usual"] > 0
    assert answer["threshold"] < 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"picture": "%%%"}, "picture"),
        ({"picture": encode(np.zeros((10, 10), np.uint8))}, "picture"),
        ({"picture": encode(np.full(PIXELS, 9, np.uint8))}, "contrast"),
        ({"gallery": {"Ada": []}}, "gallery"),
        ({"gallery": {"": [[1.0]]}}, "gallery"),
        ({"gallery": {"Ada": [[1.0]]}}, "another model"),
        ({"gallery": {"Ada": [["one"]]}}, "gallery"),
        ({"gallery": {"Ada": [[1.0]] * (MOST_PICTURES + 1)}}, "gallery"),
        ({"gallery": {str(each): [[1.0]] for each in range(MOST_PEOPLE + 1)}}, "gallery"),
        ({"name": "Ada"}, "name"),
    ],
)
def test_a_refusal_says_what_is_wrong(client: TestClient, change: dict, named: str) -> None:
    answer = client.post("/predict", json={**EXAMPLE, **change})
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_what_turned_out_to_be_true_is_taken(client: TestClient) -> None:
    answer = client.post("/predict", json=EXAMPLE)
    name = answer.headers["Prediction-Ids"]
    assert client.post("/feedback", json={"id": name, "truth": False}).status_code == 201
    assert client.post("/feedback", json={"id": name, "truth": "Ada"}).status_code == 422


def test_the_page_says_what_it_cannot_do(client: TestClient) -> None:
    page = client.get("/").text
    for words in ("What it cannot do", "alive", "people who agreed", "in this browser alone"):
        assert words in page
