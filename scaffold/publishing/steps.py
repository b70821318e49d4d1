"""Getting a repository onto a forge in steps, each of which looks before it acts.

A step's `look` asks what is there and answers with either `Done` or an `Action`. So a run after
any failure finishes the job, and a run after success changes nothing. The same steps put a
project or a site online; what differs is in the `Publication`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import quote, urlsplit

from scaffold import git
from scaffold.credential import Loan, lend
from scaffold.errors import ForgeError, ForgeUnavailable
from scaffold.publishing import badges, demo
from scaffold.publishing.github import Call, Forge, Refused
from scaffold.reporter import Reporter
from scaffold.results import Results
from scaffold.updating import pristine
from scaffold.updating.pristine import Entry

Answer = TypeVar("Answer")

ATTEMPTS = 4
PAUSES = (1.0, 2.0, 4.0)  # seconds before the second, third and fourth attempt
LONGEST_DESCRIPTION = 350  # GitHub's limit
REMOTE_NAMES = ("origin", "github", "published")
PAGES_BRANCH = "gh-pages"  # what is committed, and the demo, which is made and not committed
PAGES_MESSAGE = "Show the pages of"


@dataclass(frozen=True)
class Publication:
    """What is to stand online, and where; None leaves a thing as it is."""

    owner: str
    name: str
    branch: str
    remote: str | None = None  # the name of the remote that already leads there
    private: bool | None = None
    description: str | None = None
    own_description: bool = False  # asked for by the user: replaces whatever stands there
    beginnings: tuple[str, ...] = ()  # how the descriptions that we write, or wrote, begin
    topics: tuple[str, ...] = ()
    pages: bool | None = None  # None: for a public repository
    landing: str = ""  # the page that the homepage leads to, below the address of the pages
    demo: demo.Demo | None = None  # the one on this machine
    results: Results | None = None  # what is committed
    protect: bool = False
    elsewhere: str = "Choose another name: scaffold publish --name ANOTHER"  # if the name is taken


@dataclass(frozen=True)
class Done:
    """Nothing to do: what is there already."""

    says: str


@dataclass(frozen=True)
class Action:
    """Something to do: in words, as the calls that a dry run prints, and as a function."""

    says: str
    calls: tuple[str, ...]
    act: Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """How a step ended, and the sentence about it."""

    step: str
    state: Literal["done", "changed", "planned"]
    says: str
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What the pages are made of: the branch that serves them, and a demo's files in it."""

    branch: str
    demo: Mapping[str, Entry] = field(default_factory=dict)  # by path
    why: str = ""  # why the demo on this machine is not among them

    @property
    def landing(self) -> str:
        return f"{demo.FOLDER}/" if self.demo else ""


