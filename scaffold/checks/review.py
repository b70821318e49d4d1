"""Every check on one repository; what one of them cannot digest is its finding and no other's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scaffold.checks.checkout import Checkout
from scaffold.checks.repair import Repair
from scaffold.checks.verdict import Check, NotRead, Verdict
from scaffold.errors import ScaffoldError

if TYPE_CHECKING:
    from repo_review.checks import Check as AnyCheck
    from repo_review.processor import CollectionReturn

State = Literal["passes", "fails", "suspected", "does not apply", "not read"]


@dataclass(frozen=True)
class Finding:
    """What one check found; `passed` is None where it does not apply, or did not read all."""

    check: str
    family: str
    sentence: str
    state: State
    passed: bool | None
    message: str
    reason: str
    fix: str
    blocks: bool
    url: str
    weight: int = 50
    proven: bool = True
    evidence: tuple[dict[str, Any], ...] = ()
    """Places: path, line, cell, place, split, text, patch."""


@dataclass(frozen=True)
class Review:
    """All findings about one repository; `error` says why there are none."""

    root: Path
    findings: tuple[Finding, ...] = ()
    families: dict[str, str] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""
    kind: str = ""
    ours: bool = False
    unreadable: tuple[str, ...] = ()
    title: str = ""
    """Its folder's name; of several with the same name, with as much of the path as it takes."""
    left_out: str = ""
    """What its own pyproject.toml leaves out of judgement, in words."""
    marks: frozenset[int] = frozenset()
    """Fingerprints of its own passages, to compare a class."""

    @property
    def name(self) -> str:
        """What to call it among those it was looked at with."""
        return self.title or self.root.name

    @property
    def ranked(self) -> list[Finding]:
        """What fails, in the order in which a reviewer would say it."""
        return sorted(self.failures, key=lambda finding: (-finding.weight, finding.check))

    @property
    def failures(self) -> list[Finding]:
        """What fails, by checks whose findings are right four times out of five."""
        return [f for f in self.findings if f.passed is False and f.proven]

    @property
    def suspicions(self) -> list[Finding]:
        """What fails by the others: worth a look, and no verdict."""
        return [f for f in self.findings if f.passed is False and not f.proven]

    @property
    def blockers(self) -> list[Finding]:
        """What `publish` stops at."""
        return [finding for finding in self.failures if finding.blocks]


def review(
    root: Path, *, deep: bool = False, whole_history: bool = False, compare: bool = False
) -> Review:
    """Run every check, ours and other people's, on one repository; `compare`: for a class."""
    from repo_review.processor import process

    checkout = Checkout(root, deep=deep, whole_history=deep or whole_history)
    unread: dict[str, str] = {}
    collected = _collect(checkout, unread)
    families, results = process(root, collected=collected)
    findings = tuple(
        _finding(checkout, collected.checks[result.name], asdict(result), unread)
        for result in results
    )
    return Review(
        root,
        findings,
        {key: entry.get("name", key) for key, entry in families.items()},
        kind=_kinds(checkout),
        ours=checkout.is_generated,
        unreadable=tuple(f"{path} ({why})" for path, why in checkout.code.unreadable.items()),
        left_out=checkout.left_out,
        marks=_marks(checkout) if compare else frozenset(),
    )


def _kinds(checkout: Checkout) -> str:
    """What the repository is, in words."""
    if len(checkout.parts) == 1:
        return checkout.kind.value
    held = "; ".join(f"{part.path}/ {part.kind.value}" for part in checkout.parts)
    return f"several things: {held}"


def _marks(checkout: Checkout) -> frozenset[int]:
    """The author's own passages: those that the template brought are left out."""
    from scaffold.checks.similarity import fingerprints

    own = fingerprints(["\n".join(source.lines) for source in checkout.code.sources.values()])
    pages = [page.text for page in checkout.documents.values()]
    own |= fingerprints([*pages, *checkout.code.prose], code=False)
    return own - _template_marks(checkout.template.name if checkout.template else "")


@functools.cache
def _template_marks(name: str) -> frozenset[int]:
    from scaffold import catalogue
    from scaffold.checks.similarity import fingerprints
    from scaffold.engines.layers import layers_of

    if not name:
        return frozenset()
    source = catalogue.source(name)
    folders = layers_of(source.folder, source.roots)
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    code = [file.read_text(encoding="utf-8") for file in files if file.suffix == ".py"]
    prose = [file.read_text(encoding="utf-8") for file in files if ".md" in file.suffixes]
    return fingerprints(code) | fingerprints(prose, code=False)


