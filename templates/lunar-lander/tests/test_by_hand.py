"""Cases small enough to be worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from project_package import train
from project_package.actions import Choice, Normal
from project_package.flights import (
    CRASHED,
    LANDED,
    LEFT_VIEW,
    OUT_OF_TIME,
    Linear,
    ending,
    in_turn,
    one_flight,
)
from project_package.model import Perceptron
from project_package.ppo import Adam, Flown, advantages, clipped
from project_package.studies.seeds import t_interval


def flown(rewards, values, over, after_cut=None) -> Flown:
    """One environment's round."""
    column = np.array(rewards, np.float32)[:, None]
    cut = np.zeros_like(column) if after_cut is None else np.array(after_cut, np.float32)[:, None]
    return Flown(
        np.empty((0,)), np.empty((0,)), np.zeros_like(column), column,
        np.array(values, np.float32)[:, None], cut, np.array(over)[:, None],
    )  # fmt: skip


def test_without_a_trace_an_advantage_is_one_steps_surprise() -> None:
    found = advantages(flown([1, 2], [0.5, 1.0, 4.0], [False, False]), 0.5, 0.0)
    assert found[:, 0] == pytest.approx([1 + 0.5 * 1.0 - 0.5, 2 + 0.5 * 4.0 - 1.0])


def test_with_a_full_trace_an_advantage_is_all_that_came_less_what_was_expected() -> None:
    found = advantages(flown([1, 2, 3], [0.5, 1.0, -1.0, 8.0], [False] * 3), 0.5, 1.0)
    whole = 3 + 0.5 * 8
    assert found[2, 0] == pytest.approx(whole + 1.0)
    assert found[1, 0] == pytest.approx(2 + 0.5 * whole - 1.0)
    assert found[0, 0] == pytest.approx(1 + 0.5 * (2 + 0.5 * whole) - 0.5)


def test_a_trace_mixes_the_two() -> None:
    surprises = np.array([1 + 0.5 * 1.0 - 0.5, 2 + 0.5 * -1.0 - 1.0])
    found = advantages(flown([1, 2], [0.5, 1.0, -1.0], [False, False]), 0.5, 0.4)
    assert found[:, 0] == pytest.approx([surprises[0] + 0.5 * 0.4 * surprises[1], surprises[1]])


def test_nothing_flows_back_across_the_end_of_a_flight() -> None:
    found = advantages(flown([1, 5, 7], [0.0, 2.0, 3.0, 9.0], [False, True, False]), 1.0, 1.0)
    assert found[1, 0] == pytest.approx(5 - 2), "what comes next is another flight's"
    assert found[0, 0] == pytest.approx(1 + 5 - 0)


def test_where_the_clock_cuts_a_flight_what_was_expected_counts() -> None:
    cut = advantages(flown([1], [2.0, 9.0], [True], [4.0]), 0.5, 1.0)
    ended = advantages(flown([1], [2.0, 9.0], [True], [0.0]), 0.5, 1.0)
    assert cut[0, 0] == pytest.approx(1 + 0.5 * 4.0 - 2.0)
    assert ended[0, 0] == pytest.approx(1 - 2.0)


@pytest.mark.parametrize(
    ("ratio", "advantage", "stops"),
    [
        (1.3, 1.0, True), (1.1, 1.0, False), (0.5, 1.0, False),
        (0.7, -1.0, True), (0.9, -1.0, False), (1.5, -1.0, False),
    ],
)  # fmt: skip
def test_an_action_is_pushed_no_further_than_the_clip_and_back_from_anywhere(
    ratio: float, advantage: float, stops: bool
) -> None:
    assert clipped(np.array([ratio]), np.array([advantage]), 0.2)[0] == stops


def test_gradients_are_the_slopes_of_the_loss() -> None:
    """Of every parameter, against differences of the loss itself."""
    random = np.random.default_rng(1)
    network = Perceptron.draw([3, 5, 4, 2], 1.0, random)
    network.layers = [
        type(layer)(*(each.astype(float) for each in layer)) for layer in network.layers
    ]
    inputs, slope = random.normal(size=(6, 3)), random.normal(size=(6, 2))
    found = network.gradients(network.activations(inputs), slope)
    for array, gradient in zip(network.parameters, found, strict=True):
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-6, -2e-6):
                array[place] += step
                ends.append((network(inputs) * slope).sum())
            array[place] += 1e-6
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)


@pytest.mark.parametrize("kind", ["choice", "normal"])
def test_slopes_of_a_distribution_are_those_of_likelihood_and_entropy(kind: str) -> None:
    random = np.random.default_rng(2)
    outputs, weights = random.normal(size=(5, 3)), random.normal(size=5)
    if kind == "choice":
        actions, made = random.integers(3, size=5), Choice(3)
    else:
        actions, made = random.normal(size=(5, 3)), Normal(3)
        made.parameters[0] = np.array([-0.3, 0.1, 0.4])

    def loss() -> float:
        return float(
            weights @ made.log_likelihood(outputs, actions) + 0.7 * made.entropy(outputs).sum()
        )

    slope, own = made.slopes(outputs, actions, weights, 0.7)
    for array, expected in ((outputs, slope), *zip(made.parameters, own, strict=True)):
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-4, -2e-4):
                array[place] += step
                ends.append(loss())
            array[place] += 1e-4
            assert expected[place] == pytest.approx((ends[0] - ends[1]) / 2e-4, abs=2e-3)


