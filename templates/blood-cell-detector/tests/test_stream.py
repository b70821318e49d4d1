"""A microscope goes out of focus: the monitor sees it after it began, and nothing before."""

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


def test_the_alarm_is_raised_after_the_focus_was_lost(replayed: Stream, closed: Workspace) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_in_focus_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_blur_keeps_the_light_and_takes_the_edges(closed: Workspace) -> None:
    pixels = data.load(closed, "train", reader="simulate").pixels[0]
    soft = stream.blur(pixels, 2.0)
    assert (soft.dtype, soft.shape) == (np.uint8, pixels.shape)
    assert soft.mean(axis=(0, 1)) == pytest.approx(pixels.mean(axis=(0, 1)), abs=1.5)
    assert (
        np.abs(np.diff(soft.astype(int), axis=1)).mean()
        < np.abs(np.diff(pixels.astype(int), axis=1)).mean() / 2
    )


def test_what_is_replayed_are_pictures_that_were_not_learned_from(replayed: Stream) -> None:
    sharp = [seen.summaries["sharpness"] for seen in replayed.later]
    assert np.mean(sharp[replayed.begins :]) < np.mean(sharp[: replayed.begins]) / 1.5
    off = np.array([seen.said for seen in replayed.past]) - np.array(replayed.past_truths)
    assert np.abs(off).mean() > 0
    assert abs(off.mean()) < np.mean(replayed.past_truths) / 2
    assert "invented" in replayed.title
