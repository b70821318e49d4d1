"""`scaffold update`: a newer template, merged into the author's work by git."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from scaffold.engines import Ask
from scaffold.errors import ChecksFailed, ConflictsLeft, UpdateRefused
from scaffold.git import Repository
from scaffold.plain import one_line
from scaffold.reporter import SILENT, Reporter
from scaffold.sources import trust
from scaffold.updating import apply, conflicts, plan, pristine
from scaffold.updating.conflicts import Conflict
from scaffold.updating.plan import ORDINARY, Options, Prepared
from scaffold.updating.pristine import Change, Deleted

Status = Literal["current", "newer", "updated", "staged", "conflicts"]


@dataclass(frozen=True)
class Outcome:
    """What an update came to, or would come to."""

    root: Path
    status: Status
    template: str
    before: str
    after: str
    changes: tuple[Change, ...] = ()
    unsettled: tuple[Conflict, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    in_the_way: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The paths that git could not merge."""
        return tuple(conflict.path for conflict in self.unsettled)


def update(
    root: Path,
    options: Options = ORDINARY,
    ask: Ask | None = None,
    reporter: Reporter = SILENT,
) -> Outcome:
    """Merge a newer version of the template into a project; all of it or nothing."""
    repository = plan.repository_of(root)
    with apply.alone(repository):
        note = apply.recover(repository)
        apply.refuse_unless_ready(repository)
        prepared = plan.prepare(repository, options, ask, reporter)
        if prepared.merged is None:
            return outcome_of(repository, prepared, "current", notes=(note,) if note else ())
        blocked = pristine.in_the_way(repository, prepared.head, prepared.merged.tree)
        if blocked:
            raise UpdateRefused(
                f"The template brings files that are here already, not in git: "
                f"{', '.join(blocked[:5])}.",
                "Move them away, or put them into git, then update again.",
            )
        reporter.progress("merging")
        parents = (prepared.head, prepared.new)
        merge = pristine.commit_tree(
            repository, prepared.merged.tree, parents, _message(prepared), repository.who
        )
        apply.land(repository, merge, prepared.merged, commit=options.commit)
    if prepared.source:
        trust.keep(prepared.source, reporter)
    status: Status = "updated" if options.commit else "staged"
    if prepared.merged.stages:
        status = "conflicts"
    notes = (note, *_notes(repository, prepared, status))
    return outcome_of(repository, prepared, status, notes=tuple(filter(None, notes)))


def _message(prepared: Prepared) -> str:
    origin, merged = prepared.project.origin, prepared.merged
    subject = f"Update {origin.template} from {origin.version} to {prepared.after}"
    if origin.version == prepared.after:
        subject = f"Update {origin.template} {origin.version} with other answers"
    gone = [f"  {entry.path}" for entry in merged.deleted] if merged else []
    told = ["", "Deleted here, so not brought back:", *gone] if gone else []
    return "\n".join([subject, *told])


def _notes(repository: Repository, prepared: Prepared, status: Status) -> tuple[str, ...]:
    notes = []
    if prepared.left_out:
        notes.append(
            f"The template also has {', '.join(prepared.left_out[:5])}, which its .gitignore keeps "
            "out of git; nothing was written there."
        )
    if repository.attempt("symbolic-ref", "--quiet", "HEAD")[0] and status == "updated":
        notes.append("HEAD is on no branch. To keep the merge: git switch --create NAME")
    if not repository.who.known:
        notes.append(
            "Git does not know you, so the commits are in the name of scaffold. To set yours: "
            'git config --global user.name "Your Name" (and user.email).'
        )
    return tuple(notes)


def outcome_of(
    repository: Repository,
    prepared: Prepared,
    status: Status,
    notes: tuple[str, ...] = (),
    in_the_way: tuple[str, ...] = (),
) -> Outcome:
    origin, merged = prepared.project.origin, prepared.merged
    changes = pristine.changes(repository, prepared.head, merged.tree) if merged else ()
    return Outcome(
        root=repository.root,
        status=status,
        template=origin.template,
        before=origin.version,
        after=prepared.after,
        changes=changes,
        unsettled=conflicts.of(repository, merged) if merged else (),
        deleted=merged.deleted if merged else (),
        in_the_way=in_the_way,
        notes=(*prepared.notes, *notes),
    )


def exit_code(outcome: Outcome) -> int:
    codes = {"conflicts": ConflictsLeft.exit_code, "newer": ChecksFailed.exit_code}
    return codes.get(outcome.status, 0)


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """An outcome for `--json`."""
    return {
        "project": str(outcome.root),
        "status": outcome.status,
        "template": outcome.template,
        "before": outcome.before,
        "after": outcome.after,
        "changes": [{"kind": change.kind, "path": change.path} for change in outcome.changes],
        "conflicts": list(outcome.conflicts),
        "ways_out": [asdict(conflict) for conflict in outcome.unsettled],
        "deleted": [asdict(entry) for entry in outcome.deleted],
        "in_the_way": list(outcome.in_the_way),
        "notes": list(outcome.notes),
    }


def as_text(outcome: Outcome) -> str:
    """An outcome as the command line tells it."""
    lines = [_headline(outcome)]
    if outcome.status != "current":
        lines.append(f"  {summary(outcome.changes)}")
    for entry in outcome.deleted:
        change = f"+{entry.added} −{entry.removed}"
        lines.append(f"  {entry.path} stays deleted; the template changed it ({change}).")
    if outcome.conflicts:
        lines += _ways_out(outcome)
    if outcome.status == "staged":
        lines += ["", "Nothing is committed yet: git commit, or git merge --abort"]
    return "\n".join([*lines, *("\n" + note for note in outcome.notes)])


def _ways_out(outcome: Outcome) -> list[str]:
    """Each conflict with a command for each way out of it; never `git add .`, which keeps all."""
    lines = []
    if outcome.root != Path.cwd():
        lines.append(f"The commands are for {outcome.root}.")
    for conflict in outcome.unsettled:
        width = max(len(way.means) for way in conflict.ways)
        lines += ["", f"  {one_line(conflict.path)}: {conflict.what}"]
        lines += [f"    {way.means:<{width}}  {way.command}" for way in conflict.ways]
    return [
        *lines,
        "",
        "When each is settled:",
        "  git commit",
        "Or put everything back as it was:",
        "  git merge --abort",
    ]


def summary(changes: Sequence[Change]) -> str:
    """`12 files: 3 new, 8 changed, 1 removed`; `8 files changed` if nothing else."""
    words = {"A": "new", "M": "changed", "T": "changed", "D": "removed"}
    parts = Counter(words[change.kind] for change in changes)
    total = f"{len(changes)} file{'' if len(changes) == 1 else 's'}"
    found = [word for word in ("new", "changed", "removed") if parts[word]]
    told = ", ".join(f"{parts[word]} {word}" for word in found)
    return f"{total}: {told}" if "," in told else f"{total} {told.partition(' ')[2]}".rstrip()


def _headline(outcome: Outcome) -> str:
    versions = f"{outcome.template} {outcome.before} → {outcome.after}"
    if outcome.before == outcome.after:
        versions = f"{outcome.template} {outcome.after}, with other answers"
    number = len(outcome.conflicts)
    return {
        "current": f"Nothing to do: the project is at {outcome.template} {outcome.before}.",
        "updated": f"Updated: {versions}.",
        "staged": f"Merged, to look at first: {versions}.",
        "conflicts": f"{versions}: {number} file{' needs' if number == 1 else 's need'} you.",
    }[outcome.status]