def test_actions_are_drawn_as_often_as_the_softmax_says() -> None:
    random = np.random.default_rng(3)
    outputs = np.tile(np.log([0.6, 0.3, 0.1]), (20_000, 1)).astype(np.float32)
    drawn = np.bincount(Choice(3).draw(outputs, random), minlength=3) / 20_000
    assert drawn == pytest.approx([0.6, 0.3, 0.1], abs=0.02)


def test_likelihood_and_entropy_are_those_of_the_definitions() -> None:
    chances = np.array([[0.5, 0.25, 0.25]])
    made = Choice(3)
    assert made.log_likelihood(np.log(chances), np.array([1])) == pytest.approx(np.log(0.25))
    assert made.entropy(np.log(chances)) == pytest.approx(1.5 * np.log(2))
    normal = Normal(1)
    normal.parameters[0] = np.array([np.log(2.0)])
    expected = -0.5 * 1.5**2 - np.log(2) - 0.5 * np.log(2 * np.pi)
    assert normal.log_likelihood(np.array([[1.0]]), np.array([[4.0]])) == pytest.approx(expected)


def test_the_first_step_of_adam_is_as_long_as_its_size_says() -> None:
    """In every direction, however large the gradient, once its length is held."""
    weights = np.zeros(2, np.float32)
    Adam([weights], most=1e9).step([np.array([3.0, -40.0], np.float32)], 0.01)
    assert weights == pytest.approx([-0.01, 0.01], rel=1e-3)


def test_a_gradient_is_cut_to_its_length_and_not_beyond() -> None:
    optimiser = Adam([np.zeros(2, np.float32)], most=1.0)
    optimiser.step([np.array([3.0, 4.0], np.float32)], 0.01)
    assert optimiser.means[0] == pytest.approx([0.06, 0.08], rel=1e-4)
    short = Adam([np.zeros(2, np.float32)], most=10.0)
    short.step([np.array([3.0, 4.0], np.float32)], 0.01)
    assert short.means[0] == pytest.approx([0.3, 0.4], rel=1e-4)


def test_new_weights_are_orthogonal_and_the_last_ones_small() -> None:
    network = Perceptron.draw([8, 64, 64, 4], 0.01, np.random.default_rng(4))
    middle = network.layers[1].weights / np.sqrt(2)
    assert middle.T @ middle == pytest.approx(np.eye(64), abs=1e-4)
    last = network.layers[2].weights
    assert last.T @ last == pytest.approx(1e-4 * np.eye(4), abs=1e-7)
    assert all(not layer.bias.any() for layer in network.layers)


def test_of_checkpoints_the_one_that_flew_best_is_kept_and_of_equals_the_later() -> None:
    assert train.choose({10: 200.0, 20: 250.0, 30: 240.0}) == 20
    assert train.choose({10: 250.0, 20: 250.0, 30: -1.0}) == 20


def test_landings_are_shared_out_in_turn() -> None:
    landings = pd.DataFrame({"id": range(7)})
    assert list(in_turn(3, landings)) == [1, 2, 3, 1, 2, 3, 1]


@pytest.mark.parametrize(
    ("last", "x", "ended", "told"),
    [
        (100.0, 0.1, True, LANDED), (-100.0, 0.3, True, CRASHED), (-100.0, -1.01, True, LEFT_VIEW),
        (-0.2, 0.0, False, OUT_OF_TIME),
    ],
)  # fmt: skip
def test_the_last_reward_says_how_it_ended(last, x, ended, told) -> None:
    assert ending(last, np.array([x] + [0.0] * 7), ended) == told


class Scripted:
    """An environment of three steps."""

    def reset(self, seed: int):
        self.seed, self.step_number = seed, 0
        return np.zeros(8), {}

    def step(self, action: int):
        self.step_number += 1
        over = self.step_number == 3
        return np.full(8, float(self.step_number)), 10.0 * action, False, over, {}


def test_a_flight_is_all_that_was_seen_done_and_earned() -> None:
    environment = Scripted()
    weights = np.zeros((4, 9))
    weights[2, -1] = 1.0
    seen, actions, rewards, end = one_flight(Linear(weights), environment, 5)
    assert environment.seed == 5
    assert [float(each[0]) for each in seen] == [0, 1, 2, 3]
    assert actions == [2, 2, 2]
    assert rewards == [20.0, 20.0, 20.0]
    assert end == OUT_OF_TIME


def test_a_linear_policy_takes_the_largest_sum_with_its_constant() -> None:
    weights = np.zeros((4, 9))
    weights[1, 0], weights[3, -1] = 2.0, 1.0
    policy = Linear(weights)
    assert policy.choose(np.array([1.0, *[0.0] * 7], np.float32)) == 1
    assert policy.choose(np.array([0.2, *[0.0] * 7], np.float32)) == 3


def test_five_differences_give_students_interval() -> None:
    found = t_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    half = 2.776445 * np.sqrt(2.5) / np.sqrt(5)
    assert (found.low, found.value, found.high) == pytest.approx(
        (3 - half, 3.0, 3 + half), rel=1e-5
    )
