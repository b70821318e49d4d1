from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.errors import ScaffoldError
from scaffold.sources import trust
from tests.conftest import Called
from tests.factories import git, make_template_repo

TASK = """["{{ _copier_python }}", -c, "open('made-by-task.txt', 'w').write('x')"]"""
WITH_TASK = {"copier.yml": f"_tasks:\n  - {TASK}\nname: x\n", "a.txt": "a\n"}
WITH_HOOK = {
    "cookiecutter.json": '{"slug": "p"}',
    "{{cookiecutter.slug}}/a.txt": "a\n",
    "hooks/post_gen_project.py": "open('made-by-hook.txt', 'w').write('x')\n",
}
WITH_EXTENSION = {
    "copier.yml": "_jinja_extensions:\n  - evil.Extension\nname: x\n",
    "a.txt.jinja": "{{ name }}\n",
    "evil.py": "raise SystemExit('ran')\n",
}
REACHING_PYTHON = {
    "cookiecutter.json": '{"slug": "p", "x": "{{ \'\'.__class__.__mro__ }}"}',
    "{{cookiecutter.slug}}/a.txt": "a\n",
}
LEAVING = {
    "cookiecutter.json": '{"slug": "p", "__up": "../../out"}',
    "{{cookiecutter.slug}}/{{cookiecutter.__up}}.txt": "a\n",
}


def test_an_address_is_remembered_until_its_line_is_deleted(isolated: Path) -> None:
    assert not trust.is_trusted("https://host/a.git")
    file = trust.remember("https://host/a.git")
    trust.remember("https://host/b")
    assert file == isolated / "config" / "scaffold" / "trusted.toml"
    assert trust.is_trusted("https://host/a")
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "host/a" not in line), encoding="utf-8")
    assert not trust.is_trusted("https://host/a")
    assert trust.is_trusted("https://host/b")


@pytest.mark.parametrize("end", ["", "/", ".git", ".git/"])
def test_one_repository_has_one_line_however_its_address_ends(end: str, isolated: Path) -> None:
    trust.remember(f"https://host/a{end}")
    for other in ("", "/", ".git", ".git/"):
        assert trust.is_trusted(f"https://host/a{other}")
    assert not trust.is_trusted("https://host/ab")


def test_a_store_that_cannot_be_read_is_no_trust(isolated: Path) -> None:
    file = trust.remember("https://host/a")
    file.write_text("[trusted", encoding="utf-8")
    with pytest.raises(ScaffoldError, match="cannot be read"):
        trust.is_trusted("https://host/a")


@pytest.mark.parametrize(
    ("files", "made", "said"),
    [
        (WITH_TASK, "made-by-task.txt", "task: {{ _copier_python }} -c"),
        (WITH_HOOK, "made-by-hook.txt", "hook: hooks/post_gen_project.py"),
    ],
)
def test_code_runs_only_with_trust_which_is_remembered(
    files: dict[str, str],
    made: str,
    said: str,
    tmp_path: Path,
    here: Path,
    scaffold: Callable[..., Called],
    identity: None,
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": files})
    without = scaffold("new", folder, "first", "--yes")
    assert (without.code, said in without.err, "--trust" in without.err) == (0, True, True)
    assert not (here / "first" / made).exists()
    assert not trust.store().exists(), "trust that nobody gave is not remembered"
    assert 'code = "skipped"' in (here / "first" / ".scaffold.toml").read_text(encoding="utf-8")

    given = scaffold("new", folder, "second", "--yes", "--trust")
    assert (given.code, said in given.err) == (0, True)
    assert git(here / "second", "ls-files", made) == made
    assert 'code = "ran"' in (here / "second" / ".scaffold.toml").read_text(encoding="utf-8")

    plain = make_template_repo(tmp_path / "plain", {"v1": {"copier.yml": "", "a.txt": "a\n"}})
    assert scaffold("new", plain, "plain", "--yes", "--trust").code == 0
    assert "\ncode = " not in (here / "plain" / ".scaffold.toml").read_text(encoding="utf-8")

    assert scaffold("new", folder, "third", "--yes").code == 0
    assert (here / "third" / made).exists()


FAILING_TASK = {"copier.yml": "_tasks:\n  - exit 3\nname: x\n", "a.txt": "a\n"}


def test_trust_is_not_remembered_when_the_run_failed(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": WITH_TASK, "v2": FAILING_TASK})
    assert scaffold("new", folder, "app", "--yes", "--trust", "--ref", "v2").code == 1
    assert not trust.store().exists()
    assert scaffold("new", folder, "app", "--yes", "--trust", "--ref", "v1").code == 0
    assert trust.is_trusted(str(folder))


@pytest.mark.parametrize("files", [WITH_TASK, WITH_HOOK])
def test_what_was_made_with_code_is_not_updated_without_it(
    files: dict[str, str],
    tmp_path: Path,
    here: Path,
    scaffold: Callable[..., Called],
    identity: None,
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": files, "v2": files | {"b.txt": "b\n"}})
    scaffold("new", folder, "app", "--yes", "--trust", "--ref", "v1")
    trust.store().unlink()
    refused = scaffold("update", "app", "--yes")
    assert (refused.code, "not trusted here" in refused.err) == (1, True)
    assert scaffold("update", "app", "--yes", "--trust").code == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (WITH_EXTENSION, "cannot be rendered without its own code"),
        (REACHING_PYTHON, "SecurityError"),
        (LEAVING, "leaves the project"),
    ],
)
def test_a_hostile_template_reaches_nothing(
    files: dict[str, str],
    said: str,
    tmp_path: Path,
    here: Path,
    scaffold: Callable[..., Called],
    identity: None,
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": files})
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, said in called.err) == (1, True), called.err
    assert "Traceback" not in called.err
    assert list(here.iterdir()) == []


def test_a_link_out_of_a_template_is_not_followed(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], identity: None
) -> None:
    (tmp_path / "secret").write_text("key\n", encoding="utf-8")
    folder = make_template_repo(
        tmp_path / "t",
        {"v1": {"cookiecutter.json": '{"slug": "p"}', "{{cookiecutter.slug}}/a": "a"}},
    )
    (folder / "{{cookiecutter.slug}}" / "b").symlink_to(tmp_path / "secret")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Link")
    called = scaffold("new", folder, "app", "--yes", "--ref", "main")
    assert (called.code, "leads outside" in called.err) == (1, True)