@dataclass
class Workplace:
    """The two ends: the repository here and the forge there."""

    publication: Publication
    repository: git.Repository
    forge: Forge
    remote: str | None = field(init=False)

    def __post_init__(self) -> None:
        self.remote = self.publication.remote

    @property
    def path(self) -> str:
        """The repository's path in the API."""
        return f"/repos/{quote(self.publication.owner)}/{quote(self.publication.name)}"

    @property
    def full_name(self) -> str:
        return f"{self.publication.owner}/{self.publication.name}"

    @property
    def web_address(self) -> str:
        return self.forge.server.address(self.publication.owner, self.publication.name)

    @property
    def clone_address(self) -> str:
        return f"{self.web_address}.git"

    @property
    def pages_address(self) -> str:
        return self.forge.server.pages(self.publication.owner, self.publication.name)

    def there(self) -> dict[str, Any] | None:
        """The repository as the forge describes it now."""
        return self.forge.repository(self.publication.owner, self.publication.name)

    @property
    def is_private(self) -> bool:
        """Whether it is, or will be, private."""
        if self.publication.private is not None:
            return self.publication.private
        found = self.there()
        return bool(found and found.get("private"))

    @property
    def announcement(self) -> str:
        """Under whose account it goes where, and who will see it: said before anything changes."""
        forge = self.forge
        seen = "private" if self.is_private else "public: everybody will see it"
        if not forge.signed_in:
            seen += ". Without a token only what everybody may see has been looked at"
        return f"As {forge.viewer} on {forge.server.host}, to {self.full_name}, {seen}."

    @property
    def wants_pages(self) -> bool:
        wanted = self.publication.pages
        return not self.is_private if wanted is None else wanted

    @cached_property
    def shown(self) -> Shown:
        """What the pages will be: decided once, so that README, pages and homepage agree."""
        branch, own = self.publication.branch, self.publication.demo
        if not self.wants_pages:
            return Shown(branch, why="the pages are off" if own else "")
        if branch == PAGES_BRANCH:
            return Shown(branch, why=f"{branch} is what you work on" if own else "")
        pages = self.pages()
        source = pages and (pages.get("source") or {}).get("branch")
        elsewhere = pages and (
            pages.get("build_type") == "workflow"
            or source not in {branch, PAGES_BRANCH}
            or (pages.get("source") or {}).get("path") != "/"
        )
        if own is None and source != PAGES_BRANCH:
            return Shown(branch)
        if elsewhere:
            return Shown(branch, why="the pages are not served as publishing set them up")
        tip = self.pages_tip()
        if tip and not self.repository.subjects(tip)[0].startswith(PAGES_MESSAGE):
            return Shown(branch, why=f"the branch {PAGES_BRANCH} holds other work" if own else "")
        serving = PAGES_BRANCH if source == PAGES_BRANCH else branch
        if own and own.withheld:
            return Shown(serving, why=own.withheld)
        found = self._own_demo(own) if own else self._demo_of(tip)
        return Shown(PAGES_BRANCH if found else serving, found)

    def _own_demo(self, own: demo.Demo) -> dict[str, Entry]:
        paths = [f"{demo.FOLDER}/{name}" for name in own.files]
        ids = self.repository.blob_ids(paths)
        return {path: Entry("100644", one, path) for path, one in zip(paths, ids, strict=True)}

    def _demo_of(self, tip: str | None) -> dict[str, Entry]:
        """The demo that is online, where its model is still the one that was measured."""
        if tip is None:
            return {}
        facts = self.repository.read(tip, f"{demo.FOLDER}/{demo.FACTS}")
        if facts is None or demo.refusal(facts, self.publication.results, ""):
            return {}
        entries = pristine.entries(self.repository, tip)
        return {path: e for path, e in entries.items() if path.startswith(f"{demo.FOLDER}/")}

    def pages(self) -> dict[str, Any] | None:
        """How the forge serves the pages now."""
        return self.forge.ask(f"{self.path}/pages", "look up the pages")

    def pages_tip(self) -> str | None:
        """The newest commit of the pages' branch, with its objects here; None where none is."""
        ref = f"refs/heads/{PAGES_BRANCH}"
        tip = self.refs_there().get(ref) if self.there() else None
        if tip and not self.repository.find_ref(tip):
            address = self.push_address
            self._with_credential(lambda loan: self.repository.fetch(address, ref, loan))
        return tip

    @property
    def push_address(self) -> str:
        """Where git will push to: the remote's own address, or the one it will get."""
        return self.repository.remotes()[self.remote] if self.remote else self.clone_address

    def refs_there(self) -> dict[str, str]:
        """The refs of the remote repository."""
        address = self.push_address
        return self._with_credential(lambda loan: self.repository.remote_refs(address, loan))

    def push(self, refs: Sequence[str]) -> None:
        remote = self.remote
        if remote is None:
            raise ForgeError("There is no remote to push to.")
        branch = self.publication.branch
        self._with_credential(lambda loan: self.repository.push(remote, refs, branch, loan))

    def _with_credential(self, talk: Callable[[Loan | None], Answer]) -> Answer:
        """Run git with the token on loan, for addresses of our server; others are the user's."""
        server = self.forge.server.web
        address = urlsplit(self.push_address)
        ours = urlsplit(server)
        try:
            if not self.forge.signed_in or (
                (address.scheme, _without_user(address.netloc)) != (ours.scheme, ours.netloc)
            ):
                return talk(None)
            with lend(self.forge.token.value, server) as loan:
                return talk(loan)
        except git.RemoteError as error:
            raise _explained(self.forge.token.hide(error.words), self) from None


