"""`scaffold template new`: a template that runs, from the nearest of the catalogue or a project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scaffold import __version__, catalogue, git, naming, results
from scaffold.authoring.subject import Papers, Subject, papers_of
from scaffold.engines import CATALOGUE
from scaffold.engines.layers import SUFFIX, TEMPLATE_FILE, walk
from scaffold.errors import DestinationRefused, TemplateError, UnknownName
from scaffold.project import STATE_FILE, Project
from scaffold.staging import scratch, staged

# The template of the catalogue that a family begins with.
FAMILIES = {
    "tabular": "house-prices",
    "text": "spam-detector",
    "image": "image-recognition",
    "series": "demand-forecast",
}
# What a run writes into a project, which is no part of its template.
WRITTEN = re.compile(r"(reports/(?!README)|experiments/|models/|demo/|data/(?!README|sample/)|"
                     r"EXPERIMENTS\.md$|requirements\.lock$)")  # fmt: skip
RESULT = re.compile(r"(<!-- result:([\w-]+) -->)(.*?)(<!-- /result:\2 -->)", re.DOTALL)


@dataclass(frozen=True)
class Started:
    """A template that was begun, from what, and the files whose changes found no place in it."""

    folder: Path
    origin: str
    papers: Papers
    unsettled: tuple[str, ...] = ()


def families() -> list[str]:
    """The families of which the catalogue has a template."""
    there = catalogue.names()
    return [family for family, name in FAMILIES.items() if name in there]


def from_family(name: str, top: Path, family: str) -> Started:
    """A copy of the family's template under another name, its papers too."""
    if family not in families():
        raise UnknownName("family", family, families())
    origin = Subject.at(catalogue.root() / FAMILIES[family])
    folder = _place(name, top)
    with staged(folder) as place:
        for file in walk(origin.folder):
            _put(place.joinpath(*file.parts), file.path.read_bytes(), file.path)
        _put(place / TEMPLATE_FILE, _titled(_told(origin), naming.title_of(name)).encode())
    _copy_papers(origin.papers, papers_of(folder))
    return Started(folder, origin.name, papers_of(folder))


def from_project(name: str, top: Path, root: Path) -> Started:
    """What a project has of its own, turned back into what it would be rendered from.

    The project's changes are merged into its template's files, as an update merges the other way.
    """
    project = Project.find(root)
    origin = _origin(project)
    folder = _place(name, top)
    with staged(folder) as place, scratch("template") as desk:
        plain = origin.make(desk / project.name, project.answers, project.title).root
        unsettled = tuple(_turn_back(project, plain, origin, place, desk))
        _put(place / TEMPLATE_FILE, _described(_told(origin), project, name).encode())
    _copy_papers(origin.papers, papers_of(folder))
    return Started(folder, f"{project.name}, once {origin.name}", papers_of(folder), unsettled)


def _turn_back(
    project: Project, plain: Path, origin: Subject, into: Path, desk: Path
) -> Iterator[str]:
    """Write what is the project's own; `plain` is its rendering. Yields what found no place."""
    sources = {path.removesuffix(SUFFIX): file for path, file in origin.files.items()}
    for path in _files(project):
        pattern = path.replace(f"src/{project.package}/", "src/project_package/")
        now = (project.root / path).read_bytes()
        before = (plain / path).read_bytes() if (plain / path).is_file() else b""
        source = sources.pop(pattern, None)
        if source is None:
            if now != before:
                _put(into / pattern, _unnamed(now, project.package), project.root / path)
            continue
        changed, clean = _merged(source.path, before, now, project.package, desk)
        if source.layer == origin.folder or changed != source.path.read_bytes():
            _put(into.joinpath(*source.parts), changed, source.path)
        if not clean:
            yield path
    for path, source in sources.items():  # not in every project: practice.toml, say
        there = (plain / path.replace("project_package", project.package)).exists()
        if source.layer == origin.folder and not there:
            _put(into.joinpath(*source.parts), source.path.read_bytes(), source.path)


def _told(origin: Subject) -> str:
    return (origin.folder / TEMPLATE_FILE).read_text(encoding="utf-8")


def still(subject: Subject) -> tuple[str, int, int]:
    """The catalogue's template that it is nearest to, how many of its files are that one's, of all.

    So an author sees how much has become the template's own.
    """
    own = {"/".join(file.parts): file.path.read_bytes() for file in walk(subject.folder)}
    nearest, most = "", 0
    for name in catalogue.names():
        other = catalogue.root() / name
        if other != subject.folder:
            files = {"/".join(file.parts): file.path.read_bytes() for file in walk(other)}
            same = sum(own[path] == data for path, data in files.items() if path in own)
            nearest, most = max((nearest, most), (name, same), key=lambda found: found[1])
    return nearest, most, len(own)


