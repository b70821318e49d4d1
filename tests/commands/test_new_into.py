"""`scaffold new SOURCE DEST` where DEST is there already: an empty folder, or a repository."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scaffold import joining
from scaffold.commands import new
from scaffold.commands.update import update
from scaffold.errors import DestinationRefused, ScaffoldError, UpdateRefused
from scaffold.git import Repository
from scaffold.project import Project
from scaffold.updating import apply
from tests.conftest import Called
from tests.factories import git, make_template_repo, tree, write_files
from tests.killing import dies

Run = Callable[..., Called]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


def make(dest: Path) -> new.Created:
    return new.create(new.plan("tiny", dest))


def picture(root: Path) -> tuple[object, ...]:
    """All that a refusal must leave as it was: files, what is staged, the branches."""
    refs = git(root, "for-each-ref", "--format=%(refname) %(objectname)")
    return tree(root), git(root, "status", "--porcelain", "--ignored"), refs


@pytest.fixture
def repository(here: Path, identity: None) -> Path:
    """A repository of one commit, with an edit of its own kind of file."""
    root = write_files(here / "work", {"notes/idea.md": "An idea.\n", "mine.txt": "mine\n"})
    git(root, "init", "--quiet", "--initial-branch=trunk")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Ideas")
    write_files(root, {"untracked.txt": "not in git\n"})
    return root


def test_an_empty_folder_that_one_is_in_becomes_the_project(
    catalogue: Path, here: Path, monkeypatch: pytest.MonkeyPatch, scaffold: Run
) -> None:
    folder = here / "sums"
    folder.mkdir()
    monkeypatch.chdir(folder)
    identity = folder.stat().st_ino
    called = scaffold("new", "tiny", ".", "--yes")
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith("Made it here: Sums, one commit on branch main.")
    assert "cd " not in called.out
    assert (folder.stat().st_ino, Path.cwd()) == (identity, folder)
    assert git(folder, "rev-list", "--all", "--count") == "1"
    assert git(folder, "status", "--porcelain", "--ignored") == ""
    assert (folder / "src" / "sums" / "model.py").is_file()
    assert {path.name for path in folder.iterdir() if path.name.startswith(".s")} == {
        ".scaffold.toml"
    }


def test_a_repository_without_commits_gets_its_first(catalogue: Path, here: Path) -> None:
    git(here, "init", "--quiet", "--initial-branch=trunk", "sums")
    write_files(here / "sums", {"notes.txt": "mine\n"})
    created = make(here / "sums")
    assert created.branch == "trunk"
    assert git(here / "sums", "rev-parse", "trunk") == created.commit
    assert git(here / "sums", "rev-parse", "refs/scaffold/pristine") == created.commit
    assert git(here / "sums", "status", "--porcelain") == "?? notes.txt"
    assert git(here / "sums", "for-each-ref", "refs/worktree/scaffold/update") == ""


def test_a_repository_with_commits_gets_one_more_on_its_branch(
    catalogue: Path, repository: Path, scaffold: Run
) -> None:
    before = git(repository, "rev-parse", "HEAD")
    called = scaffold("new", "tiny", repository, "--yes")
    assert "one commit on branch trunk" in called.out, called.err
    head, first, pristine = git(repository, "rev-list", "--parents", "-n1", "HEAD").split()
    assert (first, git(repository, "branch", "--show-current")) == (before, "trunk")
    assert git(repository, "rev-parse", "refs/scaffold/pristine") == pristine
    assert git(repository, "rev-list", "--count", pristine) == "1"
    assert git(repository, "log", "--format=%an: %s", "-1") == (
        "Ada Lovelace: Add work from the tiny template"
    )
    assert git(repository, "status", "--porcelain") == "?? untracked.txt"
    changed = git(repository, "diff", "--name-status", first, head).splitlines()
    assert {line[0] for line in changed} == {"A"}
    assert (repository / "mine.txt").read_text(encoding="utf-8") == "mine\n"


def test_while_a_repository_is_held_nobody_else_changes_it(
    catalogue: Path, repository: Path
) -> None:
    with joining.held(repository), pytest.raises(UpdateRefused, match="Another"):
        make(repository)
    assert make(repository).branch == "trunk"


@pytest.mark.parametrize("fresh", [False, True])
def test_a_later_update_finds_its_base(
    catalogue: Path, repository: Path, here: Path, monkeypatch: pytest.MonkeyPatch, fresh: bool
) -> None:
    if fresh:
        git(here, "init", "--quiet", "fresh")
    root = make(here / "fresh" if fresh else repository).project.root
    (root / "config.toml").write_text("seed = 1\nmine = 2\n", encoding="utf-8")
    git(root, "add", "config.toml")
    git(root, "commit", "--quiet", "--message", "Mine")
    write_files(catalogue, {"tiny/new.txt": "new\n", "tiny/data/sample/rows.csv": "4,5,6\n"})
    base = git(root, "rev-parse", "refs/scaffold/pristine")

    monkeypatch.setattr("scaffold.updating.plan._Recorded.commit", None)  # it must not be needed
    monkeypatch.setattr("scaffold.sources.addresses.__version__", "9.9.9")
    monkeypatch.setattr("scaffold.catalogue.__version__", "9.9.9")
    assert update(root).status == "updated"

    assert git(root, "rev-parse", "HEAD^2^") == base
    assert (root / "new.txt").read_text(encoding="utf-8") == "new\n"
    assert (root / "data/sample/rows.csv").read_text(encoding="utf-8") == "4,5,6\n"
    assert "mine = 2" in (root / "config.toml").read_text(encoding="utf-8")


def test_each_file_in_the_way_is_named_and_nothing_is_touched(
    catalogue: Path, repository: Path, scaffold: Run
) -> None:
    write_files(
        repository,
        {
            "README.md": "Mine.\n", "Pyproject.TOML": "mine\n", "src": "a file\n",
            "data/sample/rows.csv/x": "a folder\n",
        },
    )  # fmt: skip
    git(repository, "add", "README.md", "Pyproject.TOML", "src", "data")
    git(repository, "commit", "--quiet", "--message", "Mine")
    write_files(repository, {"config.toml": "untracked\n", ".gitignore": "ignored\n"})
    before = picture(repository)
    called = scaffold("new", "tiny", repository, "--yes")
    assert called.code == 1
    named = {line.strip() for line in called.err.splitlines() if line.startswith("  ")}
    assert {
        "README.md", "Pyproject.TOML", "src", "data/sample/rows.csv/x", "config.toml", ".gitignore",
    } <= named  # fmt: skip
    assert len(named) == 7, "and the hint"
    assert picture(repository) == before


def test_a_file_that_is_the_same_already_is_not_in_the_way(
    catalogue: Path, repository: Path
) -> None:
    write_files(repository, {"config.toml": "seed = 1\n"})
    git(repository, "add", "config.toml")
    git(repository, "commit", "--quiet", "--message", "The same")
    make(repository)
    assert git(repository, "diff", "--name-only", "HEAD^", "HEAD", "--", "config.toml") == ""


def _dirty(root: Path) -> None:
    write_files(root, {"mine.txt": "changed\n"})


def _staged(root: Path) -> None:
    write_files(root, {"more.txt": "more\n"})
    git(root, "add", "more.txt")


def _merging(root: Path) -> None:
    git(root, "checkout", "--quiet", "-b", "side")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Side")
    git(root, "checkout", "--quiet", "trunk")
    git(root, "merge", "--quiet", "--no-ff", "--no-commit", "side")


def _detached(root: Path) -> None:
    git(root, "checkout", "--quiet", "--detach")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (_dirty, "changes that are not committed: mine.txt"),
        (_staged, "changes that are not committed: more.txt"),
        (_merging, "A merge is in progress"),
        (_detached, "is on no branch"),
    ],
)
def test_a_repository_that_is_not_ready_is_refused_before_anything_is_asked(
    catalogue: Path, repository: Path, prepare: Callable[[Path], None], said: str
) -> None:
    prepare(repository)
    before = picture(repository)
    with pytest.raises(ScaffoldError, match=said) as refusal:
        new.plan("tiny", repository)
    assert refusal.value.hint
    assert picture(repository) == before


def test_a_bare_repository_is_refused(catalogue: Path, here: Path) -> None:
    git(here, "init", "--quiet", "--bare", "store")
    git(here, "init", "--quiet", "--bare", "other/.git")
    for name in ("store", "other"):
        with pytest.raises(ScaffoldError, match=r"bare repository|repository without files"):
            new.plan("tiny", here / name)


def test_a_folder_of_files_that_is_no_repository_is_refused_with_the_way_out(
    catalogue: Path, here: Path
) -> None:
    write_files(here, {"work/mine.txt": "mine\n"})
    with pytest.raises(DestinationRefused, match="not empty and no git repository") as refusal:
        new.plan("tiny", here / "work")
    assert "git init && git add . && git commit" in refusal.value.hint


def test_a_folder_inside_a_repository_is_refused_unless_it_is_empty(
    catalogue: Path, repository: Path
) -> None:
    with pytest.raises(DestinationRefused, match="of its own"):
        new.plan("tiny", repository / "notes")
    (repository / "inside").mkdir()
    make(repository / "inside")
    assert git(repository / "inside", "rev-parse", "--show-toplevel") == str(repository / "inside")


def test_a_project_is_not_made_twice(catalogue: Path, repository: Path) -> None:
    make(repository)
    with pytest.raises(DestinationRefused, match="already") as refusal:
        new.plan("tiny", repository)
    assert "scaffold update" in refusal.value.hint


def test_a_repository_that_nobody_named_is_not_written_to(catalogue: Path, here: Path) -> None:
    git(here, "init", "--quiet", "tiny")
    with pytest.raises(DestinationRefused, match="not empty"):
        new.plan("tiny")


def test_a_linked_work_tree_and_a_submodule_are_repositories_too(
    catalogue: Path, repository: Path, here: Path
) -> None:
    git(repository, "worktree", "add", "--quiet", "-b", "linked", str(here / "linked"))
    allowed = ["-c", "protocol.file.allow=always"]
    git(here, "init", "--quiet", "outer")
    git(here / "outer", *allowed, "submodule", "--quiet", "add", str(repository), "inner")
    for root in (here / "linked", here / "outer" / "inner"):
        assert (root / ".git").is_file()
        created = make(root)
        assert git(root, "rev-parse", "HEAD") == created.commit
        assert git(root, "status", "--porcelain") == ""
        write_files(catalogue, {f"tiny/{root.name}.txt": "new\n"})
        assert update(root).status in {"updated", "current"}


SOURCES = {
    "copier": {"copier.yml": "colour: red\n", "a.txt.jinja": "{{ colour }}\n"},
    "cookiecutter": {
        "cookiecutter.json": '{"slug": "p", "colour": "red"}',
        "{{cookiecutter.slug}}/a.txt": "{{ cookiecutter.colour }}\n",
    },
}


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("place", ["empty", "fresh", "commits"])
def test_templates_from_elsewhere_go_there_too(
    kind: str, place: str, here: Path, tmp_path: Path, repository: Path, scaffold: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    files = SOURCES[kind]
    second = {
        name: text.replace("\n", "\nmore\n") for name, text in files.items() if "a.txt" in name
    }
    source = make_template_repo(tmp_path / "t", {"v1": files, "v2": {**files, **second}})
    root = repository if place == "commits" else here / place
    root.mkdir(exist_ok=True)
    if place == "fresh":
        git(root, "init", "--quiet")
    monkeypatch.chdir(root)
    assert scaffold("new", source, ".", "--yes", "--ref", "v1").code == 0
    assert (root / "a.txt").read_text(encoding="utf-8") == "red\n"
    called = scaffold("update")
    assert called.code == 0, called.err
    assert (root / "a.txt").read_text(encoding="utf-8") == "red\nmore\n"


TASK = """["{{ _copier_python }}", -c, "open('.env', 'w').write('made by the task')"]"""


@pytest.mark.parametrize("place", ["empty", "commits"])
def test_what_git_ignores_comes_along_and_replaces_nothing(
    place: str, here: Path, tmp_path: Path, repository: Path, scaffold: Run
) -> None:
    files = {"copier.yml": f"_tasks:\n  - {TASK}\n", ".gitignore": ".env\n", "a.txt": "a\n"}
    source = make_template_repo(tmp_path / "t", {"v1": files})
    root = repository if place == "commits" else here / place
    root.mkdir(exist_ok=True)
    if place == "commits":
        write_files(root, {".env": "mine"})
        called = scaffold("new", source, root, "--yes", "--trust")
        assert (called.code, "\n    .env\n" in called.err) == (1, True)
        assert (root / ".env").read_text(encoding="utf-8") == "mine"
        (root / ".env").unlink()
    assert scaffold("new", source, root, "--yes", "--trust").code == 0
    assert (root / ".env").read_text(encoding="utf-8") == "made by the task"
    assert git(root, "ls-files", ".env") == ""
    assert not (root / ".git" / "scaffold-others").exists()


# What such code compiles says where it stood; no text that could be told otherwise.
BUILD = """["{{ _copier_python }}", -c, "import os; os.mkdir('.venv'); \
open('.venv/tool', 'wb').write(bytes(1) + os.getcwd().encode()); \
open('.venv/plain', 'w').write('x')"]"""


def test_an_environment_that_would_be_dead_is_left_out_and_named(
    here: Path, tmp_path: Path, repository: Path, scaffold: Run
) -> None:
    copier = f"_tasks:\n  - {TASK}\n  - {BUILD}\n"
    files = {"copier.yml": copier, ".gitignore": ".env\n.venv\n", "a.txt": "a\n"}
    source = make_template_repo(tmp_path / "t", {"v1": files})
    write_files(repository, {".venv/mine": "my own\n"})
    called = scaffold("new", source, repository, "--yes", "--trust")
    assert called.code == 0, called.err
    assert "On disk, not in git, as .gitignore says: .env.\n" in called.out
    assert "works only where the template's code made it: .venv/. Make it anew" in called.out
    assert tree(repository / ".venv") == {"mine": b"my own\n"}
    assert (repository / ".env").read_text(encoding="utf-8") == "made by the task"

    assert scaffold("new", source, here / "alone", "--yes", "--trust").code == 0
    assert (here / "alone" / ".venv" / "tool").exists(), "made where it stands, it lives"


def test_an_error_while_files_are_written_puts_everything_back(
    catalogue: Path, repository: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(here, "init", "--quiet", "fresh")
    (here / "empty").mkdir()
    plain = Repository.run

    def failing(self: Repository, *arguments: str, **more: Any) -> str:
        result = plain(self, *arguments, **more)
        if "read-tree" in arguments and "-u" in arguments:
            raise KeyboardInterrupt
        return result

    def half_way(self: Repository, *arguments: str, **more: Any) -> str:
        if "merge" in arguments:  # as git does, but it stops before the branch moves
            tip = arguments[-1]
            head = ["HEAD"] if self.has_commits() else []
            return failing(self, "read-tree", "-m", "-u", *head, tip, **more)
        return plain(self, *arguments, **more)

    roots = (repository, here / "fresh", here / "empty")
    before = {root: picture(root) for root in roots[:2]}
    monkeypatch.setattr(Repository, "run", half_way)
    for root in roots:
        with pytest.raises(KeyboardInterrupt):
            make(root)
    monkeypatch.setattr(Repository, "run", plain)
    assert {root: picture(root) for root in roots[:2]} == before
    assert list((here / "empty").iterdir()) == []


@posix
@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("place", ["empty", "fresh", "commits"])
def test_a_kill_at_any_call_of_git(
    place: str, when: str, catalogue: Path, here: Path, repository: Path
) -> None:
    whole: dict[str, bytes] = {}
    for number in itertools.count(1):
        root = here / f"work-{number}" / "app"
        root.mkdir(parents=True)
        if place == "fresh":
            git(root, "init", "--quiet")
        elif place == "commits":
            git(root, "clone", "--quiet", str(repository), ".")
        if not dies(partial(make, root), number, when):
            break
        if not (root / ".git").exists() or "tiny" not in git(root, "log", "--all", "--format=%s"):
            assert not {path.name for path in root.iterdir()} & {"README.md", ".scaffold.toml"}
        with suppress(DestinationRefused):  # it had come to its end
            make(root)
        whole = whole or tree(root)
        assert tree(root) == whole, number
        assert git(root, "status", "--porcelain", "--ignored") == "", number
        update(root)
        places = ("refs/scaffold/", "refs/worktree/")
        left = git(root, "for-each-ref", "--format=%(refname)", *places)
        assert left == "refs/scaffold/pristine", number
    assert number > 12


@posix
def test_a_kill_while_files_are_written_is_put_back_by_the_next_run(
    catalogue: Path, repository: Path, here: Path
) -> None:
    """The folder as a kill leaves it: the journal is set, some files are there, one cut off."""
    before = tree(repository)
    done = make(repository)
    files = tree(repository)
    git(repository, "update-ref", "refs/worktree/scaffold/update", done.commit)
    git(repository, "update-ref", "-d", "refs/scaffold/pristine")
    git(repository, "reset", "--quiet", "--hard", "HEAD^")
    write_files(
        repository, {"README.md": files["README.md"], "config.toml": files["config.toml"][:4]}
    )
    (repository / ".git" / "index.lock").touch()

    again = make(repository)

    assert tree(repository) == files
    assert git(repository, "rev-list", "--count", f"{again.commit}^1..{again.commit}") == "2"
    assert before.items() <= files.items()
    places = ("refs/scaffold/", "refs/worktree/")
    refs = git(repository, "for-each-ref", "--format=%(refname)", *places)
    assert refs == "refs/scaffold/pristine"


def test_a_file_that_was_changed_since_a_kill_is_not_lost(
    catalogue: Path, repository: Path
) -> None:
    done = make(repository)
    git(repository, "update-ref", "refs/worktree/scaffold/update", done.commit)
    git(repository, "reset", "--quiet", "--hard", "HEAD^")
    write_files(repository, {"README.md": "I went on writing.\n"})
    with pytest.raises(UpdateRefused, match=r"README\.md has been changed since") as refusal:
        make(repository)
    assert refusal.value.hint.startswith("Move it away")
    assert (repository / "README.md").read_text(encoding="utf-8") == "I went on writing.\n"


def test_the_repositorys_own_name_goes_into_the_commit(catalogue: Path, repository: Path) -> None:
    git(repository, "config", "user.name", "Grace")
    created = make(repository)
    assert created.author.name == "Grace"
    assert Project.read(repository).answers["author"] == "Grace"


def test_a_git_that_outlived_a_killed_run_is_waited_for(
    catalogue: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It still holds the index; while it does, nothing is taken from under it."""
    done = make(repository)
    git(repository, "update-ref", "refs/worktree/scaffold/update", done.commit)
    git(repository, "reset", "--quiet", "--hard", "HEAD^")
    write_files(repository, {"config.toml": "seed = 1\n"})
    lock = repository / ".git" / "index.lock"
    lock.touch()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        assert lock.exists()
        waited.append(seconds)
        if len(waited) == 5:
            lock.unlink()

    monkeypatch.setattr("scaffold.updating.apply.time.sleep", wait)
    make(repository)
    assert len(waited) == 5


