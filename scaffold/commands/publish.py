"""`scaffold publish`: from a finished project to a repository that an employer opens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from scaffold import git
from scaffold.checks import story
from scaffold.checks.checkout import Checkout
from scaffold.errors import ChecksFailed, ForgeError, UsageError
from scaffold.publishing import badges, demo
from scaffold.publishing.github import Forge, Server, take_token
from scaffold.publishing.steps import (
    LONGEST_DESCRIPTION,
    PROJECT_STEPS,
    Outcome,
    Publication,
    Workplace,
    address_of,
    carry_out,
    standing,
)
from scaffold.reporter import SILENT, Reporter

ALL = "all"
LANDING = "REPORT.html"
Choose = Callable[[str], bool]
"""Asks who may see a repository; True: only those who are let in."""

TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for; None leaves it to the project."""

    owner: str | None = None
    name: str | None = None
    private: bool | None = None
    description: str | None = None
    topics: tuple[str, ...] = ()
    pages: bool | None = None
    protect: bool = False
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """Where it stands now, what each step did, and what the user should know."""

    repository: str
    address: str
    pages: str
    demo: str
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return any(outcome.state == "changed" for outcome in self.outcomes)


def publish(
    root: Path,
    wishes: Wishes | None = None,
    *,
    dry_run: bool = False,
    choose: Choose | None = None,
    reporter: Reporter = SILENT,
) -> Published:
    """Check, then bring online what is committed; with `dry_run` only say what would be done.

    For the latter no token is needed, if `wishes.owner` or git's `github.user` says whose it is.

    Who may see a repository that is not there yet has to be said, or `choose` is asked.
    """
    wishes = wishes or Wishes()
    server = Server.from_environment()
    repository, branch = publishable(root)
    token = take_token(server, root, wishes.owner, dry_run=dry_run)
    require_checks(root, wishes.skip)
    with closing(Forge(server, token, reporter)) as forge:
        publication = plan(repository, branch, forge, wishes)
        at = Workplace(_decided(publication, forge, choose), repository, forge)
        reporter.message(at.announcement)
        outcomes = carry_out(PROJECT_STEPS, at, reporter, dry_run=dry_run)
        pages = at.pages_address if at.wants_pages else ""
        shown = at.shown
    return Published(
        repository=at.full_name,
        address=at.web_address,
        pages=pages,
        demo=pages + shown.landing if shown.demo else "",
        outcomes=tuple(outcomes),
        notes=tuple(_notes(repository, wishes, _on_demo(at))),
    )


def plan(repository: git.Repository, branch: str, forge: Forge, wishes: Wishes) -> Publication:
    """Where the project goes and how it is described: what is asked for, else what is known."""
    checkout = Checkout(repository.root)
    results = badges.committed(repository)
    owner, name, remote = _place(repository, branch, forge, wishes)
    topics = wishes.topics or (checkout.project.topics if checkout.project else ())
    for topic in topics:
        if not TOPIC.fullmatch(topic):
            raise UsageError(
                f"{topic!r} is no topic for GitHub.",
                "A topic has lower-case letters, digits and hyphens, 50 at most.",
            )
    return Publication(
        owner=owner,
        name=name,
        branch=branch,
        remote=remote,
        private=wishes.private,
        description=wishes.description or describe(checkout),
        own_description=wishes.description is not None,
        beginnings=tuple(story.questions(checkout)),
        topics=tuple(topics),
        pages=wishes.pages,
        landing=LANDING if "REPORT.md" in checkout.tracked else "",
        demo=demo.read(repository.root, results),
        results=results,
        protect=wishes.protect,
    )


def _decided(publication: Publication, forge: Forge, choose: Choose | None) -> Publication:
    """The publication with who may see it decided, where that is new; never public by silence."""
    full_name = f"{publication.owner}/{publication.name}"
    if publication.private is not None or forge.repository(publication.owner, publication.name):
        return publication
    return replace(publication, private=ask_who_may_see(full_name, choose))


def ask_who_may_see(name: str, choose: Choose | None) -> bool:
    """Whether what is new shall be private; UsageError where nobody can be asked."""
    if choose is None:
        raise UsageError(
            f"{name} is not there yet, and nobody said who may see it.",
            "Say --public or --private.",
        )
    return choose(name)


def describe(checkout: Checkout) -> str:
    """The question and the measured answer in GitHub's 350 characters."""
    question = next(iter(story.questions(checkout)), "")
    found = checkout.results
    result = f"{found.summary()}." if found and not found.from_sample else ""
    room = LONGEST_DESCRIPTION - len(result) - 1
    if len(question) > room:
        question = question[: room - 1].rstrip() + "…"
    return f"{question} {result}".strip()


