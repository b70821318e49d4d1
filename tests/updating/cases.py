"""What happens to a project and its template between two versions, for any tool that updates.

A case changes the author's side and the template's side, and says what must hold afterwards. It
knows nothing of the tool: the tests run it with scaffold on three kinds of template, the script in
`benchmarks/` also with copier and cruft.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.factories import git
from tests.updating.worlds import LINES, SEEDED, Changes, Template, commit, edit

Ending = Literal["merged", "conflict", "refused", "nothing"]
Author = Callable[[Path], None]
Check = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """One situation: what the author did, what the template did, and what must be true then."""

    name: str
    template: Changes = field(default_factory=dict)
    author: Author = lambda _: None
    ending: Ending = "merged"
    check: Check = lambda _: None
    before: Changes = field(default_factory=dict)  # what version 1 has on top
    meddle: Callable[[Template], None] = lambda _: None
    questions: Mapping[str, str | None] = field(default_factory=dict)
    only: tuple[str, ...] = ("catalogue", "copier", "cookiecutter")
    commits: bool = True  # the author commits their work

    def happen(self, root: Path, template: Template) -> None:
        """What the author did in the project, and after that the template."""
        self.author(root)
        if self.commits:
            commit(root)
        if self.ending != "nothing":
            template.release(self.template, **self.questions)
        self.meddle(template)


def contents(root: Path, path: str) -> str:
    """A file as text, or a failed check if it is gone."""
    assert (root / path).is_file(), f"{path} is gone"
    return (root / path).read_bytes().decode()


def edits(*changes: tuple[str, str, str]) -> Author:
    """The author replaces texts in files."""

    def author(root: Path) -> None:
        for path, old, new in changes:
            edit(root, path, old, new)

    return author


def holds(path: str, *texts: str) -> Check:
    """All texts are in the file."""

    def check(root: Path) -> None:
        for text in texts:
            assert text in contents(root, path), f"{text!r} is not in {path}"

    return check


def is_gone(path: str) -> Check:
    def check(root: Path) -> None:
        assert not (root / path).exists(), f"{path} is there"

    return check


def all_of(*checks: Check) -> Check:
    def check(root: Path) -> None:
        for one in checks:
            one(root)

    return check


def writes(files: Mapping[str, str | bytes]) -> Author:
    def author(root: Path) -> None:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())

    return author


def moves(old: str, new: str, then: Author = lambda _: None) -> Author:
    def author(root: Path) -> None:
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (root / old).rename(root / new)
        then(root)

    return author


def removes(path: str) -> Author:
    return lambda root: (root / path).unlink()


def _lines(**numbers: str) -> str:
    """The twenty lines with some replaced: `_lines(n3="three")`."""
    lines = LINES.splitlines(keepends=True)
    for key, text in numbers.items():
        lines[int(key[1:]) - 1] = f"{text}\n"
    return "".join(lines)


def _squash(root: Path) -> None:
    """The author's whole history becomes one commit, and what pointed at the old one is gone."""
    for ref in git(root, "for-each-ref", "--format=%(refname)", "refs/scaffold/").split():
        git(root, "update-ref", "-d", ref)
    tree = git(root, "rev-parse", "HEAD^{tree}")
    new = git(root, "commit-tree", tree, "-m", "Everything")
    git(root, "reset", "--quiet", "--hard", new)
    git(root, "reflog", "expire", "--expire=now", "--all")
    git(root, "gc", "--quiet", "--prune=now")


def squashed(author: Author) -> Author:
    def act(root: Path) -> None:
        author(root)
        commit(root)
        _squash(root)

    return act


def _shallow(root: Path) -> None:
    """The project is a fresh clone of depth one."""
    origin = root.with_name(f"{root.name}-origin")
    root.rename(origin)
    git(origin.parent, "clone", "--quiet", "--depth=1", origin.as_uri(), root.name)


def _fresh_clone(root: Path) -> None:
    origin = root.with_name(f"{root.name}-origin")
    root.rename(origin)
    git(origin.parent, "clone", "--quiet", str(origin), root.name)


def _then(author: Author, act: Author) -> Author:
    def both(root: Path) -> None:
        author(root)
        commit(root)
        act(root)

    return both


