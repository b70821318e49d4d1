import json

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler

from project_package import data, evaluate, lexicon, model, train
from project_package.predict import SentimentRater
from project_package.results import read_results
from project_package.workspace import Workspace

from conftest import reseal

CANARY = "zyzzyvaquark"
RIDGE = model.Recipe(alpha=4)
BOOSTED = model.Recipe(alpha=4, boosted=True)


@pytest.fixture
def snippets(trained: Workspace) -> pd.DataFrame:
    return data.load(trained, "train", reader="train")


def change(workspace: Workspace, part: str, edit) -> None:
    """Edit one part's rows in place."""
    path = workspace.processed / f"{part}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    edited = [json.dumps(edit(row)) for row in rows]
    path.write_text("\n".join(edited) + "\n", encoding="utf-8", newline="\n")
    reseal(workspace, part)


def test_a_ridge_without_penalty_learns_one_batch_by_heart(snippets: pd.DataFrame) -> None:
    batch = snippets[snippets.kind == "movies"].head(30)
    rater = model.Rater.fit(model.Recipe(alpha=1e-6), batch, seed=0)
    assert train.pearson_r(batch.rating, rater.predict(batch.text, batch.kind)) > 0.999


def test_shuffled_ratings_teach_nothing(snippets: pd.DataFrame) -> None:
    fit, unseen = model.grouped_folds(snippets, 3, seed=0)[0]
    known, new = snippets.iloc[fit], snippets.iloc[unseen]
    scores = []
    for seed in range(4):
        shuffled = known.groupby("kind").rating.transform(
            lambda ratings, seed=seed: np.random.default_rng(seed).permutation(ratings)
        )
        ratings = train.rate_unseen(BOOSTED, known.assign(rating=shuffled), new, seed)
        scores.append(np.mean(train.by_kind(new, ratings)))
    assert abs(np.mean(scores)) < 0.12


def test_the_same_seed_gives_the_same_model(snippets: pd.DataFrame) -> None:
    texts, kinds = ["great fun", "a dull mess"], ["movies", "tweets"]
    first, second = (
        model.Rater.fit(BOOSTED, snippets, seed=3).predict(texts, kinds) for _ in range(2)
    )
    assert first.tolist() == second.tolist()


def test_a_stored_model_rates_as_before(trained: Workspace, snippets: pd.DataFrame) -> None:
    rater = SentimentRater.load(trained).rater
    again = model.Rater.from_parts(rater.as_parts())
    assert (
        again.predict(snippets.text, snippets.kind) == rater.predict(snippets.text, snippets.kind)
    ).all()


def test_terms_and_scales_are_fitted_on_the_rows_of_the_fold_alone(
    copy: Workspace, snippets: pd.DataFrame, monkeypatch
) -> None:
    """A vectoriser or a scaler fitted on all rows has seen the texts it is tested on."""
    terms_of, scales_of = [], []
    fit_terms, fit_scale = TfidfVectorizer.fit_transform, StandardScaler.fit

    def spy_on_terms(self, texts, y=None):
        terms_of.append(set(texts))
        return fit_terms(self, texts, y)

    def spy_on_scales(self, rows, y=None, **options):
        scales_of.append(len(rows))
        return fit_scale(self, rows, y, **options)

    monkeypatch.setattr(TfidfVectorizer, "fit_transform", spy_on_terms)
    monkeypatch.setattr(StandardScaler, "fit", spy_on_scales)
    monkeypatch.setattr(model, "candidates", lambda: {"ridge": RIDGE})
    train.compare(copy, snippets, folds=3)
    folds = [snippets.iloc[fit] for fit, _ in model.grouped_folds(snippets, 3, copy.seed)]
    assert terms_of == [set(fold.text) for fold in folds for _ in model.text_terms()]
    assert scales_of == [len(fold) for fold in folds]


def test_words_of_the_test_part_are_unknown_to_the_model(copy: Workspace, monkeypatch) -> None:
    change(copy, "test", lambda row: row | {"text": f"{row['text']} {CANARY}"})
    monkeypatch.setattr(model, "candidates", lambda: {"ridge": RIDGE})
    train.run(copy)
    words = SentimentRater.load(copy).rater.reading.terms[0]
    assert CANARY not in words.vocabulary_
    assert "the" in words.vocabulary_


