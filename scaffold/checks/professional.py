"""PR: does it look like the work of a colleague?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scaffold.checks.checkout import SHALLOW, Checkout
from scaffold.checks.kind import FINISHED
from scaffold.checks.verdict import PASSES, Check, NotRead, Verdict, listing
from scaffold.errors import GitError

if TYPE_CHECKING:
    from scaffold.checks.repair import Repair

LICENCE = re.compile(r"^(licen[cs]e|copying)(\.(md|txt|rst))?$", re.IGNORECASE)
CI_FILES = re.compile(
    r"^(\.(github|forgejo|gitea)/workflows/.+\.ya?ml|\.gitlab-ci\.ya?ml|\.circleci/config\.yml"
    r"|\.?azure-pipelines\.ya?ml|\.travis\.yml|Jenkinsfile|bitbucket-pipelines\.yml"
    r"|\.?appveyor\.yml|\.cirrus\.yml|\.drone\.yml|\.woodpecker(/.+)?\.ya?ml|\.builds/.+\.ya?ml"
    r"|\.buildkite/.+\.ya?ml|\.ci/[^/]+)$"  # the last: scripts for a runner of one's own
)
OF_THE_TOOL = re.compile(
    r"^(start [\w.-]+ from the [\w.:/-]+ template|show the badges of [\w./-]+"
    r"|update to .* of the .* template)\.?$",
    re.IGNORECASE,
)
FEWEST_STEPS = 2  # commits of the author's own
RUNS_TESTS = re.compile(
    r"pytest|make (all|tests?|checks?|ci)\b|\btox\b|\bnox\b|unittest|\.ci/|scripts?/test"
    r"|\b(hatch|npm|just|task|pdm|pixi|rye) (run )?test|rcmdcheck|Pkg\.test"
)
RUNS_NONE = re.compile(
    r"^\s*(- )?(name:|(run:\s*)?([\w./-]+ )*(echo|install|add|sync)\b)|\|\|", re.IGNORECASE
)  # speaks of them, installs what runs them, or may not fail
UNITTEST = re.compile(r"^(assert|fail)[A-Z]")
PYTEST = {"raises", "warns", "fail", "approx", "assert_called", "check"}


class Professional(Check):
    family = "professional"


class PR501(Professional):
    """A licence says what others may do with it."""

    reason = "Without a licence nobody may use the code, and a careful employer will not open it."
    fix = "Add a LICENSE file; MIT is usual for a portfolio (choosealicense.com)."

    def judge(self, checkout: Checkout) -> Verdict:
        found = any(LICENCE.match(path) for path in checkout.files)
        return PASSES if found else "there is no LICENSE file"


class PR502(Professional):
    """There are tests, and every one asserts something."""

    owed_by = FINISHED
    reason = "A test that cannot fail is worse than none: it says that something was looked at."
    fix = "Let each test state what must hold, or delete it."

    def judge(self, checkout: Checkout) -> Verdict:
        if not checkout.python_files:
            return None
        tests = [found for path in checkout.test_files for found in _tests(checkout, path)]
        if not tests:
            return "there is no test"
        idle = [(path, test) for path, test in tests if not _asserts(test)]
        helpers = _helpers(checkout) if idle else frozenset()
        return listing(f"{path}::{test.name}" for path, test in idle if not _calls(test, helpers))


class PR503(Professional):
    """No test is switched off."""

    reason = "A skipped test is a known fault with a lid on it."
    fix = "Mend the test or delete it; `skipif` with a condition and a reason is fine."

    def judge(self, checkout: Checkout) -> Verdict:
        if not checkout.test_files:
            return None
        return listing(
            f"{path}::{test.name}"
            for path in checkout.test_files
            for _, test in _tests(checkout, path)
            if _is_switched_off(test)
        )


class PR504(Professional):
    """A workflow runs the tests on every push."""

    owed_by = FINISHED
    reason = "A green badge is a claim that somebody else verified."
    fix = "Add .github/workflows/ci.yml that installs the project and runs its tests."

    def judge(self, checkout: Checkout) -> Verdict:
        workflows = [path for path in checkout.files if CI_FILES.match(path)]
        if not workflows:
            return "there is no workflow"
        if any(_runs_tests(checkout.text(path) or "") for path in workflows):
            return PASSES
        return listing(f"{path} runs no tests" for path in sorted(workflows))


class PR505(Professional):
    """The linter finds no error, nor what the repository's own settings ask it to look for."""

    weight = 35
    reason = "Unused imports and undefined names are what a reviewer's editor shows first."
    fix = "`ruff check --fix`, and look at the diff: an import may be there for what it does."

    def judge(self, checkout: Checkout) -> Verdict:
        from scaffold.checks.linter import lint

        return lint(checkout)

    def repairs(self, checkout: Checkout) -> list[Repair]:
        from scaffold.checks.linter import repairs

        return repairs(checkout)


