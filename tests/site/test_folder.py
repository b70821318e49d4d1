"""The folder that the site is written to: what is not ours stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.errors import DestinationRefused
from scaffold.site import folder
from tests.factories import tree

FILES = {"index.html": b"<p>home", "projects/a.html": b"<p>a"}


def test_a_folder_of_somebody_else_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(DestinationRefused, match="was not made by"):
        folder.write(tmp_path, FILES)
    assert tree(tmp_path) == {"thesis.txt": b"years of work"}


def test_files_that_the_author_put_there_stay(tmp_path: Path) -> None:
    site = tmp_path / "site"
    folder.write(site, FILES)
    (site / "CNAME").write_text("ada.example", encoding="utf-8")
    (site / "projects/mine.txt").write_text("mine", encoding="utf-8")
    folder.write(site, {"index.html": b"<p>new"})
    kept = tree(site)
    assert kept.pop(folder.MARKER)
    assert kept == {
        "CNAME": b"ada.example", "index.html": b"<p>new", "projects/mine.txt": b"mine",
    }  # fmt: skip


def test_a_file_of_the_author_is_never_replaced(tmp_path: Path) -> None:
    site = tmp_path / "site"
    folder.write(site, FILES)
    (site / "style.css").write_text("mine", encoding="utf-8")
    before = tree(site)
    with pytest.raises(DestinationRefused, match=r"style\.css"):
        folder.write(site, {**FILES, "style.css": b"ours"})
    assert tree(site) == before


def test_nothing_changes_when_nothing_changed(tmp_path: Path) -> None:
    assert folder.write(tmp_path / "site", FILES)
    assert not folder.write(tmp_path / "site", FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_run_after_a_kill_finishes_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    folder.write(site, FILES)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(folder, "remove_file", killed)
        with pytest.raises(KeyboardInterrupt):
            folder.write(site, {"index.html": b"<p>new", "b.html": b"<p>b"})
    folder.write(site, {"index.html": b"<p>newer"})
    assert set(tree(site)) == {folder.MARKER, "index.html"}


def test_a_marker_cannot_name_files_outside(tmp_path: Path) -> None:
    site = tmp_path / "site"
    folder.write(site, FILES)
    outside = tmp_path / "outside.txt"
    outside.write_text("kept", encoding="utf-8")
    marker = site / folder.MARKER
    marker.write_text("../outside.txt\n.git/config\n/etc/passwd\n", encoding="utf-8")
    assert folder.check(site) == set()
    assert outside.exists()


def test_what_a_killed_run_left_beside_the_site_is_removed(tmp_path: Path) -> None:
    left = tmp_path / ".scaffold-new-killed"
    left.mkdir()
    (left / "lock").touch()
    folder.write(tmp_path / "site", {"index.html": b"x"})
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
