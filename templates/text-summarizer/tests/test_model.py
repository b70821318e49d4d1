import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from rouge_score.rouge_scorer import RougeScorer
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

from project_package import (
    data,
    evaluate,
    explore,
    features,
    model,
    rouge,
    rules,
    train,
)
from project_package.kit import experiments
from project_package.kit.persistence import load_model
from project_package.kit.workspace import ProjectError, Workspace, read_json
from project_package.model import Ranker
from project_package.predict import Summarizer
from project_package.studies import ablation, methods, publishers

from conftest import reseal

BUDGET = 30
CONFIG = Workspace().config
RECIPE = model.build(CONFIG)


@pytest.fixture(scope="module")
def articles(trained: Workspace) -> pd.DataFrame:
    return data.load(trained, "train", reader="train")


@pytest.fixture(scope="module")
def table(articles: pd.DataFrame) -> pd.DataFrame:
    return model.tabulate(articles, BUDGET)


def change(workspace: Workspace, part: str, edit) -> None:
    """Edit one part's rows in place."""
    path = workspace.processed / f"{part}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    edited = [json.dumps(edit(row)) for row in rows]
    path.write_text("\n".join(edited) + "\n", encoding="utf-8", newline="\n")
    reseal(workspace, part)


def test_the_ranker_learns_which_sentences_are_best(table: pd.DataFrame) -> None:
    batch = table[table.article < 20].reset_index(drop=True)
    scores = model.fit(RECIPE, batch).scores(batch)
    pairs = zip(
        model.split_by_article(batch, scores),
        model.split_by_article(batch, batch.label),
        strict=True,
    )
    right = np.mean([s.argmax() == labels.argmax() for s, labels in pairs])
    assert right > 0.3  # one in twenty by chance


def test_shuffled_labels_teach_nothing(articles, table) -> None:
    def explained(learned: pd.DataFrame) -> float:
        scores = train.out_of_fold(RECIPE, articles, learned)
        return float(r2_score(table.label, scores))

    shuffled = table.assign(label=np.random.default_rng(0).permutation(table.label))
    assert explained(table) > 0.15
    assert explained(shuffled) < 0.1


def test_nothing_is_fitted_outside_the_training_part(copy: Workspace, monkeypatch) -> None:
    """A scaler or a ranker fitted on all rows has seen the articles it is tested on."""
    known = set(map(tuple, model.tabulate(_part(copy, "train"), BUDGET)[features.NAMES].to_numpy()))
    unknown = model.tabulate(_part(copy, "test"), BUDGET)[features.NAMES].to_numpy()
    only_in_test = {row for row in map(tuple, unknown) if row not in known}
    assert len(only_in_test) > 100
    sizes: list[int] = []
    original = StandardScaler.fit

    def spy(self, rows, y=None, sample_weight=None):
        if rows.shape[1] == len(features.NAMES):
            seen = set(map(tuple, rows))
            assert not seen & only_in_test, "fitted on sentences of the test part"
            sizes.append(len(rows))
        return original(self, rows, y, sample_weight)

    monkeypatch.setattr(StandardScaler, "fit", spy)
    train.run(copy)
    whole = sum(size == max(sizes) for size in sizes)
    assert whole == 1, "only the final ranker may learn from the whole training part"
    # Without each fold twice: for the measure, and for the reference of what the service is asked.
    assert len(sizes) == 1 + 2 * (CONFIG["data"]["folds"] - 1)


def test_the_rotation_never_learns_from_the_fold_it_scores(copy: Workspace, monkeypatch) -> None:
    corpus = evaluate.read_corpus(copy)
    fold = corpus.fold
    keys = pd.Series(map(tuple, corpus.table[features.NAMES].to_numpy()))
    only_held = set(keys[fold == 1]) - set(keys[fold != 1])
    assert len(only_held) > 100
    learned: set[tuple] = set()
    original = model.fit

    def spy(recipe, table):
        learned.update(map(tuple, table[features.NAMES].to_numpy()))
        return original(recipe, table)

    monkeypatch.setattr(model, "fit", spy)
    evaluate.fit_without(corpus, 1)
    assert learned
    assert not learned & only_held


def test_the_scores_of_a_fold_do_not_depend_on_its_own_labels(copy: Workspace) -> None:
    """Whoever lets the answer into the scores keeps a fine result when the labels are wrong."""
    corpus = evaluate.read_corpus(copy)
    fold = corpus.fold
    articles = corpus.articles.assign(
        reference=corpus.articles.reference.where(corpus.articles.fold != 1, "Nothing.")
    )
    wrong = corpus.table.assign(label=np.where(fold == 1, 0.0, corpus.table.label))
    spoilt = dataclasses.replace(corpus, articles=articles, table=wrong)
    saved = Ranker(**load_model(copy, allowed=()))
    before, after = (evaluate.rotate(each, saved, 0.5) for each in (corpus, spoilt))
    for found in ("informed", "blind", "rule"):
        assert np.array_equal(getattr(before, found)[fold == 1], getattr(after, found)[fold == 1])


