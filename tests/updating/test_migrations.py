"""copier's migrations: a template's programs that carry a project from one version to the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.commands import new
from scaffold.commands.diff import diff
from scaffold.commands.update import update
from scaffold.project import Project
from scaffold.reporter import Recording
from scaffold.updating.plan import Options
from tests.conftest import Called
from tests.factories import Files, git, make_template_repo, write_files
from tests.updating.cases import contents
from tests.updating.test_cases import everything, picture
from tests.updating.worlds import commit

ANSWERS = {"{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers|to_nice_yaml }}"}
LINES = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
FIRST: Files = {"copier.yml": "color: red\n", "old.txt": LINES, "c.txt.jinja": "{{ color }}\n"}

# The question and the file have other names from 2.0 on; each migration runs in its stage.
COPIER_YML = """\
colour: blue
_migrations:
  - version: v2.0
    when: "{{ _stage == 'before' }}"
    command: ["{{ _copier_python }}", "{{ _copier_conf.src_path }}/before.py"]
  - version: v2.0
    command: ["{{ _copier_python }}", "{{ _copier_conf.src_path }}/after.py", "{{ colour }}"]
    working_directory: sub
  - version: v1.0
    command: exit 7
  - version: v9.0
    command: exit 9
"""
BEFORE = """\
import pathlib, subprocess
answers = pathlib.Path(".copier-answers.yml")
answers.write_text(answers.read_text().replace("color:", "colour:"))
subprocess.run(["git", "mv", "old.txt", "new.txt"], check=True)
"""
AFTER = """\
import os, pathlib, sys
names = ("STAGE", "VERSION_FROM", "VERSION_TO", "VERSION_CURRENT", "VERSION_PEP440_FROM")
said = " ".join([sys.argv[1], *(os.environ[name] for name in names)])
pathlib.Path("after.txt").write_text(said + "\\n")
pathlib.Path("../new.txt").write_text(pathlib.Path("../new.txt").read_text() + "migrated\\n")
"""
SECOND: Files = {
    "copier.yml": COPIER_YML,
    "new.txt": LINES.replace("seven", "theirs"),
    "c.txt.jinja": "{{ colour }}\n",
    "sub/a.txt": "a\n",
    "before.py": BEFORE,
    "after.py": AFTER,
    "_exclude.txt": "",
}
EXCLUDE = "_exclude: [copier.yml, '*.py', '_exclude.txt', .git]\n"


@pytest.fixture
def template(tmp_path: Path, identity: None) -> Path:
    """Version 1.0; `release` brings the next one."""
    first = {**ANSWERS, **FIRST, "copier.yml": f"{EXCLUDE}{FIRST['copier.yml']!s}"}
    return make_template_repo(tmp_path / "template", {"v1.0": first})


def release(template: Path, files: Files, tag: str = "v2.0") -> None:
    git(template, "rm", "-r", "--quiet", ".")
    settings = f"{EXCLUDE}{files['copier.yml']!s}"
    write_files(template, {**ANSWERS, **files, "copier.yml": settings})
    git(template, "add", "--all")
    git(template, "commit", "--quiet", "--message", tag)
    git(template, "tag", tag)


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    """A project of version 1.0 with an edit of its author."""
    root = tmp_path / "project"
    new.create(new.plan(str(template), root), {"color": "green"})
    write_files(root, {"old.txt": LINES.replace("one", "mine"), ".env": "KEY=secret\n"})
    write_files(root, {".gitignore": ".env\n"})
    commit(root)
    return root


def test_both_stages_run_on_the_authors_work(template: Path, root: Path) -> None:
    release(template, SECOND)
    head = git(root, "rev-parse", "HEAD")
    assert update(root, Options(trust=True)).status == "updated"
    assert not (root / "old.txt").exists()
    moved = LINES.replace("one", "mine").replace("seven", "theirs")
    assert contents(root, "new.txt") == f"{moved}migrated\n"
    assert contents(root, "c.txt") == "green\n", "the answer moved to its new name"
    assert Project.read(root).answers == {"colour": "green"}
    assert contents(root, "sub/after.txt") == "green after v1.0 v2.0 v2.0 1.0\n"
    assert contents(root, ".env") == "KEY=secret\n"
    assert git(root, "status", "--porcelain") == ""
    parents = git(root, "rev-list", "--parents", "-n1", "HEAD").split()[1:]
    assert parents == [head, git(root, "rev-parse", "refs/scaffold/pristine")]
    assert update(root, Options(trust=True)).status == "current"


def test_each_one_runs_once(template: Path, root: Path) -> None:
    release(template, SECOND)
    update(root, Options(trust=True))
    release(template, {**SECOND, "more.txt": "more\n"}, "v3.0")
    update(root, Options(trust=True))
    assert contents(root, "more.txt") == "more\n"
    assert contents(root, "new.txt").count("migrated") == 1


def test_the_next_update_merges_what_a_migration_changed(template: Path, root: Path) -> None:
    release(template, SECOND)
    update(root, Options(trust=True))
    theirs = LINES.replace("seven", "theirs").replace("four", "later")
    release(template, {**SECOND, "new.txt": theirs}, "v3.0")
    assert update(root, Options(trust=True)).status == "updated"
    assert contents(root, "new.txt") == theirs.replace("one", "mine") + "migrated\n"


def test_without_trust_they_are_shown_and_left_out(
    template: Path, root: Path, scaffold: Callable[..., Called]
) -> None:
    release(template, SECOND)
    called = scaffold("update", root, "--yes")
    assert called.code == 0
    assert "migrations do not run, since it is not trusted" in called.err
    assert "before the merge: {{ _copier_python }} {{ _copier_conf.src_path }}/before.py" in (
        called.err
    )
    assert "after the merge:" in called.err
    assert "exit 7" not in called.err, "that one was for an earlier version"
    assert "exit 9" not in called.err, "that one is for a later version"
    assert not (root / "sub" / "after.txt").exists()
    assert contents(root, "c.txt") == "blue\n"


def test_trust_is_remembered_and_what_ran_is_told(
    template: Path, root: Path, scaffold: Callable[..., Called]
) -> None:
    release(template, SECOND)
    called = scaffold("update", root, "--yes", "--trust")
    assert (called.code, "is trusted from now on" in called.err) == (0, True)
    assert "migrations ran:\n  after the merge: {{ _copier_python }}" in called.err
    release(template, {**SECOND, "copier.yml": "colour: blue\n_migrations: [exit 3]\n"}, "v3.0")
    assert scaffold("update", root, "--yes").code == 1, "trusted: it ran, and failed"


@pytest.mark.parametrize("stage", ["before", "after"])
@pytest.mark.parametrize("command", ["echo so it is; exit 3", '["no-such-program"]'])
def test_one_that_fails_leaves_the_project_untouched(
    template: Path, root: Path, scaffold: Callable[..., Called], stage: str, command: str
) -> None:
    entry = f"  - {{when: \"{{{{ _stage == '{stage}' }}}}\", command: {command}}}\n"
    release(template, {**SECOND, "copier.yml": f"colour: blue\n_migrations:\n{entry}"})
    before = picture(root)
    head = git(root, "rev-parse", "HEAD")
    refs = git(root, "for-each-ref")
    called = scaffold("update", root, "--yes", "--trust")
    assert (called.code, "Traceback" in called.err) == (1, False)
    if command.startswith("echo"):
        assert "so it is" in called.err
        assert "failed with exit status 3: echo so it is; exit 3" in called.err
    else:
        assert "no-such-program" in called.err
    assert (picture(root), git(root, "rev-parse", "HEAD")) == (before, head)
    assert (git(root, "for-each-ref"), git(root, "status", "--porcelain")) == (refs, "")


def test_they_run_with_a_conflict_too_and_abort_takes_all_back(template: Path, root: Path) -> None:
    (root / "old.txt").write_text(LINES.replace("seven", "mine"), encoding="utf-8")
    commit(root)
    release(template, SECOND)
    before = picture(root)
    outcome = update(root, Options(trust=True))
    assert (outcome.status, outcome.conflicts) == ("conflicts", ("new.txt",))
    text = contents(root, "new.txt")
    assert "mine\n" in text
    assert "theirs\n" in text
    assert text.endswith("migrated\n")
    git(root, "merge", "--abort")
    assert picture(root) == before
    assert git(root, "status", "--porcelain") == ""


def test_diff_runs_none_says_which_and_touches_nothing(template: Path, root: Path) -> None:
    release(template, SECOND)
    before = everything(root)
    reporter = Recording()
    patch = diff(root, Options(trust=True), reporter=reporter).patch
    assert "theirs" in patch
    assert "migrated" not in patch
    told = "\n".join(reporter.messages)
    assert "left out here; update runs them:\n  before the merge: {{ _copier_python }}" in told
    assert everything(root) == before


def test_the_old_notation_and_a_forgotten_version(template: Path, root: Path) -> None:
    old = "colour: blue\n_migrations:\n  - version: v2.0\n    after: ['echo old > old-style.txt']\n"
    release(template, {**SECOND, "copier.yml": old})
    git(template, "tag", "--delete", "v1.0")
    assert update(root, Options(trust=True)).status == "updated"
    assert contents(root, "old-style.txt").strip() == "old"


def test_there_is_none_on_the_way_back(template: Path, root: Path) -> None:
    release(template, SECOND)
    update(root, Options(trust=True))
    always = "colour: blue\n_migrations: [exit 5]\n"
    release(template, {**SECOND, "copier.yml": always}, "v1.5")
    assert update(root, Options(ref="v1.5", trust=True)).status == "updated"
    assert Project.read(root).origin.version == "v1.5"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_kill_in_the_midst_leaves_the_project_untouched(
    template: Path, root: Path, stage: str
) -> None:
    once = template.with_name("killed")
    kill = f"test -e {once} || {{ touch {once}; kill -KILL $PPID; }}"
    entry = f"  - {{when: \"{{{{ _stage == '{stage}' }}}}\", command: '{kill}'}}\n"
    release(template, {**SECOND, "copier.yml": f"colour: blue\n_migrations:\n{entry}"})
    before = picture(root)
    refs = git(root, "for-each-ref")
    command = [sys.executable, "-m", "scaffold", "update", "--yes", "--trust", str(root)]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert (picture(root), git(root, "for-each-ref")) == (before, refs)
    assert update(root, Options(trust=True)).status == "updated"
