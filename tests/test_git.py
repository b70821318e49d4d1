from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scaffold import git, guard
from scaffold.errors import GitError
from scaffold.git import TOOL, Identity, RemoteError, Repository
from scaffold.updating.pristine import commit_tree
from tests import factories

ADA = Identity("Ada", "ada@example.com")


def commit_all(
    repository: Repository,
    message: str,
    who: Identity = ADA,
    trailers: dict[str, str] | None = None,
) -> None:
    factories.git(repository.root, "add", "--all")
    tree = factories.git(repository.root, "write-tree")
    commit = commit_tree(repository, tree, (), message, who, trailers)
    repository.set_refs({"refs/heads/main": commit})


def test_a_commit_carries_trailers_that_can_be_read_again(tmp_path: Path) -> None:
    repository = Repository.init(tmp_path)
    commit_all(
        repository,
        "Start\n\nA body: of words",
        trailers={"Scaffold-Source": "catalogue:tiny"},
    )
    assert repository.trailers() == {"Scaffold-Source": "catalogue:tiny"}


@pytest.mark.skipif(os.name == "nt", reason="hooks are shell scripts here")
def test_no_hook_of_the_user_runs_when_the_tool_commits(tmp_path: Path) -> None:
    repository = Repository.init(tmp_path)
    commit_all(repository, "Start")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/{name}-ran'\n", encoding="utf-8")
        (hooks / name).chmod(0o755)
    factories.git(tmp_path, "config", "core.hooksPath", "hooks")
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    repository.commit_files(["one.txt"], "One", ADA)
    factories.git(tmp_path, "-c", f"core.hooksPath={os.devnull}", "add", "two.txt")
    repository.commit_file("two.txt", "Two", ADA)
    assert factories.git(tmp_path, "log", "--format=%s") == "Two\nOne\nStart"
    assert not list(tmp_path.glob("*-ran"))


def test_a_push_never_takes_away_what_others_have_pushed(tmp_path: Path) -> None:
    there = tmp_path / "there.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(there)], check=True)
    (tmp_path / "here").mkdir()
    here = Repository.init(tmp_path / "here")
    commit_all(here, "Theirs")
    factories.git(here.root, "push", "--quiet", str(there), "main")
    theirs = factories.git(there, "rev-parse", "main")
    commit_all(here, "Ours, from another beginning")
    with pytest.raises(RemoteError, match="rejected"):
        here.push(str(there), ["refs/heads/main"], "main", None)
    assert factories.git(there, "rev-parse", "main") == theirs


def test_a_commit_is_by_whom_it_is_told(tmp_path: Path, identity: None) -> None:
    commit_all(Repository.init(tmp_path), "Start", Identity("Grace", "grace@example.com"))
    assert factories.git(tmp_path, "log", "--format=%an %cn") == "Grace Grace"


def test_a_message_is_kept_word_for_word(tmp_path: Path) -> None:
    commit_all(Repository.init(tmp_path), "Ünï # not a comment\n\n# nor this")
    assert factories.git(tmp_path, "log", "--format=%B") == "Ünï # not a comment\n\n# nor this"


def test_nobody_is_known_on_a_fresh_machine(tmp_path: Path) -> None:
    assert git.identity(tmp_path) == TOOL


def test_the_identity_is_gits_own(tmp_path: Path, identity: None) -> None:
    assert git.identity(tmp_path) == Identity("Ada Lovelace", "ada@example.com")
    assert git.settings(tmp_path)["github.user"] == "ada"


def test_a_name_without_an_address_is_no_identity(tmp_path: Path, isolated: Path) -> None:
    (isolated / "gitconfig").write_text("[user]\nname = Ada\n")
    assert git.identity(tmp_path) == TOOL


def test_the_environment_goes_over_the_configuration(
    tmp_path: Path, identity: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace")
    assert git.identity(tmp_path).name == "Grace"


def test_a_folder_inside_a_repository_is_not_a_repository(tmp_path: Path) -> None:
    Repository.init(tmp_path)
    (tmp_path / "inside").mkdir()
    with pytest.raises(GitError, match="is not a git repository") as caught:
        Repository.open(tmp_path / "inside")
    assert "git init" in caught.value.hint


def test_a_refusal_comes_in_gits_own_words(tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"git update-ref failed: fatal: .*nonexistent object"):
        Repository.init(tmp_path).set_ref(
            "refs/heads/x", "0123456789012345678901234567890123456789"
        )


def test_a_missing_revision_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitError):
        Repository.init(tmp_path).resolve("HEAD")


def test_cleanliness_counts_untracked_files(tmp_path: Path) -> None:
    repository = Repository.init(tmp_path)
    assert repository.uncommitted() == []
    (tmp_path / "new").touch()
    assert repository.uncommitted() == ["new"]
    commit_all(repository, "Add")
    assert repository.uncommitted() == []


def test_a_repository_is_removed_with_its_read_only_objects(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "file").write_text("text")
    repository = Repository.init(folder)
    commit_all(repository, "Start")
    git.remove_tree(folder)
    assert not folder.exists()


