"""`scaffold next` in an ordinary project: its own program knows what to do next."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from scaffold.errors import ScaffoldError, StepFailed
from scaffold.plain import one_line
from scaffold.project import Project
from scaffold.running import environment

_UNKNOWN_VERB = 2  # argparse


def next_of_project(project: Project, *, as_json: bool = False, quick: bool = False) -> str:
    """What `python -m PACKAGE next` says, in the environment of the project.

    `quick`: without running the tests that are goals.
    """
    options = [*(["--json"] if as_json else []), *(["--quick"] if quick else [])]
    python = environment.python_of(project.root)
    if not python.exists():
        raise StepFailed("The project has no environment yet.", "Make it: scaffold run environment")
    done = subprocess.run(
        [str(python), "-m", project.package, "next", *options],
        cwd=project.root,
        env=environment.variables(project.root),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode == _UNKNOWN_VERB:
        raise StepFailed(
            "This project does not know what comes next: its template had no challenges.",
            "A newer one may: scaffold update",
        )
    if done.returncode:
        said = done.stderr.strip()
        raise StepFailed(
            one_line(said.rpartition("\n")[2].removeprefix("error: ")) or "It said nothing.",
            "Put right what it names, then: scaffold next",
            output=said if "Traceback" in said else "",
        )
    return done.stdout.rstrip("\n")


def closing(project: Project) -> list[str]:
    """Three lines for the end of a run; none where the project cannot say."""
    try:
        seen = json.loads(next_of_project(project, as_json=True, quick=True))
        return _in_three_lines(seen)
    except (ScaffoldError, OSError, ValueError, KeyError, TypeError):
        return []


def _in_three_lines(seen: dict[str, Any]) -> list[str]:
    challenges = {each["id"]: each for each in seen["challenges"]}
    reached = sum(each["reached"] for each in challenges.values())
    now = challenges.get(seen["now"])
    step = next(step["step"] for step in seen["publishing"] if not step["done"])
    lines = [f"Challenges: {reached} of {len(challenges)} reached."] if challenges else []
    if now:
        lines.append(f"Next: {now['title']} ({now['level']}), in {now['where']}.")
    lines.append(f"Before publishing: {step} (all of it: scaffold next)")
    return [one_line(line) for line in lines]
