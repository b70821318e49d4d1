"""`scaffold publish --space`: the service of a measured model, as a Docker Space."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scaffold.checks.checkout import Checkout
from scaffold.commands.publish import Choose, Wishes, ask_who_may_see, publishable, require_checks
from scaffold.errors import ForgeError
from scaffold.publishing import badges, space
from scaffold.reporter import SILENT, Reporter


@dataclass(frozen=True)
class Placed:
    """Where the service stands, and what was done, or would be."""

    space: str
    address: str  # of the Space's page
    service: str  # of the service itself
    calls: tuple[str, ...]
    planned: bool
    notes: tuple[str, ...]


def publish(
    root: Path,
    wishes: Wishes | None = None,
    *,
    dry_run: bool = False,
    choose: Choose | None = None,
    reporter: Reporter = SILENT,
) -> Placed:
    """Check, then bring the service and its model to Hugging Face; can be run again."""
    wishes = wishes or Wishes()
    repository, _ = publishable(root)
    hub = space.Hub(space.take_token())
    require_checks(root, wishes.skip)
    checkout = Checkout(repository.root)
    _require_terms(checkout)
    results = badges.committed(repository)
    if results is None or results.from_sample:
        raise ForgeError(
            "No results on the real data are committed, so there is no model to show.",
            "Run the project to its end and commit: scaffold run",
        )
    title = checkout.project.title if checkout.project else repository.root.name
    files = space.contents(repository, results, title)

    name = f"{wishes.owner or hub.viewer}/{wishes.name or _name(checkout)}"
    stored = hub.space(name)
    if stored and not stored.ours:
        raise ForgeError(
            f"{name} is there already and holds other work.",
            "Choose another name: scaffold publish --space --name ANOTHER",
        )
    private = stored.private if stored else _private(name, wishes, choose)
    reporter.message(_announcement(hub, name, private))

    held = stored.files if stored else {}
    new = space.differing(files, held)
    gone = sorted(set(held) - files.keys() - space.THEIRS)
    calls = _calls(name, private, stored is None, new, gone)
    if not dry_run:
        if stored is None:
            hub.create(name, private)
        if new or gone:
            # A Space that was made just now has a first commit of the server's own.
            hub.upload(name, new, gone, stored.commit if stored else "")
    page, service = f"{space.WEB}/spaces/{name}", _service(name)
    notes = _notes(private, wishes)
    if wishes.private not in {None, private}:
        notes = (*notes, f"Who may see it is changed on its own page: {page}/settings")
    return Placed(name, page, service, tuple(calls), dry_run, notes)


def as_text(placed: Placed) -> str:
    """For a terminal."""
    notes = [f"Note: {note}" for note in placed.notes]
    if not placed.calls:
        first = [f"{placed.space} is as it should be: nothing was changed."]
    elif placed.planned:
        return "\n".join([f"{placed.space}: nothing was changed. To do:", *placed.calls, *notes])
    else:
        first = [f"{placed.space} is there; Hugging Face builds its image now."]
    return "\n".join([*first, f"  {placed.address}", f"  {placed.service}", *notes])


def _require_terms(checkout: Checkout) -> None:
    """What no release may hold, no Space may: a model of data that may not be passed on."""
    template = checkout.template
    if template and not template.data.redistribution:
        raise ForgeError(
            f"{template.data.name} may not be passed on, and a Space would pass on a model of it.",
            "Serve it where only you can see it: docker compose up",
        )


def _name(checkout: Checkout) -> str:
    own = checkout.project.name if checkout.project else checkout.root.resolve().name
    return re.sub(r"[^\w.-]+", "-", own, flags=re.ASCII).strip("-.") or "project"


def _private(name: str, wishes: Wishes, choose: Choose | None) -> bool:
    return ask_who_may_see(name, choose) if wishes.private is None else wishes.private


def _announcement(hub: space.Hub, name: str, private: bool) -> str:
    seen = "private" if private else "public: everybody can see and use it, its files too"
    return f"As {hub.viewer} on Hugging Face, to {name}, {seen}. {space.DISK}."


def _calls(
    name: str, private: bool, create: bool, new: dict[str, bytes], gone: list[str]
) -> list[str]:
    """What is sent, for a dry run."""
    seen = "private" if private else "public"
    calls = [f"create the Docker Space {name}, {seen}"] if create else []
    calls += [f"write {path} ({len(content):,} bytes)" for path, content in sorted(new.items())]
    return calls + [f"delete {path}" for path in gone]


def _service(name: str) -> str:
    """Where Hugging Face serves a Space."""
    return f"https://{re.sub(r'[^a-z0-9]+', '-', name.lower())}.hf.space"


def _notes(private: bool, wishes: Wishes) -> tuple[str, ...]:
    notes = [f"{space.DISK}."]
    if not private:
        notes.append("It is public: everybody can see and use it, its files and its model too.")
    if wishes.skip:
        notes.append(f"Left out of the checks: {', '.join(wishes.skip)}.")
    return tuple(notes)
