"""What the real templates give to practise is there, and holds together."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.commands import new
from scaffold.engines import bodies
from scaffold.engines.layers import PRACTICE_FILE, layers_of, marked_bodies, practised, walk
from scaffold.practising import practice
from scaffold.project import Practice
from scaffold.sources.addresses import resolve
from tests.factories import make_project, tree

ROOT = catalogue.root()
LAYERS = sorted(path.parent for path in ROOT.glob("*/template.toml"))
PRACTISED = [name for name in catalogue.names() if practised(resolve(name))]


def _marked(layer: Path) -> dict[str, tuple[Path, bodies.Body]]:
    """The marked bodies of one layer, by name."""
    found = {}
    for file in walk(layer):
        if file.path.suffix == ".py":
            for body in bodies.found_in(file.path.read_text(encoding="utf-8")):
                assert body.name not in found, f"{body.name} is marked twice"
                found[body.name] = file.path, body
    return found


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_marker_stands_around_the_whole_body_of_a_function_with_a_docstring(
    layer: Path,
) -> None:
    for name, (path, body) in _marked(layer).items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        around = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            and ast.get_docstring(node)
            and len(node.body) > 1
            and (node.body[0].end_lineno or 0) < body.first
            and node.body[1].lineno >= body.first
            and (node.end_lineno or 0) <= body.last
        ]
        assert around, f"{path}: {name} is not the whole body below a docstring"


@pytest.mark.parametrize("name", PRACTISED)
def test_the_list_of_a_template_and_its_markers_agree(name: str) -> None:
    source = resolve(name)
    listed, marked = practised(source), marked_bodies(source, "project_package")
    names = [entry["name"] for entry in listed]
    assert len(set(names)) == len(names)
    assert 6 <= len(names) <= 10
    own = set(_marked(source.folder))
    assert own <= set(names) <= set(marked), "each is marked, and each mark of its own is used"
    files = {
        "/".join(file.parts): file
        for layer in layers_of(source.folder, source.roots)
        for file in walk(layer)
    }
    for entry in listed:
        file = files[entry["file"]]
        assert entry["name"] in {
            body.name for body in bodies.found_in(file.path.read_text(encoding="utf-8"))
        }
        assert 2 <= len(entry["hints"]) <= 3
        for test in entry["tests"]:
            path, _, function = test.partition("::")
            tree = ast.parse(files[path].path.read_text(encoding="utf-8"))
            assert function in {node.name for node in tree.body if hasattr(node, "name")}, test


def test_every_marked_body_of_a_shared_layer_is_practised_somewhere() -> None:
    shared = {name for layer in LAYERS if layer.name.startswith("_") for name in _marked(layer)}
    listings = ROOT.glob(f"*/{PRACTICE_FILE}")  # of drafts, too
    used = {
        entry["name"]
        for path in listings
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["functions"]
    }
    assert shared <= used


@pytest.mark.parametrize("name", catalogue.names())
def test_a_plain_rendering_of_a_template_holds_no_trace(name: str, here: Path) -> None:
    root = make_project(name, here / "plain").root
    assert not (root / PRACTICE_FILE).exists()
    told = [path for path, text in tree(root).items() if b"# practice: " in text]
    assert told == []
    assert b"practice" not in (root / "README.md").read_bytes().lower()


@pytest.mark.parametrize("name", PRACTISED)
def test_a_practice_rendering_lacks_what_is_listed_and_nothing_else(name: str, here: Path) -> None:
    plain = make_project(name, here / "one" / "project").root
    made = new.create(new.plan(name, here / "two" / "project", practice=Practice())).project.root
    listed = practice.functions(made)
    assert not any(practice.is_written(made, function) for function in listed)
    bodies_by_name = marked_bodies(resolve(name), "project")
    for function in listed:
        practice.put_body(made, function, bodies_by_name[function.name].text)
    for path in (plain / "src").rglob("*.py"):
        assert (made / path.relative_to(plain)).read_bytes() == path.read_bytes(), path.name
    assert b"Written for practice" in (made / "README.md").read_bytes()
