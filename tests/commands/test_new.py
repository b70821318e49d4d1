from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.catalogue import names
from scaffold.commands import new
from scaffold.errors import (
    AnswerRefused,
    DestinationRefused,
    TemplateError,
    UnknownName,
    UsageError,
)
from scaffold.project import Project
from scaffold.reporter import Recording
from tests.conftest import Called
from tests.factories import git, make_project, make_template_repo, tree, write_files


def test_a_project_is_one_commit_on_main_that_holds_everything(catalogue: Path, here: Path) -> None:
    created = new.create(new.plan("tiny"))
    root = here / "tiny"
    assert created.project.root == root
    assert git(root, "rev-list", "--all", "--count") == "1"
    assert git(root, "branch", "--show-current") == "main"
    assert git(root, "status", "--porcelain", "--ignored") == ""
    assert git(root, "ls-files").splitlines() == sorted(tree(root))
    assert git(root, "rev-parse", "refs/scaffold/pristine") == created.commit


def test_the_commit_says_where_it_comes_from(project: Path) -> None:
    from scaffold import __version__

    assert git(project, "log", "--format=%B").split("\n") == [
        "Start my-project from the tiny template",
        "",
        "Scaffold-Source: catalogue:tiny",
        f"Scaffold-Version: {__version__}",
        "Scaffold-Engine: layers",
        f"Scaffold-Tree: {git(project, 'rev-parse', 'HEAD^{tree}')}",
    ]


def test_the_state_file_holds_source_answers_and_seeded_files(project: Path) -> None:
    state = Project.read(project)
    assert (state.name, state.package, state.title) == ("my-project", "my_project", "My Project")
    assert state.origin.template == "tiny"
    assert state.seeded == ("README.md",)
    assert state.target["gate"] == 0.2
    assert state.answers["licence"] == "MIT"
    assert state.answers["year"] == str(time.gmtime().tm_year)


def test_the_title_is_the_templates_unless_the_project_has_another_name(
    catalogue: Path, here: Path
) -> None:
    assert make_project("tiny", here / "tiny").title == "Tiny project"
    assert make_project("tiny", here / "sums").title == "Sums"


def test_answers_come_from_git_where_nobody_gives_them(
    catalogue: Path, here: Path, identity: None
) -> None:
    answers = make_project("tiny", here / "app", author="Grace").answers
    assert (answers["author"], answers["email"], answers["github"]) == (
        "Grace",
        "ada@example.com",
        "ada",
    )


def test_the_author_of_the_commit_is_the_one_git_knows(
    catalogue: Path, here: Path, identity: None
) -> None:
    created = new.create(new.plan("tiny"))
    assert created.author.known
    assert git(here / "tiny", "log", "--format=%an %ae %cn") == (
        "Ada Lovelace ada@example.com Ada Lovelace"
    )


def test_a_machine_without_a_git_identity_commits_in_the_tools_name(
    catalogue: Path, here: Path
) -> None:
    created = new.create(new.plan("tiny"))
    assert not created.author.known
    assert git(here / "tiny", "log", "--format=%an") == "scaffold"


def test_the_same_answers_give_the_same_bytes(catalogue: Path, here: Path) -> None:
    one = make_project("tiny", here / "one" / "app", year="2020", author="Ada")
    two = make_project("tiny", here / "two" / "app", year="2020", author="Ada")
    assert tree(one.root) == tree(two.root)


def test_the_authors_hooks_signing_and_ignores_do_not_touch_the_pristine(
    catalogue: Path, here: Path, isolated: Path
) -> None:
    write_files(
        isolated,
        {
            "hooks/pre-commit": "#!/bin/sh\nexit 1\n",
            "hooks/post-commit": "#!/bin/sh\ntouch hooked\n",
            "ignore": "*.toml\n",
            "gitconfig": f"[core]\nhooksPath = {isolated}/hooks\nexcludesFile = {isolated}/ignore\n"
            "[commit]\ngpgSign = true\n[user]\nsigningKey = none\n",
        },
    )
    for hook in (isolated / "hooks").iterdir():
        hook.chmod(0o755)
    root = make_project("tiny", here / "app").root
    assert not (root / "hooked").exists()
    assert ".scaffold.toml" in git(root, "ls-files").splitlines()


def test_a_project_inside_another_repository_is_its_own(catalogue: Path, here: Path) -> None:
    git(here, "init", "--quiet")
    root = make_project("tiny", here / "app").root
    assert git(root, "rev-parse", "--show-toplevel") == str(root)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [({"licence": "GPL"}, "'GPL' is no answer"), ({"author": "A\nB"}, "one line")],
)
def test_an_answer_that_does_not_fit_is_refused(
    catalogue: Path, here: Path, answers: dict[str, str], reason: str
) -> None:
    with pytest.raises(AnswerRefused, match=reason):
        new.create(new.plan("tiny"), answers)
    assert list(here.iterdir()) == []


def test_spaces_around_an_answer_are_not_part_of_it(catalogue: Path, here: Path) -> None:
    answers = make_project("tiny", here / "app", author="  Ada Lovelace ", licence=" MIT").answers
    assert (answers["author"], answers["licence"]) == ("Ada Lovelace", "MIT")


def test_an_answer_to_no_question_is_refused_with_the_nearest(catalogue: Path, here: Path) -> None:
    with pytest.raises(UnknownName) as caught:
        new.create(new.plan("tiny"), {"auther": "Ada"})
    assert caught.value.hint == "Did you mean author?"


