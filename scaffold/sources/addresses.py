"""SOURCE, as one writes it on the command line, to one version of a template on this machine.

spam-detector                    the catalogue
./templates/churn                a folder; of a git repository: its newest version
https://host/owner/name          a git repository, also git@host:owner/name
gh:owner/name   gl:owner/name    one on GitHub or GitLab
gh:owner/name#folder/inside      one of several templates in a repository
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold import __version__, catalogue, git, remembered
from scaffold.engines import CATALOGUE, Source, ask_engine
from scaffold.engines.layers import TEMPLATE_FILE, layers_of, metadata_of
from scaffold.engines.limits import Limits, sizes
from scaffold.errors import (
    DestinationRefused,
    GitError,
    LimitReached,
    SourceUnreachable,
    TemplateError,
    UsageError,
)
from scaffold.plain import without_password
from scaffold.sources import trust
from scaffold.staging import remove_if_older, staged, workshop

if TYPE_CHECKING:
    from packaging.version import Version as Number

_HOSTS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
_LONGEST_FETCH = 24 * 3600
_UNUSED = 180 * 24 * 3600  # each use of a copy makes it young again
_MARKERS = {
    "copier.yml": "copier",
    "copier.yaml": "copier",
    "cookiecutter.json": "cookiecutter",
    TEMPLATE_FILE: "layers",
}


@dataclass(frozen=True)
class Address:
    """A source taken apart: where, and which folder in there."""

    location: str  # "catalogue", a git URL, or an absolute path
    subfolder: str = ""  # the template's name, in the catalogue
    is_url: bool = False

    @classmethod
    def parse(cls, text: str) -> Address:
        if text in catalogue.names():
            return cls(CATALOGUE, text)
        if text.startswith(f"{CATALOGUE}:"):
            return cls(CATALOGUE, text.partition(":")[2])
        place, _, inside = text.partition("#")
        if Path(text).is_dir():
            place, inside = text, ""
        inside = inside.strip("/")
        if ".." in inside.split("/"):
            raise UsageError(f"{inside!r} would leave the repository.", "Name a folder inside it.")
        for short, host in _HOSTS.items():
            if place.startswith(short):
                name = place.removeprefix(short).strip("/").removesuffix(".git")
                return cls(f"{host}{name}.git", inside, is_url=True)
        if re.match(r"[a-z+]+://", place) or re.match(r"[^/\\]+@[^/\\:]+:", place):
            return cls(without_password(place.removeprefix("git+")), inside, is_url=True)
        folder = Path(place).expanduser()
        if not folder.is_dir():
            if re.search(r"[/\\~]|^\.", place):
                raise UsageError(f"There is no folder {place}.", "Give a template's folder or URL.")
            catalogue.source(place)  # raises with the nearest names
        return _of_folder(folder.resolve(), inside)


@dataclass(frozen=True)
class Version:
    """One state of a template's repository; all empty for a folder that is none."""

    label: str = ""
    commit: str = ""
    branch: str = ""  # asked for by name: updates follow it


def resolve(text: str, ref: str = "", *, trusted: bool = False, engine: str = "") -> Source:
    """The source that a text names, at `ref` or its newest version."""
    address = Address.parse(text)
    if address.location == CATALOGUE:
        return _of_catalogue(address.subfolder, ref)
    return open_version(address, ref, trusted=trusted, engine=engine)


def open_version(
    address: Address,
    ref: str = "",
    *,
    trusted: bool = False,
    engine: str = "",
    version: Version | None = None,
) -> Source:
    """A template from elsewhere, checked out at `ref`, a known `version` or its newest one."""
    version, top = _check_out(address, ref, trusted=trusted, known=version)
    source = _recognise(address, version, top, trusted=trusted, engine=engine)
    if source.kind.ours:
        metadata_of(source.folder, source.roots, strict=True)
    return source


