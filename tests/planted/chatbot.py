"""Mistakes that a chatbot's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import (
    ATTEMPTS,
    NEVER_OPENS,
    RETRAINING,
    SAMPLE_POSES,
    TEST_READ_TWICE,
    Mistake,
    other_columns,
)

DATA, HAND = "tests/test_data.py::", "tests/test_by_hand.py::"
MODEL, TALK = "tests/test_model.py::", "tests/test_dialogue.py::"
AGAIN = "tests/kit/test_recompute.py::"

MISTAKES = (
    # the split
    Mistake(
        "test queries stand in training",
        "data.py",
        "    queries = keep_apart(queries)\n",
        "    queries = queries[queries.part.notna()]\n",
        f"{DATA}test_no_words_stand_in_two_parts",
    ),
    Mistake(
        "the test set loses what training holds",
        "data.py",
        '.transform("max")\n',
        '.transform("min")\n',
        f"{DATA}test_the_publishers_test_queries_are_all_there",
    ),
    Mistake(
        "queries are the same only letter by letter",
        "data.py",
        "    return [normalise(text) for text in queries.text]\n",
        "    return list(queries.text)\n",
        f"{DATA}test_the_groups_are_the_words",
    ),
    Mistake(
        "the validation part is learned from",
        "train.py",
        "    recipe = model.fitted(model.build(config), train.text, train.label)\n",
        "    both = pd.concat([train, validation])\n"
        "    recipe = model.fitted(model.build(config), both.text, both.label)\n",
        f"{MODEL}test_the_validation_part_places_thresholds_and_teaches_nothing",
    ),
    Mistake(
        "the model is fitted on the test set too",
        "train.py",
        "    recipe = model.fitted(model.build(config), train.text, train.label)\n",
        '    path = workspace.processed / "test.jsonl"\n'
        "    both = pd.concat([train, pd.read_json(path, lines=True)])\n"
        "    recipe = model.fitted(model.build(config), both.text, both.label)\n",
        f"{MODEL}test_what_is_held_out_changes_nothing_of_what_is_trained",
    ),
    Mistake(
        "the same words stand on both sides of a fold",
        "train.py",
        "        held = train.group.isin(first.group.iloc[unseen]).to_numpy()\n",
        "        held = train.index.isin(first.index[unseen])\n",
        f"{DATA}test_no_words_stand_on_both_sides_of_a_fold",
    ),
    Mistake(
        "folds do not hold every intent",
        "train.py",
        "    for _, unseen in splitter.split(first, first.label):\n",
        "    first = first.sort_values('label')\n"
        "    for unseen in np.array_split(np.arange(len(first)), folds):\n",
        f"{DATA}test_every_fold_holds_every_intent",
    ),
    # the target
    Mistake(
        "the intent's name reaches the text",
        "data.py",
        '                        "text": text,\n',
        '                        "text": f"{text} {intent}",\n',
        f"{AGAIN}test_what_is_sealed_is_what_the_raw_data_say_row_by_row",
    ),
    Mistake(
        "queries out of scope are lost on the way to the score",
        "data.py",
        "    queries = read_queries(*map(json.loads, files))\n",
        "    queries = read_queries(*map(json.loads, files))\n"
        '    queries = queries[(queries.label >= 0) | (queries.part != "test") | '
        "(queries.text.str.len() > 20)]\n",
        f"{AGAIN}test_no_row_is_lost_without_an_allowed_reason[sample]",
    ),
    Mistake(
        "intents are numbered as they come",
        "data.py",
        "for place, intent in enumerate(sorted(of_intent))}",
        "for place, intent in enumerate(of_intent)}",
        f"{DATA}test_every_part_has_every_intent_and_what_is_out_of_scope",
    ),
    # the threshold
    Mistake(
        "the threshold is placed on the test set",
        "evaluate.py",
        "        model=judged.answered(assistant.threshold),\n",
        "        model=judged.answered(model.cheapest_threshold(judged, test.label, 1.0)),\n",
        f"{MODEL}test_thresholds_do_not_come_from_the_test_set",
    ),
    Mistake(
        "the threshold is placed on the training set",
        "train.py",
        "    judged = model.ask(recipe, validation.text)\n    cost =",
        "    validation = train\n    judged = model.ask(recipe, validation.text)\n    cost =",
        f"{MODEL}test_the_threshold_is_the_cheapest_of_the_validation_part",
    ),
    Mistake(
        "the price of a wild answer falls on the wrong side",
        "model.py",
        "answered_rightly - out_cost * answered_wildly",
        "out_cost * answered_rightly - answered_wildly",
        f"{MODEL}test_a_dearer_answer_raises_the_threshold",
    ),
    Mistake(
        "both sides are shares of all queries",
        "model.py",
        "    answered_wildly = np.cumsum(outside) / max(int(outside.sum()), 1)\n",
        "    answered_wildly = np.cumsum(outside) / len(outside)\n",
        f"{MODEL}test_no_threshold_is_cheaper_than_the_cheapest",
    ),
    Mistake(
        "a threshold parts two equal scores",
        "model.py",
        "    last = np.append(scores[1:] < scores[:-1], True)",
        "    last = np.full(len(scores), True)",
        f"{HAND}test_queries_of_one_score_stand_or_fall_together",
    ),
    Mistake(
        "a fold's threshold has seen the fold",
        "train.py",
        "np.flatnonzero(fold == number), np.flatnonzero(fold != number)",
        "np.flatnonzero(fold == number), np.arange(len(fold))",
        f"{MODEL}test_answers_of_a_fold_do_not_depend_on_its_own_labels",
    ),
    Mistake(
        "another price takes its threshold from the test set",
        "studies/costs.py",
        "model.cheapest_threshold(judged, validation.label, cost)",
        "model.cheapest_threshold(evaluated.judged, evaluated.queries.label, cost)",
        f"{MODEL}test_another_price_takes_its_threshold_from_the_validation_part",
    ),
    # the model
    Mistake(
        "out of scope can be the best intent",
        "model.py",
        "    intents = classes != NOWHERE\n    of_intents = said[:, intents]\n"
        "    label = classes[intents][of_intents.argmax(axis=1)]\n",
        "    intents = classes != NOWHERE\n    of_intents = said\n"
        "    label = classes[of_intents.argmax(axis=1)]\n",
        f"{HAND}test_the_score_is_the_best_intents_less_that_of_out_of_scope",
    ),
    Mistake(
        "out of scope speaks for an answer",
        "model.py",
        "of_intents.max(axis=1) - out_weight",
        "of_intents.max(axis=1) + out_weight",
        f"{HAND}test_the_score_is_the_best_intents_less_that_of_out_of_scope",
    ),
    Mistake(
        "large weights are forgotten, small ones kept",
        "model.py",
        "np.abs(self.coef_) < self.least, 0.0, self.coef_",
        "np.abs(self.coef_) > self.least, 0.0, self.coef_",
        f"{MODEL}test_weights_that_are_small_are_zero_and_the_others_as_they_were",
    ),
    Mistake(
        "terms are weighed on all rows before cross-validation",
        "train.py",
        "    fresh = clone(pipeline).fit(train.text.iloc[fit], train.label.iloc[fit])\n",
        "    fresh = clone(pipeline)\n"
        "    fresh[:-1].fit(train.text)\n"
        "    fresh[-1].fit(fresh[:-1].transform(train.text.iloc[fit]), train.label.iloc[fit])\n",
        f"{MODEL}test_weights_of_terms_are_fitted_on_the_rows_of_the_fold_alone",
    ),
    # the measure and the baselines
    Mistake(
        "the recall is of all that is refused",
        "model.py",
        "np.mean(np.asarray(said)[outside] == NOWHERE)",
        "np.mean(outside[np.asarray(said) == NOWHERE])",
        f"{HAND}test_both_sides_are_shares_of_their_own",
    ),
    Mistake(
        "the headline counts only what was answered",
        "model.py",
        "    inside = truth != NOWHERE\n    return",
        "    inside = (truth != NOWHERE) & (said != NOWHERE)\n    return",
        f"{HAND}test_both_sides_are_shares_of_their_own",
    ),
    Mistake(
        "the baseline gets no rule for what is out of scope",
        "evaluate.py",
        "    bag = Recipe(load_model(workspace, allowed=ALLOWED, name=BASELINE), rule)\n",
        "    bag = Recipe(load_model(workspace, allowed=ALLOWED, name=BASELINE), 1.0 - rule)\n",
        f"{AGAIN}test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "the dearest bag of words is compared",
        "train.py",
        '    baseline = min(simple, key=lambda name: simple[name][1]["cost"])\n',
        '    baseline = max(simple, key=lambda name: simple[name][1]["cost"])\n',
        f"{MODEL}test_the_cheapest_bag_of_words_on_the_validation_part_is_compared",
    ),
    Mistake(
        "the baseline is not given a threshold",
        "evaluate.py",
        '        bag=by_bag.answered(training["candidates"][training["baseline"]]["threshold"]),\n',
        "        bag=by_bag.answered(assistant.threshold),\n",
        f"{AGAIN}test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "published figures are typed wrongly",
        "evaluate.py",
        '"BERT": (96.9, 40.3)',
        '"BERT": (96.2, 40.3)',
        "tests/test_pipeline.py::test_published_results_stand_beside_this_one_as_they_were_published",
    ),
    # the conversation
    Mistake(
        "a correction forgets the other slots",
        "dialogue.py",
        "_entry(intent, answers), {**state.slots, **found}",
        "_entry(intent, answers), {**found}",
        f"{TALK}test_a_correction_changes_the_slot_and_keeps_the_rest",
    ),
    Mistake(
        "what was said first stays for good",
        "dialogue.py",
        "{**state.slots, **found}",
        "{**found, **state.slots}",
        f"{TALK}test_a_correction_changes_the_slot_and_keeps_the_rest",
    ),
    Mistake(
        "days are taken for money",
        "dialogue.py",
        '        text = text.replace(date[0], " ", 1)\n',
        "",
        f"{HAND}test_slots_are_found_by_rules_and_by_the_dictionary",
    ),
    Mistake(
        "the last visitor's words are remembered",
        "predict.py",
        "        return converse(texts, self.understand, self.answers)[-1]\n",
        '        said = self.answers.setdefault("said", [])\n'
        "        said.extend(texts)\n"
        "        return converse(said, self.understand, self.answers)[-1]\n",
        "tests/test_serve.py::test_a_conversation_is_told_whole_and_nothing_is_kept_between",
    ),
    Mistake(
        "the knowledge base answers whatever is asked",
        "dialogue.py",
        "    return knowledge[best] if asked and alike[best] >= closeness else None\n",
        "    return knowledge[best] if asked else None\n",
        f"{HAND}test_a_question_that_is_near_enough_is_known",
    ),
    Mistake(
        "nobody is ever called",
        "dialogue.py",
        '    if missed > answers["patience"]:\n',
        '    if missed > 10 * answers["patience"]:\n',
        f"{TALK}test_a_person_takes_over_after_too_many_misses_and_the_count_begins_anew",
    ),
    Mistake(
        "a language model may say what it likes",
        "language_model.py",
        "        return said if said in intents else None\n",
        "        return said\n",
        "tests/test_language_model.py::test_whatever_else_it_says_is_no_answer",
    ),
    Mistake(
        "a language model is asked about everything",
        "predict.py",
        "        if intent is None and self.second:\n",
        "        if self.second:\n",
        "tests/test_language_model.py::"
        "test_it_is_asked_only_about_what_the_classifier_does_not_answer",
    ),
    # the service and its page
    Mistake(
        "the page forgets what out of scope takes",
        "page/infer.js",
        "    const against = model.out_weight * scores[out];\n",
        "    const against = 0;\n",
        "tests/kit/test_demo.py::test_the_browser_answers_as_the_service_does",
    ),
    Mistake(
        "the page hears no corrections",
        "page/dialogue.js",
        "const corrected = rest !== plain;",
        "const corrected = false;",
        "tests/kit/test_demo.py::test_the_browser_answers_as_the_service_does",
    ),
    Mistake(
        "what visitors write is kept",
        "watch.py",
        '        "words": len(words),\n',
        '        "words": len(words), text: 1.0,\n',
        "tests/test_serve.py::test_of_a_text_three_numbers_are_kept_and_not_the_text",
    ),
    Mistake(
        "what arrives was learned before",
        "stream.py",
        "past[~arrives[past]], known[~arrives[known]]",
        "past[~arrives[past]], known",
        f"{MODEL}test_a_replay_learns_nothing_of_the_domain_that_arrives",
    ),
    TEST_READ_TWICE,
    SAMPLE_POSES,
    Mistake(
        "an attempt scores the test set",
        "train.py",
        '    train = data.load(workspace, "train", reader="train")\n'
        "    folds = grouped_folds(train, FOLDS, workspace.seed)\n",
        '    train = data.load(workspace, "test", reader="evaluate")\n'
        "    folds = grouped_folds(train, FOLDS, workspace.seed)\n",
        NEVER_OPENS,
    ),
    Mistake(
        "the folds change between attempts",
        "train.py",
        "StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)",
        "StratifiedKFold(n_splits=folds, shuffle=True)",
        NEVER_OPENS,
    ),
    *ATTEMPTS,
    *RETRAINING,
    other_columns("Annotated[str, Field(strict=True)]"),
)