def test_options_for_other_sources_are_refused_for_the_catalogue(
    catalogue: Path, here: Path
) -> None:
    with pytest.raises(UsageError, match="--ref has no meaning"):
        new.plan("tiny", ref="v1")
    with pytest.raises(UsageError, match="runs no code"):
        new.plan("tiny", trust=True)


def test_a_taken_destination_is_refused_before_anything_is_asked(
    catalogue: Path, here: Path
) -> None:
    write_files(here, {"tiny/mine.txt": "mine"})
    with pytest.raises(DestinationRefused, match="not empty"):
        new.plan("tiny")


def test_a_fault_in_the_template_leaves_nothing(catalogue: Path, here: Path) -> None:
    write_files(catalogue, {"tiny/z.md.jinja": "{{ nothing }}"})
    with pytest.raises(TemplateError):
        make_project("tiny", here / "a" / "app")
    assert list(here.iterdir()) == []


def test_progress_goes_to_the_reporter(catalogue: Path, here: Path) -> None:
    reporter = Recording()
    new.create(new.plan("tiny"), reporter=reporter)
    assert reporter.texts == ["rendering tiny", "committing"]


def test_many_projects_in_one_process_do_not_disturb_each_other(
    catalogue: Path, here: Path
) -> None:
    for number in range(20):
        make_project("tiny", here / f"app-{number}")
    packages = {path.name for path in here.glob("app-*/src/*")}
    assert packages == {f"app_{number}" for number in range(20)}


SLOW_GIT = """\
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs inherit "ignored"
import scaffold.catalogue
place = Path(sys.argv.pop(1))
scaffold.catalogue.root = lambda: place
from scaffold.engines.layers import LayersEngine
render = LayersEngine.render
def slow(self, *arguments):
    files = render(self, *arguments)
    Path("rendered").touch()
    time.sleep(60)
    return files
LayersEngine.render = slow
from scaffold.cli import main
main()
"""


def _stopped_in_the_middle(catalogue: Path, here: Path, number: signal.Signals) -> int:
    command = [sys.executable, "-c", SLOW_GIT, str(catalogue), "new", "tiny", "--yes"]
    with subprocess.Popen(command, cwd=here, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 30
        while not (here / "rendered").exists() and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(number)
        code = process.wait(timeout=10)
    (here / "rendered").unlink()
    return code


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interruption_leaves_nothing_and_exits_130(
    catalogue: Path, here: Path, name: str
) -> None:
    assert _stopped_in_the_middle(catalogue, here, signal.Signals[name]) == 130
    assert list(here.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_a_kill_leaves_nothing_at_the_destination_and_the_next_run_cleans_up(
    catalogue: Path, here: Path
) -> None:
    _stopped_in_the_middle(catalogue, here, signal.SIGKILL)
    assert not (here / "tiny").exists()
    assert [path.name.startswith(".scaffold-new-") for path in here.iterdir()] == [True]
    make_project("tiny", here / "tiny")
    assert [path.name for path in here.iterdir()] == ["tiny"]


def test_the_command_line_takes_defaults_without_a_terminal(
    catalogue: Path, here: Path, scaffold: Callable[..., Any]
) -> None:
    called = scaffold("new", "tiny", "work/sums", "--set", "author=Ada L.")
    assert called.code == 0
    assert Project.read(here / "work" / "sums").answers["author"] == "Ada L."
    assert called.out.splitlines()[-3:] == ["Next:", "  cd work/sums", "  scaffold run"]
    assert "git config --global user.name" in called.out


def test_the_closing_message_is_silent_about_git_where_git_knows_the_author(
    catalogue: Path, here: Path, identity: None, scaffold: Callable[..., Any]
) -> None:
    assert "git config" not in scaffold("new", "tiny", "--yes").out


@pytest.mark.parametrize("trust", [True, False])
def test_what_the_rendered_gitignore_names_is_on_disk_and_in_no_commit(
    tmp_path: Path, here: Path, isolated: Path, scaffold: Callable[..., Called], trust: bool
) -> None:
    top = "{{cookiecutter.slug}}"
    folder = make_template_repo(
        tmp_path / "template",
        {
            "v1": {
                "cookiecutter.json": '{"slug": "made"}',
                f"{top}/.gitignore": ".env\n/data/*\n!/data/.gitkeep\n",
                f"{top}/.env": "KEY=secret\n",
                f"{top}/notes.txt": "notes\n",
                f"{top}/data/.gitkeep": "",
                f"{top}/data/raw.csv": "1\n",
                "hooks/post_gen_project.py": "",
            }
        },
    )
    (isolated / "ignored").write_text("notes.txt\n")  # by this machine, not by the template
    (isolated / "gitconfig").write_text(f"[core]\n\texcludesFile = {isolated / 'ignored'}\n")

    called = scaffold("new", folder, "--yes", *(["--trust"] if trust else []))

    assert called.code == 0, called.err
    assert "On disk, not in git, as .gitignore says: .env, data/raw.csv." in called.out
    assert (here / "made" / ".env").read_text() == "KEY=secret\n"
    held = git(here / "made", "log", "--all", "--name-only", "--format=").split()
    assert sorted(held) == [".gitignore", ".scaffold.toml", "data/.gitkeep", "notes.txt"]
    assert git(here / "made", "status", "--porcelain") == ""


def test_no_template_of_the_catalogue_renders_what_it_ignores(here: Path) -> None:
    for name in names():
        project = make_project(name, here / name).root
        assert git(project, "ls-files", "--others") == "", f"{name} loses files in its first clone"
