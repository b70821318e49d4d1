"""The model. Nothing here reads or writes a file.

At noon of a day the 48 half-hours of the next are forecast. What is known then: every day before
today, and the half-hours of today before noon. Every model learns by how much the logarithm of
demand differs from that of an earlier day of the same kind, its base.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

SLOTS, NOON = 48, 24  # half-hours of a day, and those known at noon
WEEK = 7
MONDAY, FRIDAY, SATURDAY = 0, 4, 5
WORKING, SATURDAYS, FREE = 0, 1, 2  # kinds of day
LATE = slice(20, 24)  # of the morning: from ten to noon
PARTS = (slice(0, 6), slice(6, 12), slice(12, 16), slice(16, 20))  # the rest of it
PERCENT = 100
DIGITS = 6  # of a feature, so that Python and JavaScript compare the same number

DAILY = (
    "morning", "late_morning", "night", "early_morning", "breakfast", "forenoon", "yesterday",
    "evening", "base_week", "base_gap", "base_age", "base_level", "now", "coldest",
    "morning_warmth", "yesterday_warmth", "yesterday_warmest", "yesterday_now", "base_warmth",
    "base_warmest", "warmer_now", "warmer_morning", "warmer_than_like", "heat_now", "cold_now",
    "heat_yesterday", "cold_yesterday", "base_heat", "base_cold", "hotter_at_noon",
    "colder_at_noon", "hotter_yesterday", "colder_yesterday", "working", "saturday", "monday",
    "friday", "today_working", "holiday",
)  # fmt: skip
HOURLY = ("week_ago", "latest", "last_of_base")
FEATURES = (*DAILY, *HOURLY, "slot")
LINES = (*DAILY[:10], *DAILY[29:], *HOURLY)  # what ridges read: differences alone, and the calendar
PLACES = [FEATURES.index(each) for each in LINES]
GROUPS = {
    "level of this morning": (*DAILY[:6], "latest"),
    "days before": (*DAILY[6:12], "week_ago", "last_of_base"),
    "weather until noon": DAILY[12:33],
}


@dataclass(frozen=True)
class Series:
    """Days in order: demand and temperature, each of shape (days, 48), and their calendar.

    `weekday` counts from Monday as 0; `working` is false on weekends and public holidays; only
    days of `learn` may be fitted to. A day that is missing is not a number. Of a day that is not
    over, the rest may be anything: nothing below reads it. `weather`, shape (days, 48), is what was
    forecast for each day by noon of the day before, where there is such a forecast.
    """

    demand: NDArray[np.float64]
    temperature: NDArray[np.float64]
    weekday: NDArray[np.int64]
    working: NDArray[np.bool_]
    learn: NDArray[np.bool_]
    weather: NDArray[np.float64] | None = None
    seen: dict[tuple[Any, ...], NDArray[np.float64]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  # what `rows_of` has worked out

    @property
    def kind(self) -> NDArray[np.int64]:
        """A working day, a Saturday, or free: a Sunday or a holiday, shape (days,)."""
        free = np.where((self.weekday == SATURDAY), SATURDAYS, FREE)
        return np.where(self.working, WORKING, free)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether a day is there, and over: all its half-hours were measured, shape (days,)."""
        return ~np.isnan(self.demand).any(axis=1)


def same_kind(series: Series, day: int, before: int, count: int = 1) -> list[int]:
    """The last `count` days of the kind of `day` before the day `before`, the latest first.

    Where there are fewer, as many as there are; where there is none, the day a week earlier.
    """
    # practice: same_kind
    alike = (series.kind[:before] == series.kind[day]) & series.known[:before]
    return [int(each) for each in np.flatnonzero(alike)[::-1][:count]] or [max(day - WEEK, 0)]
    # practice: end


def base_days(series: Series, day: int, count: int) -> list[int]:
    """What a forecast for `day`, made at noon of the day before, starts from: whole days."""
    return same_kind(series, day, day - 1, count)