def recorded(
    address: Address, version: Version, *, engine: str, layers: str = "", trusted: bool = False
) -> Source:
    """A template as it was at a recorded version; GitError or TemplateError where it is gone."""
    if address.location == CATALOGUE:
        earlier = catalogue.source(address.subfolder, _catalogue_of(version.label))
        return replace(earlier, version=version.label)
    if not version.commit:
        raise TemplateError(
            f"{address.location} keeps no history, so version {version.label} is not to be had."
        )
    found, top = _check_out(address, version.commit, trusted=trusted)
    found = replace(found, label=version.label)
    source = _recognise(address, found, top, trusted=trusted, engine=engine)
    if not layers or layers == __version__:
        return source
    roots = (*source.roots[:-1], _catalogue_of(layers))
    metadata = metadata_of(source.folder, roots)
    return replace(source, roots=roots, layers=layers, metadata=metadata)


def newest(address: Address, branch: str = "") -> Version:
    """The version that an update would go to: the branch's, else the newest tag's."""
    if address.location == CATALOGUE:
        return Version(__version__)
    repository = _repository(address)
    if repository is None:
        folder = Path(address.location) / address.subfolder
        if not trust.is_trusted(address.location):
            Limits.read().check(address.location, sizes(folder))
        return Version(_digest(folder))
    return _version(repository, address, branch)


def find(address: Address, ref: str) -> Version:
    """A tag, a commit, or what `git describe` said of one, in a template's repository."""
    repository = _repository(address)
    if repository is None:
        raise TemplateError(f"{address.location} keeps no history.")
    described = re.fullmatch(r".+-\d+-g([0-9a-f]+)", ref)
    return _version(repository, address, described[1] if described else ref)


def is_ahead(address: Address, commit: str, other: str) -> bool:
    """Whether a template's commit already has another one in its history."""
    repository = _repository(address)
    return repository is not None and repository.contains(commit, other)


def fetch(address: Address) -> None:
    """Bring our copy of a remote repository up to date."""
    _repository(address)


def use_workshop(folder: Path) -> None:
    """Check templates out under a folder that somebody else removes, from copies made just now."""
    _workshop.cache_clear()
    _shared.append(folder)


_shared: list[Path] = []


def _of_folder(folder: Path, inside: str) -> Address:
    top = git.top_of(folder)
    if top is None or (top != folder and not git.is_tracked(folder)):
        return Address(str(folder), inside)
    above = folder.relative_to(top).as_posix() if top != folder else ""
    return Address(str(top), "/".join(part for part in (above, inside) if part))


def _of_catalogue(name: str, ref: str) -> Source:
    source = catalogue.source(name)
    if ref:
        raise UsageError(
            f"{name} comes with this version of scaffold ({source.version}); --ref has no meaning.",
            "Leave --ref out; another version of scaffold brings other versions of its templates.",
        )
    return source


def _catalogue_of(version: str) -> Path:
    """The folder of the catalogue as a release of this package had it."""
    from scaffold.sources import history

    if version == __version__:
        return catalogue.root()
    return history.unpack(version, _workshop())


def _check_out(
    address: Address, ref: str, *, trusted: bool, known: Version | None = None
) -> tuple[Version, Path]:
    free = trusted or trust.is_trusted(address.location)
    repository = _repository(address)
    if repository is None:
        folder = Path(address.location)
        if ref:
            raise UsageError(f"{folder} is not a git repository; --ref has no meaning there.")
        if not free:
            Limits.read().check(address.location, sizes(folder / address.subfolder))
        return Version(_digest(folder / address.subfolder)), folder
    try:
        return _at(repository, address, ref, free=free, known=known)
    except (GitError, TemplateError) as error:
        refused = isinstance(error, LimitReached)  # whatever a whole copy would hold
        if refused or not address.is_url or repository.is_whole():
            raise
    return _at(_copy_anew(address.location), address, ref, free=free)


def _at(
    repository: git.Bare, address: Address, ref: str, *, free: bool, known: Version | None = None
) -> tuple[Version, Path]:
    """A version, checked out; LimitReached if it is larger than one that is not `free` may be."""
    version = known or _version(repository, address, ref)
    if not free:
        Limits.read().check(address.location, repository.sizes(version.commit))
    top = _checkout(repository, version.commit, address.location)
    if not free and (top / ".gitmodules").exists():
        Limits.read().check(address.location, sizes(top))
    return version, top


