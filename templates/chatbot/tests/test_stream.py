"""Wishes of a new domain arrive: they are out of scope, and the monitor is asked about them."""

import numpy as np
import pandas as pd
import pytest

from project_package import data, stream
from project_package.data import NOWHERE
from project_package.kit.replay import Stream
from project_package.kit.workspace import Workspace

from conftest import require_alarm_after_change, require_none_without_change

SIZE = 25


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    """The sample, in which queries of the domain that arrives are three times as long."""
    load = data.load

    def longer(*given, **named) -> pd.DataFrame:
        queries = load(*given, **named)
        new = queries.domain == stream.ARRIVES
        return queries.assign(text=queries.text.where(~new, (queries.text + " ") * 3))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", longer)
        return stream.replay(closed)


def test_the_new_domain_comes_after_the_change_alone(replayed: Stream, closed: Workspace) -> None:
    queries = data.load(closed, "train", reader="simulate")
    arriving = (queries.domain == stream.ARRIVES).sum()
    before, after = (np.array(replayed.later_truths[rows]) for rows in
                     (slice(replayed.begins), slice(replayed.begins, None)))  # fmt: skip
    usual = (queries.label == NOWHERE).mean()
    assert (before == NOWHERE).mean() < 3 * usual
    assert (after == NOWHERE).mean() > 0.3
    assert len(replayed.later) == len(replayed.later_truths) == len(replayed.times)
    assert (after == NOWHERE).sum() < arriving
    assert "invented" in replayed.title


def test_no_query_is_both_past_and_later(replayed: Stream, closed: Workspace) -> None:
    queries = data.load(closed, "train", reader="simulate")
    assert len(replayed.past) == len(replayed.past_truths)
    assert len(replayed.past) + len(replayed.later) < len(queries)


def test_the_alarm_is_raised_after_the_new_domain_came(replayed: Stream, closed: Workspace) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_without_the_new_domain_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)
