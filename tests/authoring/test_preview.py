"""A project that follows its template while that is written."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scaffold.authoring import preview
from scaffold.commands import run
from scaffold.project import Project
from scaffold.reporter import Reporter, Silent


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would be run; how, is told in tests of `run`."""
    found: list[Any] = []

    def note(project: Project, steps: Sequence[str], *, sample: bool, reporter: Reporter) -> None:
        found.append((project.name, tuple(steps), sample))

    monkeypatch.setattr(run, "run", note)
    return found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look every hundredth of a second, and five seconds of them at most."""
    looks, sleep = iter(range(500)), time.sleep

    def look(_: float) -> None:
        assert next(looks, None) is not None, "nothing was seen"
        sleep(0.01)

    monkeypatch.setattr(time, "sleep", look)


def test_a_project_is_made_and_run_on_its_sample(
    catalogue: Path, here: Path, asked: list[Any]
) -> None:
    project = preview.preview(catalogue / "tiny", here / "tiny", ("train",), Silent())
    assert (project.root / "README.md").is_file()
    assert asked == [("tiny", ("train",), True)]


def test_what_changed_in_the_template_changes_in_the_project_and_what_a_run_wrote_stays(
    catalogue: Path, here: Path
) -> None:
    tiny, dest = catalogue / "tiny", here / "tiny"
    preview.preview(tiny, dest, (), Silent())
    (dest / "README.md").write_text("filled in by a run", encoding="utf-8")
    (dest / "reports").mkdir()
    (dest / "reports" / "metrics.json").write_text("{}", encoding="utf-8")
    (tiny / "src" / "project_package" / "model.py").write_text("X = 1\n", encoding="utf-8")
    (tiny / "src" / "project_package" / "explore.py").unlink()
    (tiny / "more.txt").write_text("more", encoding="utf-8")
    preview.preview(tiny, dest, (), Silent())
    assert (dest / "src" / "tiny" / "model.py").read_text("utf-8") == "X = 1\n"
    assert not (dest / "src" / "tiny" / "explore.py").exists()
    assert (dest / "more.txt").is_file()
    assert (dest / "README.md").read_text("utf-8") == "filled in by a run"
    assert (dest / "reports" / "metrics.json").is_file()


def test_answers_stay_the_same_from_look_to_look(catalogue: Path, here: Path) -> None:
    toml = catalogue / "_base" / "template.toml"
    drawn = '\n[[questions]]\nname = "seed"\nprompt = "Seed"\ndraw = [1, 999999]\nformer = 7\n'
    toml.write_text(toml.read_text("utf-8") + drawn, encoding="utf-8")
    (catalogue / "tiny" / "config.toml").rename(catalogue / "tiny" / "config.toml.jinja")
    config = catalogue / "tiny" / "config.toml.jinja"
    config.write_text("seed = {{ seed }}\n", encoding="utf-8")
    preview.preview(catalogue / "tiny", here / "tiny", (), Silent())
    before = (here / "tiny" / "config.toml").read_text("utf-8")
    preview.preview(catalogue / "tiny", here / "tiny", (), Silent())
    assert (here / "tiny" / "config.toml").read_text("utf-8") == before


@pytest.mark.parametrize("layer", ["tiny", "_base"])
def test_a_file_that_is_written_anywhere_in_its_layers_is_seen(catalogue: Path, layer: str) -> None:
    seen = preview.changes(catalogue / "tiny")
    assert next(seen) == ()
    write = threading.Timer(0.1, (catalogue / layer / "new.txt").touch)
    write.start()
    assert next(seen) == ("new.txt",)


def test_a_template_that_is_half_written_is_waited_for(catalogue: Path) -> None:
    toml = catalogue / "tiny" / "template.toml"
    seen = preview.changes(catalogue / "tiny")
    next(seen)
    threading.Timer(0.1, lambda: toml.write_text("[half", encoding="utf-8")).start()
    assert "template.toml" in next(seen)


def test_a_preview_lies_where_no_commit_takes_it(here: Path) -> None:
    place = preview.place_for(here / "templates" / "mine")
    assert place == here / "preview" / "mine"
    assert (here / "preview" / ".gitignore").read_text("utf-8") == "*\n"
