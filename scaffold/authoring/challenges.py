"""The challenges of a template and their solutions.

A solution is tests/challenges/TEMPLATE/ID.patch. First what to run, a line each: `Run: try "why"`
stands for `python -m PACKAGE try "why"`, and `Before: ` for the same ahead of the patch; and what
to write for a prompt (`Answer: NAME: text`). Then a patch, if one is needed, whose hunks need no
context. The package is called `project_package` there, as in the templates.
"""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold import git
from scaffold.authoring.subject import Subject
from scaffold.errors import GitError

FILE = "challenges.toml"
FEWEST = 8
LEVELS = {"adjust", "extend", "rethink"}
KEYS = {"id", "level", "title", "learn", "where", "hint", "goal"}
PAGES = ("README.md.jinja", "REPORT.md.jinja")
PROMPT = re.compile(r"Yours to write — ([a-z0-9-]+):")


@dataclass(frozen=True)
class Solution:
    """What a learner would write and run."""

    path: Path

    @property
    def commands(self) -> list[list[str]]:
        """Arguments of `python -m PACKAGE`, in order."""
        return self._told("Run")

    @property
    def before(self) -> list[list[str]]:
        """The same for what is run while the program is as it was."""
        return self._told("Before")

    def _told(self, when: str) -> list[list[str]]:
        head = self._text.partition("\ndiff --git ")[0]
        return [shlex.split(line) for line in re.findall(rf"^{when}: (.+)$", head, re.MULTILINE)]

    @property
    def answers(self) -> dict[str, str]:
        """What is written in place of a prompt, by its name."""
        return dict(re.findall(r"^Answer: ([a-z0-9-]+): (.+)$", self._text, re.MULTILINE))

    def patch(self, package: str) -> str:
        """What `git apply` gets; empty where nothing is to be written."""
        _, begin, rest = f"\n{self._text}".partition("\ndiff --git ")
        return (begin + rest).lstrip("\n").replace("project_package", package)

    @property
    def _text(self) -> str:
        return self.path.read_text(encoding="utf-8")


def of(subject: Subject) -> list[dict[str, Any]]:
    """The challenges of a template, as they stand in its file."""
    return list(tomllib.loads(subject.read(FILE)).get("challenges", []))


def faults_of_form(subject: Subject) -> Iterator[str]:
    """Whether there are enough, on every level, and each leads somewhere."""
    found = of(subject)
    if len(found) < FEWEST:
        yield f"{len(found)} of {FEWEST}"
    yield from (f"none on the level {level}" for level in LEVELS - {c.get("level") for c in found})
    names = [each.get("id", "") for each in found]
    yield from (f"{name} stands twice" for name in sorted(set(names)) if names.count(name) > 1)
    prompts = {name for page in PAGES for name in _prompts(subject, page)}
    for each in found:
        lacking = sorted(key for key in KEYS if not each.get(key))
        if lacking or set(each) - KEYS:
            wrong = ", ".join(lacking) or f"no key {', '.join(sorted(set(each) - KEYS))}"
            yield f"{each.get('id', '?')}: {wrong}"
            continue
        path, _, function = each["where"].partition(": ")
        if function not in _functions(subject, path):
            yield f"{each['id']}: {path} has no {function}"
        yield from _faults_of_goal(subject, each, prompts)


def _faults_of_goal(subject: Subject, each: dict[str, Any], prompts: set[str]) -> Iterator[str]:
    goal = each["goal"]
    if goal["kind"] == "test":
        path, _, function = goal["id"].partition("::")
        if function not in _functions(subject, path):
            yield f"{each['id']}: {path} has no {function}"
    if goal["kind"] == "answered" and goal["prompt"] not in prompts:
        yield f"{each['id']}: nothing asks {goal['prompt']}"


def faults_of_solutions(subject: Subject) -> Iterator[str]:
    """Whether each challenge has a solution that does something, and each solution a challenge."""
    folder, names = subject.papers.solutions, {each.get("id", "") for each in of(subject)}
    for name in sorted(names):
        found = Solution(folder / f"{name}.patch")
        if not found.path.is_file():
            yield f"{name}: none"
            continue
        if not (found.commands or found.answers or found.patch("app")):
            yield f"{name}: does nothing"
        by_code = any(words[0] == "try" and "--set" not in words for words in found.commands)
        if by_code and not found.before:  # the first attempt is the start, and has no other
            yield f"{name}: nothing is tried before the program changes (`Before: try …`)"
    left = {path.stem for path in folder.glob("*.patch")} - names
    yield from (f"{name}: no such challenge" for name in sorted(left))


def faults_of_patches(subject: Subject, root: Path, package: str) -> Iterator[str]:
    """Whether the patches of the solutions fit a project."""
    repository = git.Repository.open(root)
    for path in sorted(subject.papers.solutions.glob("*.patch")):
        patch = Solution(path).patch(package)
        if patch:
            try:
                repository.run("apply", "--check", "--unidiff-zero", "-", stdin=patch)
            except GitError as error:
                yield f"{path.stem}: {error.message}"


def _prompts(subject: Subject, page: str) -> list[str]:
    texts = [subject.read(page)]
    texts += [(layer / page).read_text("utf-8") for layer in subject.layers
              if (layer / page).is_file()]  # fmt: skip
    return PROMPT.findall("".join(texts))


def _functions(subject: Subject, path: str) -> set[str]:
    """The functions and classes of a file, those inside classes as `Class.name`; of others none."""
    found: set[str] = set()
    if not path.endswith(".py"):
        return found
    for node in ast.parse(subject.read(path)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            inside = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}.{each.name}" for each in inside}
    return found
