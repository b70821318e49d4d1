"""Another publisher arrives: the monitor sees it after it came, and nothing before."""

import pandas as pd
import pytest

from project_package import data, stream
from project_package.kit.replay import Stream
from project_package.kit.workspace import Workspace

from conftest import require_alarm_after_change, require_none_without_change

SIZE, SHORT = 20, 4


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    """The sample, in which the largest publisher's articles end after a few sentences."""
    load = data.load

    def shorter(*given, **named) -> pd.DataFrame:
        articles = load(*given, **named)
        own = articles.publisher == articles.publisher.mode()[0]
        for column in ("source", "labels"):
            articles.loc[own, column] = articles.loc[own, column].str[:SHORT]
        return articles

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", shorter)
        return stream.replay(closed)


def test_the_alarm_is_raised_after_the_other_publisher_came(
    replayed: Stream, closed: Workspace
) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_without_the_other_publisher_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_the_past_holds_no_article_of_the_publisher_nor_a_story_that_it_tells(
    replayed: Stream, closed: Workspace
) -> None:
    articles = data.load(closed, "train", reader="simulate")
    new = articles.publisher == articles.publisher.mode()[0]
    told, held = articles.group.isin(articles.group[new]), articles.fold == articles.fold.max()
    assert len(replayed.past) == len(replayed.past_truths) == (~told & ~held).sum()
    assert len(replayed.later) == len(replayed.times) == new.sum() + replayed.begins
    assert "invented" in replayed.title
