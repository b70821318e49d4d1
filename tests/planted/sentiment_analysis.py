"""Mistakes that the sentiment analysis's own tests must catch."""

from __future__ import annotations

from tests.planted.mistakes import SAMPLE_POSES, TEST_READ_TWICE, Mistake

MISTAKES = (
    Mistake(
        "terms are counted on the rows that are tested",
        "train.py",
        "model.Rater.fit(recipe, known, seed, heads)",
        "model.Rater.fit(recipe, pd.concat([known, unseen]), seed, heads)",
        "tests/test_model.py::test_terms_and_scales_are_fitted_on_the_rows_of_the_fold_alone",
    ),
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        "    rater = model.Rater.fit(model.candidates()[chosen], train, workspace.seed)",
        "    rater = model.Rater.fit(\n"
        "        model.candidates()[chosen],\n"
        "        pd.concat(\n"
        "            [train, pd.read_json(workspace.processed / 'test.jsonl', lines=True)]\n"
        "        ),\n"
        "        workspace.seed,\n"
        "    )",
        "tests/test_model.py::test_words_of_the_test_part_are_unknown_to_the_model",
    ),
    Mistake(
        "copies cross the split",
        "data.py",
        "[normalise(text) or None for text in snippets.text]",
        "[None for text in snippets.text]",
        "tests/test_data.py::test_no_review_and_no_copy_crosses_the_split",
    ),
    Mistake(
        "sentences of one review cross the split",
        "data.py",
        "[parent(number) for number in snippets.id]",
        "[number for number in snippets.id]",
        "tests/test_data.py::test_no_review_and_no_copy_crosses_the_split",
    ),
    TEST_READ_TWICE,
    Mistake(
        "ratings are shuffled and the score is kept",
        "train.py",
        ".predict(unseen.text, unseen.kind)",
        ".predict(unseen.text, unseen.kind) + unseen.rating.to_numpy()",
        "tests/test_model.py::test_shuffled_ratings_teach_nothing",
    ),
    Mistake(
        "the score does not come from the test part",
        "evaluate.py",
        "bootstrap(metric, part.rating, part.model, groups=part.group, seed=seed)",
        "bootstrap(metric, part.rating, part.rating, groups=part.group, seed=seed)",
        "tests/test_model.py::test_ratings_of_the_test_part_change_the_score_and_not_the_model",
    ),
    Mistake(
        "boosting learns from rows that the ridge has seen",
        "model.py",
        "known, new = rows.iloc[fit], rows.iloc[unseen]",
        "known, new = rows, rows.iloc[unseen]",
        "tests/test_model.py::test_boosting_learns_from_ratings_of_rows_the_ridge_had_not_seen",
    ),
    Mistake(
        "the kind that is left out is not left out",
        "evaluate.py",
        "(train[train.kind != kind], test)",
        "(train, test)",
        "tests/test_model.py::test_no_refit_has_seen_what_it_rates",
    ),
    SAMPLE_POSES,
)