class Step(Protocol):
    """One thing that should be true online."""

    name: str

    def look(self, at: Workplace) -> Done | Action:
        """Find out whether it is, and how to make it so."""
        ...


class CreateRepository:
    name = "repository"

    def look(self, at: Workplace) -> Done | Action:
        found = at.there()
        if found is None:
            return self._creation(at)
        if found.get("archived"):
            raise ForgeError(
                f"{at.full_name} is archived: nothing can be pushed to it.",
                f"Unarchive it at {at.web_address}/settings, or choose another --name.",
            )
        if at.forge.signed_in and not found.get("permissions", {}).get("push"):
            raise ForgeError(
                f"{at.full_name} belongs to somebody else, and you may not push to it.",
                "Leave --owner out to publish under your own name, or choose another --name.",
            )
        if at.remote is None and not self._is_the_same(at):
            raise ForgeError(
                f"{at.full_name} is there already and holds other work: it shares no commit with "
                "this project.",
                at.publication.elsewhere,
            )
        return Done(f"{at.full_name} is there")

    def _is_the_same(self, at: Workplace) -> bool:
        owner, name = at.publication.owner, at.publication.name
        return any(at.forge.holds_commit(owner, name, root) for root in at.repository.roots())

    def _creation(self, at: Workplace) -> Action:
        private = bool(at.publication.private)
        body = {"name": at.publication.name, "private": private, "has_wiki": False}
        call = Call("POST", self._collection(at), body, f"create {at.full_name}")
        kind = "private" if private else "public"
        return _sending(at, f"create {at.full_name}, {kind}", call, self._create)

    def _collection(self, at: Workplace) -> str:
        owner = at.publication.owner
        its_own = owner.lower() == at.forge.viewer.lower()
        if its_own and at.forge.signed_in:
            return "/user/repos"
        account = at.forge.account(owner)
        if account is None:
            raise ForgeError(
                f"There is no account called {owner} on {at.forge.server.host}.",
                "Correct --owner, or leave it out to publish under your own name.",
            )
        if account.get("type") != "Organization":
            if its_own:
                return "/user/repos"
            raise ForgeError(
                f"{owner} is another person, and only they can create repositories there.",
                "Leave --owner out to publish under your own name.",
            )
        return f"/orgs/{quote(owner)}/repos"

    def _create(self, at: Workplace, call: Call) -> None:
        try:
            at.forge.send(call)
        except Refused as refusal:
            # Two runs at once, or an answer that was lost: the next look decides whose it is.
            if refusal.status != 422 or at.there() is None:
                raise


class AddBadges:
    name = "badges"

    def look(self, at: Workplace) -> Done | Action:
        page = at.repository.root / "README.md"
        if "README.md" not in at.repository.tracked():
            return Done("no README.md to put them into")
        shown = at.pages_address + at.shown.landing if at.shown.demo else ""
        report = at.pages_address + at.publication.landing if at.wants_pages else ""
        lines = badges.lines(at.repository, at.web_address, report, at.publication.branch, shown)
        text = page.read_text(encoding="utf-8")
        changed = badges.insert(text, lines)
        if changed == text:
            return Done("the README shows them" if lines else "none applies")
        if "README.md" in at.repository.uncommitted():
            return Done("left out this time: README.md has changes that are not committed")
        message = f"Show the badges of {at.full_name}"
        calls = (f"git commit --only README.md ({', '.join(name for name, _ in lines)})",)
        return Action("put them into README.md", calls, lambda: self._commit(at, changed, message))

    def _commit(self, at: Workplace, text: str, message: str) -> None:
        page = at.repository.root / "README.md"
        page.write_text(text, encoding="utf-8", newline="\n")
        at.repository.commit_file("README.md", message, at.repository.who)


