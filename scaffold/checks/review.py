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

State = Literal["passes", "fails", "does not apply", "not read"]


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


@dataclass(frozen=True)
class Review:
    """All findings about one repository; `error` says why there are none."""

    root: Path
    findings: tuple[Finding, ...] = ()
    families: dict[str, str] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""

    @property
    def failures(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.passed is False]

    @property
    def blockers(self) -> list[Finding]:
        """What `publish` stops at."""
        return [finding for finding in self.failures if finding.blocks]


def review(root: Path, *, deep: bool = False, whole_history: bool = False) -> Review:
    """Run every check, ours and other people's, on one repository."""
    from repo_review.processor import process

    checkout = Checkout(root, deep=deep, whole_history=deep or whole_history)
    unread: dict[str, str] = {}
    collected = _collect(checkout, unread)
    families, results = process(root, collected=collected)
    findings = tuple(
        _finding(collected.checks[result.name], asdict(result), unread) for result in results
    )
    return Review(root, findings, {key: entry.get("name", key) for key, entry in families.items()})


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
            judge = functools.partial(_look, check)

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


def _look(check: Check, checkout: Checkout | None) -> Verdict:
    return None if checkout is None else check.look(checkout)


def _or_nothing(make: Callable[..., Any]) -> Callable[..., Any]:
    """A fixture of another package that is None where it cannot be made."""

    @functools.wraps(make)
    def careful(*words: Any, **fixtures: Any) -> Any:
        try:
            return make(*words, **fixtures)
        except Exception:  # noqa: BLE001 - its checks will say so
            return None

    return careful


def _finding(guarded: Any, result: dict[str, Any], unread: dict[str, str]) -> Finding:
    """Checks of other packages have neither reason nor fix, and never block."""
    name, check = result["name"], guarded.of
    states: dict[bool | None, State] = {True: "passes", False: "fails", None: "does not apply"}
    state = "not read" if result["result"] is None and name in unread else states[result["result"]]
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
    )
