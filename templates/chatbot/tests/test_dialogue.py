"""A conversation, turn by turn, with a classifier that knows three wishes by their first word."""

import pytest

from project_package import dialogue
from project_package.dialogue import Understood

KNOWN = ("book", "pay", "weather", "cancel", "repeat", "greeting")
ANSWERS = {
    "patience": 2,
    "closeness": 0.6,
    "replies": {
        "unknown": "I do not know that.", "person": "A person takes over.",
        "cancelled": "Cancelled.", "no_answer": "No answer to {intent}.",
    },
    "slots": {
        "city": {"ask": "Where?", "values": ["Paris", "New York"]},
        "date": {"ask": "When?"},
        "amount": {"ask": "How much?"},
    },
    "intents": {
        "book": {"needs": ["city", "date"], "answer": "Booked in {city}, {date}."},
        "pay": {"needs": ["amount"], "answer": "Paid {amount}."},
        "weather": {"needs": ["city"], "answer": "Rain in {city}."},
    },
    "knowledge": [{"question": "Who owns this shop?", "answer": "Ann."}],
}  # fmt: skip


def understand(text: str) -> Understood:
    first = text.split()[0] if text.split() else ""
    return Understood(first if first in KNOWN else None, 0.0, 0.5, [], [])


def talk(*texts: str) -> list[tuple[str, str]]:
    """Way and reply of each turn."""
    turns = dialogue.converse(texts, understand, ANSWERS)
    return [(turn.way, turn.state.reply) for turn in turns]


def last(*texts: str) -> dialogue.Turn:
    return dialogue.converse(texts, understand, ANSWERS)[-1]


def test_what_is_missing_is_asked_for_until_nothing_is() -> None:
    assert talk("book a room", "Paris", "tomorrow") == [
        ("intent", "Where?"),
        ("slot", "When?"),
        ("slot", "Booked in Paris, tomorrow."),
    ]


def test_what_is_said_at_once_is_not_asked_for() -> None:
    assert talk("book a room in new york on friday") == [("intent", "Booked in New York, friday.")]


def test_a_correction_changes_the_slot_and_keeps_the_rest() -> None:
    said = talk("book in paris tomorrow", "no, I meant New York", "make it friday")
    assert said[1:] == [
        ("correction", "Booked in New York, tomorrow."),
        ("correction", "Booked in New York, friday."),
    ]


def test_a_correction_of_the_wish_keeps_what_was_said() -> None:
    assert talk("book in paris", "no, i meant weather") == [
        ("intent", "When?"),
        ("correction", "Rain in Paris."),
    ]


def test_a_follow_up_keeps_the_wish() -> None:
    assert talk("weather in paris", "and in New York?", "what about paris")[1:] == [
        ("follow-up", "Rain in New York."),
        ("follow-up", "Rain in Paris."),
    ]


def test_what_was_said_stays_for_the_next_query() -> None:
    assert talk("weather in paris", "book a room", "friday")[1:] == [
        ("intent", "When?"),
        ("slot", "Booked in Paris, friday."),
    ]


def test_a_new_wish_is_heard_though_something_was_asked() -> None:
    assert talk("pay my bill", "weather in paris") == [
        ("intent", "How much?"),
        ("intent", "Rain in Paris."),
    ]


def test_a_bare_number_is_an_amount_where_one_was_asked_for() -> None:
    assert talk("pay 40", "40") == [("intent", "How much?"), ("slot", "Paid 40.")]


def test_what_is_asked_is_asked_again_after_a_miss() -> None:
    assert talk("book a room", "hm", "Paris")[1:] == [
        ("unknown", "I do not know that. Where?"),
        ("slot", "When?"),
    ]


def test_a_person_takes_over_after_too_many_misses_and_the_count_begins_anew() -> None:
    ways = [way for way, _ in talk("hm", "hm", "hm", "hm", "weather in paris", "hm", "hm", "hm")]
    assert ways == ["unknown"] * 2 + ["person", "unknown", "intent"] + ["unknown"] * 2 + ["person"]


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a person",
        "human",
        "an agent, please connect me to an agent",
        "Operator please",
    ],
)
def test_a_person_takes_over_whenever_asked(text: str) -> None:
    assert last("book a room", text).way == "person"


@pytest.mark.parametrize("text", ["person of interest", "book a human sized bed"])
def test_the_word_alone_does_not_call_a_person(text: str) -> None:
    assert last(text).way != "person"


def test_cancelling_forgets_everything() -> None:
    turn = last("book in paris", "cancel that")
    assert turn.way == "cancelled"
    assert turn.state == dialogue.State(reply="Cancelled.")
    assert talk("book in paris", "cancel that", "book a room")[-1] == ("intent", "Where?")


def test_repeating_says_the_last_reply_again_and_changes_nothing() -> None:
    turns = dialogue.converse(["book a room", "repeat it", "paris"], understand, ANSWERS)
    assert turns[1].way == "repeated"
    assert turns[1].state == turns[0].state
    assert turns[2].state.reply == "When?"


def test_the_knowledge_base_answers_before_the_classifier_and_keeps_what_was_said() -> None:
    turn = last("weather in paris", "who owns this shop")
    assert (turn.way, turn.state.reply) == ("knowledge", "Ann.")
    assert turn.question == "Who owns this shop?"
    assert talk("weather in paris", "who owns this shop", "and in new york")[-1] == (
        "follow-up", "Rain in New York."
    )  # fmt: skip


def test_an_intent_without_an_answer_says_so() -> None:
    assert talk("greeting") == [("intent", "No answer to greeting.")]


def test_a_name_in_braces_is_no_way_into_an_answer() -> None:
    """What a visitor writes is put in once, and never read as a place to fill."""
    answers = {
        **ANSWERS,
        "slots": {**ANSWERS["slots"], "city": {"ask": "Where?", "values": ["{date}"]}},
    }
    state = dialogue.converse(["weather in {date}"], understand, answers)[-1].state
    assert state.reply in ("Where?", "Rain in {date}.")


def test_the_answers_that_came_with_the_project_hang_together() -> None:
    """Every slot that is needed can be asked for and is named in the answer."""
    answers = dialogue.read_answers()
    assert {"unknown", "person", "cancelled", "no_answer"} == set(answers["replies"])
    assert set(answers["slots"]) == {"amount", "city", "date"}
    for name, entry in answers["intents"].items():
        assert entry["answer"], name
        for slot in entry.get("needs", []):
            assert slot in answers["slots"], name
            assert f"{{{slot}}}" in entry["answer"], name
    for entry in answers["knowledge"]:
        assert dialogue.nearest(entry["question"], answers["knowledge"], 0.99) == entry
