from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from project_package import baselines, data, evaluate, intervals, model, train
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json
from project_package.model import Series
from project_package.predict import Forecaster
from project_package.studies import weather

from conftest import reseal


@pytest.fixture(scope="module")
def series(trained: Workspace) -> Series:
    return data.series(data.load(trained, "train", reader="train"))[0]


def everything(workspace: Workspace) -> tuple[Series, list[str], list[int]]:
    """All days, and the places of those of the test set."""
    parts = [pd.read_csv(workspace.processed / f"{part}.csv") for part in data.PARTS]
    series, dates = data.series(pd.concat(parts))
    return series, dates, [dates.index(date) for date in parts[1].date.unique()]


def change_test_demand(workspace: Workspace, factor: float) -> None:
    path = workspace.processed / "test.csv"
    table = pd.read_csv(path)
    table.assign(demand=table.demand * factor).to_csv(path, index=False, lineterminator="\n")
    reseal(workspace, "test")


def changed_from(series: Series, day: int, slot: int, seed: int = 0) -> Series:
    """The same series, but everything from that half-hour on is something else."""
    random = np.random.default_rng(seed)
    demand, warmth = series.demand.copy().ravel(), series.temperature.copy().ravel()
    start = day * 48 + slot
    demand[start:] *= random.uniform(0.5, 2, len(demand) - start)
    warmth[start:] += random.normal(0, 10, len(warmth) - start)
    shape = series.demand.shape
    return Series(
        demand.reshape(shape), warmth.reshape(shape), series.weekday, series.working, series.learn
    )


def test_no_forecast_knows_what_comes_after_noon_of_the_day_before(
    trained: Workspace, series: Series
) -> None:
    """Model and baselines alike: what is after that noon may be anything, nothing changes."""
    fitted = Forecaster.load(trained).fitted
    methods = {
        "model": lambda known, day: fitted.forecast(known, day),
        **baselines.naive_methods(),
        **{
            setting: method
            for tried in baselines.simple_methods(trained.config).values()
            for setting, method in tried.items()
        },
    }
    for day in (70, 75, 80):
        other = changed_from(series, day - 1, model.NOON)
        for name, method in methods.items():
            assert np.array_equal(method(series, day), method(other, day)), name


def test_this_morning_is_used(trained: Workspace, series: Series) -> None:
    """Noon is noon: the half-hour before it changes the forecast."""
    fitted = Forecaster.load(trained).fitted
    other = changed_from(series, 79, model.NOON - 1)
    assert not np.array_equal(fitted.forecast(series, 80), fitted.forecast(other, 80))


def test_what_is_fitted_for_a_week_was_over_at_noon_before_it(
    trained: Workspace, monkeypatch
) -> None:
    """Every refit of the evaluation, and nothing is fitted less often than it should be."""
    series, _, days = everything(trained)
    asked, original = [], model.fit
    monkeypatch.setattr(
        model, "fit", lambda *given: asked.append(list(given[1])) or original(*given)
    )
    model.roll(series, days[:16], trained.config)
    assert [max(known) for known in asked] == [day - 2 for day in days[:16:7]]
    assert all(min(known) == trained.config["model"]["warm_up"] for known in asked)
    assert [len(known) for known in asked] == sorted(len(known) for known in asked)


def test_a_forecast_made_while_going_on_is_that_of_the_days_known(trained: Workspace) -> None:
    """What comes after the noon before a block changes neither its model nor its first day."""
    series, _, days = everything(trained)
    block = days[:7]
    other = changed_from(series, block[0] - 1, model.NOON)
    first = model.roll(series, block[:1], trained.config)
    assert np.array_equal(first, model.roll(other, block[:1], trained.config))


def test_the_first_week_of_the_test_set_is_forecast_by_the_model_that_was_saved(
    trained: Workspace,
) -> None:
    series, _, days = everything(trained)
    fitted = Forecaster.load(trained).fitted
    said = pd.read_csv(trained.reports / "predictions.csv").model.to_numpy().reshape(-1, 48)
    for number in (0, 3, 6):
        assert said[number] == pytest.approx(fitted.forecast(series, days[number]), rel=1e-6)
    again = model.roll(series, days[:1], trained.config)
    assert said[0] == pytest.approx(again[0], rel=1e-6), "train saves the model of that noon"


