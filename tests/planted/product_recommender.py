"""Mistakes that the product recommender's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import SAMPLE_POSES, Mistake

MISTAKES = (
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        'data.index(data.load(workspace, "train", reader="train"), films, users)',
        "data.index(\n"
        "        __import__('pandas').concat(\n"
        "            __import__('pandas').read_csv(workspace.processed / f'{part}.csv')\n"
        "            for part in data.PARTS\n"
        "        ).assign(period=lambda rows: rows.period.clip(upper=8)),\n"
        "        films,\n        users,\n    )",
        "tests/test_model.py::test_the_saved_models_know_no_row_of_the_test_part",
    ),
    Mistake(
        "the model of an origin has met its future",
        "train.py",
        "train.where(train.periods < period)",
        "train.where(train.periods <= period)",
        "tests/test_protocols.py::test_no_training_row_is_younger_than_the_day_of_its_origin",
    ),
    Mistake(
        "settings are chosen on the future of their origin",
        "train.py",
        "choose_all(pasts.values(), ",
        "choose_all([train.where(train.periods <= min(each, 8)) for each in pasts], ",
        "tests/test_protocols.py::test_choices_depend_on_nothing_after_the_origin",
    ),
    Mistake(
        "the baselines are fitted on the first half only",
        "evaluate.py",
        "**fit_baselines(origin.past, settings)",
        "**fit_baselines(origin.past.where(origin.past.periods < 3), settings)",
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "a film listed twice counts as two",
        "data.py",
        'number = named.groupby(["title", "year"]).film.transform("min")',
        "number = named.film",
        "tests/test_data.py::test_nobody_has_the_same_film_on_both_sides_of_the_split",
    ),
    Mistake(
        "test interactions stand in the training part, and some of it in the test part",
        "data.py",
        "zip(PARTS, (rated[~newest], rated[newest]), strict=True)",
        "zip(PARTS, (\n"
        "        rated[~newest ^ (rated.id % 50 == 0)],\n"
        "        rated[newest ^ (rated.id % 50 == 0)],\n    ), strict=True)",
        "tests/test_protocols.py::test_the_sealed_part_is_the_newest_tenth",
    ),
    Mistake(
        "the test part is read twice",
        "evaluate.py",
        "    training = read_json(workspace",
        '    data.load(workspace, "test", reader="evaluate")\n    training = read_json(workspace',
        "tests/kit/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
    ),
    Mistake(
        "films are dealt anew and the score is kept",
        "ranking.py",
        "scores = recommender.scores(history[people])",
        "scores = recommender.scores(history[people]) + held_out[people].toarray()",
        "tests/kit/test_recompute.py::test_a_target_shuffled_before_the_data_are_read_leaves_chance",
    ),
    SAMPLE_POSES,
    Mistake(
        "periods are drawn and not cut in time",
        "protocols.py",
        "    ordered = np.sort(times)\n",
        "    times = np.random.default_rng(0).permutation(times)\n    ordered = np.sort(times)\n",
        "tests/test_protocols.py::test_the_sealed_part_is_the_newest_tenth",
    ),
    Mistake(
        "people who are hard to serve are left out",
        "protocols.py",
        "known = np.isin(after.people, past.people)",
        "known = np.isin(after.people, past.people) & (after.people % 5 > 0)",
        "tests/test_protocols.py::test_each_origin_asks_everybody_with_a_past_once",
    ),
    Mistake(
        "only a sample of films is ranked",
        "ranking.py",
        "    open_scores[seen.nonzero()] = -np.inf\n",
        "    open_scores[seen.nonzero()] = -np.inf\n    open_scores[:, ::3] = -np.inf\n",
        "tests/test_protocols.py::test_every_film_that_a_person_has_not_met_is_a_candidate",
    ),
    Mistake(
        "films that a person has met are recommended again",
        "ranking.py",
        "    open_scores[seen.nonzero()] = -np.inf\n",
        "",
        "tests/test_ranking.py::test_what_a_person_has_met_is_never_recommended",
    ),
    Mistake(
        "the metric is a hit rate under the name of NDCG",
        "evaluate.py",
        '"model": evidence.pooled(MODEL, "ndcg"),',
        '"model": evidence.pooled(MODEL, "hit_rate"),',
        "tests/kit/test_recompute.py::test_the_saved_model_says_what_the_file_says",
    ),
    Mistake(
        "the verdict is that on the weakest baseline",
        "kit/report.py",
        """said = VERDICTS[found["verdict"]]""",
        """said = VERDICTS[results["baselines"][-1]["verdict"]]""",
        "tests/kit/test_write_up.py::test_the_write_up_gives_the_verdict_on_the_strongest_and_no_other",
    ),
    Mistake(
        "the random protocol is tuned on what it holds out",
        "studies/protocols.py",
        "best_settings(fit, values, train, validation)",
        "best_settings(fit, values, known, test)",
        "tests/test_protocols.py::"
        "test_under_the_random_protocol_nothing_is_chosen_or_fitted_on_what_is_held_out",
    ),
    Mistake(
        "attempts are scored on what the headline asks",
        "protocols.py",
        "range(2, asked_periods(config)[0])",
        "range(2, asked_periods(config)[-1])",
        "tests/test_protocols.py::"
        "test_attempts_are_scored_before_everything_that_the_headline_asks",
    ),
    Mistake(
        "the model is not that of config.toml",
        "train.py",
        'recommender = fit_model(past, config["model"])',
        'recommender = fit_model(past, {**config["model"], "penalty": 100.0})',
        "tests/test_model.py::test_the_saved_models_know_no_row_of_the_test_part",
    ),
)
