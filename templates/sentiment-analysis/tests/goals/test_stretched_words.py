import pytest

from project_package import model
from project_package.kit.workspace import Workspace
from project_package.predict import SentimentRater

STRETCHED = [
    ("It was greaaat.", "It was greaaaaaaaat."),
    ("Soooo good!", "Soooooooo good!"),
    ("I am so haaappy", "I am so haaaaaappy"),
]
OTHERWISE = [("It is god.", "It is good."), ("It cost 1000", "It cost 10000"), ("So..", "So...")]


@pytest.mark.parametrize("kind", ["movies", "other"])
def test_a_stretched_word_counts_alike_however_long_it_is(trained: Workspace, kind: str) -> None:
    rater = SentimentRater.load(trained)
    for pair in STRETCHED:
        one, other = rater.rate(pair, [kind] * 2)
        assert one == other, pair
    terms = model.Terms(**trained.config["features"])
    for pair in OTHERWISE:
        one, other = model.count(pair, terms)
        assert abs(one - other).max() > 0, pair
