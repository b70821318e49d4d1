"""Another kind of text arrives: the monitor sees it after it came, and nothing before."""

import pandas as pd
import pytest

from project_package import data, stream
from project_package.kit.replay import Stream
from project_package.kit.workspace import Workspace

from conftest import require_alarm_after_change, require_none_without_change

SIZE = 30


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    """The sample, in which texts of the kind that arrives are three times as long."""
    load = data.load

    def longer(*given, **named) -> pd.DataFrame:
        snippets = load(*given, **named)
        new = snippets.kind == stream.ARRIVES
        return snippets.assign(text=snippets.text.where(~new, (snippets.text + " ") * 3))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", longer)
        return stream.replay(closed)


def test_the_alarm_is_raised_after_the_other_kind_came(replayed: Stream, closed: Workspace) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_without_the_other_kind_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_the_past_holds_neither_the_kind_that_arrives_nor_a_text_that_comes(
    replayed: Stream, closed: Workspace
) -> None:
    snippets = data.load(closed, "train", reader="simulate")
    known = (snippets.kind != stream.ARRIVES) & (snippets.fold != snippets.fold.max())
    assert len(replayed.past) == len(replayed.past_truths) <= known.sum()
    assert len(replayed.later) == len(replayed.later_truths) == len(replayed.times)
    assert "invented" in replayed.title
