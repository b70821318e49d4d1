import json

import numpy as np
import pytest
from fastapi.testclient import TestClient

from project_package import data
from project_package.demo import encode
from project_package.kit.served import Served
from project_package.kit.workspace import Workspace
from project_package.serve import EXAMPLE, MOST_TAKES


@pytest.fixture(scope="module")
def recordings(trained: Workspace) -> list[str]:
    return [encode(sound) for sound in data.load(trained, "train", reader="train").sounds[:6]]


def ask(client: TestClient, **asked) -> dict:
    answer = client.post("/predict", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_recording_is_answered_with_what_was_seen_and_what_decided(client, recordings) -> None:
    answer = ask(client, recording=recordings[0])
    assert answer["word"] == data.DIGITS[answer["digit"]]
    assert answer["sure"] == (answer["reason"] == "")
    assert len(answer["seen"][0]) > len(answer["occlusion"][0])
    assert set(answer["probabilities"]) == {*data.DIGITS, "none of them"}


def test_who_enrols_is_kept_by_the_asker_alone(client: TestClient, recordings) -> None:
    before = ask(client, recording=recordings[0])
    own = {
        "seven": [before["descriptor"]],
        "two": [ask(client, recording=recordings[5])["descriptor"]],
    }
    after = ask(client, recording=recordings[0], enrolled=own)
    assert after["probabilities"] != before["probabilities"]
    assert ask(client, recording=recordings[0]) == before


def test_neither_sound_nor_descriptor_is_logged(client, trained: Workspace, recordings) -> None:
    descriptor = ask(client, recording=recordings[1])["descriptor"]
    ask(client, recording=recordings[1], enrolled={"one": [descriptor]})
    records = [*Served.of(trained).predictions.read()]
    assert set(records[-1]["summaries"]) == {"seconds", "loudness", "range"}
    text = json.dumps(records)
    assert recordings[1][60:100] not in text
    assert str(next(value for value in descriptor if value)) not in text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"recording": "%%%"}, "recording"),
        ({"recording": "QUJD"}, "WAV"),
        ({"recording": encode(np.zeros(3 * 8000 + 1, np.int16))}, "at most 3 seconds"),
        ({"recording": encode(np.zeros(0, np.int16))}, "at most 3 seconds"),
        ({"enrolled": {"eleven": [[1.0]]}}, "enrolled"),
        ({"enrolled": {"one": []}}, "enrolled"),
        ({"enrolled": {"one": [[1.0]]}}, "another model"),
        ({"enrolled": {"one": [[1.0]] * (MOST_TAKES + 1)}}, "enrolled"),
        ({"name": "Ada"}, "name"),
    ],
)
def test_a_refusal_says_what_is_wrong(client: TestClient, change: dict, named: str) -> None:
    answer = client.post("/predict", json={**EXAMPLE, **change})
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_what_was_really_said_is_taken_by_its_word(client: TestClient) -> None:
    name = client.post("/predict", json=EXAMPLE).headers["Prediction-Ids"]
    assert client.post("/feedback", json={"id": name, "truth": "seven"}).status_code == 201
    assert client.post("/feedback", json={"id": name, "truth": "eleven"}).status_code == 422


def test_the_page_says_what_it_cannot_do(client: TestClient) -> None:
    page = client.get("/").text
    for words in ("What it cannot do", "six men", "another word for a digit", "No sound is kept"):
        assert words in page


def test_the_page_works_without_a_mouse_and_without_colour(client: TestClient) -> None:
    page = client.get("/").text
    for words in ('aria-live="polite"', 'role="alert"', "aria-label", 'for="file"'):
        assert words in page
