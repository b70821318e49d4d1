"""What test_recompute.py needs to know of this project, from pandas and statsmodels alone."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.tsa.forecasting.theta import ThetaModel

from project_package import data, model
from project_package.kit.statistics import decimal
from project_package.kit.workspace import Workspace
from project_package.predict import Forecaster

RAW, SAMPLE = "elecdemand.csv", "generated.csv"
DRAWN = ()  # the calendar splits
SHARES = {"train": 119 / 154, "test": 35 / 154}
BASELINE_LEVEL = {  # on the sample
    "last days of the same kind": 5.6,
    "theta": 12.0,
    "the same day last week": 8.5,
    "the last 24 hours": 13.0,
}
KINDS = ("working days", "Saturdays", "Sundays and holidays")


def sealed_truth(workspace: Workspace) -> pd.DataFrame:
    """Id, week and demand of the sealed test set."""
    test = pd.read_csv(workspace.processed / "test.csv")
    return pd.DataFrame({"id": test.id, "group": week_of(test.date), "truth": test.demand})


def week_of(dates: pd.Series) -> pd.Series:
    """The Monday of each date's week."""
    return pd.to_datetime(dates).dt.to_period("W-SUN").dt.start_time.dt.strftime("%Y-%m-%d")


def metric(truth: ArrayLike, predicted: ArrayLike) -> float:
    """The headline's metric."""
    ratio = pd.Series(np.asarray(predicted)) / pd.Series(np.asarray(truth))
    return float((ratio - 1).abs().mean() * 100)


def raw_table_file(workspace: Workspace) -> pd.DataFrame:
    """The table that the run began with."""
    if json.loads(workspace.manifest.read_text(encoding="utf-8"))["sample"]:
        return pd.read_csv(workspace.sample / SAMPLE)
    if (workspace.raw / RAW).exists():
        return pd.read_csv(workspace.raw / RAW)
    return pd.read_pickle(workspace.raw / "elecdemand.pkl.compress", compression="xz")


def raw_count(workspace: Workspace) -> int:
    """Half-hours in that table."""
    return len(raw_table_file(workspace))


def unusable(workspace: Workspace) -> int:
    """Half-hours of days that are not whole."""
    table = raw_table_file(workspace)
    bad = table.isna().any(axis=1) | (table.Demand <= 0)
    return int(48 * bad.groupby(np.arange(len(table)) // 48).any().sum())


FACTS = {
    "SLOTS": "a day has so many half-hours",
    "NOON": "a day has so many half-hours before noon",
    "WEEK": "a week has so many days",
    "MONDAY": "the number of the weekday",
    "FRIDAY": "the number of the weekday",
    "SATURDAY": "the number of the weekday",
    "LATE": "half-hours from ten to noon",
    "PARTS": "parts of the morning, as half-hours",
    "LINES": "which columns are differences, or of the calendar",
    "GROUPS": "which of the columns belong together",
    "DIGITS": "so that Python and JavaScript compare the same numbers",
    "PERCENT": "a whole in per cent",
    "REFERENCE_DIGITS": "how the scores that the monitor compares with are written",
}
SHOWS = {  # what to set a number to where a little more changes nothing on so small a sample
    "data.rows_a_day": 24,
    "evaluate.cold": 25.0,
    "intervals.step": 0.2,
    "intervals.window": 10,
}
DROPS = {
    "of a day with a value missing or a demand that is not positive": unusable,
    "of a day before which a day is missing that a forecast reads": lambda _: 0,
}


def shuffle_target(folder: Path, random: np.random.Generator) -> None:
    """Give every half-hour the demand of another one."""
    table = pd.read_csv(folder / SAMPLE)
    table["Demand"] = random.permutation(table.Demand)
    table.to_csv(folder / SAMPLE, index=False)


def sealed_table(workspace: Workspace) -> pd.DataFrame:
    """Every half-hour of every part with all that it holds."""
    parts = (pd.read_csv(workspace.processed / f"{name}.csv") for name in ("train", "test"))
    return pd.concat(parts, ignore_index=True)


def raw_table(workspace: Workspace) -> pd.DataFrame:
    """The same from the raw table, each row by itself."""
    table = raw_table_file(workspace)
    times = pd.date_range("2014-01-01", periods=len(table), freq="30min")
    slot = times.hour * 2 + times.minute // 30
    date = times.strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "id": [f"{day} {number:02d}" for day, number in zip(date, slot, strict=True)],
            "date": date,
            "slot": slot,
            "demand": table.Demand,
            "temperature": table.Temperature,
            "working": table.WorkDay,
            "learn": 1,
        }
    )


def judged(workspace: Workspace) -> pd.DataFrame:
    """The sealed test set with what was said of each half-hour."""
    test = pd.read_csv(workspace.processed / "test.csv")
    said = pd.read_csv(workspace.reports / "predictions.csv")
    simple = json.loads((workspace.reports / "metrics.json").read_text("utf-8"))["baselines"][0]
    return test.assign(
        model=said.model,
        simple=said[simple["column"]],
        error=100 * (said.model / test.demand - 1).abs(),
    )


def held(workspace: Workspace) -> dict[float, np.ndarray]:
    """By level, whether each half-hour was in its band: misses and margins written out again."""
    rows = judged(workspace)
    training = json.loads((workspace.models / "training.json").read_text("utf-8"))
    misses = np.log(rows.demand / rows.model).to_numpy().reshape(-1, 48)
    known = np.vstack([training["misses"], misses])
    settings, found = workspace.config["intervals"], {}
    for level in settings["levels"]:
        asked, inside = level, []
        for day in range(len(misses)):
            now = len(training["misses"]) + day
            if day >= 2:
                asked += settings["step"] * (level - np.mean(inside[day - 2]))
                asked = min(max(asked, 0.5), 1.0)
            past = np.abs(known[max(now - 1 - settings["window"], 0) : now - 1])
            margin = []
            for slot in range(48):
                reach = settings["neighbours"]
                near = past[:, max(slot - reach, 0) : slot + reach + 1]
                ordered = np.sort(near.ravel())
                rank = int(np.ceil((len(ordered) + 1) * asked))
                margin.append(ordered[min(rank, len(ordered)) - 1])
            inside.append(np.abs(misses[day]) <= margin)
        found[level] = np.concatenate(inside)
    return found


