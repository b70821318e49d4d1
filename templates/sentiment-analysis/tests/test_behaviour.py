"""What a user expects of any rater, whatever its score (Ribeiro et al., CheckList, 2020)."""

import pytest

from project_package.data import KINDS
from project_package.kit.workspace import Workspace
from project_package.predict import OTHER, SentimentRater

ALL_KINDS = (*KINDS, OTHER)


@pytest.fixture(scope="module")
def rater(trained: Workspace) -> SentimentRater:
    return SentimentRater.load(trained)


def rate(rater: SentimentRater, text: str, kind: str) -> float:
    return float(rater.rate([text], [kind])[0])


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("word", ["wonderful", "great", "enjoyable"])
def test_praise_lifts_and_its_opposite_lowers(rater, kind, word) -> None:
    plain = rate(rater, "This is what it was.", kind)
    assert rate(rater, f"This is what it was: {word}.", kind) > plain
    assert rate(rater, "This is what it was: terrible and awful.", kind) < plain


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_negation_takes_praise_back(rater, kind) -> None:
    assert rate(rater, "It was not good.", kind) < rate(rater, "It was good.", kind)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_emphasis_does_not_turn_the_rating(rater, kind) -> None:
    plain, loud = (rate(rater, text, kind) for text in ("I love it.", "I LOVE it!!!"))
    assert plain > 0
    assert loud > 0


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("name", ["Anna", "Mohammed", "Chen", "Olu"])
def test_a_name_changes_little(rater, kind, name) -> None:
    named = rate(rater, f"{name} made a wonderful film.", kind)
    assert abs(named - rate(rater, "Somebody made a wonderful film.", kind)) < 0.75


@pytest.mark.parametrize("text", ["x", "   ", "\x00", "🙂" * 50, "a" * 5_000, "<b>", "好"])
def test_odd_input_gets_a_rating(rater, text) -> None:
    for kind in ALL_KINDS:
        assert -4 <= rate(rater, text, kind) <= 4


def test_a_word_adds_what_the_rating_loses_without_it(rater) -> None:
    opinion = rater.explain("a dull mess", "movies")
    assert [word.word for word in opinion.words] == ["a", "dull", "mess"]
    without = rate(rater, "a mess", "movies")
    assert opinion.words[1].model == pytest.approx(opinion.rating - without)
    assert opinion.words[1].vader < 0


def test_a_range_is_given_where_it_was_measured(rater) -> None:
    known, unknown = (rater.explain("a dull mess", kind) for kind in ("movies", OTHER))
    assert known.low <= known.rating <= known.high
    assert unknown.low is None
    assert unknown.high is None
