import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from project_package.kit.metrics import add_metrics, observe_score, tenths
from project_package.kit.workspace import Workspace, read_json
from project_package.serve import BODY_LIMIT, EXAMPLE, create_app

REFERENCE = [number / 100 for number in range(101)]


def series(client: TestClient) -> dict[str, float]:
    """Every number of /metrics under its name and labels."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.fixture
def small() -> TestClient:
    """A service of three answers: a score, a refusal, a failure."""
    app = FastAPI()

    @app.get("/score")
    def score(value: float) -> str:
        observe_score(value)
        return "seen"

    @app.get("/fail")
    def fail() -> None:
        raise RuntimeError

    add_metrics(app, "abc", REFERENCE)
    return TestClient(app, raise_server_exceptions=False)


def test_every_answer_is_counted_and_timed_by_path_and_status(small: TestClient) -> None:
    for path in ("/score?value=0.5", "/score?value=0.5", "/score", "/fail"):
        small.get(path)
    found = series(small)
    counted = {
        re.sub(r".*path=\"(.*)\",status=\"(.*)\".*", r"\1 \2", name): number
        for name, number in found.items()
        if name.startswith("service_request_seconds_count")
    }
    assert counted == {"/score 200": 2, "/score 422": 1, "/fail 500": 1}
    assert found['service_request_seconds_sum{path="/score",status="200"}'] > 0


def test_paths_that_are_not_there_share_one_series(small: TestClient) -> None:
    for number in range(5):
        small.get(f"/guess/{number}")
    found = series(small)
    assert found['service_request_seconds_count{path="other",status="404"}'] == 5
    assert not [name for name in found if "guess" in name]


def test_scores_fall_between_the_tenths_of_the_reference(small: TestClient) -> None:
    for value in (0.05, 0.15, 0.151, 0.95):
        small.get(f"/score?value={value}")
    found = series(small)
    upto = {
        bound: found[f'service_prediction_score_bucket{{le="{bound}"}}'] for bound in (0.1, 0.2)
    }
    assert upto == {0.1: 1, 0.2: 3}
    assert found["service_prediction_score_count"] == 4


def test_a_score_outside_a_request_is_nobodys(small: TestClient) -> None:
    observe_score(0.5)
    assert series(small)["service_prediction_score_count"] == 0


def test_a_reference_of_one_value_has_one_bound() -> None:
    assert tenths([2.0] * 50) == [2.0]


def test_the_service_tells_its_model_and_counts_its_predictions(trained: Workspace) -> None:
    with TestClient(create_app(trained)) as client:
        answer = client.post("/predict", json=EXAMPLE)
        assert answer.status_code == 200
        client.post("/predict", content=b" " * (BODY_LIMIT + 1))
        found, model = series(client), client.get("/version").json()["model_sha256"]
    assert found[f'service_model_info{{sha256="{model}"}}'] == 1
    told = answer.headers["Prediction-Ids"].split(",")
    assert found["service_prediction_score_count"] == len(told)
    assert found['service_request_seconds_count{path="/predict",status="413"}'] == 1
    reference = read_json(trained.models / "training.json", made_by="train")["reference_scores"]
    bounds = [name for name in found if name.startswith("service_prediction_score_bucket")]
    assert len(bounds) == len(tenths(reference)) + 1
