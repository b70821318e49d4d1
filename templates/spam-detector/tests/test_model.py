import json

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import average_precision_score

from project_package import data, evaluate, model, train
from project_package.predict import SpamDetector
from project_package.results import read_results
from project_package.workspace import Workspace, read_json

from conftest import reseal

CANARY = "zyzzyvaquark"


@pytest.fixture
def mails(trained: Workspace) -> pd.DataFrame:
    return data.load(trained, "train", reader="train")


def change(workspace: Workspace, part: str, edit) -> None:
    """Edit one part's rows in place."""
    path = workspace.processed / f"{part}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    edited = [json.dumps(edit(row)) for row in rows]
    path.write_text("\n".join(edited) + "\n", encoding="utf-8", newline="\n")
    reseal(workspace, part)


def test_every_candidate_can_learn_one_batch_by_heart(mails: pd.DataFrame) -> None:
    batch = pd.concat([mails[mails.spam == 1].head(10), mails[mails.spam == 0].head(10)])
    for name, candidate in model.candidates(seed=0).items():
        fitted = candidate.fit(batch.text, batch.spam)
        assert (fitted.predict(batch.text) == batch.spam).all(), name


def test_shuffled_labels_score_no_better_than_chance(trained: Workspace, mails) -> None:
    unseen = data.load(trained, "validation", reader="train")
    candidate = model.candidates(seed=0)["words and characters, C=1"]
    by_shuffle = []
    for seed in range(5):
        labels = np.random.default_rng(seed).permutation(mails.spam)
        raw = model.scores(candidate.fit(mails.text, labels), unseen.text)
        by_shuffle.append(average_precision_score(unseen.spam, raw))
    assert abs(np.mean(by_shuffle) - unseen.spam.mean()) < 0.15


def test_the_same_seed_gives_the_same_model(copy: Workspace) -> None:
    before = SpamDetector.load(copy)
    train.run(copy)
    after = SpamDetector.load(copy)
    texts = [("Hello", "see you tomorrow"), ("Winner", "click here for free money")]
    assert before.judge(texts) == after.judge(texts)


def test_terms_are_counted_on_the_rows_of_the_fold_alone(copy: Workspace, monkeypatch) -> None:
    """A vectoriser fitted on all rows has seen the words of the mails it is tested on."""
    fitted_on: list[int] = []
    known = set(data.load(copy, "train", reader="train").text)
    original = CountVectorizer.fit_transform

    def spy(self, texts, y=None):
        assert set(texts) <= known, "terms were counted outside the training part"
        fitted_on.append(len(set(texts)))
        return original(self, texts, y)

    monkeypatch.setattr(CountVectorizer, "fit_transform", spy)
    with joblib.parallel_config(backend="sequential"):
        train.run(copy)
    whole = sum(rows == len(known) for rows in fitted_on)
    assert whole <= 2, "only the final model (words and characters) may count the whole part"
    assert len(fitted_on) - whole >= 3 * 2


def test_words_of_other_parts_are_unknown_to_the_model(copy: Workspace) -> None:
    for part in ("validation", "test"):
        change(copy, part, lambda row: row | {"body": f"{row['body']} {CANARY} {CANARY}"})
    train.run(copy)
    assert CANARY not in str(SpamDetector.load(copy).detector[0].get_feature_names_out())
    effects = model.word_effects(SpamDetector.load(copy).detector, CANARY)
    assert all(CANARY not in word for word, _ in effects)


def test_thresholds_do_not_come_from_the_test_part(copy: Workspace) -> None:
    """With ham and spam of the test part swapped, the strict threshold must look terrible."""
    thresholds = read_json(copy.models / "training.json", made_by="train")["thresholds"]
    change(copy, "test", lambda row: row | {"spam": 1 - row["spam"]})
    evaluate.run(copy)
    swapped = data.load(copy, "test", reader="evaluate")
    detector = SpamDetector.load(copy)
    raw = model.scores(detector.detector, swapped.text)
    verdict = model.probabilities(detector.calibration, raw) >= thresholds["capped"]
    reported = read_results(copy)["metrics"]["ham_blocked"]["value"]
    assert reported == pytest.approx(evaluate.blocked(swapped.spam, verdict))
    assert reported > 0.2


def test_a_dearer_ham_raises_the_threshold() -> None:
    random = np.random.default_rng(0)
    spam = random.integers(0, 2, 500)
    probability = np.clip(spam * 0.5 + random.normal(0.25, 0.25, 500), 0, 1)
    cheap, dear = (model.cheapest_threshold(probability, spam, cost) for cost in (1, 50))
    assert dear > cheap


def test_the_capped_threshold_keeps_its_cap() -> None:
    random = np.random.default_rng(0)
    spam = random.integers(0, 2, 5_000)
    probability = random.random(5_000)
    threshold = model.capped_threshold(probability, spam, 0.002)
    assert 0 < np.mean(probability[spam == 0] >= threshold) <= 0.002
