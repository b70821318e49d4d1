import pytest

from project_package.kit.holdout import Ledger, ledger_rows
from project_package.kit.workspace import ProjectError


@pytest.mark.parametrize("rows", [0, 6, 8, 10])
def test_neither_fewer_nor_more_rows_than_the_ledger_knows_are_let_through(rows: int) -> None:
    ledger = Ledger(10, "mails")
    ledger.drop("cleaning", 7, "empty")
    with pytest.raises(ProjectError, match="enter every drop"):
        ledger.require(rows, "the split")
    ledger.require(7, "the split")


def test_every_drop_is_entered_with_what_came_in_and_why() -> None:
    ledger = Ledger(10, "mails")
    ledger.drop("cleaning", 7, "empty")
    ledger.drop("again", 7, "none")
    ledger.count_as("people", 4)
    ledger.drop("choice", 1, "new")
    assert [tuple(entry.values()) for entry in ledger.entries] == [
        ("cleaning", "mails", 10, 3, "empty"),
        ("again", "mails", 7, 0, "none"),
        ("counted as people", "mails", 7, 0, ""),
        ("choice", "people", 4, 3, "new"),
    ]
    assert (ledger.rows, ledger.unit) == (1, "people")
    assert ledger_rows(ledger.entries)[0] == ["cleaning", "mails", 10, 3, "empty"]
    assert len(ledger_rows(ledger.entries)) == 4


def test_rows_cannot_come_from_nowhere() -> None:
    with pytest.raises(ProjectError, match="11 rows cannot be left of 10"):
        Ledger(10).drop("cleaning", 11, "none")
