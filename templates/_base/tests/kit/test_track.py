import sys
from types import SimpleNamespace

import pytest

from project_package.kit.experiments import attempt
from project_package.kit.track import ADDRESS, track
from project_package.kit.workspace import ProjectError

from ideas import World, world

__all__ = ["world"]  # a fixture


class NoAnswerError(Exception):
    """MLflow's own error."""


class Ledger:
    """As much of MLflow as is used: runs with their tags, parameters and numbers."""

    exceptions = SimpleNamespace(MlflowException=NoAnswerError)

    def __init__(self) -> None:
        self.runs: list[SimpleNamespace] = []
        self.silent = False

    def set_experiment(self, name: str) -> SimpleNamespace:
        if self.silent:
            raise NoAnswerError("connection refused")
        return SimpleNamespace(experiment_id="1")

    def search_runs(self, places: list[str], output_format: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(data=run) for run in self.runs]

    def start_run(self, run_name: str, tags: dict) -> "Ledger":
        self.runs.append(SimpleNamespace(name=run_name, tags=tags))
        return self

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def log_params(self, params: dict) -> None:
        self.runs[-1].params = params

    def log_metrics(self, metrics: dict) -> None:
        self.runs[-1].metrics = metrics


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    ledger = Ledger()
    monkeypatch.setitem(sys.modules, "mlflow", ledger)
    monkeypatch.setenv(ADDRESS, "http://127.0.0.1:1")
    return ledger


def test_every_attempt_is_sent_once(world: World, mlflow: Ledger) -> None:
    entry = attempt(world.set(strength=0.6), "know more")
    assert [track(world.workspace), track(world.workspace)] == [2, 0]
    attempt(world.set(strength=0.7), "and more")
    assert track(world.workspace) == 1
    assert [run.name for run in mlflow.runs] == ["attempt 0", "attempt 1", "attempt 2"]
    sent = mlflow.runs[1]
    assert sent.params["model.strength"] == 0.6
    assert sent.metrics["value"] == entry["value"]
    assert sent.metrics["minus_best"] == entry["best"]["difference"]
    assert (sent.tags["why"], sent.tags["verdict"]) == ("know more", "better")


def test_what_could_not_be_sent_is_sent_later(world: World, mlflow: Ledger) -> None:
    mlflow.silent = True
    attempt(world.set(strength=0.6), "know more")
    with pytest.raises(ProjectError, match="does not answer, and the attempt is on record"):
        track(world.workspace)
    mlflow.silent = False
    assert track(world.workspace) == 2


def test_without_an_address_nothing_is_sent(
    world: World, mlflow: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ADDRESS)
    attempt(world.set(strength=0.6), "know more")
    assert (track(world.workspace), mlflow.runs) == (0, [])


def test_without_mlflow_it_says_how_to_get_it(world: World, mlflow, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ProjectError, match=r'pip install -e "\.\[track\]"'):
        track(world.workspace)
