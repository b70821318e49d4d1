"""A fan is switched on: the monitor hears it after it began, and nothing before."""

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


def test_the_alarm_is_raised_after_the_fan_began(replayed: Stream, closed: Workspace) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_in_quiet_rooms_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_the_fan_lies_so_many_decibels_below_the_voice(closed: Workspace) -> None:
    sound = data.load(closed, "train", reader="simulate").sounds[0] // 4
    for decibels in (5.0, 20.0):
        noisy = stream.beside_fan(sound, decibels, np.random.default_rng(0))
        noise = noisy.astype(float) - sound
        found = 10 * np.log10(np.mean(sound.astype(float) ** 2) / np.mean(noise**2))
        assert found == pytest.approx(decibels, abs=1)
        assert (noisy.dtype, len(noisy)) == (np.int16, len(sound))


def test_what_is_replayed_are_speakers_that_were_not_heard(replayed: Stream) -> None:
    said = np.array([seen.said for seen in replayed.past])
    assert 0.2 < (said == replayed.past_truths).mean() < 1
    later = np.array([seen.summaries["range"] for seen in replayed.later])
    assert later[replayed.begins :].mean() < later[: replayed.begins].mean()
    assert "invented" in replayed.title
