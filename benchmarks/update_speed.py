"""Updates of 300-file templates, scaffold beside copier and beside cruft, in one run.

    python -m benchmarks.update_speed [--repeats 7] [--projects 200] [--json]

Each tool updates a fresh copy of a project that it made itself; the runs alternate, so that a busy
machine slows all alike. `--projects` measures `scaffold update` of many projects instead.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FILES = 300
CHANGED = 30
LINES = 40

Run = Callable[[Path], None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--projects", type=int, default=0, help="update this many projects at once")
    parser.add_argument("--files", type=int, default=FILES, help="of the template, with --projects")
    parser.add_argument("--kind", choices=("copier", "cookiecutter"), default="copier")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with _elsewhere() as folder:
        if options.projects:
            result = many(folder, options.projects, options.kind, options.files)
        else:
            result = {
                "copier": compare(folder / "copier", "copier", options.repeats),
                "cruft": compare(folder / "cruft", "cruft", options.repeats),
            }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for name, numbers in result.items():
            print(name, numbers)


def compare(folder: Path, other: str, repeats: int) -> dict[str, float]:
    """Median seconds of an update by another tool and by scaffold, and their ratio."""
    make_template(folder / "template", "copier" if other == "copier" else "cookiecutter", "1.0.0")
    makers = {"copier": _copier_makes, "cruft": _cruft_makes}
    projects = {other: folder / f"by-{other}" / "project", "scaffold": folder / "ours" / "project"}
    makers[other](folder / "template", projects[other])
    _scaffold("new", folder / "template", projects["scaffold"], "--yes")
    make_template(folder / "template", "copier" if other == "copier" else "cookiecutter", "2.0.0")
    updates: dict[str, Run] = {
        other: _copier_updates if other == "copier" else _cruft_updates,
        "scaffold": lambda root: _scaffold("update", root, "--yes"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in projects}
    for _ in range(repeats):
        for name, project in projects.items():
            seconds[name].append(_time(project, updates[name]))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        **{name: round(value, 3) for name, value in medians.items()},
        "ratio": round(medians["scaffold"] / medians[other], 3),
    }


def many(folder: Path, number: int, kind: str, files: int) -> dict[str, dict[str, float]]:
    """Seconds that one `scaffold update` of many projects takes."""
    make_template(folder / "template", kind, "1.0.0", files)
    first = folder / "projects" / "project-0"
    _scaffold("new", folder / "template", first, "--yes")
    roots = [first, *(folder / "projects" / f"project-{n}" for n in range(1, number))]
    for root in roots[1:]:
        shutil.copytree(first, root)
    make_template(folder / "template", kind, "2.0.0", files)
    begin = time.perf_counter()
    _scaffold("update", *roots)
    seconds = time.perf_counter() - begin
    for root in roots:
        assert "changed" in (root / "part-0" / "file-0.txt").read_text(encoding="utf-8")
    return {kind: {"projects": number, "files": files, "seconds": round(seconds, 1)}}


def make_template(folder: Path, kind: str, version: str, files: int = FILES) -> None:
    """A version of a template of text files, each with one variable in it."""
    for number in range(files):
        changed = version == "2.0.0" and number % (FILES // CHANGED) == 0
        path = folder / _place(kind, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        name = "{{ author }}" if kind == "copier" else "{{ cookiecutter.author }}"
        lines = [f"line {line} of {number}\n" for line in range(LINES)]
        lines[7] = "changed\n" if changed else lines[7]
        path.write_text(f"By {name}.\n{''.join(lines)}", encoding="utf-8")
    if kind == "copier":
        (folder / "copier.yml").write_text(
            "_subdirectory: project\nauthor: Ada\n", encoding="utf-8"
        )
        answers = folder / "project" / "{{ _copier_conf.answers_file }}.jinja"
        answers.write_text("{{ _copier_answers|to_nice_yaml }}", encoding="utf-8")
    else:
        context = {"slug": "project", "author": "Ada"}
        (folder / "cookiecutter.json").write_text(json.dumps(context), encoding="utf-8")
    if not (folder / ".git").exists():
        _call(folder, "git", "init", "--quiet", "--initial-branch=main")
    _call(folder, "git", "add", "--all")
    _call(folder, "git", "commit", "--quiet", "--message", version)
    _call(folder, "git", "tag", version)


def _place(kind: str, number: int) -> str:
    inside = f"part-{number % 20}/file-{number}.txt"
    if kind == "copier":
        return f"project/{inside}.jinja"
    return "{{ cookiecutter.slug }}/" + inside


def _time(project: Path, update: Run) -> float:
    copy = project.with_name("copy") / project.name
    shutil.rmtree(copy.parent, ignore_errors=True)
    shutil.copytree(project, copy)
    _call(copy, "git", "status", "--short")  # the copies' index is as fresh as the original's
    begin = time.perf_counter()
    update(copy)
    seconds = time.perf_counter() - begin
    assert "changed" in (copy / "part-0" / "file-0.txt").read_text(encoding="utf-8")
    return seconds


def _copier_makes(template: Path, project: Path) -> None:
    _python("copier", "copy", "--quiet", "--defaults", template, project)
    _first_commit(project)


def _copier_updates(project: Path) -> None:
    _python("copier", "update", "--quiet", "--defaults", project)


def _cruft_makes(template: Path, project: Path) -> None:
    project.parent.mkdir(parents=True)
    _python("cruft", "create", "--no-input", "--output-dir", project.parent, template)
    _first_commit(project)


def _cruft_updates(project: Path) -> None:
    _python("cruft", "update", "--skip-apply-ask", "--project-dir", project)


def _first_commit(project: Path) -> None:
    _call(project, "git", "init", "--quiet", "--initial-branch=main")
    _call(project, "git", "add", "--all")
    _call(project, "git", "commit", "--quiet", "--message", "Start")


def _scaffold(*arguments: object) -> None:
    _python("scaffold", *arguments)


def _python(module: str, *arguments: object) -> None:
    _call(Path.cwd(), sys.executable, "-m", module, *map(str, arguments))


def _call(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")


@contextmanager
def _elsewhere() -> Iterator[Path]:
    """A folder, and a home of its own with a name for git, so that nobody's settings matter."""
    with tempfile.TemporaryDirectory(prefix="scaffold-benchmark-") as name:
        folder = Path(name).resolve()
        (folder / "gitconfig").write_text(
            "[user]\n\tname = Ada\n\temail = ada@example.com\n", encoding="utf-8"
        )
        os.environ |= {
            "HOME": name,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        }
        yield folder


if __name__ == "__main__":
    main()
