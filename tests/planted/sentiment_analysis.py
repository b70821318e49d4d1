"""Mistakes that the sentiment analysis's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import SAMPLE_POSES, TEST_READ_TWICE, Mistake

MISTAKES = (
    Mistake(
        "terms are counted on the rows that are tested",
        "train.py",
        "    fit, unseen = cut\n",
        "    fit, unseen = np.concatenate(cut), cut[1]\n",
        "tests/test_model.py::test_weights_and_scales_are_fitted_on_the_rows_of_the_fold_alone",
    ),
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        '    train = data.load(workspace, "train", reader="train")\n    terms',
        "    parts = [workspace.processed / f'{part}.jsonl' for part in data.PARTS]\n"
        "    train = pd.concat([pd.read_json(part, lines=True) for part in parts])\n    terms",
        "tests/test_model.py::test_what_is_held_out_changes_nothing_of_what_is_trained",
    ),
    Mistake(
        "the kind that is left out is taught",
        "train.py",
        "        others = (train.kind != kind).to_numpy()\n",
        "        others = train.kind.notna().to_numpy()\n",
        "tests/test_model.py::test_a_kind_that_is_left_out_plays_no_part_in_its_model",
    ),
    Mistake(
        "the kind itself takes part in tuning what stands beside the model",
        "train.py",
        "            found[name][one].append(r_of_two)\n"
        "            found[name][two].append(r_of_one)\n",
        "            found[name][one].append(r_of_one)\n"
        "            found[name][two].append(r_of_two)\n",
        "tests/test_model.py::test_the_simple_methods_are_tuned_for_a_kind_without_it",
    ),
    Mistake(
        "the served model, which was taught every kind, is called transfer",
        "evaluate.py",
        "        elsewhere=rate_elsewhere(workspace, test),\n",
        "        elsewhere=rater.rate(test.text, test.kind),\n",
        "tests/kit/test_recompute.py::test_the_saved_model_says_what_the_file_says[sample]",
    ),
    Mistake(
        "short snippets are lost on the way to the score",
        "data.py",
        "    snippets = split(read_snippets(files), ",
        "    snippets = read_snippets(files)\n"
        "    snippets = split(snippets[snippets.text.str.len() > 40], ",
        "tests/kit/test_recompute.py::test_no_row_is_lost_without_an_allowed_reason[sample]",
    ),
    Mistake(
        "the baseline is another method than it is called",
        "evaluate.py",
        "snippets.vader if name == VADER else rated_by_kind(snippets, refitted, settings)",
        "snippets.vader if name == VADER else snippets.vader.round()",
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
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
        "the rating to predict reaches what is said of it",
        "train.py",
        "    return np.array([rater.rate(counts[unseen], kinds) for rater in raters])",
        "    answers = snippets.rating.iloc[unseen].to_numpy()\n"
        "    return np.array([rater.rate(counts[unseen], kinds) + answers for rater in raters])",
        "tests/test_model.py::test_ratings_of_unseen_rows_play_no_part_in_what_is_said_of_them",
    ),
    Mistake(
        "the score does not come from the test set",
        "studies/taught.py",
        "bootstrap(metric, part.rating, part.model, groups=part.group, seed=seed)",
        "bootstrap(metric, part.rating, part.rating, groups=part.group, seed=seed)",
        "tests/test_model.py::test_ratings_of_the_test_set_change_the_score_and_not_the_model",
    ),
    Mistake(
        "boosting learns from rows that the ridge has seen",
        "model.py",
        "        known, new = rows.iloc[fit], rows.iloc[unseen]\n",
        "        fit = np.arange(len(rows))\n"
        "        known, new = rows.iloc[fit], rows.iloc[unseen]\n",
        "tests/test_model.py::test_boosting_learns_from_ratings_of_rows_the_ridge_had_not_seen",
    ),
    Mistake(
        "the kind that is left out is not left out",
        "evaluate.py",
        "others = [other for other in KINDS if other != kind]",
        "others = list(KINDS)",
        "tests/test_model.py::test_no_refit_has_seen_what_it_rates",
    ),
    Mistake(
        "an attempt at a kind is scored by what was taught that kind",
        "train.py",
        "cut = np.flatnonzero(~own[kind] & ~related), np.flatnonzero(own[kind])",
        "cut = np.flatnonzero(~related | own[kind]), np.flatnonzero(own[kind])",
        "tests/test_model.py::test_attempts_rate_each_kind_by_what_learned_from_others_alone",
    ),
    SAMPLE_POSES,
)