def test_ratings_of_the_test_part_change_the_score_and_not_the_model(
    copy: Workspace, monkeypatch
) -> None:
    """With the test part's ratings turned round, an honest score turns round too."""
    monkeypatch.setattr(evaluate, "refit", lambda *_: stand_in_refit(copy))
    before = read_results(copy)["primary"]["value"]
    change(copy, "test", lambda row: row | {"rating": -row["rating"]})
    evaluate.run(copy)
    assert read_results(copy)["primary"]["value"] == pytest.approx(-before)


def stand_in_refit(workspace: Workspace) -> tuple[dict, pd.DataFrame]:
    test = data.load(workspace, "test", reader="evaluate")
    by_vader = model.vader(list(test.text))
    names = [*data.KINDS, *(f"not {kind}" for kind in data.KINDS)]
    return dict.fromkeys(names, by_vader), test.assign(model=by_vader, vader=by_vader)


def test_no_refit_has_seen_what_it_rates(copy: Workspace, monkeypatch) -> None:
    """A kind that is left out is left out whole; groups never stand on both sides."""
    jobs = []

    def watch(recipe, known, unseen, seed):
        jobs.append((known, unseen))
        return np.zeros(len(unseen))

    monkeypatch.setattr(evaluate, "rate_unseen", watch)
    train_part, test_part = (data.load(copy, part, reader="evaluate") for part in ("train", "test"))
    evaluate.refit(copy, RIDGE, train_part, test_part)
    assert all(set(known.group).isdisjoint(unseen.group) for known, unseen in jobs)
    learned_from = [frozenset(known.kind) for known, _ in jobs]
    for kind in data.KINDS:
        assert frozenset({kind}) in learned_from
        assert frozenset(data.KINDS) - {kind} in learned_from


def test_boosting_learns_from_ratings_of_rows_the_ridge_had_not_seen(
    snippets: pd.DataFrame,
) -> None:
    rows = snippets.assign(target=snippets.rating)
    (held_out,) = model.predict_held_out(RIDGE, rows, [()], seed=0)
    seen = model.Rater.fit(RIDGE, snippets, seed=0).predict(snippets.text, [None] * len(snippets))
    assert train.pearson_r(rows.target, held_out) < train.pearson_r(rows.target, seen) - 0.1


def test_a_kind_never_seen_is_rated_by_what_is_shared(snippets: pd.DataFrame) -> None:
    rater = model.Rater.fit(RIDGE, snippets[snippets.kind != "nyt"], seed=0)
    editorials = snippets[snippets.kind == "nyt"]
    named, unnamed = (
        rater.predict(editorials.text, kinds)
        for kinds in (editorials.kind, [None] * len(editorials))
    )
    assert named.tolist() == unnamed.tolist()


def test_features_for_one_kind_are_zero_for_the_others() -> None:
    features = csr_matrix([[1.0, 2.0], [3.0, 4.0]])
    adapted = model.adapt(features, ["a", "b"], ["a", "b"]).toarray()
    assert adapted.tolist() == [[1, 2, 1, 2, 0, 0], [3, 4, 0, 0, 3, 4]]


def test_people_who_agree_are_reliable_and_people_at_random_are_not() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=400)
    agreeing = [list(value + 0.1 * random.normal(size=20)) for value in truth]
    guessing = [list(random.normal(size=20)) for _ in truth]
    ceilings = [
        evaluate.human_agreement(pd.DataFrame({"ratings": ratings}))["ceiling"]
        for ratings in (agreeing, guessing)
    ]
    assert ceilings[0] > 0.99
    assert ceilings[1] < 0.5


def test_vader_is_the_published_program_on_the_scale_of_the_ratings() -> None:
    ratings = lexicon.vader_ratings(["VADER is smart, handsome, and funny.", "Today sux!", ""])
    assert ratings == pytest.approx([4 * 0.8316, 4 * -0.4199, 0], abs=4e-4)


def test_tweets_with_contradicted_means_are_left_out_of_the_second_score() -> None:
    tweets = pd.DataFrame(
        {
            "kind": "tweets",
            "rating": [1.0, -1.0, 2.0, 3.0],
            "ratings": [[1, 1], [-1, -1], [2, 2], [0, 0]],
            "model": [1.0, -1.0, 2.0, -3.0],
            "vader": [-1.0, 1.0, -2.0, 3.0],
        }
    )
    note = evaluate.contrived_note(tweets)
    assert note.startswith("1 of the 4 tweets")
    assert note.endswith("is 1.000 (VADER -1.000) instead of -0.154 (VADER 0.154).")
