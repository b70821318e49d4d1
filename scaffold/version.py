"""Which scaffold this is: its release, the commit that it was built from, its templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scaffold import __version__, catalogue, git
from scaffold.engines.layers import TEMPLATE_FILE
from scaffold.errors import GitError
from scaffold.running import fingerprint

COMMIT_FILE = Path(__file__).parent / "commit.txt"  # written into wheel and sdist as they are built
CHECKOUT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Version:
    """What a report of a fault has to name."""

    release: str
    commit: str  # "" where nobody knows
    templates: int
    digest: str  # of all layers: the same contents, the same digest

    def __str__(self) -> str:
        commit = f"commit {self.commit}" if self.commit else "commit unknown"
        templates = f"{self.templates} template{'' if self.templates == 1 else 's'}"
        return f"scaffold {self.release}\n{commit}\ncatalogue of {templates}, {self.digest}"


def version() -> Version:
    """Read from the installed files, or in a checkout from git."""
    root = catalogue.root()
    layers = [path.name for path in root.iterdir() if (path / TEMPLATE_FILE).is_file()]
    digest = fingerprint.digest(root, layers)
    return Version(__version__, _commit(), len(catalogue.names()), digest[:12])


def _commit() -> str:
    if COMMIT_FILE.is_file():
        return COMMIT_FILE.read_text(encoding="utf-8").strip()
    try:
        here = git.Repository.open(CHECKOUT)
        return here.run("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    except GitError:
        return ""
