import numpy as np
import pandas as pd
import pytest

from project_package import data, evidence, train
from project_package.kit.workspace import Workspace, read_json
from project_package.model import (
    Interactions,
    ItemWeights,
    adventurous,
    fit_ease,
    fit_item_knn,
    fit_model,
    fit_popularity,
    fit_recent_popularity,
    with_trend,
)
from project_package.persistence import load_model, save_model
from project_package.protocols import ORIGINS, SEALED, Origin
from project_package.ranking import measure

from conftest import reseal


@pytest.fixture(scope="module")
def known(trained: Workspace) -> Interactions:
    return index(trained, "train")


@pytest.fixture(scope="module")
def earlier(known: Interactions) -> Origin:
    """The last origin whose future is in the training part."""
    return Origin.before(known, SEALED - 1)


def index(workspace: Workspace, part: str) -> Interactions:
    """A part past the log: these tests are no part of a run."""
    ratings = pd.read_csv(workspace.processed / f"{part}.csv")
    return data.index(ratings, data.load_films(workspace), data.load_users(workspace))


def shuffled(known: Interactions, seed: int) -> Interactions:
    """The films dealt anew: people stay as active, films as popular, taste is gone."""
    films = np.random.default_rng(seed).permutation(known.films)
    return Interactions(known.people, films, known.times, known.periods, known.shape)


def draw_test_films_anew(workspace: Workspace) -> None:
    """Replace what people chose in the sealed part by films drawn blindly."""
    path = workspace.processed / "test.csv"
    ratings = pd.read_csv(path)
    known = pd.read_csv(workspace.processed / "train.csv").groupby("user").film.agg(set)
    catalogue = set(data.load_films(workspace).film)
    random = np.random.default_rng(0)
    for user, rows in ratings.groupby("user"):
        unmet = sorted(catalogue - known.get(user, set()))
        ratings.loc[rows.index, "film"] = random.choice(unmet, len(rows), replace=False)
    data.write_table(ratings, path)
    reseal(workspace, "test")


def test_two_tastes_are_told_apart() -> None:
    """Ten people know films 0 to 4, ten know 5 to 9; who is given one gets the rest of its kind."""
    people = np.repeat(np.arange(20), 5)
    films = np.concatenate([np.arange(5)] * 10 + [np.arange(5, 10)] * 10)
    none = np.zeros(100, dtype=int)
    seen = Interactions(people, films, none, none, (20, 10))
    visit = seen.where(np.array([0])).matrix
    for recommender in (fit_item_knn(seen, 5, 1.0), fit_ease(seen, 10.0)):
        scores = recommender.scores(visit)[0]
        assert min(scores[1:5]) > max(scores[5:])


def test_shuffled_films_leave_nothing_above_popularity(earlier: Origin) -> None:
    known, future = earlier.past, earlier.future.matrix
    popular = measure(fit_popularity(known), known.matrix, future).ndcg.mean()
    for fit in (lambda rows: fit_ease(rows, 100.0), lambda rows: fit_item_knn(rows, 50, 10.0)):
        honest = measure(fit(known), known.matrix, future).ndcg.mean()
        left = [
            measure(fit(shuffled(known, seed)), known.matrix, future).ndcg.mean()
            for seed in range(3)
        ]
        assert np.mean(left) < popular + 0.03
        assert honest > np.mean(left)


def test_the_saved_models_know_no_row_of_the_test_part(
    trained: Workspace, known: Interactions
) -> None:
    chosen = read_json(trained.models / "training.json", made_by="train")["chosen"]
    for period in ORIGINS:
        saved = load_model(trained, train.model_file(period))
        past = known.where(known.periods < period)
        assert (saved.popularity == past.popularity).all()
        again = fit_model(past, chosen[str(period)])
        np.testing.assert_array_equal(saved.recommender.weights, again.weights)
        np.testing.assert_array_equal(saved.recommender.lift, again.lift)