def base_of(series: Series, day: int, count: int) -> NDArray[np.float64]:
    """The mean logarithm of demand of the last `count` days of the kind of `day`, shape (48,)."""
    return np.asarray(np.log(series.demand[base_days(series, day, count)]).mean(axis=0))


def features(
    series: Series, day: int, count: int, settings: Mapping[str, Any]
) -> NDArray[np.float64]:
    """What is known at noon of the day before `day`, one row a half-hour, shape (48, FEATURES).

    Demand is compared with the last `count` days of the same kind; degrees above and below the
    comfort of `settings` count by themselves, as heat and cold both cost.
    """
    today, yesterday, weekday = day - 1, day - 2, series.weekday[day]
    log, warmth, working = np.log(series.demand), series.temperature, series.working
    starts, kind = base_days(series, day, count), series.kind[day]
    like_today = same_kind(series, today, today, count)
    base, warm_base = base_of(series, day, count), warmth[starts].mean(axis=0)
    usual = log[like_today, :NOON].mean(axis=0)
    morning = log[today, :NOON] - usual
    passed = log[yesterday] - log[same_kind(series, yesterday, yesterday, count)].mean(axis=0)
    known, before = warmth[today, :NOON], warmth[yesterday]

    def heat(degrees: NDArray[np.float64]) -> float:
        return float(np.maximum(degrees - settings["warm"], 0).mean())

    def cold(degrees: NDArray[np.float64]) -> float:
        return float(np.maximum(settings["cool"] - degrees, 0).mean())

    def felt(noon: float, whole: NDArray[np.float64]) -> list[float]:
        """Heat and cold at a noon and of a whole day."""
        return [
            max(noon - settings["warm"], 0), max(settings["cool"] - noon, 0),
            max(whole.max() - settings["hot"], 0), max(settings["chilly"] - whole.mean(), 0),
        ]  # fmt: skip

    of_base = np.mean([felt(each[NOON - 1], each) for each in warmth[starts]], axis=0)
    daily = [
        morning.mean(), morning[LATE].mean(), *(morning[part].mean() for part in PARTS),
        passed.mean(), passed[NOON:].mean(), base.mean() - log[day - WEEK].mean(),
        usual.mean() - base[:NOON].mean(), day - np.mean(starts), base.mean(),
        known[-1], known.min(), known.mean(), before.mean(), before.max(), before[NOON - 1],
        warm_base.mean(), warmth[starts].max(axis=1).mean(), known[-1] - warm_base[NOON - 1],
        known.mean() - warm_base[:NOON].mean(), known.mean() - warmth[like_today, :NOON].mean(),
        heat(known[LATE]), cold(known[PARTS[-1].start :]), heat(before[NOON:]), cold(before),
        heat(warmth[starts]), cold(warmth[starts]), *(felt(known[-1], before) - of_base),
        kind == WORKING, kind == SATURDAYS, weekday == MONDAY, weekday == FRIDAY,
        working[today], not working[day] and weekday < SATURDAY,
    ]  # fmt: skip
    hourly = [
        log[day - WEEK] - base,
        np.concatenate([morning, passed[NOON:]]),
        log[starts[0]] - base,
        np.arange(SLOTS),
    ]
    if series.weather is not None:
        told = series.weather[day]
        hourly += [told - warm_base, *np.tile(felt(told[NOON - 1], told) - of_base, (SLOTS, 1)).T]
        for sign, comfort in ((1, settings["warm"]), (-1, settings["cool"])):
            then = np.maximum(sign * (told - comfort), 0)
            more = then - np.maximum(sign * (warmth[starts] - comfort), 0).mean(axis=0)
            hourly += [more, np.full(SLOTS, more.mean())]
    rows = np.column_stack([np.tile(daily, (SLOTS, 1)), *hourly])
    return np.round(rows.astype(float), DIGITS)


