"""Does the learner learn, from what it may, and give the same again?"""

import json

import gymnasium
import numpy as np
import pandas as pd
import pytest

from project_package import data, evolution, flights, ppo, tasks, train
from project_package.actions import Choice
from project_package.flights import Trained, fly
from project_package.kit.workspace import ProjectError, Workspace
from project_package.model import ARRAYS, Pilot, build
from project_package.ppo import Adam, Fleet, Flown, Plan, improve, learn

QUICK = Plan(
    steps=24_000, environments=8, length=128, epochs=8, batch=128, step_size=0.003, discount=0.98,
    trace=0.95, clip=0.2, normalise=True, entropy=0.005, most_slope=0.5, reward_scale=0.01,
    width=32, layers=2,
)  # fmt: skip


def balance() -> gymnasium.Env:
    return gymnasium.make("CartPole-v1", disable_env_checker=True)


@pytest.fixture(scope="module")
def balanced() -> tuple[Pilot, list[float]]:
    """The whole learner on the task that takes a second."""
    returns: list[float] = []

    def keep(_: int, __: Pilot, flown: list[float]) -> None:
        returns[:] = flown

    return learn(balance, QUICK, range(8), 3, keep), returns


def test_it_learns_to_balance_a_pole(balanced: tuple[Pilot, list[float]]) -> None:
    pilot, returns = balanced
    assert np.mean(returns[:20]) < 60
    assert np.mean(tasks.greedy(pilot, "CartPole-v1", 10, 500)) > 300


