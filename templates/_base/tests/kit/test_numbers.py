"""Every number that a result depends on stands in config.toml, and every key there matters."""

import ast
import importlib
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from project_package import data, evaluate, train
from project_package.kit import provenance
from project_package.kit.workspace import Workspace, setting_names

import independent
from conftest import new_workspace

INNOCENT = (-1, 0, 0.5, 1, 2)
CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")
FACTS: dict[str, str] = getattr(independent, "FACTS", {})
SHOWS: dict[str, Any] = getattr(independent, "SHOWS", {})  # name → a value that the sample feels
STEPS = ("data", "explore", "train", "evaluate")
ALWAYS_OTHER = ("digests", "inputs", "settings", "test_reads", "run", "manifest")


def test_no_number_of_the_model_stands_in_code() -> None:
    """Nor in what it learns from, but for facts that independent.py names with their reason."""
    modules = [
        path
        for path in provenance.code_of("train")
        if path.parent.name != "kit" and path.stem not in ("__init__", "data")
    ]
    assert len(modules) >= 2
    found = [
        f"{path.name}: {each}" for path in modules for each in numbers_of(path.read_text("utf-8"))
    ]
    assert not found, "move these to config.toml, or name a fact in FACTS of tests/independent.py"


def test_every_fact_has_its_reason_and_is_still_there() -> None:
    code = [path.read_text("utf-8") for path in provenance.code_of("data", "train")]
    for name, reason in FACTS.items():
        assert len(reason.split()) > 2, name
        assert any(re.search(rf"^{name}\b|, {name}\b.* = ", text, re.M) for text in code), name


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("C = 3", ["line 1: 3"]),
        ("def fit(margin=0.3): pass", ["line 1: 0.3"]),
        ("rows = 2 * n - 1 + 0.5", []),
        ("share = -0.25", ["line 1: 0.25"]),
        ("KNOWN = 12 * 3", []),
        ("text = f'{price:.3f}'", []),
    ],
)
def test_numbers_are_found_wherever_they_stand(monkeypatch, code: str, found: list[str]) -> None:
    monkeypatch.setitem(FACTS, "KNOWN", "is there for this test alone")
    assert numbers_of(code) == found


def numbers_of(code: str) -> list[str]:
    """Literal numbers outside the constants that are facts."""
    tree = ast.parse(code)
    facts = [node for node in tree.body if names_of(node) and names_of(node) <= set(FACTS)]
    exempt = {id(inner) for node in facts for inner in ast.walk(node)}
    return [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and type(node.value) in (int, float)
        and node.value not in INNOCENT
        and id(node) not in exempt
    ]


def names_of(node: ast.stmt) -> set[str]:
    """The constants in capitals that a statement makes."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return set()
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [
        each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
    ]
    return {name for name in names if CAPITALS.fullmatch(name)}


class Noted(dict):
    """A table of settings that writes down what is asked of it."""

    def __init__(self, values: dict, asked: set[str], prefix: str = "") -> None:
        super().__init__(values)
        self.asked, self.prefix = asked, prefix

    def __getitem__(self, key: str) -> Any:
        value, name = super().__getitem__(key), f"{self.prefix}{key}"
        if isinstance(value, dict):
            return Noted(value, self.asked, f"{name}.")
        self.asked.add(name)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[str]:  # so that ** asks for each value, too
        return super().__iter__()

    def items(self) -> list[tuple[str, Any]]:
        return [(key, self[key]) for key in self]

    def values(self) -> list[Any]:
        return [self[key] for key in self]


@pytest.fixture(scope="module")
def asked() -> set[str]:
    """The settings that the run of `base` asked for."""
    return set()


@pytest.fixture(scope="module")
def base(asked: set[str], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A run on the sample under the settings as they stand, a copy kept after every step."""
    workspace = new_workspace(tmp_path_factory.mktemp("numbers") / "base")
    plain = Workspace.config.fget
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "config", property(lambda self: Noted(plain(self), asked)))
        for step in STEPS:
            run(step, workspace)
            shutil.copytree(workspace.root, workspace.root.with_name(step))
    return workspace


def test_every_key_of_the_configuration_is_read(base: Workspace, asked: set[str]) -> None:
    assert sorted(set(setting_names(base.config)) - asked) == []


@pytest.mark.parametrize("turn", range(3))
def test_a_changed_number_changes_what_comes_out(
    base: Workspace, tmp_path: Path, turn: int
) -> None:
    """Three of them, which the project's seed draws."""
    names = sorted(name for name in changeable(base) if name != "seed")
    drawn = random.Random(base.seed).sample(names, k=min(3, len(names)))
    if turn >= len(drawn):
        pytest.skip("there are not so many")
    assert reaches(base, tmp_path / "other", drawn[turn]), f"{drawn[turn]} changes nothing"


def reaches(base: Workspace, root: Path, name: str) -> bool:
    """Whether a run with another value of the setting `name` gives anything else than `base`."""
    new_workspace(root)
    other = Workspace(root, {name: changeable(base)[name]})
    for step in STEPS:
        run(step, other)
        before = Workspace(base.root.with_name(step))
        if outcome(before) != outcome(other):
            return True
    return False


def changeable(workspace: Workspace) -> dict[str, Any]:
    """Every setting that is a number or has a range, with another value for it."""
    ranges = workspace.config_file.get("ranges", {})
    other = {}
    for name, value in setting_names(workspace.config).items():
        allowed = ranges.get(name, {})
        if name in SHOWS:
            other[name] = SHOWS[name]
        elif "choices" in allowed:
            other[name] = next(each for each in allowed["choices"] if each != value)
        elif allowed:
            other[name] = allowed["low" if value != allowed["low"] else "high"]
        elif type(value) is int:
            other[name] = value + 1
        elif type(value) is float:
            other[name] = value / 2
    return other


def run(step: str, workspace: Workspace) -> None:
    """One step on the sample; a project without `explore` has nothing to see there."""
    actions: dict[str, Callable[[], None]] = {
        "data": lambda: data.run(workspace, sample=True),
        "explore": lambda: explore(workspace),
        "train": lambda: train.run(workspace),
        "evaluate": lambda: evaluate.run(workspace),
    }
    actions[step]()


def explore(workspace: Workspace) -> None:
    if (provenance.PACKAGE / "explore.py").exists():
        importlib.import_module("project_package.explore").run(workspace)


def outcome(workspace: Workspace) -> dict[str, Any]:
    """What a run wrote, but for what repeats its settings; of JSON no caption."""
    found: dict[str, Any] = {}
    for folder in (workspace.processed, workspace.models, workspace.reports):
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            if path.name == provenance.TIMING or not path.is_file():
                continue
            name = path.relative_to(workspace.root).as_posix()
            found[name] = path.read_bytes()
            if path.suffix == ".json":
                found[name] = without_settings(json.loads(found[name]))
    return found


def without_settings(value: Any) -> Any:
    """Neither digests nor settings, and no words on how something was made."""
    if isinstance(value, list):
        return [without_settings(each) for each in value]
    if not isinstance(value, dict):
        return value
    dropped = (*ALWAYS_OTHER, "caption", "text")
    return {key: without_settings(each) for key, each in value.items() if key not in dropped}