def test_the_model_that_was_saved_is_asked_for_its_own_week_alone(trained: Workspace) -> None:
    series, _, days = everything(trained)
    saved = Forecaster.load(trained).fitted
    made = [*model.refits(series, days[:16], trained.config, saved)]
    assert [len(block) for block, _ in made] == [7, 7, 2]
    assert [fitted is saved for _, fitted in made] == [True, False, False]
    said = [made[1][1].forecast(series, days[8]), saved.forecast(series, days[8])]
    assert not np.array_equal(*said)


def test_boosting_can_learn_a_few_days_by_heart(trained: Workspace, series: Series) -> None:
    settings = {**trained.config["model"], "trees": 500, "leaves": 31, "boosting_share": 1.0,
                "loss": "squared_error", "learning_rate": 0.2, "bases": [1]}  # fmt: skip
    days = list(range(60, 68))
    fitted = model.fit(series, days, {**trained.config, "model": settings})
    said = [np.exp(fitted.raw(series, day)) for day in days]
    assert model.mape(series.demand[days], said) < 0.7


def test_a_shuffled_past_teaches_nothing(trained: Workspace, series: Series) -> None:
    order = np.random.default_rng(0).permutation(len(series.demand))
    shuffled = Series(
        series.demand[order], series.temperature, series.weekday, series.working, series.learn
    )
    days = train.origins(shuffled, trained.config)
    said = model.roll(shuffled, days, trained.config)
    mean = np.exp(np.log(shuffled.demand[: days[0]]).mean(axis=0))
    chance = model.mape(shuffled.demand[days], np.tile(mean, (len(days), 1)))
    assert model.mape(shuffled.demand[days], said) > 0.8 * chance


def test_nothing_is_fitted_outside_the_training_part(copy: Workspace, monkeypatch) -> None:
    series, _ = data.series(data.load(copy, "train", reader="train"))
    most = len(model.learnable(series, len(series.demand) - 1, copy.config["model"]["warm_up"]))
    rows, original = [], HistGradientBoostingRegressor.fit

    def spy(self, features, target, *args, **kwargs):
        rows.append(len(target))
        return original(self, features, target, *args, **kwargs)

    monkeypatch.setattr(HistGradientBoostingRegressor, "fit", spy)
    (copy.processed / "test.csv").unlink()
    train.run(copy)
    assert max(rows) == rows[-1] == most * 48


def test_the_model_does_not_depend_on_the_test_part(copy: Workspace, series: Series) -> None:
    before = Forecaster.load(copy)
    change_test_demand(copy, 3)
    train.run(copy)
    after = Forecaster.load(copy)
    assert np.array_equal(before.fitted.forecast(series, 80), after.fitted.forecast(series, 80))
    assert all(np.array_equal(before.margins[each], after.margins[each]) for each in before.margins)


def test_the_first_forecast_of_the_test_set_knows_nothing_of_it(copy: Workspace) -> None:
    """With its demand tripled, two thirds are missing on the first day, and no band holds."""
    change_test_demand(copy, 3)
    evaluated, _ = evaluate.measure(copy)
    first = evaluated.rows[evaluated.rows.date == evaluated.rows.date.min()]
    assert model.mape(first.truth, first.model) == pytest.approx(200 / 3, abs=10)
    assert evaluate.inside(first, "0.95").max() == 0


def test_a_band_knows_no_miss_that_was_not_over(trained: Workspace) -> None:
    """Change the misses of a day: bands of that day and of the next stay as they were."""
    random = np.random.default_rng(0)
    before, misses = random.normal(0, 0.05, (40, 48)), random.normal(0, 0.05, (10, 48))
    other = misses.copy()
    other[4:] = random.normal(0, 1, (6, 48))
    config = trained.config
    plain, changed = (
        intervals.adaptive_margins(before, each, 0.8, config) for each in (misses, other)
    )
    assert np.array_equal(plain[:6], changed[:6])
    assert not np.array_equal(plain[6:], changed[6:])


def test_a_margin_gives_the_coverage_that_was_asked_for() -> None:
    random = np.random.default_rng(0)
    misses, unseen = random.normal(0, 0.05, (2, 200, 48))
    for level in (0.8, 0.95):
        wide = intervals.margins(misses, level, 2)
        assert np.mean(np.abs(unseen) <= wide) == pytest.approx(level, abs=0.02)


def test_margins_come_from_forecasts_of_days_that_were_not_learned_from(
    trained: Workspace,
) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    series, _ = data.series(data.load(trained, "train", reader="train"))
    days = train.origins(series, trained.config)
    said = model.roll(series, days, trained.config)
    assert np.array(training["misses"]) == pytest.approx(np.log(series.demand[days] / said))
    forecaster = Forecaster.load(trained)
    for level in trained.config["intervals"]["levels"]:
        expected = intervals.margins(np.log(series.demand[days] / said), level, 2)
        assert forecaster.margins[f"{level:g}"] == pytest.approx(expected)