def metrics(workspace: Workspace) -> dict[str, tuple[float, float | None]]:
    """Every further metric: of the model, and of the strongest simple method."""
    rows = judged(workspace)
    train = pd.read_csv(workspace.processed / "train.csv").demand.to_numpy()
    scale = np.abs(train[7 * 48 :] - train[: -7 * 48]).mean()
    mae = [float((said - rows.demand).abs().mean()) for said in (rows.model, rows.simple)]
    coverage = {
        f"coverage_{100 * level:.0f}": (float(inside.mean()), None)
        for level, inside in held(workspace).items()
    }
    return {
        "mase": (mae[0] / scale, mae[1] / scale),
        "mae_megawatts": (1000 * mae[0], 1000 * mae[1]),
        **coverage,
    }


def tables(workspace: Workspace) -> dict[str, dict[str, list[float | None]]]:
    """Days by kind, and coverage by band."""
    rows = judged(workspace)
    days = rows.groupby("date").agg(
        error=("error", "mean"), working=("working", "first"), warmest=("temperature", "max")
    )
    weekday = pd.to_datetime(days.index).day_of_week
    everything = sealed_table(workspace).drop_duplicates("date").set_index("date").working
    before = everything.shift(1).loc[days.index]
    masks = {
        "working days": days.working == 1,
        "Saturdays": (days.working == 0) & (weekday == 5),
        "Sundays and holidays": (days.working == 0) & (weekday != 5),
        "holidays in the week": (days.working == 0) & (weekday < 5),
        "the day after a day off": (days.working == 1) & (before == 0),
        "hot, above 30 °C": days.warmest > 30,
        "cold, never above 12 °C": days.warmest < 12,
    }
    return {
        "slices": {
            name: [int(mask.sum()), float(decimal(days.error[mask].mean()))]
            for name, mask in masks.items()
            if mask.any()
        },
        "bands": {
            (f"{level:.0%}", "all day"): [float(inside.mean())]
            for level, inside in held(workspace).items()
        },
    }


def badness(workspace: Workspace) -> pd.Series:
    """By day, how far off the model is: errors.csv shows the worst."""
    return judged(workspace).groupby("date").error.mean().round(4)


def notes(workspace: Workspace) -> dict[str, list[str]]:
    """What the sentences on this run have to say."""
    return {
        "bands": [
            f"meant to hold {level:.0%} of the half-hours hold {decimal(inside.mean())}"
            for level, inside in held(workspace).items()
        ]
    }


def saved_model(workspace: Workspace) -> np.ndarray:
    """What the model in models/, and what is fitted after it as days come, say of the test set."""
    parts = [pd.read_csv(workspace.processed / f"{name}.csv") for name in ("train", "test")]
    series, dates = data.series(pd.concat(parts))
    days = [dates.index(date) for date in parts[1].date.unique()]
    return model.roll(series, days, workspace.config, Forecaster.load(workspace).fitted).ravel()


def baselines(workspace: Workspace) -> dict[str, np.ndarray]:
    """Each baseline tuned on the last days of training and asked for the test set anew."""
    table = sealed_table(workspace)
    demand = table.demand.to_numpy().reshape(-1, 48)
    dates = pd.to_datetime(table.date.unique())
    working = table.working.to_numpy()[::48] == 1
    kind = np.where(working, "working", np.where(dates.day_of_week == 5, "saturday", "free"))
    trained = pd.read_csv(workspace.processed / "train.csv").date.nunique()
    config = workspace.config
    last = range(trained - config["train"]["origins"], trained)
    test = range(trained, len(demand))

    def alike(day: int, before: int, count: int) -> list[int]:
        return [each for each in range(before - 1, -1, -1) if kind[each] == kind[day]][:count]

    def of_kind(day: int, count: int, share: float) -> np.ndarray:
        level = np.exp(np.log(demand[alike(day, day - 1, count)]).mean(axis=0))
        morning = np.log(demand[day - 1, :24])
        usual = np.log(demand[alike(day - 1, day - 1, count)][:, :24]).mean(axis=0)
        return level * np.exp(share * np.mean(morning - usual))

    def theta(day: int, days: int) -> np.ndarray:
        past = demand.ravel()[: (day - 1) * 48 + 24][-days * 48 :]
        return np.asarray(ThetaModel(past, period=336).fit().forecast(72))[24:]

    tried = config["baselines"]
    grid = {
        "last days of the same kind": [
            (of_kind, count, share) for count in tried["days"] for share in tried["morning"]
        ],
        "theta": [(theta, days) for days in tried["theta_days"]],
    }
    found = {}
    for name, settings in grid.items():
        best = min(
            settings,
            key=lambda each: metric(
                demand[list(last)].ravel(),
                np.concatenate([each[0](day, *each[1:]) for day in last]),
            ),
        )
        found[name] = np.concatenate([best[0](day, *best[1:]) for day in test])
    found["the same day last week"] = np.concatenate([demand[day - 7] for day in test])
    found["the last 24 hours"] = np.concatenate(
        [np.append(demand[day - 1, :24], demand[day - 2, 24:]) for day in test]
    )
    return found
