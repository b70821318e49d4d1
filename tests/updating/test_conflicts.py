"""Each command that an update advises is run, and does what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaffold.git import Identity, Repository
from scaffold.updating import apply, conflicts, pristine
from scaffold.updating.conflicts import Conflict
from tests.conftest import Called
from tests.factories import git, write_files
from tests.updating.worlds import LINES, Template, commit

ADA = Identity("Ada", "ada@example.com")
Side = Callable[[Path], None]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands are run by a Unix shell")


def writes(path: str, contents: str | bytes) -> Side:
    return lambda root: (write_files(root, {path: contents}), None)[1]


def removes(path: str) -> Side:
    return lambda root: (root / path).unlink()


def moves(old: str, new: str) -> Side:
    return lambda root: ((root / old).rename(root / new), None)[1]


def links(path: str, target: str) -> Side:
    def side(root: Path) -> None:
        (root / path).unlink(missing_ok=True)
        (root / path).symlink_to(target)

    return side


def becomes_folder(path: str) -> Side:
    def side(root: Path) -> None:
        (root / path).unlink()
        write_files(root, {f"{path}/inside.txt": "inside\n"})

    return side


def adds_executable(path: str, contents: str) -> Side:
    def side(root: Path) -> None:
        write_files(root, {path: contents})
        (root / path).chmod(0o755)

    return side


def submodule(commit: str | None) -> Side:
    """A submodule at `lib`, at a commit of another repository that is not here."""

    def side(root: Path) -> None:
        if commit is None:
            git(root, "rm", "--quiet", "--cached", "lib")
        else:
            git(root, "update-index", "--add", "--cacheinfo", f"160000,{commit},lib")

    return side


def odd_paths(path: str) -> Side:
    """A path with letters that shells and git's patterns read, beside what they would match."""
    return lambda root: (write_files(root, {path: LINES, "a1b": LINES, "-n": "n"}), None)[1]


def one(character: str) -> str:
    return character * 40


@dataclass(frozen=True)
class Kind:
    """One kind of conflict, and what each way out leaves at each path: None is no file there."""

    name: str
    yours: Side
    template: Side
    ways: dict[str, dict[str, str | None]]
    before: Side = lambda root: writes("f.txt", LINES)(root)
    says: str = ""  # of the first path


MINE, THEIRS = LINES.replace("line 3\n", "mine\n"), LINES.replace("line 3\n", "theirs\n")
FREE = "<<<<<<<"  # whatever the author makes of the markers

KINDS = [
    Kind(
        "both changed the same lines",
        writes("f.txt", MINE),
        writes("f.txt", THEIRS),
        {"f.txt": {"settle": FREE, "yours": MINE, "the template's": THEIRS}},
        says="both changed it; its markers show",
    ),
    Kind(
        "you changed what the template removed",
        writes("f.txt", MINE),
        removes("f.txt"),
        {"f.txt": {"keep": MINE, "let it go": None}},
        says="you changed it, the template removed it",
    ),
    Kind(
        "both added",
        writes("new.txt", "mine\n"),
        writes("new.txt", "theirs\n"),
        {"new.txt": {"settle": FREE, "yours": "mine\n", "the template's": "theirs\n"}},
        says="both added it; its markers show",
    ),
    Kind(
        "both added with another mode",
        writes("run.sh", "echo\n"),
        adds_executable("run.sh", "echo\n"),
        {"run.sh": {"yours": "100644 echo\n", "the template's": "100755 echo\n"}},
        says="with another mode each",
    ),
    Kind(
        "a picture",
        writes("f.bin", b"\0mine"),
        writes("f.bin", b"\0theirs"),
        {"f.bin": {"yours": "\0mine", "the template's": "\0theirs"}},
        before=writes("f.bin", b"\0before"),
        says="it has no lines to merge; here lies yours",
    ),
    Kind(
        "a link",
        links("link", "mine"),
        links("link", "theirs"),
        {"link": {"yours": "120000 mine", "the template's": "120000 theirs"}},
        before=links("link", "before"),
    ),
    Kind(
        "you moved what the template removed",
        moves("f.txt", "moved.txt"),
        removes("f.txt"),
        {"moved.txt": {"keep": LINES, "let it go": None}},
        says="you moved it, the template removed it",
    ),
    Kind(
        "both moved it, to two names",
        moves("f.txt", "mine.txt"),
        moves("f.txt", "theirs.txt"),
        {
            "f.txt": {"the old name goes": None},
            "mine.txt": {"keep": LINES, "let it go": None},
            "theirs.txt": {"take": LINES, "leave it out": None},
        },
        says="you moved it to one name, the template to another",
    ),
    Kind(
        "your file, where the template has a folder",
        writes("f.txt", MINE),
        becomes_folder("f.txt"),
        {"f.txt~yours": {"keep": MINE, "let it go": None}},
        says="your file, put aside",
    ),
    Kind(
        "your folder, where the template has a file",
        becomes_folder("f.txt"),
        writes("f.txt", THEIRS),
        {"f.txt~template": {"take": THEIRS, "leave it out": None}},
        says="the template's file, put aside",
    ),
    Kind(
        "you made it a link",
        links("f.txt", "elsewhere"),
        writes("f.txt", THEIRS),
        {
            "f.txt": {"keep": "120000 elsewhere", "let it go": None},
            "f.txt~template": {"take": THEIRS, "leave it out": None},
        },
        says="the template has another kind of file there",
    ),
    Kind(
        "a submodule at two commits",
        submodule(one("b")),
        submodule(one("c")),
        {"lib": {"yours": f"160000 {one('b')}", "the template's": f"160000 {one('c')}"}},
        before=submodule(one("a")),
        says="a submodule that the two sides changed differently",
    ),
    Kind(
        "a submodule that the template removed",
        submodule(one("b")),
        submodule(None),
        {"lib": {"yours": f"160000 {one('b')}", "the template's": None}},
        before=submodule(one("a")),
    ),
    *(
        Kind(
            f"a path like {path!r}",
            writes(path, MINE),
            removes(path),
            {path: {"keep": MINE, "let it go": None}},
            before=odd_paths(path),
        )
        for path in ("with space/$x.txt", "a*b", 'it\'s "so"', "new\nline", "-f", "Ünï\\x", ":!x")
    ),
]


