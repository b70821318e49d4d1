"""Where others run the check: as a GitHub Action, in a shallow clone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from scaffold.checks.review import review
from tests.checks.conftest import Work
from tests.checks.test_validity import SCALED_FIRST
from tests.publishing.fake_github import git

ACTION = Path(__file__).parents[2] / "action.yml"


def test_a_shallow_clone_is_not_called_one_commit(work: Work, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git("clone", "--quiet", "--depth=1", work.root.as_uri(), str(clone))
    states = {finding.check: finding.state for finding in review(clone).findings}
    assert (states["PR507"], states["SA402"], states["PR508"]) == ("not read", "not read", "passes")


@pytest.mark.skipif(os.name == "nt", reason="the runner brings its own bash")
def test_the_action_checks_a_class_and_writes_summary_and_sarif(tmp_path: Path) -> None:
    for name in ("ann", "bob"):
        (tmp_path / "students" / name).mkdir(parents=True)
        (tmp_path / "students" / name / "train.py").write_text(SCALED_FIRST, encoding="utf-8")
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    script = next(s["run"] for s in action["runs"]["steps"] if s.get("name") == "Check")
    activate = tmp_path / "scaffold-check" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'PATH="{Path(sys.executable).parent}:$PATH"\n', encoding="utf-8")
    own = {"PATHS": "students/*/", "ARGUMENTS": "--all", "SARIF": "found.sarif"}
    places = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=tmp_path, env={**os.environ, **own, **places}, capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "VA601" in done.stdout
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").count("**VA601**") == 2
    results = json.loads((tmp_path / "found.sarif").read_text())["runs"][0]["results"]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}
    assert "students/bob/train.py" in uris
