"""Pictures become noisy: the monitor sees it after it began, and nothing before."""

import pytest

from project_package import data, stream
from project_package.kit.replay import Stream
from project_package.kit.workspace import Workspace
from project_package.model import ResidualNetwork
from project_package.train import short_training

from conftest import require_alarm_after_change, require_none_without_change

SIZE, HARDEST = 20, -1


@pytest.fixture(scope="module")
def learned() -> list[data.Images]:
    """What the network of `replayed` learned from."""
    return []


@pytest.fixture(scope="module")
def replayed(closed: Workspace, learned: list[data.Images]) -> Stream:
    """The sample, its later pictures with the strongest noise of the study."""

    def spied(workspace: Workspace, few: data.Images, unseen: data.Images) -> ResidualNetwork:
        learned.append(few)
        return short_training(workspace, few, unseen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "LEVEL", HARDEST)
        patch.setattr(stream, "short_training", spied)
        return stream.replay(closed)


def test_the_alarm_is_raised_after_pictures_became_noisy(
    replayed: Stream, closed: Workspace
) -> None:
    require_alarm_after_change(closed, replayed, SIZE)


def test_without_noise_there_is_no_alarm(replayed: Stream, closed: Workspace) -> None:
    require_none_without_change(closed, replayed, SIZE)


def test_no_picture_is_both_learned_from_and_judged(
    replayed: Stream, learned: list[data.Images], closed: Workspace
) -> None:
    images = data.load(closed, "train", reader="simulate")
    third = len(images) // 3
    assert [each.ids.tolist() for each in learned] == [images.ids[:third].tolist()]
    assert replayed.past_truths == images.labels[third : 2 * third].tolist()
    assert replayed.later_truths == images.labels[2 * third : 3 * third].tolist()
    assert "invented" in replayed.title