@cache
def _checkout(repository: git.Bare, commit: str, url: str) -> Path:
    key = hashlib.sha256(url.encode()).hexdigest()[:8]
    folder = Path(tempfile.mkdtemp(prefix=f"{key}-", dir=_workshop())) / "template"
    repository.check_out(commit, folder, url)
    return folder


def _repository(address: Address) -> git.Bare | None:
    """Where a template's history can be read; None: it has none."""
    if address.is_url:
        return _copy(address.location)
    folder = Path(address.location)
    if not folder.is_dir():
        raise SourceUnreachable(address.location, "There is no such folder.")
    if folder not in _histories and git.top_of(folder) == folder:
        _histories[folder] = git.Bare(folder)
    return _histories.get(folder)


_histories: dict[Path, git.Bare] = {}  # folders whose own history was seen in this run


@cache
def _copy(url: str) -> git.Bare:
    """Our copy of a remote repository, brought up to date once a run."""
    folder = _place_of(url)
    if _shared and (folder / "HEAD").exists():
        return git.Bare(folder)
    _clear_cache(folder.parent)
    if (folder / "HEAD").exists():
        try:
            git.bring_up_to_date(git.Bare(folder), url)
        except git.FetchTooLarge as error:
            raise SourceUnreachable(url, error.message) from error
        except GitError:
            return _copy_anew(url)  # it is damaged, or the address does not answer
        os.utime(folder)
        return git.Bare(folder)
    return _copy_anew(url)


def _copy_anew(url: str) -> git.Bare:
    """Our copy of a remote repository, made beside an older one and put into its place."""
    folder = _place_of(url)
    folder.parent.mkdir(parents=True, exist_ok=True)
    damaged = folder.exists()
    try:
        with staged(folder) as new:
            git.mirror(url, new)
            if damaged:
                folder.rename(new.with_name("damaged"))
    except GitError as error:
        raise SourceUnreachable(url, error.message) from error
    except DestinationRefused:
        if not (folder / "HEAD").exists():  # else another process was faster
            raise
    return git.Bare(folder)


def _place_of(url: str) -> Path:
    return remembered.cache("sources") / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.git"


def _clear_cache(cache: Path) -> None:
    """Remove copies that were never finished, and those of templates that nobody uses any more."""
    for folder in cache.glob("*.git-*"):
        remove_if_older(folder, _LONGEST_FETCH)
    for folder in cache.glob("*.git"):
        remove_if_older(folder, _UNUSED)


def _version(repository: git.Bare, address: Address, ref: str) -> Version:
    if not ref:
        ref = _newest_tag(repository.tags())
    if not ref:
        (commit,) = repository.commits(_branch(address, "HEAD"))
        if not commit:
            raise TemplateError(f"{address.location} has no commits.")
        return Version(repository.describe(commit), commit)
    tag, branch, itself = repository.commits(f"refs/tags/{ref}", _branch(address, ref), ref)
    if tag:
        return Version(ref, tag)
    if branch:
        return Version(repository.describe(branch), branch, branch=ref)
    if re.fullmatch(r"[0-9a-f]{4,64}", ref):
        if not itself and address.is_url:
            git.fetch_commit(repository, address.location, ref)
            (itself,) = repository.commits(ref)
        if itself:
            return Version(repository.describe(itself), itself)
    raise TemplateError(
        f"{address.location} has no tag, branch or commit called {ref!r}.",
        _known_tags(repository.tags()),
    )


def _branch(address: Address, name: str) -> str:
    """The full name of a branch; `HEAD` is the one that the repository shows first."""
    if name != "HEAD":
        return f"refs/heads/{name}"
    return git.default_branch(address.location) if address.is_url else "HEAD"


def _newest_tag(tags: Iterable[str]) -> str:
    """The highest tag that is a released version, "" if there is none."""
    versions = _by_version(tags)
    return next((tag for tag, number in versions if number and not number.is_prerelease), "")


def _known_tags(tags: Iterable[str]) -> str:
    newest = [tag for tag, _ in _by_version(tags)][:5]
    return f"Its newest tags: {', '.join(newest)}." if newest else "It has no tags."


