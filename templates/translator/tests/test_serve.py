import json
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient

from project_package.kit.served import Served
from project_package.kit.workspace import Workspace
from project_package.serve import LARGEST_BATCH, LONGEST, WIDEST

DOG, CATS = "A young dog runs in the park.", "Two cats sleep on the bridge."


def ask(client: TestClient, *sentences: str, **more) -> list[dict]:
    answer = client.post("/predict", json={"sentences": list(sentences), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()["translations"]


def test_a_sentence_gets_its_translation_and_where_was_looked(client: TestClient) -> None:
    (said,) = ask(client, DOG)
    assert said["text"]
    assert len(said["attention"]) == len(said["pieces"])
    assert len(said["attention"][0]) == len(said["source"])
    assert said["others"]


def test_a_batch_keeps_its_order(client: TestClient) -> None:
    first, second, third = ask(client, DOG, CATS, DOG)
    assert first == third != second
    assert second == ask(client, CATS)[0]


def test_the_width_of_the_search_is_the_askers(client: TestClient) -> None:
    assert ask(client, DOG, beam=1)[0]["others"] == []
    assert len(ask(client, DOG, beam=6)[0]["others"]) > 1


def test_no_sentence_is_logged(client: TestClient, trained: Workspace) -> None:
    (said,) = ask(client, "Orla sleeps behind the church.")
    records = [*Served.of(trained).predictions.read()]
    assert set(records[-1]["summaries"]) == {"words", "pieces_a_word", "capitals"}
    assert records[-1]["score"] == pytest.approx(said["probability"], rel=1e-4)
    text = json.dumps(records, ensure_ascii=False)
    assert "Orla" not in text
    assert said["text"] not in text


def test_of_a_correction_the_share_that_stayed_is_taken(client: TestClient) -> None:
    name = client.post("/predict", json={"sentences": [DOG]}).headers["Prediction-Ids"]
    assert client.post("/feedback", json={"id": name, "truth": 0.8}).status_code == 201
    assert client.post("/feedback", json={"id": name, "truth": 8.0}).status_code == 422


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"sentences": []}, "sentences"),
        ({"sentences": [""]}, "sentences"),
        ({"sentences": [7]}, "sentences"),
        ({"sentences": ["x" * (LONGEST + 1)]}, "sentences"),
        ({"sentences": [DOG] * (LARGEST_BATCH + 1)}, "sentences"),
        ({"sentences": [DOG], "beam": 0}, "beam"),
        ({"sentences": [DOG], "beam": WIDEST + 1}, "beam"),
        ({"sentences": [DOG], "language": "fr"}, "language"),
        ({"sentences": [" \n "]}, "nothing to translate"),
        ({"sentences": ["a b " * 100]}, "can be read"),
    ],
)
def test_a_refusal_names_what_is_wrong(client: TestClient, body: dict, named: str) -> None:
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_the_service_needs_neither_pytorch_nor_scikit_learn() -> None:
    code = "import sys, project_package.serve; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"torch", "sklearn", "sacrebleu"} & set(loaded.stdout.split())


def test_the_page_says_first_what_it_cannot_do(client: TestClient) -> None:
    page = client.get("/").text
    assert page.index("What it cannot do") < page.index("<form")
    for words in (
        "captions of photographs",
        "never says so",
        "Rely on nothing",
        "Nothing you enter",
    ):
        assert words in page


def test_the_page_works_without_a_mouse_and_without_colour(client: TestClient) -> None:
    page = client.get("/").text
    for words in (
        'aria-live="polite"',
        'role="alert"',
        'tabindex="0"',
        'for="sentence"',
        'lang="de"',
    ):
        assert words in page
    program = client.get("/page/app.js").text
    assert "percent(share)" in program, "numbers stand in the cells beside their shade"