@dataclass(frozen=True)
class Open:
    """A project in which an update has left conflicts."""

    root: Path
    found: tuple[Conflict, ...]


@pytest.fixture
def left(request: pytest.FixtureRequest, tmp_path: Path, identity: None) -> Open:
    kind: Kind = request.param
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    write_files(root, {"other.txt": "other\n"})
    commits: list[str] = []
    for side in (kind.before, kind.template, kind.yours):
        if commits:
            git(root, "switch", "--quiet", "--detach", commits[0])
        side(root)
        git(root, "add", "--all", ":!lib")
        git(root, "commit", "--quiet", "--message", "side")
        commits.append(git(root, "rev-parse", "HEAD"))
    base, new, head = commits
    git(root, "switch", "--quiet", "--force-create", "main", head)
    repository = Repository.open(root)
    merged = pristine.merge(repository, head, base, new, ADA)
    prepared = pristine.commit_tree(repository, merged.tree, (head, new), "Update", ADA)
    apply.land(repository, prepared, merged, commit=True)
    return Open(root, conflicts.of(repository, merged))


def staged(root: Path, path: str) -> str | None:
    """What the index holds at a path: contents, with their mode where it is no plain file's."""
    entry = git(root, "--literal-pathspecs", "ls-files", "--stage", "-z", "--", path)
    if not entry:
        return None
    mode, blob, stage = entry.split("\t")[0].split()
    assert stage == "0", "it is settled"
    if mode == "160000":
        return f"{mode} {blob}"
    shown = ["git", "cat-file", "blob", blob]
    text = subprocess.run(shown, cwd=root, capture_output=True, check=True).stdout.decode()
    return text if mode == "100644" else f"{mode} {text}"


@pytest.mark.parametrize(
    ("left", "kind"),
    [pytest.param(kind, kind, id=kind.name.encode("unicode_escape").decode()) for kind in KINDS],
    indirect=["left"],
)
def test_each_advised_command_does_what_it_says(left: Open, kind: Kind, tmp_path: Path) -> None:
    assert {found.path for found in left.found} == set(kind.ways)
    assert kind.says in left.found[0].what
    for number, found in enumerate(left.found):
        wanted = kind.ways[found.path]
        assert len(found.ways) == len(wanted)
        for way, (means, contents) in zip(found.ways, wanted.items(), strict=True):
            assert way.means.startswith(means)
            root = tmp_path / f"copy-{number}-{way.means[:5]}"
            shutil.copytree(left.root, root, symlinks=True)
            run(root, way.command)
            here = staged(root, found.path)
            assert (FREE in (here or "")) if contents == FREE else _plain(here) == _plain(contents)
            on_disk = os.path.lexists(root / found.path)
            assert on_disk == (contents is not None) or "160000" in str(here) or found.path == "lib"
            for other in left.found:
                if other != found:
                    run(root, other.ways[0].command)
            git(root, "commit", "--quiet", "--no-edit")
            assert git(root, "ls-files", "--unmerged") == ""
            assert git(root, "show", "HEAD:other.txt") == "other"


def _plain(contents: str | None) -> str | None:
    return contents.removeprefix("100644 ") if contents else contents


def run(root: Path, command: str) -> None:
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"


def test_the_update_says_per_file_who_did_what_and_never_to_add_everything(
    template: Template, make: Callable[[], Path], root: Path, scaffold: Callable[..., Called]
) -> None:
    template.release()
    make()
    write_files(root, {"numbers.txt": MINE, "letters.txt": "mine\n"})
    commit(root)
    template.release({"numbers.txt": THEIRS, "letters.txt": None})

    called = scaffold("update", root, "--yes")

    assert called.code == 4
    assert "letters.txt: you changed it, the template removed it\n" in called.out
    assert "keep yours  git add -- letters.txt\n" in called.out
    assert "let it go   git rm -- letters.txt\n" in called.out
    assert "numbers.txt: both changed it; its markers show yours, before and" in called.out
    assert f"The commands are for {root}." in called.out
    assert "git add ." not in called.out
    git(root, "merge", "--abort")
    assert "letters.txt: you changed it, the template removed it" in scaffold("diff", root).err
