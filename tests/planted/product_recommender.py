"""Mistakes that the product recommender's own tests must catch."""

from __future__ import annotations

from tests.planted.mistakes import SAMPLE_POSES, Mistake

MISTAKES = (
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        "known = train.joined_with(held_out)\n",
        "known = train.joined_with(held_out).joined_with(\n"
        "        data.index(__import__('pandas').read_csv(workspace.processed / 'test.csv'),"
        " films, users)\n    )\n",
        "tests/test_model.py::test_the_saved_model_knows_no_row_of_the_test_part",
    ),
    Mistake(
        "the candidates of the comparison have met the test rows",
        "evidence.py",
        "if served else recipe(known)",
        "if served else recipe(evidence.everything)",
        "tests/test_model.py::test_what_was_drawn_blindly_cannot_be_foretold",
    ),
    Mistake(
        "settings are chosen on the test part",
        "train.py",
        'data.index(data.load(workspace, part, reader="train"), films, users)\n'
        '        for part in ("train", "validation")',
        'data.index(data.load(workspace, part, reader="evaluate"), films, users)\n'
        '        for part in ("train", "test")',
        "tests/test_model.py::test_settings_do_not_depend_on_the_test_part",
    ),
    Mistake(
        "a film listed twice crosses the split",
        "data.py",
        'number = named.groupby(["title", "year"]).film.transform("min")',
        "number = named.film",
        "tests/test_data.py::test_nobody_has_the_same_film_on_both_sides_of_the_split",
    ),
    Mistake(
        "test interactions stand in the training part too",
        "data.py",
        "rows = tables.ratings[part == number]",
        "rows = tables.ratings[(part == number) | ((part == 2) & (number == 0))]",
        "tests/test_manifest.py::test_no_row_is_in_two_parts",
    ),
    Mistake(
        "the test part is read twice",
        "evaluate.py",
        "    films, users = data.load_films(workspace), data.load_users(workspace)\n",
        "    films, users = data.load_films(workspace), data.load_users(workspace)\n"
        '    data.load(workspace, "test", reader="evaluate")\n',
        "tests/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
    ),
    Mistake(
        "films are shuffled and the score is kept",
        "ranking.py",
        "scores = recommender.scores(history[people])",
        "scores = recommender.scores(history[people]) + held_out[people].toarray()",
        "tests/test_model.py::test_shuffled_films_leave_no_candidate_better_than_popularity",
    ),
    SAMPLE_POSES,
    Mistake(
        "the rolling evaluation knows the future",
        "protocols.py",
        "yield times < start, (times >= start)",
        "yield times < end, (times >= start)",
        "tests/test_protocols.py::test_no_past_is_younger_than_its_future",
    ),
    Mistake(
        "films that a person has met are recommended again",
        "ranking.py",
        "    open_scores[seen.nonzero()] = -np.inf\n",
        "",
        "tests/test_ranking.py::test_what_a_person_has_met_is_never_recommended",
    ),
)
