"""Whether a release can go out: `python scripts/check_release.py`, one line a claim.

`--tagged` asks the same of the commit that has the tag; `--notes` prints what the changelog says of
the release. "Release" in CONTRIBUTING.md has the steps around it.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from scaffold.sources import history

TOP = Path(__file__).parents[1]
VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
SECTION = re.compile(r"^## (\S+) - (\d{4}-\d{2}-\d{2})\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
UNRELEASED = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """A claim about the release, and what to do where it does not hold."""

    claim: str
    todo: str = ""


@dataclass(frozen=True)
class Checkout:
    """The repository that is to be released."""

    root: Path

    def read(self, path: str) -> str:
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def git(self, *words: str) -> str:
        return self.git_bytes(*words).decode().strip()

    def git_bytes(self, *words: str) -> bytes:
        command = ["git", *words]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True).stdout

    @property
    def version(self) -> str:
        found = VERSION.search(self.read("scaffold/__init__.py"))
        return found[1] if found else ""

    @property
    def tags(self) -> dict[str, str]:
        """The commits of the releases that have a tag, by version."""
        lines = self.git("for-each-ref", "--format=%(refname:short) %(*objectname)%(objectname)",
                         "refs/tags/v*").splitlines()  # fmt: skip
        return {line.split()[0].removeprefix("v"): line.split()[1][:40] for line in lines}

    @property
    def sections(self) -> dict[str, str]:
        """What the changelog says of each release."""
        return {name: text.strip() for name, _, text in SECTION.findall(self.read("CHANGELOG.md"))}


def findings(here: Checkout, *, tagged: bool = False) -> Iterator[Finding]:
    """Every claim that a release makes, in the order of the steps."""
    yield _one_place(here)
    yield _higher(here)
    yield _told(here)
    yield from _archived(here)
    yield _clean(here)
    yield _tag(here, tagged)


def _one_place(here: Checkout) -> Finding:
    project = tomllib.loads(here.read("pyproject.toml")).get("project", {})
    elsewhere = ["pyproject.toml"] if "version" in project else []
    if re.search(r"^(version|date-released):", here.read("CITATION.cff"), re.MULTILINE):
        elsewhere.append("CITATION.cff")
    claim = f"the version, {here.version or 'none'}, stands in scaffold/__init__.py alone"
    todo = f"take it out of {' and '.join(elsewhere)}" if elsewhere else ""
    return Finding(claim, todo if here.version else "write __version__ there")


def _higher(here: Checkout) -> Finding:
    latest = max(_earlier(here), key=Version, default="")
    if not latest or not here.version:
        return Finding("it is the first")
    low = Version(here.version) <= Version(latest)
    return Finding(f"it is higher than {latest}, the latest", "raise it" if low else "")


def _told(here: Checkout) -> Finding:
    left = UNRELEASED.search(here.read("CHANGELOG.md"))
    heading = f"## {here.version} - YYYY-MM-DD"
    todo = ""
    if not here.sections.get(here.version):
        todo = f"write `{heading}` above what it brings"
    elif left and left[1].strip():
        todo = f"move what stands under Unreleased below `{heading}`"
    return Finding("CHANGELOG.md says what it brings, and nothing waits", todo)


def _archived(here: Checkout) -> Iterator[Finding]:
    """The templates of every release before this, as its tag has them."""
    file = here.root / "scaffold" / "history.tar.xz"
    there = history.kept(file)
    for version in _earlier(here):
        claim = f"the templates of {version} are in scaffold/history.tar.xz"
        way = f"git switch --detach v{version}, python scripts/archive_templates.py, keep the file"
        if version not in there:
            yield Finding(claim, way)
        elif version in here.tags and there[version] != _templates_at(here, version):
            yield Finding(f"{claim} as its tag has them", way)
        else:
            yield Finding(claim)


def _templates_at(here: Checkout, version: str) -> dict[str, tuple[str, bool]]:
    with tempfile.TemporaryDirectory() as name:
        data = here.git_bytes("archive", f"v{version}", "templates")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            tar.extractall(name, filter="data")
        file = Path(name, "kept.tar.xz")
        history.add(version, Path(name, "templates"), file)
        return history.kept(file)[version]


def _clean(here: Checkout) -> Finding:
    changed = here.git("status", "--porcelain").splitlines()
    return Finding(
        "all is committed", f"commit {changed[0].split(maxsplit=1)[1]}" if changed else ""
    )


def _tag(here: Checkout, tagged: bool) -> Finding:
    tag, head = f"v{here.version}", here.git("rev-parse", "HEAD")
    at = here.tags.get(here.version, "")
    if tagged:
        todo = "" if at == head else f"git tag --annotate {tag} here, or go where it is"
        return Finding(f"this commit is {tag}", todo)
    return Finding(f"{tag} is free", f"it is {at[:12]}; raise the version" if at else "")


def _earlier(here: Checkout) -> list[str]:
    """The releases before this one, by the changelog, the archive and the tags."""
    kept = history.kept(here.root / "scaffold" / "history.tar.xz")
    known = {*here.sections, *here.tags, *kept} - {here.version}
    return sorted(known, key=Version)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Whether a release can go out.")
    parser.add_argument("--tagged", action="store_true", help="ask it of the commit with the tag")
    parser.add_argument("--notes", action="store_true", help="print what it brings")
    options = parser.parse_args(arguments)
    here = Checkout(TOP)
    if options.notes:
        sys.stdout.write(f"{here.sections[here.version]}\n")
        return 0
    found = list(findings(here, tagged=options.tagged))
    for each in found:
        mark = "to do" if each.todo else "ok   "
        sys.stdout.write(f"{mark}  {each.claim}{each.todo and f': {each.todo}'}\n")
    return 1 if any(each.todo for each in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
