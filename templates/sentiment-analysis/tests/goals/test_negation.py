import pytest

from project_package import model
from project_package.kit.workspace import Workspace

TERMS = model.Terms(**Workspace().config["features"])
TAKEN_BACK = [
    "I do not think that it is a good film",
    "I don't think that it is a good film",
    "It was never any good",
]
MEANT = [
    "I think that it is a good film",
    "I do not know why, it is a good film",
    "Not for children. It is a good film",
]


def words(text: str) -> set[int]:
    """The columns of the words that are counted in a text."""
    return set(model.count([text], TERMS)[:, : TERMS.edges[0]].indices)


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_a_word_after_a_negation_is_another_word(text: str) -> None:
    (good,) = words("good")
    assert good not in words(text)
    assert all(good in words(meant) for meant in MEANT)