def _merge_in_progress(root: Path) -> None:
    git(root, "switch", "--quiet", "--create", "other")
    edit(root, "letters.txt", "a\n", "A\n")
    commit(root)
    git(root, "switch", "--quiet", "-")
    git(root, "merge", "--quiet", "--no-commit", "--no-ff", "other")


def _submodule(root: Path) -> None:
    library = root.with_name("library")
    library.mkdir()
    git(library, "init", "--quiet", "--initial-branch=main")
    (library / "lib.txt").write_text("library\n", encoding="utf-8")
    commit(library)
    git(
        root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib"
    )


def _crlf(root: Path) -> None:
    (root / "numbers.txt").write_bytes(LINES.replace("\n", "\r\n").encode())


def _keeps_both_binaries(root: Path) -> None:
    """The author's bytes are in the work tree or in the index; nothing is half and half."""
    found = (root / "logo.bin").read_bytes()
    assert found == b"\0mine" * 50, "the author's picture is not there"


def _has_no_git(root: Path) -> None:
    shutil.rmtree(root / ".git")


MINE_3 = edits(("numbers.txt", "line 3\n", "mine 3\n"))

CASES = [
    Case(
        "both edited far apart",
        {"numbers.txt": _lines(n18="theirs 18")},
        MINE_3,
        check=holds("numbers.txt", "mine 3\n", "theirs 18\n"),
    ),
    Case(
        "adjacent lines",
        {"numbers.txt": _lines(n4="theirs 4")},
        MINE_3,
        ending="conflict",
        check=holds("numbers.txt", "mine 3\n", "theirs 4\n"),
    ),
    Case(
        "the same line",
        {"numbers.txt": _lines(n3="theirs 3")},
        MINE_3,
        ending="conflict",
        check=holds("numbers.txt", "mine 3\n", "theirs 3\n"),
    ),
    Case(
        "the same edit",
        {"numbers.txt": _lines(n3="mine 3")},
        MINE_3,
        check=lambda root: _equal(root, "numbers.txt", _lines(n3="mine 3")),
    ),
    Case(
        "author renamed a file that the template changes",
        {"numbers.txt": _lines(n18="theirs 18")},
        moves("numbers.txt", "digits.txt"),
        check=all_of(holds("digits.txt", "theirs 18\n", "line 3\n"), is_gone("numbers.txt")),
    ),
    Case(
        "author renamed and edited a file that the template changes",
        {"numbers.txt": _lines(n18="theirs 18")},
        moves("numbers.txt", "text/digits.txt", edits(("text/digits.txt", "line 3\n", "mine 3\n"))),
        check=all_of(holds("text/digits.txt", "theirs 18\n", "mine 3\n"), is_gone("numbers.txt")),
    ),
    Case(
        "author deleted a file that the template changes",
        {"numbers.txt": _lines(n18="theirs 18")},
        removes("numbers.txt"),
        check=is_gone("numbers.txt"),
    ),
    Case(
        "template deleted a file, untouched",
        {"src/old.py": None},
        MINE_3,
        check=all_of(is_gone("src/old.py"), holds("numbers.txt", "mine 3\n")),
    ),
    Case(
        "template deleted a file that the author edited",
        {"src/old.py": None},
        edits(("src/old.py", "OLD_3 = 3", "OLD_3 = 33")),
        ending="conflict",
        check=holds("src/old.py", "OLD_3 = 33"),
    ),
    Case(
        "template renamed a file that the author edited",
        {"src/old.py": None, "src/new.py": "".join(f"OLD_{n} = {n}\n" for n in range(12))},
        edits(("src/old.py", "OLD_3 = 3", "OLD_3 = 33")),
        check=all_of(is_gone("src/old.py"), holds("src/new.py", "OLD_3 = 33", "OLD_11 = 11")),
    ),
    Case(
        "history squashed, edits far apart",
        {"numbers.txt": _lines(n18="theirs 18")},
        squashed(MINE_3),
        check=holds("numbers.txt", "mine 3\n", "theirs 18\n"),
        commits=False,
    ),
    Case(
        "history squashed, the same line",
        {"numbers.txt": _lines(n3="theirs 3")},
        squashed(MINE_3),
        ending="conflict",
        check=holds("numbers.txt", "mine 3\n", "theirs 3\n"),
        commits=False,
    ),
    Case(
        "template history rewritten",
        {"numbers.txt": _lines(n18="theirs 18")},
        MINE_3,
        check=holds("numbers.txt", "mine 3\n", "theirs 18\n"),
        meddle=lambda template: template.forget(),
    ),
    Case(
        "shallow clone",
        {"numbers.txt": _lines(n18="theirs 18")},
        _then(MINE_3, _shallow),
        check=holds("numbers.txt", "mine 3\n", "theirs 18\n"),
        commits=False,
    ),
    Case(
        "fresh clone",
        {"numbers.txt": _lines(n18="theirs 18")},
        _then(MINE_3, _fresh_clone),
        check=holds("numbers.txt", "mine 3\n", "theirs 18\n"),
        commits=False,
    ),
    Case(
        "both histories gone",
        {"numbers.txt": _lines(n18="theirs 18")},
        squashed(MINE_3),
        ending="refused",
        check=holds("numbers.txt", "mine 3\n", "line 18\n"),
        meddle=lambda template: template.forget(),
        commits=False,
    ),
    Case(
        "no git repository",
        {"numbers.txt": _lines(n18="theirs 18")},
        _has_no_git,
        ending="refused",
        check=holds("numbers.txt", "line 18\n"),
        commits=False,
    ),
    Case(
        "dirty work tree",
        {"numbers.txt": _lines(n18="theirs 18")},
        MINE_3,
        ending="refused",
        check=holds("numbers.txt", "mine 3\n", "line 18\n"),
        commits=False,
    ),
    Case(
        "an unrelated untracked file",
        {"numbers.txt": _lines(n18="theirs 18")},
        writes({"scratch.txt": "mine\n"}),
        check=all_of(holds("scratch.txt", "mine\n"), holds("numbers.txt", "theirs 18\n")),
        commits=False,
    ),
    Case(
        "a binary file changed on both sides",
        {"logo.bin": b"\0theirs" * 50},
        writes({"logo.bin": b"\0mine" * 50}),
        ending="conflict",
        check=_keeps_both_binaries,
    ),
    Case(
        "a new question with a default",
        author=MINE_3,
        questions={"city": "London"},
        check=all_of(holds("answers.txt", "city: London"), holds("numbers.txt", "mine 3\n")),
    ),
    Case(
        "a new question without a default",
        author=MINE_3,
        questions={"city": None},
        ending="refused",
        check=holds("numbers.txt", "mine 3\n"),
    ),
    Case(
        "both added the same file",
        {"extra.txt": "theirs\n"},
        writes({"extra.txt": "mine\n"}),
        ending="conflict",
        check=holds("extra.txt", "mine\n"),
    ),
    Case(
        "nothing new",
        author=MINE_3,
        ending="nothing",
        check=holds("numbers.txt", "mine 3\n"),
    ),
    Case(
        "template adds a file",
        {"extra.txt": "theirs\n"},
        MINE_3,
        check=all_of(holds("extra.txt", "theirs\n"), holds("numbers.txt", "mine 3\n")),
    ),
    Case(
        "author's CRLF line ends",
        {"numbers.txt": _lines(n18="theirs 18")},
        _crlf,
        ending="conflict",
        check=holds("numbers.txt", "line 3\r\n", "theirs 18\n"),
    ),
    Case(
        "a committed .env that the template also brings",
        {".env": "KEY=theirs\n"},
        lambda root: (writes({".env": "KEY=secret\n"})(root), git(root, "add", "-f", ".env"))[0],
        ending="conflict",
        check=holds(".env", "KEY=secret\n"),
    ),
    Case(
        "an ignored, untracked .env that the template brings",
        {".env": "KEY=theirs\n", "extra.txt": "theirs\n"},
        writes({".env": "KEY=secret\n"}),
        check=all_of(
            lambda root: _equal(root, ".env", "KEY=secret\n"), holds("extra.txt", "theirs\n")
        ),
        commits=False,
    ),
    Case(
        "a file that only the author ignores and the template brings",
        {"local.cfg": "theirs\n"},
        writes({".git/info/exclude": "local.cfg\n", "local.cfg": "mine\n"}),
        ending="refused",
        check=lambda root: _equal(root, "local.cfg", "mine\n"),
        commits=False,
    ),
    Case(
        "a file that the template begins to ignore",
        {".gitignore": ".env\n*.log\nletters.txt\n", "letters.txt": "new\n"},
        edits(("numbers.txt", "line 3\n", "mine 3\n")),
        check=all_of(
            holds("letters.txt", "new\n"),
            holds("numbers.txt", "mine 3\n"),
            holds(".gitignore", "letters.txt\n"),
        ),
    ),
    Case(
        "a file that became a folder",
        {"letters.txt": None, "letters.txt/a.txt": "a\n"},
        MINE_3,
        check=all_of(holds("letters.txt/a.txt", "a\n"), holds("numbers.txt", "mine 3\n")),
    ),
    Case(
        "an edited file that became a folder",
        {"letters.txt": None, "letters.txt/a.txt": "a\n"},
        edits(("letters.txt", "b\n", "mine b\n")),
        ending="conflict",
        check=lambda root: _somewhere(root, "mine b\n"),
    ),
    Case(
        "a seeded file that both changed",
        {SEEDED: "# Notes\n\nTheirs, all new.\n", "letters.txt": "z\n"},
        edits((SEEDED, "Yours to write.", "My own words.")),
        check=all_of(
            lambda root: _equal(root, SEEDED, "# Notes\n\nMy own words.\n"),
            holds("letters.txt", "z\n"),
        ),
    ),
    Case(
        "a merge already in progress",
        {"numbers.txt": _lines(n18="theirs 18")},
        _merge_in_progress,
        ending="refused",
        check=all_of(holds("letters.txt", "A\n"), holds("numbers.txt", "line 18\n")),
        commits=False,
    ),
    Case(
        "detached HEAD",
        {"numbers.txt": _lines(n18="theirs 18")},
        _then(MINE_3, lambda root: _ignore(git(root, "switch", "--quiet", "--detach"))),
        check=holds("numbers.txt", "mine 3\n", "theirs 18\n"),
        commits=False,
    ),
    Case(
        "a branch other than main",
        {"numbers.txt": _lines(n18="theirs 18")},
        _then(MINE_3, lambda root: _ignore(git(root, "switch", "--quiet", "--create", "work"))),
        check=holds("numbers.txt", "mine 3\n", "theirs 18\n"),
        commits=False,
    ),
    Case(
        "a submodule",
        {"numbers.txt": _lines(n18="theirs 18")},
        _submodule,
        check=all_of(holds("lib/lib.txt", "library\n"), holds("numbers.txt", "theirs 18\n")),
    ),
    Case(
        "file names with spaces and letters of any language",
        {"docs/zwei Wörter — да.md": _lines(n18="theirs 18")},
        edits(("docs/zwei Wörter — да.md", "line 3\n", "mine 3\n")),
        before={"docs/zwei Wörter — да.md": LINES},
        check=holds("docs/zwei Wörter — да.md", "mine 3\n", "theirs 18\n"),
    ),
    Case(
        "a file name with a newline",
        {"odd\nname.txt": _lines(n18="theirs 18")},
        edits(("odd\nname.txt", "line 3\n", "mine 3\n")),
        before={"odd\nname.txt": LINES},
        check=holds("odd\nname.txt", "mine 3\n", "theirs 18\n"),
        only=("copier", "cookiecutter"),  # our own catalogue refuses such names
    ),
    Case(
        "an author's file name with a newline",
        {"numbers.txt": _lines(n18="theirs 18")},
        writes({"my\nfile.txt": "mine\n"}),
        check=all_of(holds("my\nfile.txt", "mine\n"), holds("numbers.txt", "theirs 18\n")),
    ),
    Case(
        "300 files",
        {f"many/f{n}.txt": f"{n}\n" * 5 + "theirs\n" for n in range(300)},
        edits(("many/f7.txt", "7\n7\n7\n7\n7\n", "mine\n7\n7\n7\n7\n")),
        before={f"many/f{n}.txt": f"{n}\n" * 5 + "old\n" for n in range(300)},
        check=all_of(
            holds("many/f7.txt", "mine\n", "theirs\n"), holds("many/f299.txt", "theirs\n")
        ),
    ),
]


def _equal(root: Path, path: str, text: str) -> None:
    assert contents(root, path) == text


def _somewhere(root: Path, text: str) -> None:
    """A text is in some file of the work tree, wherever git put it."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    assert any(text.encode() in file.read_bytes() for file in files), f"{text!r} is lost"


def _ignore(_: object) -> None:
    """For an action whose result says nothing."""