class AddRemote:
    name = "remote"

    def look(self, at: Workplace) -> Done | Action:
        remotes = at.repository.remotes()
        if at.remote is None:
            at.remote = next((n for n, url in remotes.items() if _leads_to(url, at)), None)
        if at.remote is not None:
            return Done(f"{at.remote} leads to {at.full_name}")
        name = next((name for name in REMOTE_NAMES if name not in remotes), None)
        if name is None:
            raise ForgeError(
                f"The remotes {', '.join(REMOTE_NAMES)} are all taken and lead elsewhere.",
                f"Add one yourself: git remote add NAME {at.clone_address}",
            )
        address = at.clone_address
        return Action(
            f"add the remote {name}",
            (f"git remote add {name} {address}",),
            lambda: self._add(at, name, address),
        )

    def _add(self, at: Workplace, name: str, address: str) -> None:
        at.repository.add_remote(name, address)
        at.remote = name


class Push:
    name = "push"

    def look(self, at: Workplace) -> Done | Action:
        branch = at.publication.branch
        refs = {f"refs/heads/{branch}": at.repository.resolve("HEAD")}
        if pristine := at.repository.find_ref(git.PRISTINE_REF):
            refs[git.PRISTINE_REF] = pristine
        there = at.refs_there() if at.there() else {}
        missing = {ref: commit for ref, commit in refs.items() if there.get(ref) != commit}
        head = f"refs/heads/{branch}"
        if head in missing and head in there:
            self._require_fast_forward(at, there[head], missing[head])
        # An older or rewritten pristine over there is left alone: a push never forces.
        pushed = [
            ref for ref in missing
            if ref not in there or at.repository.is_ancestor(there[ref], missing[ref])
        ]  # fmt: skip
        if not pushed:
            return Done(f"{branch} is up to date at {refs[head][:7]}")
        names = " ".join(pushed)
        return Action(
            f"push {branch} at {refs[head][:7]}",
            (f"git push {at.remote or REMOTE_NAMES[0]} {names}",),
            lambda: at.push(pushed),
        )

    def _require_fast_forward(self, at: Workplace, theirs: str, ours: str) -> None:
        if at.repository.is_ancestor(theirs, ours):
            return
        branch = at.publication.branch
        raise ForgeError(
            f"{branch} on {at.full_name} has commits that are not here ({theirs[:7]}); publishing "
            "never forces.",
            f"Take them over first: git pull --rebase {at.remote or at.clone_address} {branch}",
        )


class PushDemo:
    """Bring what is committed, with the demo, to the branch that serves the pages."""

    name = "demo"

    def look(self, at: Workplace) -> Done | Action:
        shown = at.shown
        if shown.branch != PAGES_BRANCH or at.publication.branch == PAGES_BRANCH:
            return Done(f"stays here: {shown.why}" if shown.why else "none here")
        committed = pristine.entries(at.repository, "HEAD")
        # Workflows would run again for this branch.
        left_out = (".github/", f"{demo.FOLDER}/") if shown.demo else (".github/",)
        wanted = {path: e for path, e in committed.items() if not path.startswith(left_out)}
        wanted |= shown.demo
        tip = at.pages_tip()
        if tip and pristine.entries(at.repository, tip) == wanted:
            return Done("online" if shown.demo else f"taken off: {shown.why}")
        what = f"demo/ ({len(shown.demo)} files)" if shown.demo else "no demo"
        calls = (
            f"git commit-tree (HEAD without .github/, with {what})",
            f"git push {at.remote or REMOTE_NAMES[0]} COMMIT:refs/heads/{PAGES_BRANCH}",
        )
        return Action(f"push the pages with {what}", calls, lambda: self._push(at, wanted, tip))

    def _push(self, at: Workplace, wanted: Mapping[str, Entry], tip: str | None) -> None:
        if own := at.publication.demo:
            at.repository.blob_ids([f"{demo.FOLDER}/{name}" for name in own.files], keep=True)
        message = f"{PAGES_MESSAGE} {at.publication.branch} at {at.repository.resolve('HEAD')[:7]}"
        with pristine.scratch_index(at.repository) as index:
            index.put(list(wanted.values()))
            tree = index.write_tree()
        parents, who = [tip] if tip else [], at.repository.who
        commit = pristine.commit_tree(at.repository, tree, parents, message, who)
        at.push([f"{commit}:refs/heads/{PAGES_BRANCH}"])


