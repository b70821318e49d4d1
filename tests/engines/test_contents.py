"""What may stand in a rendering: no second repository, and no folder that is gone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands.update import update
from scaffold.engines.contents import reads_as_git, refuse_repositories
from scaffold.errors import TemplateError
from scaffold.updating.plan import Options
from tests.conftest import Called
from tests.engines.conftest import make
from tests.factories import git, make_template_repo, tree, write_files

SPELLINGS = [
    ".git", ".GIT", ".Git", "git~1", "GIT~1", "git~2", ".git.", ".git ", ".git . .", ".g\u200cit",
    "\ufeff.git", ".git::$INDEX_ALLOCATION", ".git:x", "a\\.git\\config",
]  # fmt: skip
COPIER = {"copier.yml": "_exclude: [copier.yml]\nwhere: .git\n"}
COOKIECUTTER = {"cookiecutter.json": '{"slug": "p", "where": ".git"}'}
TOP = "{{cookiecutter.slug}}"
CONFIG = "[core]\n\tfsmonitor = touch ran\n"


@pytest.mark.parametrize("name", SPELLINGS)
def test_git_reads_it_as_its_own_folder(name: str) -> None:
    assert reads_as_git(name)


@pytest.mark.parametrize("name", [".github", ".gitignore", "git", "digit~1", ".git-x", "x.git"])
def test_git_does_not_read_it_as_its_own_folder(name: str) -> None:
    assert not reads_as_git(name)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({**COPIER, "sub/{{ where }}/config": CONFIG}, "sub/.git"),
        ({**COPIER, "{{ where }}/config": CONFIG}, ".git"),
        ({**COPIER, "sub/{{ where }}": "gitdir: elsewhere\n"}, "sub/.git"),
        ({**COPIER, "sub/{{ where | upper }}/config": CONFIG}, "sub/.GIT"),
        ({**COPIER, "b/HEAD": "", "b/objects/a": "", "b/refs/a": ""}, "b/HEAD"),
        ({**COOKIECUTTER, f"{TOP}/sub/{{{{cookiecutter.where}}}}/config": CONFIG}, "sub/.git"),
        ({**COOKIECUTTER, f"{TOP}/sub/.git/config": CONFIG}, "sub/.git"),
        ({**COOKIECUTTER, f"{TOP}/.git": "gitdir: elsewhere\n"}, ".git"),
        ({"template.toml": 'title = "T"\n', "sub/{{ '.gi' ~ 't' }}/config": CONFIG}, ".git"),
        ({"template.toml": 'title = "T"\n', "sub/{{ 'GIT' ~ '~1' }}": "x"}, "GIT~1"),
    ],
)
def test_a_repository_inside_the_rendering_is_refused_by_name(
    files: dict[str, str], named: str, tmp_path: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    folder = write_files(tmp_path / "plain", files)
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, named in called.err, "Traceback" in called.err) == (1, True, False)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("trust", [(), ("--trust",)], ids=["untrusted", "trusted"])
def test_the_repository_of_the_template_does_not_come_along(
    trust: tuple[str, ...],
    tmp_path: Path,
    here: Path,
    scaffold: Callable[..., Called],
    identity: None,
) -> None:
    versions = {"v1": {"copier.yml": "_exclude: [copier.yml]\n", "a.txt": "a\n"}}
    folder = make_template_repo(tmp_path / "t", versions)
    assert scaffold("new", folder, "app", "--yes", *trust).code == 0
    assert git(here / "app", "log", "--format=%s") == "Start app from the t template"
    assert not (here / "app" / ".git" / "objects" / "info" / "alternates").exists()


def test_a_repository_beside_that_of_the_template_is_refused(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": {**COPIER, "{{ where }}/config": CONFIG}})
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, "'.git'" in called.err) == (1, True)
    assert list(here.iterdir()) == []


def test_a_link_in_place_of_a_repository_of_ones_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "made" / ".git").mkdir(parents=True)
    refuse_repositories(tmp_path / "made", "t", own=True)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").symlink_to(tmp_path / "made" / ".git")
    with pytest.raises(TemplateError, match=r"'\.git'"):
        refuse_repositories(tmp_path / "linked", "t", own=True)


def test_a_link_into_a_repository_is_refused(tmp_path: Path, here: Path) -> None:
    files = {"copier.yml": "_preserve_symlinks: true\na: b\n", "a.txt": "a\n"}
    folder = write_files(tmp_path / "plain", files)
    (folder / "hooks").symlink_to(".git/hooks")
    with pytest.raises(TemplateError, match="'hooks', a link into"):
        make(folder, here / "app")
    assert list(here.iterdir()) == []


def task(*lines: str) -> str:
    """A copier.yml whose only task is a Python program."""
    return json.dumps({"_tasks": [[sys.executable, "-c", "\n".join(lines)]], "a": "b"})


RUN = "import subprocess; run = lambda *words: subprocess.run(words, check=True)"


def test_what_trusted_code_makes_is_looked_at_too(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    folder = make_template_repo(
        tmp_path / "t",
        {"v1": {"copier.yml": task(RUN, "run('git', 'init', 'sub')"), "a.txt": "a\n"}},
    )
    called = scaffold("new", folder, "app", "--yes", "--trust")
    assert (called.code, "sub/.git" in called.err) == (1, True)
    assert list(here.iterdir()) == []


def test_what_is_ignored_may_hold_repositories_of_trusted_code(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    files = {"copier.yml": task(RUN, "run('git', 'init', '.venv/src/dep')"), "a.txt": "a\n"}
    folder = make_template_repo(tmp_path / "t", {"v1": {**files, ".gitignore": ".venv/\n"}})
    assert scaffold("new", folder, "app", "--yes", "--trust").code == 0
    assert (here / "app" / ".venv" / "src" / "dep" / ".git").is_dir()


def test_what_only_this_machine_ignores_may_hold_none(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    (tmp_path / "ignore").write_text("deps/\n", encoding="utf-8")
    git(here, "config", "--global", "core.excludesFile", str(tmp_path / "ignore"))
    files = {"copier.yml": task(RUN, "run('git', 'init', 'deps/one')"), "a.txt": "a\n"}
    folder = make_template_repo(tmp_path / "t", {"v1": files})
    called = scaffold("new", folder, "app", "--yes", "--trust")
    assert (called.code, "repository of its own" in called.err) == (1, True), called.err


HOOK = [
    RUN,
    "import os, pathlib",
    "run('git', 'init', '--quiet', '--initial-branch=trunk')",
    "run('git', 'remote', 'add', 'origin', 'https://example.invalid/a.git')",
    "pathlib.Path('.git/hooks').mkdir(exist_ok=True)",
    "pathlib.Path('.git/hooks/pre-commit').write_text('exit 0\\n')",
    "pathlib.Path('.venv').mkdir()",
    "pathlib.Path('.venv/where').write_text(os.getcwd()[::-1])",  # in no words to be replaced
]


@pytest.mark.parametrize("kind", ["copier", "cookiecutter"])
def test_what_trusted_code_makes_stands_where_the_project_stands(
    kind: str, tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    files = {
        "copier": {"copier.yml": task(*HOOK), ".gitignore": ".venv/\n"},
        "cookiecutter": {
            **COOKIECUTTER,
            f"{TOP}/.gitignore": ".venv/\n",
            "hooks/post_gen_project.py": "\n".join(HOOK),
        },
    }[kind]
    folder = make_template_repo(tmp_path / "t", {"v1": files})
    assert scaffold("new", folder, "deep/app", "--yes", "--trust").code == 0
    root = here / "deep" / "app"
    assert (root / ".venv" / "where").read_text()[::-1] == str(root)
    assert (root / ".git" / "hooks" / "pre-commit").read_text() == "exit 0\n"
    assert git(root, "remote", "get-url", "origin") == "https://example.invalid/a.git"
    assert git(root, "symbolic-ref", "--short", "HEAD") == "trunk"
    assert git(root, "status", "--porcelain") == ""
    assert [path.name for path in (here / "deep").iterdir()] == ["app"]


def test_commits_of_trusted_code_stay_below_the_rendering(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    lines = [RUN, "run('git', 'init', '-q')", "run('git', 'add', '.')"]
    who = "'-c', 'user.name=T', '-c', 'user.email=t@t.invalid'"
    lines += [f"run('git', {who}, 'commit', '-q', '-m', 'By the template')"]
    lines += ["open('a.txt', 'w').write('changed since')"]
    folder = make_template_repo(
        tmp_path / "t", {"v1": {"copier.yml": task(*lines), "a.txt": "a\n"}}
    )
    called = scaffold("new", folder, "app", "--yes", "--trust")
    assert called.code == 0, called.err
    root = here / "app"
    subjects = git(root, "log", "--format=%s").splitlines()
    assert subjects == ["Start app from the t template", "By the template"]
    assert git(root, "show", "HEAD:a.txt") == "changed since"
    assert git(root, "status", "--porcelain") == ""
    write_files(folder, {"b.txt": "b\n"})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "v2")
    git(folder, "tag", "v2")
    assert update(root, Options(trust=True)).status == "updated"
    assert (root / "b.txt").is_file()


@pytest.mark.parametrize("existed", [False, True])
def test_a_failure_of_trusted_code_leaves_nothing(
    existed: bool, tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    files = {"copier.yml": task(*HOOK, "raise SystemExit(7)"), "a.txt": "a\n"}
    folder = make_template_repo(tmp_path / "t", {"v1": files})
    if existed:
        (here / "deep" / "app").mkdir(parents=True)
    called = scaffold("new", folder, "deep/app", "--yes", "--trust")
    assert (called.code, "exit status 7" in called.err) == (1, True)
    left = [path.relative_to(here).as_posix() for path in here.rglob("*")]
    assert left == (["deep", "deep/app"] if existed else [])


CONTEXT = '{"slug": "p", "name": "Ada"}'
RECORDING = {
    "cookiecutter.json": CONTEXT,
    f"{TOP}/.cookiecutter.json": "{{ cookiecutter | jsonify }}\n",
    f"{TOP}/.cookiecutterrc": "{% for k, v in cookiecutter.items() %}{{ k }}: {{ v }}\n"
    "{% endfor %}",
}


def test_no_passing_folder_is_written_down(tmp_path: Path, here: Path, identity: None) -> None:
    template = make_template_repo(tmp_path / "t", {"v1": RECORDING})
    root = make(template, here / "app").root
    state = json.loads((root / ".cookiecutter.json").read_text())
    assert (state["_output_dir"], state["_repo_dir"]) == (str(here), str(template))
    before = tree(root)
    assert b"scaffold-" not in b"".join(before.values())
    (root / ".cookiecutterrc").write_text("mine: 1\n" + (root / ".cookiecutterrc").read_text())
    git(root, "commit", "--quiet", "--all", "--message", "Mine")
    write_files(template, {f"{TOP}/b.txt": "b\n"})
    git(template, "add", "--all")
    git(template, "commit", "--quiet", "--message", "v2")
    git(template, "tag", "v2")
    assert update(root).status == "updated"
    after = tree(root)
    rc = after[".cookiecutterrc"].decode()
    old = before[".cookiecutterrc"].decode()
    assert rc == f"mine: 1\n{old.replace('_checkout: v1', '_checkout: v2')}"


def test_copiers_own_paths_are_the_projects(tmp_path: Path, here: Path, identity: None) -> None:
    files = {
        "copier.yml": "a: b\n",
        "where.txt.jinja": "{{ _copier_conf.dst_path }}\n{{ _copier_conf.src_path }}\n",
    }
    template = make_template_repo(tmp_path / "t", {"v1": files})
    root = make(template, here / "app").root
    assert (root / "where.txt").read_text() == f"{root}\n{template}\n"