def test_what_the_author_cut_short_since_a_kill_is_not_lost(
    catalogue: Path, repository: Path
) -> None:
    """A file that was there before: a beginning of it is an edit, no half-written file of ours."""
    write_files(repository, {"config.toml": "seed = 1\n"})
    git(repository, "add", "config.toml")
    git(repository, "commit", "--quiet", "--message", "The same as the template's")
    before = git(repository, "rev-parse", "HEAD")
    tree_id = git(repository, "rev-parse", "HEAD^{tree}")
    pristine = git(repository, "commit-tree", tree_id, "-m", "Pristine")
    write_files(repository, {"config.toml": "seed = 2\n"})
    git(repository, "commit", "--quiet", "--all", "--message", "As it was to become")
    become = git(repository, "rev-parse", "HEAD^{tree}")
    journal = git(repository, "commit-tree", become, "-p", before, "-p", pristine, "-m", "Journal")
    git(repository, "reset", "--quiet", "--hard", before)
    git(repository, "update-ref", "refs/worktree/scaffold/update", journal)
    for text, ours in (("see", True), ("seed = 1", False)):
        write_files(repository, {"config.toml": text})
        if ours:
            assert "undone" in apply.recover(Repository.open(repository))
            assert (repository / "config.toml").read_text(encoding="utf-8") == "seed = 1\n"
            git(repository, "update-ref", "refs/worktree/scaffold/update", journal)
            continue
        with pytest.raises(UpdateRefused, match=r"config\.toml has been changed since"):
            apply.recover(Repository.open(repository))
        assert (repository / "config.toml").read_text(encoding="utf-8") == text


def test_an_ignored_file_that_came_meanwhile_is_the_authors(
    catalogue: Path, repository: Path, here: Path
) -> None:
    """A run was killed after its commit, before the files beside it were in place."""
    done = make(repository)
    apply.put_by(
        Repository.open(repository), write_files(here / "r", {".env": "t\n", "b/c.env": "t\n"}),
        [".env", "b/c.env"],
    )  # fmt: skip
    git(repository, "update-ref", "refs/worktree/scaffold/update", done.commit)
    write_files(repository, {".env": "mine\n"})
    apply.recover(Repository.open(repository))
    assert (repository / ".env").read_text(encoding="utf-8") == "mine\n"
    assert (repository / "b" / "c.env").read_text(encoding="utf-8") == "t\n"
    assert not (repository / ".git" / "scaffold-others").exists()
