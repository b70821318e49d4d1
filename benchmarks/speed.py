"""Start-up and generation beside cookiecutter and copier: `python -m benchmarks.speed`.

All three generate the same files (checked): the spam detector. scaffold also makes the git
repository and its first commit, the other two do not.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from benchmarks.timing import command, interleaved_medians, markdown
from scaffold.commands import new

NAME, PACKAGE = "spam-detector", "spam_detector"
SEED = "7"  # `new` draws another one each time
ROUNDS = 15
PROJECTS = 200
BIN = Path(sys.executable).parent


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(start_up(), "\n", generation(folder), "\n", many(folder / "many"), sep="\n")


def start_up() -> str:
    """`--help` of the three."""
    tools = ("scaffold", "cookiecutter", "copier")
    seconds = interleaved_medians({tool: command(BIN / tool, "--help") for tool in tools}, ROUNDS)
    return _table("`--help`", seconds)


def generation(folder: Path) -> str:
    """The same project by the three, into a fresh folder each time."""
    number, by_tool = contestants(folder)
    return _table(f"{number} files", interleaved_medians(by_tool, ROUNDS))


def contestants(folder: Path) -> tuple[int, dict[str, Callable[[], Path]]]:
    """How many files the project has, and how each tool makes it; ends unless all make the same."""
    plan = new.plan(NAME, folder / "sample" / NAME)
    sample = new.create(plan, {"seed": SEED}).project.root
    for_cookiecutter = cookiecutter_template(sample, folder / "for-cookiecutter")
    for_copier = copier_template(sample, folder / "for-copier")
    numbers = count()

    def dest() -> Path:
        place = folder / f"out-{next(numbers)}"
        place.mkdir()
        return place

    def by_scaffold() -> Path:
        out = dest()
        command(BIN / "scaffold", "new", NAME, "--yes", "--set", f"seed={SEED}", folder=out)()
        return out

    def by_cookiecutter() -> Path:
        out = dest()
        command(BIN / "cookiecutter", "--no-input", "--output-dir", out, for_cookiecutter)()
        return out

    def by_copier() -> Path:
        out = dest()
        command(BIN / "copier", "copy", "--defaults", "--quiet", for_copier, out / NAME)()
        return out

    expected = files(sample)
    for make in (by_scaffold, by_cookiecutter, by_copier):
        made = files(make() / NAME)
        if made != expected:
            different = sorted({name for name, _ in made.items() ^ expected.items()})
            sys.exit(f"{make.__name__} made other files: {', '.join(different)}")
    by_tool = {
        "scaffold, with git": by_scaffold,
        "cookiecutter": by_cookiecutter,
        "copier": by_copier,
    }
    return len(expected), by_tool


def many(folder: Path) -> str:
    """Many projects in one process, as a teacher would make them."""
    begin = time.perf_counter()
    for number in range(PROJECTS):
        new.create(new.plan(NAME, folder / f"student-{number}"))
    seconds = time.perf_counter() - begin
    row = [f"{PROJECTS} projects in one process", f"{seconds:.1f} s"]
    return markdown(["", "time", "each"], [[*row, f"{1000 * seconds / PROJECTS:.0f} ms"]])


def files(root: Path) -> dict[str, bytes]:
    """What was generated, git's own files aside."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def cookiecutter_template(sample: Path, place: Path) -> Path:
    """The sample as a cookiecutter template; files with braces of their own are copied."""
    braces = re.compile(rb"\{\{|\{%|\{#")
    inner = place / "{{ cookiecutter.name }}"
    verbatim = []
    for name, data in files(sample).items():
        if braces.search(data) or b"\0" in data:
            verbatim.append(name)
        else:
            data = data.replace(PACKAGE.encode(), b"{{ cookiecutter.package }}")
        write(inner / name.replace(PACKAGE, "{{ cookiecutter.package }}"), data)
    context = {"name": NAME, "package": PACKAGE, "_copy_without_render": verbatim}
    write(place / "cookiecutter.json", json.dumps(context).encode())
    return place


def copier_template(sample: Path, place: Path) -> Path:
    """The sample as a copier template; only files that name the package are rendered."""
    for name, data in files(sample).items():
        target = name.replace(PACKAGE, "{{ package }}")
        if PACKAGE.encode() in data and not re.search(rb"\{\{|\{%|\{#|\0", data):
            data = data.replace(PACKAGE.encode(), b"{{ package }}")
            target += ".jinja"
        write(place / target, data)
    write(place / "copier.yml", f"package: {PACKAGE}\n".encode())
    return place


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _table(what: str, seconds: dict[str, float]) -> str:
    ours = next(iter(seconds.values()))
    rows = [
        [name, f"{1000 * value:.0f} ms", "" if value == ours else f"{ours / value:.2f}"]
        for name, value in seconds.items()
    ]
    return markdown([what, "median", "scaffold takes, of its time"], rows)


if __name__ == "__main__":
    if not all(shutil.which(tool, path=str(BIN)) for tool in ("cookiecutter", "copier")):
        sys.exit("Needs cookiecutter and copier beside this Python: pip install -e '.[benchmark]'")
    print(subprocess.run([sys.executable, "--version"], capture_output=True, text=True).stdout)
    main()
