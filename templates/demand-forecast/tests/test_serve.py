import json

import numpy as np
import pytest
from fastapi.testclient import TestClient

from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import Forecaster, as_series
from project_package.predict import run as predict
from project_package.serve import EXAMPLE


def test_a_history_gets_a_day_with_its_bands_and_reasons(client: TestClient) -> None:
    found = client.post("/predict", json=EXAMPLE).json()
    assert found["date"] == EXAMPLE["date"]
    assert len(found["demand"]) == 48
    assert list(found["bands"]) == ["0.8", "0.95"]
    demand = np.array(found["demand"])
    for inner, outer in [("0.8", "0.95")]:
        narrow, wide = found["bands"][inner], found["bands"][outer]
        assert (np.array(wide["low"]) <= narrow["low"]).all()
        assert (np.array(narrow["low"]) <= demand).all()
        assert (demand <= narrow["high"]).all()
        assert (np.array(narrow["high"]) <= wide["high"]).all()
    assert "miss of this morning" in [name for name, _ in found["effects"]]


def test_every_half_hour_is_on_record_so_that_its_truth_can_be_told(client: TestClient) -> None:
    answer = client.post("/predict", json=EXAMPLE)
    ids = answer.headers["Prediction-Ids"].split(",")
    assert len(set(ids)) == 48
    told = client.post("/feedback", json={"id": ids[0], "truth": 4.2})
    assert told.status_code == 201
    assert client.post("/feedback", json={"id": ids[0], "truth": -1.0}).status_code == 422


def test_the_page_gets_a_usual_day_of_each_kind(client: TestClient) -> None:
    usual = client.get("/usual").json()
    assert [len(day) for day in usual["demand"]] == [48, 48, 48]
    assert [len(day) for day in usual["temperature"]] == [48, 48, 48]
    assert usual["days"] * 48 + 24 == len(EXAMPLE["demand"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"date": "tomorrow"}, "date"),
        ({"demand": EXAMPLE["demand"][:-1]}, "whole day"),
        ({"demand": [-1.0, *EXAMPLE["demand"][1:]]}, "demand"),
        ({"demand": [None, *EXAMPLE["demand"][1:]]}, "demand"),
        ({"temperature": EXAMPLE["temperature"][48:]}, "whole day"),
        ({"temperature": [400.0, *EXAMPLE["temperature"][1:]]}, "temperature"),
        ({name: EXAMPLE[name][48:] for name in ("demand", "temperature")}, "days before today"),
        ({"weather": "fine"}, "weather"),
        ({"holidays": ["someday"]}, "holidays"),
    ],
)
def test_a_refusal_names_what_is_wrong(client: TestClient, change: dict, named: str) -> None:
    answer = client.post("/predict", json=EXAMPLE | change)
    assert answer.status_code == 422, answer.json()
    assert named in answer.json()["error"]


def test_the_service_and_the_command_line_say_the_same(
    client: TestClient, trained: Workspace, capsys
) -> None:
    predict(trained, [json.dumps(EXAMPLE)])
    printed = json.loads(capsys.readouterr().out)
    assert printed["demand"] == pytest.approx(
        client.post("/predict", json=EXAMPLE).json()["demand"]
    )
    with pytest.raises(ProjectError, match="no history"):
        predict(trained, ["[]"])


def test_a_longer_history_changes_nothing(trained: Workspace) -> None:
    """As many days as are asked for are as many as are read."""
    forecaster = Forecaster.load(trained)
    days = forecaster.history
    longer = {
        name: [*EXAMPLE[name][: 14 * 48], *EXAMPLE[name]] for name in ("demand", "temperature")
    }
    noise = np.random.default_rng(0).uniform(0.8, 1.2, len(longer["demand"]))
    longer["demand"] = (np.array(longer["demand"]) * noise).tolist()
    short = {name: values[14 * 48 :] for name, values in longer.items()}
    assert len(short["demand"]) == days * 48 + 24
    said = [forecaster.forecast(*as_series({**EXAMPLE, **each})).demand for each in (short, longer)]
    assert said[0] == pytest.approx(said[1], rel=1e-12)


def test_the_page_says_what_it_cannot_know(client: TestClient) -> None:
    assert "nothing of tomorrow's weather" in client.get("/").text
