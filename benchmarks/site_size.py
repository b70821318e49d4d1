"""Time and size of a portfolio page of many projects: `python -m benchmarks.site_size [COUNT]`.

Each project is a git repository with results, a report and two figures.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import markdown
from scaffold.commands import site
from tests.site.worlds import STATE, finish, push


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        projects = make_projects(folder / "projects", count)
        first, built = timed(projects, folder / "site")
        again, _ = timed(projects, folder / "site")
        home = (folder / "site" / "index.html").stat().st_size
        pages = built.text_bytes / count
    rows = [
        ["the first time", f"{first:.1f} s"],
        ["again, nothing changed", f"{again:.1f} s"],
        ["index.html", f"{home / 1000:,.0f} kB"],
        ["pages, style and script, a project", f"{pages / 1000:.1f} kB"],
    ]
    print(markdown([f"{count} projects", "measured"], rows))


def make_projects(folder: Path, count: int) -> Path:
    """Copies of one finished project, each with a title of its own."""
    first = push(finish(folder / "project-000"))
    for number in range(1, count):
        copy = folder / f"project-{number:03}"
        shutil.copytree(first, copy)
        state = STATE.format(name=copy.name, title=f"Project {number}", question="How many?")
        (copy / ".scaffold.toml").write_text(state, encoding="utf-8")
    return folder


def timed(projects: Path, output: Path) -> tuple[float, site.Built]:
    begin = time.perf_counter()
    built = site.build([projects], output)
    return time.perf_counter() - begin, built


if __name__ == "__main__":
    main()
