"""Rows that belong together, against a search that only follows links."""

import numpy as np
import pytest

from project_package.kit.holdout import connect


def reached(keys: list[list]) -> list[frozenset[int]]:
    """For each row all rows that it can be reached from, link by link."""
    rows = range(len(keys[0]))

    def linked(a: int, b: int) -> bool:
        return any(key[a] is not None and key[a] == key[b] for key in keys)

    found = []
    for row in rows:
        known, waiting = {row}, [row]
        while waiting:
            here = waiting.pop()
            new = {other for other in rows if other not in known and linked(here, other)}
            known |= new
            waiting += new
        found.append(frozenset(known))
    return found


def members(groups: np.ndarray) -> list[frozenset[int]]:
    return [frozenset(np.flatnonzero(groups == group).tolist()) for group in groups]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_rows_share_a_group_when_links_lead_from_one_to_the_other(number: int, seed: int) -> None:
    random = np.random.default_rng((number, seed))
    keys = [
        [None if value < 12 else f"{value}" for value in random.integers(0, 40, 30)]
        for _ in range(number)
    ]
    groups = connect(*keys)
    assert groups.shape == (30,)
    assert members(groups) == reached(keys)


def test_groups_join_rows_through_a_third() -> None:
    found = connect(["a", "b", "c", "d"], ["x", "x", None, None], [None, "y", "y", None])
    assert found[0] == found[1] == found[2] != found[3]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_key_links_by_itself_first_and_last_row_too(place: int) -> None:
    keys: list[list] = [[None] * 5 for _ in range(3)]
    keys[place] = ["same", None, None, None, "same"]
    found = connect(*keys)
    assert found[0] == found[4]
    assert len(set(found.tolist())) == 4


def test_a_value_of_one_key_is_not_that_of_another() -> None:
    assert len(set(connect(["a", "b"], ["b", "c"]).tolist())) == 2


def test_what_is_empty_or_zero_is_a_value_and_none_is_not() -> None:
    assert len(set(connect(["", "", "x"], [0, 1, 1]).tolist())) == 1
    assert len(set(connect([None, None, None]).tolist())) == 3


def test_a_long_chain_is_one_group() -> None:
    rows = 400
    pairs = [[f"{row // 2}" for row in range(rows)], [f"{(row + 1) // 2}" for row in range(rows)]]
    assert len(set(connect(*pairs).tolist())) == 1
