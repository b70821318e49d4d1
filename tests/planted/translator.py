"""Mistakes that a translator's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import (
    NEVER_OPENS,
    SAMPLE_POSES,
    TEST_READ_TWICE,
    Mistake,
)

_DATA = "tests/test_data.py::"
_MODEL = "tests/test_model.py::"
_HAND = "tests/test_by_hand.py::"
_BEHAVIOUR = "tests/test_behaviour.py::"
_SERVE = "tests/test_serve.py::"
_RECOMPUTE = "tests/kit/test_recompute.py::"
_DEMO = "tests/kit/test_demo.py::test_the_browser_answers_as_the_service_does"

MISTAKES = (
    Mistake(
        "sentences of the test set stay in training",
        "data.py",
        "        asked |= (part == name) & english.isin(known)\n",
        "        asked |= (part == name) & pairs.english.isin(known)\n",
        f"{_DATA}test_what_is_the_same_but_for_letters_and_signs_is_asked_in_the_test_set",
    ),
    Mistake(
        "the validation set may ask what the test set asks",
        "data.py",
        '"validation": set(english[part == "test"])',
        '"validation": set()',
        f"{_DATA}test_what_is_the_same_but_for_letters_and_signs_is_asked_in_the_test_set",
    ),
    Mistake(
        "copies are taken out of the test set, too",
        "data.py",
        'twice = (part == "train") & pairs',
        "twice = pairs",
        f"{_DATA}test_pairs_that_are_lost_are_counted_by_reason",
    ),
    Mistake(
        "the two sides are shifted by a line",
        "data.py",
        'sides = {"english": english, "german": german}',
        'sides = {"english": english, "german": [*german[1:], german[0]]}',
        f"{_DATA}test_lines_of_both_files_stay_beside_each_other",
    ),
    Mistake(
        "a strange end of line parts a sentence",
        "data.py",
        'text.removesuffix("\\n").split("\\n")',
        "text.splitlines()",
        f"{_DATA}test_a_line_ends_with_a_line_feed_and_nothing_else",
    ),
    Mistake(
        "subwords are learned from the validation set, too",
        "train.py",
        "    subwords = learn_subwords(train, config)\n    unfinished",
        "    subwords = learn_subwords(pd.concat([train, validation]), config)\n    unfinished",
        f"{_MODEL}test_subwords_and_networks_come_from_the_training_part_alone",
    ),
    Mistake(
        "the networks learn from the validation set, too",
        "train.py",
        "name: trainer(train, subwords, config, own, name)",
        "name: trainer(pd.concat([train, validation]), subwords, config, own, name)",
        f"{_MODEL}test_networks_learn_from_the_training_part_and_nothing_else",
    ),
    Mistake(
        "the repeats are of the same seed",
        "train.py",
        'f"repeat-{n}": seed + n for n',
        'f"repeat-{n}": seed for n',
        f"{_MODEL}test_the_curve_is_kept_for_every_network_and_falls",
    ),
    Mistake(
        "the network sees the piece that it is to write",
        "fit.py",
        "START), target[:, :-1]], dim=1)",
        "START), target[:, 1:]], dim=1)",
        f"{_MODEL}test_what_was_written_before_begins_with_start",
    ),
    Mistake(
        "what comes later is looked at while writing",
        "model.py",
        "state = state + drop(self.own(own, own, seen, self.writes), self.dropout, random)",
        "state = state + drop(self.own(own, own, seen, False), self.dropout, random)",
        f"{_MODEL}test_what_comes_later_is_not_known_earlier",
    ),
    Mistake(
        "what fills up a row is read as if it were a word",
        "model.py",
        "hidden = (source != NOTHING)[:, None, None]",
        "hidden = (source >= NOTHING)[:, None, None]",
        f"{_MODEL}test_filling_up_a_row_changes_nothing",
    ),
    Mistake(
        "the recurrent network reads backwards from the filling",
        "model.py",
        "turned = lengths - 1 - torch.arange(source.shape[1])",
        "turned = source.shape[1] - 1 - torch.arange(source.shape[1])[None].expand_as(source)",
        f"{_MODEL}test_filling_up_a_row_changes_nothing",
    ),
    Mistake(
        "places are not told apart",
        "model.py",
        "placed = self.vectors(numbers) + places(numbers.shape[1], self.width)",
        "placed = self.vectors(numbers)",
        f"{_MODEL}test_the_order_of_the_source_matters",
    ),
    Mistake(
        "parts stay put out when it translates",
        "model.py",
        "    if random is None or share <= 0:",
        "    if share <= 0:",
        f"{_MODEL}test_dropping_keeps_the_mean_and_needs_random",
    ),
    Mistake(
        "every round has the same batches",
        "fit.py",
        "np.random.default_rng((self.seed, next(self.epochs)))",
        "np.random.default_rng((self.seed, 0))",
        f"{_MODEL}test_every_round_mixes_anew",
    ),
    Mistake(
        "a resumed training begins again at its first batch",
        "kit/training.py",
        "curve, step = list(standing.curve), standing.step",
        "curve, step = list(standing.curve), 0",
        f"{_MODEL}test_an_interrupted_training_ends_as_if_nothing_had_happened",
    ),
    Mistake(
        "a resumed training forgets what the optimiser remembers",
        "kit/training.py",
        "            optimiser.state[weights[weight]][kind] = tensors[name]",
        "            optimiser.state[weights[weight]][kind] = torch.zeros_like(tensors[name])",
        f"{_MODEL}test_an_interrupted_training_ends_as_if_nothing_had_happened",
    ),
    Mistake(
        "the search keeps what ends below the beam",
        "search.py",
        "if piece == END and rank < width:",
        "if piece == END:",
        f"{_HAND}test_an_end_below_the_beam_is_no_candidate",
    ),
    Mistake(
        "the search mixes up whose past is whose",
        "writer.py",
        "np.concatenate([old[list(parents)], more], axis=1)",
        "np.concatenate([old[: len(parents)], more], axis=1)",
        f"{_MODEL}test_written_piece_by_piece_as_all_at_once",
    ),
    Mistake(
        "short translations are favoured, whatever the penalty",
        "search.py",
        "return self.total / ((BASE + len(self.pieces)) / SHARE) ** penalty",
        "return self.total * ((BASE + len(self.pieces)) / SHARE) ** penalty",
        f"{_HAND}test_the_penalty_of_length_is_that_of_the_formula",
    ),
    Mistake(
        "the penalty is the worst of the validation set",
        "train.py",
        "penalty = float(max(penalties, key=penalties.__getitem__))",
        "penalty = float(min(penalties, key=penalties.__getitem__))",
        f"{_MODEL}test_the_penalty_and_the_baselines_are_chosen_on_the_validation_set",
    ),
    Mistake(
        "BLEU is the mean of sentences",
        "kit/statistics.py",
        "    said, true, *shared = counts.sum(axis=0).tolist()\n",
        "    if len(counts) > 1:\n"
        "        return float(np.mean([bleu(_, row[None]) for row in counts]))\n"
        "    said, true, *shared = counts.sum(axis=0).tolist()\n",
        f"{_HAND}test_bleu_is_that_of_sacrebleu",
    ),
    Mistake(
        "brevity is not punished",
        "kit/statistics.py",
        "math.exp(min(0, 1 - true / said) + statistics.fmean(logs))",
        "math.exp(statistics.fmean(logs))",
        f"{_HAND}test_bleu_is_that_of_sacrebleu",
    ),
    Mistake(
        "chrF counts spaces",
        "scores.py",
        '("".join(text.split()) for text in pair)',
        "(text for text in pair)",
        f"{_HAND}test_chrf_is_that_of_sacrebleu",
    ),
    Mistake(
        "translations are compared in small letters, which raises the score",
        "evaluate.py",
        "{name: bleu_counts(said, list(self.test.german)) for name, said in self.said.items()}",
        "{name: bleu_counts([text.lower() for text in said], [*self.test.german.str.lower()])"
        " for name, said in self.said.items()}",
        f"{_RECOMPUTE}test_the_saved_model_says_what_the_file_says",
    ),
    Mistake(
        "the headline is of all test sets together",
        "evaluate.py",
        "    rows = found.of(HEADLINE)\n    test = found.test[rows]\n    cells",
        "    rows = found.of(HEADLINE) | True\n    test = found.test[rows]\n    cells",
        f"{_RECOMPUTE}test_every_row_of_the_sealed_test_set_is_scored_once",
    ),
    Mistake(
        "the translation memory knows the test set",
        "evaluate.py",
        "say = baselines.fit(name, train.english, train.german, training",
        "train = pd.concat([train, test])\n"
        "        say = baselines.fit(name, [*train.english], [*train.german], training",
        f"{_RECOMPUTE}test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "the memory gives the farthest sentence",
        "baselines.py",
        "argmax(axis=1)\n            said",
        "argmin(axis=1)\n            said",
        f"{_HAND}test_memory_gives_the_translation_of_the_nearest_sentence",
    ),
    Mistake(
        "the dictionary counts chances, not shares of them",
        "baselines.py",
        "            weight /= np.bincount(group, weight, many)[group]\n",
        "",
        f"{_HAND}test_a_dictionary_learns_what_stands_for_what",
    ),
    Mistake(
        "intervals of BLEU are drawn by words, as if a sentence were many",
        "evaluate.py",
        "bootstrap(metric, values[rows], groups=groups, seed=self.workspace.seed)",
        "bootstrap(metric, np.repeat(values[rows], 9, axis=0), seed=self.workspace.seed)",
        "tests/test_pipeline.py::test_intervals_are_those_of_drawn_sentences",
    ),
    Mistake(
        "the worst sentences are the best",
        "evaluate.py",
        "worst = rows[np.argsort(found.chrf[rows], kind=",
        "worst = rows[np.argsort(-found.chrf[rows], kind=",
        f"{_RECOMPUTE}test_the_worst_errors_are_the_worst_and_none_is_left_out",
    ),
    Mistake(
        "sentences of the data are committed with the errors",
        "evaluate.py",
        '            "chrf": found.chrf[worst].round(3),\n',
        '            "chrf": found.chrf[worst].round(3),\n'
        '            "text": test.english.to_numpy()[worst],\n',
        "tests/test_pipeline.py::test_no_sentence_of_the_data_is_in_what_is_committed",
    ),
    Mistake(
        "weights are shipped rounded, and the unrounded are measured",
        "train.py",
        "    arrays = {name: each.double().numpy() for name, each in network.state_dict().items()}",
        "    arrays = {name: each.double().numpy() * 1.0005"
        " for name, each in network.state_dict().items()}",
        f"{_MODEL}test_arrays_that_differ_from_the_network_are_not_shipped",
    ),
    Mistake(
        "the service logs what was asked",
        "serve.py",
        "Seen(each.probability, summarise(text, translator.subwords))",
        "Seen(each.probability, {**summarise(text, translator.subwords), text: 1.0})",
        f"{_SERVE}test_no_sentence_is_logged",
    ),
    Mistake(
        "the service needs PyTorch",
        "predict.py",
        "import numpy as np\n",
        "import numpy as np\nimport torch  # noqa: F401\n",
        f"{_SERVE}test_the_service_needs_neither_pytorch_nor_scikit_learn",
    ),
    Mistake(
        "the page norms by another spread",
        "page/transformer.js",
        "(value - mean) ** 2, 0) / width;",
        "(value - mean) ** 2, 0) / (width - 1);",
        _DEMO,
    ),
    Mistake(
        "the page cuts words at accents",
        "page/subwords.js",
        "/▁?[\\p{L}\\p{N}_]+|▁?[^\\p{L}\\p{N}_▁]|▁/gu",
        "/▁?[\\w]+|▁?[^\\w▁]|▁/gu",
        _DEMO,
    ),
    Mistake(
        "the page keeps what ends below the beam",
        "page/infer.js",
        "if (piece === end && rank < width) ended.push(each);",
        "if (piece === end) ended.push(each);",
        _DEMO,
    ),
    Mistake(
        "an attempt looks at the test set",
        "train.py",
        "    short = short_training(workspace, train)\n",
        '    data.load(workspace, "test", reader="evaluate")\n'
        "    short = short_training(workspace, train)\n",
        NEVER_OPENS,
    ),
    SAMPLE_POSES,
    TEST_READ_TWICE,
)
