import json

import numpy as np
import pytest
from fastapi.testclient import TestClient

from project_package import data
from project_package.kit.served import Served
from project_package.kit.workspace import Workspace
from project_package.pictures import KINDS, Pictures
from project_package.predict import Detector
from project_package.serve import EXAMPLE, MOST, encode


@pytest.fixture(scope="module")
def pictures(trained: Workspace) -> Pictures:
    return data.load(trained, "train", reader="train").take(np.arange(6))


def ask(client: TestClient, asked: dict) -> dict:
    answer = client.post("/predict", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_picture_is_answered_with_counts_and_boxes(client, pictures, trained) -> None:
    answer = ask(client, encode(pictures.pixels[0]))
    assert list(answer["counts"]) == list(KINDS) == list(answer["thresholds"])
    found = Detector.load(trained).detect(pictures.pixels[0])
    assert [each["score"] for each in answer["found"]] == found[:, 5].tolist()
    assert [each["box"] for each in answer["found"]] == found[:, 1:5].tolist()
    assert [KINDS.index(each["kind"]) for each in answer["found"]] == found[:, 0].tolist()


def test_the_picture_is_not_logged(client: TestClient, trained: Workspace, pictures) -> None:
    asked = encode(pictures.pixels[1])
    answer = ask(client, asked)
    records = [*Served.of(trained).predictions.read()]
    assert set(records[-1]["summaries"]) == {"light", "purple", "sharpness"}
    assert records[-1]["said"] == sum(answer["counts"].values())
    assert asked["picture"][60:100] not in json.dumps(records)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"picture": "%%%"}, "picture"),
        ({"picture": "QUJD"}, "3 bytes"),
        ({"width": 95}, "95"),
        ({"height": 8}, "height"),
        ({"width": MOST + 1}, "width"),
        ({"width": 96.5}, "width"),
        ({"name": "Ada"}, "name"),
    ],
)
def test_a_refusal_says_what_is_wrong(client: TestClient, change: dict, named: str) -> None:
    answer = client.post("/predict", json={**EXAMPLE, **change})
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_how_many_cells_there_were_is_taken(client: TestClient) -> None:
    name = client.post("/predict", json=EXAMPLE).headers["Prediction-Ids"]
    assert client.post("/feedback", json={"id": name, "truth": 14}).status_code == 201
    for wrong in (0, -3, "many", 2000):
        assert client.post("/feedback", json={"id": name, "truth": wrong}).status_code == 422


def test_the_page_says_that_it_is_no_medical_device_and_what_it_cannot_do(client) -> None:
    page = client.get("/").text
    for words in ("not a medical device", "What it cannot do", "diagnoses nothing", "have no box"):
        assert words in page


def test_the_page_works_without_a_mouse_and_without_colour(client: TestClient) -> None:
    page = client.get("/").text
    for words in ('aria-live="polite"', 'role="alert"', "aria-label", 'for="file"', 'tabindex="0"'):
        assert words in page
    assert "setLineDash" in client.get("/page/app.js").text
