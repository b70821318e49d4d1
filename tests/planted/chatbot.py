"""Mistakes that a spam detector's own tests must catch."""

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

MISTAKES = (
    Mistake(
        "terms are weighed on all rows before cross-validation",
        "train.py",
        "            fitted, counts[name], mails.spam, cv=folds,",
        "            fitted[1:], fitted[0].fit_transform(counts[name]), mails.spam, cv=folds,",
        "tests/test_model.py::test_weights_of_terms_are_fitted_on_the_rows_of_the_fold_alone",
    ),
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        "    detector = configured.fit(train.text, train.spam)",
        "    rows = pd.concat([train, pd.read_json(\n"
        '        workspace.processed / "test.jsonl", lines=True, dtype=False\n'
        '    ).assign(text=lambda part: part.subject + "\\n" + part.body)])\n'
        "    detector = configured.fit(rows.text, rows.spam)",
        "tests/test_model.py::test_what_is_held_out_changes_nothing_of_what_is_trained",
    ),
    Mistake(
        "a copy or a thread crosses the split",
        "data.py",
        "folds.split(mails, mails.spam, mails.group)",
        "folds.split(mails, mails.spam, mails.index)",
        "tests/test_data.py::test_no_thread_and_no_copy_crosses_the_split",
    ),
    Mistake(
        "near copies are not looked for",
        "data.py",
        '    for row, other in near_copies(texts, settings["copy_overlap"]):\n',
        "    for row, other in ():\n",
        "tests/test_data.py::test_threads_and_copies_are_found",
    ),
    Mistake(
        "threads are not looked for",
        "data.py",
        "        yield from ((row, name) for name in ids)\n",
        "",
        "tests/test_data.py::test_threads_and_copies_are_found",
    ),
    Mistake(
        "groups are torn apart in cross-validation",
        "train.py",
        "splitter.split(mails, mails.spam, mails.group)",
        "splitter.split(mails, mails.spam, np.arange(len(mails)))",
        "tests/test_data.py::test_no_group_stands_on_both_sides_of_a_fold",
    ),
    Mistake(
        "footers of lists stay in the text",
        "data.py",
        '    body = LIST_MARKS.sub("", body).strip()\n',
        "    body = body.strip()\n",
        "tests/test_data.py::test_what_a_list_adds_to_every_mail_is_not_part_of_the_text",
    ),
    Mistake(
        "the label reaches the text by the name of its folder",
        "data.py",
        "        text=[compose(*each, longest) for each in zip(mails.subject, mails.body, "
        "strict=True)],\n",
        '        text=mails.folder + " " + mails.subject + " " + mails.body,\n',
        "tests/kit/test_recompute.py::test_a_target_shuffled_before_the_data_are_read_leaves_chance",
    ),
    Mistake(
        "the threshold is tuned on the test set",
        "evaluate.py",
        '    strict = (mails.probability >= training["thresholds"]["capped"]).astype(float)\n',
        "    best = model.capped_threshold(mails.probability, mails.spam, cap)\n"
        "    strict = (mails.probability >= best).astype(float)\n",
        "tests/test_model.py::test_thresholds_do_not_come_from_the_test_set",
    ),
    Mistake(
        "hard mails are lost on the way to the score",
        "data.py",
        "    mails, ledger = read_mails(raw, settings), Ledger(len(raw))\n",
        "    easy = {name: mail for name, mail in raw.items() if not name.startswith('hard')}\n"
        "    mails, ledger = read_mails(easy, settings), Ledger(len(raw))\n",
        "tests/kit/test_recompute.py::test_no_row_is_lost_without_an_allowed_reason[sample]",
    ),
    Mistake(
        "the baseline is not tuned",
        "evaluate.py",
        "        recipes[training[tuned]].fit(train.text, train.spam)\n",
        "        recipes[max(recipes)].fit(train.text, train.spam)\n",
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
    ),
    TEST_READ_TWICE,
    Mistake(
        "labels are shuffled and the score is kept",
        "model.py",
        "    return as_scores(getattr(model, scored_by(model))(inputs))\n",
        "    texts = [str(text) for text in inputs]\n"
        '    spam = [len(KEYWORDS.findall(text)) - ("Re:" in text) for text in texts]\n'
        "    return np.asarray(spam, dtype=float)\n",
        "tests/test_model.py::test_shuffled_labels_score_no_better_than_chance",
    ),
    Mistake(
        "headers stand in the text",
        "data.py",
        "    body, html = read_body(message)\n",
        '    body, html = raw.decode("latin-1"), False\n',
        "tests/test_data.py::test_headers_are_not_part_of_the_text",
    ),
    SAMPLE_POSES,
    Mistake(
        "an attempt scores the test set",
        "train.py",
        '    mails = data.load(workspace, "train", reader="train")\n'
        "    said = cross_validate(workspace, mails, {MODEL",
        '    mails = data.load(workspace, "test", reader="evaluate")\n'
        "    said = cross_validate(workspace, mails, {MODEL",
        NEVER_OPENS,
    ),
    Mistake(
        "the folds change between attempts",
        "train.py",
        "    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)\n",
        "    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True)\n",
        NEVER_OPENS,
    ),
    *ATTEMPTS,
    *RETRAINING,
    other_columns("Annotated[bool, Field(strict=True)]"),
)
