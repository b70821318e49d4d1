from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scaffold.errors import DestinationRefused
from scaffold.staging import (
    check_destination,
    in_place,
    remove_if_older,
    scratch,
    staged,
    workshop,
)
from tests.factories import write_files


def test_the_folder_is_at_its_place_only_at_the_end(tmp_path: Path) -> None:
    dest = tmp_path / "project"
    with staged(dest) as folder:
        (folder / "a").write_text("a")
        assert not dest.exists()
        assert tmp_path in folder.parents  # the same file system, so that the move is one step
    assert [path.name for path in tmp_path.rglob("*")] == ["project", "a"]


@pytest.mark.parametrize("name", ["lock", "place", "new"])
def test_a_project_may_be_called_as_what_lies_beside_it_meanwhile(
    name: str, tmp_path: Path
) -> None:
    with staged(tmp_path / name) as folder:
        assert folder.name == name
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).is_dir()


def test_parents_are_made_with_the_project_not_before(tmp_path: Path) -> None:
    dest = tmp_path / "a" / "b" / "project"
    with staged(dest):
        assert not (tmp_path / "a").exists()
    assert dest.is_dir()


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_nothing(tmp_path: Path, kind: type[BaseException]) -> None:
    def half_done() -> None:
        with staged(tmp_path / "a" / "project") as folder:
            (folder / "file").write_text("half")
            raise kind

    with pytest.raises(kind):
        half_done()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_destination_is_taken(tmp_path: Path) -> None:
    dest = tmp_path / "project"
    dest.mkdir()
    with staged(dest) as folder:
        (folder / "a").touch()
    assert (dest / "a").exists()


def test_a_destination_that_fills_up_meanwhile_is_left_alone(tmp_path: Path) -> None:
    dest = tmp_path / "project"
    with pytest.raises(DestinationRefused, match="meanwhile"), staged(dest):
        write_files(dest, {"precious": "mine"})
    assert (dest / "precious").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [dest]


def test_the_project_gets_ordinary_permissions(tmp_path: Path) -> None:
    (tmp_path / "ordinary").mkdir()
    with staged(tmp_path / "project"):
        pass
    assert (tmp_path / "project").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / ".scaffold-new-dead"
    (left / "project").mkdir(parents=True)
    (left / "lock").touch()
    with staged(tmp_path / "other"):
        pass
    assert not left.exists()


def test_what_was_killed_before_its_lock_is_removed_after_a_minute(tmp_path: Path) -> None:
    young, old = tmp_path / ".scaffold-new-young", tmp_path / ".scaffold-new-old"
    young.mkdir()
    old.mkdir()
    os.utime(old, (time.time() - 120, time.time() - 120))
    with staged(tmp_path / "project"):
        pass
    assert young.exists()
    assert not old.exists()


def test_a_run_at_work_is_not_disturbed_by_another(tmp_path: Path) -> None:
    with staged(tmp_path / "one") as folder:
        (folder / "a").touch()
        with staged(tmp_path / "two"):
            pass
    assert (tmp_path / "one" / "a").exists()


def test_a_full_folder_a_file_and_a_link_are_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, reason in (("full", "not empty"), ("file", "not a folder"), ("link", "not a folder")):
        with pytest.raises(DestinationRefused, match=reason):
            check_destination(tmp_path / name)


def test_a_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DestinationRefused, match="no folder you may write to"):
        check_destination(tmp_path / "file" / "project")


def test_a_workshop_goes_with_its_process_even_a_killed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    program = "import os, sys; from scaffold.staging import workshop; workshop('shop-'); {}"
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path))
    for ending, left in (("pass", 0), ("os._exit(9)", 1)):
        subprocess.run([sys.executable, "-c", program.format(ending)], env=environment)
        assert len(list(tmp_path.glob("shop-*"))) == left
    mine = workshop("shop-")
    assert list(tmp_path.glob("shop-*")) == [mine], "what the killed one left is gone"
    other = workshop("shop-")
    assert mine.is_dir(), "its process lives"
    assert other != mine


def test_what_is_made_in_place_goes_when_it_fails(tmp_path: Path) -> None:
    def half_done() -> None:
        with in_place(tmp_path / "a" / "project") as folder:
            (folder / "file").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half_done()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_in_a_folder_is_not_in_what_is_made_there(tmp_path: Path) -> None:
    left = tmp_path / "project" / ".scaffold-new-dead"
    left.mkdir(parents=True)
    (left / "lock").touch()
    with in_place(tmp_path / "project") as folder:
        assert list(folder.iterdir()) == []


