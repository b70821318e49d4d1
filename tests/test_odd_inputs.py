"""What nobody foresaw in a template, a project or a name is told in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Called
from tests.factories import git, make_template_repo, tree, write_files

Run = Callable[..., Called]
LONG = "a" * 300
NOT_UTF_8 = os.fsdecode(b"caf\xe9.txt")
bytes_for_names = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems take no such names"
)
TEMPLATES = {
    "layers": {"template.toml": "title = 'T'\n", "a.txt": "a\n"},
    "copier": {
        "copier.yml": "name: x\n", "a.txt": "a\n",
        "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers|to_nice_yaml }}",
    },
    "cookiecutter": {"cookiecutter.json": '{"slug": "p"}', "{{cookiecutter.slug}}/a.txt": "a\n"},
}  # fmt: skip


@pytest.fixture(params=TEMPLATES)
def template(request: pytest.FixtureRequest, tmp_path: Path, identity: None) -> Path:
    return make_template_repo(tmp_path / "template", {"v1": TEMPLATES[request.param]})


def says(called: Called, *words: str) -> None:
    """One error and at most one hint, with these words; never ours."""
    assert called.code in {1, 2}, called
    lines = called.err.splitlines()
    assert lines[0].startswith("Error: ")
    assert len(lines) <= 2
    assert "fault of scaffold" not in called.err
    for word in words:
        assert word in called.err


@pytest.mark.parametrize("place", [LONG, f"./{LONG}", f"work/{LONG}/app", "ä" * 200])
def test_a_destination_that_is_too_long_is_refused(
    template: Path, place: str, here: Path, scaffold: Run
) -> None:
    called = scaffold("new", template, place, "--yes")
    assert len(called.err) < 400
    says(called)
    assert list(here.iterdir()) == []


def test_so_is_one_that_an_answer_names(tmp_path: Path, here: Path, scaffold: Run) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": TEMPLATES["cookiecutter"]})
    says(scaffold("new", folder, "--yes", "--set", f"slug={LONG}"), "300 characters")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", ["new", "run", "check", "update", "diff", "link", "site"])
def test_so_is_any_other_name(command: str, here: Path, catalogue: Path, scaffold: Run) -> None:
    says(scaffold(command, f"./{LONG}"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            "title = 'x'\n".encode("utf-16"),
            "template.toml:1 is not valid TOML: it is text in UTF-16",
        ),
        (b"title = 5\n", "template.toml:1: title is not a text in quotes."),
        (b"title = 'x'\nquestions = 'x'\n", "template.toml:2: questions is not a list of tables."),
        (b"[[questions]]\nprompt = 'x'\n", "template.toml:1: questions[1] has no name."),
        (b"\nextends = '_base'\n", "template.toml:2: extends is not a list of texts."),
        (b"[target]\ngate = 'x'\n", "template.toml:2: target.gate is not a number."),
        (b"tilte = 'x'\n", "template.toml:1: tilte is no key that scaffold knows."),
        (b"seeded = 1\n", "template.toml:1: seeded is not a list of texts."),
    ],
)
def test_a_faulty_template_toml_is_told_with_line_and_key(
    data: bytes, words: str, tmp_path: Path, here: Path, catalogue: Path, scaffold: Run
) -> None:
    folder = write_files(tmp_path / "school", {"template.toml": data, "a.txt": "a\n"})
    says(scaffold("new", folder, "app", "--yes"), words)
    assert list(here.iterdir()) == []


def test_an_earlier_version_may_have_keys_that_are_not_known_now(
    tmp_path: Path, here: Path, catalogue: Path, scaffold: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {"template.toml": "title = 'T'\nof_old = 1\n", "a.txt": "a\n"}
    new = {"template.toml": "title = 'T'\n", "a.txt": "b\n"}
    folder = make_template_repo(tmp_path / "school", {"v1": old, "v2": new})
    known = "scaffold.sources.addresses.metadata_of"
    from scaffold.engines.layers import metadata_of

    with monkeypatch.context() as patch:
        patch.setattr(known, lambda *arguments, **_: metadata_of(*arguments))
        assert scaffold("new", folder, "app", "--yes", "--ref", "v1").code == 0
    git(here / "app", "commit", "--quiet", "--amend", "--message", "Squashed")  # no pristine left
    git(here / "app", "update-ref", "-d", "refs/scaffold/pristine")
    called = scaffold("update", "app")
    assert called.code == 0, called.err
    assert (here / "app" / "a.txt").read_text(encoding="utf-8") == "b\n"


@pytest.mark.parametrize(
    "text", ["!!python/object/apply:os.system [ls]", "!secret x", "[1, 2", "5"]
)
def test_an_answers_file_that_is_no_plain_yaml_is_named(
    text: str, tmp_path: Path, here: Path, identity: None, scaffold: Run
) -> None:
    files = TEMPLATES["copier"]
    folder = make_template_repo(tmp_path / "t", {"v1": files, "v2": {**files, "a.txt": "b\n"}})
    assert scaffold("new", folder, "app", "--yes", "--ref", "v1").code == 0
    key = "" if text == "5" else "_commit: v1\nname: "
    write_files(here / "app", {".copier-answers.yml": f"{key}{text}\n"})
    git(here / "app", "commit", "--quiet", "--all", "--message", "Edited")
    where = ".copier-answers.yml holds no answers" if text == "5" else ".copier-answers.yml:"
    for verb in ("update", "diff"):
        says(scaffold(verb, "app"), where, "Put it back as copier wrote it.")


@bytes_for_names
def test_a_layers_file_name_that_is_not_utf_8_is_told(
    tmp_path: Path, here: Path, catalogue: Path, scaffold: Run
) -> None:
    folder = write_files(tmp_path / "t", {**TEMPLATES["layers"], NOT_UTF_8: "x\n"})
    says(scaffold("new", folder, "app", "--yes"), r"the file name 'caf\udce9.txt' is not in UTF-8")


@bytes_for_names
def test_an_authors_file_may_have_any_name(template: Path, here: Path, scaffold: Run) -> None:
    assert scaffold("new", template, "app", "--yes").code == 0
    write_files(here / "app", {NOT_UTF_8: "mine\n"})
    git(here / "app", "add", "--all")
    git(here / "app", "commit", "--quiet", "--message", "Mine")
    a = next(template.rglob("a.txt"))
    a.write_text("b\n", encoding="utf-8")
    git(template, "commit", "--quiet", "--all", "--message", "Second")
    git(template, "tag", "v2")
    assert scaffold("diff", "app").code == 0
    assert scaffold("update", "app").code == 0
    assert scaffold("check", "app").code == 3
    assert (here / "app" / NOT_UTF_8).read_text(encoding="utf-8") == "mine\n"


@bytes_for_names
def test_a_name_in_no_encoding_is_printed_and_stands_in_json(
    tmp_path: Path, here: Path, identity: None, scaffold: Run
) -> None:
    files = {**TEMPLATES["copier"], NOT_UTF_8: "x\n"}
    folder = make_template_repo(tmp_path / "t", {"v1": files, "v2": {**files, NOT_UTF_8: "y\n"}})
    assert scaffold("new", folder, "app", "--yes", "--ref", "v1").code == 0
    write_files(here / "app", {NOT_UTF_8: "mine\n"})
    git(here / "app", "commit", "--quiet", "--all", "--message", "Mine")
    command = [sys.executable, "-m", "scaffold"]
    shown = subprocess.run([*command, "diff", "app", "--json"], capture_output=True, cwd=here)
    assert json.loads(shown.stdout)["conflicts"] == [NOT_UTF_8]
    told = subprocess.run([*command, "update", "app"], capture_output=True, cwd=here)
    assert (told.returncode, rb"caf\udce9.txt" in told.stdout) == (4, True), told


@pytest.mark.parametrize("text", ["junk\n", "gitdir: /nowhere\n"])
def test_a_git_file_that_leads_nowhere_is_told(
    text: str, template: Path, here: Path, scaffold: Run
) -> None:
    assert scaffold("new", template, "app", "--yes").code == 0
    (here / "app" / ".git").rename(here / "aside")
    (here / "app" / ".git").write_text(text, encoding="utf-8")
    before = tree(here)
    words = os.path.join("app", ".git") + " is a file that leads to no repository."  # noqa: PTH118
    for command in (["update", "app"], ["diff", "app"], ["new", template, "app"]):
        says(scaffold(*command, "--yes"), words)
    assert tree(here) == before


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_git_file_that_a_templates_code_makes_is_refused(
    kind: str, tmp_path: Path, here: Path, identity: None, scaffold: Run
) -> None:
    make = "open('.git', 'w').write('x')" if kind == "file" else "os.symlink('a.txt', '.git')"
    task = f'_tasks:\n  - ["{{{{ _copier_python }}}}", -c, "import os; {make}"]\n'
    folder = make_template_repo(tmp_path / "t", {"v1": {"copier.yml": task, "a.txt": "a\n"}})
    called = scaffold("new", folder, "app", "--yes", "--trust")
    assert (called.code, "t v1 makes '.git'" in called.err) == (1, True), called.err
    assert list(here.iterdir()) == []


def test_a_project_in_a_linked_work_tree_is_updated(
    template: Path, here: Path, scaffold: Run
) -> None:
    assert scaffold("new", template, "app", "--yes").code == 0
    git(here / "app", "worktree", "add", "--quiet", "-b", "side", str(here / "linked"))
    next(template.rglob("a.txt")).write_text("b\n", encoding="utf-8")
    git(template, "commit", "--quiet", "--all", "--message", "Second")
    git(template, "tag", "v2")
    assert (here / "linked" / ".git").is_file()
    for command in ("diff", "update"):
        assert scaffold(command, "linked").code == 0
    assert (here / "linked" / "a.txt").read_text(encoding="utf-8") == "b\n"
    assert (here / "app" / "a.txt").read_text(encoding="utf-8") == "a\n"
