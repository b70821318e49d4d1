"""Think an update through, in git's objects alone: the base, the new rendering, the merge."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from scaffold import __version__, git
from scaffold.engines import (
    CATALOGUE,
    OPERATION_TRAILER,
    Answers,
    Ask,
    Operation,
    Source,
    ask_engine,
    engine_of,
    read_copier_answers,
)
from scaffold.errors import (
    GitError,
    NotAProject,
    ScaffoldError,
    SourceUnreachable,
    TemplateError,
    UpdateRefused,
)
from scaffold.git import Repository
from scaffold.plain import listed
from scaffold.project import STATE_FILE, Origin, Project
from scaffold.rendering import interview, render
from scaffold.reporter import Reporter
from scaffold.sources import addresses, trust
from scaffold.sources.addresses import Address, Version
from scaffold.staging import scratch
from scaffold.updating import apply, chance, migrations, pristine
from scaffold.updating.pristine import Merged

MINIMUM_GIT = (2, 38)  # `git merge-tree --write-tree`

_PATIENCE = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=20")
_State = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Options:
    """What an update is asked to do."""

    ref: str = ""
    source: str = ""  # the template's new address, if it moved
    answers: Mapping[str, str] = field(default_factory=dict)
    trust: bool = False
    commit: bool = True


ORDINARY = Options()


@dataclass(frozen=True)
class Prepared:
    """An update, thought through to the end; None where there is nothing to merge."""

    project: Project
    after: str
    source: Source | None = None
    head: str = ""
    base: str = ""
    new: str = ""
    merged: Merged | None = None
    left_out: tuple[str, ...] = ()  # rendered, but kept out of git by the template's own .gitignore
    notes: tuple[str, ...] = ()  # what the author should know, whatever comes of it


def prepare(
    repository: Repository,
    options: Options,
    ask: Ask | None,
    reporter: Reporter,
    *,
    two_way: bool = False,
    idle: bool = False,
) -> Prepared:
    """Find the base, render the new version on top of it, and merge, all in objects.

    `idle`: the template's tasks, hooks and migrations are left out, trusted or not.
    """
    head = repository.resolve("HEAD")
    project = in_head(repository)
    address = address_of(project, options)
    source = _new_source(project, address, options)
    if source is None:
        return Prepared(project, project.origin.version)
    refuse_untrusted(project, source)
    source = replace(source, operation=_operation(source), idle=idle)
    trust.announce(source, reporter)
    yours, migrated = head, project
    if not two_way:
        yours, migrated = migrations.before(repository, project, source, head, reporter)
    reporter.progress(f"rendering {source.template} {source.version}")
    answers = interview(
        source, options.answers, ask, repository.root, migrated.answers, project.name
    )
    recorded = _Recorded(repository, project, address, options, idle)
    base = _Base(head) if two_way else _base(recorded, reporter)
    tracked = _tracked(repository, base.commit, head)
    renewed, tree, left_out = render_tree(repository, project, source, answers, tracked)
    notes = (*answers.notes, *_not_run(source))
    if two_way:
        return Prepared(project, source.version, source, head, merged=Merged(tree), notes=notes)
    kept = _seeded(repository, base.commit, renewed)
    tree = pristine.keep(repository, tree, base.commit, kept)
    values = chance.Kept(tree)
    if pristine.changes(repository, base.commit, tree) and recorded.may_differ_from(source):
        reporter.progress("looking for what is random")
        values = _without_chance(recorded, base, source, answers, tree, tracked)
    tree = values.tree
    changed = {change.path for change in pristine.changes(repository, base.commit, tree)}
    if not changed or (changed == {STATE_FILE} and _is_only_a_release(project, renewed)):
        return Prepared(project, project.origin.version)
    new = commit_rendering(repository, renewed, source, tree, (base.commit,))
    merged = pristine.merge(repository, yours, base.commit, new, repository.who)
    merged = _with_state(repository, merged, head, base.commit, new)
    tree = migrations.after(
        repository, project, source, answers.values, head, merged.tree, reporter
    )
    merged = replace(merged, tree=tree)
    missing = tuple(path for path in left_out if not (repository.root / path).exists())
    notes = (*notes, *values.notes)
    return Prepared(project, source.version, source, head, base.commit, new, merged, missing, notes)


def repository_of(root: Path) -> Repository:
    if git.version() < MINIMUM_GIT:
        raise GitError(
            f"git {'.'.join(map(str, git.version()))} is too old to merge updates.",
            f"Install git {'.'.join(map(str, MINIMUM_GIT))} or newer: https://git-scm.com/downloads",
        )
    repository = Repository.open(root)
    if not repository.has_commits():
        raise UpdateRefused(
            f"{root} has no commits yet.", "Commit what is there: git add . && git commit"
        )
    return repository


def in_head(repository: Repository) -> Project:
    """The project as the last commit has it, whatever the work tree says."""
    text = repository.read("HEAD", STATE_FILE)
    if text is None:
        raise NotAProject(
            f"The last commit of {repository.root} has no {STATE_FILE}.",
            f"Commit it (git add {STATE_FILE} && git commit), or adopt the project: scaffold link",
        )
    project = Project.parse(text, repository.root)
    if project.origin.own_answers:
        return _as_copier_left_it(repository, project)
    return project


def _as_copier_left_it(repository: Repository, project: Project) -> Project:
    """If copier itself updated the project since, its answers file says more than ours."""
    name = project.origin.own_answers
    _, commit, answers = read_copier_answers(repository.read("HEAD", name) or "", name)
    if not commit or commit in {project.origin.version, project.origin.commit}:
        return project
    version = addresses.find(address_of(project, ORDINARY), commit)
    origin = replace(project.origin, version=version.label, commit=version.commit)
    return replace(project, origin=origin, answers=answers)


def address_of(project: Project, options: Options) -> Address:
    if options.source:
        return Address.parse(options.source)
    origin = project.origin
    if origin.location == CATALOGUE:
        return Address(CATALOGUE, origin.template)
    is_url = not Path(origin.location).is_absolute()
    return Address(origin.location, origin.subfolder, is_url=is_url)


def _new_source(project: Project, address: Address, options: Options) -> Source | None:
    """The template at the version to go to; None if the project is there already."""
    origin = project.origin
    try:
        if address.location == CATALOGUE:
            return addresses.resolve(f"{CATALOGUE}:{address.subfolder}", options.ref)
        moved, version = address.location != origin.location, None
        if not options.ref and not options.answers and not moved:
            version = newest(address, project, options)
            if not moves_on(project, address, version):
                return None
        trusted = options.trust or trust.is_trusted(address.location)
        ref = options.ref or origin.ref
        source = addresses.open_version(
            address, ref, trusted=trusted, engine=origin.engine, version=version
        )
        source = replace(source, answers_file=origin.answers_file)
    except SourceUnreachable as error:
        raise SourceUnreachable(
            address.location, error.reason, "If it moved: scaffold update --source NEW-ADDRESS"
        ) from error
    if options.answers and not options.ref and _is_behind(project, address, source):
        return _as_recorded(project, address, trusted=trusted)
    return source


def newest(address: Address, project: Project, options: Options) -> Version:
    return addresses.newest(address, options.ref or project.origin.ref)


def moves_on(project: Project, address: Address, version: Version) -> bool:
    """Whether a version is another one than the project's, and no step back."""
    origin = project.origin
    if not version.commit:
        return version.label != origin.version
    if origin.layers and origin.layers != __version__:
        return True  # the layers below may have changed
    if version.commit == origin.commit:
        return False
    return not addresses.is_ahead(address, origin.commit, version.commit)


