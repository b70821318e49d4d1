"""Mistakes that the text summarizer's own tests must catch."""

from __future__ import annotations

from scaffold.authoring.mistakes import SAMPLE_POSES, Mistake

MISTAKES = (
    Mistake(
        "the ranker is fitted on all rows",
        "train.py",
        'train = data.load(workspace, "train", reader="train")\n',
        "train = pd.concat(\n"
        '        pd.read_json(workspace.processed / f"{part}.jsonl", lines=True, dtype=False)\n'
        "        for part in data.PARTS\n    )\n",
        "tests/test_model.py::test_nothing_is_fitted_outside_the_training_part",
    ),
    Mistake(
        "the rule is tuned on the test set",
        "train.py",
        '    train = data.load(workspace, "train", reader="train")',
        "    train = pd.read_json(\n"
        '        workspace.processed / "test.jsonl", lines=True, dtype=False\n'
        "    ).assign(\n        fold=lambda rows: rows.index % 4\n    )",
        "tests/test_model.py::test_choices_do_not_come_from_the_test_part",
    ),
    Mistake(
        "a rotated ranker learns from the fold it scores",
        "evaluate.py",
        "corpus.table[corpus.fold != held])",
        "corpus.table)",
        "tests/test_model.py::test_the_rotation_never_learns_from_the_fold_it_scores",
    ),
    Mistake(
        "a story crosses the folds",
        "data.py",
        "folds.split(articles, articles.publisher, articles.group)",
        "folds.split(articles, articles.publisher, np.arange(len(articles)))",
        "tests/test_data.py::test_no_story_crosses_the_split_or_a_fold",
    ),
    Mistake(
        "stories are not looked for",
        "data.py",
        '> settings["same_story"]',
        "> 1.5",
        "tests/test_data.py::test_no_story_crosses_the_split_or_a_fold",
    ),
    Mistake(
        "publishers are left out with their stories kept",
        "studies/publishers.py",
        "seen = ~held & ~articles.group.isin(articles.group[held])",
        "seen = ~held",
        "tests/test_model.py::test_a_publisher_left_out_is_in_no_row_that_is_learned_from",
    ),
    Mistake(
        "publishers are left out by name alone",
        "studies/publishers.py",
        "seen = corpus.table.article.isin(fit_rows)",
        "seen = corpus.table.article >= 0",
        "tests/test_model.py::test_the_ranker_of_a_publisher_left_out_learns_from_the_others_alone",
    ),
    Mistake(
        "the test part is read twice",
        "evaluate.py",
        "for part in data.PARTS]\n",
        'for part in (*data.PARTS, "test")][:2]\n',
        "tests/kit/test_manifest.py::test_a_run_reads_the_test_part_once_and_logs_it",
    ),
    Mistake(
        "the rule is weakened",
        "rules.py",
        "early = [words.cut([sentence], budget) for sentence in source]",
        "early = [words.cut([sentence], 5) for sentence in source]",
        "tests/kit/test_recompute.py::test_baselines_fitted_anew_say_what_the_file_says",
    ),
    Mistake(
        "labels are shuffled and the score is kept",
        "evaluate.py",
        'found["informed"][rows] = ranker.scores(unseen)',
        'found["informed"][rows] = unseen.label',
        "tests/test_model.py::test_the_scores_of_a_fold_do_not_depend_on_its_own_labels",
    ),
    Mistake(
        "labels are shuffled before the fit",
        "model.py",
        "table.label.to_numpy())",
        "table.label.sample(frac=1, random_state=0).to_numpy())",
        "tests/test_model.py::test_the_ranker_learns_which_sentences_are_best",
    ),
    Mistake(
        "the answer is among the features",
        "model.py",
        "features.describe(source, headline, budget).assign(\n",
        "features.describe(source, headline, budget).assign(\n            like_headline=labels,\n",
        "tests/test_model.py::test_the_label_is_no_feature",
    ),
    Mistake(
        "the reference stays in the source",
        "data.py",
        "return reference, source",
        "return reference, [reference, *source]",
        "tests/test_data.py::test_the_reference_is_not_left_in_the_source",
    ),
    Mistake(
        "articles that are hard are left out under another reason",
        "data.py",
        ".str.split().str.len() >= least]",
        '.str.split().str.len().where(articles.headline != "", 0) >= least]',
        "tests/kit/test_recompute.py::test_no_row_is_lost_without_an_allowed_reason",
    ),
    Mistake(
        "the summary may be as long as it likes",
        "model.py",
        "if chosen and length > budget:",
        "if chosen and length > 3 * budget:",
        "tests/test_model.py::test_whole_sentences_are_taken_until_the_next_is_too_long",
    ),
    Mistake(
        "ROUGE is of another kind",
        "words.py",
        "STEMMED_FROM = 4",
        "STEMMED_FROM = 1",
        "tests/test_words.py::test_scores_are_those_of_the_pinned_scorer",
    ),
    Mistake(
        "a report quotes a publisher's text",
        "evaluate.py",
        '"link": article.link,',
        '"link": article.reference,',
        "tests/test_pipeline.py::test_twenty_worst_errors_are_kept_without_a_word_of_their_texts",
    ),
    Mistake(
        "an attempt's ranker learns from the fold that it scores",
        "train.py",
        "ranker = model.fit(recipe, table[fold != held])",
        "ranker = model.fit(recipe, table)",
        "tests/test_model.py::test_no_table_scores_a_sentence_of_a_fold_that_its_model_learned_from",
    ),
    Mistake(
        "an attempt may serve longer summaries and be called better",
        "train.py",
        '        "truth": served(train, train.labels, budget),\n',
        "",
        "tests/test_model.py::test_a_longer_summary_is_no_attempt_at_this_one",
    ),
    SAMPLE_POSES,
    Mistake(
        "the write-up keeps its old numbers",
        "kit/report.py",
        "if after != before:",
        "if after != before and not before:",
        "tests/kit/test_write_up.py::test_the_readme_says_what_metrics_json_says",
    ),
    Mistake(
        "the answer stands in for a headline",
        "data.py",
        '            "headline": table.title.str.strip(),\n',
        '            "headline": [title.strip() or parted[row][0]\n'
        "                         for row, title in enumerate(table.title)],\n",
        "tests/kit/test_recompute.py::test_what_is_sealed_is_what_the_raw_data_say_row_by_row",
    ),
)
