"""Rubrics that others grade by: what is data in them, and both ways that evidence can go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.checks import repo_review_checks, rubric
from scaffold.checks.checkout import Checkout
from scaffold.errors import UnknownName
from tests.conftest import Called
from tests.factories import write_files

POINTS = {"mlops-zoomcamp": 33, "ml-zoomcamp": 16, "ml-test-score": 28, "reforms": 32}


def given(root: Path, name: str = "mlops-zoomcamp") -> dict[str, float]:
    """The points of each criterion."""
    score = rubric.judge(rubric.read(name), Checkout(root))
    return {one.criterion.name: one.points for one in score.judged}


@pytest.mark.parametrize("name", POINTS)
def test_a_rubric_has_the_points_that_its_source_says(name: str) -> None:
    found = rubric.read(name)
    assert sum(criterion.most for criterion in found.criteria) == POINTS[name]
    assert len({criterion.name for criterion in found.criteria}) == len(found.criteria)
    assert found.source


def test_there_is_a_test_for_each_rubric() -> None:
    assert set(rubric.names()) == set(POINTS)


def test_the_ml_test_score_has_seven_tests_a_section_and_is_the_weakest_section() -> None:
    found = rubric.read("ml-test-score")
    sections = [criterion.section for criterion in found.criteria]
    assert {sections.count(section) for section in sections} == {7}
    criteria = found.criteria
    judged = [rubric.Judged(one, 1.0 if one.section == "Data" else 0.5, (), ()) for one in criteria]
    assert rubric.Score(found, "it", tuple(judged)).total == 3.5


def test_every_piece_of_evidence_is_defined_used_and_can_be_looked_for() -> None:
    known = rubric.evidence()
    used = {
        name
        for each in rubric.names()
        for criterion in rubric.read(each).criteria
        for level in criterion.levels
        for name in level.evidence
    }
    assert used == set(known)
    for piece in known.values():
        assert piece.keys() & {"file", "check", "result"}
        assert piece.get("check", "PR502") in repo_review_checks()
        re.compile(piece.get("says", ""))


def test_every_point_that_no_evidence_can_give_is_said_to_be_the_authors() -> None:
    for name in rubric.names():
        for criterion in rubric.read(name).criteria:
            seen = max((one.points for one in criterion.levels if one.evidence), default=0)
            assert seen == criterion.most or criterion.yours, criterion.name


FILES: dict[str, tuple[dict[str, str], str, float]] = {
    "a Dockerfile beside a service": (
        {"serve.py": "from fastapi import FastAPI\n", "Dockerfile": "FROM python\n"},
        "Model deployment",
        4,
    ),
    "a service alone": ({"serve.py": "from fastapi import FastAPI\n"}, "Model deployment", 2),
    "a Dockerfile alone": ({"Dockerfile": "FROM python\n"}, "Model deployment", 0),
    "attempts": ({"experiments/log.jsonl": "{}\n"}, "Experiment tracking and model registry", 2),
    "attempts and a registry": (
        {
            "experiments/log.jsonl": "{}\n",
            "src/spam/registry.py": 'FILE = "models/registry.json"\n',
        },
        "Experiment tracking and model registry",
        4,
    ),
    "Terraform": ({"infra/main.tf": "provider {}\n"}, "Cloud", 4),
    "a workflow on a schedule": (
        {
            "Makefile": "all: setup\n",
            ".github/workflows/m.yml": "on:\n  schedule:\n    - run: python -m spam retrain\n",
        },
        "Workflow orchestration",
        4,
    ),
    "a schedule that is switched off": (
        {
            "Makefile": "all: setup\n",
            ".github/workflows/m.yml": "on:\n  # schedule:\n    - run: python -m spam retrain\n",
        },
        "Workflow orchestration",
        2,
    ),
}


@pytest.mark.parametrize("what", FILES)
def test_files_give_the_points_that_they_show(tmp_path: Path, what: str) -> None:
    files, criterion, points = FILES[what]
    write_files(tmp_path, {"README.md": "# Spam\n"})
    assert given(tmp_path)[criterion] == 0
    write_files(tmp_path, dict(files))
    assert given(tmp_path)[criterion] == points


def test_what_is_lacking_is_what_the_next_points_need(tmp_path: Path) -> None:
    def deployment() -> rubric.Judged:
        score = rubric.judge(rubric.read("mlops-zoomcamp"), Checkout(tmp_path))
        [found] = [one for one in score.judged if one.criterion.name == "Model deployment"]
        return found

    write_files(tmp_path, {"serve.py": "from fastapi import FastAPI\n"})
    service, image = (level.evidence for level in deployment().criterion.levels)
    [missing] = set(image) - set(service)
    assert deployment().lacks == (rubric.evidence()[missing]["words"],)
    write_files(tmp_path, {"Dockerfile": "FROM python\n"})
    assert deployment().lacks == ()


@pytest.mark.parametrize(("sample", "points"), [(False, 0.5), (True, 0)])
def test_results_count_unless_they_are_of_the_sample(
    tmp_path: Path, sample: bool, points: float
) -> None:
    primary = {"name": "auc", "label": "AUC", "value": 0.9}
    found: dict[str, Any] = {"primary": primary, "tables": {"slices": [1]}}
    text = json.dumps({**found, "data": {"sample": sample}})
    write_files(tmp_path, {"reports/metrics.json": text})
    slices = given(tmp_path, "ml-test-score")["Quality suffices on every slice that matters"]
    assert slices == points


def test_a_check_that_passes_is_evidence_and_one_that_fails_is_none(tmp_path: Path) -> None:
    criterion = "Best practices: unit tests"
    write_files(
        tmp_path, {"README.md": "# Spam\n", "tests/test_it.py": "def test_it():\n    pass\n"}
    )
    assert given(tmp_path)[criterion] == 0
    write_files(tmp_path, {"tests/test_it.py": "def test_it():\n    assert 1 + 1 == 2\n"})
    assert given(tmp_path)[criterion] == 1


def test_a_fresh_project_shows_its_machinery_and_leaves_the_rest_to_its_author(
    tmp_path: Path, identity: None
) -> None:
    from scaffold.commands.new import create, plan

    root = create(plan("spam-detector", tmp_path / "spam-detector")).project.root
    points = given(root)
    assert sum(points[name] for name in points if name.startswith("Best practices")) == 7
    assert points["Model deployment"] == 4
    assert points["Cloud"] == 0
    assert points["Problem description"] == 1
    score = rubric.judge(rubric.read("mlops-zoomcamp"), Checkout(root))
    cloud = next(one for one in score.judged if one.criterion.name == "Cloud")
    assert "A cloud account" in cloud.criterion.yours


@pytest.mark.parametrize("name", ["ml-zoomcamp", "mlops-zoomcamp"])
def test_both_courses_say_first_that_the_work_has_to_be_ones_own(
    here: Path, scaffold: Callable[..., Called], name: str
) -> None:
    printed = scaffold("check", here, "--rubric", name).out
    assert "Hand in your own work." in printed.splitlines()[1]
    assert name in (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_command_prints_text_json_and_markdown(
    here: Path, scaffold: Callable[..., Called]
) -> None:
    write_files(here, {"serve.py": "import flask\n"})
    called = scaffold("check", here, "--rubric", "ml-zoomcamp")
    assert called.code == 0
    assert "1/1  Model deployment" in called.out
    (told,) = json.loads(scaffold("check", here, "--rubric", "ml-zoomcamp", "--json").out)
    assert told["most"] == 16
    assert told["points"] == sum(one["points"] for one in told["criteria"])
    table = scaffold("check", here, "--rubric", "ml-zoomcamp", "--markdown").out
    assert "| Model deployment | 1 of 1 | a web service |" in table


def test_an_unknown_rubric_is_told_with_the_nearest(here: Path) -> None:
    with pytest.raises(UnknownName, match="no rubric called 'zoomcamp'") as refused:
        rubric.read("zoomcamp")
    assert "ml-zoomcamp" in refused.value.hint


def test_a_rubric_has_no_table_for_a_spreadsheet(
    here: Path, scaffold: Callable[..., Called]
) -> None:
    assert scaffold("check", here, "--rubric", "reforms", "--csv").code == 2


PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rubrics.md"


@pytest.mark.parametrize("name", POINTS)
def test_the_page_on_rubrics_shows_no_less_than_a_fresh_project(
    tmp_path: Path, identity: None, name: str
) -> None:
    from scaffold.commands.new import create, plan

    root = create(plan("spam-detector", tmp_path / "spam-detector")).project.root
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]
    told = {row[1]: float(row[2]) for row in re.finditer(r"\| (.+?) \| ([\d.]+) of", section)}
    for one in rubric.judge(rubric.read(name), Checkout(root)).judged:
        title = ": ".join(filter(None, (one.criterion.section, one.criterion.name)))
        assert told[title] >= one.points, title
    if name != "ml-test-score":
        assert f"shows {sum(told.values()):g} of {POINTS[name]}**" in section


def test_the_page_on_rubrics_names_every_criterion() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in rubric.names():
        found = rubric.read(name)
        assert found.source.split("/blob/")[0] in page
        for criterion in found.criteria:
            title = ": ".join(filter(None, (criterion.section, criterion.name)))
            assert f"| {title} | " in page, title
