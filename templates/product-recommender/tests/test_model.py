import numpy as np
import pandas as pd
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

from project_package import data, evaluate, train
from project_package.evidence import random_protocol
from project_package.model import (
    BASELINE,
    Factors,
    Interactions,
    ItemWeights,
    adventurous,
    fit_ease,
    fit_popularity,
    fit_recent_popularity,
)
from project_package.persistence import load_model, save_model
from project_package.ranking import measure
from project_package.results import read_results
from project_package.workspace import Workspace, read_json

from conftest import reseal


@pytest.fixture(scope="module")
def known(trained: Workspace) -> Interactions:
    return index(trained, "train").joined_with(index(trained, "validation"))


@pytest.fixture(scope="module")
def held_out(trained: Workspace) -> Interactions:
    """The test part, read past the log: these tests are no part of a run."""
    ratings = pd.read_csv(trained.processed / "test.csv")
    return data.index(ratings, data.load_films(trained), data.load_users(trained))


def index(workspace: Workspace, part: str) -> Interactions:
    ratings = data.load(workspace, part, reader="train")
    return data.index(ratings, data.load_films(workspace), data.load_users(workspace))


def recipes(workspace: Workspace) -> dict:
    training = read_json(workspace.models / "training.json", made_by="train")
    return {
        name: train.recipe_of(name, found["settings"], workspace)
        for name, found in training["candidates"].items()
    }


def draw_test_films_anew(workspace: Workspace) -> None:
    """Replace what was held out by films drawn blindly among those the person has not met."""
    path = workspace.processed / "test.csv"
    ratings = pd.read_csv(path)
    known = pd.concat(data.load(workspace, part, "train") for part in ("train", "validation"))
    met = known.groupby("user").film.agg(set)
    catalogue = set(data.load_films(workspace).film)
    random = np.random.default_rng(0)
    for user, rows in ratings.groupby("user"):
        unmet = sorted(catalogue - met[user])
        ratings.loc[rows.index, "film"] = random.choice(unmet, len(rows), replace=False)
    data.write_table(ratings, path)
    reseal(workspace, "test")


def test_two_tastes_are_told_apart() -> None:
    """Ten people know films 0 to 4, ten know 5 to 9; who is given one gets the rest of its kind."""
    people = np.repeat(np.arange(20), 5)
    films = np.concatenate([np.arange(5)] * 10 + [np.arange(5, 10)] * 10)
    seen = Interactions(people, films, np.zeros(100, dtype=int), (20, 10))
    for name, candidate in train.candidates(iterations=12).items():
        recommender = candidate.fitted(seen, candidate.settings[0], seed=0)
        scores = recommender.scores(csr_matrix(([1.0], ([0], [0])), shape=(1, 10)).tocsr())[0]
        assert min(scores[1:5]) > max(scores[5:]), name


def test_shuffled_films_leave_no_candidate_better_than_popularity(
    trained: Workspace, known: Interactions, held_out: Interactions
) -> None:
    popular = measure(fit_popularity(known), known.matrix, held_out.matrix).ndcg.mean()
    for name, recipe in recipes(trained).items():
        honest = measure(recipe(known), known.matrix, held_out.matrix).ndcg.mean()
        shuffled = [
            measure(recipe(known.shuffled(seed)), known.matrix, held_out.matrix).ndcg.mean()
            for seed in range(3)
        ]
        assert np.mean(shuffled) < popular + 0.02, name
        assert honest > popular + 0.05, name


def test_the_saved_model_knows_no_row_of_the_test_part(
    trained: Workspace, known: Interactions
) -> None:
    saved = load_model(trained)
    assert (saved.popularity == known.popularity).all()
    chosen = read_json(trained.models / "training.json", made_by="train")["chosen"]
    again = recipes(trained)[chosen](known)
    np.testing.assert_allclose(
        saved.recommender.scores(known.matrix), again.scores(known.matrix), atol=1e-4
    )


def test_what_was_drawn_blindly_cannot_be_foretold(copy: Workspace) -> None:
    """A recommender that has met the held-out rows would still find them."""
    draw_test_films_anew(copy)
    lists = random_protocol(evaluate.gather(copy))
    blind = lists["random order"].ndcg.mean()
    for name, found in lists.items():
        assert found.ndcg.mean() < blind + 0.05, name


def test_settings_do_not_depend_on_the_test_part(copy: Workspace) -> None:
    before = read_json(copy.models / "training.json", made_by="train")["candidates"]
    draw_test_films_anew(copy)
    train.run(copy)
    after = read_json(copy.models / "training.json", made_by="train")["candidates"]
    for name, found in before.items():
        assert after[name]["settings"] == found["settings"], name
        assert after[name]["ndcg"] == pytest.approx(found["ndcg"]), name


