"""The physics of the page beside Gymnasium's: the same landings under the same commands."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from project_package.flights import Chance, Heuristic, make
from project_package.kit.provenance import PACKAGE

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")
STEPS = 1000  # at least, before anything is touched
CLOSE = 0.05  # in every number of an observation until then
DRIVER = """
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
const { Flight } = await import(pathToFileURL(`${process.argv[2]}/physics.js`));
const flights = JSON.parse(await readFile(process.argv[3], "utf8"));
const flown = flights.map(({ start, conditions, actions, noise }) => {
  const flight = new Flight(start, conditions);
  const steps = [];
  for (let step = 0; step < actions.length; step += 1) {
    const { observation, reward, end } = flight.step(actions[step], noise[step]);
    steps.push({ observation, reward, end, total: flight.total });
    if (end) break;
  }
  return steps;
});
process.stdout.write(JSON.stringify(flown));
"""


class Noted:
    """Gymnasium's generator, writing down what it draws."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator, self.drawn, self.indices = generator, [], []

    def uniform(self, *given: Any, **options: Any) -> Any:
        value = self.generator.uniform(*given, **options)
        self.drawn.append(np.asarray(value).tolist())
        return value

    def integers(self, *given: Any) -> Any:
        self.indices.append(int(self.generator.integers(*given)))
        return self.indices[-1]


def record(seed: int, controller: Any, conditions: dict[str, Any] | None = None) -> dict[str, Any]:
    """A landing in Gymnasium: start, commands, irregularities, and what was seen and paid."""
    environment = make(conditions).unwrapped
    noted = environment._np_random = Noted(np.random.default_rng(seed))
    seen, _ = environment.reset()
    heights, *push = noted.drawn[:3]
    actions, rewards, observations, over = [0], [0.0], [seen.tolist()], False
    controller.begin(seed)
    while not over and len(actions) < 1000:
        actions.append(controller.choose(seen))
        seen, reward, over, _, _ = environment.step(actions[-1])
        rewards.append(float(reward))
        observations.append(seen.tolist())
    noise = np.reshape(noted.drawn[3:], (-1, 2)).tolist()
    names = {"wind_power": "windPower", "gravity": "gravity"}  # what is not given is as usual
    given = {names[name]: each for name, each in (conditions or {}).items() if name in names}
    return {
        "start": {"heights": heights, "push": push, "wind": noted.indices or [0, 0]},
        "conditions": given,
        "actions": actions + [0] * 60, "noise": noise + [[0.0, 0.0]] * 60,
        "rewards": rewards, "observations": observations, "over": over,
    }  # fmt: skip


def fly_in_node(flights: list[dict[str, Any]], folder: Path) -> list[list[dict[str, Any]]]:
    place = Path(shutil.copytree(PACKAGE / "page", folder / "page"))
    (place / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "driver.mjs").write_text(DRIVER, encoding="utf-8")
    (folder / "flights.json").write_text(json.dumps(flights), encoding="utf-8")
    command = [str(NODE), str(folder / "driver.mjs"), str(place), str(folder / "flights.json")]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)
    return json.loads(said.stdout)


def first_touch(flight: dict[str, Any]) -> int:
    """The step before which nothing was touched, with one to spare."""
    touched = [step for step, seen in enumerate(flight["observations"]) if seen[6] or seen[7]]
    return min([*touched, len(flight["observations"]) - 1]) - 1


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> list[tuple[dict, list[dict]]]:
    """A dozen landings by the heuristic, and some by chance."""
    flights = [record(seed, Heuristic()) for seed in range(12)]
    flights += [record(seed, Chance()) for seed in range(12, 16)]
    flown = fly_in_node(flights, tmp_path_factory.mktemp("physics"))
    return list(zip(flights, flown, strict=True))


def test_a_thousand_steps_in_the_air_are_those_of_gymnasium(pairs) -> None:
    """By the same commands from the start on: nothing is set right on the way."""
    steps, worst = 0, 0.0
    for there, here in pairs:
        until = min(first_touch(there), len(here))
        steps += until
        ours = np.array([each["observation"] for each in here[:until]])
        worst = max(worst, float(np.abs(ours - there["observations"][:until]).max()))
    assert steps >= STEPS
    assert worst < CLOSE


def test_points_in_the_air_are_those_of_gymnasium(pairs) -> None:
    for there, here in pairs:
        until = min(first_touch(there), len(here))
        ours = sum(each["reward"] for each in here[1:until])
        assert ours == pytest.approx(sum(there["rewards"][1:until]), abs=3.0)


def test_most_landings_end_alike_with_about_the_same_points(pairs) -> None:
    """After a touch rounding makes some part ways, so most and not all."""
    alike = 0
    for there, here in pairs:
        last, total = there["rewards"][-1], sum(there["rewards"])
        told = "landed" if last == 100 else "crashed"
        same = here[-1]["end"] == told or (told == "crashed" and here[-1]["end"] == "flew off")
        alike += same and abs(here[-1]["total"] - total) < 40
    assert alike >= len(pairs) * 3 // 4


@pytest.mark.parametrize(
    "conditions",
    [{"gravity": -5.0}, {"enable_wind": True, "wind_power": 15.0, "turbulence_power": 1.5}],
)
def test_wind_and_gravity_are_those_of_gymnasium(conditions, tmp_path: Path) -> None:
    there = record(3, Heuristic(), conditions)
    (here,) = fly_in_node([there], tmp_path)
    until = min(first_touch(there), len(here))
    assert until > 40
    ours = np.array([each["observation"] for each in here[:until]])
    assert np.abs(ours - there["observations"][:until]).max() < CLOSE


def test_planck_carries_its_licence() -> None:
    text = (PACKAGE / "page" / "planck.js").read_text(encoding="utf-8")
    assert "MIT License" in text[:400]
    assert "Erin Catto, Ali Shakiba" in text[:500]