def as_text(published: Published) -> str:
    """For a terminal: the calls of a dry run, or where it stands now."""
    places = (published.address, published.pages, published.demo)
    told = standing(published.repository, published.outcomes, places)
    return "\n".join([*told, *(f"Note: {note}" for note in published.notes)])


def publishable(root: Path) -> tuple[git.Repository, str]:
    """The repository and the branch to push; errors where there is nothing to push."""
    repository = git.Repository.open(root)
    if not repository.has_commits():
        raise ForgeError(
            f"{root.resolve().name} has no commit yet, so there is nothing to publish.",
            "Commit first: git add . && git commit -m 'Start'",
        )
    branch = repository.branch()
    if branch is None:
        raise ForgeError(
            "No branch is checked out (HEAD is detached), so it is unclear what to publish.",
            "Go to a branch first: git switch main, or make one: git switch -c NAME",
        )
    return repository, branch


def require_checks(root: Path, skip: Sequence[str]) -> None:
    """Raise ChecksFailed when a check that blocks publishing fails and is not left out by name."""
    if ALL in skip:
        return
    from scaffold.checks.review import review

    found = review(root.resolve(), whole_history=True)
    known = {finding.check for finding in found.findings}
    if unknown := sorted(set(skip) - known):
        raise UsageError(
            f"There is no check called {', '.join(unknown)}.",
            "See their names: scaffold check. To leave every check out: --skip all",
        )
    unread = (f for f in found.findings if f.blocks and f.state == "not read")
    blockers = [f for f in (*found.blockers, *unread) if f.check not in skip]
    if blockers:
        lines = [f"  {b.check}  {b.sentence.rstrip('.')}: no\n    {b.message}" for b in blockers]
        raise ChecksFailed(
            "Not published, for what should not go online stands in the way:\n" + "\n".join(lines),
            "How to fix each: scaffold check. To publish all the same: "
            + " ".join(f"--skip {b.check}" for b in blockers),
        )


def _place(
    repository: git.Repository, branch: str, forge: Forge, wishes: Wishes
) -> tuple[str, str, str | None]:
    """Owner, name and the remote that leads there: a remote of one's own wins over guesses."""
    checkout = Checkout(repository.root)
    viewer = forge.viewer
    own = _own_remote(repository, branch, forge, viewer)
    if own and wishes.owner in {None, own[1]} and wishes.name in {None, own[2]}:
        return own[1], own[2], own[0]
    folder = checkout.project.name if checkout.project else repository.root.name
    name = wishes.name or re.sub(r"[^\w.-]+", "-", folder, flags=re.ASCII).strip("-") or "project"
    return wishes.owner or viewer, name, None


def _own_remote(
    repository: git.Repository, branch: str, forge: Forge, viewer: str
) -> tuple[str, str, str] | None:
    """The remote on our server that one may push to: its name, its owner, its repository."""
    remotes = repository.remotes()
    order = sorted(remotes, key=lambda n: (n != repository.upstream(branch), n != "origin", n))
    host = forge.server.host
    for remote in order:
        place = address_of(remotes[remote])
        if place is None or place[0] not in {host, host.partition(":")[0]}:
            continue
        _, owner, name = place
        found = forge.repository(owner, name)
        ours = owner.lower() == viewer.lower()
        if found is None and ours:
            return remote, owner, name
        if found and (found.get("permissions", {}).get("push") or (ours and not forge.signed_in)):
            return remote, *str(found["full_name"]).split("/", 1)  # type: ignore[return-value]
    return None


def _on_demo(at: Workplace) -> str:
    """Why no demo is online, or how to have one."""
    if at.shown.why:
        return f"The demo was not put online: {at.shown.why}."
    made_by = demo.maker(at.repository.root)
    if at.wants_pages and made_by and not at.shown.demo:
        return f"There is no demo yet: {made_by} makes one; then publish again."
    return ""


def _notes(repository: git.Repository, wishes: Wishes, on_demo: str) -> list[str]:
    notes = [on_demo] if on_demo else []
    if count := len(repository.uncommitted()):
        files = "1 file has" if count == 1 else f"{count} files have"
        notes.append(f"{files} changes that are not committed: what is committed was published.")
    if ALL in wishes.skip:
        notes.append("No check was made, as --skip all asks.")
    elif wishes.skip:
        notes.append(f"Left out of the checks: {', '.join(wishes.skip)}.")
    return notes
