import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import roc_auc_score
from sklearn.svm import LinearSVC

from project_package import data, evaluate, model, stream, train
from project_package.data import NOWHERE
from project_package.kit.persistence import load_model
from project_package.kit.results import read_results
from project_package.kit.workspace import ProjectError, Workspace, read_json
from project_package.model import Judged
from project_package.predict import ALLOWED, Assistant
from project_package.studies import parts, published, robustness

from conftest import reseal

CANARY = "zyzzyvaquark"


@pytest.fixture
def queries(trained: Workspace) -> pd.DataFrame:
    return data.load(trained, "train", reader="train")


def part(workspace: Workspace, name: str) -> pd.DataFrame:
    return pd.read_json(workspace.processed / f"{name}.jsonl", lines=True, dtype={"id": str})


def change(workspace: Workspace, name: str, edit) -> None:
    """Edit one part's rows in place."""
    path = workspace.processed / f"{name}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    edited = [json.dumps(edit(row)) for row in rows]
    path.write_text("\n".join(edited) + "\n", encoding="utf-8", newline="\n")
    reseal(workspace, name)


def notes_of(workspace: Workspace) -> dict:
    return read_json(workspace.models / "training.json", made_by="train")


def test_the_model_can_learn_one_batch_by_heart(trained: Workspace, queries) -> None:
    batch = queries.groupby("label").head(3)
    fitted = model.fitted(model.build(trained.config), batch.text, batch.label)
    assert (fitted.pipeline.predict(batch.text) == batch.label).all()


def test_shuffled_labels_tell_nothing_of_what_is_in_scope(trained: Workspace, queries) -> None:
    fit, unseen = train.grouped_folds(queries, 3, seed=0)[0]
    found = []
    for seed in range(5):
        labels = np.random.default_rng(seed).permutation(queries.label)
        fitted = model.fitted(model.build(trained.config), queries.text.iloc[fit], labels[fit])
        judged = model.ask(fitted, queries.text.iloc[unseen])
        found.append(roc_auc_score(queries.label.iloc[unseen] != NOWHERE, judged.score))
        assert (judged.label == queries.label.iloc[unseen]).mean() < 0.2
    assert abs(np.mean(found) - 0.5) < 0.15


def test_weights_that_are_small_are_zero_and_the_others_as_they_were(trained, queries) -> None:
    features = model.terms(trained.config["features"]).fit_transform(queries.text)
    plain = LinearSVC(C=1.0, random_state=0).fit(features, queries.label)
    pruned = model.PrunedSVC(C=1.0, least=0.3, random_state=0).fit(features, queries.label)
    kept = pruned.coef_.toarray()
    assert kept[np.abs(plain.coef_) >= 0.3] == pytest.approx(
        plain.coef_[np.abs(plain.coef_) >= 0.3]
    )
    assert (kept[np.abs(plain.coef_) < 0.3] == 0).all()
    assert 0 < pruned.coef_.nnz < np.count_nonzero(plain.coef_)
    assert pruned.intercept_ == pytest.approx(plain.intercept_)


def test_each_kind_of_term_has_the_length_of_one(trained: Workspace, queries) -> None:
    settings = trained.config["features"]
    features = model.terms(settings).fit_transform(queries.text)
    words = features[:, : 2 ** settings["word_bits"]]
    runs = features[:, 2 ** settings["word_bits"] :]
    for kind in (words, runs):
        lengths = np.sqrt(np.asarray(kind.multiply(kind).sum(axis=1)).ravel())
        assert lengths[lengths > 0] == pytest.approx(1)
        assert (lengths > 0).mean() > 0.95


def test_weights_of_terms_are_fitted_on_the_rows_of_the_fold_alone(
    trained: Workspace, queries, monkeypatch
) -> None:
    fitted_on: list[int] = []
    original = TfidfTransformer.fit

    def spy(self, counts, y=None):
        fitted_on.append(counts.shape[0])
        return original(self, counts, y)

    monkeypatch.setattr(TfidfTransformer, "fit", spy)
    folds = train.grouped_folds(queries, 3, seed=0)
    train.out_of_fold(queries, [model.build(trained.config)], folds)
    assert sorted(fitted_on) == sorted(len(fit) for fit, _ in folds for _ in ("words", "runs"))


