"""What a template may take that nobody has trusted: each way to take more ends in one sentence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.engines import apart
from scaffold.engines.limits import Limits
from scaffold.errors import LimitReached
from scaffold.sources import addresses
from tests.conftest import Called
from tests.factories import Files, git, make_template_repo, write_files

TOP = "{{cookiecutter.slug}}"
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
LARGE = "{% for a in range(9) %}{{ 'x' * 3000000 }}{% endfor %}"
HUGE = "{{ 'x' * 4000000000 }}"
MANY = "{% yield n from range(300) %}{{ n }}{% endyield %}.txt.jinja"
BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n"
    for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)
COPIER = {"copier.yml": "name: x\n"}
COOKIECUTTER = {"cookiecutter.json": '{"slug": "p"}'}
LAYERS = {"template.toml": 'title = "T"\n'}

CASES: dict[str, tuple[Files, str, int, str]] = {
    "a loop in a file of copier": ({**COPIER, "a.txt.jinja": ENDLESS}, "SECONDS", 2, "2 seconds"),
    "a loop in a default of copier": (
        {"copier.yml": f"name:\n  type: str\n  default: '{ENDLESS}'\n", "a.txt": "a\n"},
        "SECONDS", 2, "2 seconds",
    ),
    "a loop in a file of cookiecutter": (
        {**COOKIECUTTER, f"{TOP}/a.txt": ENDLESS}, "SECONDS", 2, "2 seconds",
    ),
    "a loop in a default of cookiecutter": (
        {"cookiecutter.json": f'{{"slug": "p", "a": "{ENDLESS}"}}', f"{TOP}/a.txt": "a\n"},
        "SECONDS", 2, "2 seconds",
    ),
    "a loop in a layer": ({**LAYERS, "a.txt.jinja": ENDLESS}, "SECONDS", 2, "2 seconds"),
    "a large file of copier": ({**COPIER, "a.txt.jinja": LARGE}, "MEGABYTES", 2, "2 MB of files"),
    "a large file of cookiecutter": (
        {**COOKIECUTTER, f"{TOP}/a.txt": LARGE}, "MEGABYTES", 2, "2 MB of files",
    ),
    "a large file of a layer": ({**LAYERS, "a.txt.jinja": LARGE}, "MEGABYTES", 2, "2 MB of files"),
    "many files by copier": ({**COPIER, MANY: "x"}, "FILES", 200, "more than 200 files"),
    "a string without end": ({**COPIER, "a.txt.jinja": HUGE}, "MEMORY", 900, "900 MB of memory"),
    "a YAML bomb": (
        {"copier.yml": f"a: &a [x]\n{BOMB}", "a.txt": "a\n"}, "SECONDS", 4, "limits",
    ),
}  # fmt: skip
SLACK = 20  # seconds to start on a busy machine


def test_files_count_together() -> None:
    limits = Limits(files=4, megabytes=2)
    limits.check("t", [500_000] * 4)
    with pytest.raises(LimitReached, match="2 MB of files"):
        limits.check("t", [900_000] * 3)
    with pytest.raises(LimitReached, match="4 files"):
        limits.check("t", [1] * 5)


@pytest.mark.parametrize("case", CASES)
def test_a_limit_ends_it_in_one_sentence(
    case: str,
    tmp_path: Path,
    here: Path,
    scaffold: Callable[..., Called],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files, name, value, said = CASES[case]
    if name == "MEMORY" and os.name == "nt":
        pytest.skip("the system holds no limit on memory")
    monkeypatch.setenv(f"SCAFFOLD_TEMPLATE_{name}", str(value))
    folder = write_files(tmp_path / "plain", files)
    began = time.monotonic()
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, said in called.err, "Traceback" in called.err) == (1, True, False), (
        called.err
    )
    assert time.monotonic() - began < value + SLACK if name == "SECONDS" else True
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("in_git", [True, False])
def test_a_large_template_is_refused_before_it_is_read(
    in_git: bool,
    tmp_path: Path,
    here: Path,
    scaffold: Callable[..., Called],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": {**COPIER, "zeros": bytes(3_000_000)}})
    if not in_git:
        (folder / ".git").rename(tmp_path / "aside")
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_MEGABYTES", "2")
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, "more than 2 MB of files" in called.err) == (1, True)
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_MEGABYTES", "4")
    assert scaffold("new", folder, "app", "--yes").code == 0


def test_a_large_template_is_refused_without_looking_for_damage_in_our_copy(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_template_repo(tmp_path / "t", {"v1": {**COPIER, "zeros": bytes(3_000_000)}})
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_MEGABYTES", "2")
    monkeypatch.setattr("scaffold.git.Bare.is_whole", None)  # minutes, for a large history
    called = scaffold("new", folder.as_uri(), "app", "--yes")
    assert (called.code, "more than 2 MB of files" in called.err) == (1, True), called.err


@pytest.mark.skipif(os.name == "nt", reason="needs a file system with holes")
def test_the_defaults_hold_without_any_setting(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    folder = write_files(tmp_path / "plain", COPIER)
    with (folder / "hole").open("wb") as file:
        file.truncate(2_000_000_000)
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, "more than 200 MB of files" in called.err) == (1, True)
    (folder / "hole").unlink()
    for number in range(10_001):
        (folder / str(number)).touch()
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, "more than 10,000 files" in called.err) == (1, True)


def test_a_limit_that_is_no_number_is_refused(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "plain", {**COPIER, "a.txt": "a\n"})
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_SECONDS", "soon")
    called = scaffold("new", folder, "app", "--yes")
    assert (called.code, "SCAFFOLD_TEMPLATE_SECONDS='soon' is no limit" in called.err) == (2, True)


def test_the_catalogue_is_rendered_here(
    catalogue: Path, here: Path, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "call", None)
    assert scaffold("new", "tiny", "app", "--yes").code == 0


def test_a_killed_rendering_leaves_nothing_running_and_no_folder(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_SECONDS", "1")
    folder = write_files(tmp_path / "plain", {**COOKIECUTTER, f"{TOP}/a.txt": ENDLESS})
    assert scaffold("new", folder, "app", "--yes").code == 1
    process = apart._running[-1]
    assert not process.is_alive
    assert list(here.iterdir()) == []


def test_the_process_cannot_be_made_to_import_from_the_current_folder(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called]
) -> None:
    apart._running.clear()
    trap = "open('ran', 'w')\nraise SystemExit(1)\n"
    write_files(here, {"copier/__init__.py": trap, "json.py": trap, "pickle.py": trap})
    folder = write_files(tmp_path / "plain", {**COPIER, "a.txt": "a\n"})
    assert scaffold("new", folder, "app", "--yes").code == 0
    assert not (here / "ran").exists()


def test_a_history_that_is_too_large_is_not_fetched(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = os.urandom(3_000_000)
    template = make_template_repo(
        tmp_path / "t", {"v1": {**COPIER, "noise": noise}, "v2": {**COPIER, "a.txt": "a\n"}}
    )
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_DOWNLOAD", "1")
    called = scaffold("new", template.as_uri(), "app", "--yes")
    assert (called.code, "more than 1 MB (SCAFFOLD_TEMPLATE_DOWNLOAD" in called.err) == (1, True)
    assert list(here.iterdir()) == []
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_DOWNLOAD", "4")
    assert scaffold("new", template.as_uri(), "app", "--yes").code == 0


def test_what_is_too_large_to_bring_a_copy_up_to_date_is_not_fetched_whole(
    tmp_path: Path, here: Path, scaffold: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    template = make_template_repo(tmp_path / "t", {"v1": {**COPIER, "a.txt": "a\n"}})
    assert scaffold("new", template.as_uri(), "app", "--yes").code == 0
    write_files(template, {"noise": os.urandom(3_000_000)})
    git(template, "add", "noise")
    git(template, "commit", "--quiet", "--message", "Noise")
    addresses._copy.cache_clear()  # as in the next run
    monkeypatch.setenv("SCAFFOLD_TEMPLATE_DOWNLOAD", "1")
    monkeypatch.setattr(addresses, "_copy_anew", None)
    called = scaffold("update", here / "app", "--yes")
    assert (called.code, "more than 1 MB" in called.err) == (1, True), called.err
