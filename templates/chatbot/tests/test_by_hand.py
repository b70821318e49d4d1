"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pandas as pd
import pytest

from project_package import data, dialogue, model
from project_package.model import Judged

# Two intents, 0 and 1; −1 is out of scope. Sorted by score, the highest first.
TRUTH = [0, 1, -1, 0, 1, -1, 0, -1]
LABEL = [0, 1, 1, 0, 0, 1, 0, 0]
SCORE = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What's up?", "what s up"),
        ("  PAY   my-bill!! ", "pay my bill"),
        ("2+2", "2 2"),
        ("über_alles", "über alles"),
        ("?!", ""),
    ],
)
def test_words_are_letters_and_digits_alone(text: str, words: str) -> None:
    assert data.normalise(text) == words


def test_a_query_leaves_the_earlier_part_where_its_words_stand_in_a_later_one() -> None:
    queries = pd.DataFrame(
        {
            "part": ["train", "train", "validation", "validation", "test", "test", "train"],
            "group": [0, 1, 1, 2, 2, 3, 0],
        }
    )
    assert data.keep_apart(queries).index.tolist() == [0, 2, 4, 5, 6]


def test_both_sides_are_shares_of_their_own() -> None:
    said = [0, -1, -1, 0, 0, 1, -1, -1]
    assert model.in_scope_accuracy(TRUTH, said) == pytest.approx(2 / 5)
    assert model.out_of_scope_recall(TRUTH, said) == pytest.approx(2 / 3)
    assert model.in_out_mean(TRUTH, said) == pytest.approx((2 / 5 + 2 / 3) / 2)


def test_a_side_that_is_missing_has_no_share() -> None:
    assert np.isnan(model.out_of_scope_recall([0, 1], [0, 1]))
    assert np.isnan(model.in_scope_accuracy([-1], [-1]))


def test_the_score_is_the_best_intents_less_that_of_out_of_scope() -> None:
    """Columns stand in the order of the classes: out of scope first, here."""
    said = np.array([[0.5, -1.0, 0.2], [-0.5, 0.3, 0.1]])
    judged = model.judge(said, np.array([-1, 4, 7]), out_weight=2.0)
    assert judged.label.tolist() == [7, 4]
    assert judged.score == pytest.approx([0.2 - 1.0, 0.3 + 1.0])
    plain = model.judge(said, np.array([-1, 4, 7]), out_weight=0.0)
    assert plain.score == pytest.approx([0.2, 0.3])


def test_what_is_below_the_threshold_is_not_answered() -> None:
    judged = Judged(np.array([3, 5]), np.array([0.4, 0.39]))
    assert judged.answered(0.4).tolist() == [3, -1]


@pytest.mark.parametrize(
    ("out_cost", "threshold"),
    [(0.01, 0.25), (1.0, 0.75), (100.0, 0.75)],  # gains 4/5 − 2/3 c, 2/5, 2/5
)
def test_the_cheapest_threshold_lies_between_two_queries(out_cost, threshold) -> None:
    judged = Judged(np.array(LABEL), np.array(SCORE))
    assert model.cheapest_threshold(judged, TRUTH, out_cost) == pytest.approx(threshold)


def test_the_order_of_the_queries_does_not_move_a_threshold() -> None:
    order = np.random.default_rng(0).permutation(len(TRUTH))
    mixed = Judged(np.array(LABEL)[order], np.array(SCORE)[order])
    for cost in (0.01, 0.5, 1, 10):
        plain = model.cheapest_threshold(Judged(np.array(LABEL), np.array(SCORE)), TRUTH, cost)
        assert model.cheapest_threshold(mixed, np.array(TRUTH)[order], cost) == plain


def test_queries_of_one_score_stand_or_fall_together() -> None:
    judged = Judged(np.array([0, 0, 0]), np.array([0.5, 0.5, 0.1]))
    assert model.cheapest_threshold(judged, [0, -1, 0], 0.9) == pytest.approx(0.1)


SLOTS = {"city": {"values": ["York", "New York", "Los Angeles"]}}


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("fly to new york tomorrow", None, {"city": "New York", "date": "tomorrow"}),
        ("in york", None, {"city": "York"}),
        ("yorkshire", None, {}),
        ("los-angeles", None, {"city": "Los Angeles"}),
        ("$1,200.50 on march 3rd", None, {"amount": "$1,200.50", "date": "march 3rd"}),
        ("40 euros in 3 days", None, {"amount": "40 euros", "date": "in 3 days"}),
        ("count to 40", None, {}),
        ("40", "amount", {"amount": "40"}),
        ("in 3 days", "amount", {"date": "in 3 days"}),
        ("2026-03-01", "amount", {"date": "2026-03-01"}),
        ("5 of may or next friday", None, {"date": "5 of may"}),
    ],
)
def test_slots_are_found_by_rules_and_by_the_dictionary(text, asked, found) -> None:
    assert dialogue.find_slots(text, SLOTS, asked) == found


KNOWLEDGE = [
    {"question": "What happens to my data?", "answer": "a"},
    {"question": "How does this work?", "answer": "b"},
]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("what happens to my data", "a"),
        ("HOW does this work?!", "b"),
        ("how does this elephant trumpet loudly", None),
        ("elephant", None),
        ("", None),
    ],
)
def test_a_question_that_is_near_enough_is_known(text: str, answer: str | None) -> None:
    found = dialogue.nearest(text, KNOWLEDGE, closeness=0.6)
    assert (found and found["answer"]) == answer


def test_nearness_is_the_cosine_of_weighed_words() -> None:
    """Two questions of no common word: all idf are ln(3/2) + 1, an unknown word's ln 3 + 1."""
    knowledge = [{"question": "red house", "answer": "a"}, {"question": "blue car", "answer": "b"}]
    known, unknown = np.log(3 / 2) + 1, np.log(3) + 1
    cosine = known / np.sqrt(2) / np.sqrt(known**2 + unknown**2)
    text = "red elephant"
    assert dialogue.nearest(text, knowledge, cosine - 1e-9) == knowledge[0]
    assert dialogue.nearest(text, knowledge, cosine + 1e-9) is None
    assert dialogue.nearest(text, [], 0.0) is None