def test_what_is_held_out_changes_nothing_of_what_is_trained(copy: Workspace) -> None:
    before = [(copy.models / name).read_bytes() for name in ("model.skops", train.BASELINE)]
    notes = notes_of(copy)
    change(copy, "test", lambda row: row | {"text": CANARY, "label": NOWHERE})
    train.run(copy)
    assert [(copy.models / name).read_bytes() for name in ("model.skops", train.BASELINE)] == before
    for name in ("threshold", "candidates", "reference_scores"):
        assert notes_of(copy)[name] == notes[name]


def test_the_validation_part_places_thresholds_and_teaches_nothing(copy: Workspace) -> None:
    """With other texts and intents in it the machine is the same."""
    before = load_model(copy, ALLOWED)[-1].coef_.toarray()
    label = part(copy, "train").label.max()
    change(
        copy, "validation", lambda row: row | {"text": f"{CANARY} {row['id']}", "label": int(label)}
    )
    other = Workspace(copy.root)
    train.run(other)
    assert (load_model(copy, ALLOWED)[-1].coef_.toarray() == before).all()


def test_answers_of_a_fold_do_not_depend_on_its_own_labels(trained: Workspace, queries) -> None:
    folds = train.grouped_folds(queries, 3, seed=0)
    _, unseen = folds[0]
    labels = queries.label.to_numpy().copy()
    labels[unseen] = np.random.default_rng(0).permutation(labels[unseen])
    turned = queries.assign(label=labels)
    recipes = [model.build(trained.config), *model.bags_of_words(trained.config).values()]
    honest, turned_round = (train.out_of_fold(rows, recipes, folds) for rows in (queries, turned))
    fold = np.zeros(len(queries), dtype=int)
    for number, (_, rows) in enumerate(folds):
        fold[rows] = number
    for one, other in zip(honest, turned_round, strict=True):
        assert one.score[unseen].tolist() == other.score[unseen].tolist()
        assert one.score.tolist() != other.score.tolist()
        answers = train.answer_by_fold(one, queries.label, fold, 1.0)
        others = train.answer_by_fold(
            one, pd.Series(np.where(fold == 0, NOWHERE, queries.label)), fold, 1.0
        )
        assert answers[unseen].tolist() == others[unseen].tolist(), "nor does its threshold"


def test_the_cheapest_bag_of_words_on_the_validation_part_is_compared(trained: Workspace) -> None:
    notes = notes_of(trained)
    costs_of = {name: found["cost"] for name, found in notes["candidates"].items()}
    assert set(costs_of) == set(model.bags_of_words(trained.config))
    assert costs_of[notes["baseline"]] == min(costs_of.values())


def test_the_bags_of_words_hold_every_setting_once(trained: Workspace) -> None:
    settings = trained.config["baselines"]
    recipes = model.bags_of_words(trained.config)
    assert len(recipes) == len(settings["c"]) * len(settings["out_weight"])
    assert {recipe.out_weight for recipe in recipes.values()} == set(settings["out_weight"])
    assert {recipe.pipeline[-1].C for recipe in recipes.values()} == set(settings["c"])
    assert {recipe.pipeline[0].ngram_range for recipe in recipes.values()} == {(1, 1)}


def cost_of(judged: Judged, truth: np.ndarray, threshold: float, price: float) -> float:
    answered = judged.score >= threshold
    inside = truth != NOWHERE
    lost = 1 - (answered & (judged.label == truth))[inside].mean()
    return lost + price * answered[~inside].mean()


