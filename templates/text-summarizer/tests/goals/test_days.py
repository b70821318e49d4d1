from project_package import features
from project_package.kit.workspace import Workspace
from project_package.predict import Summarizer

SOURCE = [
    "They met on Sunday.",
    "They met again.",
    "It opens in December, a minister said.",
    "He may march on with the others.",
]


def test_the_ranker_knows_which_sentences_say_when(trained: Workspace) -> None:
    assert "says_when" in features.NAMES
    table = features.describe(SOURCE, "They met", 30)
    assert table.says_when.tolist() == [1, 0, 1, 0]
    ranker = Summarizer.load(trained).ranker
    assert ranker.informed.n_features_in_ == len(features.NAMES)
