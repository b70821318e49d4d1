"""`scaffold site`: one portfolio page out of many projects, and the way online."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold import git
from scaffold.errors import NotAProject, UnknownName
from scaffold.naming import slug_of
from scaffold.publishing.github import Forge, Server, take_token
from scaffold.publishing.steps import (
    SITE_STEPS,
    Outcome,
    Publication,
    Workplace,
    address_of,
    carry_out,
    standing,
)
from scaffold.reporter import SILENT, Reporter
from scaffold.site import folder, portfolio
from scaffold.site.portfolio import Portfolio

if TYPE_CHECKING:
    from scaffold.results import Results
    from scaffold.site.entry import Entry

READERS = 8  # at once: reading a project is waiting for git, mostly
DESCRIPTION = "Portfolio of"


@dataclass(frozen=True)
class Online:
    """Where the site stands on the forge, and what each step did."""

    repository: str
    address: str
    pages: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Built:
    """What the site shows, how large it is, and what its author should know."""

    folder: Path
    entries: tuple[Entry, ...]
    changed: bool
    text_bytes: int  # pages, style and script
    figure_bytes: int
    demo_bytes: int
    notes: tuple[str, ...]
    online: Online | None = None


def build(
    folders: Sequence[Path],
    output: Path,
    about: Path | None = None,
    *,
    address: str = "",
    reporter: Reporter = SILENT,
) -> Built:
    """Read the projects and write the site; `address` is where it will stand, if known."""
    from scaffold.site import pages

    folder.check(output)
    shown, notes = _portfolio(about)
    if not shown.address:
        shown = dataclasses.replace(shown, address=address)
        notes += [] if address else ["Without `address` in portfolio.toml there is no sitemap."]
    roots = find_projects(folders)
    reporter.progress(f"reading {len(roots)} projects")
    entries = _in_order(_read(roots), shown.order)
    files = pages.make(shown, entries)
    changed = folder.write(output, files)
    pictures = {picture.place for entry in entries for picture in entry.pictures}
    demos = {place for entry in entries for place, _ in entry.demo_files}

    def size_of(places: Iterable[str]) -> int:
        return sum(len(files[place]) for place in places)

    return Built(
        folder=output,
        entries=tuple(entries),
        changed=changed,
        text_bytes=size_of(files.keys() - pictures - demos),
        figure_bytes=size_of(pictures),
        demo_bytes=size_of(demos),
        notes=tuple(notes),
    )


def publish(
    folders: Sequence[Path],
    output: Path,
    about: Path | None = None,
    *,
    dry_run: bool = False,
    reporter: Reporter = SILENT,
) -> Built:
    """Build the site, commit it in its folder and bring it to `<user>.github.io`."""
    server = Server.from_environment()
    folder.check(output)
    token = take_token(server, Path.cwd(), dry_run=dry_run)
    with closing(Forge(server, token, reporter)) as forge:
        owner = forge.viewer
        name = f"{owner.lower()}.github.io"
        with _rehearsal(output) if dry_run else nullcontext(output) as place:
            address = server.pages(owner, name)
            built = build(folders, place, about, address=address, reporter=reporter)
            repository = commit(place, len(built.entries))
            at = Workplace(_publication(repository, server, owner, name), repository, forge)
            reporter.message(at.announcement)
            outcomes = carry_out(SITE_STEPS, at, reporter, dry_run=dry_run)
            online = Online(at.full_name, at.web_address, at.pages_address, tuple(outcomes))
    return dataclasses.replace(built, folder=output, online=online)


def find_projects(folders: Sequence[Path]) -> list[Path]:
    """The folders that are projects, and the projects directly beneath those that are not."""
    from scaffold.site.entry import is_project

    found: list[Path] = []
    for given in folders:
        root = given.resolve()
        if not root.is_dir():
            raise NotAProject(f"{given} is not a folder.", "Give the folders of projects.")
        beneath = [root] if is_project(root) else sorted(filter(is_project, root.iterdir()))
        if not beneath:
            raise NotAProject(
                f"{given} is no project made by scaffold, and holds none.",
                "Give the folders of projects, or the folder that they lie in.",
            )
        found += beneath
    return list(dict.fromkeys(found))


def commit(place: Path, projects: int) -> git.Repository:
    """Commit what the site consists of, in a repository of its own; other files are not touched."""
    if not (place / ".git").exists():
        git.Repository.init(place)
    repository = git.Repository.open(place)
    ours = [folder.MARKER, *folder.check(place)]
    repository.run("add", "--update")
    repository.run(
        "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul",
        stdin="\0".join(f":(literal){path}" for path in sorted(ours)),
    )  # fmt: skip
    tree = repository.run("write-tree")
    parents: tuple[str, ...] = ()
    if repository.has_commits():
        if repository.tree_of("HEAD") == tree:
            return repository
        parents = ("-p", repository.resolve("HEAD"))
    message = f"Show {_projects(projects)}"
    who = git.environment_of(git.identity(place))
    made = repository.run("commit-tree", tree, *parents, "-m", message, env=who)
    repository.run("update-ref", "-m", message, "HEAD", made)
    return repository


def as_dict(built: Built) -> dict[str, Any]:
    """For `--json`."""
    return {
        "folder": str(built.folder),
        "changed": built.changed,
        "text_bytes": built.text_bytes,
        "figure_bytes": built.figure_bytes,
        "demo_bytes": built.demo_bytes,
        "notes": list(built.notes),
        "projects": [
            {
                "path": str(entry.root),
                "name": entry.name,
                "page": entry.page,
                "state": entry.state,
                "result": _result(entry.result) if entry.result else None,
                "code": entry.code,
                "demo": entry.demo,
                "unwritten": list(entry.unwritten),
                "notes": list(entry.notes),
            }
            for entry in built.entries
        ],
        "published": dataclasses.asdict(built.online) if built.online else None,
    }


def as_text(built: Built) -> str:
    """For a terminal: what was made, what is not shown and why, and where it stands."""
    measured = sum(entry.result is not None for entry in built.entries)
    count = len(built.entries)
    parts = [
        f"{built.text_bytes / 1000:,.0f} kB",
        f"{built.figure_bytes / 1000:,.0f} kB of figures",
    ]
    if built.demo_bytes:
        parts.append(f"{built.demo_bytes / 1000:,.0f} kB of demos")
    sizes = f"{', '.join(parts[:-1])}, and {parts[-1]}"
    lines = [f"{_projects(count)}, {measured} with a measured result: {sizes}."]
    for entry in built.entries:
        told = list(entry.notes)
        if entry.unwritten:
            told.append(f"not yet written, so left out: {', '.join(entry.unwritten)}")
        lines += [f"  {entry.name}: {text}" for text in told]
    lines += [f"Note: {note}" for note in built.notes]
    return "\n".join([*lines, *_place_of(built)])


def _result(found: Results) -> dict[str, Any]:
    """A result without the whole file that it was read from."""
    values = {key: value for key, value in vars(found).items() if key != "file"}
    return {**values, "verdict": found.verdict}


def _projects(count: int) -> str:
    return f"{count} project{'' if count == 1 else 's'}"


def _place_of(built: Built) -> list[str]:
    online = built.online
    if online is None:
        return [f"{'Written' if built.changed else 'Unchanged'}: {built.folder / 'index.html'}"]
    return standing(online.repository, online.outcomes, (online.address, online.pages))


def _portfolio(about: Path | None) -> tuple[Portfolio, list[str]]:
    path = about or Path(portfolio.FILE)
    if about is not None or path.is_file():
        return Portfolio.read(path), []
    example = "\n".join(f"  {line}" for line in portfolio.EXAMPLE.splitlines())
    note = f"There is no {portfolio.FILE} here. To say who you are, write one, such as:\n{example}"
    return Portfolio.of_nobody(Path.cwd()), [note]


def _read(roots: Sequence[Path]) -> list[Entry]:
    """Every project, under names that differ."""
    from scaffold.site import entry

    slugs: list[str] = []
    for root in roots:
        base = slug_of(root.name)
        slug, number = base, 1
        while slug in slugs:
            number += 1
            slug = f"{base}-{number}"
        slugs.append(slug)
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(entry.read, roots, slugs))


def _in_order(entries: Sequence[Entry], order: Sequence[str]) -> list[Entry]:
    """Those that `order` names first, as it names them, then the others as they were given."""
    names = [entry.name for entry in entries]
    for name in order:
        if name not in names:
            raise UnknownName("project in `order` of portfolio.toml", name, names)
    last = len(order)
    rank = {name: place for place, name in reversed(list(enumerate(order)))}
    return sorted(entries, key=lambda entry: rank.get(entry.name, last))


def _publication(repository: git.Repository, server: Server, owner: str, name: str) -> Publication:
    place = (server.host, owner.lower(), name.lower())
    leading = (
        remote
        for remote, address in repository.remotes().items()
        if (found := address_of(address)) and (found[0], *map(str.lower, found[1:])) == place
    )
    return Publication(
        owner=owner,
        name=name,
        branch=repository.branch() or git.BRANCH,
        remote=next(leading, None),
        description=f"{DESCRIPTION} {owner}: machine-learning projects with their measured results",
        beginnings=(DESCRIPTION,),
        topics=("portfolio", "machine-learning"),
        pages=True,
        elsewhere=(
            f"If it is your site, clone it and write into the clone:\n"
            f"  git clone {server.address(owner, name)} site"
        ),
    )


@contextmanager
def _rehearsal(output: Path) -> Iterator[Path]:
    """A copy of the site's folder to try everything on."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        copy = Path(name) / "site"
        if output.is_dir():
            shutil.copytree(output, copy, symlinks=True)
        yield copy
