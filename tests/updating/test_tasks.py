"""Tasks and hooks of trusted templates: `diff` runs none, `update` runs them as an update."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from scaffold.commands.update import update
from scaffold.updating.plan import Options
from tests.conftest import Called
from tests.factories import Files, git, make_template_repo, write_files

# `log` stands outside: what a program does there cannot be undone.
COPIER = """\
_exclude:
  - copier.yml
  - .git
  - "{% if _copier_operation == 'update' %}only-once.txt{% endif %}"
_tasks:
  - command: ["PYTHON", "-c", "open('LOG', 'a').write('{{ _copier_operation }} ')"]
  - command: ["PYTHON", "-c", "open('secret.txt', 'w').write('made on GitHub')"]
    when: "{{ _copier_operation == 'copy' }}"
  - command: ["PYTHON", "-c", "open('always.txt', 'w').write('VERSION')"]
name: x
"""
HOOK = "open('LOG', 'a').write('hook ')\nopen('always.txt', 'w').write('VERSION')\n"
TOP = "{{cookiecutter.slug}}"


def version(kind: str, log: Path, name: str, text: str) -> Files:
    def filled(program: str) -> str:
        python = Path(sys.executable).as_posix()
        words = {"PYTHON": python, "LOG": log.as_posix(), "VERSION": name}
        for word, value in words.items():
            program = program.replace(word, value)
        return program

    if kind == "copier":
        files = {"copier.yml": filled(COPIER), "a.txt": text, "only-once.txt": text}
        return {**files, "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers|to_yaml }}"}
    return {
        "cookiecutter.json": '{"slug": "p"}',
        f"{TOP}/a.txt": text,
        "hooks/post_gen_project.py": filled(HOOK),
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.txt"


def project(kind: str, tmp_path: Path, log: Path) -> Path:
    """A project whose template's code ran, with an edit; the template has moved on."""
    versions = {name: version(kind, log, name, f"{name}\n") for name in ("v1", "v2", "v3")}
    template = make_template_repo(tmp_path / "template", versions)
    plan = new.plan(str(template), tmp_path / "app", ref="v1", trust=True)
    root = new.create(plan).project.root
    write_files(root, {"mine.txt": "mine\n"})
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Mine")
    log.unlink()
    return root


@pytest.mark.parametrize("kind", ["copier", "cookiecutter"])
def test_diff_runs_nothing_and_says_what_it_left_out(
    kind: str, tmp_path: Path, log: Path, identity: None, scaffold: Callable[..., Called]
) -> None:
    root = project(kind, tmp_path, log)
    shown = scaffold("diff", root, "--yes", "--trust")
    assert (shown.code, log.exists()) == (0, False)
    assert "Left out here; update runs it" in shown.err
    assert ("task: " if kind == "copier" else "hook: hooks/post_gen_project.py") in shown.err
    assert "+v3" in shown.out
    for made in ("always.txt", "secret.txt", "only-once.txt"):
        assert made not in shown.out, "what code made is neither shown as new nor as gone"


def test_update_runs_tasks_as_copiers_update_does(
    tmp_path: Path, log: Path, identity: None
) -> None:
    root = project("copier", tmp_path, log)
    assert update(root, Options(ref="v2", trust=True)).status == "updated"
    assert set(log.read_text().split()) == {"update"}
    assert (root / "secret.txt").read_text() == "made on GitHub"
    assert (root / "only-once.txt").read_text() == "v1\n", "left alone, as copier leaves it"
    assert (root / "a.txt").read_text() == "v2\n"
    assert (root / "always.txt").read_text() == "v2"
    log.unlink()
    assert update(root, Options(trust=True)).status == "updated"
    assert log.read_text() == "update update ", (
        "the new version, and the old one once, to tell what chance made: an update rendered it"
    )
    assert (root / "secret.txt").read_text() == "made on GitHub"
    assert (root / "always.txt").read_text() == "v3"
    assert update(root, Options(trust=True)).status == "current"


def test_conditions_of_untrusted_templates_are_an_updates_too(
    tmp_path: Path, log: Path, identity: None
) -> None:
    versions = {name: version("copier", log, name, f"{name}\n") for name in ("v1", "v2")}
    template = make_template_repo(tmp_path / "template", versions)
    root = new.create(new.plan(str(template), tmp_path / "app", ref="v1")).project.root
    assert update(root).status == "updated"
    assert (root / "only-once.txt").read_text() == "v1\n"
    assert (root / "a.txt").read_text() == "v2\n"
    assert not log.exists()
