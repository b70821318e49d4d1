"""What a template's list of planted mistakes leaves behind: nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scaffold.authoring.mistakes import planted_by
from scaffold.errors import TemplateError
from tests.factories import write_files


@pytest.mark.parametrize("code", ["MISTAKES = ()\n", "raise ValueError('no')\n"])
def test_reading_a_list_leaves_the_path_of_imports_as_it_was(tmp_path: Path, code: str) -> None:
    write_files(tmp_path, {"tests/planted/tiny.py": code})
    before = list(sys.path)
    try:
        assert planted_by(tmp_path / "tests" / "planted" / "tiny.py") == ()
    except TemplateError:
        assert "raise" in code
    assert sys.path == before