class TurnOnPages:
    name = "pages"

    def look(self, at: Workplace) -> Done | Action:
        if not at.wants_pages:
            return Done("off, as asked" if at.publication.pages is False else "off while private")
        path = f"{at.path}/pages"
        source = {"branch": at.shown.branch, "path": "/"}
        found = at.pages()
        if found is not None:
            if at.shown.branch == PAGES_BRANCH and found.get("source") != source:
                call = Call("PUT", path, {"source": source}, "serve the pages with the demo")
                return _sending(at, "serve the demo too", call)
            return Done(f"served at {found.get('html_url') or at.pages_address}")
        body = {"build_type": "legacy", "source": source}
        call = Call("POST", path, body, f"turn on the pages of {at.full_name}")
        return _sending(at, "turn the pages on", call, self._turn_on)

    def _turn_on(self, at: Workplace, call: Call) -> None:
        try:
            at.forge.send(call)
        except Refused as refusal:
            if refusal.status == 409:  # turned on in the meantime
                return
            if "plan" in refusal.message.lower():
                refusal.hint = "Publish it with --public, or without pages: --no-pages"
            raise


class Describe:
    name = "description"

    def look(self, at: Workplace) -> Done | Action:
        found = at.there() or {}
        body: dict[str, Any] = {}
        if self._is_ours_to_say(at, found.get("description") or ""):
            body["description"] = at.publication.description
        homepage = at.pages_address + (at.shown.landing or at.publication.landing)
        if at.wants_pages and self._is_ours_to_lead(at, found.get("homepage") or "", homepage):
            body["homepage"] = homepage
        if at.publication.private is not None and found.get("private") != at.publication.private:
            body["private"] = at.publication.private
        if not found:
            body.pop("private", None)
        if not body:
            return Done("description and homepage are set")
        call = Call("PATCH", at.path, body, f"describe {at.full_name}")
        words = " and ".join(f"its {key}" for key in body).replace("its private", "who may see it")
        return _sending(at, f"set {words}", call)

    def _is_ours_to_say(self, at: Workplace, stands: str) -> bool:
        """What somebody wrote by hand on GitHub stays, unless a text was asked for."""
        wanted = at.publication.description
        if wanted is None or stands == wanted:
            return False
        ours = stands.startswith(at.publication.beginnings)
        return at.publication.own_description or not stands or ours

    def _is_ours_to_lead(self, at: Workplace, stands: str, wanted: str) -> bool:
        return stands != wanted and (not stands or stands.startswith(at.pages_address))


class SetTopics:
    name = "topics"

    def look(self, at: Workplace) -> Done | Action:
        path = f"{at.path}/topics"
        stands = list((at.forge.ask(path, "read the topics") or {}).get("names", []))
        new = [topic for topic in at.publication.topics if topic not in stands]
        if not new:
            return Done(", ".join(stands) or "none")
        names = [*stands, *new][:20]  # GitHub's limit
        call = Call("PUT", path, {"names": names}, f"set the topics of {at.full_name}")
        return _sending(at, f"add {', '.join(new)}", call)


