"""The only door to git. GitPython, which reads objects, is imported on first use, as it costs
a tenth of a second."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import tempfile
import time
import weakref
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scaffold import guard
from scaffold.errors import GitError, SourceUnreachable
from scaffold.git_program import ALWAYS, Answer, Program, decode, encode

if TYPE_CHECKING:
    import git

    from scaffold.credential import Loan

PRISTINE_REF = "refs/scaffold/pristine"
BRANCH = "main"

# What the tool writes is committed as it is: no hook edits it, no key is asked for, no gc runs.
_AS_IT_IS = (
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "commit.gpgSign=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
)  # fmt: skip


# A connection over which nothing comes for a minute is given up.
DOWNLOAD = "SCAFFOLD_TEMPLATE_DOWNLOAD"  # MB that the history of a template may take
_MINUTES = 10  # and how long it may take
_PATIENCE = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60")


# What stays while a token is taken out of the environment does not keep it in its own.
_NO_TOKENS = dict.fromkeys(("GH_TOKEN", "GITHUB_TOKEN", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), "")

_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?(:|$)")  # of an object, with a path below it or not


@dataclass(frozen=True)
class Identity:
    """Who commits, as git knows it."""

    name: str
    email: str
    known: bool = True  # False: git knows nobody, and this is the tool itself


class RemoteError(GitError):
    """Git could not talk to a remote, or the remote said no; `words` is all that was said."""

    def __init__(self, verb: str, words: str) -> None:
        super().__init__(f"git {verb} failed: {words.strip()}")
        self.words = words


class FetchTooLarge(GitError):
    """A fetch brought more, or took longer, than it may."""


@dataclass(frozen=True)
class Place:
    """Where a repository lies: git's folder of this work tree, the one that linked work trees
    share, how objects are named, and the top of the work tree."""

    own: str
    shared: str
    names: str
    top: Path


@dataclass(frozen=True)
class Object:
    """What git keeps under an id: a commit, a tree, a tag, or a blob."""

    id: str
    kind: str
    contents: bytes


@dataclass(frozen=True)
class Blob:
    """One file content that git keeps: its id, its size in bytes, a path it stood under."""

    id: str
    size: int
    path: str


# RFC 2606: an address under `.invalid` can belong to nobody, on no forge.
TOOL = Identity("scaffold", "scaffold@scaffold.invalid", known=False)

# The GIT_* variables that say how to reach others, who one is and which settings hold. All others
# say which repository, index or object store a git is to use: inside a hook, an alias or
# `git rebase --exec` that is another one than ours.
_KEPT = {
    "GIT_ALLOW_PROTOCOL", "GIT_ASKPASS", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_NAME", "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH",
    "GIT_HTTP_PROXY_AUTHMETHOD", "GIT_PROXY_COMMAND", "GIT_SSH", "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY",
}  # fmt: skip
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_PYTHON_")


def forget_ambient(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take every GIT_* out of an environment but those that cannot lead to another repository."""
    for name in list(environment):
        if name.startswith("GIT_") and name not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            del environment[name]