@pytest.mark.parametrize("price", [0.2, 1.0, 5.0])
def test_no_threshold_is_cheaper_than_the_cheapest(trained: Workspace, price: float) -> None:
    validation = data.load(trained, "validation", reader="train")
    judged = Assistant.load(trained).judge(list(validation.text))
    truth = validation.label.to_numpy()
    found = cost_of(judged, truth, model.cheapest_threshold(judged, truth, price), price)
    levels = [*judged.score, judged.score.max() + 1]
    assert found <= min(cost_of(judged, truth, level, price) for level in levels) + 1e-9


def test_the_threshold_is_the_cheapest_of_the_validation_part(trained: Workspace) -> None:
    validation = data.load(trained, "validation", reader="train")
    judged = Assistant.load(trained).judge(list(validation.text))
    price = trained.config["threshold"]["out_cost"]
    expected = model.cheapest_threshold(judged, validation.label, price)
    assert notes_of(trained)["threshold"] == pytest.approx(expected)
    assert notes_of(trained)["reference_scores"] == pytest.approx(judged.score.tolist(), abs=1e-6)


def test_a_dearer_answer_raises_the_threshold() -> None:
    random = np.random.default_rng(0)
    truth = random.choice([0, 1, NOWHERE], 900)
    label = np.where(random.random(900) < 0.9, np.maximum(truth, 0), 1)
    judged = Judged(label, (truth != NOWHERE) + random.normal(0, 0.7, 900))
    cheap, fair, dear = (model.cheapest_threshold(judged, truth, price) for price in (0.1, 1, 10))
    assert cheap < fair < dear


def test_thresholds_do_not_come_from_the_test_set(copy: Workspace) -> None:
    """With everything in the test set out of scope but one query, recall would be perfect."""
    notes = notes_of(copy)
    keep = part(copy, "test").id[0]
    change(copy, "test", lambda row: row if row["id"] == keep else row | {"label": NOWHERE})
    evaluate.run(copy)
    test = part(copy, "test")
    judged = Assistant.load(copy).judge(list(test.text))
    outside = (test.label == NOWHERE).to_numpy()
    expected = (judged.score[outside] < notes["threshold"]).mean()
    reported = read_results(copy)["metrics"]["out_of_scope_recall"]["value"]
    assert reported == pytest.approx(expected)
    assert reported < 0.6


def test_a_model_of_another_price_is_not_evaluated(copy: Workspace) -> None:
    other = Workspace(copy.root, overrides={"threshold.out_cost": 9.0})
    with pytest.raises(ProjectError, match="trained with other"):
        evaluate.run(other)


def test_every_recipe_is_fitted_to_all_of_the_training_part(copy: Workspace, monkeypatch) -> None:
    """The model and each bag of words alike: nothing is fitted to less, nothing to more."""
    rows: list[int] = []
    original = LinearSVC.fit

    def spy(self, features, *args, **kwargs):
        rows.append(features.shape[0])
        return original(self, features, *args, **kwargs)

    monkeypatch.setattr(LinearSVC, "fit", spy)
    train.run(copy)
    assert set(rows) == {len(part(copy, "train"))}
    assert len(rows) == 1 + len(copy.config["baselines"]["c"])


def test_the_curve_holds_every_threshold_and_is_of_both_sides() -> None:
    judged = Judged(np.array([0, 0, 1, 1]), np.array([0.9, 0.7, 0.7, 0.1]))
    found = evaluate.curve(judged, pd.Series([0, NOWHERE, 1, 0]))
    assert found.inside.tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    assert found.outside.tolist() == pytest.approx([1, 0, 0])


def test_recall_at_a_published_accuracy_is_the_best_that_keeps_it() -> None:
    found = pd.DataFrame({"inside": [0.5, 0.8, 0.9], "outside": [1.0, 0.7, 0.2]})
    assert published.at_accuracy(found, 0.8) == 0.7
    assert published.at_accuracy(found, 0.81) == 0.2
    assert published.at_accuracy(found, 0.95) == "–"