def test_a_publisher_left_out_is_in_no_row_that_is_learned_from(copy: Workspace) -> None:
    """Neither its articles nor any other telling of its stories."""
    articles = evaluate.read_corpus(copy).articles
    splits = publishers.publisher_splits(articles)
    assert len(splits) == articles.publisher.nunique()
    assert sorted(np.concatenate([held for _, held in splits])) == list(range(len(articles)))
    for seen, held in splits:
        assert articles.publisher.iloc[held].nunique() == 1
        assert not set(articles.publisher.iloc[seen]) & set(articles.publisher.iloc[held])
        assert not set(articles.group.iloc[seen]) & set(articles.group.iloc[held])


def test_the_ranker_of_a_publisher_left_out_learns_from_the_others_alone(
    copy: Workspace, monkeypatch
) -> None:
    corpus = evaluate.read_corpus(copy)
    learned: list[set[int]] = []
    original = model.fit

    def spy(candidate, table):
        learned.append(set(table.article))
        return original(candidate, table)

    monkeypatch.setattr(model, "fit", spy)
    publishers.leave_publishers_out(corpus)
    expected = [set(seen) for seen, _ in publishers.publisher_splits(corpus.articles)]
    assert learned == expected


def test_choices_do_not_come_from_the_test_part(copy: Workspace) -> None:
    """With other labels in the test part, training must come out the same."""
    before = read_json(copy.models / "training.json", made_by="train")
    change(copy, "test", lambda row: row | {"labels": [0.0] * len(row["labels"])})
    train.run(copy)
    after = read_json(copy.models / "training.json", made_by="train")
    assert (after["rouge"], after["pairs"]) == (before["rouge"], before["pairs"])


def test_features_come_from_the_article_alone(articles: pd.DataFrame) -> None:
    article = articles.iloc[0]
    alone = features.describe(article.source, article.headline, BUDGET)
    among = model.tabulate(articles.head(5), BUDGET)
    pd.testing.assert_frame_equal(
        among[among.article == 0][features.NAMES], alone, check_exact=True
    )


def test_the_label_is_no_feature(table: pd.DataFrame) -> None:
    assert not {"label", "article", "has_headline"} & set(features.NAMES)
    assert table[features.NAMES].notna().all().all()
    assert table[features.NAMES].corrwith(table.label).abs().max() < 0.99


def test_without_a_headline_the_blind_ranker_judges(articles, table) -> None:
    ranker = model.fit(RECIPE, table)
    none = table.assign(has_headline=False)
    assert np.array_equal(ranker.scores(none), ranker.blind_scores(table))
    assert not np.allclose(ranker.scores(table.assign(has_headline=True)), ranker.scores(none))


def test_every_method_gets_the_same_length(articles: pd.DataFrame) -> None:
    source = articles.source[0]
    for scores in (
        *(rule(source) for rule in (rules.lead, methods.text_rank, methods.lex_rank)),
        rules.headline(source, articles.headline[0], BUDGET, 0.5),
    ):
        assert scores.shape == (len(source),)
        chosen = model.choose_whole(source, scores, BUDGET)
        assert len(model.summary(source, scores, BUDGET).split()) <= BUDGET or len(chosen) == 1


def test_what_is_measured_is_what_is_served(trained: Workspace, articles: pd.DataFrame) -> None:
    summarizer = Summarizer.load(trained)
    article = articles.iloc[0]
    scores = summarizer.scores(article.source, article.headline)
    measured = model.summary(article.source, scores, BUDGET)
    assert summarizer.summarize(" ".join(article.source), article.headline).summary == measured


def test_whole_sentences_are_taken_until_the_next_is_too_long() -> None:
    source = ["one two three", "four five", "six seven eight nine ten", "eleven"]
    assert model.choose_whole(source, [1, 3, 2, 0], 5) == [1]
    assert model.choose_whole(source, [2, 3, 0, 1], 6) == [1, 0, 3]
    assert model.choose_whole(source, [0, 0, 9, 0], 3) == [2]
    assert model.summary(source, [2, 3, 0, 1], 6) == "one two three four five eleven"


def test_the_rule_counts_the_headlines_words_and_pairs_of_them() -> None:
    source = ["a ferry stays here", "stays ferry", "nothing"]
    assert list(rules.headline(source, "Ferry stays", BUDGET, 0.0)) == [2, 2, 0]
    assert list(rules.headline(source, "Ferry stays", BUDGET, 0.5)) == [2.5, 2, 0]


