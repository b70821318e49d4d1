"""Mistakes that a price model's own tests must catch."""

from __future__ import annotations

from tests.planted.mistakes import SAMPLE_POSES, TEST_READ_TWICE, Mistake

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
        "        model=appraiser.prices(test),\n",
        "        model=(appraiser.prices(test) + test.price) / 2,\n",
        "tests/test_model.py::test_neither_prices_nor_intervals_know_the_test_part",
    ),
    SAMPLE_POSES,
)