class ProtectBranch:
    name = "protection"

    def look(self, at: Workplace) -> Done | Action:
        branch = at.publication.branch
        if not at.publication.protect:
            return Done("not asked for")
        path = f"{at.path}/branches/{quote(branch, safe='')}/protection"
        if at.forge.ask(path, "look up the protection") is not None:
            return Done(f"{branch} is protected")
        body = {
            "required_status_checks": None,
            "enforce_admins": False,
            "required_pull_request_reviews": None,
            "restrictions": None,
            "allow_force_pushes": False,
            "allow_deletions": False,
        }
        call = Call("PUT", path, body, f"protect {branch}")
        return _sending(at, f"protect {branch} from deletion and force pushes", call)


PROJECT_STEPS: tuple[Step, ...] = (
    CreateRepository(), AddBadges(), AddRemote(), Push(), PushDemo(), TurnOnPages(), Describe(),
    SetTopics(), ProtectBranch(),
)  # fmt: skip
SITE_STEPS: tuple[Step, ...] = tuple(
    step for step in PROJECT_STEPS if not isinstance(step, AddBadges | PushDemo)
)


def carry_out(
    steps: Sequence[Step], at: Workplace, reporter: Reporter, *, dry_run: bool = False
) -> list[Outcome]:
    """Look at each step and do what is missing; stops at the first that cannot be done."""
    outcomes = []
    for step in steps:
        started = time.monotonic()
        reporter.step(step.name, "running")
        try:
            outcome = _settle(step, at, reporter, dry_run)
        except Exception:
            reporter.step(step.name, "failed", seconds=time.monotonic() - started)
            raise
        state: Literal["done", "skipped"] = "done" if outcome.state == "changed" else "skipped"
        detail = f"would {outcome.says}" if outcome.state == "planned" else outcome.says
        reporter.step(step.name, state, detail, time.monotonic() - started)
        outcomes.append(outcome)
    return outcomes


def standing(name: str, outcomes: Sequence[Outcome], places: Sequence[str]) -> list[str]:
    """The calls of a dry run, or where a repository stands now; empty places are left out."""
    if planned := [one for one in outcomes if one.state == "planned"]:
        calls = [call for outcome in planned for call in outcome.calls]
        return [f"{name}: nothing was changed. To do:", *calls]
    changed = any(outcome.state == "changed" for outcome in outcomes)
    first = "is online." if changed else "is as it should be: nothing was changed."
    return [f"{name} {first}", *(f"  {place}" for place in places if place)]


def _settle(step: Step, at: Workplace, reporter: Reporter, dry_run: bool) -> Outcome:
    """Look, act, and where no answer came, look again: what was lost may have been the answer."""
    acted: Action | None = None
    for attempt in range(ATTEMPTS):
        at.forge.look_again()
        try:
            found = step.look(at)
            if isinstance(found, Done):
                if acted is not None:
                    return Outcome(step.name, "changed", acted.says, acted.calls)
                return Outcome(step.name, "done", found.says)
            if dry_run:
                return Outcome(step.name, "planned", found.says, found.calls)
            acted = found
            found.act()
        except ForgeUnavailable as error:
            if attempt == ATTEMPTS - 1:
                raise
            reporter.progress(f"{error.message} Trying again.")
            time.sleep(PAUSES[attempt])
        else:
            return Outcome(step.name, "changed", acted.says, acted.calls)
    raise AssertionError("unreachable")


