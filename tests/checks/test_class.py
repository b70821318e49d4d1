"""Many repositories at once: one table, no shared state, who resembles whom, forms for programs."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from scaffold.checks.checkout import Checkout
from scaffold.checks.dependencies import requirements
from scaffold.checks.kind import Kind
from scaffold.checks.review import review
from scaffold.checks.similarity import fingerprints, pairs
from tests.checks.test_stumbles import notebook
from tests.checks.test_validity import SCALED_FIRST
from tests.conftest import Called

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "metrics.schema.json"
Scaffold = Callable[..., Called]


@pytest.fixture
def students(tmp_path: Path) -> list[Path]:
    """Four submissions: two alike, one of another kind, one that is no folder."""
    roots = [tmp_path / name for name in ("ann", "bob", "cat", "dan")]
    for root in roots[:3]:
        root.mkdir()
    (roots[0] / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    renamed = SCALED_FIRST.replace("X_train", "X_tr").replace("X_test", "X_te")
    (roots[1] / "train.py").write_text(renamed, encoding="utf-8")
    (roots[2] / "a.ipynb").write_text(notebook(("x = 1", 1, [])), encoding="utf-8")
    return roots


def test_a_class_is_one_table_and_a_broken_folder_is_one_row(
    students: list[Path], scaffold: Scaffold
) -> None:
    found = scaffold("check", *students)
    rows = found.out.splitlines()
    assert [row.split()[0] for row in rows[:5]] == ["repository", "ann", "bob", "cat", "dan"]
    assert "VA601 train.py:9" in rows[1]
    assert "a notebook study" in rows[3]
    assert "not looked at" in rows[4]
    assert found.code == 1


def test_a_spreadsheet_has_a_row_for_each_check(students: list[Path], scaffold: Scaffold) -> None:
    rows = list(csv.DictReader(io.StringIO(scaffold("check", *students, "--csv").out)))
    leak = next(row for row in rows if row["repository"] == "ann" and row["check"] == "VA601")
    assert (leak["state"], leak["place"]) == ("fails", "train.py:9")
    assert any(row["repository"] == "dan" and row["state"] == "not looked at" for row in rows)


def test_code_scanning_is_led_to_the_line(students: list[Path], scaffold: Scaffold) -> None:
    log = json.loads(scaffold("check", students[0], "--sarif").out)
    results = log["runs"][0]["results"]
    place = next(one for one in results if one["ruleId"] == "VA601")["locations"][0]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "train.py"}
    assert place["physicalLocation"]["region"] == {"startLine": 9}
    blocking = {finding.check for finding in review(students[0]).failures if finding.blocks}
    of_level = {one["ruleId"] for one in results if one["level"] == "error"}
    assert of_level == blocking != {one["ruleId"] for one in results}
    rules = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert {one["ruleId"] for one in results} <= rules


def test_addresses_for_code_scanning_begin_where_the_check_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scaffold: Scaffold
) -> None:
    for name in ("ann", "bob"):
        (tmp_path / name / "my code").mkdir(parents=True)
        (tmp_path / name / "my code" / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    log = json.loads(scaffold("check", "ann", "bob", "gone", "--sarif").out)
    run = log["runs"][0]
    addresses = [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in run["results"]
        if one["ruleId"] == "VA601"
    ]
    assert addresses == ["ann/my%20code/train.py", "bob/my%20code/train.py"]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_folders_of_one_name_are_told_apart(
    tmp_path: Path, scaffold: Scaffold, students: list[Path]
) -> None:
    for name in ("eve", "fay"):
        shutil.copytree(students[0], tmp_path / name / "project")
    roots = (tmp_path / "eve" / "project", tmp_path / "fay" / "project", students[2])
    rows = scaffold("check", *roots, "--pages", tmp_path / "pages").out.splitlines()
    assert [row.split()[0] for row in rows[1:4]] == ["eve/project", "fay/project", "cat"]
    pages = sorted(path.name for path in (tmp_path / "pages").iterdir())
    assert pages == ["cat.md", "eve-project.md", "fay-project.md"]


def test_each_student_gets_a_page(students: list[Path], scaffold: Scaffold, tmp_path: Path) -> None:
    scaffold("check", *students, "--pages", tmp_path / "pages")
    pages = sorted(path.name for path in (tmp_path / "pages").iterdir())
    assert pages == ["ann.md", "bob.md", "cat.md", "dan.md"]
    assert "```diff" in (tmp_path / "pages" / "ann.md").read_text(encoding="utf-8")


def test_five_things_come_first_and_the_rest_on_demand(
    students: list[Path], scaffold: Scaffold
) -> None:
    short = scaffold("check", students[0]).out
    assert short.count("      found  ") == 5
    assert "scaffold check --all" in short
    assert short.index("VA601") < short.index("more:")
    assert scaffold("check", students[0], "--all").out.count("      found  ") > 5


def test_the_same_verdict_comes_the_first_and_the_fifth_time(
    students: list[Path], scaffold: Scaffold
) -> None:
    assert len({scaffold("check", students[0], "--json").out for _ in range(5)}) == 1


def test_what_a_template_brought_is_nobodys_own(project: Path) -> None:
    before = review(project, compare=True).marks
    own = "\n".join(f"value_{n} = compute(value_{n + 1}, alpha, {n})" for n in range(60))
    (project / "own.py").write_text(own, encoding="utf-8")
    brought = fingerprints([(project / "src/my_project/__main__.py").read_text(encoding="utf-8")])
    assert len(brought) > 5
    assert len(brought & before) < len(brought) / 2  # a line with the package's name is another
    assert fingerprints([own]) <= review(project, compare=True).marks


def test_a_copy_is_noticed_and_what_all_share_is_not() -> None:
    given = "import numpy\n" * 40
    own = "\n".join(f"value_{n} = compute(value_{n + 1}, alpha, {n})" for n in range(60))
    other = "\n".join(f"thing_{n}.update(left, right)[{n}] -= beta" for n in range(60))
    marks = {
        "ann": fingerprints([given + own]),
        "bob": fingerprints([given + own]),
        "cat": fingerprints([given + other]),
    }
    assert [(pair.one, pair.other) for pair in pairs(marks)] == [("ann", "bob")]


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"a.ipynb": notebook(("x = 1", 1, []))}, Kind.NOTEBOOKS),
        ({"train.py": "x = 1\n"}, Kind.STUDY),
        ({"app.py": "import streamlit as st\n", "train.py": "x = 1\n"}, Kind.APPLICATION),
        ({"setup.py": "from setuptools import setup\n", "a/__init__.py": ""}, Kind.PACKAGE),
        ({"week1/a.py": "x = 1\n", "week2/b.py": "x = 1\n"}, Kind.COURSE),
        ({"a.R": "x <- 1\n", "DESCRIPTION": "Package: a\n"}, Kind.R),
        ({"src/a.jl": "x = 1\n", "Project.toml": 'name = "a"\n'}, Kind.JULIA),
        ({"index.js": "x = 1\n", "package.json": "{}"}, Kind.JAVASCRIPT),
        (
            {
                "README.md": "# T\n\nMy Kaggle entry.\n",
                "submission.csv": "a\n",
                "b.ipynb": notebook(("x = 1", 1, [])),
            },
            Kind.COMPETITION,
        ),
    ],
)
def test_a_repository_is_told_by_what_it_holds(
    tmp_path: Path, files: dict[str, str], kind: Kind
) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert Checkout(tmp_path).kind is kind


def test_a_notebook_study_is_not_asked_for_what_a_program_owes(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(notebook(("x = 1", 1, [])), encoding="utf-8")
    asked = {finding.check: finding.passed for finding in review(tmp_path).findings}
    assert asked["PR504"] is None
    assert asked["PR501"] is False
    (tmp_path / "train.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "a.ipynb").unlink()
    asked = {finding.check: finding.passed for finding in review(tmp_path).findings}
    assert asked["PR504"] is False


def test_a_monorepo_holds_several(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text('[project]\nname = "x"\n')
        (tmp_path / name / "train.py").write_text("x = 1\n")
    assert [part.path for part in Checkout(tmp_path).parts] == ["one", "two"]


def test_examples_beside_projects_are_none(tmp_path: Path) -> None:
    for name in ("one", "two", "examples/three", "templates"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert [part.path for part in Checkout(tmp_path).parts] == ["one", "two"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements-dev.txt", "pandas>=2,<3  # tables\n-r other.txt\n"),
        ("pyproject.toml", '[project]\nname = "a"\ndependencies = ["pandas>=2,<3", "a[x]"]\n'),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\npandas = ">=2,<3"\n'),
        ("pyproject.toml", '[dependency-groups]\ndev = ["pandas>=2,<3"]\n'),
        ("requirements/base.txt", "pandas>=2,<3\n"),
        ("requirements.txt", "git+https://example.com/a\nhttps://example.com/b.whl\npandas>=2,<3"),
        ("env-gpu.yml", "dependencies:\n  - pandas>=2,<3\n"),
        ("environment.yml", "dependencies:\n  - python=3.11\n  - pandas>=2,<3\n  - pip\n"),
        ("Pipfile", '[packages]\npandas = ">=2,<3"\n'),
        ("setup.cfg", "[options]\ninstall_requires =\n    pandas>=2,<3\n"),
        ("setup.py", 'setup(install_requires=["pandas>=2,<3"])\n'),
        ("run.py", '# /// script\n# dependencies = ["pandas>=2,<3"]\n# ///\n'),
        ("DESCRIPTION", "Package: x\nImports: pandas (>=2,<3)\nLicense: MIT\n"),
    ],
)
def test_what_is_needed_is_read_in_every_dialect(tmp_path: Path, path: str, text: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    found = [(needed.name, needed.bounds) for needed in requirements(Checkout(tmp_path))]
    assert found == [("pandas", ">=2,<3")]


@pytest.mark.parametrize(
    "name",
    ["README.rst", "readme.txt", "Readme.MD", "README", "README.zh-CN.md", "README_EN.md",
     "docs/README.md", ".github/README.md", "README.Rmd"],
)  # fmt: skip
def test_a_readme_is_one_in_any_case_and_format(tmp_path: Path, name: str) -> None:
    words = "Which houses are too dear, and how do we know it at all? " * 4
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"\ufeffHouses\n======\n\n{words}\n", encoding="utf-8")
    assert Checkout(tmp_path).readme_path == name
    states = {finding.check: finding.state for finding in review(tmp_path).findings}
    assert (states["ST101"], states["ST102"]) == ("passes", "passes")


def test_of_several_readmes_the_one_that_a_forge_shows_is_read(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("docs/README.md", "README.de.md", "README.rst", "README.md", "README.fr.md"):
        (tmp_path / name).touch()
    assert Checkout(tmp_path).readme_path == "README.md"


def test_a_readme_may_be_in_a_language_without_spaces(tmp_path: Path) -> None:
    text = "# 房价预测\n\n本项目使用机器学习方法预测房价，数据来自公开数据集，"
    text += "包含特征工程、模型训练与评估三个部分。\n"
    (tmp_path / "README.md").write_text(f"{text}\n## 结果\n\n准确率 0.93\n", encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("scikit-learn==1.7.2\n", encoding="utf-16")
    states = {finding.check: finding.state for finding in review(tmp_path).findings}
    assert [states[name] for name in ("ST101", "ST105", "RE201")] == ["passes"] * 3


def test_the_schema_of_results_describes_what_we_read() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {"primary": {"name": "accuracy", "value": 0.9, "ci": [0.8, 1.0]}}
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"primary": {"name": "accuracy", "value": "high"}}, schema)
