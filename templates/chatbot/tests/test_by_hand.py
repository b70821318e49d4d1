"""The central functions alone, against numbers that anybody can work out on paper."""

import numpy as np
import pytest

from project_package import data, model

SPAM = [1, 1, 0, 1, 0, 0, 0, 0, 0, 0]
PROBABILITY = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Buy&nbsp;<b>now</b></p>", "Buy now"),
        ("<style>p{}</style><script>x()</script>Hello", "Hello"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one two"),
        ("no tags at all", "no tags at all"),
    ],
)
def test_of_html_stays_what_a_reader_would_see(html: str, text: str) -> None:
    assert data.html_to_text(html) == text


def test_the_rule_counts_phrases_mail_by_mail() -> None:
    mails = ["See you at noon", "FREE MONEY, click here", "Act now! act now!"]
    found = model.keyword_rule(mails)
    assert found.tolist() == [0, 2, 2]
    assert found.dtype == float


def test_recall_is_a_share_of_the_spam_alone() -> None:
    assert model.caught([1, 1, 1, 0], [True, True, False, True]) == pytest.approx(2 / 3)
    assert model.caught([1, 0, 0], [True, False, False]) == 1
    assert model.blocked([1, 0, 0], [True, True, False]) == 0.5


@pytest.mark.parametrize(("ham_cost", "least", "most"), [(0.1, 0.6, 0.7), (10, 0.8, 0.9)])
def test_the_cheapest_threshold_lies_between_two_mails(
    ham_cost: float, least: float, most: float
) -> None:
    """One lost ham costs as much as a tenth of a spam, or as ten of them."""
    found = model.cheapest_threshold(PROBABILITY, SPAM, ham_cost)
    assert least < found < most


def test_the_order_of_the_mails_does_not_move_a_threshold() -> None:
    order = np.random.default_rng(0).permutation(len(SPAM))
    mixed, labels = np.array(PROBABILITY)[order], np.array(SPAM)[order]
    for cost in (0.1, 1, 10):
        expected = model.cheapest_threshold(PROBABILITY, SPAM, cost)
        assert model.cheapest_threshold(mixed, labels, cost) == expected
    assert model.capped_threshold(mixed, labels, 0.2) == model.capped_threshold(
        PROBABILITY, SPAM, 0.2
    )


@pytest.mark.parametrize(("share", "lost"), [(0.0, 0), (0.14, 0), (0.15, 1), (0.3, 2)])
def test_a_capped_threshold_is_the_lowest_that_loses_no_more_ham(share: float, lost: int) -> None:
    """Of seven wanted mails one is a share of 0.143."""
    threshold = model.capped_threshold(PROBABILITY, SPAM, share)
    ham = np.array(PROBABILITY)[np.array(SPAM) == 0]
    assert (ham >= threshold).sum() == lost
    assert (ham >= np.nextafter(threshold, 0)).sum() == lost + 1