def _is_behind(project: Project, address: Address, source: Source) -> bool:
    commit = project.origin.commit
    return (
        bool(commit)
        and commit != source.commit
        and addresses.is_ahead(address, commit, source.commit)
    )


def refuse_untrusted(project: Project, source: Source) -> None:
    """What was rendered with the template's code cannot go on without it."""
    if source.trusted or not source.code or project.origin.code != "ran":
        return
    raise UpdateRefused(
        "This project was made with the template's own code, which is not trusted here:"
        f"{listed(source.code)}",
        "If you trust its authors, add --trust.",
    )


def render_tree(
    repository: Repository,
    project: Project,
    source: Source,
    answers: Answers,
    tracked: Collection[str],
) -> tuple[Project, str, tuple[str, ...]]:
    """A plain rendering as a tree, the project that it describes, and what git is not to know."""
    own = replace(
        project,
        origin=Origin.of(source),
        answers=answers.recorded,
        topics=tuple(source.metadata.get("topics", project.topics)),
        target=source.metadata.get("target", project.target),
    )
    with scratch("rendering") as place:
        folder = place / project.name
        folder.mkdir()
        own = render(source, own, answers, folder)
        return own, *pristine.write_tree(repository, folder, tracked)


def _tracked(repository: Repository, *commits: str) -> set[str]:
    """The paths that git knows in any of some commits: no .gitignore takes them out of a tree."""
    return {path for commit in commits for path in pristine.entries(repository, commit)}