def test_what_a_killed_run_half_made_in_place_is_removed_when_asked_for_again(
    tmp_path: Path,
) -> None:
    program = "import os, sys, pathlib; from scaffold.staging import in_place\n"
    program += "with in_place(pathlib.Path(sys.argv[1])) as folder:\n"
    program += "    (folder / 'half').touch(); os._exit(9)"
    dest = tmp_path / "project"
    subprocess.run([sys.executable, "-c", program, str(dest)])
    with staged(tmp_path / "other"):
        pass
    assert (dest / "half").exists(), "another destination leaves it alone"
    check_destination(dest)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_what_took_the_place_of_a_half_made_folder_is_left_alone(tmp_path: Path) -> None:
    left = tmp_path / ".scaffold-new-dead"
    left.mkdir()
    (left / "lock").touch()
    dest = write_files(tmp_path / "project", {"precious": "mine"})
    (left / "place").write_text(f"1 {dest}")
    with pytest.raises(DestinationRefused, match="not empty"):
        check_destination(dest)
    assert (dest / "precious").read_text() == "mine"


def test_the_passing_work_of_a_killed_process_is_removed_by_a_later_one(tmp_path: Path) -> None:
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path))
    program = (
        "import os\nfrom scaffold.staging import scratch\n"
        "with scratch('rendering') as folder:\n"
        "    (folder / 'half').touch()\n"
        "    assert folder.parent.parent == __import__('pathlib').Path({!r})\n"
        "    {}"
    )
    for ending, left in (("pass", 0), ("os._exit(9)", 1), ("os._exit(9)", 1), ("pass", 0)):
        done = [sys.executable, "-c", program.format(str(tmp_path), ending)]
        subprocess.run(done, env=environment, check=ending == "pass")
        assert len(list(tmp_path.iterdir())) == left


def test_folders_without_a_lock_go_after_a_day_and_only_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    then = time.time() - 25 * 3600
    names = (
        "scaffold-abcd1234", "scaffold-index-abcd1234", "scaffold-objects-abcd1234",
        "scaffold-check-abcd1234", "scaffold-error-abcd1234", "scaffold-mine", "scaffold-live_123",
        "other-abcd1234",
    )  # fmt: skip
    for name in names:
        write_files(tmp_path / name, {"a": "a"})
        os.utime(tmp_path / name / "a", (then, then))
        os.utime(tmp_path / name, (then, then))
    (tmp_path / "scaffold-live_123" / "a").touch()
    mine = workshop("shop-")
    assert {path.name for path in tmp_path.iterdir()} == {
        mine.name, "scaffold-error-abcd1234", "scaffold-mine", "scaffold-live_123",
        "other-abcd1234",
    }  # fmt: skip


def test_passing_work_goes_on_when_the_temporary_folder_was_swept() -> None:
    with scratch("one") as first:
        desk = first.parent
    shutil.rmtree(desk)
    with scratch("two") as second:
        assert second.is_dir()


def test_a_process_at_work_keeps_its_folder_however_long_it_takes(tmp_path: Path) -> None:
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path))
    work = "import time\nfrom scaffold.staging import scratch\nwith scratch('x') as f:\n    {}"
    long = work.format("print(f, flush=True); input(); assert f.is_dir()")
    with subprocess.Popen(
        [sys.executable, "-c", long], env=environment, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        then = time.time() - 30 * 24 * 3600
        for path in (folder, folder.parent / "lock", folder.parent):
            os.utime(path, (then, then))
        subprocess.run([sys.executable, "-c", work.format("pass")], env=environment, check=True)
        assert folder.is_dir()
        process.communicate("\n")
    assert process.returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="links are for administrators there")
def test_a_link_is_no_folder_of_ours_and_what_it_leads_to_is_not_touched(tmp_path: Path) -> None:
    theirs, link = tmp_path / "theirs", tmp_path / "link"
    theirs.mkdir()
    os.utime(theirs, (0, 0))
    link.symlink_to(theirs)
    before = theirs.stat()
    remove_if_older(link, 60)
    assert link.is_symlink()
    assert (theirs.stat().st_mode, theirs.stat().st_mtime) == (before.st_mode, before.st_mtime)
    remove_if_older(theirs, 60)
    assert not theirs.exists()
