"""Whatever a number comes from, a change of it is noticed, one thing at a time."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from project_package import evaluate
from project_package.kit import holdout, provenance
from project_package.kit.provenance import TIMING, TRAINING, require_trained_here
from project_package.kit.workspace import (
    ProjectError,
    Workspace,
    read_json,
    write_json,
)

NOTES = {TRAINING, TIMING}


def refused(workspace: Workspace, what: str) -> None:
    """The model is not taken for one of these settings, and the reason is named."""
    with pytest.raises(ProjectError, match=rf"trained with other [\w, ]*{what}"):
        require_trained_here(workspace)


def test_every_setting_counts_wherever_it_stands(copy: Workspace) -> None:
    """One value at a time, the seed among them, unless the sample's own value replaces it."""
    path = copy.root / "config.toml"
    text, before = path.read_text(encoding="utf-8"), copy.config
    require_trained_here(copy)
    tried = 0
    for found in re.finditer(r"^\w+ *= *[^\n]*?(?<![\w.])(\d)", text, flags=re.MULTILINE):
        digit = "2" if found[1] == "1" else "1"
        changed = f"{text[: found.start(1)]}{digit}{text[found.end(1) :]}"
        path.write_text(changed, encoding="utf-8")
        if copy.config != before:
            refused(copy, "configuration")
            tried += 1
    path.write_text(text, encoding="utf-8")
    require_trained_here(copy)
    assert tried >= 1
    assert tomllib.loads(text)["seed"] == copy.seed


def test_an_option_for_one_run_counts_too(copy: Workspace) -> None:
    require_trained_here(copy)
    refused(Workspace(copy.root, overrides={"seed": copy.seed + 1}), "configuration")


def test_every_file_of_the_model_counts(copy: Workspace) -> None:
    """All that training left but for its notes; another file beside them, or one fewer, too."""
    files = [path for path in copy.models.rglob("*") if path.is_file()]
    files = [path for path in files if path.name not in NOTES and path.name[0] != "."]
    assert sorted(files) == provenance.model_files(copy)
    assert files, "a model without a file is none"
    for path in files:
        content = path.read_bytes()
        for changed in (content + b"\0", content[:-1], bytes(len(content))):
            path.write_bytes(changed)
            refused(copy, "model")
        path.unlink()
        refused(copy, "model")
        path.write_bytes(content)
        require_trained_here(copy)
    (copy.models / "more.bin").write_bytes(b"1")
    refused(copy, "model")


def leaves(value: object, path: tuple = ()) -> list[tuple]:
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, item in pairs for leaf in leaves(item, (*path, key))]
    return [path]


def test_every_note_of_the_training_counts(copy: Workspace) -> None:
    """Thresholds, margins, what was chosen: up to forty of them, evenly taken."""
    path = copy.models / TRAINING
    training = json.loads(path.read_text(encoding="utf-8"))
    found = [leaf for leaf in leaves(training) if leaf[0] != "digests"]
    for leaf in found[:: len(found) // 40 + 1]:
        changed = json.loads(json.dumps(training))
        inner = changed
        for key in leaf[:-1]:
            inner = inner[key]
        inner[leaf[-1]] = "other"
        write_json(path, changed)
        refused(copy, "training")
    for name in training["digests"]:
        write_json(path, {**training, "digests": {**training["digests"], name: "0" * 64}})
        refused(copy, name)
    write_json(path, {**training, "digests": {}})
    refused(copy, "training")


def imported(package: Path, *modules: str) -> set[str]:
    """The files of the package that Python itself reads when these modules are imported."""
    names = [f"{package.name}.{module}" for module in modules]
    program = (
        f"import sys, {', '.join(names)}\n"
        "for name, module in list(sys.modules.items()):\n"
        f"    if name.split('.')[0] == {package.name!r}: print(module.__file__)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    files = [Path(line) for line in answer.stdout.splitlines()]
    return {path.relative_to(package).as_posix() for path in files}


def has_code(path: Path) -> bool:
    """Whether a file holds more than its docstring."""
    return any(not isinstance(node, ast.Expr) for node in ast.parse(path.read_bytes()).body)


def test_every_module_that_data_and_training_come_through_counts(
    copy: Workspace, monkeypatch, tmp_path: Path
) -> None:
    package = tmp_path / "code" / provenance.PACKAGE.name
    shutil.copytree(provenance.PACKAGE, package)
    monkeypatch.setattr(provenance, "PACKAGE", package)
    require_trained_here(copy)
    used = {path.relative_to(package).as_posix() for path in provenance.code_of("data", "train")}
    assert {"data.py", "train.py", "kit/holdout.py", "kit/workspace.py"} <= used
    read = imported(package, "data", "train")
    assert {name for name in read - used if has_code(package / name)} <= {"__init__.py"}
    for name in sorted(used):
        content = (package / name).read_bytes()
        (package / name).write_bytes(content + b"\n# changed\n")
        refused(copy, "code")
        (package / name).write_bytes(content)
    require_trained_here(copy)


def test_the_data_count(copy: Workspace) -> None:
    described = holdout.read_manifest(copy)
    for key, value in (("sha256", "0" * 64), ("seed", described["seed"] + 1), ("rows", 1)):
        write_json(copy.manifest, {**described, key: value})
        refused(copy, "data")
    write_json(copy.manifest, described)
    require_trained_here(copy)


def test_a_digest_is_that_of_the_content(trained: Workspace) -> None:
    found = require_trained_here(trained)
    nothing = hashlib.sha256(b"").hexdigest()
    assert set(found) == {"model", "configuration", "code", "data", "training"}
    assert len(set(found.values())) == 5
    assert nothing not in found.values()
    together = hashlib.sha256()
    for path in provenance.model_files(trained):
        together.update(path.read_bytes())
    assert found["model"] == together.hexdigest()
    assert found["data"] == hashlib.sha256(trained.manifest.read_bytes()).hexdigest()
    written = read_json(trained.reports / provenance.METRICS, made_by="evaluate")
    assert {name: written["digests"][name] for name in found} == found


def test_the_results_name_the_bytes_that_they_come_from(trained: Workspace) -> None:
    inputs = read_json(trained.reports / provenance.METRICS, made_by="evaluate")["inputs"]
    modules = {name for name in inputs if name.startswith("src/")}
    studies = [f"studies/{path.stem}" for path in provenance.study_files()]
    code = provenance.code_of("data", "train", "evaluate", *studies)
    assert modules == {provenance.place_of(path) for path in code}
    for name, sha256 in inputs.items():
        folder = provenance.PACKAGE.parents[1] if name.startswith("src/") else trained.root
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256, name
    assert {"config.toml", "data/manifest.json"} <= set(inputs)


def test_values_hash_alike_only_when_they_are_alike() -> None:
    values = [0, 1, "1", [1], [1, 2], [2, 1], {"a": 1}, {"a": 2}, {"b": 1}, {"a": {"a": 1}}, None]
    assert len({provenance.hash_value(value) for value in values}) == len(values)
    assert provenance.hash_value({"a": 1, "b": 2}) == provenance.hash_value({"b": 2, "a": 1})


def test_a_changed_model_leaves_no_read_of_the_test_part(copy: Workspace) -> None:
    provenance.model_files(copy)[-1].write_bytes(b"another")
    with pytest.raises(ProjectError, match="trained with other"):
        evaluate.run(copy)
    assert holdout.read_access(copy)["count"] == 1