def places(rows: NDArray[np.float64]) -> list[int]:
    """Which columns ridges read: those of LINES, and what a weather forecast added at the end."""
    return [*PLACES, *range(len(FEATURES), rows.shape[-1])]


def rows_of(
    series: Series, day: int, count: int, settings: Mapping[str, Any]
) -> NDArray[np.float64]:
    """The same, worked out once: what was known at a noon does not change later."""
    key = day, count, *(settings[each] for each in ("warm", "cool", "hot", "chilly"))
    if key not in series.seen:
        series.seen[key] = features(series, day, count, settings)
    return series.seen[key]


def ready(series: Series, day: int) -> bool:
    """Whether the days are there that a forecast for `day` reads."""
    morning = ~np.isnan(series.demand[day - 1, :NOON]).any()
    return day > WEEK and bool(morning and series.known[[day - 2, day - WEEK]].all())


def learnable(series: Series, before: int, warm_up: int) -> list[int]:
    """The days to learn from before the day `before`."""
    return [
        day for day in range(warm_up, before)
        if series.known[day] and series.learn[day] and ready(series, day)
    ]  # fmt: skip


@dataclass(frozen=True)
class Fitted:
    """For each entry of `bases` boosted trees, and ridges: weights for each half-hour.

    `ridges` has the shape (bases, 48, LINES + 1), the last column is the intercept; `seen` the
    lowest and highest of each column of LINES in training, (bases, 2, 48, LINES): a line is not
    drawn beyond. `settings` is the table `model` of config.toml.
    """

    boosting: Sequence[HistGradientBoostingRegressor]
    ridges: NDArray[np.float64]
    seen: NDArray[np.float64]
    settings: Mapping[str, Any]

    def rows(self, series: Series, day: int) -> NDArray[np.float64]:
        """What is known at noon before, by each base: (bases, 48, FEATURES)."""
        counts, settings = self.settings["bases"], self.settings
        return np.stack([rows_of(series, day, count, settings) for count in counts])

    def change(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how much the log differs from that of each base, (bases, n, FEATURES) → (bases, n).

        Of n rows, each 48 in turn are the half-hours of a day.
        """
        trees = np.stack([own.predict(each) for own, each in zip(self.boosting, rows, strict=True)])
        turns = rows.shape[1] // SLOTS
        weights = np.tile(self.ridges, (1, turns, 1))
        lowest, highest = np.tile(self.seen, (1, 1, turns, 1)).swapaxes(0, 1)
        within = np.clip(rows[..., places(rows)], lowest, highest)
        lines = np.sum(within * weights[..., :-1], axis=-1) + weights[..., -1]
        share = self.settings["boosting_share"]
        return np.asarray(share * trees + (1 - share) * lines)

    def raw(self, series: Series, day: int) -> NDArray[np.float64]:
        """The log of demand of `day` as known at noon before, in the mean over its bases."""
        starts = [base_of(series, day, count) for count in self.settings["bases"]]
        return np.asarray(np.mean(starts + self.change(self.rows(series, day)), axis=0))

    def forecast(self, series: Series, day: int) -> NDArray[np.float64]:
        """Demand of `day`, shape (48,), a share of this morning's miss carried on."""
        return np.asarray(np.exp(self.raw(series, day) + self.carried(series, day - 1)))

    def carried(self, series: Series, today: int) -> float:
        """What is carried of by how much this morning is off from its forecast, in logarithms."""
        # practice: carried
        missed = np.log(series.demand[today, :NOON]) - self.raw(series, today)[:NOON]
        return float(self.settings["carry"] * missed.mean())
        # practice: end


def refits(
    series: Series, days: Sequence[int], config: Mapping[str, Any], first: Fitted | None = None
) -> Iterator[tuple[Sequence[int], Fitted]]:
    """So many of `days` in turn, each with the model of the noon before the first of them.

    Everything is fitted anew for every `refit_every` days, to whole days before that noon; with
    `first`, that is the model of the first of them.
    """
    # practice: refits
    every = config["train"]["refit_every"]
    for start in range(0, len(days), every):
        block = days[start : start + every]
        learned = learnable(series, block[0] - 1, config["model"]["warm_up"])
        yield block, first if first and not start else fit(series, learned, config)
    # practice: end


def roll(
    series: Series, days: Sequence[int], config: Mapping[str, Any], first: Fitted | None = None
) -> NDArray[np.float64]:
    """Forecasts of `days` in order, each as at noon of the day before, shape (days, 48)."""
    made = refits(series, days, config, first)
    return np.array([fitted.forecast(series, day) for block, fitted in made for day in block])


def fit(series: Series, days: Sequence[int], config: Mapping[str, Any]) -> Fitted:
    """The model of config.toml, fitted to `days`: boosting (Ke et al., 2017) and ridges."""
    settings, boosting, ridges, seen = config["model"], [], [], []
    for number, count in enumerate(settings["bases"]):
        rows, change = examples(series, days, count, settings)
        regressor = HistGradientBoostingRegressor(
            loss=settings["loss"],
            max_iter=settings["trees"],
            max_leaf_nodes=settings["leaves"],
            learning_rate=settings["learning_rate"],
            max_features=settings["features"],
            l2_regularization=settings["l2"],
            early_stopping=False,  # else it would begin to stop early beyond 10,000 rows
            random_state=config["seed"] + number,
        )
        boosting.append(regressor.fit(rows.reshape(-1, rows.shape[-1]), change.ravel()))
        lines, penalty = rows[..., places(rows)], settings["penalty"]
        ridges.append([ridge(lines[:, slot], change[:, slot], penalty) for slot in range(SLOTS)])
        seen.append([lines.min(axis=0), lines.max(axis=0)])
    return Fitted(boosting, np.array(ridges), np.array(seen), settings)


def examples(
    series: Series, days: Sequence[int], count: int, settings: Mapping[str, Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows to learn from, (days, 48, FEATURES), and by how much the log differs from the base's."""
    log = np.log(series.demand)
    rows = np.stack([rows_of(series, day, count, settings) for day in days])
    return rows, np.stack([log[day] - base_of(series, day, count) for day in days])


def ridge(
    rows: NDArray[np.float64], change: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """Ridge regression on standardised columns, as weights of the plain ones and an intercept."""
    middle, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (rows - middle) / spread
    inner = scaled.T @ scaled + penalty * np.eye(scaled.shape[1])
    weights = np.linalg.solve(inner, scaled.T @ (change - change.mean())) / spread
    return np.append(weights, change.mean() - middle @ weights)


def mape(truth: ArrayLike, said: ArrayLike) -> float:
    """The mean absolute error in per cent of the truth."""
    # practice: mape
    truth = np.asarray(truth, dtype=float)
    return float(PERCENT * np.mean(np.abs(np.asarray(said) - truth) / truth))
    # practice: end


def effects(
    fitted: Fitted, series: Series, day: int, typical: NDArray[np.float64]
) -> dict[str, float]:
    """By what share of its mean demand a forecast is moved by each group of what is known.

    Each group alone is set to `typical`, middle values of shape (bases, FEATURES); the effects do
    not add up where groups work together. What is carried of this morning's miss is exact.
    """
    plain = fitted.rows(series, day)
    changed = [plain]
    for columns in GROUPS.values():
        places = [FEATURES.index(column) for column in columns]
        rows = plain.copy()
        rows[..., places] = typical[:, None, places]
        changed.append(rows)
    levels = fitted.change(np.concatenate(changed, axis=1)).reshape(len(plain), -1, SLOTS)
    said, *without = levels.mean(axis=(0, 2))
    found = {name: float(np.expm1(said - each)) for name, each in zip(GROUPS, without, strict=True)}
    return {**found, "miss of this morning": float(np.expm1(fitted.carried(series, day - 1)))}