def test_equal_scores_go_to_the_earlier_sentence() -> None:
    assert list(model.ranking([1.0, 2.0, 2.0, 1.0])) == [1, 2, 0, 3]


def test_no_table_scores_a_sentence_of_a_fold_that_its_model_learned_from(
    copy: Workspace, monkeypatch
) -> None:
    """The ablation and the cross-validation, by the row numbers themselves."""
    evaluated = evaluate.measure(copy)
    corpus = evaluated.corpus
    fold = corpus.fold
    learned: dict[int, set[int]] = {}
    scored: list[int] = []
    kept: list = []  # so that no two have one id
    fit, score = model.fit_on, model.score_on

    def spy_on_fit(recipe, table, names):
        fitted = fit(recipe, table, names)
        kept.append(fitted)
        learned[id(fitted)] = set(fold[table.index])
        assert len(table) == np.isin(fold, list(learned[id(fitted)])).sum(), "not all rows"
        return fitted

    def spy_on_scores(fitted, rows, names):
        assert not learned[id(fitted)] & set(fold[rows.index])
        scored.extend(rows.index)
        return score(fitted, rows, names)

    monkeypatch.setattr(model, "fit_on", spy_on_fit)
    monkeypatch.setattr(model, "score_on", spy_on_scores)
    ablation.ablation_table(evaluated)
    assert pd.Series(scored).value_counts().nunique() == 1, "every sentence as often"
    assert len(set(scored)) == len(corpus.table)
    learned.clear()
    train.out_of_fold(RECIPE, corpus.articles, corpus.table)
    assert {len(folds) for folds in learned.values()} == {corpus.articles.fold.nunique() - 1}


def test_the_rules_weight_is_the_best_of_the_training_part(
    trained: Workspace, articles: pd.DataFrame
) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    reached = {
        pairs: train.served(articles, train.by_rule(articles, BUDGET, pairs), BUDGET).mean()
        for pairs in CONFIG["baselines"]["pair_weights"]
    }
    assert reached[training["pairs"]] == max(reached.values())
    assert training["articles"] == len(articles)


def test_rouge_is_that_of_googles_library_word_for_word(articles: pd.DataFrame) -> None:
    """F, not recall or precision: of two summaries, one inside the other, the order tells."""
    scorer = RougeScorer(list(rouge.KINDS), use_stemmer=True)
    texts = [source[0] for source in articles.source.head(15)]
    texts += [" ".join(source[:4]) for source in articles.source.head(15)]
    references = [*articles.reference.head(15)] * 2
    for reference, text in zip(references, texts, strict=True):
        found = scorer.score(reference, text)
        expected = [found[kind].fmeasure for kind in rouge.KINDS]
        assert rouge.by_kind(reference, text) == pytest.approx(expected)
        assert rouge.mean(reference, text) == pytest.approx(np.mean(expected))


def test_attempts_are_scored_by_rankers_that_had_not_seen_the_fold(
    without_test: Workspace, trained: Workspace, articles: pd.DataFrame
) -> None:
    """On the training set alone, with what `train` found there, and beside the tuned rule."""
    said = train.held_out(without_test)
    assert list(said.rows.id) == list(articles.id)
    assert said.rows.groupby("group").fold.nunique().max() == 1
    assert (said.rows.fold == articles.fold).all()
    training = read_json(trained.models / "training.json", made_by="train")
    assert said.rows.model.mean() == pytest.approx(training["rouge"])
    baseline = train.held_out_baseline(without_test)
    rule = train.by_rule(articles, BUDGET, training["pairs"])
    assert list(baseline) == list(train.served(articles, rule, BUDGET))


def test_a_longer_summary_is_no_attempt_at_this_one(without_test: Workspace) -> None:
    """More words match more of the reference, whoever picks them."""
    start = experiments.begin(without_test)[0]
    assert start["value"] < train.held_out(without_test).rows.truth.mean()
    longer = Workspace(without_test.root, overrides={"summary.words": 2 * BUDGET})
    with pytest.raises(ProjectError, match="other rows, folds or metric than attempt 0"):
        experiments.score(longer, start)


def test_exploring_sees_the_training_set_alone(without_test: Workspace) -> None:
    explore.run(without_test)
    written = read_json(without_test.reports / "exploration.json", made_by="explore")
    assert set(written["tables"]) == {"sources", "drivers"}
    for name in written["figures"]:
        assert (without_test.figures / f"{name}.svg").exists()


def _part(workspace: Workspace, name: str) -> pd.DataFrame:
    return pd.read_json(workspace.processed / f"{name}.jsonl", lines=True, dtype=False)
