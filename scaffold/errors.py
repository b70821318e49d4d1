"""What can go wrong, as one tree; the command line turns each kind into an exit code.

ScaffoldError               1   the user can fix it; the hint says how
├── UnknownName             1   no such template, question or step; the hint names the nearest
├── NameRefused             1   a project name that would not work
├── DestinationRefused      1   the place to write to is taken or not writable
├── AnswerRefused           1   an answer that the question does not allow, or that is missing
├── TemplateError           1   a template is at fault: file, line and reason
│   └── LimitReached        1   one that nobody has trusted takes more than it may
├── SourceUnreachable       1   a template's address does not answer
├── UpdateRefused           1   an update cannot start; the work tree is as it was
├── NotAProject             1   no `.scaffold.toml` here, or one that cannot be read
├── PracticeError           1   what is to be practised is missing, or cannot be read
├── PortfolioError          1   portfolio.toml, or the folder of the site, is not as it should be
├── GitError                1   git said no
├── EnvironmentFailed       1   the project's environment could not be made
├── StepFailed              1   a step of `run` failed; carries the end of its output
├── ForgeError              1   GitHub, or the way to it, said no
│   └── ForgeUnavailable    1   no answer, or a fault on the other side: worth another try
├── UsageError              2   asked for what cannot be asked
├── ChecksFailed            3   checks found something
└── ConflictsLeft           4   an update left conflicts for the author

An interrupted command exits with 130. Everything else is a fault of ours: a report file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

EXIT_INTERRUPTED = 130


class ScaffoldError(Exception):
    """A message that says what happened, and a hint that says what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "", output: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.output = output  # the end of what a failed program said


class UnknownName(ScaffoldError):
    """A name that is not among the known ones; the hint offers the nearest."""

    def __init__(self, kind: str, name: str, known: Iterable[str], otherwise: str = "") -> None:
        names = sorted(known)
        nearest = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
        if nearest:
            hint = f"Did you mean {_either(nearest)}?"
        else:
            hint = otherwise or f"Known: {', '.join(names)}."
        super().__init__(f"There is no {kind} called {name!r}.", hint)


class NameRefused(ScaffoldError):
    """A project name that would not work as folder, distribution or package."""


class DestinationRefused(ScaffoldError):
    """The place to write to is taken or cannot be written."""


class AnswerRefused(ScaffoldError):
    """An answer that its question does not allow, or one that is missing."""


class TemplateError(ScaffoldError):
    """The template itself is at fault."""


class LimitReached(TemplateError):
    """A template that nobody has trusted takes more than it may."""


class SourceUnreachable(ScaffoldError):
    """A template's address does not answer."""

    def __init__(
        self, location: str, reason: str, hint: str = "Check the address and the network."
    ) -> None:
        self.reason = reason
        said = [line.strip() for line in reason.splitlines() if line.strip()]
        telling = [line for line in said if line.startswith("fatal:")] or said
        words = telling[0].removeprefix("fatal:").strip() if telling else "no answer"
        super().__init__(f"The template at {location} cannot be reached: {words}", hint)


class UpdateRefused(ScaffoldError):
    """An update that cannot start; nothing was touched."""


class NotAProject(ScaffoldError):
    """A folder without a readable `.scaffold.toml`."""


class PracticeError(ScaffoldError):
    """A function that is to be practised, or the list of them, is not where it should be."""


class PortfolioError(ScaffoldError):
    """What a portfolio page is to be made from, or written to, is not as it should be."""


class GitError(ScaffoldError):
    """Git refused, or is not there."""


class EnvironmentFailed(ScaffoldError):
    """The environment of a project could not be made."""


class StepFailed(ScaffoldError):
    """A step of `run` ended with an error."""


class ForgeError(ScaffoldError):
    """GitHub refused, or something about the repository there stands in the way."""


class ForgeUnavailable(ForgeError):
    """No answer from GitHub, or one that says the fault is on its side; another try may work."""


class UsageError(ScaffoldError):
    """Options that contradict each other or make no sense here."""

    exit_code = 2


class ChecksFailed(ScaffoldError):
    """Checks found something to fix."""

    exit_code = 3


class ConflictsLeft(ScaffoldError):
    """An update left conflicts for the author to settle."""

    exit_code = 4


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
