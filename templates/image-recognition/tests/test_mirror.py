import stat
import sys
from pathlib import Path

import pytest

from project_package.mirror import DebianPackage

PACKAGE = DebianPackage("a Debian package", "some-data", ["usr/share/some/rows.gz"])
APT = """#!/bin/sh
echo "$@" >> {log}
case "$*" in *download*) : > some-data_1_all.deb;; esac
"""
DPKG = """#!/bin/sh
mkdir -p "$3/usr/share/some" && echo rows > "$3/usr/share/some/rows.gz"
"""
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="apt is stood in for by a shell script")


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
