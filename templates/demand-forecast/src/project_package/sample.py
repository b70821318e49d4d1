"""The sample's maker: an invented town, whose demand follows habits and weather.

`python -m project_package.sample` writes the same file again.
Its weather comes and goes within days, is felt at once, and the morning before does not tell it:
whoever peeps at tomorrow's temperature gains by it.
"""

import numpy as np
import pandas as pd

from .data import SAMPLE
from .kit.workspace import PROJECT_ROOT

SEED, DAYS = 2014, 154
HOLIDAYS = (0, 26, 68, 107, 110, 114)  # days of the year, as in the calendar of Victoria
MILD, TOWN = 18.0, 0.9  # °C; gigawatts


def generate(seed: int = SEED, days: int = DAYS) -> pd.DataFrame:
    """Half-hours with the publisher's columns: Demand in gigawatts, WorkDay, Temperature."""
    random = np.random.default_rng(seed)
    hour = np.arange(48) / 2
    weekday = (np.arange(days) + 2) % 7  # the first day is a Wednesday
    working = (weekday < 5) & ~np.isin(np.arange(days), HOLIDAYS)
    front = np.zeros(days)  # warm and cold air that stays for a few days
    for day in range(1, days):
        front[day] = 0.55 * front[day - 1] + random.normal(0, 4.5)
    season = 19 + 5 * np.cos(2 * np.pi * np.arange(days) / 365)
    daily = 4 * np.cos(2 * np.pi * (hour - 15) / 24)
    warmth = (season + front)[:, None] + daily + random.normal(0, 0.5, (days, 48))
    busy = 0.25 * np.exp(-((hour - 9) ** 2) / 8) + 0.35 * np.exp(-((hour - 18) ** 2) / 10)
    slow = 0.15 * np.exp(-((hour - 11) ** 2) / 12) + 0.3 * np.exp(-((hour - 18) ** 2) / 10)
    habit = np.where(working[:, None], 0.12 + busy, slow)
    felt = 0.0012 * (warmth - MILD) ** 2 * (0.6 + 0.4 * np.sin(np.pi * hour / 24))
    drift = 0.02 * np.cumsum(random.normal(0, 0.3, days))
    noise = random.normal(0, 0.012, (days, 1)) + random.normal(0, 0.006, (days, 48))
    demand = TOWN * np.exp(habit + felt + drift[:, None] + noise)
    return pd.DataFrame(
        {
            "rownames": np.arange(1, days * 48 + 1),
            "Demand": demand.ravel().round(6),
            "WorkDay": np.repeat(working.astype(int), 48),
            "Temperature": warmth.ravel().round(1),
        }
    )


if __name__ == "__main__":
    generate().to_csv(PROJECT_ROOT / "data" / "sample" / SAMPLE, index=False, lineterminator="\n")