def _by_version(tags: Iterable[str]) -> list[tuple[str, Number | None]]:
    """Tags with the versions that they name, the newest first; those that name none come last."""
    from packaging.version import InvalidVersion
    from packaging.version import Version as Number

    numbers: list[tuple[str, Number]] = []
    others: list[tuple[str, Number | None]] = []
    for tag in tags:
        try:
            numbers.append((tag, Number(tag)))
        except InvalidVersion:
            others.append((tag, None))
    return [*sorted(numbers, key=lambda pair: pair[1], reverse=True), *others]


def _recognise(
    address: Address, version: Version, top: Path, *, trusted: bool, engine: str
) -> Source:
    """What kind of template lies there, by its marker file."""
    folder = top / address.subfolder
    kinds = [kind for name, kind in _MARKERS.items() if (folder / name).is_file()]
    if not kinds and (found := _named(top, address.subfolder)):
        folder, kinds = found, ["layers"]
    if engine and engine not in kinds:
        kinds = []
    if not kinds:
        raise _not_a_template(address, folder)
    engine = engine or kinds[0]
    source = Source(
        template=_name(address, folder, top),
        folder=folder,
        location=address.location,
        engine=engine,
        version=version.label,
        ref=version.branch,
        commit=version.commit,
        subfolder=address.subfolder,
        trusted=trusted or trust.is_trusted(address.location),
        checkout=top if version.commit else None,
    )
    if source.kind.ours:
        return _with_layers(source)
    with_code: Source = ask_engine(source, "with_code")
    return with_code


def _with_layers(source: Source) -> Source:
    """One of somebody's own catalogue: its templates may extend the layers of ours."""
    roots = (source.folder.parent, catalogue.root())
    ours = any(layer.parent == catalogue.root() for layer in layers_of(source.folder, roots))
    return replace(
        source,
        roots=roots,
        metadata=metadata_of(source.folder, roots),
        layers=__version__ if ours else "",
    )


def _named(top: Path, name: str) -> Path | None:
    """A template of somebody's own catalogue by its name, or the only one there is."""
    places = [top, top / "templates"]
    if name:
        found = [place / name for place in places if (place / name / TEMPLATE_FILE).is_file()]
        return found[0] if found else None
    names = _own_templates(top)
    return names[0] if len(names) == 1 else None


def _own_templates(top: Path) -> list[Path]:
    files = sorted({*top.glob(f"*/{TEMPLATE_FILE}"), *top.glob(f"*/*/{TEMPLATE_FILE}")})
    return [file.parent for file in files if not file.parent.name.startswith("_")]


def _name(address: Address, folder: Path, top: Path) -> str:
    if folder != top:
        return folder.name
    return re.split(r"[/\\:]", address.location.rstrip("/\\"))[-1].removesuffix(".git")


def _not_a_template(address: Address, folder: Path) -> TemplateError:
    marked = {file.parent for name in _MARKERS for file in folder.glob(f"*/{name}")}
    found = {*marked, *_own_templates(folder)}
    names = sorted(path.relative_to(folder).as_posix() for path in found)
    inside = [name for name in names if not name.startswith("_")]
    if inside:
        above = f"{address.subfolder}/" if address.subfolder else ""
        where = [f"{address.location}#{above}{name}" for name in inside[:8]]
        return TemplateError(
            f"{address.location} holds several templates.", "Say which: " + ", ".join(where)
        )
    return TemplateError(
        f"{address.location}{'#' if address.subfolder else ''}{address.subfolder} is no template: "
        f"it has none of {', '.join(_MARKERS)}.",
        "Give a template's own folder after #, or another version with --ref.",
    )


def _digest(folder: Path) -> str:
    """A folder's contents as a version; caches and hidden git folders do not count."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not {".git", "__pycache__"} & set(inside.parts):
            head = f"{inside.as_posix()}\0{path.stat().st_size}\0"
            digest.update(head.encode(errors="surrogateescape"))
            digest.update(path.read_bytes())
    return f"sha256:{digest.hexdigest()[:12]}"


@cache
def _workshop() -> Path:
    """Where templates are checked out while this process lives."""
    return _shared[-1] if _shared else workshop("scaffold-sources-")
