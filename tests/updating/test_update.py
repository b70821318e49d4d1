"""What `update`, `diff` and `--check` say, and what their options do."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold import git as git_module
from scaffold.commands.update import update
from scaffold.errors import GitError, SourceUnreachable, UpdateRefused
from scaffold.project import Project
from scaffold.updating.plan import Options
from tests.conftest import Called
from tests.factories import git, write_files
from tests.updating.cases import MINE_3, _lines, contents
from tests.updating.worlds import LINES, CatalogueTemplate, Template, commit, edit

Make = Callable[[], Path]
Run = Callable[..., Called]


@pytest.fixture
def stale(template: Template, make: Make, root: Path) -> Path:
    """A project with an edit of its own, one version behind."""
    template.release()
    make()
    MINE_3(root)
    commit(root)
    template.release({"numbers.txt": _lines(n18="theirs 18"), "extra.txt": "x\n"})
    return root


def test_check_exits_3_while_there_is_something_newer(stale: Path, scaffold: Run) -> None:
    called = scaffold("update", "--check", "--json", stale)
    assert called.code == 3
    [found] = json.loads(called.out)
    assert (found["status"], found["before"], found["after"]) == ("newer", "1.0.0", "2.0.0")
    assert found["template"] == Project.read(stale).origin.template
    assert scaffold("update", stale, "--yes").code == 0
    called = scaffold("update", "--check", stale)
    assert (called.code, "2.0.0 is the newest" in called.out) == (0, True)


def test_update_says_what_it_did(stale: Path, scaffold: Run) -> None:
    out = scaffold("update", stale, "--yes").out
    assert "1.0.0 → 2.0.0" in out
    assert "1 new" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_diff_shows_the_patch_and_says_what_kind(stale: Path, scaffold: Run) -> None:
    patch = scaffold("diff", stale, "--yes")
    assert (patch.code, "+theirs 18" in patch.out, "-line 3" in patch.out) == (0, True, False)
    assert "extra.txt" in scaffold("diff", stale, "--stat").out
    found = json.loads(scaffold("diff", stale, "--json").out)
    assert (found["status"], found["before"], found["after"]) == ("updated", "1.0.0", "2.0.0")
    assert {"kind": "A", "path": "extra.txt"} in found["changes"]
    (stale / "patch").write_text(patch.out, encoding="utf-8")
    git(stale, "apply", "--index", "patch")
    wanted = git(stale, "write-tree")
    git(stale, "reset", "--quiet", "--hard")
    (stale / "patch").unlink()
    scaffold("update", stale, "--yes")
    assert git(stale, "rev-parse", "HEAD^{tree}") == wanted


def test_diff_says_what_lies_where_the_update_would_write(stale: Path, scaffold: Run) -> None:
    (stale / "extra.txt").write_text("mine\n", encoding="utf-8")
    found = json.loads(scaffold("diff", stale, "--json").out)
    assert found["in_the_way"] == ["extra.txt"]


def test_diff_is_a_patch_whatever_shows_diffs_to_its_author(stale: Path, scaffold: Run) -> None:
    plain = scaffold("diff", stale, "--yes").out
    (stale / ".git" / "info").mkdir(exist_ok=True)
    (stale / ".git" / "info" / "attributes").write_text("*.txt diff=shown\n", encoding="utf-8")
    git(stale, "config", "diff.shown.textconv", "sort -r")
    assert scaffold("diff", stale, "--yes").out == plain
    git(stale, "config", "diff.external", "git --version")
    assert scaffold("diff", stale, "--yes").out == plain


def test_what_the_author_deleted_is_told(
    template: Template, make: Make, root: Path, scaffold: Run
) -> None:
    template.release()
    make()
    (root / "numbers.txt").unlink()
    commit(root)
    template.release({"numbers.txt": _lines(n18="theirs 18", n19="theirs 19")})
    out = scaffold("update", root, "--yes").out
    assert "numbers.txt stays deleted; the template changed it (+2 −2)" in out
    assert "  numbers.txt" in git(root, "log", "-1", "--format=%B")


def test_no_commit_leaves_the_merge_to_look_at(stale: Path, scaffold: Run) -> None:
    head = git(stale, "rev-parse", "HEAD")
    called = scaffold("update", stale, "--yes", "--no-commit")
    assert (called.code, git(stale, "rev-parse", "HEAD")) == (0, head)
    assert "git merge --abort" in called.out
    assert scaffold("update", stale, "--yes").code == 1
    git(stale, "merge", "--abort")
    assert git(stale, "status", "--porcelain") == ""
    scaffold("update", stale, "--yes", "--no-commit")
    git(stale, "commit", "--quiet", "--no-edit")
    assert git(stale, "log", "-1", "--format=%s").startswith("Update ")
    assert len(git(stale, "rev-list", "--parents", "-n1", "HEAD").split()) == 3
    assert scaffold("update", stale, "--yes").code == 0
    assert git(stale, "rev-parse", "refs/scaffold/pristine") == git(stale, "rev-parse", "HEAD^2")


def test_a_settled_conflict_is_committed_with_plain_git(
    template: Template, make: Make, root: Path, scaffold: Run
) -> None:
    template.release()
    make()
    MINE_3(root)
    commit(root)
    template.release({"numbers.txt": _lines(n3="theirs 3")})
    called = scaffold("update", root, "--yes")
    assert (called.code, "git add ." in called.out) == (4, False)
    text = contents(root, "numbers.txt")
    assert (
        "<<<<<<< yours\nmine 3\n||||||| before\nline 3\n=======\ntheirs 3\n>>>>>>> template" in text
    )
    (root / "numbers.txt").write_text(_lines(n3="both 3"), encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--no-edit")
    template.release({"letters.txt": "z\n"})
    assert scaffold("update", root, "--yes").code == 0
    assert contents(root, "numbers.txt") == _lines(n3="both 3")


def test_an_answer_can_be_changed(template: Template, make: Make, root: Path) -> None:
    template.release()
    make()
    MINE_3(root)
    commit(root)
    outcome = update(root, Options(answers={"author": "Grace"}))
    assert (outcome.status, outcome.before, outcome.after) == ("updated", "1.0.0", "1.0.0")
    assert contents(root, "answers.txt") == "author: Grace\n"
    assert contents(root, "numbers.txt") == _lines(n3="mine 3")
    assert Project.read(root).answers["author"] == "Grace"


def test_a_new_question_is_asked_and_old_ones_are_not(
    template: Template, make: Make, root: Path
) -> None:
    template.release()
    make()
    template.release({}, city=None)
    asked: list[str] = []

    def ask(question: object) -> str:
        asked.append(question.name)  # type: ignore[attr-defined]
        return "Paris"

    update(root, ask=ask)
    assert asked == ["city"]
    assert contents(root, "answers.txt") == "author: Ada\ncity: Paris\n"


def test_a_ref_chooses_the_version_in_both_directions(
    template: Template, make: Make, root: Path, scaffold: Run
) -> None:
    for number in range(3):
        template.release({"extra.txt": f"{number}\n"})
    if isinstance(template, CatalogueTemplate):
        make()
        called = scaffold("update", root, "--ref", "1.0.0")
        assert (called.code, "--ref has no meaning" in called.err) == (2, True)
        return
    make()
    for ref, text in (("1.0.0", "0\n"), ("2.0.0", "1\n")):
        assert update(root, Options(ref=ref)).status == "updated"
        assert (Project.read(root).origin.version, contents(root, "extra.txt")) == (ref, text)
    assert update(root).after == "3.0.0"


def test_a_moved_source_is_refused_until_its_new_place_is_given(
    stale: Path, template: Template, scaffold: Run
) -> None:
    if isinstance(template, CatalogueTemplate):
        pytest.skip("the catalogue does not move")
    moved = template.folder.with_name("moved")
    template.folder.rename(moved)
    head = git(stale, "rev-parse", "HEAD")
    with pytest.raises(SourceUnreachable) as refusal:
        update(stale)
    assert "--source" in refusal.value.hint
    assert (git(stale, "rev-parse", "HEAD"), git(stale, "status", "--porcelain")) == (head, "")
    assert scaffold("update", stale, "--yes", "--source", moved).code == 0
    assert Project.read(stale).origin.location == str(moved)
    assert contents(stale, "numbers.txt") == _lines(n3="mine 3", n18="theirs 18")


def test_a_project_ahead_of_the_newest_tag_stays_there(
    template: Template, make: Make, root: Path
) -> None:
    if isinstance(template, CatalogueTemplate):
        pytest.skip("the catalogue has no commits")
    template.release()
    git(template.folder, "commit", "--quiet", "--allow-empty", "--message", "Ahead")
    from scaffold.commands import new

    ahead = git(template.folder, "rev-parse", "HEAD")
    new.create(new.plan(template.source, root, ref=ahead))
    assert update(root).status == "current"


def test_the_state_is_read_from_the_last_commit(stale: Path, scaffold: Run) -> None:
    state = stale / ".scaffold.toml"
    git(stale, "update-index", "--skip-worktree", ".scaffold.toml")
    state.write_text(state.read_text(encoding="utf-8").replace("1.0.0", "9.9.9"), encoding="utf-8")
    assert scaffold("update", "--check", "--json", stale).code == 3
    assert '"before": "1.0.0"' in scaffold("update", "--check", "--json", stale).out


def test_an_untracked_folder_in_the_way_is_named(
    template: Template, make: Make, root: Path, scaffold: Run
) -> None:
    template.release()
    make()
    write_files(root, {"extra/mine.log": "mine\n", "more": "mine\n"})
    template.release({"extra": "theirs\n", "more/a.txt": "theirs\n"})
    called = scaffold("update", root, "--yes")
    assert called.code == 1
    assert "extra/mine.log, more" in called.err
    assert contents(root, "extra/mine.log") == "mine\n"


def test_a_second_update_at_the_same_time_is_refused(stale: Path) -> None:
    from scaffold.updating.apply import alone

    with alone(git_module.Repository.open(stale)), pytest.raises(UpdateRefused, match="Another"):
        update(stale)


def test_an_old_git_is_named(stale: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffold.git.version", lambda: (2, 34, 1))
    with pytest.raises(GitError, match=r"git 2\.34\.1 is too old") as refusal:
        update(stale)
    assert "2.38" in refusal.value.hint


def test_a_repository_without_a_commit_is_refused(stale: Path) -> None:
    shutil.rmtree(stale / ".git")
    git(stale, "init", "--quiet")
    with pytest.raises(UpdateRefused, match="no commits yet"):
        update(stale)


@pytest.mark.parametrize("tool", ["rebase", "cherry-pick"])
def test_other_things_in_progress_are_named(stale: Path, tool: str, scaffold: Run) -> None:
    git(stale, "switch", "--quiet", "--create", "other", "HEAD^")
    (stale / "numbers.txt").write_text(_lines(n3="other 3"), encoding="utf-8")
    commit(stale)
    with pytest.raises(Exception, match="exit status 1"):
        git(stale, tool, "main")
    called = scaffold("update", stale, "--yes")
    assert (called.code, f"A {tool} is in progress" in called.err) == (1, True)


def test_git_knows_nobody(template: Template, make: Make, root: Path, isolated: Path) -> None:
    template.release()
    make()
    template.release({"extra.txt": "x\n"})
    (isolated / "gitconfig").write_text("", encoding="utf-8")
    outcome = update(root)
    assert git(root, "log", "-1", "--format=%an") == "scaffold"
    assert any("Git does not know you" in note for note in outcome.notes)


def test_a_linked_work_tree_is_updated_too(stale: Path, tmp_path: Path) -> None:
    git(stale, "worktree", "add", "--quiet", str(tmp_path / "second"))
    assert update(tmp_path / "second").status == "updated"
    assert contents(tmp_path / "second", "numbers.txt") == _lines(n3="mine 3", n18="theirs 18")
    assert contents(stale, "numbers.txt") == _lines(n3="mine 3")


def test_hooks_of_the_project_do_not_stop_an_update(stale: Path) -> None:
    hook = stale / ".git" / "hooks" / "commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    os.chmod(hook, 0o755)  # noqa: PTH101
    assert update(stale).status == "updated"


def test_an_interrupted_series_of_patches_is_a_rebase(stale: Path, scaffold: Run) -> None:
    (stale / ".git" / "rebase-apply").mkdir()
    called = scaffold("update", stale, "--yes")
    assert (called.code, "A rebase is in progress" in called.err) == (1, True)


def test_a_pattern_that_covers_everything_leaves_the_state_file_to_the_update(stale: Path) -> None:
    edit(stale, ".scaffold.toml", '"NOTES.md",', '"NOTES.md",\n    "*",')
    commit(stale)
    before = contents(stale, "numbers.txt")
    update(stale)
    assert Project.read(stale).origin.version == "2.0.0"
    assert contents(stale, "numbers.txt") == before, "all files are the author's"
    assert update(stale).status == "current"


def test_an_ignored_file_of_the_template_is_the_authors_from_the_start(
    template: Template, make: Make, root: Path, scaffold: Run
) -> None:
    template.release({".env": "KEY=one\n"})
    make()
    assert git(root, "ls-files", ".env") == ""
    (root / ".env").write_text("KEY=mine\n")
    template.release({".env": "KEY=two\n", "new.log": "x\n", "extra.txt": "x\n"})

    called = scaffold("update", root, "--yes")

    assert called.code == 0, called.err
    assert contents(root, ".env") == "KEY=mine\n"
    assert contents(root, "extra.txt") == "x\n"
    assert "The template also has new.log, which its .gitignore keeps out of git" in called.out
    held = git(root, "log", "--all", "--name-only", "--format=").split()
    assert not {".env", "new.log"} & set(held)


def test_a_file_that_git_knows_goes_on_being_merged_though_it_is_ignored(
    template: Template, make: Make, root: Path, scaffold: Run
) -> None:
    template.release({".env": LINES})
    make()
    git(root, "add", "--force", ".env")
    commit(root)
    template.release({".env": _lines(n18="theirs 18"), "extra.txt": "x\n"})
    called = scaffold("update", root, "--yes")
    if called.code == 4:  # the first time both have added it
        git(root, "checkout", "--theirs", "--", ".env")
        commit(root)
    template.release({".env": _lines(n18="theirs 18", n2="theirs 2")})
    assert scaffold("update", root, "--yes").code == 0
    assert "theirs 2\n" in contents(root, ".env")
