"""The challenges of the catalogue and their solutions.

A solution is tests/challenges/TEMPLATE/ID.patch. First what to run, a line each: `Run: try "why"`
stands for `python -m PACKAGE try "why"`, and `Before: ` for the same ahead of the patch; and what
to write for a prompt (`Answer: NAME: text`). Then a patch, if one is needed, whose hunks need no
context. The package is called `project_package` there, as in the templates.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffold import catalogue

FOLDER = Path(__file__).parent
FILE = "challenges.toml"


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


def templates() -> list[str]:
    """The templates that have challenges."""
    return [name for name in catalogue.names() if (catalogue.root() / name / FILE).is_file()]


def challenges(template: str) -> list[dict[str, Any]]:
    """The challenges of a template, as they stand in its file."""
    text = (catalogue.root() / template / FILE).read_text(encoding="utf-8")
    return list(tomllib.loads(text)["challenges"])


def solution(template: str, name: str) -> Solution:
    return Solution(FOLDER / template / f"{name}.patch")
