"""`scaffold link`: adopt a project that something else made, so that update works from then on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold import naming
from scaffold.engines import COPIER_ANSWERS, Ask, Source, read_copier_answers
from scaffold.errors import ScaffoldError, UpdateRefused, UsageError
from scaffold.git import PRISTINE_REF, Repository
from scaffold.project import STATE_FILE, Origin, Project
from scaffold.rendering import interview
from scaffold.reporter import SILENT, Reporter
from scaffold.sources import trust
from scaffold.sources.addresses import Address, find, recorded, resolve
from scaffold.updating import apply, plan, pristine

CRUFT_FILE = ".cruft.json"


@dataclass(frozen=True)
class Linked:
    """An adopted project, and how it differs from what its template rendered."""

    project: Project
    made_by: str  # copier, cruft, or "" for by hand
    same: int
    changed: int
    missing: int


@dataclass(frozen=True)
class _Traces:
    """What the tool that made a project wrote down about it."""

    made_by: str = ""
    location: str = ""
    version: str = ""
    engine: str = ""
    subfolder: str = ""
    answers: Mapping[str, str] | None = None
    seeded: tuple[str, ...] = ()
    answers_file: str = ""


def link(
    folder: Path,
    source_text: str = "",
    ref: str = "",
    given: Mapping[str, str] | None = None,
    ask: Ask | None = None,
    reporter: Reporter = SILENT,
    *,
    trusted: bool = False,
) -> Linked:
    """Render what the project came from and join it to the project's history; no file changes."""
    root = folder.resolve()
    repository = plan.repository_of(root)
    with apply.alone(repository):
        apply.refuse_unless_ready(repository)
        if repository.read("HEAD", STATE_FILE) is not None:
            raise UpdateRefused(f"{root} has a {STATE_FILE} already.", "Use scaffold update.")
        traces = _traces(repository, source_text)
        source = _source(traces, source_text, ref, trusted=trusted)
        told = "" if traces.answers_file == COPIER_ANSWERS else traces.answers_file
        source = replace(source, answers_file=told)
        trust.announce(source, reporter)
        reporter.progress(f"rendering {source.template} {source.version}")
        answers = interview(source, given or {}, ask, root, traces.answers, root.name)
        project = Project(
            root=root,
            origin=Origin.of(source),
            name=root.name,
            package=naming.package_of(root.name),
            title=naming.title_of(root.name),
            topics=tuple(source.metadata.get("topics", ())),
            seeded=traces.seeded,
            target=source.metadata.get("target", {}),
            answers=answers.recorded,
        )
        tracked = set(pristine.entries(repository, "HEAD"))
        project, tree, _ = plan.render_tree(repository, project, source, answers, tracked)
        base = plan.commit_rendering(repository, project, source, tree, ())
        _join(repository, project, base)
    trust.keep(source, reporter)
    return _linked(repository, replace(project, root=root), traces.made_by, base)


def as_text(linked: Linked) -> str:
    """A link as the command line tells it."""
    origin = linked.project.origin
    how = f" (from what {linked.made_by} wrote down)" if linked.made_by else ""
    total = linked.same + linked.changed + linked.missing
    counts = f"{linked.same} as rendered, {linked.changed} changed, {linked.missing} gone"
    lines = [
        f"Linked to {origin.template} {origin.version}{how}.",
        f"  Its {total} files: {counts}.",
    ]
    if not linked.made_by:
        lines.append("  If it was made from another version, undo this commit and give --ref.")
    if linked.made_by == "cruft":
        lines.append(f"  {CRUFT_FILE} is of no more use: git rm {CRUFT_FILE}")
    return "\n".join([*lines, "", "From now on: scaffold update"])


def _source(traces: _Traces, text: str, ref: str, *, trusted: bool) -> Source:
    if not text and not traces.location:
        raise UsageError(
            "Nothing here says which template this project came from.",
            "Name it: scaffold link DIR SOURCE",
        )
    if text and (not traces.engine or ref):
        return resolve(text, ref, trusted=trusted, engine=traces.engine)
    address = Address.parse(text or traces.location)
    if traces.subfolder and not address.subfolder:
        address = replace(address, subfolder=traces.subfolder)
    version = find(address, ref or traces.version)
    trusted = trusted or trust.is_trusted(address.location)
    return recorded(address, version, engine=traces.engine, trusted=trusted)


def _traces(repository: Repository, source_text: str) -> _Traces:
    """What copier or cruft left behind in the last commit."""
    if found := _of_copier(repository, source_text):
        return found
    if text := repository.read("HEAD", CRUFT_FILE):
        return _of_cruft(text)
    return _Traces()


def _of_copier(repository: Repository, source_text: str) -> _Traces | None:
    """What copier's answers file says, `.copier-answers.yml` or `.copier-answers.NAME.yml`.

    Of several, the one whose template SOURCE names.
    """
    found: dict[str, _Traces] = {}
    for name in sorted(pristine.entries(repository, "HEAD")):
        if re.fullmatch(r"\.copier-answers(\..+)?\.ya?ml", name):
            text = repository.read("HEAD", name) or ""
            location, version, answers = read_copier_answers(text, name)
            found[name] = _Traces(
                "copier", location, version, "copier", answers=answers, answers_file=name
            )
    if len(found) > 1 and source_text:
        asked = Address.parse(source_text)
        found = {name: one for name, one in found.items() if _leads_to(one.location, asked)}
    if len(found) > 1:
        templates = ", ".join(f"{name}: {traces.location}" for name, traces in found.items())
        raise UsageError(
            f"This project came from several templates ({templates}).",
            "Name the one to follow: scaffold link DIR SOURCE",
        )
    return next(iter(found.values()), None)


def _leads_to(location: str, asked: Address) -> bool:
    try:
        return Address.parse(location).location == asked.location
    except ScaffoldError:  # a folder that is not on this machine
        return False


def _of_cruft(text: str) -> _Traces:
    from scaffold.engines import cookiecutter

    try:
        state = json.loads(text)
        context = state["context"]["cookiecutter"]
        return _Traces(
            "cruft",
            location=state["template"],
            version=state["commit"],
            engine="cookiecutter",
            subfolder=state.get("directory") or "",
            answers={
                name: cookiecutter.as_text(value)
                for name, value in context.items()
                if not name.startswith("_")
            },
            seeded=tuple(state.get("skip", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScaffoldError(f"{CRUFT_FILE} cannot be understood: {error}") from error


def _join(repository: Repository, project: Project, base: str) -> None:
    """One commit on top of HEAD: its files and the state file; the rendering is a parent too."""
    head = repository.resolve("HEAD")
    state = pristine.entries(repository, base)[STATE_FILE]
    with pristine.scratch_index(repository, repository.tree_of(head)) as index:
        index.put([state])
        tree = index.write_tree()
    origin = project.origin
    message = f"Link to the {origin.template} template, {origin.version}"
    who = repository.who
    commit = pristine.commit_tree(repository, tree, (head, base), message, who)
    repository.run("merge", "--quiet", "--ff-only", "--no-overwrite-ignore", commit)
    repository.set_ref(PRISTINE_REF, base)


def _linked(repository: Repository, project: Project, made_by: str, base: str) -> Linked:
    rendered = pristine.entries(repository, base)
    present = pristine.entries(repository, "HEAD")
    own = {path: entry for path, entry in rendered.items() if path != STATE_FILE}
    missing = sum(path not in present for path in own)
    same = sum(path in present and present[path].id == entry.id for path, entry in own.items())
    return Linked(project, made_by, same, len(own) - same - missing, missing)
