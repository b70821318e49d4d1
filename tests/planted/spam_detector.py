"""Mistakes that a spam detector's own tests must catch."""

from __future__ import annotations

from tests.planted.mistakes import SAMPLE_POSES, TEST_READ_TWICE, Mistake

MISTAKES = (
    Mistake(
        "terms are counted on all rows before cross-validation",
        "train.py",
        "known, new = terms.fit_transform(fit.text), terms.transform(unseen.text)",
        "known, new = (terms.fit(train.text).transform(part.text) for part in (fit, unseen))\n"
        "    terms.fit_transform(train.text)",
        "tests/test_model.py::test_terms_are_counted_on_the_rows_of_the_fold_alone",
    ),
    Mistake(
        "the model is fitted on all rows",
        "train.py",
        "    detector = model.candidates(workspace.seed)[chosen].fit(train.text, train.spam)",
        "    rows = pd.concat([train, validation, pd.read_json(\n"
        '        workspace.processed / "test.jsonl", lines=True, dtype=False\n'
        '    ).assign(text=lambda part: part.subject + "\\n" + part.body)])\n'
        "    detector = model.candidates(workspace.seed)[chosen].fit(rows.text, rows.spam)",
        "tests/test_model.py::test_words_of_other_parts_are_unknown_to_the_model",
    ),
    Mistake(
        "a copy crosses the split",
        "data.py",
        "folds.split(mails, mails.spam, mails.group)",
        "folds.split(mails, mails.spam, mails.index)",
        "tests/test_data.py::test_no_copy_crosses_the_split",
    ),
    Mistake(
        "the threshold is tuned on the test part",
        "evaluate.py",
        '    capped = (mails.probability >= thresholds["capped"]).astype(float)',
        "    best = model.capped_threshold(mails.probability, mails.spam, 0.002)\n"
        "    capped = (mails.probability >= best).astype(float)",
        "tests/test_model.py::test_thresholds_do_not_come_from_the_test_part",
    ),
    TEST_READ_TWICE,
    Mistake(
        "labels are shuffled and the score is kept",
        "model.py",
        "        return np.asarray(model.decision_function(inputs))",
        "        texts = [str(text) for text in inputs]\n"
        '        spam = [len(KEYWORDS.findall(text)) - ("Re:" in text) for text in texts]\n'
        "        return np.asarray(spam, dtype=float)",
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
)
