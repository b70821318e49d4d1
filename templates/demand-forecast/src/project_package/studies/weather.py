"""What is a weather forecast worth?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import model
from ..evaluate import Evaluated
from ..kit.results import Study, Table
from ..kit.statistics import bootstrap, paired_difference
from ..kit.workspace import Workspace

NONE, SIMULATED, PERFECT = "none", "simulated", "perfect: tomorrow's measured temperature"


def study(workspace: Workspace, evaluated: Evaluated) -> Study:
    """The same recipe with no, a simulated and a perfect forecast of tomorrow's temperature."""
    settings = workspace.config["evaluate"]
    return Study(
        title="What is a weather forecast worth?",
        text="The headline knows no forecast of the weather, as the data hold none. Here the same "
        "recipe is given one in training and test alike: a simulated one, the measured temperature "
        f"with an error for the whole day (standard deviation {settings['weather_bias']:g} °C) "
        f"and one for each half-hour ({settings['weather_noise']:g} °C), and a perfect one. "
        "The perfect one is the future, which nobody has at noon: as a result it would be a leak, "
        f"here it is a bound. All three are fitted anew every {settings['weather_refit']} days.",
        tables={"weather": weather_table(evaluated, workspace.config)},
    )


def weather_table(evaluated: Evaluated, config: Mapping[str, Any]) -> Table:
    """The error with each kind of forecast, and in pairs what it is better or worse by."""
    series, days, seed = evaluated.series, evaluated.days, config["seed"]
    rows, truth = evaluated.rows, evaluated.rows.truth
    told = simulated(series.temperature, config["evaluate"], np.random.default_rng(seed))
    seldom = {**config, "train": {"refit_every": config["evaluate"]["weather_refit"]}}
    said = {
        name: model.roll(replace(series, weather=each), days, seldom).ravel()
        for name, each in {NONE: None, SIMULATED: told, PERFECT: series.temperature}.items()
    }
    options: dict[str, Any] = {"groups": rows.week, "seed": seed}
    table = []
    for name, each in said.items():
        gained = (
            "–" if name == NONE
            else paired_difference(model.mape, truth, each, said[NONE], **options).signed
        )  # fmt: skip
        table.append([name, bootstrap(model.mape, truth, each, **options), gained])
    return Table(
        "The same days with three kinds of weather forecast; a difference below zero is a smaller "
        "error.",
        ["forecast of the temperature", "error, %", "minus that with none"],
        table,
    )


def simulated(
    temperature: NDArray[np.float64], settings: Mapping[str, Any], random: np.random.Generator
) -> NDArray[np.float64]:
    """A forecast as wrong as one might be: temperature with errors by day and by half-hour."""
    days = random.normal(0, settings["weather_bias"], (len(temperature), 1))
    return temperature + days + random.normal(0, settings["weather_noise"], temperature.shape)