def _place(name: str, top: Path) -> Path:
    """The folder of a new template: below `templates`, which has `tests` beside it."""
    naming.check_name(name)
    folder = top.resolve() / "templates" / name
    papers = papers_of(folder)
    for path in (folder, papers.solutions, papers.mistakes, papers.facts):
        if path.exists():
            raise DestinationRefused(f"{path} is there already.", "Give another NAME.")
    if name in catalogue.names():
        raise DestinationRefused(f"The catalogue has a template {name}.", "Give another NAME.")
    return folder


def _origin(project: Project) -> Subject:
    origin = project.origin
    if origin.location != CATALOGUE or origin.template not in catalogue.names():
        raise TemplateError(
            f"{project.name} was not made from a template of this catalogue.",
            "Adopt it (scaffold link DIR TEMPLATE), or begin with --family.",
        )
    if project.practice:
        raise TemplateError(f"{project.name} is there to practise: functions are left out of it.")
    if origin.version != __version__:
        raise TemplateError(
            f"{project.name} is of {origin.version}, and this is {__version__}.",
            "Bring it up to date first: scaffold update",
        )
    return Subject.at(catalogue.root() / origin.template)


def _files(project: Project) -> Iterator[str]:
    """What is tracked of a project, without what a run wrote."""
    for path in git.Repository.open(project.root).tracked():
        if path != STATE_FILE and not WRITTEN.match(path) and (project.root / path).is_file():
            yield path


def _merged(
    source: Path, before: bytes, now: bytes, package: str, place: Path
) -> tuple[bytes, bool]:
    """The template's file with what changed between its rendering and now.

    As it is, and False, where that changed what is made of several layers' texts.
    """
    own = source.read_bytes()
    before, now = (_unnamed(_unfilled(data, before), package) for data in (before, now))
    if before == now:
        return own, True
    if own == before or b"\0" in now:
        return now, True
    files = [place / name for name in ("template", "rendered", "project")]
    for file, data in zip(files, (own, before, now), strict=True):
        file.write_bytes(data)
    clean = git.merge_file(*files)
    return (files[0].read_bytes() if clean else own), clean


def _unfilled(data: bytes, before: bytes) -> bytes:
    """A write-up without the results that a run filled in: those of the rendering stand there."""
    empty = {found[2]: found[3] for found in RESULT.finditer(before.decode(errors="replace"))}
    if not empty:
        return data
    text = data.decode(errors="replace")
    return RESULT.sub(
        lambda found: found[1] + empty.get(found[2], found[3]) + found[4], text
    ).encode()


def _unnamed(data: bytes, package: str) -> bytes:
    if b"\0" in data:
        return data
    return re.sub(rb"\b%s\b" % re.escape(package.encode()), b"project_package", data)


def _titled(text: str, title: str) -> str:
    return _set(text, "title", f'"{title}"')


def _described(text: str, project: Project, name: str) -> str:
    """`template.toml` with what the project says of itself and what its run came to."""
    text = _titled(text, naming.title_of(name))
    if question := project.answers.get("question", ""):
        text = _set(text, "question", _quoted(question))
    result = results.read(project.root)
    if result is not None and not result.from_sample and result.baseline is not None:
        text = _set(text, "label", _quoted(result.label))
        text = _set(text, "baseline", f"{result.baseline:.4g}")
        text = _set(text, "baseline_name", _quoted(result.baseline_name))
    return text


def _quoted(text: str) -> str:
    import tomli_w

    return tomli_w.dumps({"a": text}).partition(" = ")[2].strip()


def _set(text: str, key: str, value: str) -> str:
    """The first line of a key, with another value and without its comment."""
    return re.sub(rf"^{key} = .*$", lambda _: f"{key} = {value}", text, count=1, flags=re.MULTILINE)


def _copy_papers(old: Papers, new: Papers) -> None:
    """Solutions, mistakes and facts: what runs and is checked like the old one has them alike."""
    for path in sorted(old.solutions.glob("*.patch")):
        _put(new.solutions / path.name, path.read_bytes())
    for before, after in ((old.mistakes, new.mistakes), (old.facts, new.facts)):
        if before.is_file():
            _put(after, before.read_bytes())


def _put(path: Path, data: bytes, like: Path | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if like is not None:
        path.chmod(like.stat().st_mode & 0o777)
