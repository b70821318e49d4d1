"""One thread for a single prediction, and afterwards the threads that there were."""

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from project_package.kit import web
from project_package.kit.web import one_thread


def sizes() -> set[int]:
    np.ones((2, 2)) @ np.ones((2, 2))  # brings a pool
    return {pool["num_threads"] for pool in ThreadpoolController().info()}


def test_a_prediction_has_one_thread_and_leaves_the_others_as_they_were() -> None:
    web._controller.cache_clear()  # it looks once, and these tests may have loaded more since
    sizes()
    with ThreadpoolController().limit(limits=2):
        before = sizes()
        if before == {1}:
            pytest.skip("the libraries here have one thread at most")
        assert one_thread(sizes)() == {1}
        assert sizes() == before
