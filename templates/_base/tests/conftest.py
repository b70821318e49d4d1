"""A workspace of its own for the tests: nothing here touches the project's data or reports."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

# Before anything brings its own pool of threads: on small data they only wait for each other.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np
import pytest
from fastapi.testclient import TestClient

from project_package import data, evaluate, train
from project_package.kit import report, statistics
from project_package.kit.monitoring import first_alarm
from project_package.kit.provenance import TRAINING, describe
from project_package.kit.replay import Stream, judge_stream
from project_package.kit.report import WRITE_UPS
from project_package.kit.workspace import (
    PROJECT_ROOT,
    SETTINGS,
    Workspace,
    hash_files,
    write_json,
)
from project_package.serve import create_app
from project_package.watch import WATCH


def new_workspace(root: Path) -> Workspace:
    """The project's configuration, sample and write-ups, without any result."""
    shutil.copytree(PROJECT_ROOT / "data" / "sample", root / "data" / "sample")
    for name in ("config.toml", *WRITE_UPS):
        shutil.copyfile(PROJECT_ROOT / name, root / name)
    return Workspace(root)


def reseal(workspace: Workspace, part: str) -> None:
    """Make manifest and model accept a part that a test has changed on purpose."""
    manifest = json.loads(workspace.manifest.read_text(encoding="utf-8"))
    described = manifest["parts"][part]
    described["sha256"] = hash_files([workspace.processed / described["file"]])
    write_json(workspace.manifest, manifest)
    training = workspace.models / TRAINING
    if training.exists():
        sealed = json.loads(training.read_text(encoding="utf-8"))
        sealed["digests"] |= describe(workspace)
        write_json(training, sealed)


def run_from_training(workspace: Workspace) -> None:
    """Train on the parts that are there, and evaluate."""
    train.run(workspace)
    evaluate.run(workspace)


def noticed(workspace: Workspace, stream: Stream, size: int) -> int | None:
    """After how many predictions scores and inputs raise the first alarm."""
    found = judge_stream(workspace, WATCH, stream, late=7, size=size)
    first = first_alarm([window.violates for window in found.windows])
    return None if first is None else (first + 1) * size


def require_alarm_after_change(workspace: Workspace, stream: Stream, size: int) -> None:
    """There is one by scores and inputs, and the change had begun by then."""
    rows = noticed(workspace, stream, size)
    assert rows is not None
    assert stream.begins < rows


def require_none_without_change(workspace: Workspace, stream: Stream, size: int) -> None:
    """What came before the change raises none, twice over."""
    assert noticed(workspace, unchanged(stream), size) is None


def unchanged(stream: Stream) -> Stream:
    """What came before the change, twice."""
    ordinary = slice(stream.begins)
    return replace(
        stream,
        later=[*stream.later[ordinary]] * 2,
        later_truths=[*stream.later_truths[ordinary]] * 2,
        times=[*stream.times[ordinary]] * 2,
        begins=0,
    )


@dataclass(frozen=True)
class Drawn:
    """What one bootstrap drew from: rows, their groups if any, and the seed."""

    rows: int
    groups: list[str] | None
    seed: int


@pytest.fixture(scope="session", autouse=True)
def settings_of_the_tests() -> Iterator[None]:
    """No settings from outside, and a tenth of the bootstrap rounds.

    The tests ask whether intervals are there, not how smooth they are.
    """
    with pytest.MonkeyPatch.context() as patch:
        for variable in (SETTINGS, "DATA_MIRROR"):
            patch.delenv(variable, raising=False)
        patch.setattr(statistics, "ROUNDS", 100)
        patch.setenv("SOURCE_DATE_EPOCH", "0")  # the log of who read the test set has a date
        yield


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    """A workspace in which nothing has run."""
    return new_workspace(tmp_path)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace in which the sample is read and split, and no more; do not change it."""
    workspace = new_workspace(tmp_path_factory.mktemp("prepared"))
    data.run(workspace, sample=True)
    return workspace


@pytest.fixture
def without_test(prepared: Workspace, tmp_path: Path) -> Workspace:
    """The sample's parts, but the test set is not there: nothing can open it."""
    return take_test_away(prepared, tmp_path / "without-test")


@pytest.fixture(scope="session")
def closed(prepared: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same once for all; do not change it."""
    return take_test_away(prepared, tmp_path_factory.mktemp("closed") / "without-test")


def take_test_away(prepared: Workspace, root: Path) -> Workspace:
    """A workspace with the parts of `prepared` but for its test set."""
    workspace = new_workspace(root)
    shutil.copytree(prepared.processed, workspace.processed)
    shutil.copy(prepared.manifest, workspace.manifest)
    parts = json.loads(prepared.manifest.read_bytes())["parts"]
    (workspace.processed / parts["test"]["file"]).unlink()
    return workspace


@pytest.fixture(scope="session")
def drawn() -> list[Drawn]:
    """Every bootstrap of the evaluation of `trained`, which fills this list."""
    return []


@pytest.fixture(scope="session")
def trained(
    prepared: Workspace,
    drawn: list[Drawn],
    tmp_path_factory: pytest.TempPathFactory,
    settings_of_the_tests: None,
) -> Workspace:
    """A workspace run from the sample to the report; do not change it."""
    root = tmp_path_factory.mktemp("run") / "trained"
    workspace = Workspace(Path(shutil.copytree(prepared.root, root)))
    train.run(workspace)
    original = statistics._resamples

    def noted(rows: int, groups: object, seed: int, rounds: int) -> Iterator[np.ndarray]:
        names = None if groups is None else [str(name) for name in np.asarray(groups)]
        drawn.append(Drawn(rows, names, seed))
        return original(rows, groups, seed, rounds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "_resamples", noted)
        evaluate.run(workspace)
    report.run(workspace)
    return workspace


@pytest.fixture
def copy(trained: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the trained workspace that has served nobody, to be changed at will."""
    root = tmp_path / "copy"
    shutil.copytree(trained.root, root, ignore=shutil.ignore_patterns("logs"))
    return Workspace(root)


@pytest.fixture(scope="session")
def client(trained: Workspace) -> Iterator[TestClient]:
    """The service over the model trained on the sample."""
    with TestClient(create_app(trained)) as client:
        yield client
