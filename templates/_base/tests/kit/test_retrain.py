"""A challenger takes the place of the model that is served for a stated reason, or not at all."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from project_package import data, train
from project_package.kit import registry, retrain
from project_package.kit.monitoring import describe, examine
from project_package.kit.provenance import METRICS, TRAINING, model_files
from project_package.kit.registry import (
    PROMOTED,
    enter,
    read_registry,
    serving,
)
from project_package.kit.retrain import (
    judge,
    read_rows,
    require_plausible,
    split,
)
from project_package.kit.served import Served, model_version
from project_package.kit.statistics import Interval
from project_package.kit.workspace import (
    HoldOutError,
    ProjectError,
    Workspace,
    hash_files,
    write_json,
)
from project_package.serve import EXAMPLE, create_app
from project_package.watch import WATCH

# A project that learns from no feedback has neither.
feedback = pytest.importorskip("project_package.feedback")
labelled = pytest.importorskip("labelled")

LEAST = 5  # fresh rows: the sample is small


def lenient(workspace: Workspace) -> None:
    """Let few rows compare two models."""
    path = workspace.root / "config.toml"
    text = path.read_text(encoding="utf-8")
    least = workspace.config_file["retrain"]["least"]
    assert text.count(f"\nleast = {least}") == 1
    path.write_text(text.replace(f"\nleast = {least}", f"\nleast = {LEAST}"), encoding="utf-8")


def write(workspace: Workspace, lines: list[dict]) -> Path:
    path = workspace.root / "data" / "feedback.jsonl"
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def unseal(workspace: Workspace) -> None:
    """Forget what the test set asks, so that its rows are new to everybody; it stays closed."""
    manifest = json.loads(workspace.manifest.read_bytes())
    manifest["parts"]["test"]["inputs"] = ""
    write_json(workspace.manifest, manifest)
    (workspace.processed / manifest["parts"]["test"]["file"]).unlink()


@pytest.fixture(scope="module")
def lines(trained: Workspace) -> list[dict]:
    """The rows of the test set as lines of feedback."""
    return labelled.lines(trained)


@pytest.fixture
def file(copy: Workspace, lines: list[dict]) -> Path:
    """A copy of the workspace to which the test set is a file of feedback."""
    unseal(copy)
    lenient(copy)
    return write(copy, lines)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch, copy: Workspace) -> None:
    """Training that changes the model of `copy` a little, and is quick."""

    def again(challenger: Workspace) -> None:
        shutil.copytree(copy.models, challenger.models, dirs_exist_ok=True)
        (challenger.models / "more.bin").write_bytes(hash_files([challenger.manifest]).encode())

    monkeypatch.setattr(train, "run", again)


def version(workspace: Workspace, content: str) -> str:
    """Put another version on record and serve it: the same model with a file more."""
    made = replace(workspace, version="made")
    trained, others = replace(workspace, version="").models, shutil.ignore_patterns("versions")
    shutil.copytree(trained, made.models, ignore=others)
    (made.models / "more.bin").write_text(content, encoding="utf-8")
    name = model_version(made)
    made.models.rename(made.models.with_name(name))
    results = json.loads((workspace.reports / METRICS).read_bytes())
    entry = {name: results[name] for name in ("primary", "comparison", "data")}
    sha256 = hash_files(model_files(replace(workspace, version=name)))
    enter(workspace, name, {"sha256": sha256, "status": PROMOTED, "commit": None, **entry})
    return name


@pytest.mark.parametrize(
    ("low", "high", "drifted", "promoted"),
    [
        (0.01, 0.03, False, True),
        (-0.01, 0.03, False, False),
        (-0.01, 0.03, True, True),
        (-0.03, 0.01, True, False),
        (-0.01, -0.005, True, True),
        (-0.01, -0.005, False, False),
        (float("nan"), float("nan"), True, False),
        (0.02, 0.02, False, False),
        (-0.01, -0.01, True, False),
        (0.0, 0.0, True, True),
    ],
)
def test_only_better_or_after_a_drift_not_worse_by_the_margin_is_promoted(
    low: float, high: float, drifted: bool, promoted: bool
) -> None:
    found = Interval((low + high) / 2, low, high)
    assert judge(found, True, 0.02, drifted)[0] is promoted
    error = Interval(-found.value, -high, -low)  # of a metric of which less is better
    assert judge(error, False, 0.02, drifted)[0] is promoted


def rows(*table: tuple[str, int, bool]) -> pd.DataFrame:
    made = pd.DataFrame(table, columns=["group", "time", "known"])
    return made.assign(id=range(len(made)))


def test_fresh_are_the_latest_groups_that_nobody_knows() -> None:
    parts = split(rows(("a", 1, False), ("b", 2, True), ("c", 3, False), ("d", 4, True)), 0.5)
    assert list(parts.fresh.group) == ["c"]
    assert list(parts.learned.group) == ["a", "b"]
    assert parts.left_out == 1, "d came later than what is asked"


def test_no_group_is_both_learned_from_and_fresh() -> None:
    parts = split(rows(*((name, day, False) for day in range(3) for name in "abcd")), 0.5)
    assert not set(parts.learned.group) & set(parts.fresh.group)
    assert parts.learned.time.max() <= parts.fresh.time.min()


def test_a_challenger_learns_without_the_test_set_and_answers_when_it_is_promoted(
    copy: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}
    monkeypatch.setattr(retrain, "compare", spy(retrain.compare, seen))
    monkeypatch.setattr(retrain, "judge", lambda *_: (True, "better"))
    rows_before = labelled.size(copy)
    told = retrain.retrain(copy, file, trusted=True)
    challenger, parts = seen["challenger"], seen["parts"]
    assert seen["rows"] == rows_before + len(parts.learned), "rows of the training set"
    assert not parts.fresh.fingerprint.isin(parts.learned.fingerprint).any()
    assert challenger.root != copy.root
    (name,) = {*read_registry(copy)["versions"]} - {model_version(copy)}
    entry = read_registry(copy)["versions"][name]
    assert entry["status"] == PROMOTED
    assert "promoted: better" in told
    kept = replace(copy, version=name)
    assert hash_files(model_files(kept)) == entry["sha256"]
    assert len(feedback.say(kept, parts.fresh)) == len(parts.fresh)
    with TestClient(create_app(copy)) as client:
        assert client.get("/version").json()["model_sha256"] == entry["sha256"]
        assert client.post("/predict", json=EXAMPLE).status_code == 200


def spy(compare, seen: dict):
    def noted(champion, challenger, parts, settings):
        seen.update(challenger=challenger, parts=parts, rows=labelled.size(challenger))
        with pytest.raises((HoldOutError, KeyError)):
            data.load(challenger, "test", reader="retrain")
        return compare(champion, challenger, parts, settings)

    return noted


def test_what_was_asked_once_is_not_fresh_again(copy: Workspace, file: Path, cheap: None) -> None:
    retrain.retrain(copy, file, trusted=True)
    asked = split(read_rows(copy, file), 0.5)
    assert len(asked.fresh) < len(split(read_rows(copy, file).assign(known=False), 0.5).fresh)
    while len(split(read_rows(copy, file), 0.5).fresh) >= LEAST:
        retrain.retrain(copy, file, trusted=True)
    with pytest.raises(ProjectError, match="was asked before, is not fresh"):
        retrain.retrain(copy, file, trusted=True)


def test_a_comparison_that_promotes_nobody_leaves_everything(
    copy: Workspace, file: Path, cheap: None
) -> None:
    told = retrain.retrain(copy, file, promote=False, trusted=True)
    assert "would be" in told
    assert not (copy.models / registry.REGISTRY).exists()
    assert serving(copy) == copy


def test_a_challenger_that_is_no_other_model_changes_no_record(
    copy: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def same(challenger: Workspace) -> None:
        shutil.copytree(copy.models, challenger.models, dirs_exist_ok=True)

    monkeypatch.setattr(train, "run", same)
    with pytest.raises(ProjectError, match=f"version {model_version(copy)} again"):
        retrain.retrain(copy, file, trusted=True)
    assert read_registry(copy)["versions"][model_version(copy)]["status"] == registry.TRAINED


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda lines: lines[:0], "is empty"),
        (lambda lines: [{**lines[0], "colour": "red\u2028"}], "line 1: colour: Extra inputs"),
        (lambda lines: [lines[0], {**lines[1], "truth": None}], r"line 2: truth"),
        (lambda lines: [{k: v for k, v in lines[0].items() if k != "truth"}], "truth: Field req"),
        (lambda lines: lines[:2], "fresh rows, and"),
    ],
    ids=["empty", "other columns", "no truth", "no column of truths", "too few"],
)
def test_a_broken_file_is_refused_by_its_fault(
    copy: Workspace, file: Path, lines: list[dict], spoil, fault: str
) -> None:
    with pytest.raises(ProjectError, match=fault):
        retrain.retrain(copy, write(copy, spoil(lines)))


def test_a_line_that_is_no_json_is_refused(copy: Workspace, file: Path) -> None:
    file.write_text("é;one\n", encoding="latin-1")
    with pytest.raises(ProjectError, match="line 1: the line: Invalid JSON"):
        retrain.retrain(copy, file)


def test_rows_of_the_test_set_are_refused_though_it_is_not_opened(
    copy: Workspace, lines: list[dict]
) -> None:
    (copy.processed / json.loads(copy.manifest.read_bytes())["parts"]["test"]["file"]).unlink()
    with pytest.raises(ProjectError, match=rf"has {len(lines):,} rows of the test set.*lines 1, 2"):
        read_rows(copy, write(copy, lines))


def test_swapped_labels_are_refused_unless_somebody_looked(
    copy: Workspace, file: Path, lines: list[dict], cheap: None
) -> None:
    require_plausible(copy, read_rows(copy, file))
    swapped = write(copy, labelled.swapped(lines))
    with pytest.raises(ProjectError, match="look swapped"):
        retrain.retrain(copy, swapped)
    assert "rejected" in retrain.retrain(copy, swapped, promote=False, trusted=True)


@pytest.fixture
def client(copy: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(copy)) as client:
        yield client


def wait_for(client: TestClient, name: str) -> None:
    end = monotonic() + 30
    while not client.get("/version").json()["model_sha256"].startswith(name):
        assert monotonic() < end, "the new model never answered"
        sleep(0.01)


def test_the_model_changes_under_load_without_a_failed_request(
    copy: Workspace, client: TestClient
) -> None:
    first, enough = model_version(copy), Event()

    def ask() -> set[int]:
        codes = set()
        while not enough.is_set():
            codes.add(client.post("/predict", json=EXAMPLE).status_code)
        return codes

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        second = version(copy, "second")
        wait_for(client, second)
        registry.rollback(copy)
        wait_for(client, first)
        enough.set()
    assert [each.result() for each in asking] == [{200}] * 4
    logged = {record["model"] for record in Served.of(copy).predictions.read()}
    assert logged == {first, second}
    assert f'sha256="{hash_files(model_files(copy))}"' in client.get("/metrics").text


def test_a_promoted_version_says_what_it_was_measured_on(
    copy: Workspace, file: Path, cheap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrain, "judge", lambda *_: (True, "better"))
    with TestClient(create_app(copy)) as client:
        retrain.retrain(copy, file, trusted=True)
        name = read_registry(copy)["served"]
        wait_for(client, name)
        told = client.get("/version").json()
    assert not any("the test set" in line for line in describe(examine(serving(copy), WATCH)))
    assert told["primary"]["measured_on"].endswith("fresh rows of feedback")
    assert told["comparison"]["baseline"] == model_version(copy)
    assert "rows of feedback" in told["data"]["source"]


def test_rolling_back_serves_what_was_served_before(copy: Workspace) -> None:
    first, second = model_version(copy), version(copy, "second")
    third = version(serving(copy), "third")
    assert registry.rollback(copy) == (third, second)
    assert registry.rollback(copy) == (second, first)
    assert serving(copy) == copy
    with pytest.raises(ProjectError, match="no other version was served before"):
        registry.rollback(copy)


def test_a_version_whose_files_were_changed_is_not_gone_back_to(copy: Workspace) -> None:
    second, third = version(copy, "second"), version(copy, "third")
    changed = replace(copy, version=second).models / "more.bin"
    changed.write_text("another", encoding="utf-8")
    with pytest.raises(ProjectError, match=f"files of version {second} were changed"):
        registry.rollback(copy)
    assert read_registry(copy)["served"] == third


def test_a_service_goes_on_when_the_new_version_cannot_be_read(
    copy: Workspace, client: TestClient
) -> None:
    first = model_version(copy)
    second = replace(copy, version=version(copy, "second"))
    (second.models / TRAINING).write_text("{", encoding="utf-8")
    (second.models / "more.bin").write_text("another", encoding="utf-8")
    for _ in range(5):
        assert client.post("/predict", json=EXAMPLE).status_code == 200
        sleep(0.05)
    assert client.get("/version").json()["model_sha256"].startswith(first)


def test_a_model_that_is_trained_anew_is_served_from_then_on(copy: Workspace) -> None:
    version(copy, "second")
    (copy.models / "more.bin").write_bytes(b"trained again")
    assert serving(copy) == copy
    assert read_registry(copy)["before"] == []