def test_what_was_drawn_blindly_cannot_be_foretold(copy: Workspace) -> None:
    """A recommender that has met the sealed rows would still find them."""
    draw_test_films_anew(copy)
    found = evidence.gather(copy)
    expected = 10 / len(found.films) * 2
    for name, lists in found.lists.items():
        assert lists[-1].ndcg.mean() < expected + 0.08, name


def test_settings_do_not_depend_on_the_test_part(copy: Workspace) -> None:
    before = read_json(copy.models / "training.json", made_by="train")["chosen"]
    draw_test_films_anew(copy)
    train.run(copy)
    assert read_json(copy.models / "training.json", made_by="train")["chosen"] == before


def test_the_settings_with_the_highest_score_are_chosen(earlier: Origin) -> None:
    values = {"days": [1, 7, 60]}

    def quality(days: int) -> float:
        recommender = fit_recent_popularity(earlier.past, days)
        return measure(recommender, earlier.past.matrix, earlier.future.matrix).ndcg.mean()

    found = train.best_settings(fit_recent_popularity, values, earlier.past, earlier.future)
    assert found == {"days": max(values["days"], key=quality)}


def test_the_reasons_add_up_to_the_score(earlier: Origin) -> None:
    known = earlier.past
    recommender = with_trend(fit_ease(known, 100.0), known, 14, 2.0, 1.0)
    liked = np.array([3, 50, 90])
    none = np.zeros(3, dtype=int)
    scores = recommender.scores(Interactions(none, liked, none, none, known.shape).matrix)[0]
    for film in (7, 70):
        assert recommender.contributions(liked, film).sum() == pytest.approx(scores[film], abs=1e-6)


def test_ease_is_the_ridge_regression_of_each_film_on_the_others(known: Interactions) -> None:
    weights = fit_ease(known, 300.0).weights
    met = known.matrix.toarray()
    others = np.delete(met, 5, axis=1)
    gram = others.T @ others + 300.0 * np.eye(others.shape[1])
    expected = np.linalg.solve(gram, others.T @ met[:, 5])
    np.testing.assert_allclose(np.delete(weights[:, 5], 5), expected, atol=1e-4)
    assert (np.diag(weights) == 0).all()


def test_recent_popularity_forgets_what_is_old_and_the_trend_marks_it_down() -> None:
    films, times = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 0, 100, 100]) * 86_400
    seen = Interactions(np.arange(5), films, times, np.zeros(5, dtype=int), (5, 3))
    assert fit_popularity(seen).weights.argmax() == 0
    assert fit_recent_popularity(seen, days=7).weights.argmax() == 1
    plain = ItemWeights(np.ones((3, 3)), np.ones(3))
    assert list(with_trend(plain, seen, 7, 0.0, 0.0).lift) == [1, 1, 1]
    assert with_trend(plain, seen, 7, 1.0, 0.0).lift.argmax() == 1
    assert with_trend(plain, seen, 7, 0.0, 1.0).lift.argmax() == 2


def test_adventure_recommends_less_known_films(trained: Workspace, known: Interactions) -> None:
    saved = load_model(trained)

    def fame(power: float) -> float:
        recommender = adventurous(saved.recommender, saved.popularity, power)
        lists = measure(recommender, known.matrix, known.matrix, hidden=known.matrix)
        return float(saved.popularity[lists.films].mean())

    assert fame(0.45) < fame(0.15) < fame(0.0)


def test_a_saved_model_comes_back_as_it_was(copy: Workspace) -> None:
    saved = load_model(copy)
    weights = np.arange(16, dtype=np.float32).reshape(4, 4)
    recommender = ItemWeights(weights, np.array([0.5, 1.0, 0.25, 0.1]))
    save_model(copy, type(saved)(recommender, saved.films, saved.popularity, saved.people))
    again = load_model(copy)
    for name, value in vars(recommender).items():
        np.testing.assert_array_equal(getattr(again.recommender, name), value)
    pd.testing.assert_frame_equal(again.films, saved.films)
