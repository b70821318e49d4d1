from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands.link import link
from scaffold.commands.update import update
from scaffold.errors import ScaffoldError, UpdateRefused, UsageError
from scaffold.project import Project
from tests.conftest import Called
from tests.factories import git, make_template_repo
from tests.updating.cases import MINE_3, _lines, _squash, contents
from tests.updating.worlds import CookiecutterTemplate, CopierTemplate, Template, commit


@pytest.fixture
def made_elsewhere(template: Template, root: Path) -> Path:
    """A project that copier, cruft or a hand made from version 1, then edited; version 2 is out."""
    template.release()
    if isinstance(template, CopierTemplate):
        run = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults"]
        subprocess.run([*run, str(template.folder), str(root)], check=True, capture_output=True)
    elif isinstance(template, CookiecutterTemplate):
        _as_cruft_makes_it(template, root)
    else:
        _by_hand(template, root)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Start")
    MINE_3(root)
    commit(root)
    template.release({"numbers.txt": _lines(n18="theirs 18"), "logo.bin": b"\0new"})
    return root


def _by_hand(template: Template, root: Path) -> None:
    for name, data in template.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    (root / "answers.txt").write_text("author: Ada\n", encoding="utf-8")


def _as_cruft_makes_it(template: Template, root: Path) -> None:
    _by_hand(template, root)
    state = {
        "template": str(template.folder),
        "commit": git(template.folder, "rev-parse", "HEAD"),
        "checkout": None,
        "context": {"cookiecutter": {"slug": "project", "author": "Ada", "_template": "x"}},
        "directory": None,
        "skip": ["docs/*"],
    }
    (root / ".cruft.json").write_text(json.dumps(state, indent=2), encoding="utf-8")


def test_an_adopted_project_is_updated_like_any_other(
    made_elsewhere: Path, template: Template, scaffold: Callable[..., Called]
) -> None:
    root = made_elsewhere
    named = template.kind == "catalogue"
    before = git(root, "rev-parse", "HEAD^{tree}")
    if named:
        # By hand: the installed release is version 2 already, so say what stands there is older.
        template.files["numbers.txt"] = _lines()
        template.files["logo.bin"] = bytes(range(256))
        template.releases.pop()
        template.release()
        assert scaffold("link", root, "tiny", "--yes").code == 0
        template.release({"numbers.txt": _lines(n18="theirs 18"), "logo.bin": b"\0new"})
    else:
        called = scaffold("link", root, "--yes")
        assert (called.code, "1.0.0" in called.out or template.kind == "cookiecutter") == (0, True)
    git(root, "rm", "--quiet", "--cached", ".scaffold.toml")
    assert git(root, "write-tree") == before
    git(root, "reset", "--quiet", "--hard")

    assert update(root).status == "updated"
    assert contents(root, "numbers.txt") == _lines(n3="mine 3", n18="theirs 18")
    assert (root / "logo.bin").read_bytes() == b"\0new"


def test_what_cruft_wrote_down_is_taken_over(made_elsewhere: Path, template: Template) -> None:
    if template.kind != "cookiecutter":
        pytest.skip("cruft is for cookiecutter")
    linked = link(made_elsewhere)
    assert (linked.made_by, linked.changed, linked.missing) == ("cruft", 1, 0)
    assert "docs/*" in Project.read(made_elsewhere).seeded
    assert Project.read(made_elsewhere).answers == {"slug": "project", "author": "Ada"}


def test_refusals_leave_the_project_as_it_was(made_elsewhere: Path, template: Template) -> None:
    root = made_elsewhere
    head = git(root, "rev-parse", "HEAD")
    if template.kind == "catalogue":
        with pytest.raises(UsageError, match="Nothing here says"):
            link(root)
    else:
        with pytest.raises(ScaffoldError):
            link(root, str(root.parent / "nowhere"))
    (root / "numbers.txt").write_text("dirty\n", encoding="utf-8")
    with pytest.raises(UpdateRefused, match="not committed"):
        link(root, template.source)
    git(root, "checkout", "--quiet", "--", ".")
    assert (git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")) == (head, "")
    link(root, template.source)
    with pytest.raises(UpdateRefused, match="already"):
        link(root, template.source)


@pytest.fixture
def two_templates(tmp_path: Path, root: Path, identity: None) -> dict[str, Path]:
    """A project that copier made from one template, and into which it laid a second."""
    made = {}
    for name in ("one", "two"):
        files = {
            "copier.yml": "colour: red\n",
            f"{name}.txt.jinja": "{{ colour }}\n",
            "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers|to_nice_yaml }}",
        }
        made[name] = make_template_repo(
            tmp_path / name, {"v1": files, "v2": {**files, f"{name}-new.txt": "new\n"}}
        )
        run = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults", "--vcs-ref=v1"]
        answers = ["--answers-file", f".copier-answers.{name}.yml", "--data", "colour=blue"]
        subprocess.run([*run, *answers, str(made[name]), str(root)], check=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "Start")
    return made


def test_an_answers_file_of_another_name_is_found_and_kept_up_to_date(
    two_templates: dict[str, Path], root: Path
) -> None:
    for name in ("one", "two"):
        with pytest.raises(UsageError, match=r"several templates .*\.copier-answers\.one\.yml"):
            link(root)
        linked = link(root, str(two_templates[name]))
        assert (linked.made_by, linked.changed, linked.missing) == ("copier", 0, 0)
        assert Project.read(root).answers == {"colour": "blue"}
        assert update(root).status == "updated"
        assert contents(root, f"{name}-new.txt") == "new\n"
        assert "_commit: v2" in contents(root, f".copier-answers.{name}.yml")
        assert not (root / ".copier-answers.yml").exists()
        git(root, "reset", "--quiet", "--hard", "HEAD~2")


def test_an_answers_file_of_another_name_is_known_when_history_is_gone(
    two_templates: dict[str, Path], root: Path
) -> None:
    link(root, str(two_templates["one"]))
    _squash(root)
    git(root, "update-ref", "-d", "refs/scaffold/pristine")
    assert update(root).status == "updated"
    assert "_commit: v2" in contents(root, ".copier-answers.one.yml")
    assert not (root / ".copier-answers.yml").exists()


def test_an_answers_file_that_is_no_plain_yaml_is_named_with_its_line(
    two_templates: dict[str, Path], root: Path
) -> None:
    git(root, "rm", "--quiet", ".copier-answers.two.yml")
    file = root / ".copier-answers.one.yml"
    file.write_text("_commit: v1\ncolour: !!python/object/apply:os.system [ls]\n", encoding="utf-8")
    commit(root)
    with pytest.raises(ScaffoldError) as refusal:
        link(root)
    assert refusal.value.message.startswith(".copier-answers.one.yml:2: colour cannot be")
    assert "python/object" in refusal.value.message
