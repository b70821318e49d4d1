"""The lamp is moved: the monitor sees it after it began, and nothing before."""

import numpy as np
import pytest

from project_package import data, stream
from project_package.kit.replay import Stream
from project_package.kit.workspace import Workspace

from conftest import require_alarm_after_change, require_none_without_change

SIZE = 100


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    return stream.replay(closed)


def test_the_alarm_is_raised_after_the_lamp_was_moved(replayed: Stream, closed: Workspace) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_in_the_old_light_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_light_from_the_side_leaves_the_middle_and_the_size(closed: Workspace) -> None:
    face = data.load(closed, "train", reader="simulate").pixels[0]
    lit = stream.lit_from_side(face, 60.0)
    assert lit.shape == face.shape
    assert lit.dtype == np.uint8
    assert np.array_equal(stream.lit_from_side(face, 0.0), face)
    assert (lit[:, -1].astype(int) - face[:, -1] <= 30).all()
    assert lit[:, -5:].mean() > face[:, -5:].mean()
    assert lit[:, :5].mean() < face[:, :5].mean()


def test_half_of_all_attempts_are_honest_and_most_of_these_are_known(replayed: Stream) -> None:
    truths = np.array(replayed.past_truths)
    said = np.array([seen.said for seen in replayed.past])
    assert truths.mean() == pytest.approx(0.5, abs=0.08)
    assert said[truths].mean() > said[~truths].mean() + 0.3
    assert "invented" in replayed.title
    assert len(replayed.later) == 2 * replayed.begins
