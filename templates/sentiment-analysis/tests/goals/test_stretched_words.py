import pytest

from project_package import model
from project_package.kit.workspace import Workspace

TERMS = model.Terms(**Workspace().config["features"])
STRETCHED = [
    ("It was greaaat.", "It was greaaaaaaaat."),
    ("Soooo good!", "Soooooooo good!"),
    ("I am so haaappy", "I am so haaaaaappy"),
]
OTHERWISE = [("It is god.", "It is good."), ("It cost 1000", "It cost 10000"), ("So..", "So...")]


def difference(pair: tuple[str, str]) -> float:
    """Between what is there to read of two texts."""
    one, other = model.count(pair, TERMS)
    return float(abs(one - other).max())


@pytest.mark.parametrize("stretched", STRETCHED)
def test_a_stretched_word_counts_alike_however_long_it_is(stretched: tuple[str, str]) -> None:
    assert difference(stretched) == 0
    assert all(difference(pair) > 0 for pair in OTHERWISE)
