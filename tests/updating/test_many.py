from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from scaffold.commands import new
from scaffold.commands.update import Status
from tests.conftest import Called
from tests.factories import git, make_template_repo
from tests.updating.cases import _lines, contents
from tests.updating.worlds import Template, commit, edit


@pytest.fixture
def kind() -> str:
    return "copier"


@pytest.fixture
def several(template: Template, tmp_path: Path) -> dict[str, Path]:
    """Five projects, one of each fate."""
    template.release()
    roots = {name: tmp_path / name for name in ("clean", "conflict", "dirty", "broken", "current")}
    for name, root in roots.items():
        if name != "current":
            new.create(new.plan(template.source, root))
    template.release({"numbers.txt": _lines(n3="theirs 3")})
    new.create(new.plan(template.source, roots["current"]))
    edit(roots["conflict"], "numbers.txt", "line 3\n", "mine 3\n")
    commit(roots["conflict"])
    edit(roots["dirty"], "letters.txt", "a\n", "A\n")
    shutil.rmtree(roots["broken"] / ".git")
    return roots


def test_one_line_each_a_table_and_the_worst_exit_code(
    several: dict[str, Path], scaffold: Callable[..., Called]
) -> None:
    called = scaffold("update", *several.values())
    assert called.code == 4
    words = {
        line.split()[0].rsplit("/")[-1]: line.split()[1]
        for line in called.err.splitlines()
        if line.strip()
    }
    assert words == {
        "clean": "updated", "conflict": "conflicts", "dirty": "refused", "broken": "refused",
        "current": "current",
    }  # fmt: skip
    assert all(len(line) <= 80 for line in called.err.splitlines())
    assert called.out.split() == [
        "updated", "1", "current", "1", "conflicts", "1", "refused", "2", "projects", "5",
    ]  # fmt: skip
    assert contents(several["clean"], "numbers.txt") == _lines(n3="theirs 3")
    assert git(several["dirty"], "rev-list", "--count", "HEAD") == "1"


SHAPE = {
    "project": str, "status": str, "exit_code": int, "template": str, "before": str, "after": str,
    "changes": list, "conflicts": list, "deleted": list, "in_the_way": list, "notes": list,
    "ways_out": list, "message": str, "hint": str,
}  # fmt: skip


@pytest.mark.parametrize("options", [[], ["--check"]])
@pytest.mark.parametrize("number", [1, 6])
def test_json_has_one_shape_for_one_and_many_for_good_and_bad(
    several: dict[str, Path], tmp_path: Path, options: list[str], number: int,
    scaffold: Callable[..., Called],
) -> None:  # fmt: skip
    several["nowhere"] = tmp_path / "nowhere"
    roots = [*several.values()]
    calls = [roots] if number == 6 else [[root] for root in roots]
    called = [scaffold("update", "--json", *options, *some) for some in calls]
    found = [entry for call in called for entry in json.loads(call.out)]
    assert [entry["project"] for entry in found] == [str(root) for root in roots]
    for entry in found:
        assert {key: type(value) for key, value in entry.items()} == SHAPE, entry
        assert bool(entry["message"]) == (entry["status"] == "refused")
    words = {name: entry["status"] for name, entry in zip(several, found, strict=True)}
    behind = ("newer", 3) if options else ("updated", 0)
    fates = {
        "clean": behind, "broken": ("refused", 1), "current": ("current", 0),
        "conflict": behind if options else ("conflicts", 4),
        "dirty": behind if options else ("refused", 1), "nowhere": ("refused", 1),
    }  # fmt: skip
    assert words == {name: fates[name][0] for name in several}
    codes = [fates[name][1] for name in several]
    assert [entry["exit_code"] for entry in found] == codes
    assert [call.code for call in called] == ([max(codes)] if number == 6 else codes)


def test_what_a_program_of_the_template_said_last_is_in_the_record(
    here: Path, identity: None, scaffold: Callable[..., Called]
) -> None:
    hook = {"hooks/post_gen_project.py": "print('no docker')\nraise SystemExit(1)\n"}
    files = {"cookiecutter.json": '{"slug": "p"}', "{{cookiecutter.slug}}/a.txt": "a\n"}
    versions = {"v1": {**files, "hooks/post_gen_project.py": ""}, "v2": {**files, **hook}}
    folder = make_template_repo(here / "t", versions)
    assert scaffold("new", folder, "app", "--ref", "v1", "--yes", "--trust").code == 0
    called = scaffold("update", "app", "--yes", "--trust", "--json")
    [record] = json.loads(called.out)
    assert (called.code, record["status"]) == (1, "refused")
    assert record["message"].endswith("It said: no docker")


def test_the_documentation_shows_every_key_and_every_status() -> None:
    page = Path(__file__).parents[2] / "docs" / "explanation" / "update.md"
    text = page.read_text(encoding="utf-8")
    section = text.split("## For programs")[1].split("\n## ")[0]
    [shown] = json.loads(section.split("```json")[1].split("```")[0])
    assert {key: type(value) for key, value in shown.items()} == SHAPE
    words = {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}
    assert words == {"status", "refused", "failed", *get_args(Status)}


def test_a_project_named_twice_is_updated_once(
    several: dict[str, Path], scaffold: Callable[..., Called]
) -> None:
    called = scaffold("update", "--json", several["clean"], several["dirty"], several["dirty"])
    assert len(json.loads(called.out)) == 2


def test_check_reports_every_project_whatever_becomes_of_one(
    several: dict[str, Path], scaffold: Callable[..., Called]
) -> None:
    called = scaffold("update", "--check", several["broken"], several["clean"], several["current"])
    lines = called.out.splitlines()
    assert called.code == 3
    assert "is not a git repository" in lines[0]
    assert lines[1].endswith("1.0.0, newest 2.0.0")
    assert lines[2].endswith("2.0.0 is the newest.")
    assert scaffold("update", "--check", several["broken"], several["current"]).code == 1


def test_check_takes_many_too(several: dict[str, Path], scaffold: Callable[..., Called]) -> None:
    assert scaffold("update", "--check", several["clean"], several["current"]).code == 3
    assert scaffold("update", "--check", several["current"]).code == 0