def repairs(root: Path, review: Review) -> Iterator[Repair]:
    """What a machine can put right of what failed, each to be applied before the next is made."""
    from scaffold.checks import repo_review_checks

    checks = repo_review_checks()
    for finding in review.failures:
        if finding.check in checks:
            yield from checks[finding.check].repairs(Checkout(root))


def _collect(checkout: Checkout, unread: dict[str, str]) -> CollectionReturn:
    """Like repo-review's own collection, each part of it on its own feet."""
    from repo_review.checks import collect_checks
    from repo_review.families import Family, collect_families
    from repo_review.fixtures import collect_fixtures, compute_fixtures
    from repo_review.processor import CollectionReturn

    functions = {name: _or_nothing(make) for name, make in collect_fixtures().items()}
    functions |= {"checkout": lambda: checkout, "pyproject": lambda: checkout.pyproject}
    fixtures = compute_fixtures(checkout.root, checkout.root, functions)
    checks: dict[str, AnyCheck] = {
        name: _Guarded(name, check, unread) for name, check in collect_checks(fixtures).items()
    }
    families = collect_families(fixtures)
    for check in checks.values():
        families.setdefault(check.family, Family())
    return CollectionReturn(fixtures, checks, families)


class _Guarded:
    """A check that answers with a sentence where it would raise, and tells apart what it skips."""

    def __init__(self, name: str, check: Any, unread: dict[str, str]) -> None:
        self.of = check
        self.family = check.family
        self.requires: frozenset[str] = getattr(check, "requires", frozenset())
        self.url = getattr(check, "url", "")
        self.__doc__ = check.__doc__
        judge: Callable[..., Any] = check.check
        if isinstance(check, Check):
            judge = check.look

        @functools.wraps(check.check)
        def careful(*words: Any, **fixtures: Any) -> Verdict | bool:
            try:
                verdict: Verdict | bool = judge(*words, **fixtures)
            except ScaffoldError as error:
                return f"cannot be judged: {error.message}"
            except Exception as error:  # noqa: BLE001 - one check's fault is not the others'
                return f"cannot be judged: {type(error).__name__}: {error}"
            if isinstance(verdict, NotRead):
                unread[name] = str(verdict)
                return None
            return verdict

        self.check = careful


def _or_nothing(make: Callable[..., Any]) -> Callable[..., Any]:
    """A fixture of another package that is None where it cannot be made."""

    @functools.wraps(make)
    def careful(*words: Any, **fixtures: Any) -> Any:
        try:
            return make(*words, **fixtures)
        except Exception:  # noqa: BLE001 - its checks will say so
            return None

    return careful


def _finding(
    checkout: Checkout, guarded: Any, result: dict[str, Any], unread: dict[str, str]
) -> Finding:
    """Checks of other packages have neither reason nor fix, and never block."""
    name, check = result["name"], guarded.of
    states: dict[bool | None, State] = {True: "passes", False: "fails", None: "does not apply"}
    state = "not read" if result["result"] is None and name in unread else states[result["result"]]
    if state == "fails" and not getattr(check, "proven", True):
        state = "suspected"
    message = result["skip_reason"] or unread.get(name) or result["err_msg"].strip()
    return Finding(
        check=name,
        family=result["family"],
        sentence=result["description"].splitlines()[0] if result["description"] else name,
        state=state,
        passed=result["result"],
        message=message.encode("utf-8", "backslashreplace").decode(),
        reason=getattr(check, "reason", ""),
        fix=getattr(check, "fix", ""),
        blocks=getattr(check, "blocks", False),
        url=result["url"],
        proven=getattr(check, "proven", True),
        weight=getattr(check, "weight", 50) + 20 * bool(getattr(check, "blocks", False)),
        evidence=_evidence(check, checkout) if result["result"] is False else (),
    )


def _evidence(check: Any, checkout: Checkout) -> tuple[dict[str, Any], ...]:
    """Where it was found, for those who want to go there."""
    found = check.evidence(checkout) if isinstance(check, Check) else None
    return tuple(
        {
            "path": fault.place.path,
            "line": fault.place.line,
            "cell": fault.place.cell,
            "place": str(fault.place),
            "split": str(fault.split or ""),
            "text": str(fault),
            "patch": fault.patch,
        }
        for fault in dict.fromkeys(found or ())
    )
