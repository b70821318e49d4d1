import math

import pytest

from project_package import data, stream
from project_package.kit.workspace import Workspace


def test_a_replay_reads_no_test_set_and_no_sale_of_the_past(without_test: Workspace) -> None:
    replayed = stream.replay(without_test)
    last = without_test.config["evaluate"]["last_known"]
    sales = data.load(without_test, "train", reader="simulate")
    assert replayed.times == sorted(replayed.times)
    assert len(replayed.later) == len(replayed.later_truths) == (sales.month_of_sale > last).sum()
    assert len(replayed.past) == len(replayed.past_truths) == (sales.month_of_sale <= last).sum()
    for seen in replayed.later:
        assert seen.score == pytest.approx(math.log(seen.said))