def commit_rendering(
    repository: Repository, project: Project, source: Source, tree: str, parents: tuple[str, ...]
) -> str:
    subject = f"Render {source.template} {source.version} for {project.name}"
    trailers = source.trailers | {pristine.TREE_TRAILER: tree}
    who = repository.who
    return pristine.commit_tree(repository, tree, parents, subject, who, trailers)


@dataclass(frozen=True)
class _Base:
    """What the template rendered for the project as it stands in HEAD."""

    commit: str
    again: str = ""  # a second rendering of that version and kind, if there had to be one


@dataclass(frozen=True)
class _Recorded:
    """The version that a project was made from, and how it is to be rendered once more."""

    repository: Repository
    project: Project
    address: Address
    options: Options
    idle: bool

    def source(self) -> Source:
        """The template as it was then, with the tasks and conditions of the update at hand."""
        trusted = self.options.trust or trust.is_trusted(self.address.location)
        source = _as_recorded(self.project, self.address, trusted=trusted)
        return replace(source, operation=_operation(source), idle=self.idle)

    def may_differ_from(self, newer: Source) -> bool:
        """Whether chance has a part in the new version of the template, or had one in this."""
        if newer.kind.ours:
            return False
        try:
            return chance.may_play_a_part(newer) or chance.may_play_a_part(self.source())
        except ScaffoldError:
            return False

    def render(self, tracked: Collection[str]) -> tuple[Project, str]:
        """A rendering with the recorded answers; the secret ones are those given now."""
        source = self.source()
        known = engine_of(source).names(source)
        given = {
            name: text
            for name, text in self.options.answers.items()
            if name in known and name not in self.project.answers
        }
        repository, project = self.repository, self.project
        answers = interview(source, given, None, repository.root, project.answers, project.name)
        rendered, tree, _ = render_tree(repository, project, source, answers, tracked)
        return rendered, tree

    def commit(self, known: str, parents: tuple[str, ...] = ()) -> _Base:
        """A rendering as a base, with the values that chance gave in a `known` commit."""
        source, again = self.source(), ""
        tracked = _tracked(self.repository, "HEAD", known)
        rendered, tree = self.render(tracked)
        if chance.may_play_a_part(source):
            again = self.render(tracked)[1]
            tree = chance.recall(self.repository, tree, again, known).tree
        return _Base(commit_rendering(self.repository, rendered, source, tree, parents), again)


def _base(recorded: _Recorded, reporter: Reporter) -> _Base:
    """The last rendering, found or made once more; of the kind that the new one is of."""
    repository, origin = recorded.repository, recorded.project.origin
    if found := _found(repository, recorded.project, reporter):
        return _of_this_kind(recorded, found)
    reporter.progress(f"rendering {origin.template} {origin.version} once more")
    try:
        return recorded.commit("HEAD")
    except ScaffoldError as error:
        raise UpdateRefused(
            f"There is nothing to compare with: no commit here is the rendering of "
            f"{origin.template} {origin.version}, "
            f"{git.PRISTINE_REF} leads to none, here or at a remote, and it cannot be rendered "
            f"again: {error.message}",
            "Fetch the full history (git fetch --unshallow), or compare by hand: "
            "scaffold diff --two-way",
        ) from error


def _found(repository: Repository, project: Project, reporter: Reporter) -> str:
    """The commit of the last rendering, here or at a remote; "" if there is none."""
    places = ("refs/scaffold/", apply.JOURNAL)
    local = repository.run("for-each-ref", "--format=%(refname)", *places).split()
    for revision in ("HEAD", *local):
        if found := _matching(repository, project, revision):
            return found
    for remote in repository.run("remote").split():
        reporter.progress(f"looking for the last rendering at {remote}")
        fetched = _fetch_pristine(repository, remote)
        if fetched and (found := _matching(repository, project, fetched)):
            return found
    return ""


def _matching(repository: Repository, project: Project, revision: str) -> str:
    """The newest pristine in a revision's history that is of the project's version and answers."""
    for commit in pristine.commits_in(repository, revision):
        text = repository.read(commit, STATE_FILE)
        try:
            found = Project.parse(text or "", repository.root)
        except NotAProject:
            continue
        if (found.origin, found.answers) == (project.origin, project.answers):
            return commit
    return ""


def _fetch_pristine(repository: Repository, remote: str) -> str:
    """The commit of a remote's `refs/scaffold/pristine`, brought here; "" if there is none."""
    status, output = repository.attempt(
        *_PATIENCE, "ls-remote", "--quiet", "--", remote, git.PRISTINE_REF
    )
    commit = output.split()[0] if status == 0 and output.split() else ""
    if commit:
        repository.attempt(
            *_PATIENCE, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
            "--", remote, git.PRISTINE_REF,
        )  # fmt: skip
    return commit


