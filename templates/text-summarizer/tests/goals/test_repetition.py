import pytest

from project_package.kit.workspace import Workspace
from project_package.predict import Summarizer

HEADLINE = "Harbour town keeps its ferry"
NEWS = "The harbour town will keep its ferry for ten more years, the mayor said."
AGAIN = "Ten more years the harbour town will keep its ferry, said the mayor."
TEXT = (
    "It was raining when the doors opened, and the queue went twice around the yard. "
    f"{NEWS} "
    "Some had brought folding chairs with them, and others had brought their children. "
    "{second} "
    '"I have crossed on it since I was six," said a woman who sells fish on the quay. '
    "Coffee on board still costs one crown, as it has for many years."
)


@pytest.mark.parametrize("second", [NEWS, AGAIN])
def test_a_summary_does_not_say_the_same_twice(trained: Workspace, second: str) -> None:
    text = TEXT.format(second=second)
    summary = Summarizer.load(trained).summarize(text, HEADLINE, length=40)
    chosen = [sentence.text for sentence in summary.sentences if sentence.chosen]
    assert len(chosen) > 1
    assert sum(sentence in {NEWS, AGAIN} for sentence in chosen) == 1
