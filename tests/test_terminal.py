from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

import pytest

from scaffold.terminal import WIDTH, TerminalReporter, duration, shortened
from tests.factories import TINY, make_catalogue


class Screen(io.StringIO):
    """A terminal that remembers everything."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_step_is_one_line_with_its_time() -> None:
    stream = io.StringIO()
    reporter = TerminalReporter(stream)
    reporter.step("train", "running")
    reporter.progress("fold 1")
    reporter.step("train", "done", "model 3 of 5", 61.0)
    assert stream.getvalue().split() == ["+", "train", "1:01", "min", "model", "3", "of", "5"]


def test_a_terminal_shows_the_latest_sign_of_life_on_one_line() -> None:
    screen = Screen()
    reporter = TerminalReporter(screen)
    reporter.step("train", "running")
    reporter.progress("fold  1\tof 5 " + "x" * 200)
    last = screen.getvalue().rpartition("\x1b[K")[2]
    assert "train" in last
    assert "fold 1 of 5" in last
    assert "\n" not in screen.getvalue()
    assert len(last.strip("\r")) < WIDTH


def test_lines_fit_80_columns() -> None:
    stream = io.StringIO()
    TerminalReporter(stream).step("environment", "done", "y" * 200, 12.3)
    assert len(stream.getvalue().rstrip("\n")) <= WIDTH


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (60, "1:00 min"), (125, "2:05 min")]
)
def test_durations_read_well(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_on_a_terminal_new_asks_and_a_git_answer_stands_there_already(
    tmp_path: Path, here: Path, identity: None
) -> None:
    import pty

    catalogue = make_catalogue(tmp_path / "catalogue", TINY)
    program = (
        "import sys\nfrom pathlib import Path\nimport scaffold.catalogue\n"
        f"scaffold.catalogue.root = lambda: Path({str(catalogue)!r})\n"
        "from scaffold.cli import main\nmain()"
    )
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [sys.executable, "-c", program, "new", "tiny"])
    seen = b""
    for prompt, answer in (
        (b"Your name", b" of Ockham\r"),
        (b"e-mail", b"\r"),
        (b"GitHub", b"\r"),
        (b"Your question", b"Does it add up?\r"),
        (b"Licence", b"\x1b[B\r"),
    ):
        until = time.monotonic() + 30
        while prompt not in seen and time.monotonic() < until:
            seen += os.read(terminal, 4096)
            if b"\x1b[6n" in seen:  # the prompt asks where the cursor is
                os.write(terminal, b"\x1b[1;1R")
                seen = seen.replace(b"\x1b[6n", b"")
        time.sleep(0.2)
        os.write(terminal, answer)
    while True:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            break
        if b"\x1b[6n" in seen:
            os.write(terminal, b"\x1b[1;1R")
            seen = seen.replace(b"\x1b[6n", b"")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, seen.decode()
    state = (here / "tiny" / ".scaffold.toml").read_text()
    assert 'author = "Ada Lovelace of Ockham"' in state
    assert 'question = "Does it add up?"' in state
    assert 'licence = "Apache-2.0"' in state


@pytest.mark.skipif(os.name == "nt", reason="its paths are written as on Unix")
@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("{here}/a/b: one, newest two", "a/b: one, newest two"),
        ("{here}: one. ({home}/x.toml).", ".: one. (~/x.toml)."),
        ("{home}/t#one, {here}/t#two", "~/t#one, t#two"),
        (
            "file://{here}/x /other{here}/x {here}-two/x",
            "file://{here}/x /other{here}/x {here}-two/x",
        ),
        ("{home}", "~"),
    ],
)
def test_paths_are_shown_as_one_would_type_them(
    text: str, short: str, here: Path, isolated: Path
) -> None:
    places = {"here": here, "home": isolated}
    assert shortened(text.format(**places)) == short.format(**places)
