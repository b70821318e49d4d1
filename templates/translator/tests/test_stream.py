"""People begin to type in haste: the monitor sees it after it began, and nothing before."""

import numpy as np
import pytest

from project_package import stream
from project_package.kit.replay import Stream
from project_package.kit.workspace import Workspace
from project_package.train import SHORTER

from conftest import require_alarm_after_change, require_none_without_change

SIZE = 20


@pytest.fixture(scope="module")
def replayed(closed: Workspace) -> Stream:
    longer = Workspace(closed.root, {"train.steps": 320 * SHORTER})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "HELD_OUT", 0.25)
        return stream.replay(longer)


def test_the_alarm_is_raised_after_the_haste_began(replayed: Stream, closed: Workspace) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_as_long_as_captions_come_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_translations_of_what_is_typed_in_haste_are_worse(replayed: Stream) -> None:
    truths = np.array(replayed.later_truths)
    assert truths[: replayed.begins].mean() > truths[replayed.begins :].mean() + 5
    assert len(replayed.later) == len(truths) == len(replayed.times) == 2 * replayed.begins
    assert len(replayed.past) == len(replayed.past_truths)
    assert "invented" in replayed.title


def test_haste_leaves_signs_and_capitals_out_and_makes_slips() -> None:
    random = np.random.default_rng(0)
    typed = [stream.typed("A Dog, running fast through the Park!", random) for _ in range(50)]
    assert all(text == text.lower() and "," not in text and "!" not in text for text in typed)
    plain = "a dog running fast through the park"
    assert 0.5 < np.mean([text != plain for text in typed]) <= 1
    assert all(abs(len(text) - len(plain)) < 8 for text in typed)
    assert all(text.count(" ") == plain.count(" ") for text in typed)
