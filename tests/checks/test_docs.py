"""docs/reference/checks.md holds every check, in the words of its class."""

from __future__ import annotations

from pathlib import Path

from scaffold import checks

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "checks.md"


def table(family: str) -> str:
    """The part of the page about one family, as it should read."""
    rows = [
        f'| <a id="{name.lower()}"></a>{name}{" ⛔" if check.blocks else ""} | '
        f"{(check.__doc__ or '').strip()} | {check.reason} | {check.fix} |"
        for name, check in checks.repo_review_checks().items()
        if check.family == family
    ]
    head = ["| check | what should be true | why | how to fix it |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {checks.FAMILIES[family]}", "", *head, *rows])


def test_every_family_is_described_as_its_classes_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for family in checks.FAMILIES:
        assert table(family) in page
