"""A folder that brings its own `.git`: what plain git would run, and what does not run here.

Each attack leaves a mark where its program runs. Plain git is called first, so that the test shows
that the attack is one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaffold import guard
from scaffold.checks.checkout import Checkout
from scaffold.checks.review import review
from scaffold.errors import GitError
from scaffold.git import Repository
from tests.conftest import Called
from tests.factories import git

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the planted programs are shell scripts")


@dataclass
class Foe:
    """A repository with one commit, a program that leaves a mark, and the mark."""

    root: Path
    program: Path
    mark: Path

    def set(self, name: str, value: str | Path) -> None:
        git(self.root, "config", name, str(value))

    def ran(self) -> bool:
        """Whether the program ran since it was last asked."""
        found = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        return found


@pytest.fixture
def foe(tmp_path: Path, identity: None) -> Foe:
    root = tmp_path / "student"
    root.mkdir()
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat 2>/dev/null </dev/null\nexit 0\n")
    program.chmod(0o755)
    (root / "README.md").write_text("# Homework\n\nOne.\n")
    (root / "model.py").write_text("import os\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "Hand it in")
    (root / "README.md").write_text("# Homework\n\nTwo.\n")
    return Foe(root, program, mark)


def fsmonitor(foe: Foe) -> list[str]:
    foe.set("core.fsmonitor", foe.program)
    return ["status"]


def included(foe: Foe) -> list[str]:
    (foe.root / "more").write_text(f"[core]\n\tfsmonitor = {foe.program}\n")
    foe.set("include.path", "../more")
    return ["status"]


def hook(foe: Foe) -> list[str]:
    shutil.copy(foe.program, foe.root / ".git" / "hooks" / "post-index-change")
    return ["add", "--all"]


def hooks_path(foe: Foe) -> list[str]:
    (foe.root / "hooks").mkdir()
    shutil.copy(foe.program, foe.root / "hooks" / "post-index-change")
    foe.set("core.hooksPath", "hooks")
    return ["add", "--all"]


def clean(foe: Foe) -> list[str]:
    (foe.root / ".gitattributes").write_text("*.md filter=evil\n")
    foe.set("filter.evil.clean", foe.program)
    return ["status"]


def smudge(foe: Foe) -> list[str]:
    (foe.root / ".gitattributes").write_text("*.md filter=evil\n")
    foe.set("filter.evil.smudge", foe.program)
    return ["checkout", "--", "README.md"]


def process(foe: Foe) -> list[str]:
    (foe.root / ".gitattributes").write_text("*.md filter=Evil.One\n")
    foe.set("filter.Evil.One.process", foe.program)
    return ["status"]


def external_diff(foe: Foe) -> list[str]:
    foe.set("diff.external", foe.program)
    return ["diff"]


def diff_command(foe: Foe) -> list[str]:
    (foe.root / ".gitattributes").write_text("*.md diff=evil\n")
    foe.set("diff.evil.command", foe.program)
    return ["diff"]


def textconv(foe: Foe) -> list[str]:
    (foe.root / ".gitattributes").write_text("*.md diff=evil\n")
    foe.set("diff.evil.textconv", foe.program)
    return ["diff"]


def signature(foe: Foe) -> list[str]:
    text = git(foe.root, "cat-file", "commit", "HEAD")
    head, _, message = text.partition("\n\n")
    signed = (
        f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n -----END PGP SIGNATURE-----\n\n{message}\n"
    )
    made = subprocess.run(
        ["git", "-C", foe.root, "hash-object", "-t", "commit", "-w", "--stdin"],
        input=signed.encode(), capture_output=True, check=True,
    )  # fmt: skip
    git(foe.root, "update-ref", "HEAD", made.stdout.decode().strip())
    foe.set("log.showSignature", "true")
    foe.set("gpg.program", foe.program)
    return ["log", "-1"]


def submodule(foe: Foe) -> list[str]:
    inner = foe.root / "inner"
    shutil.copytree(foe.root, inner)
    git(inner, "config", "core.fsmonitor", str(foe.program))
    git(foe.root, "add", "inner")
    return ["status"]


def lazy_fetch(foe: Foe) -> list[str]:
    foe.set("remote.origin.url", foe.root.parent)
    foe.set("remote.origin.promisor", "true")
    foe.set("remote.origin.uploadpack", foe.program)
    foe.set("core.repositoryFormatVersion", "1")
    foe.set("extensions.partialClone", "origin")
    blob = git(foe.root, "rev-parse", "HEAD:README.md")
    (foe.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    return ["cat-file", "-p", blob]


def ssh(foe: Foe) -> list[str]:
    foe.set("core.sshCommand", foe.program)
    foe.set("remote.origin.url", "ssh://git@localhost:1/x.git")
    return ["ls-remote", "origin"]


def transport(foe: Foe) -> list[str]:
    foe.set("protocol.ext.allow", "always")
    foe.set("remote.origin.url", f"ext::{foe.program}")
    return ["ls-remote", "origin"]


def credentials(foe: Foe) -> list[str]:
    foe.set("credential.helper", f"!{foe.program}")
    return ["credential", "fill"]


def merge_driver(foe: Foe) -> list[str]:
    (foe.root / ".gitattributes").write_text("*.md merge=evil\n")
    git(foe.root, "commit", "--quiet", "--all", "-m", "Ours")
    git(foe.root, "branch", "theirs", "HEAD~1")
    git(foe.root, "switch", "--quiet", "theirs")
    (foe.root / "README.md").write_text("# Homework\n\nThree.\n")
    git(foe.root, "commit", "--quiet", "--all", "-m", "Theirs")
    git(foe.root, "switch", "--quiet", "main")
    foe.set("merge.evil.driver", f"{foe.program} %A")
    return ["merge-tree", "--write-tree", "main", "theirs"]


def alias(foe: Foe) -> list[str]:
    foe.set("alias.st", f"!{foe.program}")
    foe.set("alias.ls-files", f"!{foe.program}")
    return ["st"]


ATTACKS = [
    fsmonitor, included, hook, hooks_path, clean, smudge, process, external_diff, diff_command,
    textconv, signature, submodule, lazy_fetch, ssh, transport, credentials, merge_driver, alias,
]  # fmt: skip
named = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)


def plainly(foe: Foe, arguments: list[str]) -> None:
    subprocess.run(
        ["git", *arguments], cwd=foe.root, capture_output=True, check=False,
        input=b"protocol=https\nhost=nowhere.invalid\n\n", timeout=60,
    )  # fmt: skip


@named
def test_plain_git_runs_it_and_a_check_does_not(
    foe: Foe, attack: Callable[[Foe], list[str]]
) -> None:
    arguments = attack(foe)
    foe.ran()
    spare = foe.root.parent / "spare"
    shutil.copytree(foe.root, spare, symlinks=True)
    plainly(foe, arguments)
    assert foe.ran(), "plain git did not run it: the attack is none"
    shutil.rmtree(foe.root)
    spare.rename(foe.root)
    before = sorted(path for path in foe.root.rglob("*"))
    found = review(foe.root)
    assert not foe.ran()
    assert {finding.check for finding in found.findings if finding.passed}, "nothing was looked at"
    assert sorted(path for path in foe.root.rglob("*")) == before, "a check writes nothing"


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack is not alias], ids=lambda a: a.__name__
)
def test_the_same_words_to_git_by_our_door_run_nothing_unless_it_was_made_here(
    foe: Foe, attack: Callable[[Foe], list[str]]
) -> None:
    """As `update`, `diff`, `publish`, `site` and `link` use git, in a project of somebody else."""
    arguments = attack(foe)
    if attack is submodule:
        arguments.append("--ignore-submodules=dirty")
    foe.ran()
    question = "protocol=https\nhost=nowhere.invalid\n\n"
    Repository.open(foe.root).attempt(*arguments, stdin=question)
    assert not foe.ran()


def test_a_pager_that_the_settings_name_does_not_run(foe: Foe) -> None:
    import pty

    foe.set("core.pager", foe.program)
    _, terminal = pty.openpty()
    subprocess.run(["git", "log"], cwd=foe.root, stdout=terminal, check=False, timeout=60)
    assert foe.ran()
    review(foe.root)
    Repository.open(foe.root).run("log")
    assert not foe.ran()


def test_a_ruff_that_the_project_brings_does_not_run(foe: Foe) -> None:
    place = foe.root / ".venv" / "bin" / "ruff"
    place.parent.mkdir(parents=True)
    shutil.copy(foe.program, place)
    found = {finding.check: finding for finding in review(foe.root).findings}
    assert not foe.ran()
    assert found["PR505"].passed is not None  # the one of scaffold's own environment did


def test_ruffs_settings_neither_fix_nor_write_anything(foe: Foe) -> None:
    (foe.root / "ruff.toml").write_text('fix = true\ncache-dir = "../elsewhere"\n')
    review(foe.root)
    assert (foe.root / "model.py").read_text() == "import os\n"
    assert not (foe.root.parent / "elsewhere").exists()


def test_modules_of_the_current_folder_are_not_imported(foe: Foe) -> None:
    """`python -m scaffold` in a folder that holds a `git.py`, a `json.py` or an entry point."""
    for name in ("git", "detect_secrets", "repo_review", "click"):
        (foe.root / f"{name}.py").write_text(f"open({str(foe.mark)!r}, 'w')\n")
    environment = {key: text for key, text in os.environ.items() if key != "PYTHONSAFEPATH"}
    subprocess.run(
        [sys.executable, "-m", "scaffold", "check", "."], cwd=foe.root, env=environment,
        capture_output=True, check=False,
    )  # fmt: skip
    assert not foe.ran()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may chown")
def test_a_repository_of_another_owner_is_read_without_being_called_safe(foe: Foe) -> None:
    for path in (foe.root, *foe.root.rglob("*")):
        os.chown(path, 12345, 12345)
    refused = subprocess.run(["git", "status"], cwd=foe.root, capture_output=True, check=False)
    assert b"dubious ownership" in refused.stderr
    assert Checkout(foe.root).tracked == ("README.md", "model.py")


def test_a_link_out_of_the_repository_is_not_followed(foe: Foe) -> None:
    (foe.root.parent / "private").write_text("- secret\n")
    (foe.root / "notes.md").symlink_to("../private")
    (foe.root / "pipe.md").unlink(missing_ok=True)
    os.mkfifo(foe.root / "pipe.md")
    checkout = Checkout(foe.root)
    assert (checkout.text("notes.md"), checkout.text("pipe.md")) == (None, None)
    assert checkout.sha256("/dev/zero") is None
    review(foe.root)


def test_files_that_its_settings_place_elsewhere_are_refused(foe: Foe, tmp_path: Path) -> None:
    home = tmp_path / "precious"
    home.mkdir()
    foe.set("core.worktree", home)
    with pytest.raises(GitError, match="elsewhere"):
        Repository.open(foe.root)
    assert Checkout(foe.root).tracked == ("README.md", "model.py")


def test_a_list_of_clean_contents_is_not_taken_from_the_repository(foe: Foe) -> None:
    key = "AKIA" + "QQQQWWWWEEEERRRR"
    (foe.root / "keys.py").write_text(f'KEY = "{key}"\n')
    git(foe.root, "add", "--all")
    blob = git(foe.root, "hash-object", "keys.py")
    theirs = foe.root / ".git" / "scaffold"
    theirs.mkdir()
    (theirs / "secrets.json").write_text(f'{{"rules": "", "clean": ["{blob}"]}}')
    assert Checkout(foe.root).secrets.certain


# -- made here ------------------------------------------------------------------------------------


def test_a_project_made_here_is_known_and_a_copy_of_it_is_not(project: Path) -> None:
    assert guard.is_trusted(project)
    copy = project.parent / "copy"
    shutil.copytree(project, copy)
    clone = project.parent / "clone"
    git(project.parent, "clone", "--quiet", str(project), str(clone))
    assert not guard.is_trusted(copy)
    assert not guard.is_trusted(clone)


def test_a_folder_in_the_same_place_cannot_claim_it(project: Path) -> None:
    """Even with a word of its own where ours would be."""
    spare = project.parent / "spare"
    git(project.parent, "clone", "--quiet", str(project), str(spare))
    shutil.rmtree(project)
    spare.rename(project)
    (project / ".git" / "scaffold").mkdir()
    (project / ".git" / "scaffold" / "made-here").write_text("let me in")
    assert not guard.is_trusted(project)


def test_deep_asks_for_trust_and_says_that_code_runs(
    foe: Foe, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    git(foe.root, "commit", "--quiet", "--all", "-m", "Two")
    monkeypatch.setattr("scaffold.checks.rebuild.rebuild", lambda _checkout: "rebuilt")
    (foe.root / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    git(foe.root, "add", "--all")
    refused = scaffold("check", foe.root, "--deep")
    assert (refused.code, "--trust" in refused.err) == (1, True)
    assert "rebuilt" not in refused.out
    allowed = scaffold("check", foe.root, "--deep", "--trust", "--all")
    assert "--deep runs the code of student" in allowed.err
    assert "rebuilt" in allowed.out
    assert "rebuilt" in scaffold("check", foe.root, "--deep", "--all").out


def test_a_killed_deep_check_leaves_no_clone_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill that cannot be caught: the next process removes what is left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    script = (
        "import os, signal; from scaffold.staging import workshop; "
        "f = workshop('scaffold-check-'); (f / 'clone').mkdir(); print(f, flush=True); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    left = Path(ran.stdout.strip())
    assert (left / "clone").exists()
    script = "from scaffold.staging import workshop; workshop('scaffold-check-')"
    subprocess.run([sys.executable, "-c", script], check=True)
    assert not left.exists()


def test_a_deep_check_told_to_stop_removes_its_clone(
    tmp_path: Path, identity: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scaffold.checks import rebuild

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    root = tmp_path / "work"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "Start")

    def interrupted(clone: Path, *_: object) -> None:
        assert (clone / "pyproject.toml").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("scaffold.running.environment.make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rebuild.rebuild(Checkout(root, deep=True))
    assert not list((tmp_path / "temporary").glob("scaffold-check-*/*/work"))


def test_a_whole_command_runs_nothing_of_a_project_that_was_not_made_here(
    project: Path, identity: None, tmp_path: Path, scaffold: Callable[..., Called],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    mark, program = tmp_path / "mark", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 0\n")
    program.chmod(0o755)
    guard.store().unlink()
    (project / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "-m", "Mine")
    for name in (
        "core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv",
        "diff.external", "merge.evil.driver", "credential.helper", "core.sshCommand", "gpg.program",
    ):  # fmt: skip
        git(project, "config", name, str(program))
    git(project, "config", "remote.origin.url", "ssh://git@localhost:1/ada/x.git")
    (project / ".git" / "hooks").mkdir(exist_ok=True)
    for hook_name in ("post-index-change", "reference-transaction", "post-checkout", "pre-push"):
        shutil.copy(program, project / ".git" / "hooks" / hook_name)
    mark.unlink(missing_ok=True)
    for words in (
        ("check", project), ("diff", project, "--set", "question=Why?"),
        ("update", project, "--set", "question=Why?", "--yes"),
        ("site", project, "-o", tmp_path / "site"),
        ("publish", project, "--dry-run", "--public"), ("link", project, "tiny", "--yes"),
    ):  # fmt: skip
        called = scaffold(*words)
        assert not mark.exists(), f"{words[0]}: {called.out}{called.err}"
        assert "fault of scaffold" not in called.err


def test_a_linked_work_tree_and_a_submodule_are_read_like_others(foe: Foe, tmp_path: Path) -> None:
    git(foe.root, "commit", "--quiet", "--all", "-m", "Change the second line")
    linked = tmp_path / "linked"
    git(foe.root, "worktree", "add", "--quiet", str(linked))
    above = tmp_path / "above"
    above.mkdir()
    git(above, "init", "--quiet")
    git(above, "-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(foe.root))
    for root in (linked, above / "student"):
        checkout = Checkout(root)
        assert checkout.tracked == ("README.md", "model.py")
        assert checkout.repository is not None
        assert checkout.repository.subjects() == ["Change the second line", "Hand it in"]
        assert len(checkout.history) == 3


def test_a_repository_of_the_newer_digest_is_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256")
    (tmp_path / "README.md").write_text("# T\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "Start")
    assert [len(blob.id) for blob in Checkout(tmp_path).history] == [64]