def test_another_price_takes_its_threshold_from_the_validation_part(
    trained: Workspace,
) -> None:
    """Asked of the sealed parts again; the price of the headline gives the headline's threshold."""
    table = read_results(trained)["tables"]["costs"]["rows"]
    assert [float(row[0]) for row in table] == trained.config["evaluate"]["out_costs"]
    judged = Assistant.load(trained).judge(list(part(trained, "validation").text))
    truth = part(trained, "validation").label
    for price, threshold, *_ in table:
        expected = model.cheapest_threshold(judged, truth, float(price))
        assert threshold == pytest.approx(expected)
    assert [row[1] for row in table] == sorted(row[1] for row in table)


def test_a_part_that_is_left_out_is_left_out(trained: Workspace, queries) -> None:
    evaluated = SimpleNamespace(assistant=Assistant.load(trained))
    found = dict(parts.without(trained, evaluated, queries))
    assert list(found) == [
        "no score of out of scope in the rule", "no query out of scope to learn from",
        "no runs of characters", "no words and pairs",
    ]  # fmt: skip
    alone, inside, words, runs = found.values()
    assert alone.out_weight == 0
    assert alone.pipeline is evaluated.assistant.recipe.pipeline
    assert NOWHERE not in inside.pipeline[-1].classes_
    assert words.pipeline[0][0].analyzer == "word"
    assert runs.pipeline[0][0].analyzer == "char_wb"
    assert NOWHERE in set(words.pipeline[-1].classes_) & set(runs.pipeline[-1].classes_)
    rows = read_results(trained)["tables"]["parts"]["rows"]
    assert [row[0] for row in rows] == list(found)


def test_a_disturbance_does_what_its_name_says() -> None:
    random = np.random.default_rng(0)
    text = "what is my balance"
    for _ in range(50):
        changed = robustness.mistype(text, random, errors=1)
        assert abs(len(changed) - len(text)) <= 1
        assert sum(a != b for a, b in zip(changed, text, strict=False)) <= len(text)
    assert robustness.say_otherwise(text, random) == "tell me the balance"
    assert robustness.with_html("pay", random) == "<p><b>pay</b></p><script>alert('pay')</script>"
    drowned = robustness.drowned(text, random)
    assert drowned.startswith(text)
    assert len(drowned) == robustness.LONG


def test_a_text_that_is_only_mistyped_is_not_lost(trained: Workspace) -> None:
    """One letter can be all that there is."""
    random = np.random.default_rng(1)
    assert all(robustness.mistype("x", random, errors=3) for _ in range(50))


def test_the_words_that_moved_a_score_sum_up_with_the_rest(trained: Workspace, queries) -> None:
    """Effects of words are parts of the score beside runs of letters and the intercept."""
    assistant = Assistant.load(trained)
    pipeline, text = assistant.recipe.pipeline, "freeze my savings account"
    label = int(assistant.judge([text]).label[0])
    effects = model.word_effects(pipeline, text, label, 99)
    vector = pipeline[:-1].transform([text])
    row = pipeline[-1].coef_[[list(pipeline[-1].classes_).index(label)]].toarray().ravel()
    of_words = slice(0, 2 ** trained.config["features"]["word_bits"])
    expected = (vector.toarray().ravel() * row)[of_words].sum()
    assert sum(effect for _, effect in effects) == pytest.approx(expected)
    assert dict(effects).keys() >= {"freeze", "freeze my", "savings account"}


def test_a_replay_learns_nothing_of_the_domain_that_arrives(closed: Workspace, monkeypatch) -> None:
    learnt: list[pd.Series] = []
    fitted = model.fitted

    def spy(recipe, texts, labels):
        learnt.append(labels)
        return fitted(recipe, texts, labels)

    monkeypatch.setattr(model, "fitted", spy)
    stream.replay(closed)
    queries = data.load(closed, "train", reader="simulate")
    arriving = set(queries.label[queries.domain == stream.ARRIVES])
    (labels,) = learnt
    assert arriving
    assert not arriving & set(labels)
