from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from scaffold.shell import change_folder, quoted


@pytest.mark.parametrize(
    ("shown", "posix", "windows"),
    [
        ("app", "cd app", "cd app"),
        ("work/app", "cd work/app", "cd work/app"),
        ("a b", "cd 'a b'", 'cd "a b"'),
        ("-rf", "cd -- -rf", r"cd .\-rf"),
        ("-r f", "cd -- '-r f'", r'cd ".\-r f"'),
        ("it's", """cd 'it'"'"'s'""", 'cd "it\'s"'),
        ("a&b", "cd 'a&b'", 'cd "a&b"'),
        ("~/a b", "cd ~/'a b'", 'cd "~/a b"'),
        ("~/app", "cd ~/app", "cd ~/app"),
        (r"C:\work\app", r"cd 'C:\work\app'", r"cd C:\work\app"),
    ],
)
def test_a_folder_of_any_name_can_be_gone_to(shown: str, posix: str, windows: str) -> None:
    assert change_folder(shown, windows=False) == posix
    assert change_folder(shown, windows=True) == windows


def test_a_word_that_needs_no_quotes_gets_none() -> None:
    assert quoted("docs/a-b_c.md", windows=False) == "docs/a-b_c.md"
    assert quoted("", windows=False) == "''"
    assert quoted("", windows=True) == '""'


@pytest.mark.skipif(os.name == "nt", reason="asks sh")
@pytest.mark.parametrize("name", ["a b", "-rf", "$HOME", "a;b", "it's", "new\nline", "`id`"])
def test_a_shell_reads_it_as_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    command = f"{change_folder(name, windows=False)} && pwd -P"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.rstrip("\n") == str((tmp_path / name).resolve()), shlex.split(command)