class PR506(Professional):
    """The project describes itself in a sentence and a few topics."""

    reason = "They are what a search shows, and what stands beside the code on its page."
    fix = "Set `description` and `keywords` in pyproject.toml."

    def judge(self, checkout: Checkout) -> Verdict:
        project = checkout.pyproject.get("project")
        if project is None:
            return None
        topics = project.get("keywords") or (checkout.project and checkout.project.topics)
        missing = [
            name
            for name, value in (("description", project.get("description")), ("keywords", topics))
            if not value
        ]
        return listing(f"pyproject.toml has no {name}" for name in missing)


class PR507(Professional):
    """The work was committed in steps."""

    weight = 30
    reason = "One commit with everything in it looks copied, even when it is not."
    fix = "Commit as you go, each commit one step, with a sentence that says why."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.repository is None:
            return None
        try:
            subjects = checkout.repository.subjects()
        except GitError:
            return None  # a commit is missing: PR508 says so
        steps = [subject for subject in subjects if not OF_THE_TOOL.match(subject.strip())]
        if len(steps) >= FEWEST_STEPS:
            return PASSES
        if checkout.is_shallow:
            return NotRead(SHALLOW)
        said = listing(f"“{subject}”" for subject in subjects)
        return f"{len(steps)} of {FEWEST_STEPS} steps: {said}" if subjects else "there is no commit"


class PR508(Professional):
    """The work is under version control."""

    reason = "Without a history there is nothing to publish and no way back."
    fix = "git init && git add . && git commit -m 'Start'"

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.repository:
            return checkout.history_fault
        if not (checkout.root / ".git").exists() and "bare" not in checkout.git_fault:
            return "this folder is not a git repository"
        return checkout.git_fault


class PR509(Professional):
    """pyproject.toml and .scaffold.toml can be read, and hold what they may."""

    reason = "Every tool starts there; where it cannot be read, nothing installs."
    fix = "Correct what is named; the standard: packaging.python.org, `pyproject.toml`."

    def judge(self, checkout: Checkout) -> Verdict:
        if checkout.file("pyproject.toml") is None and not checkout.is_generated:
            return None
        own = [f"pyproject.toml: {fault}" for fault in checkout.described.faults]
        return listing([*own, *filter(None, [checkout.scope.fault, checkout.state_fault])])


def _runs_tests(workflow: str) -> bool:
    """A command that runs them; one that is commented out, or may not fail, is none."""
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in workflow.splitlines())
    commands = (command for line in lines for command in re.split(r"&&|;", line))
    return any(RUNS_TESTS.search(command) and not RUNS_NONE.search(command) for command in commands)


TestFunction = ast.FunctionDef | ast.AsyncFunctionDef


def _tests(checkout: Checkout, path: str) -> Iterator[tuple[str, TestFunction]]:
    tree = checkout.tree(path)
    for function in _functions(tree.body if tree else ()):
        if function.name.startswith("test"):
            yield path, function


def _functions(block: Sequence[ast.AST]) -> Iterator[TestFunction]:
    """Those of a module and of its classes, where pytest finds them: not inside of others."""
    for node in block:
        if isinstance(node, TestFunction):
            yield node
        else:
            for inner in ("body", "handlers", "orelse", "finalbody", "cases"):
                yield from _functions(getattr(node, inner, ()))


def _asserts(test: TestFunction) -> bool:
    """An assert, a pytest or unittest assertion, or a helper whose name says that it asserts."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            constant = isinstance(node.test, ast.Constant)
            if not constant:
                return True
        if isinstance(node, ast.Call):
            name = _last_name(node.func)
            if name in PYTEST or UNITTEST.match(name):
                return True
            if re.match(r"_?(assert|check|expect|verify|require|must)", name):
                return True
    return False


def _helpers(checkout: Checkout) -> frozenset[str]:
    """Functions of the tests' own that assert something for them."""
    trees = filter(None, map(checkout.tree, checkout.test_files))
    return frozenset(
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, TestFunction) and not node.name.startswith("test") and _asserts(node)
    )


def _calls(test: TestFunction, names: frozenset[str]) -> bool:
    calls = (node.func for node in ast.walk(test) if isinstance(node, ast.Call))
    return any(_last_name(call) in names for call in calls)


def _is_switched_off(test: TestFunction) -> bool:
    if any(_last_name(mark) in {"skip", "xfail"} for mark in test.decorator_list):
        return True
    first = next((s for s in test.body if not _is_docstring(s)), None)
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Call)
        and _last_name(first.value.func) in {"skip", "xfail"}
    )


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


CHECKS: tuple[type[Check], ...] = (PR501, PR502, PR503, PR504, PR505, PR506, PR507, PR508, PR509)
