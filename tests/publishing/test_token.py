"""Where a token comes from, and that it reaches GitHub and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from scaffold import credential, credential_helper, guard
from scaffold.errors import ForgeError
from scaffold.publishing.github import Server, take_token
from tests.publishing.conftest import World
from tests.publishing.fake_github import TOKEN, answering, hanging_up

PUSH = "git-receive-pack$"
SECRET = TOKEN.encode()


# -- where it comes from ------------------------------------------------------------------------


def test_gh_token_comes_before_github_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", "first")
    monkeypatch.setenv("GITHUB_TOKEN", "second")
    token = take_token(Server(), tmp_path)
    assert (token.value, token.origin) == ("first", "GH_TOKEN")
    assert "GH_TOKEN" not in os.environ
    assert "GITHUB_TOKEN" not in os.environ


def test_github_token_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", "second")
    assert take_token(Server(), tmp_path).origin == "GITHUB_TOKEN"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for gh is a shell script")
def test_gh_is_asked_for_the_server_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "gh"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "of-gh-for-$4"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    without_variables(monkeypatch)
    token = take_token(Server(web="https://git.example"), tmp_path)
    assert (token.value, token.origin) == ("of-gh-for-git.example", "`gh auth token`")


def test_gits_credential_helper_is_asked_last(
    tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_variables(monkeypatch)
    without_gh(monkeypatch)
    stored = isolated / "stored"
    stored.write_text("https://ada:of-git@github.com\n", encoding="utf-8")
    (isolated / "gitconfig").write_text(
        f"[credential]\n\thelper = store --file={stored.as_posix()}\n", encoding="utf-8"
    )
    token = take_token(Server(), tmp_path)
    assert (token.value, token.origin) == ("of-git", "git's credential helper")


def test_no_token_names_three_ways_and_the_scopes(
    world: World, monkeypatch: pytest.MonkeyPatch, scaffold: Callable[..., Any]
) -> None:
    without_variables(monkeypatch)
    without_gh(monkeypatch)
    called = scaffold("publish", world.root)
    assert called.code == 1
    for words in (
        "gh auth login", "/settings/tokens/new with the scopes repo and workflow",
        "/settings/personal-access-tokens/new", "export GH_TOKEN=",
    ):  # fmt: skip
        assert words in called.err
    assert world.forge.calls == []


def without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def without_gh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffold.publishing.github.shutil.which", lambda _name: None)


# -- how git gets it ----------------------------------------------------------------------------


def test_the_lender_answers_for_its_own_server_only(tmp_path: Path) -> None:
    with credential.lend("the-token", "https://git.example") as loan:
        assert "password=the-token" in fill(loan, tmp_path, "git.example")
        assert "password" not in fill(loan, tmp_path, "evil.example")
        assert "password" not in fill(loan, tmp_path, "git.example", "http")


def test_a_stranger_without_the_key_gets_nothing(tmp_path: Path) -> None:
    with credential.lend("the-token", "https://git.example") as loan:
        stranger = {**loan.environment, "SCAFFOLD_CREDENTIAL_KEY": "00" * 32}
        forged = credential.Loan(loan.options, stranger)
        assert "the-token" not in fill(forged, tmp_path, "git.example")
        assert "password=the-token" in fill(loan, tmp_path, "git.example")


def test_nothing_that_git_is_given_holds_the_token() -> None:
    with credential.lend("the-token", "https://git.example") as loan:
        assert "the-token" not in repr(loan)


def fill(loan: credential.Loan, folder: Path, host: str, scheme: str = "https") -> str:
    return subprocess.run(
        ["git", *loan.options, "credential", "fill"], cwd=folder, capture_output=True, check=False,
        env={**os.environ, **loan.environment}, input=f"protocol={scheme}\nhost={host}\n\n",
        encoding="utf-8",
    ).stdout  # fmt: skip


def test_the_users_own_helpers_neither_answer_nor_store(world: World, isolated: Path) -> None:
    stored = isolated / "stored"
    stored.touch()
    with (isolated / "gitconfig").open("a", encoding="utf-8") as config:
        config.write(f"[credential]\n\thelper = store --file={stored.as_posix()}\n")
    world.publish()
    assert stored.read_text(encoding="utf-8") == ""


# -- where it must not be -----------------------------------------------------------------------

FAULTS: dict[str, Callable[[World], None]] = {
    "none": lambda _world: None,
    "401": lambda world: world.forge.fail("GET", "/user$", 401),
    "403": lambda world: world.forge.fail("POST", "/user/repos", 403),
    "422 that repeats it": lambda world: world.forge.fail(
        "PATCH", "/repos/", answering(422, {"message": f"Bad token {TOKEN}"})
    ),
    "no JSON": lambda world: world.forge.fail(
        "GET", "/user$", answering(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})
    ),
    "unexpected answer": lambda world: world.forge.fail(
        "GET", "/topics$", answering(200, {"names": 5})
    ),
    "push cut": lambda world: world.forge.fail("POST", PUSH, hanging_up, times=100),
    "push refused": lambda world: world.forge.fail("POST", PUSH, 403, times=100),
    "git wants another": lambda world: world.forge.fail("GET", "info/refs$", 401, times=100),
}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")
@pytest.mark.parametrize("fault", FAULTS)
def test_the_token_is_nowhere_after(
    world: World,
    isolated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scaffold: Callable[..., Any],
    fault: str,
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "git-trace"))
    monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "curl-trace"))
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    leaks: list[str] = []
    seen: list[str] = []
    world.forge.while_pushing = lambda: leaks.extend(in_processes(seen))
    FAULTS[fault](world)

    called = scaffold("publish", world.root, "--skip", "all", "--topic", "spam", "--public")

    assert (called.code == 0) == (fault == "none")
    assert TOKEN not in called.out + called.err
    assert leaks == []
    assert [str(path) for folder in (world.root, isolated, tmp_path, scratch)
            for path in files_with_the_token(folder)] == []  # fmt: skip
    if fault == "none":
        assert any("push" in command for command in seen)
        assert any("git-remote-http" in command for command in seen)


def in_processes(seen: list[str]) -> Iterator[str]:
    """Processes that this one has started, with the token in arguments or variables."""
    for number in descendants(os.getpid()):
        folder = Path("/proc") / str(number)
        try:
            command = (folder / "cmdline").read_bytes()
            variables = (folder / "environ").read_bytes()
        except OSError:
            continue
        seen.append(command.replace(b"\0", b" ").decode(errors="replace"))
        if SECRET in command or SECRET in variables:
            yield seen[-1]


def descendants(number: int) -> set[int]:
    """A process's children, and theirs; no others, since tests run in parallel."""
    children: dict[int, set[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(status.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            children.setdefault(parent, set()).add(int(status.parent.name))
    found: set[int] = set()
    left = [number]
    while left:
        new = children.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def files_with_the_token(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if SECRET in path.read_bytes()]


@pytest.mark.skipif(os.name == "nt", reason="the hook is a shell script")
def test_a_hook_that_runs_while_pushing_does_not_inherit_it(world: World) -> None:
    hook = world.root / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nenv > hook-saw\n", encoding="utf-8")
    hook.chmod(0o755)
    guard.trust(world.root)  # the hooks of others do not run
    os.environ["GITHUB_TOKEN"] = TOKEN
    world.publish()
    saw = (world.root / "hook-saw").read_text(encoding="utf-8")
    assert "GIT_TERMINAL_PROMPT=0" in saw
    assert TOKEN not in saw


def test_a_password_in_a_remote_of_ones_own_is_not_repeated(world: World) -> None:
    world.forge.create("octo/spam-detector")
    own = world.forge.web.replace("://", "://ada:hunter2hunter2@")
    world.git("remote", "add", "origin", f"{own}/octo/spam-detector.git")
    world.forge.fail("GET", "info/refs$", 403, times=100)
    with pytest.raises(ForgeError) as refused:
        world.publish()
    assert "hunter2" not in refused.value.message + refused.value.hint


def test_the_helper_runs_without_the_package(tmp_path: Path) -> None:
    """Git starts it isolated; it must not need anything but the standard library."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", credential_helper.__file__, "store"],
        input="protocol=https\n", encoding="utf-8", capture_output=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
