"""A template that is begun runs from the start, and is its author's own."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scaffold import catalogue as templates
from scaffold.authoring import start
from scaffold.authoring.subject import Subject
from scaffold.errors import DestinationRefused, NameRefused, TemplateError, UnknownName
from scaffold.project import Practice, Project
from scaffold.results import ResultsUnreadable
from tests.factories import git, make_project, tree


def rendered(template: Path, dest: Path) -> dict[str, bytes]:
    files = tree(Subject.at(template).make(dest).root)
    return {path: data for path, data in files.items() if path != ".scaffold.toml"}


@pytest.fixture
def mine(family: Path, here: Path) -> Path:
    """A project of the small template, committed, to be changed."""
    return make_project("tiny", here / "my-own", author="Ada", question="Mine?").root


def save(project: Path) -> Path:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--allow-empty", "--message=mine")
    return project


def test_a_family_begins_with_its_template_under_another_title(family: Path, here: Path) -> None:
    started = start.from_family("adder", here, "tabular")
    assert started.folder == here / "templates" / "adder"
    again = rendered(started.folder, here / "again" / "app")
    first = rendered(templates.root() / "tiny", here / "first" / "app")
    assert {path for path in first if again.get(path) != first[path]} == {"README.md"}
    assert again["README.md"].startswith(b"# Adder\n")


def test_solutions_mistakes_and_facts_come_along(family: Path, here: Path) -> None:
    papers = start.from_family("big-adder", here, "tabular").papers
    assert papers.tests == here / "tests"
    assert (papers.solutions / "more.patch").is_file()
    assert papers.mistakes == here / "tests" / "planted" / "big_adder.py"
    assert papers.mistakes.is_file()
    assert papers.facts.is_file()


def test_only_families_with_a_template_can_be_had(family: Path, here: Path) -> None:
    assert start.families() == ["tabular"]
    with pytest.raises(UnknownName, match="no family called 'series'"):
        start.from_family("adder", here, "series")


def test_what_is_there_is_not_written_over(family: Path, here: Path) -> None:
    start.from_family("adder", here, "tabular")
    with pytest.raises(DestinationRefused):
        start.from_family("adder", here, "tabular")
    with pytest.raises(DestinationRefused):
        start.from_family("tiny", here, "tabular")
    with pytest.raises(NameRefused):
        start.from_family("../up", here, "tabular")
    assert not (here.parent / "up").exists()


def test_papers_of_another_template_are_not_written_over(family: Path, here: Path) -> None:
    facts = here / "tests" / "rendering" / "facts" / "adder.toml"
    facts.parent.mkdir(parents=True)
    facts.write_text("", encoding="utf-8")
    with pytest.raises(DestinationRefused, match=r"adder\.toml"):
        start.from_family("adder", here, "tabular")


def test_an_unchanged_project_gives_its_own_template_back(mine: Path, here: Path) -> None:
    folder = start.from_project("adder", here, mine).folder
    (folder / "template.toml").unlink()
    before = templates.root() / "tiny"
    assert tree(folder) == {k: v for k, v in tree(before).items() if k != "template.toml"}


def test_what_the_author_changed_is_in_the_template_without_the_projects_name(
    mine: Path, here: Path
) -> None:
    package = mine / "src" / "my_own"
    model = package / "model.py"
    model.write_text(model.read_text("utf-8") + "\n\nMORE = 'my_own'\n", encoding="utf-8")
    (package / "extra.py").write_text("from my_own import model\n", encoding="utf-8")
    (package / "explore.py").unlink()
    folder = start.from_project("adder", here, save(mine)).folder
    inside = folder / "src" / "project_package"
    assert "MORE = 'project_package'" in (inside / "model.py").read_text("utf-8")
    assert (inside / "extra.py").read_text("utf-8") == "from project_package import model\n"
    assert not (inside / "explore.py").exists()
    assert not (inside / "report.py").exists()  # a layer has it
    assert not (folder / ".scaffold.toml").exists()


def test_what_the_author_changed_in_a_text_keeps_the_questions_in_it(
    family: Path, here: Path
) -> None:
    readme = templates.root() / "tiny" / "README.md.jinja"
    readme.write_text("# {{ title }}\n\nBy {{ author }}.\n\nIt adds.\n", encoding="utf-8")
    project = make_project("tiny", here / "my-own", author="Ada").root
    (project / "README.md").write_text("# My Own\n\nBy Ada.\n\nIt adds well.\n", "utf-8")
    folder = start.from_project("adder", here, save(project)).folder
    text = (folder / "README.md.jinja").read_text("utf-8")
    assert text == "# {{ title }}\n\nBy {{ author }}.\n\nIt adds well.\n"


def test_a_change_that_finds_no_place_is_named_and_the_templates_text_stays(
    mine: Path, here: Path
) -> None:
    readme = mine / "README.md"
    text = readme.read_text("utf-8")
    readme.write_text(text.replace("By Ada", "Written by Ada"), encoding="utf-8")
    started = start.from_project("adder", here, save(mine))
    assert started.unsettled == ("README.md",)
    assert not (started.folder / "README.md.jinja").exists()  # the layer's own


def test_what_a_run_wrote_and_filled_in_is_no_part_of_the_template(
    family: Path, here: Path
) -> None:
    readme = templates.root() / "tiny" / "README.md.jinja"
    empty = "# {{ title }}\n<!-- result:a -->\nNot run yet.\n<!-- /result:a -->\n"
    readme.write_text(empty, encoding="utf-8")
    project = make_project("tiny", here / "my-own").root
    filled = (project / "README.md").read_text("utf-8").replace("Not run yet.", "0.93")
    (project / "README.md").write_text(filled, encoding="utf-8")
    (project / "reports").mkdir()
    primary = {"name": "error", "label": "Error", "value": 0.25, "baseline": 0.375}
    primary |= {"baseline_name": 'adding "by hand"', "higher_is_better": False}
    metrics = json.dumps({"primary": primary, "data": {"sample": False}})
    (project / "reports" / "metrics.json").write_text(metrics, encoding="utf-8")
    started = start.from_project("adder", here, save(project))
    assert (started.folder / "README.md.jinja").read_text("utf-8") == empty
    assert not (started.folder / "reports").exists()
    target = Subject.at(started.folder).source.metadata["target"]
    assert (target["baseline"], target["baseline_name"]) == (0.375, 'adding "by hand"')
    assert started.unsettled == ()


def test_a_result_of_the_sample_is_no_number_to_beat(mine: Path, here: Path) -> None:
    primary = {"name": "error", "label": "Error", "value": 0.25, "baseline": 0.375}
    metrics = json.dumps({"primary": primary, "data": {"sample": True}})
    (mine / "reports").mkdir()
    (mine / "reports" / "metrics.json").write_text(metrics, encoding="utf-8")
    folder = start.from_project("adder", here, mine).folder
    assert Subject.at(folder).source.metadata["target"]["baseline"] == 0.5


def test_a_file_of_some_projects_only_stays_in_the_template_and_in_its_layer(
    family: Path, here: Path
) -> None:
    root = templates.root()
    sometimes = "{{ 'weekly.yml' if licence == 'Apache-2.0' else '' }}"
    (root / "tiny" / "practice.toml").write_text("functions = []\n", encoding="utf-8")
    (root / "_base" / sometimes).write_text("weekly\n", encoding="utf-8")
    project = make_project("tiny", here / "my-own").root
    folder = start.from_project("adder", here, project).folder
    assert (folder / "practice.toml").read_text("utf-8") == "functions = []\n"
    assert not (folder / sometimes).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such mode")
def test_a_program_can_still_be_started(family: Path, here: Path) -> None:
    (templates.root() / "tiny" / "go.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (templates.root() / "tiny" / "go.sh").chmod(0o755)
    project = make_project("tiny", here / "my-own").root
    for begun in (
        start.from_family("one", here, "tabular"),
        start.from_project("two", here, project),
    ):
        assert (begun.folder / "go.sh").stat().st_mode & 0o111


def test_template_toml_says_what_the_project_asked(mine: Path, here: Path) -> None:
    folder = start.from_project("adder", here, mine).folder
    metadata = Subject.at(folder).source.metadata
    assert (metadata["title"], metadata["question"]) == ("Adder", "Mine?")


def test_a_project_that_is_practised_or_of_another_release_is_refused(
    mine: Path, here: Path
) -> None:
    from dataclasses import replace

    project = Project.read(mine)
    replace(project, practice=Practice()).write()
    with pytest.raises(TemplateError, match="practise"):
        start.from_project("adder", here, mine)
    replace(project, origin=replace(project.origin, version="0.0.1")).write()
    with pytest.raises(TemplateError, match=r"0\.0\.1"):
        start.from_project("adder", here, mine)
    replace(project, origin=replace(project.origin, location="elsewhere")).write()
    with pytest.raises(TemplateError, match="not made from a template of this catalogue"):
        start.from_project("adder", here, mine)
    assert not (here / "templates").exists()


def test_how_much_is_another_templates_yet_is_counted(family: Path, here: Path) -> None:
    folder = start.from_family("adder", here, "tabular").folder
    (folder / "config.toml").write_text("seed = 2\n", encoding="utf-8")
    nearest, same, of = start.still(Subject.at(folder))
    assert nearest == "tiny"
    assert same == of - 1


def test_a_template_that_could_not_be_made_leaves_nothing(mine: Path, here: Path) -> None:
    (mine / "reports").mkdir()
    (mine / "reports" / "metrics.json").write_text("no JSON", encoding="utf-8")
    with pytest.raises(ResultsUnreadable):
        start.from_project("adder", here, save(mine))
    assert not (here / "templates" / "adder").exists()
    assert not (here / "tests").exists()
