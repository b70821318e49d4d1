"""What renders a source: one small interface, each engine imported only when one needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol

from scaffold.errors import AnswerRefused, TemplateError

Stage = Literal["before", "after"]  # the merge: when a template's migration runs
STAGES: tuple[Stage, ...] = ("before", "after")
Operation = Literal["copy", "update"]
COPIER_ANSWERS = ".copier-answers.yml"  # where copier itself writes them down
PRACTICE = "practice"  # the value that names the marked bodies that are left to the author
CATALOGUE = "catalogue"  # the location of the templates that ship with the package


@dataclass(frozen=True)
class Kind:
    """What sets one engine apart from the others, for whoever has to know."""

    module: str
    ours: bool = False  # runs no code: questions are known ahead, equal answers give equal bytes
    answers_file: str = ""  # where the engine itself keeps the answers in a project
    minds_operation: bool = False  # its tasks and exclusions are told whether this is an update


ENGINES = {
    "layers": Kind("scaffold.engines.layers", ours=True),
    "copier": Kind("scaffold.engines.copier", answers_file=COPIER_ANSWERS, minds_operation=True),
    "cookiecutter": Kind("scaffold.engines.cookiecutter"),
}


@dataclass(frozen=True)
class Question:
    """One question that fills a template; answers are always strings."""

    name: str
    prompt: str
    help: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    git: str = ""  # the git setting that pre-fills the answer, like "user.name"
    required: bool = False  # an empty answer will not do
    check: Callable[[str], str] | None = None  # the complaint about an answer, "" if it is fine
    draw: tuple[int, int] | None = None  # nobody is asked: `new` draws a number, ends included
    former: str = ""  # the answer of a project made before the question was there

    def complaint(self, answer: str) -> str:
        """What is wrong with an answer, "" if nothing is."""
        if self.required and not answer.strip():
            return "An answer is needed."
        return self.check(answer) if self.check else ""


def refuse_missing(names: Sequence[str]) -> None:
    """Refuse to go on without answers that nobody gave."""
    if names:
        which = ", ".join(map(repr, names))
        verb = f"question {which} has" if len(names) == 1 else f"questions {which} have"
        raise AnswerRefused(
            f"The {verb} no default.", f"Give {' '.join(f'--set {name}=VALUE' for name in names)}"
        )


def no_longer_allowed(name: str, old: str, complaint: str, new: str) -> str:
    """What became of a recorded answer that a newer version of the template refuses."""
    reason = complaint.strip().rstrip(".")
    return f"The recorded answer {old!r} to {name!r} is no longer allowed ({reason}): now {new!r}."


EXTENSION = "Jinja extension"  # without this kind of code a template cannot even be read
OPERATION_TRAILER = "Scaffold-Operation"
Ask = Callable[[Question], str]  # puts one question to somebody


@dataclass(frozen=True)
class Answers:
    """What a template is filled with; the secret ones are never written down."""

    values: Mapping[str, str]
    secret: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()  # what became of recorded answers that are not allowed any more

    @property
    def recorded(self) -> dict[str, str]:
        return {name: value for name, value in self.values.items() if name not in self.secret}


@dataclass(frozen=True)
class Source:
    """Where a template comes from, and where it lies on this machine."""

    template: str
    folder: Path
    location: str = CATALOGUE
    engine: str = "layers"
    version: str = ""
    ref: str = ""
    commit: str = ""
    roots: tuple[Path, ...] = ()  # where the layers named in `extends` are looked for, in order
    metadata: Mapping[str, Any] = field(default_factory=dict)
    subfolder: str = ""  # where the template lies in its repository
    layers: str = ""  # the release of our catalogue whose layers it extends
    code: tuple[str, ...] = ()  # what of the template's own code rendering would run
    migrates: bool = False  # has it code that only an update would run
    trusted: bool = False  # and may it
    answers_file: str = ""  # where copier keeps its answers in this project; empty: where it will
    checkout: Path | None = None  # the passing copy of a repository that `folder` lies in
    operation: Operation = "copy"  # what copier's tasks and exclusions are told
    idle: bool = False  # its tasks and hooks are left out although they may run

    @property
    def kind(self) -> Kind:
        """What engine renders it."""
        return ENGINES[self.engine]

    @property
    def runs_code(self) -> bool:
        return self.trusted and bool(self.code) and not self.idle

    @property
    def left_out(self) -> tuple[str, ...]:
        """The tasks and hooks that are trusted, but not run this time."""
        steps = (line for line in self.code if not line.startswith(EXTENSION))
        return tuple(steps) if self.trusted and self.idle else ()

    @property
    def trailers(self) -> dict[str, str]:
        """What a pristine commit says about its origin."""
        lines = {
            "Scaffold-Source": self.address,
            "Scaffold-Version": self.version,
            "Scaffold-Engine": self.engine,
            "Scaffold-Ref": self.ref,
            "Scaffold-Commit": self.commit,
            OPERATION_TRAILER: "" if self.operation == "copy" else self.operation,
        }
        return {key: value for key, value in lines.items() if value}

    @property
    def address(self) -> str:
        """The source as one would write it."""
        if self.location == CATALOGUE:
            return f"{CATALOGUE}:{self.template}"
        return f"{self.location}#{self.subfolder}" if self.subfolder else self.location


def refuse_untrusted_extensions(source: Source) -> None:
    """Extensions change how a template is read: without them it cannot be rendered at all."""
    needed = [line for line in source.code if line.startswith(EXTENSION)]
    if needed and not source.trusted:
        raise TemplateError(
            f"{source.template} cannot be rendered without its own code: {', '.join(needed)}.",
            "If you trust its authors, add --trust.",
        )


class Engine(Protocol):
    """Knows one kind of template."""

    def questions(self, source: Source) -> tuple[Question, ...]:
        """What the template asks, in order, as far as that is known before any answer."""
        ...

    def names(self, source: Source) -> set[str]:
        """The names of everything that can be answered."""
        ...

    def seeded(
        self, source: Source, answers: Mapping[str, str], files: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Those among the rendered files that belong to the author from then on."""
        ...

    def render(self, source: Source, answers: Mapping[str, str], into: Path) -> tuple[str, ...]:
        """Write the project into an empty folder; returns its files' paths, sorted, with `/`.

        The same answers give the same bytes. `answers` holds an answer to every question and
        `project_name`, `package`, `title` and `year`.
        """
        ...


