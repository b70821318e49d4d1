import pytest

from project_package.dialogue import find_slots, read_answers

SLOTS = read_answers()["slots"]


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("wake me at 7", None, {"time": "at 7"}),
        ("tomorrow at 7:30", None, {"date": "tomorrow", "time": "at 7:30"}),
        ("7:30", None, {"time": "7:30"}),
        ("by noon", None, {"time": "noon"}),
        ("40 dollars at 7", None, {"amount": "40 dollars", "time": "at 7"}),
        ("40", "amount", {"amount": "40"}),
        ("afternoon", None, {}),
    ],
)
def test_a_time_of_day_is_a_slot_and_an_amount_is_not(text, asked, found) -> None:
    assert find_slots(text, SLOTS, asked) == found