def _of_this_kind(recorded: _Recorded, base: str) -> _Base:
    """The base, rendered again if it was made by tasks or conditions that hold otherwise now.

    Only two renderings of one kind differ by what changed in the template. copier compares so too.
    """
    project = recorded.project
    ran = recorded.idle and project.origin.code == "ran"
    if not ran and not project.origin.kind.minds_operation:
        return _Base(base)
    if not ran and OPERATION_TRAILER in recorded.repository.trailers(base):
        return _Base(base)  # rendered by an update, so as an update
    try:
        if ran or ask_engine(recorded.source(), "minds_operation"):
            return recorded.commit(base, (base,))
    except (GitError, TemplateError, SourceUnreachable):
        pass  # the recorded version is gone; what it rendered is still the best base there is
    return _Base(base)


def _without_chance(
    recorded: _Recorded,
    base: _Base,
    source: Source,
    answers: Answers,
    tree: str,
    tracked: Collection[str],
) -> chance.Kept:
    """A new rendering with what chance made in the base, told by two renderings of one kind."""
    repository, project = recorded.repository, recorded.project
    given = [answers.values[name] for name in recorded.options.answers if name in answers.secret]
    try:
        again = base.again or recorded.render(tracked)[1]
        return chance.keep(repository, tree, base.commit, again, given)
    except ScaffoldError:  # the recorded version is gone: the new one's own chance will do
        twin = render_tree(repository, project, source, answers, tracked)[1]
        return chance.recall(repository, tree, twin, base.commit)


def _operation(source: Source) -> Operation:
    return "update" if source.kind.minds_operation else "copy"


def _not_run(source: Source) -> tuple[str, ...]:
    """What an update would run, told where it is only looked at."""
    if not source.left_out:
        return ()
    lines = listed(source.left_out)
    return (f"Left out here; update runs it, and may differ by what it does:{lines}",)


def _as_recorded(project: Project, address: Address, *, trusted: bool) -> Source:
    """The source at the version that the project was rendered from, its code run or not as then."""
    origin = project.origin
    source = addresses.recorded(
        address,
        Version(origin.version, origin.commit, origin.ref),
        engine=origin.engine,
        layers=origin.layers,
        trusted=trusted and origin.code == "ran",
    )
    source = replace(source, answers_file=origin.answers_file)
    refuse_untrusted(project, source)
    return source


def _seeded(repository: Repository, base: str, project: Project) -> list[str]:
    """The files of the base that belong to the author; the state file may name them by pattern.

    What says which version the project is at is none of them, whatever a pattern covers.
    """
    never = {STATE_FILE, project.origin.own_answers}
    return [
        path
        for path in pristine.entries(repository, base)
        if path not in never and any(fnmatchcase(path, pattern) for pattern in project.seeded)
    ]


def _is_only_a_release(project: Project, renewed: Project) -> bool:
    """Another release of this package that renders the same; not worth a commit."""
    plain = replace(renewed.origin, version=project.origin.version, layers=project.origin.layers)
    same = plain == project.origin and renewed.answers == project.answers
    return project.origin.kind.ours and same


def _with_state(repository: Repository, merged: Merged, head: str, base: str, new: str) -> Merged:
    """The state file is data, not text: source and answers are the new ones, the rest by key."""
    texts = [repository.read(commit, STATE_FILE) or "" for commit in (base, head, new)]
    before, yours, rendered = map(tomllib.loads, texts)
    table = _merged_state(before, yours, rendered)
    with suppress(tomllib.TOMLDecodeError):  # git's markers may stand in it
        if tomllib.loads(repository.read(merged.tree, STATE_FILE) or "") == table:
            return merged
    text = Project.of(table, repository.root).dumps()
    with pristine.scratch_index(repository, merged.tree) as index:
        index.put([pristine.stored(repository, "100644", STATE_FILE, text)])
        tree = index.write_tree()
    stages = tuple(entry for entry in merged.stages if entry.path != STATE_FILE)
    return replace(merged, tree=tree, stages=stages)


def _merged_state(before: _State, yours: _State, rendered: _State) -> _State:
    table = dict(rendered)
    for name in ("project", "target"):
        old, own, new = (state.get(name, {}) for state in (before, yours, rendered))
        keys = [*new, *(key for key in own if key not in new)]
        merged = {key: (new if own.get(key) == old.get(key) else own).get(key) for key in keys}
        table[name] = {key: value for key, value in merged.items() if value is not None}
    return {name: values for name, values in table.items() if values}