def test_the_same_seed_gives_the_same_model(copy: Workspace, known: Interactions) -> None:
    before = load_model(copy).recommender.scores(known.matrix)
    train.run(copy)
    np.testing.assert_array_equal(load_model(copy).recommender.scores(known.matrix), before)


def test_the_simplest_within_one_standard_error_is_chosen() -> None:
    random = np.random.default_rng(0)
    ndcg = random.random(400)

    def choice(lead: float) -> train.Choice:
        return train.Choice({}, ndcg + random.normal(lead, 0.1, 400), 1, 0.0)

    assert train.simplest_of_the_best({"simple": choice(0), "rich": choice(0.001)}) == "simple"
    assert train.simplest_of_the_best({"simple": choice(0), "rich": choice(0.1)}) == "rich"


def test_folding_in_gives_the_factors_that_training_gave(known: Interactions) -> None:
    solver = AlternatingLeastSquares(
        factors=8, regularization=5.0, alpha=4.0, iterations=2, random_state=0, num_threads=1
    )
    solver.fit(csr_matrix(known.matrix), show_progress=False)
    expected = solver.recalculate_user(np.arange(20), csr_matrix(known.matrix)[:20])
    own = Factors(np.asarray(solver.item_factors), 5.0, 4.0)
    np.testing.assert_allclose(
        own.scores(known.matrix)[:20], expected @ solver.item_factors.T, atol=1e-3
    )


@pytest.mark.parametrize("name", ["item kNN", "EASE", "iALS"])
def test_the_reasons_add_up_to_the_score(trained, known: Interactions, name: str) -> None:
    recommender = recipes(trained)[name](known)
    liked = np.array([3, 50, 90])
    row = known.where(np.zeros(0, dtype=int))
    visit = Interactions(np.zeros(3, dtype=int), liked, np.zeros(3, dtype=int), row.shape)
    scores = recommender.scores(visit.matrix)[0]
    for film in (7, 70):
        assert recommender.contributions(liked, film).sum() == pytest.approx(scores[film], abs=1e-4)


def test_ease_is_the_ridge_regression_of_each_film_on_the_others(known: Interactions) -> None:
    weights = fit_ease(known, 300.0).weights
    met = known.matrix.toarray()
    others = np.delete(met, 5, axis=1)
    gram = others.T @ others + 300.0 * np.eye(others.shape[1])
    expected = np.linalg.solve(gram, others.T @ met[:, 5])
    np.testing.assert_allclose(np.delete(weights[:, 5], 5), expected, atol=1e-4)
    assert (np.diag(weights) == 0).all()


def test_recent_popularity_forgets_what_is_old() -> None:
    films, times = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 0, 100, 100]) * 86_400
    seen = Interactions(np.arange(5), films, times, (5, 3))
    assert fit_popularity(seen).weights.argmax() == 0
    assert fit_recent_popularity(seen, days=7).weights.argmax() == 1


def test_adventure_recommends_less_known_films(trained: Workspace, known: Interactions) -> None:
    saved = load_model(trained)

    def fame(power: float) -> float:
        recommender = adventurous(saved.recommender, saved.popularity, power)
        lists = measure(recommender, known.matrix, known.matrix, hidden=known.matrix)
        return float(saved.popularity[lists.films].mean())

    assert fame(0.45) < fame(0.15) < fame(0.0)


@pytest.mark.parametrize(
    "recommender",
    [
        ItemWeights(np.eye(4, dtype=np.float32)),
        Factors(np.ones((4, 2), dtype=np.float32), 2.0, 3.0),
    ],
)
def test_a_saved_model_comes_back_as_it_was(copy: Workspace, recommender) -> None:
    saved = load_model(copy)
    save_model(copy, type(saved)(recommender, saved.films, saved.popularity, saved.people))
    again = load_model(copy)
    assert type(again.recommender) is type(recommender)
    for name, value in vars(recommender).items():
        np.testing.assert_array_equal(getattr(again.recommender, name), value)
    pd.testing.assert_frame_equal(again.films, saved.films)


def test_the_baseline_in_the_table_is_the_baseline_of_the_headline(trained: Workspace) -> None:
    results = read_results(trained)
    (row,) = [row for row in results["tables"]["protocols"]["rows"] if row[0] == BASELINE]
    assert row[1].startswith(f"{results['primary']['baseline']:.3f} ")
