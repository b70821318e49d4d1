"""What a reader expects of any summarizer, whatever its score (Ribeiro et al., CheckList, 2020)."""

import pytest

from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import MOST_SENTENCES, Summarizer

HEADLINE = "Harbour town keeps its ferry"
NEWS = "The harbour town will keep its ferry for ten more years after a vote, the mayor said."
TEXT = (
    "It was raining when the doors opened, and the queue went twice around the yard. "
    "Some had brought folding chairs with them, and others had brought their children. "
    f"{NEWS} "
    '"I have crossed on it since I was six," said a woman who sells fish on the quay. '
    "Coffee on board still costs one crown, as it has for many years."
)


@pytest.fixture(scope="module")
def summarizer(trained: Workspace) -> Summarizer:
    return Summarizer.load(trained)


def test_the_sentence_that_says_the_headline_is_taken(summarizer: Summarizer) -> None:
    assert summarizer.summarize(TEXT, HEADLINE, length=20).summary == NEWS


def test_only_sentences_of_the_article_are_shown_and_in_its_order(summarizer: Summarizer) -> None:
    summary = summarizer.summarize(TEXT, HEADLINE, 60)
    chosen = [sentence.text for sentence in summary.sentences if sentence.chosen]
    assert summary.summary == " ".join(chosen)
    assert sorted(chosen, key=TEXT.index) == chosen
    assert "".join(s.gap + s.text for s in summary.sentences) == TEXT


@pytest.mark.parametrize("length", [10, 20, 40, 80, 300])
def test_a_summary_keeps_its_length_or_is_one_sentence(summarizer, length) -> None:
    summary = summarizer.summarize(TEXT, HEADLINE, length)
    assert summary.words <= length or sum(s.chosen for s in summary.sentences) == 1


def test_a_longer_summary_is_never_shorter(summarizer: Summarizer) -> None:
    lengths = [summarizer.summarize(TEXT, HEADLINE, length).words for length in range(10, 120, 10)]
    assert lengths == sorted(lengths)


@pytest.mark.parametrize("change", [str.upper, lambda text: text.replace(" ", "  ")])
def test_case_of_the_headline_and_spaces_do_not_matter(summarizer, change) -> None:
    plain = summarizer.summarize(TEXT, HEADLINE)
    changed = summarizer.summarize(TEXT, change(HEADLINE))
    assert [s.score for s in changed.sentences] == [s.score for s in plain.sentences]


def test_another_headline_moves_the_choice_towards_it(summarizer: Summarizer) -> None:
    def score(headline: str) -> float:
        (sentence,) = (
            s for s in summarizer.summarize(TEXT, headline).sentences if "Coffee" in s.text
        )
        return sentence.score

    assert score("Coffee on board costs one crown") > score(HEADLINE)


@pytest.mark.parametrize(
    "text", ["x", "\x00", "🙂" * 50, "word " * 3_000, "<b>", "?!", "a. " * 500]
)
def test_odd_input_gets_a_summary(summarizer: Summarizer, text: str) -> None:
    assert summarizer.summarize(text).summary


def test_nothing_to_summarize_is_said(summarizer: Summarizer) -> None:
    with pytest.raises(ProjectError, match="no sentence"):
        summarizer.summarize(" \n ")
    with pytest.raises(ProjectError, match="can be compared"):
        summarizer.summarize("It is over. " * (MOST_SENTENCES + 1))