def ask_nobody(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let ssh fail at what it would ask, where it would wait at a terminal with nobody there."""
    environment.setdefault("SSH_ASKPASS", "false")
    environment.setdefault("SSH_ASKPASS_REQUIRE", "force")


def settings(folder: Path) -> dict[str, str]:
    """Git's `user.*` and `github.*` settings as they hold in a folder; empty where git has none."""
    try:
        text = Program(folder).call("config", "--get-regexp", r"^(user|github)\.").text
    except GitError:
        return {}
    pairs = (line.split(" ", 1) for line in text.splitlines())
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


def stored_password(address: str, folder: Path) -> str:
    """What git's credential helpers keep for an address; empty when none of them knows one."""
    parts = urlsplit(address)
    asked = f"protocol={parts.scheme}\nhost={parts.netloc}\n\n"
    own = {} if guard.is_trusted(folder) else _silence(folder)
    nobody = {**own, "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    answer = Program(folder).call("credential", "fill", stdin=asked.encode(), env=nobody)
    found = re.search(r"^password=(.+)$", answer.text, flags=re.MULTILINE)
    return found[1] if found and answer.status == 0 else ""


def remove_tree(folder: Path) -> None:
    """Delete a folder, read-only objects of git on Windows included."""
    _module()
    from git.util import rmtree

    rmtree(str(folder))


class Repository:
    """One git repository, in the few words that this project needs."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self._program = Program(root, dict(environment))
        self._known: dict[tuple[str, ...], str] = {}

    @classmethod
    def init(cls, folder: Path) -> Repository:
        """A repository in this folder: a new, empty one on branch `main` where there is none."""
        there = os.path.lexists(folder / ".git")
        _plainly(folder, "init", "--quiet", f"--initial-branch={BRANCH}", "--template=")
        if there:
            return cls.open(folder)
        made = cls(folder.absolute(), {})
        made._place = Place(".git", ".git", "", made.root)  # how objects are named it did not say
        return made

    @classmethod
    def open(cls, folder: Path) -> Repository:
        """The repository whose work tree is this folder (not one further up).

        Of one that was not made here, no setting is heeded that would run a program.
        """
        module = _module()
        try:
            repo = module.Repo(folder)
        except (module.InvalidGitRepositoryError, module.NoSuchPathError) as error:
            if (folder / ".git").is_file():  # of a linked work tree or a submodule
                raise GitError(
                    f"{folder / '.git'} is a file that leads to no repository.",
                    "Put back the repository that it names, or delete the file and: git init",
                ) from error
            raise GitError(
                f"{folder} is not a git repository.",
                "Make it one: git init && git add . && git commit -m 'Start'",
            ) from error
        root = Path(repo.working_dir)
        environment = {} if guard.is_trusted(root) else _silence(root)
        opened = cls(root, environment)
        if repo.bare or opened._place.top.resolve() != root.resolve():
            raise GitError(
                f"{folder} is a repository without files, or with its files elsewhere.",
                "Clone it, and go on in the clone: git clone FOLDER",
            )
        return opened

    @classmethod
    def sealed(cls, root: Path, folder: Path) -> Repository:
        """A repository to be read only, through an empty folder: none of its settings is read."""
        listing = ("--global", "--path", "--get", "core.excludesFile")
        excludes = Program(folder).call("config", *listing).text
        return cls(root, guard.seal(root, folder, excludes.strip()))

    def run(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """Run `git ARGUMENTS` in the work tree, return what it printed; GitError in git's words."""
        return self._done(*arguments, stdin=stdin, env=env).text

    def _done(
        self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> Answer:
        answer = self._program.call(*arguments, stdin=encode(stdin), env=env)
        if answer.status:
            verb = next(word for word in arguments if re.fullmatch(r"[a-z-]+", word))
            raise GitError(f"git {verb} failed: {answer.words or answer.status}")
        return answer

    def resolve(self, revision: str) -> str:
        """The commit id that a revision names; GitError where there is none."""
        if found := self.find_ref(revision):
            return found
        return self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    def tree_of(self, revision: str) -> str:
        """The id of the tree of a commit; GitError where there is none."""
        name = f"{revision}^{{tree}}"
        found = self._object(name)
        return found.id if found else self.run("rev-parse", "--verify", name)

    def parents(self, commit: str) -> list[str]:
        """The commits that a commit comes from, as far as this clone has its history."""
        found = (self.find_ref(f"{commit}^{place}") or "" for place in itertools.count(1))
        return list(itertools.takewhile(bool, found))

    def _object(self, name: str) -> Object | None:
        """What a name leads to, None if nowhere; one process of git answers for all names."""
        if self._place.names != "sha1" or "\n" in name:  # which GitPython does not read
            return self._object_alone(name)
        try:
            identity, kind, _, contents = self._kept.get_object_data(name)
        except ValueError:
            return None
        return Object(os.fsdecode(identity), os.fsdecode(kind), contents)  # bytes, as it is

    @cached_property
    def _kept(self) -> git.Git:
        """Reads objects, all in one process of git, which ends with this repository."""
        reader: git.Git = _module().Git(str(self.root))
        reader.update_environment(**ALWAYS, **self._program.environment, **_NO_TOKENS)
        weakref.finalize(self, reader.clear_cache)
        return reader

    def _object_alone(self, name: str) -> Object | None:
        status, identity = self.attempt("rev-parse", "--verify", "--quiet", name)
        if status:
            return None
        kind = self.run("cat-file", "-t", identity.strip())
        return Object(identity.strip(), kind, self._done("cat-file", kind, name).printed)

    def set_refs(self, refs: Mapping[str, str]) -> None:
        """Point several full ref names at commits, "" at none any more: all of them or none."""
        lines = (
            f"update {name} {commit}\n" if commit else f"delete {name}\n"
            for name, commit in refs.items()
        )
        self.run("update-ref", "--stdin", stdin="".join(lines))

    def set_ref(self, name: str, commit: str) -> None:
        """Point a full ref name (`refs/...`) at a commit."""
        self.run("update-ref", name, commit)

    def trailers(self, revision: str = "HEAD") -> dict[str, str]:
        """The `Key: value` trailers of a commit's message."""
        text = self.run("log", "-1", "--format=%(trailers:only,unfold)", revision)
        return dict(re.findall(r"^([A-Za-z-]+):\s*(.*)$", text, flags=re.MULTILINE))

    # -- reading, for the checks ------------------------------------------------------------

    def tracked(self) -> list[str]:
        """The paths in the index."""
        return self._paths("ls-files", "-z")

    def untracked(self) -> list[str]:
        """The paths that git neither tracks nor ignores."""
        return self._paths("ls-files", "-z", "--others", "--exclude-standard")

    def modified(self) -> list[str]:
        """The tracked paths whose file differs from what is staged."""
        return self._paths("diff-files", "--name-only", "--ignore-submodules=all", "-z")

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

    def is_shallow(self) -> bool:
        """Whether the history was cut off when it was fetched."""
        return self.run("rev-parse", "--is-shallow-repository") == "true"

    def blobs(self) -> tuple[Blob, ...]:
        """Every file content that any ref has ever held, each once, with one of its paths."""
        listing = self.run("rev-list", "--objects", "--all")
        details = self.run(
            "cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize) %(rest)",
            stdin=listing,
        )  # fmt: skip
        rows = [line.split(" ", 3) for line in details.split("\n")]
        if missing := next((row[0] for row in rows if row[1:2] == ["missing"]), None):
            raise GitError(f"git misses the object {missing}, which its history names.")
        return tuple(Blob(row[1], int(row[2]), row[3]) for row in rows if row[0] == "blob")

    def knew(self, path: str) -> bool:
        """Whether a commit that HEAD comes from had a file of this path."""
        status, found = self.attempt("rev-list", "-1", "HEAD", "--", path)
        return status == 0 and bool(found.strip())

    def contents(self, blobs: Sequence[Blob]) -> Iterator[tuple[Blob, bytes]]:
        """The bytes of some blobs, read by one git process."""
        names = "".join(f"{blob.id}\n" for blob in blobs)
        batch = self._done("cat-file", "--batch", stdin=names).printed
        position = 0
        for blob in blobs:
            start = batch.find(b"\n", position) + 1
            if not batch[position:start].endswith(b" %d\n" % blob.size):
                raise GitError(f"git cannot read the object {blob.id}.")
            yield blob, batch[start : start + blob.size]
            position = start + blob.size + 1

    def clone(self, folder: Path) -> None:
        """A fresh clone of what is committed."""
        self.run("clone", "--quiet", "--", str(self.root), str(folder))

    def untrack(self, paths: Sequence[str]) -> None:
        """Stop tracking some paths and leave the files where they are."""
        self.run("rm", "--quiet", "--cached", "--", *paths)

    # -- merging, for update and diff ---------------------------------------------------------

    def attempt(
        self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Run `git ARGUMENTS` whose exit code is an answer; returns it with what git printed."""
        answer = self._program.call(*arguments, stdin=encode(stdin), env=env)
        return answer.status, decode(answer.printed)

    def recall(self, *arguments: str) -> tuple[int, str]:
        """As `attempt`, but once where all names are ids: what an object holds never changes."""
        if arguments in self._known:
            return 0, self._known[arguments]
        status, output = self.attempt(*arguments)
        names = [word for word in arguments[1:] if not word.startswith("-")]
        if status == 0 and all(_ID.match(name) for name in names):
            self._known[arguments] = output
        return status, output

    @cached_property
    def who(self) -> Identity:
        """Who commits here."""
        return identity(self.root)

    def apart(self, objects: Path) -> Repository:
        """This repository, but new objects go to another folder: nothing of it is touched."""
        other = Repository.open(self.root)
        alternates = objects / "info" / "alternates"
        alternates.parent.mkdir()
        store = self.path("objects").resolve()
        alternates.write_text(f"{store}\n", encoding="utf-8", newline="\n")
        elsewhere = {"GIT_OBJECT_DIRECTORY": str(objects), "GIT_OPTIONAL_LOCKS": "0"}
        other._program.environment.update(elsewhere)
        return other

    def path(self, name: str) -> Path:
        """Where git keeps one of its own files (`MERGE_HEAD`), in linked work trees too."""
        shared = name.startswith("objects")
        return self.root / (self._place.shared if shared else self._place.own) / name

    @cached_property
    def _place(self) -> Place:
        """Where git has what it keeps."""
        asked = ("--git-dir", "--git-common-dir", "--show-object-format", "--show-toplevel")
        own, shared, kind, top = self.run("rev-parse", *asked).split("\n", 3)
        return Place(own, shared, kind, Path(top))

    def filtered(self, blob: str, path: str) -> bytes:
        """A blob as git would write it to the work tree at a path."""
        return self._done("cat-file", "--filters", f"--path={path}", blob).printed

    def content(self, commit: str, path: str) -> bytes:
        """The bytes of a file of a commit."""
        return self._done("cat-file", "blob", f"{commit}:{path}").printed

    def read(self, commit: str, path: str) -> str | None:
        """A text file of a commit, None if it has none of that path."""
        return self.text(f"{commit}:{path}")

    def text(self, name: str) -> str | None:
        """What a blob holds, as text; None if the name leads to none."""
        found = self._object(name)
        if found is None or found.kind != "blob":
            return None
        return found.contents.decode(errors="surrogateescape")

    def blob_ids(self, paths: Sequence[str], *, keep: bool = False) -> list[str]:
        """The ids that files of the work tree have as they lie there; `keep` stores them too."""
        options = ("--no-filters", "--stdin-paths", *(["-w"] if keep else []))
        return self.run("hash-object", *options, stdin="\n".join(paths)).split()

    # -- talking to a remote, for publish -----------------------------------------------------

    def branch(self) -> str | None:
        """The branch that is checked out; None when HEAD is detached."""
        status, name = self.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
        return name.strip() if status == 0 else None

    def remotes(self) -> dict[str, str]:
        """The addresses that each remote pushes to."""
        names = self.run("remote").splitlines()
        return {name: self.run("remote", "get-url", "--push", "--", name) for name in names}

    def add_remote(self, name: str, address: str) -> None:
        self.run("remote", "add", name, address)

    def upstream(self, branch: str) -> str | None:
        """The remote that a branch follows."""
        status, name = self.attempt("config", f"branch.{branch}.remote")
        return name.strip() if status == 0 else None

    def roots(self) -> list[str]:
        """The commits without parents that HEAD comes from."""
        return self.run("rev-list", "--max-parents=0", "HEAD").splitlines()

    def find_ref(self, name: str) -> str | None:
        """The commit that a full ref name points at; None when there is no such ref."""
        found = self._object(f"{name}^{{commit}}")
        return found.id if found else None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether a commit is part of another's history; False too when it is not here at all."""
        return self.attempt("merge-base", "--is-ancestor", older, newer)[0] == 0

    def changed(self, *options: str) -> list[str]:
        """The paths that `git status OPTIONS` lists."""
        listed = self._paths("status", "--porcelain", "--no-renames", "-z", *options)
        return [entry[3:] for entry in listed]

    def uncommitted(self) -> list[str]:
        """The paths that differ from HEAD, untracked ones included."""
        return self.changed("--ignore-submodules=dirty")

    def commit_file(self, path: str, message: str, who: Identity) -> str:
        """Commit one file as it lies on disk, whatever else is staged; returns the commit's id."""
        options = ("--quiet", "--no-verify", "--only", "-m", message, "--", path)
        self.run(*_AS_IT_IS, "commit", *options, env=environment_of(who))
        return self.resolve("HEAD")

    def dirty(self) -> list[str]:
        """The paths of files that differ from HEAD, each untracked file by itself."""
        return self.changed("--ignore-submodules=all", "--untracked-files=all")

    def staged(self) -> list[str]:
        """The paths whose staged contents differ from HEAD."""
        return self._paths("diff", "--cached", "--name-only", "--no-renames", "-z")

    def commit_files(self, paths: Sequence[str], message: str, who: Identity) -> str:
        """Commit files as they lie on disk, new ones too, and nothing else; returns the id.

        Nothing is left staged if git refuses.
        """
        given = ("--pathspec-from-file=-", "--pathspec-file-nul")
        listed, literal = "\0".join(paths), {"GIT_LITERAL_PATHSPECS": "1"}
        options = ("--quiet", "--no-verify", "--only", "-m", message, *given)
        try:
            self.run("add", *given, stdin=listed, env=literal)
            by = literal | environment_of(who)
            self.run(*_AS_IT_IS, "commit", *options, stdin=listed, env=by)
        except GitError:
            self.attempt("reset", "--quiet", *given, stdin=listed, env=literal)
            raise
        return self.resolve("HEAD")

    def remote_refs(self, address: str, loan: Loan | None) -> dict[str, str]:
        """The refs of a remote repository with their commits; RemoteError in git's words."""
        text = self._talk(loan, "ls-remote", "--quiet", "--", address)
        pairs = (line.split("\t", 1) for line in text.splitlines() if "\t" in line)
        return {ref: commit for commit, ref in pairs}

    def fetch(self, address: str, ref: str, loan: Loan | None) -> None:
        """Bring the objects of one remote ref here; no ref of ours moves."""
        options = ("--quiet", "--no-tags", "--no-write-fetch-head")
        self._talk(loan, "fetch", *options, "--", address, ref)

    def push(self, remote: str, refs: Sequence[str], branch: str, loan: Loan | None) -> None:
        """Push refs, never by force; the branch follows the remote after.

        A ref goes under its own name; `COMMIT:REF` under the one that it gives.
        """
        pairs = (ref if ":" in ref else f"{ref}:{ref}" for ref in refs)
        self._talk(loan, "push", "--porcelain", "--", remote, *pairs)
        if self.upstream(branch) is None:
            self.run("config", f"branch.{branch}.remote", remote)
            self.run("config", f"branch.{branch}.merge", f"refs/heads/{branch}")

    def _talk(self, loan: Loan | None, *arguments: str) -> str:
        options = loan.options if loan else ()
        environment = loan.environment if loan else None
        answer = self._program.call(*_PATIENCE, *options, *arguments, env=environment)
        if answer.status:
            raise RemoteError(arguments[0], f"{answer.words}\n{answer.text}")
        return answer.text

    def _paths(self, *arguments: str) -> list[str]:
        return [path for path in self.run(*arguments).split("\0") if path]


# -- the repositories of templates --------------------------------------------------------------

_AS_STORED = ("-c", "core.autocrlf=false", "-c", "core.eol=lf", "-c", "advice.detachedHead=false")


@dataclass(frozen=True)
class Bare:
    """A repository that is only read: a template's own, or our copy of it."""

    folder: Path

    def run(self, *arguments: str) -> str:
        """Run `git ARGUMENTS` in it; GitError in git's words."""
        return _plainly(self.folder, *arguments)

    def tags(self) -> list[str]:
        return self.run("for-each-ref", "--format=%(refname:strip=2)", "refs/tags").splitlines()

    def commits(self, *revisions: str) -> list[str]:
        """The commits that full names or ids mean, "" where there is none."""
        if "\n" in "".join(revisions):
            return [""] * len(revisions)
        names = "".join(f"{revision}^{{commit}}\n" for revision in revisions)
        answer = Program(self.folder).call("cat-file", "--batch-check", stdin=encode(names))
        if answer.status:
            raise _refusal(answer)
        rows = [re.fullmatch(r"([0-9a-f]+) commit \d+", row) for row in answer.text.splitlines()]
        return [row[1] if row else "" for row in rows]

    def describe(self, commit: str) -> str:
        """The nearest tag and the way from it, as `git describe` says it."""
        return self.run("describe", "--tags", "--always", commit)

    def agrees(self, *arguments: str) -> bool:
        """Whether `git ARGUMENTS` comes to a good end."""
        try:
            self.run(*arguments)
        except GitError:
            return False
        return True

    def contains(self, commit: str, ancestor: str) -> bool:
        return self.agrees("merge-base", "--is-ancestor", ancestor, commit)

    def sizes(self, commit: str) -> Iterator[int]:
        """The sizes of all files of a commit, as they are when checked out."""
        for line in self.run("ls-tree", "-r", "--long", "--full-tree", commit).splitlines():
            size = line.split("\t", 1)[0].split()[3]
            yield int(size) if size.isdigit() else 0  # a submodule has none

    def is_whole(self) -> bool:
        """Whether every object that a branch or tag needs is here, and says what it did."""
        return self.agrees("fsck", "--no-dangling", "--no-progress")

    def check_out(self, commit: str, into: Path, url: str) -> None:
        """Write one commit, its submodules too, as a clone that shares the objects."""
        self.run(
            *_AS_STORED, "clone", "--quiet", "--shared", "--no-checkout", "--template=",
            str(self.folder.resolve()), str(into),
        )  # fmt: skip
        _plainly(into, *_AS_STORED, "checkout", "--quiet", "--detach", commit)
        if missing := _plainly(into, "ls-files", "--deleted"):  # git exits with 0 all the same
            raise GitError(f"{url} cannot be checked out: {missing.splitlines()[0]} is missing.")
        if (into / ".gitmodules").exists():
            _plainly(into, "remote", "set-url", "origin", url)
            try:
                words = ("submodule", "--quiet", "update", "--init", "--recursive")
                _plainly(into, *_PATIENCE, *words)
            except GitError as error:
                raise SourceUnreachable(url, error.message) from error


def version() -> tuple[int, ...]:
    """The version of the git program: (2, 39, 5)."""
    found = re.search(r"\d+(\.\d+)+", _plainly(Path.cwd(), "version"))
    return tuple(map(int, found[0].split("."))) if found else ()


def top_of(folder: Path) -> Path | None:
    """The top of the repository that a folder lies in (itself, if bare), None outside of one."""
    with suppress(GitError):
        return Path(_plainly(folder, "rev-parse", "--show-toplevel"))
    with suppress(GitError):  # outside of a work tree, or of any repository
        bare, kept = _plainly(
            folder, "rev-parse", "--is-bare-repository", "--absolute-git-dir"
        ).split("\n", 1)
        return Path(kept) if bare == "true" else None
    return None


def ignored(folder: Path, paths: Sequence[str]) -> set[str]:
    """Those among some paths in a folder that its own .gitignore files leave out."""
    with tempfile.TemporaryDirectory(prefix="scaffold-ignored-") as scratch:
        own = Repository.init(Path(scratch))
        place = {"GIT_DIR": str(own.path(".").resolve()), "GIT_WORK_TREE": str(folder.resolve())}
        _, output = own.attempt(
            "-c", f"core.excludesFile={os.devnull}", "-C", str(folder.resolve()),
            "check-ignore", "--no-index", "-z", "--stdin",
            stdin="".join(f"{path}\0" for path in paths), env=place,
        )  # fmt: skip
    return {path for path in output.split("\0") if path}


def merge_file(mine: Path, base: Path, other: Path) -> bool:
    """Bring what changed from `base` to `other` into `mine`; whether all of it fitted.

    Where it did not, git's markers show both.
    """
    labels = (word for file in (mine, base, other) for word in ("-L", file.name))
    answer = Program(mine.parent).call("merge-file", *labels, *map(str, (mine, base, other)))
    if not 0 <= answer.status <= 127:  # else the number of conflicts
        raise GitError(f"git merge-file failed: {answer.words}")
    return answer.status == 0


def is_tracked(folder: Path) -> bool:
    """Whether a folder's repository holds any file of it."""
    return bool(_plainly(folder, "ls-files", "--", "."))


def mirror(url: str, folder: Path) -> None:
    """Make a copy of a repository's branches and tags in an empty folder."""
    _plainly(folder, "init", "--quiet", "--bare", "--template=")
    bring_up_to_date(Bare(folder), url)


def default_branch(url: str) -> str:
    """The full name of the branch that a remote repository shows first."""
    answer = _plainly(Path.cwd(), *_PATIENCE, "ls-remote", "--symref", "--", url, "HEAD")
    found = re.search(r"^ref: (\S+)\tHEAD$", answer, flags=re.MULTILINE)
    return found[1] if found else "HEAD"


def fetch_commit(bare: Bare, url: str, commit: str) -> bool:
    """Ask for one commit by its id, which some hosts still have when no branch leads to it."""
    return bare.agrees(
        *_PATIENCE, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", url,
        f"+{commit}:refs/scaffold/{commit}",
    )  # fmt: skip


def bring_up_to_date(bare: Bare, url: str) -> None:
    """Fetch what a copy lacks; GitError also where the copy turns out not to be whole.

    FetchTooLarge when that is larger or slower than it may be.
    """
    most = _most(DOWNLOAD, 1_000)
    before, deadline = _size(bare.folder), time.monotonic() + _MINUTES * 60
    with tempfile.TemporaryFile() as said:
        running = Program(bare.folder).start(
            *_PATIENCE, "fetch", "--quiet", "--prune", "--force", "--no-write-fetch-head",
            "--", url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", said=said,
        )  # fmt: skip
        try:
            while running.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    running.wait(0.2)
                late = time.monotonic() > deadline
                if late or _size(bare.folder) - before > most * 1_000_000:
                    size = f"{most:,} MB ({DOWNLOAD}=NUMBER: more)"
                    amount = f"{_MINUTES} minutes" if late else size
                    raise FetchTooLarge(f"it takes more than {amount}.")
        finally:  # whatever ends the waiting ends git too
            running.kill()
            running.wait()
        if running.returncode:
            said.seek(0)
            raise _refusal(Answer(running.returncode, b"", said.read()))
    bare.run("for-each-ref", "--format=%(objecttype)%(*objecttype)")  # reads what each leads to


def _size(folder: Path) -> int:
    """The bytes of all files in a folder, while others write and remove some."""
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(here, name).stat().st_size
    return total


def _most(variable: str, default: int) -> int:
    """A whole number that the environment sets, else the default."""
    text = os.environ.get(variable, "")
    return int(text) if text.isascii() and text.isdigit() else default


def _plainly(folder: Path, *arguments: str) -> str:
    answer = Program(folder).call(*arguments)
    if answer.status:
        raise _refusal(answer)
    return answer.text


def _refusal(answer: Answer) -> GitError:
    return GitError(answer.words or f"git said no: {answer.status}")


def _silence(root: Path) -> dict[str, str]:
    """What overrides the settings that a repository itself brings along and that run programs."""
    text = _plainly(root, "config", "--list", "--name-only", "--show-scope", "-z")
    words = text.split("\0")
    named = zip(words[::2], words[1::2], strict=False)
    return guard.silenced(name for scope, name in named if scope in {"local", "worktree"})


def environment_of(who: Identity) -> dict[str, str]:
    """The variables that make git commit as `who`, whatever its configuration says."""
    return {
        "GIT_AUTHOR_NAME": who.name,
        "GIT_AUTHOR_EMAIL": who.email,
        "GIT_COMMITTER_NAME": who.name,
        "GIT_COMMITTER_EMAIL": who.email,
    }


def _module() -> Any:
    try:
        import git
    except ImportError as error:  # GitPython says so when there is no git on PATH
        raise GitError(
            "git was not found.", "Install git: https://git-scm.com/downloads"
        ) from error
    return git
