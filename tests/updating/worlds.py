"""One template in three kinds, its releases, and a project made from it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.factories import git, write_files

Changes = Mapping[str, str | bytes | None]  # None: the file is removed

LINES = "".join(f"line {number}\n" for number in range(1, 21))
TEMPLATE: dict[str, str | bytes] = {
    "numbers.txt": LINES,
    "letters.txt": "".join(f"{letter}\n" for letter in "abcdefghijklmnop"),
    "src/app.py": "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(8)),
    "src/old.py": "".join(f"OLD_{number} = {number}\n" for number in range(12)),
    "docs/guide.md": "# Guide\n\nOne.\n\nTwo.\n\nThree.\n\nFour.\n",
    "NOTES.md": "# Notes\n\nYours to write.\n",
    "logo.bin": bytes(range(256)),
    ".gitignore": ".env\n*.log\n",
}
SEEDED = "NOTES.md"


@dataclass
class Template(ABC):
    """A template of one kind, whose releases are commits with tags."""

    folder: Path
    files: dict[str, str | bytes] = field(default_factory=dict)
    questions: dict[str, str | None] = field(default_factory=lambda: {"author": "Ada"})
    releases: list[str] = field(default_factory=list)

    kind = ""

    def release(self, changes: Changes | None = None, **questions: str | None) -> str:
        """Change some files, add some questions, and give it the next version."""
        for path, contents in (changes or {}).items():
            if contents is None:
                del self.files[path]
            else:
                self.files[path] = contents
        self.questions |= questions
        version = f"{len(self.releases) + 1}.0.0"
        self.releases.append(version)
        self.write()
        self.publish(version)
        return version

    @property
    def source(self) -> str:
        """What one writes to make a project from it."""
        return str(self.folder)

    @abstractmethod
    def write(self) -> None:
        """Put the template's files into its folder, and nothing else."""

    def publish(self, version: str) -> None:
        if not (self.folder / ".git").exists():
            git(self.folder, "init", "--quiet", "--initial-branch=main")
        git(self.folder, "add", "--all", "--force")
        git(self.folder, "commit", "--quiet", "--message", f"Version {version}")
        git(self.folder, "tag", version)

    def forget(self) -> None:
        """The template's old commits are gone; its newest version is there, under another id."""
        tree = git(self.folder, "rev-parse", "HEAD^{tree}")
        rewritten = git(self.folder, "commit-tree", tree, "-m", "Rewritten")
        git(self.folder, "reset", "--quiet", "--hard", rewritten)
        git(self.folder, "tag", "--delete", *self.releases)
        git(self.folder, "tag", self.releases[-1])
        git(self.folder, "reflog", "expire", "--expire=now", "--all")
        git(self.folder, "gc", "--quiet", "--prune=now")

    def _clear(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if ".git" in path.relative_to(self.folder).parts:
                continue
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()


class CopierTemplate(Template):
    kind = "copier"

    def write(self) -> None:
        self._clear()
        questions = [
            f"{name}:\n  type: str\n" + ("" if default is None else f"  default: {default}\n")
            for name, default in self.questions.items()
        ]
        settings = f"_subdirectory: project\n_skip_if_exists:\n  - {SEEDED}\n"
        write_files(
            self.folder,
            {
                "copier.yml": settings + "".join(questions),
                "project/{{ _copier_conf.answers_file }}.jinja": (
                    "{{ _copier_answers|to_nice_yaml }}"
                ),
                "project/answers.txt.jinja": _answers(self.questions, "{{{{ {} }}}}"),
            },
        )
        _write_raw(self.folder / "project", self.files)


class CookiecutterTemplate(Template):
    kind = "cookiecutter"

    def write(self) -> None:
        self._clear()
        context = {"slug": "project", **self.questions, "_skip_if_exists": [SEEDED]}
        top = "{{ cookiecutter.slug }}"
        write_files(
            self.folder,
            {
                "cookiecutter.json": json.dumps(context, indent=2) + "\n",
                f"{top}/answers.txt": _answers(self.questions, "{{{{ cookiecutter.{} }}}}"),
            },
        )
        _write_raw(self.folder / top, self.files)


class CatalogueTemplate(Template):
    """Of our own catalogue: a release is a release of this package."""

    kind = "catalogue"
    install: Callable[[str], None] = staticmethod(lambda _: None)
    archive: Path = Path()

    @property
    def source(self) -> str:
        return "tiny"

    def write(self) -> None:
        self._clear()
        tables = [
            f'[[questions]]\nname = "{name}"\nprompt = "{name}"\n'
            + ("required = true\n" if default is None else f'default = "{default}"\n')
            for name, default in self.questions.items()
        ]
        own = self.folder / "tiny"
        write_files(
            own,
            {
                "template.toml": f'title = "Tiny"\nseeded = ["{SEEDED}"]\n\n' + "\n".join(tables),
                "answers.txt.jinja": _answers(self.questions, "{{{{ {} }}}}"),
            },
        )
        _write_raw(own, self.files)

    def publish(self, version: str) -> None:
        self.install(version)

    def forget(self) -> None:
        self.archive.unlink()


TEMPLATES = {kind.kind: kind for kind in (CatalogueTemplate, CopierTemplate, CookiecutterTemplate)}


def commit(root: Path, message: str = "My work") -> None:
    """Commit everything in a project's work tree."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)


def edit(root: Path, path: str, old: str, new: str) -> None:
    """Replace a text in a file, which must be there."""
    file = root / path
    text = file.read_bytes().decode()
    assert old in text
    file.write_bytes(text.replace(old, new).encode())


def _answers(questions: Mapping[str, str | None], form: str) -> str:
    return "".join(f"{name}: {form.format(name)}\n" for name in questions)


def _write_raw(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, contents in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