def address_of(url: str) -> tuple[str, str, str] | None:
    """Host, owner and name that a remote's address leads to; None where it has no such parts."""
    if match := re.fullmatch(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?!//)(?P<path>.+)", url):
        host, path = match["host"], match["path"]
    else:
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http", "ssh", "git"}:
            return None
        web = parts.scheme in {"https", "http"}
        host = _without_user(parts.netloc) if web else (parts.hostname or "")
        path = parts.path
    owner, _, name = path.strip("/").removesuffix(".git").partition("/")
    return (host, owner, name) if owner and name and "/" not in name else None


def _leads_to(url: str, at: Workplace) -> bool:
    found = address_of(url)
    server = urlsplit(at.forge.server.web)
    return (
        found is not None
        and found[0] in {server.netloc, server.hostname}
        and f"{found[1]}/{found[2]}".lower() == at.full_name.lower()
    )


def _without_user(netloc: str) -> str:
    return netloc.rpartition("@")[2]


def _send(at: Workplace, call: Call) -> None:
    at.forge.send(call)


def _sending(
    at: Workplace, says: str, call: Call, send: Callable[[Workplace, Call], None] = _send
) -> Action:
    """An action that is one call of the forge."""
    return Action(says, (str(call),), lambda: send(at, call))


# What git says when a push or a look at a remote fails, in the order in which it is looked for.
_BROKEN = re.compile(
    r"hung up|early EOF|unexpected disconnect|RPC failed|Connection reset|Broken pipe"
    r"|Could not resolve host|Failed to connect|Couldn't connect|Connection refused|timed out"
    r"|HTTP 50\d|error: 50\d|Empty reply|transfer closed|not valid: is this"
    # curl repeats a push whose answer was lost, and the ref is there by then: look again.
    r"|cannot lock ref|reference already exists",
    re.IGNORECASE,
)


def _explained(words: str, at: Workplace) -> ForgeError:
    """A git failure in a sentence with a way out."""
    words = re.sub(r"://[^/@\s]*@", "://", words)
    origin, web = at.forge.token.origin, at.forge.server.web
    branch = at.publication.branch
    if "workflow` scope" in words or "workflows` permission" in words:
        return ForgeError(
            f"The token from {origin} may not push workflow files (.github/workflows).",
            f"Give it the scope `workflow`: {web}/settings/tokens",
        )
    if re.search(r"GH013|push protection|rule violations", words, re.IGNORECASE):
        return ForgeError(
            f"GitHub's rules for {at.full_name} refuse the push:\n{_remote_lines(words)}",
            "Do what they say and commit; then run the same command again.",
        )
    if re.search(r"GH001|exceeds GitHub's file size limit|Large files detected", words):
        return ForgeError(
            f"GitHub refuses a file that is too large:\n{_remote_lines(words)}",
            "Take it out of the history (git filter-repo); `scaffold check` names such files.",
        )
    if re.search(r"non-fast-forward|fetch first|\[rejected\]", words):
        return ForgeError(
            f"{branch} on {at.full_name} has moved on meanwhile; publishing never forces.",
            f"Take its commits over first: git pull --rebase {at.remote} {branch}",
        )
    if re.search(r"Authentication failed|could not read (Username|Password)|HTTP 401", words):
        return ForgeError(
            f"{at.forge.server.host} does not accept the token from {origin} for git.",
            f"It needs the scopes repo and workflow: {web}/settings/tokens",
        )
    if re.search(r"Permission denied \(publickey|Host key verification failed", words):
        return ForgeError(
            f"The remote {at.remote} uses SSH, and {at.forge.server.host} does not know your key.",
            f"Add your key at {web}/settings/keys, or let the remote use {at.clone_address}",
        )
    if re.search(r"HTTP 403|error: 403|Permission .*denied|protected branch", words):
        return ForgeError(
            f"You may not push to {branch} of {at.full_name}:\n{_remote_lines(words)}",
            "Ask its owner, or publish under your own name: leave --owner out.",
        )
    if _BROKEN.search(words):
        return ForgeUnavailable(
            f"The connection to {at.forge.server.host} broke while git was talking to it.",
            "Nothing is lost: run the same command again.",
        )
    return ForgeError(f"git could not push to {at.full_name}:\n{_remote_lines(words)}")


def _remote_lines(words: str) -> str:
    """The lines that came from the other side, or else the last ones that git itself wrote."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    remote = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    return "\n".join(f"  {line}" for line in (list(filter(None, remote)) or lines)[-8:])
