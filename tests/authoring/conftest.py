from __future__ import annotations

from pathlib import Path

import pytest

from scaffold.authoring import start
from tests.factories import write_files


@pytest.fixture
def family(catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small catalogue, whose one template stands for a family and has papers."""
    monkeypatch.setattr(start, "FAMILIES", {"tabular": "tiny", "series": "not-there-yet"})
    return write_files(
        catalogue.parent,
        {
            "tests/challenges/tiny/more.patch": 'Run: try "more" --set seed=2\n',
            "tests/planted/tiny.py": "MISTAKES = ()\n",
            "tests/rendering/facts/tiny.toml": '"a fact" = "its reason"\n',
        },
    )
