"""The only door to git. GitPython is imported on first use: it costs a tenth of a second."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.errors import GitError

if TYPE_CHECKING:
    import git

PRISTINE_REF = "refs/scaffold/pristine"
BRANCH = "main"

# What the tool writes is committed as it is: no hook edits it, no key is asked for, no gc runs.
_AS_IT_IS = (
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "commit.gpgSign=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
)  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """Who commits, as git knows it."""

    name: str
    email: str
    known: bool = True  # False: git knows nobody, and this is the tool itself


@dataclass(frozen=True)
class Blob:
    """One file content that git keeps: its id, its size in bytes, a path it stood under."""

    id: str
    size: int
    path: str


TOOL = Identity("scaffold", "scaffold@users.noreply.github.com", known=False)


def settings(folder: Path) -> dict[str, str]:
    """Git's `user.*` and `github.*` settings as they hold in a folder; empty where git has none."""
    try:
        text = _git(folder).config("--get-regexp", r"^(user|github)\.", with_exceptions=False)
    except GitError:
        return {}
    pairs = (line.split(" ", 1) for line in str(text).splitlines())
    found = {pair[0].lower(): pair[1].strip() for pair in pairs if len(pair) == 2}
    for key, variable in (("user.name", "GIT_AUTHOR_NAME"), ("user.email", "GIT_AUTHOR_EMAIL")):
        if os.environ.get(variable):
            found[key] = os.environ[variable]
    return found


def identity(folder: Path) -> Identity:
    """The author that git knows in a folder, else the tool itself."""
    known = settings(folder)
    if known.get("user.name") and known.get("user.email"):
        return Identity(known["user.name"], known["user.email"])
    return TOOL


def remove_tree(folder: Path) -> None:
    """Delete a folder, read-only objects of git on Windows included."""
    _module()
    from git.util import rmtree

    rmtree(str(folder))


