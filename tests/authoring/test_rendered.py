"""What can be wrong with a rendering, each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.authoring.rendered import Rendered, faults, faults_of_prompts
from scaffold.project import Origin, Project

WELL = {
    "README.md": "# App\nWhose is this?\n\n> **Yours to write — meaning:** what?\n",
    "LICENSE": "Copyright Zoë\n",
    "pyproject.toml": '[project]\nname = "app"\nauthors = [{ name = "Zoë" }]\n',
    "src/app/model.py": "import app\n",
}


def rendered(**changed: str) -> Rendered:
    """A sound rendering with some files otherwise, `_` for `/` and `.` in their names."""
    answers = {"author": "Zoë", "question": "Whose is this?"}
    project = Project(Path("app"), Origin("t", "here", "layers"), "app", "app", "App", (),
                      answers=answers)  # fmt: skip
    names = {path.replace("/", "_").replace(".", "_"): path for path in WELL}
    return Rendered(project, WELL | {names.get(key, key): text for key, text in changed.items()})


def test_a_sound_rendering_has_no_fault() -> None:
    assert list(faults(rendered())) == []
    assert list(faults_of_prompts(rendered())) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"src_app_model_py": "import project_package\n"}, "'project_package' is left"),
        ({"README_md": "Whose is this? {% if %}"}, "'{%' is left"),
        ({"README_md": "Whose is this? {{ title }}"}, "'{{ ' is left"),
        ({"src_app_model_py": "from scaffold import git\n"}, "from scaffold"),
        ({"src_app_model_py": "x = 1  # TODO\n"}, "TODO"),
        ({"src_app_model_py": "x = (\n"}, "src/app/model.py: "),
        ({"src_app_model_py": "x = 1\r\n"}, "line ends of Windows"),
        ({"config.toml": "x = \n"}, "config.toml: "),
        ({"reports/metrics.json": "{}"}, "a result that nobody has measured"),
        ({"LICENSE": "Copyright nobody"}, "LICENSE: the author is not in it"),
        ({"README_md": "# App"}, "README.md: the author's question is not in it"),
        ({"pyproject_toml": ""}, "pyproject.toml: no project with its authors"),
        (
            {"pyproject_toml": '[project]\nname = "app"\nauthors = [{ name = "Zoe" }]\n'},
            "the author is 'Zoe'",
        ),
        (
            {"pyproject_toml": '[project]\nname = "other"\nauthors = [{ name = "Zoë" }]\n'},
            "goes by another name",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_said_with_its_file(changed: dict[str, str], fault: str) -> None:
    found = list(faults(rendered(**changed)))
    assert any(fault in each for each in found), found


def test_what_the_forge_fills_in_is_none_of_the_template_language() -> None:
    workflow = {".github/workflows/ci.yml": "run: ${{ matrix.python }} {{ github.ref }}\n"}
    assert list(faults(rendered(**workflow))) == []


@pytest.mark.parametrize(
    ("readme", "fault"),
    [
        ("# App\n", "0 lines"),
        ("".join(f"> **Yours to write — a{n}:** x?\n" for n in range(13)), "13 lines"),
        ("> **Yours to write — a:** x?\n> **Yours to write — a:** y?\n", "a is asked twice"),
    ],
)
def test_prompts_are_counted(readme: str, fault: str) -> None:
    assert any(fault in each for each in faults_of_prompts(rendered(README_md=readme)))


def test_a_readme_that_asks_nothing_is_found() -> None:
    elsewhere = {"README_md": "# App\n", "REPORT.md": "> **Yours to write — a:** x?\n"}
    assert list(faults_of_prompts(rendered(**elsewhere))) == ["README.md asks nothing"]
