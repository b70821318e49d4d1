"""Projects that 0.1.0 made and their authors edited, brought to the catalogue of today."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.commands import new
from scaffold.commands.update import update
from scaffold.project import Project
from scaffold.sources import history
from tests.factories import git
from tests.updating.worlds import commit

pytestmark = pytest.mark.slow

FUNCTION = """

def mine(number: int) -> int:
    return number + 41
"""
ANSWER = "It means that the desk can go home at five."
OWN_LINES = ("return number + 41", ANSWER, "ROUNDS = 1777", "# my own check")


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: None) -> Callable[[str], Path]:
    """Makes a project as 0.1.0 made it."""
    folder = history.unpack("0.1.0", tmp_path)

    def make(name: str) -> Path:
        if not (folder / name).is_dir():
            pytest.skip("0.1.0 did not have it yet")
        root = tmp_path / name
        with monkeypatch.context() as patch:
            patch.setattr("scaffold.catalogue.root", lambda: folder)
            for module in ("catalogue", "sources.addresses"):
                patch.setattr(f"scaffold.{module}.__version__", "0.1.0")
            catalogue._metadata.cache_clear()
            new.create(new.plan(name, root))
        catalogue._metadata.cache_clear()
        return root

    return make


def work_on(root: Path) -> None:
    """What an author does in a week: OWN_LINES, one of them in a file with another name."""
    package = root / "src" / Project.read(root).package
    model = package / "model.py"
    model.write_text(model.read_text(encoding="utf-8") + FUNCTION, encoding="utf-8")
    intervals = package / "intervals.py"
    text = intervals.read_text(encoding="utf-8")
    assert text.count("ROUNDS = 1000\n") == 1
    intervals.write_text(text.replace("ROUNDS = 1000\n", "ROUNDS = 1777\n"), encoding="utf-8")
    readme = root / "README.md"
    lines = readme.read_text(encoding="utf-8").splitlines(keepends=True)
    asked = [number for number, line in enumerate(lines) if "Yours to write — meaning" in line]
    lines[asked[0]] = f"{ANSWER}\n"
    readme.write_text("".join(lines), encoding="utf-8")
    git(root, "mv", "tests/test_behaviour.py", "tests/test_conduct.py")
    conduct = root / "tests" / "test_conduct.py"
    conduct.write_text(conduct.read_text(encoding="utf-8") + "\n# my own check\n", encoding="utf-8")
    commit(root)


@pytest.mark.parametrize("name", catalogue.names())
def test_a_project_of_0_1_0_comes_here_without_losing_a_line(
    name: str,
    first: Callable[[str], Path],
    record_property: Callable[[str, object], None],
) -> None:
    root = first(name)
    assert Project.read(root).origin.version == "0.1.0"
    work_on(root)

    outcome = update(root)

    record_property("conflicts", f"{name}: {', '.join(outcome.conflicts) or 'none'}")
    there = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
    for line in OWN_LINES:
        assert any(line in text for text in there.values()), line
    assert any("kit" in path.parts for path in there)
    package = Project.read(root).package
    settled = set(outcome.conflicts)
    assert settled <= {f"src/{package}/model.py", f"src/{package}/intervals.py",
                       "tests/test_conduct.py"}  # fmt: skip
    for path, text in there.items():
        if path.suffix == ".py" and path.relative_to(root).as_posix() not in settled:
            ast.parse(text, str(path))
