"""`scaffold diff` and `scaffold update --check`: what an update would do, touching nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold.commands.update import Outcome, Status, outcome_of, summary
from scaffold.commands.update import as_dict as outcome_as_dict
from scaffold.engines import Ask
from scaffold.reporter import SILENT, Reporter
from scaffold.staging import scratch
from scaffold.updating import plan, pristine
from scaffold.updating.plan import ORDINARY, Options

_PLAINLY = ("--no-ext-diff", "--no-textconv")  # run nothing that a .gitattributes asks for


@dataclass(frozen=True)
class Difference:
    """What an update would do, and the patch that shows it."""

    outcome: Outcome
    patch: str
    stat: str


def diff(
    root: Path,
    options: Options = ORDINARY,
    ask: Ask | None = None,
    reporter: Reporter = SILENT,
    *,
    two_way: bool = False,
) -> Difference:
    """What `update` would do, touching nothing and running none of the template's programs.

    `two_way`: the project beside a plain rendering.
    """
    with scratch("objects") as objects:
        repository = plan.repository_of(root).apart(objects)
        prepared = plan.prepare(repository, options, ask, reporter, two_way=two_way, idle=True)
        if prepared.merged is None:
            return Difference(outcome_of(repository, prepared, "current"), "", "")
        tree = prepared.merged.tree
        status: Status = "conflicts" if prepared.merged.stages else "updated"
        blocked = pristine.in_the_way(repository, prepared.head, tree)
        return Difference(
            outcome_of(repository, prepared, status, in_the_way=blocked),
            repository.attempt("diff", *_PLAINLY, "-M", prepared.head, tree)[1],
            repository.attempt("diff", *_PLAINLY, "-M", "--stat=78", prepared.head, tree)[1],
        )


def check(root: Path, options: Options = ORDINARY) -> Outcome:
    """Whether the template has a `newer` version than the project; touches nothing."""
    project = plan.in_head(plan.repository_of(root))
    origin = project.origin
    if origin.kind.ours:
        found = diff(root, options).outcome
        newer, after = found.status != "current", found.after
    else:
        address = plan.address_of(project, options)
        version = plan.newest(address, project, options)
        newer = plan.moves_on(project, address, version)
        after = version.label if newer else origin.version
    return Outcome(root, "newer" if newer else "current", origin.template, origin.version, after)


def as_dict(difference: Difference) -> dict[str, Any]:
    """A difference for `--json`."""
    return {**outcome_as_dict(difference.outcome), "patch": difference.patch}


def as_text(difference: Difference) -> str:
    """What the patch itself does not say."""
    outcome = difference.outcome
    if outcome.status == "current":
        return f"Nothing to do: the project is at {outcome.template} {outcome.before}."
    lines = [f"{outcome.template} {outcome.before} → {outcome.after}, {summary(outcome.changes)}"]
    lines += [f"  conflict: {found.path}: {found.what}" for found in outcome.unsettled]
    lines += [f"  in the way, so update would refuse: {path}" for path in outcome.in_the_way]
    lines += [f"  stays deleted: {entry.path}" for entry in outcome.deleted]
    lines += outcome.notes
    return "\n".join(lines)
