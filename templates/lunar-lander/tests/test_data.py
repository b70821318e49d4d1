import gymnasium
import numpy as np
import pandas as pd
import pytest

from project_package import data
from project_package.kit import holdout
from project_package.kit.workspace import HoldOutError, Workspace

SHARES = {"train": 1, "validation": 1, "test": 5}


@pytest.fixture(scope="module")
def parts(prepared: Workspace) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(prepared.processed / f"{name}.csv") for name in data.PARTS}


def rows(count: int) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"landing-{seed}" for seed in range(count)], "seed": range(count)})


def test_no_landing_is_in_two_parts(parts: dict[str, pd.DataFrame]) -> None:
    """Nor is one in a part twice, by its seed and by how it begins."""
    every = pd.concat(parts.values())
    assert every.seed.is_unique
    assert not every.duplicated(["across", "upwards", "spin", "rise"]).any()


@pytest.mark.parametrize("count", [7, 50, 84, 701])
def test_landings_are_dealt_by_their_shares_and_none_is_lost(count: int) -> None:
    dealt = data.split(rows(count), SHARES, seed=3)
    assert sorted(seed for part in dealt.values() for seed in part.seed) == list(range(count))
    for name, share in SHARES.items():
        assert len(dealt[name]) == pytest.approx(count * share / 7, abs=1)


def test_landings_are_shuffled_before_they_are_dealt() -> None:
    """By the seed: they lie in an order that somebody may have made."""
    one, again, other = (data.split(rows(70), SHARES, seed=seed) for seed in (1, 1, 2))
    assert list(one["test"].seed) == list(again["test"].seed) != list(other["test"].seed)
    assert set(one["train"].seed) != set(range(10))
    assert set(one["train"].seed) != set(other["train"].seed)


def test_no_seed_is_drawn_twice() -> None:
    drawn = data.draw_seeds(5, 5_000)
    assert len(set(drawn)) == 5_000
    assert 0 <= min(drawn) <= max(drawn) < data.SEEDS
    assert drawn == data.draw_seeds(5, 5_000) != data.draw_seeds(6, 5_000)


def test_training_cannot_open_the_test_part(prepared: Workspace) -> None:
    with pytest.raises(HoldOutError):
        data.load(prepared, "test", reader="train")


def test_a_landing_is_described_by_what_the_environment_shows() -> None:
    described = data.describe([11, 12]).set_index("seed")
    environment = gymnasium.make(data.ENVIRONMENT)
    for seed in (11, 12):
        first, _ = environment.reset(seed=seed)
        told = described.loc[seed, ["across", "upwards", "spin"]].to_numpy(float)
        assert told == pytest.approx(first[[2, 3, 5]], abs=1e-5)


def test_the_rise_is_that_of_the_higher_side_over_the_pad() -> None:
    environment = gymnasium.make(data.ENVIRONMENT)
    for seed in range(20):
        environment.reset(seed=seed)
        world = environment.unwrapped
        beside = [
            y for piece in world.sky_polys for x, y in piece[:2]
            if np.isclose(abs(x - 10), 4)
        ]  # fmt: skip
        (rise,) = data.describe([seed]).rise
        assert rise == pytest.approx(max(beside) - 0.99 * world.helipad_y, abs=1e-4)


def test_the_committed_sample_is_what_the_environment_says(prepared: Workspace) -> None:
    committed = pd.read_csv(prepared.sample / data.FILE)
    again = data.describe(committed.seed)
    pd.testing.assert_frame_equal(committed, again, atol=1e-5)


def test_the_manifest_says_that_the_landings_are_a_sample(prepared: Workspace) -> None:
    described = holdout.read_manifest(prepared)
    assert "sample" in described["source"]
    assert described["rows"] == sum(described["counts"].values())


def test_without_the_sample_the_projects_own_seed_draws(empty: Workspace) -> None:
    own = Workspace(empty.root, {"data.landings": 21})
    data.run(own)
    assert holdout.read_manifest(own)["sample"] is False
    sealed = pd.concat([pd.read_csv(own.processed / f"{name}.csv") for name in data.PARTS])
    assert sorted(sealed.seed) == sorted(data.draw_seeds(own.seed, 21))


def test_seeds_of_training_flights_lie_outside_of_every_part() -> None:
    """Evolution and monitoring draw new landings from where no part has any."""
    assert max(data.draw_seeds(1, 1_000)) < data.SEEDS