def test_it_learns_where_actions_are_numbers() -> None:
    """A target to name: the reward is how near the number comes."""

    class Name(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(-1, 1, (1,))
        action_space = gymnasium.spaces.Box(-2, 2, (1,))

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.asked = self.np_random.uniform(-1, 1, 1).astype(np.float32)
            return self.asked, {}

        def step(self, action):
            return self.asked, -float((action[0] - self.asked[0]) ** 2), True, False, {}

    plan = QUICK._replace(steps=16_000, step_size=0.01, reward_scale=1.0)
    pilot = learn(Name, plan, range(8), 1)
    asked = np.linspace(-0.9, 0.9, 7)[:, None]
    assert np.abs(pilot.act(asked.astype(np.float32)) - asked).max() < 0.3
    assert pilot.actions.parameters[0][0] < -0.5, "it has become surer"


def test_the_same_seeds_give_the_same_pilot_and_others_another() -> None:
    plan = QUICK._replace(steps=3_000)
    one, again, other = (learn(balance, plan, range(8), seed).policy.flat for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_other_first_seeds_give_another_pilot() -> None:
    plan = QUICK._replace(steps=3_000)
    one, other = (learn(balance, plan, seeds, 1).policy.flat for seeds in (range(8), range(8, 16)))
    assert not np.array_equal(one, other)


class Counted(gymnasium.Env):
    """Ends, or is cut, after four steps; shows how many it took, and pays one each."""

    observation_space = gymnasium.spaces.Box(-9, 9, (1,))
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, cut: bool) -> None:
        self.cut = cut

    def reset(self, *, seed=None, options=None):
        self.at = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.at += 1
        over = self.at == 4
        return np.full(1, self.at, np.float32), 1.0, over and not self.cut, over and self.cut, {}


@pytest.mark.parametrize("cut", [False, True])
def test_a_fleet_begins_again_and_keeps_what_was_expected_where_the_clock_cut(cut: bool) -> None:
    pilot = build(1, Choice(2), 8, 1, 1.0, 0)
    plan = QUICK._replace(length=10, reward_scale=0.5)
    fleet = Fleet([Counted(cut), Counted(cut)], [1, 2])
    flown = fleet.fly(pilot, plan, np.random.default_rng(0))
    assert flown.observations[:, 0, 0].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    assert flown.over[:, 0].tolist() == [False, False, False, True] * 2 + [False] * 2
    assert flown.rewards == pytest.approx(0.5)
    assert fleet.returns == [4.0] * 4
    last = float(pilot.value(np.array([[4.0]], np.float32))[0, 0])
    assert flown.after_cut[3, 0] == pytest.approx(last if cut else 0.0)
    assert flown.after_cut[[0, 1, 2, 4], 0] == pytest.approx(0.0)
    assert flown.values[10, 0] == pytest.approx(float(pilot.value(fleet.observations)[0, 0]))


def round_of(gains: list[float]) -> tuple[Pilot, Flown, Plan]:
    """One step in many environments, in the same place: the action taken, by turns, is 0 and 1."""
    pilot = build(1, Choice(2), 8, 1, 1.0, 0)
    many = len(gains)
    seen = np.ones((1, many, 1), np.float32)
    actions = np.arange(many)[None] % 2
    logs = pilot.actions.log_likelihood(pilot.policy(seen[0]), actions[0])[None]
    values = np.zeros((2, many), np.float32)
    flown = Flown(seen, actions, logs, np.array([gains], np.float32), values,
                  np.zeros((1, many), np.float32), np.ones((1, many), bool))  # fmt: skip
    return pilot, flown, QUICK._replace(batch=many, epochs=1, entropy=0.0, discount=1.0)


def step_by(pilot: Pilot, flown: Flown, plan: Plan, epochs: int) -> np.ndarray:
    """Odds of both actions after some passes."""
    optimisers = tuple(Adam(parameters, plan.most_slope) for parameters in pilot.trained)
    improve(pilot, flown, plan._replace(epochs=epochs), optimisers, 0.01, np.random.default_rng(0))
    logits = pilot.policy(np.ones((1, 1), np.float32))[0]
    return np.exp(logits) / np.exp(logits).sum()


def test_what_earned_more_becomes_likelier() -> None:
    pilot, flown, plan = round_of([1.0, -1.0] * 50)
    assert step_by(pilot, flown, plan, 5)[0] > 0.52
    pilot, flown, plan = round_of([-1.0, 1.0] * 50)
    assert step_by(pilot, flown, plan, 5)[0] < 0.48


def test_the_clip_stops_the_step_and_a_wider_one_stops_it_later() -> None:
    odds = []
    for clip in (0.05, 0.2, 100.0):
        pilot, flown, plan = round_of([1.0, -1.0] * 50)
        odds.append(step_by(pilot, flown, plan._replace(clip=clip), 60)[0])
    assert odds[0] < odds[1] < 0.85 < odds[2]


@pytest.mark.parametrize("normalise", [True, False])
def test_normalised_advantages_know_no_level_and_no_scale(
    normalise: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[np.ndarray] = []
    original = ppo.clipped

    def note(ratio, advantage, clip):
        used.append(advantage)
        return original(ratio, advantage, clip)

    monkeypatch.setattr(ppo, "clipped", note)
    pilot, flown, plan = round_of([5000.0, 4000.0] * 50)
    step_by(pilot, flown, plan._replace(normalise=normalise), 1)
    expected = (0.0, 1.0) if normalise else (4500.0, 500.0)
    assert (used[0].mean(), used[0].std()) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_the_value_moves_towards_what_came() -> None:
    pilot, flown, plan = round_of([3.0] * 40)
    before = float(pilot.value(np.ones((1, 1), np.float32))[0, 0])
    step_by(pilot, flown, plan, 30)
    after = float(pilot.value(np.ones((1, 1), np.float32))[0, 0])
    assert abs(after - 3.0) < abs(before - 3.0)


def test_entropy_keeps_the_policy_undecided() -> None:
    odds = []
    for entropy in (0.0, 2.0):
        pilot, flown, plan = round_of([1.0, -1.0] * 50)
        odds.append(step_by(pilot, flown, plan._replace(entropy=entropy, clip=9.0), 40)[0])
    assert odds[1] < odds[0]


def test_a_kept_pilot_is_the_one_that_was_trained(balanced: tuple[Pilot, list[float]]) -> None:
    pilot, _ = balanced
    arrays = pilot.arrays()
    assert set(arrays) == set(ARRAYS)
    kept, seen = Pilot.of(arrays), np.random.default_rng(0).normal(size=(50, 4))
    assert kept.policy(seen) == pytest.approx(pilot.policy(seen.astype(np.float32)), abs=1e-4)
    assert kept.value(seen) == pytest.approx(pilot.value(seen.astype(np.float32)), abs=1e-4)
    pilot.policy.parameters[0][:] += 1
    assert arrays["policy"][0] != pilot.policy.flat[0], "a copy, which later steps leave alone"
    pilot.policy.parameters[0][:] -= 1


def test_evolution_improves_on_its_first_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an easy task: the constant of the main engine is to be large."""

    def easy(policy, environment, seed):
        return [], [0], [float(policy.weights[2, -1] - abs(policy.weights[0, 0]))], ""

    monkeypatch.setattr(evolution, "one_flight", easy)
    plan = evolution.Breeding(
        steps=2_000, population=20, elite=5, landings=2, spread=1.0, noise=0.3
    )
    weights = evolution.evolve(plan, 1)
    assert weights[2, -1] > 3
    assert np.array_equal(weights, evolution.evolve(plan, 1))
    assert not np.array_equal(weights, evolution.evolve(plan, 2))


def test_evolution_flies_landings_of_no_part_all_policies_the_same(monkeypatch) -> None:
    flown: list[int] = []

    def note(policy, environment, seed):
        flown.append(seed)
        return [], [0] * 10, [0.0], ""

    monkeypatch.setattr(evolution, "one_flight", note)
    evolution.evolve(evolution.Breeding(100, 5, 2, 2, 1.0, 0.1), 1)
    assert min(flown) >= data.SEEDS
    assert flown[:10] == flown[:2] * 5
    assert flown[10:12] != flown[:2] or len(flown) == 10


def test_every_run_begins_with_training_landings_of_its_own(prepared: Workspace) -> None:
    config, own = prepared.config, data.load(prepared, "train", reader="train")
    begun = [train.seeds_of(own, config, number) for number in range(config["train"]["runs"] + 1)]
    every = [seed for seeds in begun for seed in seeds]
    assert len(set(every)) == len(every)
    assert set(every) <= set(own.seed)
    with pytest.raises(ProjectError, match="are left"):
        train.seeds_of(own, config, 99)


def test_seeds_of_two_projects_do_not_meet(prepared: Workspace) -> None:
    config = prepared.config
    here = {train.seed_of(prepared, number) for number in range(config["train"]["runs"] + 1)}
    other = Workspace(prepared.root, {"seed": prepared.seed + 1})
    assert not here & {train.seed_of(other, number) for number in range(len(here))}
    assert len(here) == config["train"]["runs"] + 1


def test_the_step_size_falls_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[float] = []
    monkeypatch.setattr(ppo, "improve", lambda *given: sizes.append(given[4]))
    learn(balance, QUICK._replace(steps=8 * 128 * 4), range(8), 1)
    assert sizes == pytest.approx([0.003, 0.00225, 0.0015, 0.00075])


def test_a_run_keeps_the_pilot_that_validation_chose(
    without_test: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three, a round apart, each in turn the best."""
    validation = data.load(without_test, "validation", reader="train")
    own = data.load(without_test, "train", reader="train")
    recipe = train.plan(without_test.config)._replace(steps=4_096)
    kept = []
    for best in range(3):
        judged: list[list[str]] = []
        flown: list[np.ndarray] = []

        def note(controller, landings, judged=judged, flown=flown, best=best):
            judged.append(list(landings.id))
            flown.append(controller.pilot.policy.flat)
            return pd.DataFrame(
                {"total": [9.0 if len(judged) - 1 == best else 1.0] * len(landings)}
            )

        monkeypatch.setattr(train, "fly", note)
        seeds = train.seeds_of(own, without_test.config, 1)
        made = train.one_run(recipe, seeds, 5, 3, validation)
        assert judged == [list(validation.id)] * 3
        assert sorted(made["validated"].values()) == [1.0, 1.0, 9.0]
        assert made["arrays"]["policy"] == pytest.approx(flown[best])
        kept.append(made["arrays"]["policy"])
    assert not np.array_equal(kept[0], kept[1])
    assert not np.array_equal(kept[1], kept[2])


def test_the_served_pilot_is_that_of_the_best_run_on_validation(trained: Workspace) -> None:
    rows = json.loads((trained.models / "training.json").read_text("utf-8"))["runs"]
    (served,) = (row for row in rows if row["shipped"])
    assert max(served["validated"].values()) == max(max(row["validated"].values()) for row in rows)
    own, shipped = (
        np.load(trained.models / name) for name in (f"run-{served['run']}.npz", "model.npz")
    )
    assert all(np.array_equal(own[name], shipped[name]) for name in ARRAYS)


def test_what_validation_measured_can_be_flown_again(trained: Workspace) -> None:
    validation = data.load(trained, "validation", reader="train")
    rows = json.loads((trained.models / "training.json").read_text("utf-8"))["runs"]
    for row in rows:
        arrays = np.load(trained.models / f"run-{row['run']}.npz")
        again = fly(Trained(Pilot.of(arrays)), validation).total.mean()
        assert again == pytest.approx(max(row["validated"].values()), abs=1e-6)


def test_runs_differ(trained: Workspace) -> None:
    many = trained.config["train"]["runs"]
    policies = [
        np.load(trained.models / f"run-{number + 1}.npz")["policy"] for number in range(many)
    ]
    linear = [
        np.load(trained.models / f"linear-{number + 1}.npz")["weights"] for number in range(many)
    ]
    for arrays in (policies, linear):
        assert not any(np.array_equal(arrays[0], other) for other in arrays[1:])


def test_an_attempt_is_scored_on_validation_landings_and_never_opens_the_test_set(
    without_test: Workspace,
) -> None:
    found = train.held_out(without_test)
    validation = data.load(without_test, "validation", reader="train")
    assert list(found.rows.id) == list(validation.id)
    assert found.metric == "mean_return"
    assert found.higher_is_better
    rule = train.held_out_baseline(without_test)
    again = fly(flights.Heuristic(), validation).total
    assert rule == pytest.approx(again)


def test_an_attempt_begins_with_landings_that_no_run_has(
    without_test: Workspace, monkeypatch
) -> None:
    seen: list[tuple] = []
    original = train.one_run

    def note(recipe, seeds, *rest):
        seen.append((recipe, seeds))
        return original(recipe, seeds, *rest)

    monkeypatch.setattr(train, "one_run", note)
    train.held_out(without_test)
    config, own = without_test.config, data.load(without_test, "train", reader="train")
    ((recipe, seeds),) = seen
    of_runs = {seed for number in range(1, config["train"]["runs"] + 1)
               for seed in train.seeds_of(own, config, number)}  # fmt: skip
    assert not set(seeds) & of_runs
    assert recipe.steps == config["train"]["steps"] // train.SHORTER


@pytest.mark.parametrize(
    ("name", "told"),
    [("NoSuchThing-v0", "NoSuchThing"), ("Blackjack-v1", "does not know")],
)
def test_a_task_that_it_cannot_learn_is_refused_by_name(name: str, told: str) -> None:
    with pytest.raises(ProjectError, match=told):
        tasks.make_env(name)


def test_a_tasks_settings_replace_those_of_the_lander(prepared: Workspace) -> None:
    config = prepared.config
    given = tasks.recipe(config, "CartPole-v1")
    assert given.discount == config["tasks"]["CartPole-v1"]["discount"]
    assert given.clip == config["train"]["clip"]
    assert tasks.recipe(config, "Acrobot-v1") == train.plan(config)
