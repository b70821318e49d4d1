from dataclasses import dataclass
from pathlib import Path

import pytest

from project_package.download import WebSource, fetch_first, hash_files, verify
from project_package.errors import NoSourceError


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