class Repository:
    """One git repository, in the few words that this project needs."""

    def __init__(self, repo: git.Repo) -> None:
        self._repo = repo

    @classmethod
    def init(cls, folder: Path) -> Repository:
        """A new, empty repository on branch `main`."""
        _git(folder).init("--quiet", f"--initial-branch={BRANCH}", "--template=")
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Repository:
        """The repository whose work tree is this folder (not one further up)."""
        module = _module()
        try:
            return cls(module.Repo(folder))
        except (module.InvalidGitRepositoryError, module.NoSuchPathError) as error:
            raise GitError(
                f"{folder} is not a git repository.",
                "Make it one: git init && git add . && git commit -m 'Start'",
            ) from error

    @property
    def root(self) -> Path:
        return Path(self._repo.working_dir)

    @cached_property
    def _command(self) -> git.Git:
        command = self._repo.git
        command.update_environment(LC_ALL="C", GIT_TERMINAL_PROMPT="0")
        return command

    def run(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """Run `git ARGUMENTS` in the work tree, return what it printed; GitError in git's words."""
        module = _module()
        with tempfile.TemporaryFile() as stream:
            stream.write(stdin.encode())
            stream.seek(0)
            try:
                output = self._command.execute(
                    ["git", *arguments], istream=stream, env=dict(env) if env else None
                )
            except module.GitCommandError as error:
                words = str(error.stderr).strip().removeprefix("stderr:").strip().strip("'")
                verb = next(word for word in arguments if re.fullmatch(r"[a-z-]+", word))
                raise GitError(f"git {verb} failed: {words or error.status}") from error
        return str(output)

    def add_all(self) -> None:
        """Stage everything in the work tree, ignored files too."""
        self.run("add", "--all", "--force")

    def commit(self, message: str, who: Identity, trailers: Mapping[str, str] | None = None) -> str:
        """Commit the index as `who`, without hooks or signature; returns the commit's id."""
        block = "".join(f"{key}: {value}\n" for key, value in (trailers or {}).items())
        text = message.rstrip("\n") + "\n" + (f"\n{block}" if block else "")
        options = ("--quiet", "--no-verify", "--allow-empty", "--cleanup=verbatim", "--file=-")
        self.run(*_AS_IT_IS, "commit", *options, stdin=text, env=environment_of(who))
        return self.resolve("HEAD")

    def resolve(self, revision: str) -> str:
        """The commit id that a revision names; GitError where there is none."""
        return self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    def set_ref(self, name: str, commit: str) -> None:
        """Point a full ref name (`refs/...`) at a commit."""
        self.run("update-ref", name, commit)

    def trailers(self, revision: str = "HEAD") -> dict[str, str]:
        """The `Key: value` trailers of a commit's message."""
        text = self.run("log", "-1", "--format=%(trailers:only,unfold)", revision)
        return dict(re.findall(r"^([A-Za-z-]+):\s*(.*)$", text, flags=re.MULTILINE))

    def is_clean(self) -> bool:
        """Neither changes to tracked files nor untracked ones."""
        return not self.run("status", "--porcelain")

    # -- reading, for the checks ------------------------------------------------------------

    def tracked(self) -> list[str]:
        """The paths in the index."""
        return self._paths("ls-files", "-z")

    def untracked(self) -> list[str]:
        """The paths that git neither tracks nor ignores."""
        return self._paths("ls-files", "-z", "--others", "--exclude-standard")

    def modified(self) -> list[str]:
        """The tracked paths whose file differs from what is staged."""
        return self._paths("diff-files", "--name-only", "-z")

    def index(self) -> dict[str, str]:
        """The staged paths with the ids of their contents."""
        entries = (entry.split("\t", 1) for entry in self._paths("ls-files", "--stage", "-z"))
        return {path: facts.split()[1] for facts, path in entries}

    def has_commits(self) -> bool:
        try:
            self.resolve("HEAD")
        except GitError:
            return False
        return True

    def subjects(self, revision: str = "HEAD") -> list[str]:
        """The first lines of all commit messages, newest first."""
        return self.run("log", "--format=%s", revision).splitlines() if self.has_commits() else []

    def blobs(self) -> tuple[Blob, ...]:
        """Every file content that any ref has ever held, each once, with one path it stood under."""
        listing = self.run("rev-list", "--objects", "--all")
        details = self.run(
            "cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize) %(rest)",
            stdin=listing,
        )  # fmt: skip
        rows = (line.split(" ", 3) for line in details.splitlines())
        return tuple(Blob(row[1], int(row[2]), row[3]) for row in rows if row[0] == "blob")

    def contents(self, blobs: Sequence[Blob]) -> Iterator[tuple[Blob, bytes]]:
        """The bytes of some blobs, read by one git process."""
        batch = self._bytes("cat-file", "--batch", stdin="".join(f"{b.id}\n" for b in blobs))
        position = 0
        for blob in blobs:
            start = batch.index(b"\n", position) + 1
            yield blob, batch[start : start + blob.size]
            position = start + blob.size + 1

    def private_folder(self) -> Path:
        """A folder inside `.git` for what the tool remembers about this clone."""
        return self.root / self.run("rev-parse", "--git-path", "scaffold")

    def untrack(self, paths: Sequence[str]) -> None:
        """Stop tracking some paths and leave the files where they are."""
        self.run("rm", "--quiet", "--cached", "--", *paths)

    def _paths(self, *arguments: str) -> list[str]:
        return [path for path in self.run(*arguments).split("\0") if path]

    def _bytes(self, *arguments: str, stdin: str) -> bytes:
        with tempfile.TemporaryFile() as stream:
            stream.write(stdin.encode())
            stream.seek(0)
            output = self._command.execute(
                ["git", *arguments], istream=stream, stdout_as_string=False,
                strip_newline_in_stdout=False,
            )  # fmt: skip
        return bytes(output)


def environment_of(who: Identity) -> dict[str, str]:
    """The variables that make git commit as `who`, whatever its configuration says."""
    return {
        "GIT_AUTHOR_NAME": who.name,
        "GIT_AUTHOR_EMAIL": who.email,
        "GIT_COMMITTER_NAME": who.name,
        "GIT_COMMITTER_EMAIL": who.email,
    }


def _git(folder: Path) -> git.Git:
    command: git.Git = _module().Git(str(folder))
    command.update_environment(LC_ALL="C", GIT_TERMINAL_PROMPT="0")
    return command


def _module() -> Any:
    try:
        import git
    except ImportError as error:  # GitPython says so when there is no git on PATH
        raise GitError(
            "git was not found.", "Install git: https://git-scm.com/downloads"
        ) from error
    return git