def test_a_push_never_replaces_what_is_there(tmp_path: Path, identity: None) -> None:
    factories.git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote")
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        factories.git(tmp_path, "init", "--quiet", "--initial-branch=main", folder.name)
        factories.git(folder, "commit", "--quiet", "--allow-empty", "--message", folder.name)
        Repository.open(folder).add_remote("origin", str(tmp_path / "remote"))
    Repository.open(first).push("origin", ["refs/heads/main"], "main", None)
    with pytest.raises(RemoteError):
        Repository.open(second).push("origin", ["refs/heads/main"], "main", None)
    assert factories.git(tmp_path / "remote", "log", "--format=%s", "main") == "first"


def test_only_the_named_file_is_committed_whatever_else_is_staged(
    tmp_path: Path, identity: None
) -> None:
    repository = Repository.init(tmp_path)
    factories.write_files(tmp_path, {"a.txt": "a\n", "staged.txt": "not yet\n"})
    factories.git(tmp_path, "add", "--all")
    repository.commit_file("a.txt", "One file", ADA)
    assert factories.git(tmp_path, "ls-tree", "--name-only", "HEAD") == "a.txt"
    assert factories.git(tmp_path, "status", "--porcelain") == "A  staged.txt"


def test_nobodys_address_can_belong_to_nobody() -> None:
    assert TOOL.email.endswith(".invalid")


def test_of_gits_variables_only_those_stay_that_lead_to_no_repository() -> None:
    stay = {
        "GIT_SSH_COMMAND": "ssh -i key", "GIT_ASKPASS": "ask", "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Ada", "GIT_AUTHOR_NAME": "Ada",
        "GIT_CONFIG_GLOBAL": "/home/ada/.gitconfig", "PATH": "/bin", "GITHUB_TOKEN": "token",
    }  # fmt: skip
    go = dict.fromkeys(
        ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
         "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_NAMESPACE", "GIT_PREFIX",
         "GIT_DEFAULT_HASH", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG", "GIT_TEMPLATE_DIR",
         "GIT_LITERAL_PATHSPECS", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE",
         "GIT_EXTERNAL_DIFF", "GIT_TRACE", "GIT_ATTR_SOURCE", "GIT_AUTHOR_DATE"),
        "elsewhere",
    )  # fmt: skip
    environment = {**stay, **go}
    git.forget_ambient(environment)
    assert environment == stay


@pytest.mark.skipif(os.name == "nt", reason="the planted ssh is a shell script")
def test_ssh_waits_for_no_answer_where_nobody_is_there(tmp_path: Path) -> None:
    ssh, said = tmp_path / "ssh", tmp_path / "said"
    ssh.write_text(f'#!/bin/sh\necho "$SSH_ASKPASS $SSH_ASKPASS_REQUIRE" > {said}\nexit 1\n')
    ssh.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "scaffold", "new", "ssh://host.invalid/x.git", "x", "--yes"],
        env={**os.environ, "GIT_SSH_COMMAND": str(ssh)}, stdin=subprocess.DEVNULL,
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, said.read_text()) == (1, "false force\n")


def test_whatever_is_read_one_process_reads_it(
    tmp_path: Path, identity: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = commit_of(tmp_path, {"a b.txt": "one", "tab\tand\nline.txt": "two"})
    trace = tmp_path.parent / "trace"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
    assert repository.read("HEAD", "a b.txt") == "one"
    assert repository.read("HEAD", "tab\tand\nline.txt") == "two"  # a process of its own
    assert repository.read("HEAD", "none.txt") is None
    assert repository.text("HEAD") is None  # a commit is no text
    assert repository.parents("HEAD") == []
    assert repository.find_ref("refs/heads/none") is None
    head = repository.resolve("HEAD")
    (tmp_path / "a b.txt").write_text("three", encoding="utf-8")
    repository.run("commit", "--quiet", "-am", "More")
    assert repository.parents("HEAD") == [head]
    assert repository.read("HEAD", "a b.txt") == "three"
    readers = [line for line in trace.read_text(encoding="utf-8").splitlines()
               if '"event":"start"' in line and '"--batch"' in line]  # fmt: skip
    assert len(readers) == 1


def test_objects_with_longer_names_are_read_too(tmp_path: Path, identity: None) -> None:
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", str(tmp_path)], check=True)
    repository = commit_of(tmp_path, {"a.txt": "one"})
    assert len(repository.resolve("HEAD")) == 64
    assert repository.read("HEAD", "a.txt") == "one"
    assert repository.find_ref("refs/heads/none") is None


def commit_of(folder: Path, files: dict[str, str]) -> Repository:
    repository = Repository.init(folder)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    repository.run("add", ".")
    repository.run("commit", "--quiet", "-m", "Start")
    return Repository.open(folder)


@pytest.mark.skipif(os.name == "nt", reason="a helper written for a shell")
def test_a_helper_that_a_folder_brings_is_asked_for_a_password_only_where_it_is_trusted(
    tmp_path: Path, isolated: Path
) -> None:
    def helper(word: str) -> str:
        return f"!f() {{ echo username=ada; echo password={word}; }}; f"

    address = "https://forge.example"
    own = isolated / "gitconfig"
    own.write_text(f'[credential]\n\thelper = "{helper("own")}"\n', encoding="utf-8")
    assert git.stored_password(address, tmp_path) == "own"
    folder = tmp_path / "project"
    folder.mkdir()
    factories.git(folder, "init", "--quiet")
    factories.git(folder, "config", "credential.helper", "")
    factories.git(folder, "config", "--add", "credential.helper", helper("local"))
    assert git.stored_password(address, folder) != "local"
    guard.trust(folder)
    assert git.stored_password(address, folder) == "local"
