"""The rules of the house, read from the code itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import scaffold

PACKAGE = Path(scaffold.__file__).parent
RIM = {"cli", "__main__", "terminal"}

# From the rim down; a module imports only what stands on its own line or below it.
ORDER = [
    {"__main__", "cli", "terminal", "report_file"},
    {"authoring", "commands"},
    {"checks", "site"},
    {"joining", "practising", "publishing", "running", "updating", "version"},
    {"catalogue", "rendering", "sources"},
    {"engines", "project", "staging"},
    {"credential", "credential_helper", "git", "git_program", "guard"},
    {"errors", "lock", "naming", "plain", "remembered", "reporter", "results", "schema", "shell"},
]

MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if "_templates" not in path.relative_to(PACKAGE).parts
)


def _imports(path: Path) -> set[str]:
    """Full dotted names of the modules that a file imports anywhere, lazily or not."""
    return _names(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _top(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_down_only(path: Path) -> None:
    level = {name: depth for depth, names in enumerate(ORDER) for name in names}
    own = _top(path)
    if own == "__init__":
        return
    assert own in level, f"say in ORDER where {own} stands"
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "scaffold" and len(parts) > 1 and parts[1] in level:
            assert level[parts[1]] >= level[own], f"{own} imports {name}, which stands above it"


def _dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def test_no_import_comes_back_to_where_it_began() -> None:
    """Between rooms none at all; between modules none that happens when they are loaded."""
    known = {_dotted(path) for path in MODULES}
    modules: dict[str, set[str]] = {}
    rooms: dict[str, set[str]] = {}
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        loading = ast.Module([node for node in tree.body if not isinstance(node, ast.If)], [])
        modules[_dotted(path)] = _own(_names(loading.body), known) - {_dotted(path)}
        met = {name.split(".")[1] for name in _own(_names(ast.walk(tree)), known) if "." in name}
        rooms[_top(path)] = rooms.get(_top(path), set()) | met - {_top(path)}
    for graph in (modules, rooms):
        order = TopologicalSorter(graph).static_order()  # CycleError names the circle
        assert set(order) >= set(graph)


def _own(names: set[str], known: set[str]) -> set[str]:
    """The modules of the package that these names are, or are in."""
    return {name if name in known else name.rpartition(".")[0] for name in names} & known


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_the_library_is_silent(path: Path) -> None:
    if _top(path) in RIM:
        return
    assert not {name for name in _imports(path) if name.split(".")[0] in {"click", "questionary"}}
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"print", "input"}


PRINTERS = {
    "say", "say_json", "hand_over", "_overwrite", "ask", "_ask_plainly", "confirm", "choose",
}  # fmt: skip
PRINTING = {
    "click.echo", "click.secho", "click.style", "click.prompt", "click.confirm", "click.pause",
    "click.progressbar", "click.echo_via_pager", "click.edit", "print", "input", "questionary.text",
    "questionary.select",
}  # fmt: skip


def _printing_calls(path: Path) -> set[tuple[str, str]]:
    """What a module prints by, each call with the function that makes it."""
    found = set()
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            found |= {(function.name, ast.unparse(call.func)) for call in calls}
    return {
        (by, name)
        for by, name in found
        if name in PRINTING or name.endswith(("stdout.write", "stderr.write", "self.stream.write"))
    }


def test_only_the_terminal_prints_and_there_only_the_functions_that_make_safe() -> None:
    printing = {path.relative_to(PACKAGE).as_posix(): _printing_calls(path) for path in MODULES}
    assert {by for by, _ in printing.pop("terminal.py")} <= PRINTERS
    assert printing.pop("credential_helper.py") == {("main", "sys.stdout.write")}  # git reads it
    assert not {name: calls for name, calls in printing.items() if calls}


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("git", {"git.py"}),
        ("huggingface_hub", {"publishing/space.py"}),
        ("github", {"publishing/github.py"}),
        ("copier", {"engines/copier.py"}),
        ("cookiecutter", {"engines/cookiecutter.py"}),
    ],
)
def test_each_outside_thing_has_one_door(library: str, doors: set[str]) -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if any(name.split(".")[0] == library for name in _imports(path))
    }
    assert users <= doors


def test_starting_up_loads_nothing_heavy() -> None:
    heavy = (
        "jinja2", "markdown_it", "git", "copier", "cookiecutter", "github", "questionary",
        "repo_review",
    )  # fmt: skip
    statement = f"import sys, scaffold.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_new_project_is_made_without_what_reads_objects(tmp_path: Path) -> None:
    statement = (
        "import sys; from scaffold.cli import main\n"
        "sys.argv[1:] = ['new', 'house-prices', '--yes']\n"
        "try: main()\n"
        "except SystemExit: print(f'\\n{\"git\" in sys.modules}')"
    )
    done = subprocess.run(
        [sys.executable, "-c", statement], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"
    assert (tmp_path / "house-prices" / ".git" / "HEAD").exists()
