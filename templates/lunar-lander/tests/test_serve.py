import pytest
from fastapi.testclient import TestClient

from project_package.kit.provenance import TRAINING
from project_package.kit.served import SCORES, SUMMARIES, Served
from project_package.kit.workspace import ProjectError, Workspace, read_json
from project_package.model import ENGINES
from project_package.predict import Lander, read_observation
from project_package.serve import EXAMPLE
from project_package.watch import summarise

SEEN = EXAMPLE["observation"]


def test_an_observation_gets_an_engine_odds_and_an_expectation(client: TestClient) -> None:
    advice = client.post("/predict", json=EXAMPLE).json()
    assert list(advice["odds"]) == list(ENGINES)
    assert advice["engine"] == ENGINES[advice["action"]]
    assert sum(advice["odds"].values()) == pytest.approx(1)
    assert isinstance(advice["expects"], float)


def test_the_service_answers_as_the_model_in_the_file(
    client: TestClient, trained: Workspace
) -> None:
    advice = client.post("/predict", json=EXAMPLE).json()
    own = Lander.load(trained).advise(SEEN)
    assert advice["odds"] == pytest.approx(own.odds)
    assert advice["expects"] == pytest.approx(own.expects)


def test_what_is_expected_is_in_points(trained: Workspace) -> None:
    lander = Lander.load(trained)
    scale = trained.config["train"]["reward_scale"]
    raw = float(lander.pilot.value([SEEN])[0, 0])
    assert lander.advise(SEEN).expects == pytest.approx(raw / scale)


def test_where_the_lander_is_stands_in_the_log_and_the_observation_does_not(
    client: TestClient, trained: Workspace
) -> None:
    advice = client.post("/predict", json=EXAMPLE).json()
    *_, last = Served.of(trained).predictions.read()
    assert last["score"] == pytest.approx(advice["expects"], rel=1e-5)
    assert last["summaries"] == pytest.approx(summarise(SEEN), rel=1e-5)
    assert set(last) == {"id", "time", "model", "score", "summaries"}


def test_height_speed_and_tilt_are_those_of_the_observation() -> None:
    found = summarise([0.5, 0.8, 0.3, -0.4, -0.2, 9.0, 0.0, 1.0])
    assert found == pytest.approx({"height": 0.8, "speed": 0.5, "tilt": 0.2})


def test_what_the_service_logs_has_its_like_in_the_reference(trained: Workspace) -> None:
    reference = read_json(trained.models / TRAINING, made_by="train")
    assert set(reference[SUMMARIES]) == set(summarise(SEEN))
    for values in reference[SUMMARIES].values():
        assert len(values) == len(reference[SCORES]) > 20
    assert max(reference[SUMMARIES]["height"]) > 1, "flights begin high up"


@pytest.mark.parametrize(
    ("request_body", "named"),
    [
        ({}, "observation"),
        ({"observation": [0.0] * 7}, "observation"),
        ({"observation": [0.0] * 9}, "observation"),
        ({"observation": [0.0] * 7 + ["a"]}, "observation"),
        ({"observation": [0.0] * 7 + [1e9]}, "observation.7"),
        ({"observation": SEEN, "cheat": True}, "cheat"),
    ],
)
def test_a_refusal_names_what_is_wrong(client: TestClient, request_body, named) -> None:
    answer = client.post("/predict", json=request_body)
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_the_command_line_takes_numbers_by_spaces_or_commas() -> None:
    assert read_observation("1 2, 3,4 5 6 7 8") == [1, 2, 3, 4, 5, 6, 7, 8]
    for wrong in ("1 2 3", "a b c d e f g h", "nan 0 0 0 0 0 0 0"):
        with pytest.raises(ProjectError, match="speed across"):
            read_observation(wrong)
