"""Every template of the real catalogue, rendered: whole, clean, and the author's own."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaffold import catalogue
from scaffold.checks import repo_review_checks
from scaffold.checks.checkout import Checkout
from scaffold.project import Project
from tests.factories import git, make_project, tree

SHORT, LONG = "ab", "customer-support-spam-detector"
AUTHOR = {"author": 'Zoë "Z" O\'Brien \\ Co', "email": "zoe@example.com", "github": "zoe"}

PROMPT = re.compile(r"^> \*\*Yours to write — [a-z0-9-]+:\*\* \S.*$", re.MULTILINE)


@dataclass(frozen=True)
class Rendered:
    project: Project
    template: catalogue.Template

    @property
    def texts(self) -> dict[str, str]:
        """Every file that is text."""
        return {
            path: data.decode("utf-8", errors="replace")
            for path, data in tree(self.project.root).items()
            if b"\0" not in data
        }


@pytest.fixture(scope="module", params=catalogue.names())
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """A template under a name of its own, with awkward but legal answers."""
    folder = tmp_path_factory.mktemp(request.param)
    project = make_project(request.param, folder / "my-own-name", **AUTHOR)
    return Rendered(project, catalogue.template(request.param))


def test_nothing_of_the_template_language_is_left(rendered: Rendered) -> None:
    left = re.compile(r"project_package|\{%|\{\{ (?!github\.|matrix\.|secrets\.|steps\.)")
    found = {
        path: match.group()
        for path, text in rendered.texts.items()
        if (match := left.search(text.replace("${{", "")))
    }
    assert found == {}


def test_nothing_stands_in_it_that_may_not_be_published(rendered: Rendered) -> None:
    assert not repo_review_checks()["SA406"].look(Checkout(rendered.project.root))


def test_the_project_speaks_of_itself_only(rendered: Rendered) -> None:
    """It belongs to its author: no import of the tool, no TODO, nothing to replace."""
    found = {
        path
        for path, text in rendered.texts.items()
        if path.endswith((".py", ".toml", ".yml", ".cfg"))
        and path != ".scaffold.toml"
        and re.search(r"^\s*(import|from) scaffold\b|\bTODO\b|\bFIXME\b|lorem ipsum", text, re.M)
    }
    assert found == set()


def test_every_configuration_file_can_be_read(rendered: Rendered) -> None:
    for path, text in rendered.texts.items():
        if path.endswith(".toml"):
            assert tomllib.loads(text)
        elif path.endswith(".py"):
            assert ast.parse(text, path)


def test_awkward_answers_arrive_unharmed(rendered: Rendered) -> None:
    project = tomllib.loads(rendered.texts["pyproject.toml"])["project"]
    assert project["authors"] == [{"name": AUTHOR["author"], "email": AUTHOR["email"]}]
    assert project["name"] == "my-own-name"
    assert AUTHOR["author"] in rendered.texts["LICENSE"]


@pytest.mark.parametrize("licence", ["MIT", "Apache-2.0", "BSD-3-Clause"])
def test_the_chosen_licence_is_the_one_in_the_project(
    tmp_path: Path, rendered: Rendered, licence: str
) -> None:
    made = make_project(rendered.template.name, tmp_path / "app", licence=licence, author="Ada")
    text = (made.root / "LICENSE").read_text(encoding="utf-8")
    first = {"MIT": "MIT License", "Apache-2.0": "Apache License", "BSD-3-Clause": "BSD 3-Clause"}
    assert first[licence] in text
    assert ("Ada" in text) is (licence != "Apache-2.0")  # whose text names no holder


def test_the_authors_question_opens_the_readme(tmp_path: Path, rendered: Rendered) -> None:
    made = make_project(rendered.template.name, tmp_path / "app", question="Is this mine?")
    assert "Is this mine?" in (made.root / "README.md").read_text(encoding="utf-8")
    default = rendered.texts["README.md"]
    assert rendered.template.question in default


def test_what_only_the_author_can_answer_is_asked_for(rendered: Rendered) -> None:
    prompts = [match for text in rendered.texts.values() for match in PROMPT.findall(text)]
    assert 1 <= len(prompts) <= 12


def test_the_readme_says_which_level_a_correct_run_comes_to(rendered: Rendered) -> None:
    target = rendered.template.target
    side = ("more", "below") if target.higher_is_better else ("less", "above")
    expected = f"gives about {target.gate} ({target.label}) or {side[0]}. Well {side[1]} that"
    assert expected in " ".join(rendered.texts["README.md"].split())


def test_a_coding_assistant_is_told_what_to_keep_to_and_by_which_commands(
    rendered: Rendered,
) -> None:
    text = rendered.texts["AGENTS.md"]
    for kept in ("test set", "cross-validation", "experiments/log.jsonl", "config.toml", "prompts"):
        assert kept in text, kept
    assert f"`python -m {rendered.project.package} try" in text
    assert "AGENTS.md" not in rendered.project.seeded  # it comes with updates
    assert not PROMPT.search(text)


def test_versions_are_pinned_by_the_first_run_and_installed_elsewhere(rendered: Rendered) -> None:
    assert "==" not in rendered.texts["requirements.lock"]
    assert "requirements.lock" in rendered.project.seeded
    for path in ("Dockerfile", ".github/workflows/ci.yml"):
        assert "--constraint requirements.lock" in rendered.texts[path], path


def test_seeded_files_are_among_those_written(rendered: Rendered) -> None:
    assert {"README.md", "REPORT.md", "MODEL_CARD.md"} <= set(rendered.project.seeded)
    assert set(rendered.project.seeded) <= set(git(rendered.project.root, "ls-files").split("\n"))


def test_text_files_have_unix_line_ends(rendered: Rendered) -> None:
    own = {path: text for path, text in rendered.texts.items() if not path.startswith("data/")}
    assert [path for path, text in own.items() if "\r\n" in text] == []


def test_no_results_are_rendered(rendered: Rendered) -> None:
    """Numbers come from the author's own run."""
    assert "reports/metrics.json" not in tree(rendered.project.root)


@pytest.mark.parametrize("name", [SHORT, LONG])
@pytest.mark.parametrize("template", catalogue.names())
def test_generated_code_is_clean_whatever_the_package_is_called(
    tmp_path: Path, template: str, name: str
) -> None:
    root = make_project(template, tmp_path / name, **AUTHOR).root
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
