"""What the papers of this repository say of it is so."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).parent.parent


def test_the_section_that_the_makefile_names_is_in_the_readme() -> None:
    named = re.findall(r'see "([^"]+)" in README\.md', (TOP / "Makefile").read_text("utf-8"))
    readme = (TOP / "README.md").read_text("utf-8")
    assert named
    assert not [title for title in named if title not in readme]


def test_what_fetches_from_a_registry_is_marked_as_needing_the_network() -> None:
    fetching = re.compile(r"openapi\.install\(|\"npm\", \"install\"|environment\.make\(")
    files = [path for path in (TOP / "tests").rglob("test_*.py") if path != Path(__file__)]
    unmarked = [
        path.name
        for path in files
        if fetching.search(text := path.read_text("utf-8")) and "pytest.mark.network" not in text
    ]
    assert unmarked == []
