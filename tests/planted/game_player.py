"""Mistakes that the game player's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import SAMPLE_POSES, TEST_READ_TWICE, Mistake

MISTAKES = (
    Mistake(
        "games are played with one colour only",
        "matches.py",
        "for seat in (0, 1):\n            own",
        "for seat in (0, 0):\n            own",
        "tests/test_matches.py::test_every_opening_is_played_with_both_colours",
    ),
    Mistake(
        "one opening is counted two hundred times",
        "data.py",
        "        state, moves = initial(), []\n        legal = ",
        "        state, moves, random = initial(), [], np.random.default_rng(7)\n        legal = ",
        "tests/test_matches.py::test_a_match_does_not_count_the_same_game_over_and_over",
    ),
    Mistake(
        "openings are drawn and not played",
        "matches.py",
        "if len(moves) < len(opening):",
        "if len(moves) < 0:",
        "tests/test_matches.py::test_every_game_begins_with_its_opening",
    ),
    Mistake(
        "a draw counts as a win",
        "matches.py",
        "(returns[seat] + 1) / 2",
        "float(returns[seat] >= 0)",
        "tests/test_matches.py::test_perfect_players_score_a_half_against_each_other",
    ),
    Mistake(
        "the searching player's games are reported as the plain player's",
        "evaluate.py",
        "player.name: found.scores(player.name, YARDSTICK.name)",
        "player.name: found.scores((found.searching if player is found.learned else player).name,"
        " YARDSTICK.name)",
        "tests/test_matches.py::test_the_scores_in_the_report_are_those_of_the_games",
    ),
    Mistake(
        "the referee's values are learned from",
        "train.py",
        "        self.done += 1\n",
        "        self.done += 1\n"
        "        self.network.weights[:9] += 0.001 * sum(p.best for p in self.watched)\n",
        "tests/test_model.py::test_no_value_of_the_referee_is_learned_from",
    ),
    Mistake(
        "the test set stands in for the validation set",
        "train.py",
        'validation = data.load(workspace, "validation", reader="train")',
        'validation = data.read_positions(workspace.processed / "test.jsonl")',
        "tests/test_model.py::test_the_same_seed_gives_the_same_player_without_the_test_set",
    ),
    Mistake(
        "attempts are scored on the test set",
        "train.py",
        'data.of_game(data.load(workspace, "validation", reader="train"), game)',
        'data.of_game(data.read_positions(workspace.processed / "test.jsonl"), game)',
        "tests/test_model.py::test_an_attempt_is_scored_on_validation_positions_and_never_opens"
        "_the_test_set",
    ),
    Mistake(
        "what came of a random move is learned from",
        "selfplay.py",
        "        if followed[i + 1]:\n",
        "        if followed[i]:\n",
        "tests/test_by_hand.py::test_a_trace_mixes_both_and_ends_at_a_move_that_was_not_the_best",
    ),
    TEST_READ_TWICE,
    Mistake(
        "mirror images cross the split",
        "data.py",
        "for way in game.symmetries())",
        "for way in game.symmetries()[:1])",
        "tests/test_data.py::test_no_mirror_image_crosses_the_split",
    ),
    Mistake(
        "the solver takes lost positions for drawn ones",
        "engine/solver.py",
        "return DRAW if taken == BOARD else LOSS",
        "return DRAW",
        "tests/test_data.py::test_the_solver_agrees_with_plain_minimax",
    ),
    Mistake(
        "the compiled rules forget ko",
        "engine/rules.py",
        " or point == state[KO]:",
        ":",
        "tests/test_rules.py::test_the_compiled_rules_are_openspiels[go]",
    ),
    Mistake(
        "every run has the same seed",
        "train.py",
        "workspace.seed * SEEDS_APART + number",
        "workspace.seed * SEEDS_APART",
        "tests/test_model.py::test_runs_differ",
    ),
    SAMPLE_POSES,
    Mistake(
        "alpha-beta looks one ply ahead",
        "players.py",
        "alpha_beta_move(game.number, board.state, self.depth)",
        "alpha_beta_move(game.number, board.state, 1)",
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "the opponent searches a fifth of what its name says",
        "players.py",
        "openspiel.tree_search(game, self.simulations, seed)",
        "openspiel.tree_search(game, self.simulations // 5, seed)",
        "tests/kit/test_recompute.py::test_the_saved_model_says_what_the_file_says",
    ),
    Mistake(
        "the report takes whatever numbers it finds",
        "kit/report.py",
        "    results, explored = require_unedited(workspace), workspace.reports / EXPLORATION\n",
        "    from .results import read_results\n\n"
        "    results, explored = read_results(workspace), workspace.reports / EXPLORATION\n",
        "tests/kit/test_write_up.py::test_numbers_changed_after_the_evaluation_reach_no_write_up",
    ),
)
