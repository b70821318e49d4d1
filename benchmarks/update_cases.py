"""The cases of `tests/updating`, run with scaffold, copier and cruft: the table of "update".

    python -m benchmarks.update_cases > table.md

Each case is one project and one template. copier and scaffold get the same copier template, cruft
and scaffold the same cookiecutter template; each makes the project itself, then updates it.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.factories import git
from tests.updating.cases import CASES, Case
from tests.updating.worlds import TEMPLATE, CookiecutterTemplate, CopierTemplate, Template, commit

TOOLS: dict[str, tuple[str, Callable[..., Template]]] = {
    "scaffold, copier template": ("scaffold", CopierTemplate),
    "copier": ("copier", CopierTemplate),
    "scaffold, cookiecutter template": ("scaffold", CookiecutterTemplate),
    "cruft": ("cruft", CookiecutterTemplate),
}
MAKE = {
    "scaffold": ["new", "{template}", "{root}", "--yes"],
    "copier": ["copy", "--quiet", "--defaults", "{template}", "{root}"],
    "cruft": ["create", "--no-input", "--output-dir", "{parent}", "{template}"],
}
UPDATE = {
    "scaffold": ["update", "{root}", "--yes"],
    "copier": ["update", "--quiet", "--defaults", "{root}"],
    "cruft": ["update", "--skip-apply-ask", "--project-dir", "{root}"],
}
RIGHT = {
    "merged": "merged",
    "nothing": "nothing to do",
    "conflict": "conflict",
    "refused": "refused",
}


Files = dict[str, bytes]


def main() -> None:
    for module in ("copier._cli", "cruft._cli", "scaffold.cli"):
        __import__(module)  # once; each call below is a fork
    rows = []
    with tempfile.TemporaryDirectory(prefix="scaffold-cases-") as name:
        folder = Path(name).resolve()
        _own_home(folder)
        for number, case in enumerate(CASES):
            if "copier" not in case.only:
                continue
            verdicts = [
                verdict(folder / f"{number}-{column}", case, tool, kind)
                for column, (tool, kind) in enumerate(TOOLS.values())
            ]
            rows.append((case.name, *verdicts))
            sys.stderr.write(f"{case.name}: {verdicts}\n")
    print("| case | " + " | ".join(TOOLS) + " |")
    print("| --- |" + " --- |" * len(TOOLS))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(_counted(rows))


def verdict(folder: Path, case: Case, tool: str, kind: Callable[..., Template]) -> str:
    """What became of one case with one tool, in a few words; bold where work was lost."""
    template = kind(folder / "template", {**TEMPLATE})
    root = folder / "project"
    template.release(case.before)
    code, said = call(tool, MAKE[tool], template, root, folder)
    if code:
        return f"could not make the project: {_last(said)}"
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
        commit(root, "Start")
    first, old = _files(root), dict(template.files)
    case.happen(root, template)
    before = _files(root)
    code, said = call(tool, UPDATE[tool], template, root, folder)
    yours = _lines(before) - _lines(first)
    theirs = _lines(template.files) - _lines(old)
    return judge(case, code, said, root, before, yours, theirs)


def judge(
    case: Case,
    code: int,
    said: str,
    root: Path,
    before: Files,
    yours: set[bytes],
    theirs: set[bytes],
) -> str:
    """Compare an ending with what the case demands; a line counts as kept wherever it stands."""
    after = _files(root)
    unchanged = after == before
    everything = b"\n".join(after.values())
    crash = " (a traceback)" if "Traceback (most recent call last)" in said else ""
    try:
        case.check(root)
    except (AssertionError, OSError):
        if unchanged:
            return f"stopped{crash}" if code else "**nothing done, exit 0**"
        ending = f", exit {code}{crash}"
        if any(line not in everything for line in yours):
            return f"**yours lost**{ending}"
        if any(line not in everything for line in theirs):
            return f"**the template's lost**{ending}"
        rejected = any(path.endswith(".rej") for path in after)
        return f"{'in a .rej file' if rejected else 'kept, but not merged'}{ending}"
    if case.ending in {"merged", "nothing"}:
        return RIGHT[case.ending] if code == 0 else f"merged, exit {code}{crash}"
    if case.ending == "refused":
        if code == 0:
            return "merged all the same" if not unchanged else "nothing done, exit 0"
        return f"refused{crash}" if unchanged else f"half done, exit {code}{crash}"
    if code == 0:
        return "conflict, exit 0"
    return f"conflict{crash}" if not unchanged else f"stopped{crash}"


def call(
    tool: str, form: Sequence[str], template: Template, root: Path, parent: Path
) -> tuple[int, str]:
    """Run a tool's command line in a fork; returns its exit code and what it printed."""
    places = {"template": str(template.folder), "root": str(root), "parent": str(parent)}
    arguments = [part.format(**places) for part in form]
    log = parent / "said.txt"
    process = multiprocessing.get_context("fork").Process(target=_run, args=(tool, arguments, log))
    process.start()
    process.join(300)
    return process.exitcode if process.exitcode is not None else 1, log.read_text("utf-8")


def _run(tool: str, arguments: list[str], log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (descriptor, 1), (descriptor, 2)):
        os.dup2(source, target)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    sys.argv = [tool, *arguments]
    try:
        runpy.run_module(tool, run_name="__main__")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _lines(files: Mapping[str, str | bytes]) -> set[bytes]:
    """All lines of some files; long ones, as of pictures, count as well."""
    texts = (text.encode() if isinstance(text, str) else text for text in files.values())
    return {line.strip() for text in texts for line in text.splitlines()}


def _files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["no word"])[-1][:60]


def _counted(rows: Sequence[Sequence[str]]) -> str:
    """How many cases each tool brought to the right end, and in how many work was lost."""
    parts = []
    for column, name in enumerate(TOOLS, start=1):
        found = [row[column] for row in rows]
        right = sum(text in RIGHT.values() for text in found)
        lost = sum("**" in text for text in found)
        parts.append(f"{name}: {right} of {len(found)} as they should be, {lost} with work lost")
    return "\n" + "; ".join(parts) + "."


def _own_home(folder: Path) -> None:
    """Nobody's settings matter, and git knows a name."""
    config = folder / "gitconfig"
    config.write_text("[user]\n\tname = Ada\n\temail = ada@example.com\n", encoding="utf-8")
    for name in list(os.environ):
        if name.startswith("GIT_"):
            del os.environ[name]
    os.environ |= {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "GIT_CONFIG_GLOBAL": str(config),
        "NO_COLOR": "1",
    }
    shutil.rmtree(folder / "cache", ignore_errors=True)


if __name__ == "__main__":
    main()
