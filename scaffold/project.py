"""A generated project on disk: its root and what its `.scaffold.toml` says, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffold.engines import ENGINES, PRACTICE, Kind, Source
from scaffold.errors import NotAProject

STATE_FILE = ".scaffold.toml"
HEADER = (
    "# Written by scaffold: `scaffold update` and `scaffold check` read it. Keep it in git.\n\n"
)


@dataclass(frozen=True)
class Origin:
    """Where a project's template came from; what `update` starts from."""

    template: str
    location: str
    engine: str
    version: str = ""
    ref: str = ""
    commit: str = ""
    subfolder: str = ""
    layers: str = ""  # the release of the catalogue whose layers the template extends
    code: str = ""  # the template's own code "ran" or was "skipped"; empty: it has none
    answers_file: str = ""  # where copier was told to keep its answers

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise TypeError(f"source.engine is none of {', '.join(ENGINES)}")

    @property
    def kind(self) -> Kind:
        """What engine rendered it."""
        return ENGINES[self.engine]

    @property
    def own_answers(self) -> str:
        """The file in which the engine itself keeps the answers, "" if it keeps none."""
        return self.answers_file or self.kind.answers_file

    @classmethod
    def of(cls, source: Source) -> Origin:
        return cls(
            template=source.template,
            location=source.location,
            engine=source.engine,
            version=source.version,
            ref=source.ref,
            commit=source.commit,
            subfolder=source.subfolder,
            layers=source.layers,
            code=("ran" if source.trusted else "skipped") if source.code else "",
            answers_file=source.answers_file,
        )


@dataclass(frozen=True)
class Practice:
    """What a project says about being written by its author, function by function."""

    functions: tuple[str, ...] = ()  # those left out when it was made; an update adds none
    solutions: bool = True  # whether the template's bodies may be had; a teacher may say no
    solved: tuple[str, ...] = ()  # the functions whose body is, or was, the template's
    hints: Mapping[str, int] = field(default_factory=dict)  # how many were read, by function

    def __post_init__(self) -> None:
        for name in ("functions", "solved"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        names = (*self.functions, *self.solved)
        hints = self.hints.values() if isinstance(self.hints, dict) else (None,)
        if not all(isinstance(name, str) for name in names) or not all(
            isinstance(count, int) for count in hints
        ):
            raise TypeError("practice.functions are names, practice.hints numbers by name")

    @property
    def table(self) -> dict[str, Any]:
        """Its table in the state file."""
        used = {"solved": list(self.solved), "hints": dict(sorted(self.hints.items()))}
        own = {"functions": list(self.functions), "solutions": self.solutions}
        return {**own, **{key: value for key, value in used.items() if value}}


@dataclass(frozen=True)
class Project:
    """A folder with a `.scaffold.toml` at its root."""

    root: Path
    origin: Origin
    name: str
    package: str
    title: str
    topics: tuple[str, ...] = ()
    seeded: tuple[str, ...] = ()
    target: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    practice: Practice | None = None  # None: an ordinary project

    @classmethod
    def find(cls, folder: Path) -> Project:
        """The project that a folder belongs to, looking upwards from it."""
        here = folder.resolve()
        if not here.is_dir():
            raise NotAProject(f"{folder} is not a folder.", "Give the folder of a project.")
        for root in (here, *here.parents):
            if (root / STATE_FILE).is_file():
                return cls.read(root)
        raise NotAProject(
            f"{folder} is not a project made by scaffold: it has no {STATE_FILE}.",
            "Go to a project's folder, or make one: scaffold list, then scaffold new NAME",
        )

    @classmethod
    def read(cls, root: Path) -> Project:
        """The project at this very folder."""
        path = root / STATE_FILE
        try:
            return cls.parse(path.read_text(encoding="utf-8"), root)
        except OSError as error:
            raise NotAProject(f"{path} cannot be read: {error.strerror}.") from error

    @classmethod
    def parse(cls, text: str, root: Path) -> Project:
        """The project that the text of a state file describes (of another commit, say)."""
        try:
            return cls.of(tomllib.loads(text), root)
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise NotAProject(
                f"{root / STATE_FILE} cannot be understood: {error}.",
                f"Put it back as it was: git checkout HEAD -- {STATE_FILE}",
            ) from error

    @classmethod
    def of(cls, state: Mapping[str, Any], root: Path) -> Project:
        """The project that the tables of a state file describe."""
        own = state["project"]
        return cls(
            root=root,
            origin=Origin(**state["source"]),
            name=own["name"],
            package=own["package"],
            title=own["title"],
            topics=tuple(own.get("topics", ())),
            seeded=tuple(own.get("seeded", ())),
            target=state.get("target", {}),
            answers=state.get("answers", {}),
            practice=Practice(**state["practice"]) if "practice" in state else None,
        )

    @property
    def values(self) -> dict[str, str]:
        """What the engine gets: the answers and the project's own names."""
        own = {"project_name": self.name, "package": self.package, "title": self.title}
        return {
            **self.answers,
            **own,
            **({PRACTICE: " ".join(self.practice.functions)} if self.practice else {}),
        }

    def dumps(self) -> str:
        """The text of the state file; the same project gives the same text."""
        import tomli_w

        origin = {key: value for key, value in vars(self.origin).items() if value}
        own = {"name": self.name, "package": self.package, "title": self.title}
        state = {
            "source": origin,
            "project": {**own, "topics": list(self.topics), "seeded": list(self.seeded)},
            "practice": self.practice.table if self.practice else {},
            "target": dict(self.target),
            "answers": dict(sorted(self.answers.items())),
        }
        return HEADER + tomli_w.dumps({key: table for key, table in state.items() if table})

    def write(self) -> None:
        """Write the state file at the project's root."""
        (self.root / STATE_FILE).write_text(self.dumps(), encoding="utf-8", newline="\n")
