"""`scaffold next` in an ordinary project: its own program knows what to do next."""

from __future__ import annotations

import subprocess

from scaffold import environment
from scaffold.errors import StepFailed
from scaffold.project import Project


def next_of_project(project: Project, *, as_json: bool = False) -> str:
    """What `python -m PACKAGE next` says, in the environment of the project."""
    python = environment.python_of(project.root)
    if not python.exists():
        raise StepFailed("The project has no environment yet.", "Make it: scaffold run environment")
    done = subprocess.run(
        [str(python), "-m", project.package, "next", *(["--json"] if as_json else [])],
        cwd=project.root,
        env=environment.variables(project.root),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise StepFailed(
            f"{project.package} could not say what is next (exit code {done.returncode}).",
            "Its version of the template may have no challenges: scaffold update",
            output=done.stderr.strip(),
        )
    return done.stdout.rstrip("\n")
