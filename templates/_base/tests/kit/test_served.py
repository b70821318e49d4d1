"""What the service keeps of its answers: an id and numbers, never the input; nothing is lost."""

import json
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient

from project_package.kit import served
from project_package.kit.served import ID, Log, Seen, Served, Watch, model_version
from project_package.kit.web import IDS, make_service, record
from project_package.kit.workspace import Workspace

WRITER = """
import sys
from pathlib import Path
from project_package.kit.served import Log
log, number = Log(Path(sys.argv[1])), 0
while True:
    log.add([{"id": str(number)}])
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "logs" / "predictions.jsonl")


def ids(log: Log) -> list[str]:
    return [each["id"] for each in log.read()]


def test_a_prediction_is_kept_with_time_model_score_and_summaries(copy: Workspace) -> None:
    (name,) = Served.of(copy).predicted(Seen(0.123456789, {"length": 12}, said=3))
    (kept,) = Served.of(copy).predictions.read()
    time = datetime.fromisoformat(kept.pop("time"))
    assert time.utcoffset() == timedelta(0)
    assert datetime.now(UTC) - time < timedelta(minutes=1)
    assert re.match(ID, name)
    assert kept == {
        "id": name,
        "model": model_version(copy),
        "score": 0.123457,
        "said": 3,
        "summaries": {"length": 12},
    }


def test_nothing_that_was_acknowledged_is_lost_when_the_service_is_killed(log: Log) -> None:
    command = [sys.executable, "-c", WRITER, str(log.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        said = [writer.stdout.readline() for _ in range(200)]
        writer.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        said += writer.stdout.readlines()
    acknowledged = [line.strip() for line in said if line.endswith("\n")]
    assert len(acknowledged) >= 200
    assert ids(log)[: len(acknowledged)] == acknowledged


def test_half_a_line_costs_no_other(log: Log) -> None:
    log.add([{"id": "a"}, {"id": "b"}])
    with log.path.open("ab") as file:
        file.write(b'{"id": "c", "sco')
    log.add([{"id": "d"}])
    assert ids(log) == ["a", "b", "d"]


def test_many_threads_lose_nothing_while_files_are_full(log: Log, monkeypatch) -> None:
    monkeypatch.setattr(served, "LARGEST", 100)
    monkeypatch.setattr(served, "KEPT", 10_000)
    names = [f"{number:04}" for number in range(1_000)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: log.add([{"id": name}]), names))
    assert len(log.files()) > 3
    assert sorted(ids(log)) == names


def test_full_files_are_set_aside_and_the_oldest_go(log: Log, monkeypatch) -> None:
    monkeypatch.setattr(served, "LARGEST", 50)
    monkeypatch.setattr(served, "KEPT", 2)
    for number in range(20):
        log.add([{"id": f"{number:02}", "more": "x" * 50}])
    assert len(log.files()) <= 3
    assert ids(log)[-1] == "19"
    assert ids(log) == sorted(ids(log))
    assert log.holds("19")
    assert not log.holds("00")


def test_a_file_that_is_set_aside_while_it_is_read_is_read_to_its_end(
    log: Log, monkeypatch
) -> None:
    log.add([{"id": f"{number:02}"} for number in range(50)])
    reading = log.read()
    assert next(reading)["id"] == "00"
    monkeypatch.setattr(served, "LARGEST", 1)
    log.add([{"id": "later"}])
    assert [each["id"] for each in reading][:49] == [f"{number:02}" for number in range(1, 50)]


def service(workspace: Workspace, watch: Watch) -> TestClient:
    """A service that predicts 0.5 of anything."""
    app: FastAPI = make_service(workspace, "any", body_limit=1_000, watch=watch)

    @app.post("/half")
    def half(response: Response) -> float:
        record(response, Seen(0.5))
        return 0.5

    return TestClient(app)


def test_a_truth_is_taken_for_an_id(copy: Workspace) -> None:
    client = service(copy, Watch(truth=bool))
    name = client.post("/half").headers[IDS]
    assert client.post("/feedback", json={"id": name, "truth": True}).status_code == 201
    (kept,) = Served.of(copy).feedback.read()
    assert (kept["id"], kept["truth"]) == (name, True)


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"id": "0" * 16}, 404, "no prediction has the id"),
        ({"id": "../../etc"}, 422, "id"),
        ({"truth": "yes"}, 422, "truth"),
        ({"truth": None}, 422, "truth"),
        ({"more": 1}, 422, "more"),
    ],
)
def test_a_truth_that_cannot_be_one_is_refused(
    copy: Workspace, change: dict, code: int, named: str
) -> None:
    client = service(copy, Watch(truth=bool))
    name = client.post("/half").headers[IDS]
    answer = client.post("/feedback", json={"id": name, "truth": True} | change)
    assert answer.status_code == code
    assert named in answer.json()["error"]
    assert not list(Served.of(copy).feedback.read())


def test_a_log_holds_numbers_and_nothing_that_was_sent(copy: Workspace) -> None:
    Served.of(copy).predicted(Seen(0.5, {"length": 3}))
    (line,) = (copy.root / "logs" / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)
    kept.update(kept.pop("summaries"))
    texts = {name for name, value in kept.items() if not isinstance(value, float | int)}
    assert texts == {"id", "time", "model"}
