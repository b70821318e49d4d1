"""Bring the data here: sources in order, every file checked against its SHA-256."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pooch

from .errors import NoSourceError

CONNECT_TIMEOUT = 5  # seconds; a network without the publisher should say so at once
READ_TIMEOUT = 60


class Source(Protocol):
    """One place that has the data."""

    name: str

    def fetch(self, into: Path) -> None:
        """Put the verified files into `into`; raise OSError or ValueError when that fails."""


@dataclass(frozen=True)
class WebSource:
    """Files at their publisher's own address: `files` maps URL to SHA-256."""

    name: str
    files: Mapping[str, str]

    def fetch(self, into: Path) -> None:
        """Download every file; pooch verifies each before it gets its name."""
        downloader = pooch.HTTPDownloader(progressbar=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT))
        for url, sha256 in self.files.items():
            name = url.rsplit("/", 1)[-1]
            pooch.retrieve(url, f"sha256:{sha256}", name, into, downloader=downloader)


def fetch_first(sources: Sequence[Source], into: Path) -> str:
    """Fill `into` from the first source that serves the right bytes; return that source's name.

    What was fetched before is kept. A download that breaks off leaves nothing behind.
    Raises NoSourceError with every source tried and the reason it failed.
    """
    served = into / "SOURCE"
    if served.exists():
        return served.read_text(encoding="utf-8").strip()
    into.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for source in sources:
        print(f"trying {source.name}")
        with tempfile.TemporaryDirectory(dir=into.parent, prefix=".fetching-") as folder:
            arriving = Path(folder) / "files"
            arriving.mkdir()
            try:
                source.fetch(arriving)
            except (OSError, ValueError) as error:
                reason = _last_line(error)
                failures.append(f"  - {source.name}: {reason}")
                print(f"  failed: {reason}")
                continue
            (arriving / "SOURCE").write_text(source.name + "\n", encoding="utf-8", newline="\n")
            shutil.rmtree(into, ignore_errors=True)
            arriving.replace(into)
            return source.name
    raise NoSourceError(
        "no source of the data could be used:\n"
        + "\n".join(failures)
        + "\nCheck the network and try again, or go on with the small sample: "
        "`python -m project_package all --sample` (its numbers are marked as such)."
    )


def verify(path: Path, sha256: str) -> None:
    """Raise ValueError unless the file's SHA-256 is the one expected."""
    found = hash_files([path])
    if found != sha256:
        raise ValueError(f"{path.name} has SHA-256 {found}, expected {sha256}")


def hash_files(paths: Sequence[Path]) -> str:
    """SHA-256 of the files' bytes, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _last_line(error: Exception) -> str:
    reason = str(error).strip() or type(error).__name__
    if "resolve" in reason or "NameResolution" in reason:
        return "its address could not be resolved (no network, or no such host)"
    return reason.splitlines()[-1][:200]