class Interviewer(Engine, Protocol):
    """An engine whose questions follow from earlier answers."""

    def interview(
        self,
        source: Source,
        given: Mapping[str, str],
        ask: Ask | None,
        folder_name: str,
        recorded: Mapping[str, str],
    ) -> Answers:
        """An answer to every question: the given one, else the recorded one, else what `ask` says,
        else the default.

        A given one that the question does not allow is refused; a recorded one is replaced.
        """
        ...

    def folder_name(self, source: Source, answers: Mapping[str, str]) -> str:
        """What the answers call the project's folder, "" if they call it nothing."""
        ...


def interviewer_of(source: Source) -> Interviewer:
    """The engine for a source from elsewhere."""
    if _is_free(source):
        engine: Interviewer = import_module(source.kind.module).ENGINE
        return engine
    from scaffold.engines.apart import Apart

    return Apart(source.engine)


def engine_of(source: Source) -> Engine:
    """The engine for a source; of one that nobody has trusted, in a process with limits."""
    if _is_free(source):
        engine: Engine = import_module(source.kind.module).ENGINE
        return engine
    return interviewer_of(source)


def ask_engine(source: Source, name: str, *arguments: Any) -> Any:
    """Call a function that only some engines have, like copier's `migrations`."""
    if _is_free(source):
        return getattr(import_module(source.kind.module), name)(source, *arguments)
    from scaffold.engines.apart import call

    return call(source.engine, source.template, name, source, *arguments)


def read_copier_answers(text: str, name: str) -> tuple[str, str, dict[str, str]]:
    """The template's address, the version and the answers that copier's own file records."""
    from scaffold.engines.apart import call

    found: tuple[str, str, dict[str, str]] = ("", "", {})
    return call("copier", name, "read_answers", text, name) if text else found


def _is_free(source: Source) -> bool:
    """Whether a template may take what it wants: ours, and those whose code may run anyway."""
    return source.location == CATALOGUE or source.trusted
