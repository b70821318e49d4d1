"""A second source: the same files inside a package of Debian and Ubuntu."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 600  # seconds for the lists and the package together, on a slow line


@dataclass(frozen=True)
class DebianPackage:
    """Files of one package, which is downloaded but not installed; needs no root.

    apt works on lists and a cache of its own in a temporary folder, so that nothing of the
    system changes. `files` holds the files' paths in the package.
    """

    name: str
    package: str
    files: Sequence[str]

    def fetch(self, into: Path) -> None:
        """Download the package with apt-get, unpack it with dpkg-deb and take the files."""
        for program in ("apt-get", "dpkg-deb"):
            if shutil.which(program) is None:
                raise OSError(f"{program} is not installed (it is part of Debian and Ubuntu)")
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            options = _private_folders(place)
            _call(["apt-get", "--quiet", *options, "update"], place)
            _call(["apt-get", "--quiet", *options, "download", self.package], place)
            archive = next(place.glob("*.deb"))
            _call(["dpkg-deb", "--extract", str(archive), str(place / "content")], place)
            for path in self.files:
                shutil.move(place / "content" / path, into / Path(path).name)


def _private_folders(place: Path) -> list[str]:
    folders: Mapping[str, Path] = {
        "Dir::State::Lists": place / "lists",
        "Dir::Cache": place / "cache",
    }
    (place / "lists" / "partial").mkdir(parents=True)
    (place / "cache" / "archives" / "partial").mkdir(parents=True)
    settings = [f"{key}={folder}" for key, folder in folders.items()]
    settings.append("APT::Sandbox::User=")  # the usual one cannot see a temporary folder
    return [word for setting in settings for word in ("-o", setting)]


def _call(command: list[str], folder: Path) -> None:
    answer = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if answer.returncode != 0:
        lines = answer.stderr.strip().splitlines() or ["no reason given"]
        raise OSError(f"{command[0]} failed: {lines[-1]}")
