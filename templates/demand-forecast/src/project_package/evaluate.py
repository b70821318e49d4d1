"""Measure the forecaster on the test set. Nothing else in the project opens that part."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import baselines, data, intervals, model
from .kit import figures
from .kit.holdout import Ledger
from .kit.results import (
    Picture,
    Results,
    Score,
    Table,
    keep_errors,
    run_studies,
    write_results,
)
from .kit.statistics import NAIVE, SIMPLE, STRONGEST, Predictions, bootstrap
from .kit.workspace import Workspace, read_json
from .model import SLOTS, Series
from .predict import Forecaster
from .train import ask

WORST, SHOWN = 20, 7
NOT_READY = "of a day before which a day is missing that a forecast reads"


@dataclass(frozen=True)
class Evaluated:
    """The half-hours of the test set with what each method says of them, and all days in order.

    `rows` has date, slot, week, truth, model, a column for each of `baselines` (the strongest
    simple method first), and for each level of `bands` its ends. `days` are the places of the test
    days in `series`; `misses` are the logs of truth over forecast of the last days of training.
    """

    rows: pd.DataFrame
    series: Series
    days: list[int]
    baselines: Mapping[str, str]
    bands: Mapping[str, float]
    misses: NDArray[np.float64]
    scale: float

    @property
    def simple(self) -> str:
        """The strongest simple method."""
        return next(iter(self.baselines))


def run(workspace: Workspace) -> None:
    """Write reports/metrics.json, errors.csv and the figures."""
    started = time.perf_counter()
    evaluated, ledger = measure(workspace)
    results = Results(
        primary="mape",
        label="mean absolute percentage error",
        predictions=predictions(evaluated),
        scores=score(evaluated, workspace.seed),
        tables={
            "candidates": candidates_table(workspace),
            "errors": errors_table(workspace, evaluated),
        },
        figures={"week": draw(workspace, evaluated)},
        studies=run_studies(workspace, evaluated),
        measured_on="days that came after all that was chosen",
        ledger=ledger,
    )
    written = write_results(workspace, results, time.perf_counter() - started)
    print(f"error {written['primary']['value']:.2f} %, {written['comparison']['verdict']}")


def measure(workspace: Workspace) -> tuple[Evaluated, Ledger]:
    """Open the test set and go through its days as they came: forecast, learn, go on."""
    config = workspace.config
    test = data.load(workspace, "test", reader="evaluate")
    train = data.load(workspace, "train", reader="evaluate")
    training = read_json(workspace.models / "training.json", made_by="train")
    series, dates = data.series(pd.concat([train, test]))
    asked = set(test.date)
    days = [
        day for day, date in enumerate(dates) if date in asked and model.ready(series, day)
    ]  # fmt: skip
    ledger = Ledger(len(test))
    ledger.drop("forecast", len(days) * SLOTS, NOT_READY)
    said = model.roll(series, days, config, first=Forecaster.load(workspace).fitted)
    strongest, *others = training["simple"]
    settings = baselines.simple_methods(config)
    methods = {
        name: settings[name][training["tuned"][name].removeprefix(f"{name}, ")]
        for name in (strongest, *others)
    }
    methods |= baselines.naive_methods()
    roles = [STRONGEST, *[SIMPLE] * len(others), *[NAIVE] * len(baselines.naive_methods())]
    truth, before = series.demand[days], np.array(training["misses"])
    columns = {"truth": truth, "model": said}
    columns |= {name: ask(method, series, days) for name, method in methods.items()}
    bands = {f"{level:g}": level for level in config["intervals"]["levels"]}
    for name, level in bands.items():
        wide = intervals.adaptive_margins(before, np.log(truth / said), level, config)
        columns |= {f"low {name}": said * np.exp(-wide), f"high {name}": said * np.exp(wide)}
    rows = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    asked_for = [dates[day] for day in days]
    rows.insert(0, "week", np.repeat(data.weeks(asked_for), SLOTS))
    rows.insert(0, "slot", np.tile(np.arange(SLOTS), len(days)))
    rows.insert(0, "date", np.repeat(asked_for, SLOTS))
    named = dict(zip(methods, roles, strict=True))
    return Evaluated(rows, series, days, named, bands, before, training["scale"]), ledger


def predictions(evaluated: Evaluated) -> Predictions:
    """What the headline is computed from."""
    rows = evaluated.rows.assign(id=evaluated.rows.date + evaluated.rows.slot.map(" {:02d}".format))
    columns = {"id": "id", "week": "group", "truth": "truth", "model": "model"}
    return Predictions(
        rows[[*columns, *evaluated.baselines]].rename(columns=columns),
        metric="mape",
        higher_is_better=False,
        baselines=evaluated.baselines,
        unit="half-hours",
    )


def score(evaluated: Evaluated, seed: int) -> dict[str, Score]:
    """Further metrics with intervals by week, the strongest simple method beside them."""
    rows, simple = evaluated.rows, evaluated.rows[evaluated.simple]
    options: dict[str, Any] = {"groups": rows.week, "seed": seed}

    def scaled(truth: NDArray, said: NDArray) -> float:
        return float(np.mean(np.abs(said - truth)) / evaluated.scale)

    def megawatts(truth: NDArray, said: NDArray) -> float:
        return float(1000 * np.mean(np.abs(said - truth)))

    found = {
        "mase": Score(
            "MASE: mean absolute error over that of last week's day in training",
            bootstrap(scaled, rows.truth, rows.model, **options), scaled(rows.truth, simple), False,
        ),
        "mae_megawatts": Score(
            "mean absolute error, MW",
            bootstrap(megawatts, rows.truth, rows.model, **options),
            megawatts(rows.truth, simple), False,
        ),
    }  # fmt: skip
    for name, level in evaluated.bands.items():
        label = f"share of half-hours inside their band of {level:.0%}"
        found[f"coverage_{100 * level:.0f}"] = Score(
            label, bootstrap(np.mean, inside(rows, name), **options)
        )
    return found


def inside(rows: pd.DataFrame, band: str) -> NDArray[np.float64]:
    """1 where demand lies in its band, shape (n,)."""
    held = (rows.truth >= rows[f"low {band}"]) & (rows.truth <= rows[f"high {band}"])
    return held.to_numpy(dtype=float)


def percentage(rows: pd.DataFrame, name: str = "model") -> pd.Series:
    """The absolute error of a method, in per cent of demand."""
    return 100 * (rows[name] - rows.truth).abs() / rows.truth


def by_day(rows: pd.DataFrame) -> pd.DataFrame:
    """Date, week, error and bias of each day in per cent, and its mean demand."""
    signed = 100 * (rows.model - rows.truth) / rows.truth
    table = rows.assign(error=signed.abs(), bias=signed)
    return table.groupby("date", as_index=False).agg(
        week=("week", "first"), error=("error", "mean"), bias=("bias", "mean"),
        demand=("truth", "mean"), forecast=("model", "mean"),
    )  # fmt: skip


def candidates_table(workspace: Workspace) -> Table:
    """Model and baselines as `train` compared them; no number here comes from the test set."""
    training = read_json(workspace.models / "training.json", made_by="train")
    marks = dict.fromkeys(training["tuned"].values(), "**baseline:** ")
    marks[training["chosen"]] = "**model:** "
    rows = [
        [marks.get(name, "") + name, row["mape"]] for name, row in training["candidates"].items()
    ]
    config = workspace.config["train"]
    return Table(
        f"The last {config['origins']} days of the training set, each forecast at noon of the day "
        f"before; all that learns was fitted anew every {config['refit_every']} days.",
        ["", "error, %"],
        rows,
    )


def errors_table(workspace: Workspace, evaluated: Evaluated) -> Table:
    """The days forecast worst, with what was known of them."""
    days, series = by_day(evaluated.rows), evaluated.series
    places = np.array(evaluated.days)
    kinds = np.array(["working", "Saturday", "free"])[series.kind[places]]
    warmest = series.temperature[places].max(axis=1)
    change = warmest - series.temperature[places - 2].max(axis=1)
    known = days.assign(kind=kinds, warmest=warmest, change=change.round(1))
    columns = {
        "date": "day", "kind": "kind", "demand": "demand, GW", "forecast": "forecast, GW",
        "error": "error, %", "bias": "bias, %", "warmest": "warmest, °C",
        "change": "against two days before",
    }  # fmt: skip
    worst = known.nlargest(WORST, "error").rename(columns={"date": "id"})
    columns = {"id": columns.pop("date"), **columns}
    worst = worst[list(columns)].round({"demand": 3, "forecast": 3, "error": 4, "bias": 4})
    caption = (
        f"The {len(worst)} days with the largest mean error; the temperature is the day's own, "
        "which no forecast knew"
    )
    return keep_errors(workspace, worst, columns, caption)


def draw(workspace: Workspace, evaluated: Evaluated) -> Picture:
    """The first days of the test set with forecast and band."""
    rows, band = evaluated.rows.head(SHOWN * SLOTS), list(evaluated.bands)[-1]
    time_of = rows.index / SLOTS
    with figures.figure(workspace.figures / "week", width=7, height=3.4) as (_, axes):
        axes.fill_between(
            time_of, rows[f"low {band}"], rows[f"high {band}"], color=figures.MODEL, alpha=0.25
        )
        axes.plot(time_of, rows.model, color=figures.MODEL, label="forecast")
        axes.plot(time_of, rows.truth, "--", color=figures.BASELINE, label="demand")
        axes.set(xlabel=f"days from {rows.date.iloc[0]}", ylabel="demand, GW")
        axes.legend()
    return Picture(
        f"The first {SHOWN} days of the test set: demand, the forecast of the noon before, and its "
        f"band of {evaluated.bands[band]:.0%}.",
        "A line of demand that goes up and down each day, the forecast close to it, a band around.",
    )
