"""Mistakes that a price model's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import (
    NEVER_OPENS,
    RETRAINING,
    SAMPLE_POSES,
    TEST_READ_TWICE,
    Mistake,
    other_columns,
)

MISTAKES = (
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        "        regressor.fit(train[data.FEATURES], train.price)",
        "        rows = pd.concat([train, validation])\n"
        "        regressor.fit(rows[data.FEATURES], rows.price)",
        "tests/test_model.py::test_nothing_is_fitted_outside_the_training_part",
    ),
    Mistake(
        "a house crosses the split",
        "data.py",
        "folds.split(sales, groups=sales.house)",
        "folds.split(sales, groups=sales.index)",
        "tests/test_data.py::test_no_house_crosses_the_split",
    ),
    Mistake(
        "the intervals are fitted to the test part",
        "evaluate.py",
        "    low, high = appraiser.intervals(test)\n",
        "    low, high = appraiser.intervals(test)\n"
        "    widen = np.quantile(test.price / high, 0.95)\n"
        "    high = high * max(widen, 1)\n",
        "tests/test_model.py::test_neither_prices_nor_intervals_know_the_test_part",
    ),
    Mistake(
        "the margin comes from the test part",
        "train.py",
        '    validation = data.load(workspace, "validation", reader="train")',
        '    validation = pd.read_csv(workspace.processed / "test.csv")',
        "tests/test_model.py::test_the_model_does_not_depend_on_the_test_part",
    ),
    TEST_READ_TWICE,
    Mistake(
        "the price is a feature",
        "data.py",
        '    "month_of_sale",\n    "zipcode",',
        '    "price",\n    "month_of_sale",\n    "zipcode",',
        "tests/test_data.py::test_the_price_is_no_feature",
    ),
    Mistake(
        "prices are replaced and the score is kept",
        "evaluate.py",
        "model=appraiser.prices(test), low",
        "model=(appraiser.prices(test) + test.price) / 2, low",
        "tests/test_model.py::test_neither_prices_nor_intervals_know_the_test_part",
    ),
    SAMPLE_POSES,
    Mistake(
        "a dear house is left out of the score",
        "evaluate.py",
        "    appraiser = Appraiser.load(workspace)\n    low",
        "    test = test[test.price < test.price.quantile(0.9)]\n"
        "    appraiser = Appraiser.load(workspace)\n    low",
        "tests/kit/test_recompute.py::test_every_row_of_the_sealed_test_set_is_scored_once",
    ),
    Mistake(
        "dear houses are dropped before the split",
        "data.py",
        "(table.sqft_living > 0)].reset",
        "(table.sqft_living > 0) & (table.price < 1e6)].reset",
        "tests/kit/test_recompute.py::test_no_row_is_lost_without_an_allowed_reason",
    ),
    Mistake(
        "the nearest sales are too few",
        "model.py",
        'for count in tried["neighbours"]',
        "for count in (1,)",
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "the blocks are no blocks",
        "studies/spatial.py",
        "connect(list(zip(latitude, longitude, strict=True)), list(sales.house))",
        "connect(list(sales.id), list(sales.house))",
        "tests/test_data.py::test_a_block_of_the_map_and_a_house_are_on_one_side",
    ),
    Mistake(
        "the price reaches a feature by another name",
        "data.py",
        '    sales["house"] = connect',
        '    sales["sqft_living_15nn"] = sales.price / 300\n    sales["house"] = connect',
        "tests/kit/test_recompute.py::test_a_target_shuffled_before_the_data_are_read_leaves_chance",
    ),
    Mistake(
        "the future is known",
        "studies/later_sales.py",
        '    past, later = time_split(sales, settings["last_known"])\n',
        '    past, later = time_split(sales, settings["last_known"])\n    past = sales\n',
        "tests/test_model.py::test_the_months_after_are_not_learnt_from",
    ),
    Mistake(
        "a smaller error is called worse",
        "kit/statistics.py",
        "    return BETTER if (difference.low > 0) == higher_is_better else WORSE\n",
        "    return BETTER if difference.low > 0 else WORSE\n",
        "tests/kit/test_comparison.py::test_a_verdict_follows_from_interval_and_direction",
    ),
    Mistake(
        "a feature knows the other sales",
        "data.py",
        '    sales["house"] = connect',
        '    sales["sqft_living_15nn"] = sales.groupby("zipcode").price.transform("median")\n'
        '    sales["house"] = connect',
        "tests/kit/test_recompute.py::test_what_is_sealed_is_what_the_raw_data_say_row_by_row",
    ),
    Mistake(
        "the margin comes from sales that were learned from",
        "train.py",
        "model.interval_ends(train, validation, data.FEATURES, config)",
        "model.interval_ends(train, train, data.FEATURES, config)",
        "tests/test_model.py::test_the_margin_is_what_the_validation_part_asks_for",
    ),
    Mistake(
        "the folds change between attempts",
        "train.py",
        "    splitter = GroupKFold(n_splits=folds, shuffle=True, random_state=seed)\n",
        "    splitter = GroupKFold(n_splits=folds, shuffle=True)\n",
        NEVER_OPENS,
    ),
    *RETRAINING,
    other_columns("Annotated[float, Field(gt=0)]"),
)
