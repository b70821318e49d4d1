"""Mistakes that a demand forecast's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import (
    NEVER_OPENS,
    RETRAINING,
    SAMPLE_POSES,
    TEST_READ_TWICE,
    Mistake,
)

NOON = "tests/test_model.py::test_no_forecast_knows_what_comes_after_noon_of_the_day_before"
MISTAKES = (
    Mistake(
        "tomorrow's measured temperature is a feature",
        "model.py",
        "        known[-1], known.min(), known.mean(), before.mean(),",
        "        warmth[day].mean(), known.min(), known.mean(), before.mean(),",
        NOON,
    ),
    Mistake(
        "the headline is given tomorrow's measured weather",
        "evaluate.py",
        "    asked = set(test.date)\n",
        "    asked = set(test.date)\n"
        "    from dataclasses import replace\n"
        "    from .train import data as _\n"
        "    series = replace(series, weather=series.temperature)\n",
        "tests/test_model.py::test_the_first_week_of_the_test_set_is_forecast_by_the_model_that_was_saved",
    ),
    Mistake(
        "today's afternoon is known at noon",
        "model.py",
        "        np.concatenate([morning, passed[NOON:]]),\n",
        "        log[today] - log[like_today].mean(axis=0),\n",
        NOON,
    ),
    Mistake(
        "a forecast starts from today, which is not over",
        "model.py",
        "    return same_kind(series, day, day - 1, count)\n",
        "    return same_kind(series, day, day, count)\n",
        "tests/test_by_hand.py::test_what_a_forecast_starts_from_is_over_at_noon_before",
    ),
    Mistake(
        "the whole of today is missed and carried",
        "model.py",
        "series.demand[today, :NOON]) - self.raw(series, today)[:NOON]",
        "series.demand[today]) - self.raw(series, today)",
        NOON,
    ),
    Mistake(
        "a refit learns from the day that is not over",
        "model.py",
        'learnable(series, block[0] - 1, config["model"]["warm_up"])',
        'learnable(series, block[0], config["model"]["warm_up"])',
        "tests/test_model.py::test_what_is_fitted_for_a_week_was_over_at_noon_before_it",
    ),
    Mistake(
        "a refit learns from the week that it forecasts",
        "model.py",
        'learnable(series, block[0] - 1, config["model"]["warm_up"])',
        'learnable(series, block[-1] + 1, config["model"]["warm_up"])',
        "tests/test_model.py::test_a_forecast_made_while_going_on_is_that_of_the_days_known",
    ),
    Mistake(
        "the model is never fitted anew",
        "model.py",
        "first if first and not start else fit(series, learned, config)",
        "first or fit(series, learned, config)",
        "tests/test_model.py::test_the_model_that_was_saved_is_asked_for_its_own_week_alone",
    ),
    Mistake(
        "the days are dealt out at random",
        "data.py",
        "    later = rows.date >= test_from\n",
        "    later = rows.date.map(hash) % 4 == 0\n",
        "tests/test_by_hand.py::test_a_date_parts_what_is_learned_from_what_is_tested",
    ),
    Mistake(
        "the first test day is trained on, too",
        "data.py",
        '{"train": rows[~later], "test": rows[later]}',
        '{"train": rows[rows.date <= test_from], "test": rows[later]}',
        "tests/test_by_hand.py::test_a_date_parts_what_is_learned_from_what_is_tested",
    ),
    TEST_READ_TWICE,
    SAMPLE_POSES,
    Mistake(
        "the theta method sees the afternoon",
        "baselines.py",
        "series.demand[:day].ravel()[: -(SLOTS - NOON)]",
        "series.demand[:day].ravel()",
        NOON,
    ),
    Mistake(
        "the naive method looks at yesterday's whole day",
        "baselines.py",
        "[series.demand[day - 1, :NOON], series.demand[day - 2, NOON:]]",
        "[series.demand[day - 1, :NOON], series.demand[day - 1, NOON:]]",
        "tests/test_by_hand.py::test_the_naive_methods_know_no_more_than_noon",
    ),
    Mistake(
        "the simple method is not tuned",
        "baselines.py",
        '            for count in tried["days"]\n',
        '            for count in tried["days"][:1]\n',
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "the strongest simple method is the weakest",
        "train.py",
        'sorted(tuned, key=lambda name: table[tuned[name]]["mape"])',
        'sorted(tuned, key=lambda name: -table[tuned[name]]["mape"])',
        "tests/test_model.py::test_the_better_of_the_simple_methods_is_the_one_to_compare_with",
    ),
    Mistake(
        "an error is divided by what was said",
        "model.py",
        "np.abs(np.asarray(said) - truth) / truth)",
        "np.abs(np.asarray(said) - truth) / np.asarray(said))",
        "tests/test_by_hand.py::test_an_error_counts_in_per_cent_of_the_truth_and_without_its_sign",
    ),
    Mistake(
        "the bands know today's misses",
        "intervals.py",
        "        end = len(before) + number - 1  # yesterday is the last whole day\n",
        "        end = len(before) + number\n",
        "tests/test_model.py::test_a_band_knows_no_miss_that_was_not_over",
    ),
    Mistake(
        "the bands are fitted to the day that they judge",
        "evaluate.py",
        "        wide = intervals.adaptive_margins(before, np.log(truth / said), level, config)\n",
        "        wide = intervals.margins(np.log(truth / said), level, 2)\n",
        "tests/kit/test_recompute.py::test_every_further_metric_follows_from_the_sealed_file",
    ),
    Mistake(
        "the margins come from days that were learned from",
        "train.py",
        '            "misses": np.log(truth / said[MODEL]).tolist(),\n',
        '            "misses": [\n'
        "                np.log(series.demand[day] / fitted.forecast(series, day)).tolist()\n"
        "                for day in days\n"
        "            ],\n",
        "tests/test_model.py::test_margins_come_from_forecasts_of_days_that_were_not_learned_from",
    ),
    Mistake(
        "the level falls where too little was covered",
        "intervals.py",
        'settings["step"] * (level - covered)',
        'settings["step"] * (covered - level)',
        "tests/test_by_hand.py::test_a_level_rises_where_too_little_was_covered",
    ),
    Mistake(
        "half-hours are drawn, not weeks",
        "evaluate.py",
        '    columns = {"id": "id", "week": "group", "truth": "truth", "model": "model"}\n',
        '    rows["week"] = rows["id"]\n'
        '    columns = {"id": "id", "week": "group", "truth": "truth", "model": "model"}\n',
        "tests/kit/test_recompute.py::test_every_row_of_the_sealed_test_set_is_scored_once",
    ),
    Mistake(
        "the worst days are left out of the score",
        "evaluate.py",
        "    said = model.roll(series, days, config, first=Forecaster.load(workspace).fitted)\n",
        "    days = days[:-3]\n"
        "    said = model.roll(series, days, config, first=Forecaster.load(workspace).fitted)\n",
        "tests/kit/test_recompute.py::test_no_row_is_lost_without_an_allowed_reason",
    ),
    Mistake(
        "the model is fitted to the test set, too",
        "train.py",
        '    series, _ = data.series(data.load(workspace, "train", reader="train"))\n'
        "    days, simple",
        '    whole = [pd.read_csv(workspace.processed / f"{part}.csv") for part in data.PARTS]\n'
        "    series, _ = data.series(pd.concat(whole))\n"
        "    days, simple",
        "tests/test_model.py::test_the_model_does_not_depend_on_the_test_part",
    ),
    Mistake(
        "a smaller error is called worse",
        "kit/statistics.py",
        "    return BETTER if (difference.low > 0) == higher_is_better else WORSE\n",
        "    return BETTER if difference.low > 0 else WORSE\n",
        "tests/kit/test_comparison.py::test_a_verdict_follows_from_interval_and_direction",
    ),
    Mistake(
        "a missing day shifts the calendar",
        "data.py",
        "        return wide.reindex(dates).to_numpy(dtype=float)\n",
        "        return wide.reindex(dates).bfill().to_numpy(dtype=float)\n",
        "tests/test_data.py::test_a_missing_day_leaves_a_gap_and_no_shift",
    ),
    Mistake(
        "a day with a hole is kept",
        "data.py",
        '    whole = good.groupby(rows.date).transform("sum") == SLOTS\n',
        '    whole = good.groupby(rows.date).transform("sum") > 0\n',
        "tests/test_by_hand.py::test_days_with_a_hole_are_left_out_whole",
    ),
    Mistake(
        "the page forgets the miss of this morning",
        "page/infer.js",
        "const carried = settings.carry * missed;",
        "const carried = 0 * missed;",
        "tests/kit/test_demo.py::test_the_browser_answers_as_the_service_does",
    ),
    Mistake(
        "an attempt is scored on days that it learned from",
        "train.py",
        "    said = model.roll(series, days, workspace.config)\n    weeks",
        "    fitted = model.fit(series, days, workspace.config)\n"
        "    said = np.array([fitted.forecast(series, day) for day in days])\n    weeks",
        "tests/test_pipeline.py::test_an_attempt_is_forecast_as_the_days_came",
    ),
    Mistake(
        "an attempt opens the test set",
        "train.py",
        '    series, dates = data.series(data.load(workspace, "train", reader="train"))\n'
        "    return series, dates, origins",
        '    data.load(workspace, "test", reader="evaluate")\n'
        '    series, dates = data.series(data.load(workspace, "train", reader="train"))\n'
        "    return series, dates, origins",
        NEVER_OPENS,
    ),
    Mistake(
        "a ridge reaches beyond what it has seen",
        "model.py",
        "np.clip(rows[..., places(rows)], lowest, highest)",
        "rows[..., places(rows)]",
        "tests/test_by_hand.py::test_a_line_is_not_drawn_beyond_what_was_seen",
    ),
    Mistake(
        "a ridge reads how warm it was, not by how much",
        "model.py",
        "LINES = (*DAILY[:10], *DAILY[29:], *HOURLY)",
        "LINES = (*DAILY[:13], *DAILY[29:], *HOURLY)",
        "tests/test_by_hand.py::test_lines_read_differences_alone",
    ),
    Mistake(
        "the heat of tomorrow is compared with the base",
        "model.py",
        "*(felt(known[-1], before) - of_base)",
        "*(felt(warmth[day, NOON - 1], warmth[day]) - of_base)",
        NOON,
    ),
    Mistake(
        "columns of a weather forecast move the others",
        "model.py",
        "        hourly += [told - warm_base,",
        "        hourly[:0] = [told - warm_base,",
        "tests/test_model.py::test_a_weather_forecast_adds_columns_at_the_end_and_moves_none",
    ),
    Mistake(
        "the page lets ridges reach beyond what they have seen",
        "page/infer.js",
        "Math.min(Math.max(row[place], least[slot][nth]), most[slot][nth])",
        "row[place]",
        "tests/kit/test_demo.py::test_the_browser_answers_as_the_service_does",
    ),
    Mistake(
        "the half-hours of a day are judged as if each stood alone",
        "watch.py",
        "    together=SLOTS,\n",
        "",
        "tests/test_stream.py::test_the_half_hours_of_a_day_are_judged_together",
    ),
    Mistake(
        "what is watched knows the afternoon",
        "watch.py",
        "((day - 1, slice(NOON)), (day - 2, slice(NOON, SLOTS)))",
        "((day - 1, slice(NOON)), (day - 1, slice(NOON, SLOTS)))",
        "tests/test_stream.py::test_what_is_watched_was_known_at_noon",
    ),
    Mistake(
        "an hour stands for its first half alone",
        "data.py",
        'table.index.repeat(SLOTS // config["data"]["rows_a_day"])',
        "table.index",
        "tests/test_data.py::test_a_table_by_the_hour_stands_for_both_halves",
    ),
    Mistake(
        "the network reads on after noon",
        "studies/lstm.py",
        "(BEFORE * SLOTS + NOON) // STEP",
        "(BEFORE * SLOTS + NOON) // STEP + 1",
        "tests/test_lstm.py::test_a_sequence_ends_at_noon_before",
    ),
    *RETRAINING,
)