def test_the_better_of_the_simple_methods_is_the_one_to_compare_with(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    found = {
        name: training["candidates"][entry]["mape"] for name, entry in training["tuned"].items()
    }
    strongest = min(found, key=lambda name: found[name])
    assert training["simple"][0] == strongest
    assert read_results(trained)["comparison"]["baseline"] == strongest
    for name, entry in training["tuned"].items():
        others = [row for known, row in training["candidates"].items() if known.startswith(name)]
        assert len(others) >= 2, "a baseline is tuned, too"
        assert training["candidates"][entry] == min(others, key=lambda row: row["mape"])


def test_the_model_is_the_mean_over_its_bases_of_boosting_and_ridges(
    trained: Workspace, series: Series
) -> None:
    fitted = Forecaster.load(trained).fitted
    settings, said = trained.config["model"], []
    share = settings["boosting_share"]
    assert len(fitted.boosting) == len(fitted.ridges) == len(settings["bases"]) == 3
    for number, count in enumerate(settings["bases"]):
        rows = model.features(series, 80, count, settings)
        weights = fitted.ridges[number]
        within = np.clip(rows[:, model.PLACES], *fitted.seen[number])
        lines = (within * weights[:, :-1]).sum(axis=1) + weights[:, -1]
        trees = fitted.boosting[number].predict(rows)
        said.append(model.base_of(series, 80, count) + share * trees + (1 - share) * lines)
    assert fitted.raw(series, 80) == pytest.approx(np.mean(said, axis=0))
    seeds = [each.random_state for each in fitted.boosting]
    assert len(set(seeds)) == 3


def test_the_model_is_that_of_the_configuration_and_fitted_with_the_runs_seed(
    trained: Workspace, series: Series
) -> None:
    fitted = Forecaster.load(trained).fitted
    config = trained.config
    days = model.learnable(series, len(series.demand) - 1, config["model"]["warm_up"])
    again = model.fit(series, days, config)
    assert np.array_equal(fitted.forecast(series, 80), again.forecast(series, 80))
    other = model.fit(series, days, {**config, "seed": config["seed"] + 1})
    assert not np.array_equal(fitted.forecast(series, 80), other.forecast(series, 80))


def test_boosting_has_as_many_trees_as_were_asked_for(trained: Workspace) -> None:
    """Also with more rows: by default scikit-learn stops early beyond ten thousand."""
    for own in Forecaster.load(trained).fitted.boosting:
        assert own.n_iter_ == trained.config["model"]["trees"]
        assert own.early_stopping is False


def test_with_and_without_a_weather_forecast_are_kept_apart(
    trained: Workspace, series: Series
) -> None:
    """The headline's model has no column of tomorrow's weather; the study's has, and it helps."""
    assert Forecaster.load(trained).fitted.ridges.shape[-1] == len(model.LINES) + 1
    rows = read_results(trained)["tables"]["weather"]["rows"]
    errors = [float(row[1].split(" [")[0]) for row in rows]
    assert rows[0][0] == weather.NONE
    assert errors[2] < 0.9 * errors[0], "the morning before does not tell it"
    assert read_results(trained)["primary"]["value"] > 1.1 * errors[2]


def test_a_weather_forecast_adds_columns_at_the_end_and_moves_none(
    trained: Workspace, series: Series
) -> None:
    settings = trained.config["model"]
    told = replace(series, weather=series.temperature + 1)
    plain, more = (model.features(each, 80, 2, settings) for each in (series, told))
    assert np.array_equal(more[:, : len(model.FEATURES)], plain)
    assert more.shape[1] > plain.shape[1]
    assert model.places(plain) == model.PLACES
    assert model.places(more) == [*model.PLACES, *range(plain.shape[1], more.shape[1])]


def test_a_simulated_weather_forecast_is_wrong_by_day_and_by_half_hour() -> None:
    temperature = np.full((4_000, 48), 20.0)
    settings = {"weather_bias": 1.5, "weather_noise": 0.7}
    told = weather.simulated(temperature, settings, np.random.default_rng(0)) - 20
    assert told.mean(axis=1).std() == pytest.approx(1.5, abs=0.1)
    assert (told - told.mean(axis=1, keepdims=True)).std() == pytest.approx(0.7, abs=0.05)
