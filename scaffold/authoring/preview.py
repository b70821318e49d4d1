"""`scaffold template preview`: a project that follows its template while that is written."""

from __future__ import annotations

import filecmp
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from scaffold.authoring.subject import Subject
from scaffold.commands import run
from scaffold.errors import ScaffoldError
from scaffold.project import Project
from scaffold.reporter import Reporter
from scaffold.staging import scratch

LOOK = 0.5  # seconds between two looks at the files

Stamps = dict[Path, tuple[int, int]]  # when a file was written, and its size


def preview(path: Path, dest: Path, steps: Sequence[str], reporter: Reporter) -> Project:
    """Bring the project in `dest` up to date with its template, and run it on the sample.

    What is unchanged is not run again.
    """
    subject = Subject.at(path)
    answers = Project.read(dest).answers if dest.exists() else {}
    with scratch("preview") as place:
        made = subject.make(place / dest.name, answers).root
        if not dest.exists():
            shutil.copytree(made, dest)
        _follow(made, dest)
    project = Project.read(dest)
    run.run(project, steps, sample=True, reporter=reporter)
    return project


def place_for(path: Path) -> Path:
    """Where a preview goes if nobody says: below the current folder, in no commit."""
    folder = Path.cwd() / "preview"
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder / path.resolve().name


def changes(path: Path) -> Iterator[tuple[str, ...]]:
    """The files of a template and its layers that were written, whenever some were; first none."""
    before = _stamps(path)
    yield ()
    while True:
        time.sleep(LOOK)
        now = _stamps(path)
        changed = [file for file in now.keys() | before.keys() if now.get(file) != before.get(file)]
        if changed:
            yield tuple(sorted(file.name for file in changed))
        before = now


def _stamps(path: Path) -> Stamps:
    try:
        layers = Subject.at(path).layers
    except ScaffoldError:  # half written: it is read again in a moment
        layers = (path.resolve(),)
    stamps: Stamps = {}
    for layer in layers:
        for file in layer.rglob("*"):
            if "__pycache__" not in file.parts and file.is_file():
                state = file.stat()
                stamps[file] = (state.st_mtime_ns, state.st_size)
    return stamps


def _follow(made: Path, dest: Path) -> None:
    """Give `dest` what a new rendering has otherwise than the one before, which is kept.

    What a run has written stays: the steps know when it is out of date.
    """
    kept = dest / ".scaffold" / "rendered"
    new, old = _files(made), _files(kept)
    for path in old - new:
        (kept / path).unlink()
        (dest / path).unlink(missing_ok=True)
    for path in new:
        if path not in old or not filecmp.cmp(kept / path, made / path, shallow=False):
            for place in (kept / path, dest / path):
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(made / path, place)


def _files(root: Path) -> set[Path]:
    """The files of a project, by path inside it."""
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return {path for path in found if path.parts[0] != ".git"}
