"""Mistakes that a face recogniser's own tests must catch."""

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
_RECOMPUTE = "tests/kit/test_recompute.py::"

MISTAKES = (
    Mistake(
        "pictures are split, not people",
        "data.py",
        "connect(faces.people.tolist(), inputs(faces))",
        "connect(faces.ids.tolist(), inputs(faces))",
        f"{_DATA}test_nobody_is_in_two_parts",
    ),
    Mistake(
        "a picture under two names crosses the split",
        "data.py",
        "connect(faces.people.tolist(), inputs(faces))",
        "connect(faces.people.tolist())",
        f"{_DATA}test_no_picture_crosses_the_split_whatever_its_name",
    ),
    Mistake(
        "the model is fitted on everybody",
        "train.py",
        "    encoder = model.build(config)(train.pixels, train.people)\n",
        '    test = data.read_part(workspace.processed / "test.npz")\n'
        "    encoder = model.build(config)(\n"
        "        np.concatenate([train.pixels, test.pixels]),\n"
        "        np.concatenate([train.people, test.people]),\n    )\n",
        f"{_MODEL}test_the_model_and_its_threshold_know_nothing_of_the_test_part",
    ),
    Mistake(
        "the threshold is chosen on people that the encoder has learned from",
        "train.py",
        "    others = [np.flatnonzero(fold != number) for number in range(fold.max() + 1)]",
        "    others = [np.flatnonzero(fold != -1) for number in range(fold.max() + 1)]",
        f"{_MODEL}test_no_encoder_is_asked_for_people_that_it_learned_from",
    ),
    Mistake(
        "pictures of one person are in several folds",
        "train.py",
        "    return fold[np.searchsorted(names, people)]",
        "    return np.arange(len(people)) % workspace.config['train']['folds']",
        f"{_MODEL}test_people_of_one_fold_are_in_no_other",
    ),
    Mistake(
        "the threshold is chosen on the test set",
        "evaluate.py",
        "    passed = said > found.recogniser.threshold\n",
        "    passed = said > model.threshold_at(same, said, 0.01)\n",
        f"{_RECOMPUTE}test_every_further_metric_follows_from_the_sealed_file",
    ),
    TEST_READ_TWICE,
    SAMPLE_POSES,
    Mistake(
        "the name of a picture reaches its descriptor",
        "model.py",
        "        shown += [each[:, :, ::-1] for each in shown]\n        found",
        "        shown += [each[:, :, ::-1] for each in shown]\n"
        "        people = np.sort(people)\n        found",
        f"{_MODEL}test_a_short_training_finds_its_own_people",
    ),
    Mistake(
        "mirrored pictures are given to other people",
        "model.py",
        "whiten(found, np.tile(people, len(shown)), chosen)",
        "whiten(found, np.repeat(people, len(shown)), chosen)",
        f"{_MODEL}test_a_short_training_finds_its_own_people",
    ),
    Mistake(
        "the scatter is of everybody, not within people",
        "model.py",
        "    own = found - means[number]\n",
        "    own = found - found.mean(axis=0)\n",
        f"{_HAND}test_the_scatter_within_people_forgets_where_they_stand",
    ),
    Mistake(
        "what varies much within a person weighs much",
        "model.py",
        "axes @ (turned / np.sqrt(sizes))",
        "axes @ (turned * np.sqrt(sizes))",
        f"{_HAND}test_whitened_each_persons_pictures_vary_alike_in_every_direction",
    ),
    Mistake(
        "one more false accept is let pass than the metric's name says",
        "kit/statistics.py",
        "own > apart[int(FALSE_ACCEPTS * len(apart))]",
        "own >= apart[int(FALSE_ACCEPTS * len(apart))]",
        f"{_HAND}test_accepted_is_what_lies_above_all_but_one_percent_of_the_others",
    ),
    Mistake(
        "the headline is at ten percent and is called one",
        "kit/statistics.py",
        "FALSE_ACCEPTS = 0.01",
        "FALSE_ACCEPTS = 0.1",
        f"{_RECOMPUTE}test_a_librarys_metric_gives_the_same_numbers",
    ),
    Mistake(
        "the service's threshold is at another share than the configured one",
        "train.py",
        'config["service"]["false_accepts"])',
        "0.05)",
        f"{_MODEL}test_the_threshold_is_what_held_out_people_ask_for",
    ),
    Mistake(
        "pairs are drawn one by one",
        "train.py",
        '"group": group, "truth"',
        '"group": ids, "truth"',
        f"{_RECOMPUTE}test_every_row_of_the_sealed_test_set_is_scored_once",
    ),
    Mistake(
        "a pair of two people always belongs to the first",
        "train.py",
        "group = np.where(turn, faces.people[one], faces.people[other])",
        "group = np.where(turn | True, faces.people[one], faces.people[other])",
        f"{_MODEL}test_a_pair_belongs_to_both_of_its_people_alike",
    ),
    Mistake(
        "a picture is compared with itself",
        "model.py",
        "np.triu_indices(len(people), 1)",
        "np.triu_indices(len(people), 0)",
        f"{_HAND}test_all_pairs_are_made_once",
    ),
    Mistake(
        "the strongest simple method is the weakest",
        "train.py",
        "key=lambda name: -max(table[name].values())",
        "key=lambda name: max(table[name].values())",
        f"{_MODEL}test_each_simple_method_is_tuned_over_all_its_settings_by_the_headlines_metric",
    ),
    Mistake(
        "simple methods keep the worst of their settings",
        "train.py",
        "tried[int(np.argmax([*found.values()]))]",
        "tried[int(np.argmin([*found.values()]))]",
        f"{_RECOMPUTE}test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "fisherfaces are the directions that tell least",
        "model.py",
        "[1][:, ::-1][:, :kept]",
        "[1][:, :kept]",
        f"{_RECOMPUTE}test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "patterns are those of another radius than the one that is said",
        "model.py",
        "round(float(radius * each), DIGITS)",
        "round(float(1 * each), DIGITS)",
        f"{_RECOMPUTE}test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "an enrolled picture is asked for again",
        "studies/identification.py",
        "asked, outside = ~strangers & ~enrolled, strangers",
        "asked, outside = ~strangers, strangers",
        f"{_MODEL}test_a_picture_that_is_enrolled_is_not_asked_for",
    ),
    Mistake(
        "strangers are enrolled",
        "studies/identification.py",
        "for name in np.unique(people[~strangers]):",
        "for name in np.unique(people):",
        f"{_MODEL}test_strangers_are_enrolled_in_no_gallery",
    ),
    Mistake(
        "the closed set asks for what it enrolled",
        "studies/identification.py",
        "[1] == test.people)[~enrolled]",
        "[1] == test.people)",
        f"{_MODEL}test_the_closed_set_asks_for_no_picture_that_it_enrolled",
    ),
    Mistake(
        "other splits learn from whom they test",
        "studies/splits.py",
        "name: fit(train.pixels, train.people).embed(test.pixels)",
        "name: fit(everybody.pixels, everybody.people).embed(test.pixels)",
        f"{_MODEL}test_other_splits_learn_from_nobody_whom_they_test",
    ),
    Mistake(
        "forget deletes nothing",
        "enrolment.py",
        "    del people[name]\n",
        "    people[name] = people[name]\n",
        f"{_BEHAVIOUR}test_forgetting_leaves_nothing_of_a_person_and_everything_of_the_others",
    ),
    Mistake(
        "the last one to be forgotten stays in the file",
        "enrolment.py",
        "    else:\n        path.unlink()\n",
        "    else:\n        pass\n",
        f"{_BEHAVIOUR}test_forgetting_leaves_nothing_of_a_person_and_everything_of_the_others",
    ),
    Mistake(
        "descriptors of two models are compared",
        "enrolment.py",
        '    if kept["model"] != model_version(workspace):\n',
        "    if not kept:\n",
        f"{_BEHAVIOUR}test_somebody_can_be_forgotten_whatever_model_enrolled_them",
    ),
    Mistake(
        "the nearest is taken for whoever it is, stranger or not",
        "predict.py",
        "alike = likeness is not None and likeness > self.threshold",
        "alike = likeness is not None",
        f"{_BEHAVIOUR}test_whoever_is_below_the_threshold_is_nobody",
    ),
    Mistake(
        "what is no face is taken for somebody",
        "predict.py",
        "known=alike and distance <= self.usual",
        "known=alike",
        f"{_BEHAVIOUR}test_what_is_no_face_is_nobody_however_alike",
    ),
    Mistake(
        "the service logs how alike somebody is to whom, by name",
        "serve.py",
        "Seen(answer.distance, summarise(pixels),",
        "Seen(answer.distance, {**summarise(pixels), **dict(answer.people)},",
        "tests/test_serve.py::test_neither_names_nor_descriptors_nor_pictures_are_logged",
    ),
    Mistake(
        "the page leaves the mirror image out",
        "page/infer.js",
        "[pixels, mirror(pixels)]",
        "[pixels, pixels]",
        "tests/kit/test_demo.py::test_the_browser_answers_as_the_service_does",
    ),
    Mistake(
        "the page knows another threshold",
        "page/infer.js",
        "likeness > about.threshold &&",
        "likeness > about.threshold / 2 &&",
        "tests/kit/test_demo.py::test_the_browser_answers_as_the_service_does",
    ),
    Mistake(
        "an attempt is scored on the test set",
        "train.py",
        '    train = data.load(workspace, "train", reader="train")\n    rows = out',
        '    train = data.read_part(workspace.processed / "test.npz")\n    rows = out',
        NEVER_OPENS,
    ),
    Mistake(
        "the exploration shows faces of people",
        "explore.py",
        "[train.pixels.mean(axis=0), *ghosts]",
        "[train.pixels[0], *ghosts]",
        f"{_MODEL}test_the_exploration_shows_no_face",
    ),
    Mistake(
        "the network's slope forgets that its vectors have length one",
        "network.py",
        "(by_vector - along * vectors)",
        "by_vector",
        f"{_MODEL}test_the_networks_slope_is_that_of_its_loss",
    ),
    Mistake(
        "the lamp is moved from the first attempt on",
        "stream.py",
        "np.where(np.arange(ATTEMPTS) < begins, 0.0, LIGHT)",
        "np.where(np.arange(ATTEMPTS) < 0, 0.0, LIGHT)",
        "tests/test_stream.py::test_in_the_old_light_there_is_no_alarm",
    ),
)
