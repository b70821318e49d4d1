"""What the model is compared with: naive methods, and simple ones that `train` tunes.

Each is a function of a series and a day, and knows no more than the model does: nothing after
noon of the day before.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.tsa.forecasting.theta import ThetaModel

from .model import NOON, SLOTS, WEEK, Series, base_of, same_kind


def naive_methods() -> dict[str, Any]:
    """What anybody would start from, each a function of a series and a day."""
    return {"the same day last week": last_week, "the last 24 hours": last_hours}


def last_week(series: Series, day: int) -> NDArray[np.float64]:
    """The day a week before."""
    return series.demand[day - WEEK]


def last_hours(series: Series, day: int) -> NDArray[np.float64]:
    """The latest known value of each half-hour: this morning, and yesterday's from noon on."""
    return np.concatenate([series.demand[day - 1, :NOON], series.demand[day - 2, NOON:]])


def last_of_kind(count: int, share: float) -> Any:
    """The mean of the last `count` days of the same kind; with `share`, this morning is felt.

    By so much of it as this morning's logarithms differ from those of the last days of its kind.
    """

    def said(series: Series, day: int) -> NDArray[np.float64]:
        log, today = np.log(series.demand), day - 1
        level = base_of(series, day, count)
        usual = log[same_kind(series, today, today, count), :NOON]
        return np.exp(level + share * (log[today, :NOON] - usual).mean())

    return said


def theta(days: int) -> Any:
    """The theta method (Assimakopoulos and Nikolopoulos, 2000) with the season of a week."""

    def said(series: Series, day: int) -> NDArray[np.float64]:
        seen = series.demand[:day].ravel()[: -(SLOTS - NOON)]  # until noon of today
        past = pd.Series(seen[-(days * SLOTS) :]).ffill().to_numpy()
        fitted = ThetaModel(past, period=WEEK * SLOTS).fit()
        return np.asarray(fitted.forecast(SLOTS - NOON + SLOTS))[-SLOTS:]

    return said


def simple_methods(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The strong simple methods, each with the settings it is tuned over."""
    tried = config["baselines"]
    return {
        "last days of the same kind": {
            f"{count} days, {share:g} of the morning": last_of_kind(count, share)
            for count in tried["days"]
            for share in tried["morning"]
        },
        "theta": {f"{days} days": theta(days) for days in tried["theta_days"]},
    }
