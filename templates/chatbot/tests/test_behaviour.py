"""What a user expects of any spam filter, whatever its score (Ribeiro et al., CheckList, 2020)."""

import pytest

from project_package.kit.workspace import Workspace
from project_package.predict import SpamDetector

WANTED = ("Re: patch for the parser", "I looked at your patch and it seems fine; I will merge it.")
SPAM = ("Offer", "Click here to receive your free credit report. Remove me from this list.")


@pytest.fixture(scope="module")
def detector(trained: Workspace) -> SpamDetector:
    return SpamDetector.load(trained)


def probability(detector: SpamDetector, subject: str, body: str) -> float:
    return detector.judge([(subject, body)])[0].probability


@pytest.mark.parametrize("mail", [WANTED, SPAM])
@pytest.mark.parametrize("extra", ["Hello,\n\n{}", "{}\n\nBest,\nAnn", "{}\n-- \nAnn Example"])
def test_greeting_and_signature_do_not_turn_the_verdict(detector, mail, extra) -> None:
    subject, body = mail
    plain = probability(detector, subject, body)
    dressed = probability(detector, subject, extra.format(body))
    assert abs(plain - dressed) < 0.35
    assert (plain >= 0.5) == (dressed >= 0.5)


@pytest.mark.parametrize("phrase", ["click here", "free offer, money back", "you receive money"])
def test_phrases_of_spam_raise_the_probability(detector, phrase) -> None:
    subject, body = WANTED
    assert probability(detector, subject, f"{body} {phrase} {phrase}") > probability(
        detector, subject, body
    )


def test_spam_is_likelier_spam_than_a_wanted_mail(detector) -> None:
    assert probability(detector, *SPAM) > probability(detector, *WANTED) + 0.3


@pytest.mark.parametrize(
    "body", ["x", " ", "\x00", "🙂" * 50, "a" * 50_000, "<b>", "--\n" * 20_000, "> " * 40_000]
)
def test_odd_input_gets_a_probability(detector, body) -> None:
    assert 0 <= probability(detector, "", body) <= 1
