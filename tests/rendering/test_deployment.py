"""What somebody else needs to deploy a project: image, composition, release; from a fresh clone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]

from scaffold import catalogue
from scaffold.project import Project
from tests.factories import git, make_project

TEMPLATES = catalogue.names()
STAGE = re.compile(r"^FROM (\S+)(?: AS (\S+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Deployed:
    project: Project
    shared: bool

    def text(self, path: str) -> str:
        return (self.project.root / path).read_text(encoding="utf-8")

    def yaml(self, path: str) -> Any:
        return yaml.safe_load(self.text(path))

    @property
    def stages(self) -> dict[str, list[str]]:
        """The instructions of each stage of the Dockerfile, the last one under ''."""
        text = self.text("Dockerfile").replace("\\\n", " ")
        parts = re.split(r"^(?=FROM )", text, flags=re.MULTILINE)[1:]
        found = {}
        for part in parts:
            heading = STAGE.match(part)
            assert heading, part
            found[heading[2] or ""] = part.strip().splitlines()
        return found

    @property
    def steps(self) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = self.yaml(".github/workflows/release.yml")["jobs"]["release"][
            "steps"
        ]
        return steps


@pytest.fixture(scope="module", params=TEMPLATES)
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    folder = tmp_path_factory.mktemp(request.param)
    project = make_project(request.param, folder / "my-own-name", github="zoe")
    return Deployed(project, catalogue.template(request.param).data.redistribution)


def test_the_image_needs_nothing_that_a_clone_lacks(deployed: Deployed) -> None:
    """Only the stage `here`, which is asked for by name, reads what git ignores."""
    followed = git(deployed.project.root, "ls-files").split("\n")
    for name, lines in deployed.stages.items():
        copied = [line.split()[1:-1] for line in lines if re.match(r"COPY (?!--from)", line)]
        sources = {source for group in copied for source in group if source != "."}
        missing = {
            source
            for source in sources
            if not any(path == source or path.startswith(f"{source}/") for path in followed)
        }
        assert missing == ({"models", "reports/metrics.json"} if name == "model-here" else set())


def test_dependencies_are_a_layer_that_no_change_of_code_touches(deployed: Deployed) -> None:
    lines = deployed.stages["dependencies"]
    copied = [line for line in lines if line.startswith("COPY")]
    assert copied == ["COPY pyproject.toml requirements.lock ./"]
    assert "--constraint requirements.lock" in lines[-1]
    last = deployed.stages[""]
    place = {line.split()[-1]: number for number, line in enumerate(last) if "COPY" in line}
    assert place["/venv"] < place["src"] < place["models"]


def test_the_service_runs_without_root_and_is_looked_after(deployed: Deployed) -> None:
    last = deployed.stages[""]
    assert "USER service" in last
    assert last.index("USER service") < next(i for i, x in enumerate(last) if x.startswith("CMD"))
    assert any(line.startswith("HEALTHCHECK") and "/health" in line for line in last)


def test_the_model_comes_from_the_release_unless_the_data_may_not_be_passed_on(
    deployed: Deployed,
) -> None:
    default = re.search(r"^ARG MODEL=(\w+)$", deployed.text("Dockerfile"), re.MULTILINE)
    assert default
    assert default[1] == ("release" if deployed.shared else "train")
    assert ("model-release" in deployed.stages) is deployed.shared
    assert {"model-here", "model-train", f"model-{default[1]}"} <= set(deployed.stages)
    names = [step.get("name", "") for step in deployed.steps]
    assert ("Pack the model" in names) is ("Push the image" in names) is deployed.shared
    if deployed.shared:
        released = " ".join(deployed.stages["model-release"])
        assert "https://github.com/zoe/my-own-name/releases/download" in released
        assert "sha256sum --check" in released
    else:
        assert "model.tar.gz" not in deployed.text(".github/workflows/release.yml")


def test_nothing_is_published_before_the_run_was_compared_and_the_image_answered(
    deployed: Deployed,
) -> None:
    package = deployed.project.package
    done = [str(step.get("run", step.get("uses"))) for step in deployed.steps]
    order = [
        next(number for number, step in enumerate(done) if what in step)
        for what in (
            "pytest",
            f"python -m {package} all",
            f"python -m {package} rerun",
            "docker build --build-arg MODEL=here",
            f"python -m {package} bench --url",
            "gh release create",
        )
    ]
    assert order == sorted(order)
    for step in deployed.steps:  # a tag's name is never pasted into a command
        assert "${{" not in step.get("run", "")
    workflow = deployed.yaml(".github/workflows/release.yml")
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads `on` as true


def test_the_composition_keeps_the_log_and_builds_what_is_missing(deployed: Deployed) -> None:
    composition = deployed.yaml("compose.yaml")
    service = composition["services"]["service"]
    assert service["volumes"] == ["logs:/app/logs"]
    assert "logs" in composition["volumes"]
    assert service["image"] == "my-own-name"
    assert set(service["build"]["args"]) == {"MODEL", "TAG"}


def test_no_file_names_a_package_registry(deployed: Deployed) -> None:
    for path in ("Dockerfile", "compose.yaml", ".github/workflows/release.yml", "Makefile"):
        assert not re.search(r"pypi\.org|pythonhosted|ghcr\.io|docker\.io", deployed.text(path))


def test_secrets_and_data_stay_out_of_the_image(deployed: Deployed) -> None:
    ignored = deployed.text(".dockerignore").split()
    assert {".env", ".git", "data/raw", "data/processed", "logs"} <= set(ignored)


def test_readme_and_makefile_say_how(deployed: Deployed) -> None:
    readme, makefile = deployed.text("README.md"), deployed.text("Makefile")
    for line in ("make image", "docker compose up", f"python -m {deployed.project.package} bench"):
        assert line in readme
    assert re.search(r"^image:\n\t\$\(DOCKER\) build ", makefile, re.MULTILINE)


def test_nobody_looks_every_week_who_did_not_ask_for_it(deployed: Deployed) -> None:
    assert not (deployed.project.root / ".github/workflows/monitor.yml").exists()


def test_the_weekly_look_may_open_an_issue_and_no_more(tmp_path: Path) -> None:
    project = make_project("spam-detector", tmp_path / "mine", github="zoe", monitoring="weekly")
    workflow = Deployed(project, shared=True).yaml(".github/workflows/monitor.yml")
    assert workflow["permissions"] == {"contents": "read", "issues": "write"}
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}
    steps = workflow["jobs"]["monitor"]["steps"]
    commands = "\n".join(step.get("run", "") for step in steps)
    assert re.findall(r"python -m mine (retrain [\w-]+)", commands) == [
        "retrain --help",
        "retrain --no-promote",
    ]
    assert "${{" not in commands
    pinned = {step["uses"] for step in steps if "uses" in step}
    release = Deployed(project, shared=True).steps
    assert pinned <= {step["uses"] for step in release if "uses" in step}
