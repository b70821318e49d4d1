import json
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import StandardScaler

from project_package import data, evaluate, explore, lexicon, model, train
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json
from project_package.predict import SentimentRater, rate_elsewhere
from project_package.studies import carry, contradicted, people

from conftest import reseal

CANARY = "zyzzyvaquark"
CONFIG = Workspace().config
TERMS = model.Terms(**CONFIG["features"])
RIDGE = model.Recipe(alpha=4)
BOOSTED = model.build_taught(CONFIG)


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


def count(texts: pd.Series) -> csr_matrix:
    return model.count(texts, TERMS)


def fit(recipe: model.Recipe, rows: pd.DataFrame, *, adapted: bool = True, seed: int = 0):
    (rater,) = model.fit_raters([recipe], rows, count(rows.text), TERMS, seed, adapted=adapted)
    return rater


def test_a_ridge_without_penalty_learns_one_batch_by_heart(snippets: pd.DataFrame) -> None:
    batch = snippets[snippets.kind == "movies"].head(30)
    rater = fit(model.Recipe(alpha=1e-6), batch)
    assert train.pearson_r(batch.rating, rater.predict(batch.text, batch.kind)) > 0.999


def test_shuffled_ratings_teach_nothing(snippets: pd.DataFrame) -> None:
    cut = model.grouped_folds(snippets, 3, seed=0)[0]
    counts, new, scores = count(snippets.text), snippets.iloc[cut[1]], []
    for seed in range(4):
        shuffled = snippets.groupby("kind").rating.transform(
            lambda ratings, seed=seed: np.random.default_rng(seed).permutation(ratings)
        )
        rows = snippets.assign(rating=shuffled)
        (ratings,) = train.rate_unseen([BOOSTED], rows, counts, cut, TERMS, seed, adapted=True)
        scores.append(np.mean([*train.r_by_kind(new, ratings).values()]))
    assert abs(np.mean(scores)) < 0.12


def test_ratings_of_unseen_rows_play_no_part_in_what_is_said_of_them(snippets) -> None:
    counts, cut = count(snippets.text), model.grouped_folds(snippets, 3, seed=0)[0]
    unseen = np.isin(np.arange(len(snippets)), cut[1])
    turned = snippets.assign(rating=snippets.rating.where(~unseen, -snippets.rating))
    for adapted in (True, False):
        honest, spoilt = (
            train.rate_unseen([RIDGE, BOOSTED], rows, counts, cut, TERMS, 0, adapted=adapted)
            for rows in (snippets, turned)
        )
        assert honest.tolist() == spoilt.tolist()


def test_a_text_is_counted_alike_whatever_stands_beside_it(snippets: pd.DataFrame) -> None:
    alone, beside = (count(snippets.text.head(rows))[:1] for rows in (1, 50))
    assert abs(alone - beside).max() == 0


def test_a_stored_model_rates_as_before(trained: Workspace, snippets: pd.DataFrame) -> None:
    rater = SentimentRater.load(trained)
    for each in (rater.taught, rater.untaught):
        again = model.Rater.from_parts(each.as_parts())
        said, before = (one.predict(snippets.text, snippets.kind) for one in (again, each))
        assert said.tolist() == before.tolist()


def test_weights_and_scales_are_fitted_on_the_rows_of_the_fold_alone(
    copy: Workspace, snippets: pd.DataFrame, monkeypatch
) -> None:
    """Weights of terms and scales fitted on all rows have seen the texts they are tested on."""
    rows_of: dict[str, list[int]] = {"weights": [], "scales": []}
    for name, kind in (("weights", TfidfTransformer), ("scales", StandardScaler)):

        def spy(self, rows, *rest, name=name, fit=kind.fit, **options):
            rows_of[name].append(rows.shape[0])
            return fit(self, rows, *rest, **options)

        monkeypatch.setattr(kind, "fit", spy)
    monkeypatch.setattr(model, "build_taught", lambda _config: RIDGE)
    train.rate_taught(copy, snippets, count(snippets.text))
    folds = [len(fit) for fit, _ in model.grouped_folds(snippets, 3, copy.seed)]
    assert rows_of == {"weights": [size for size in folds for _ in range(2)], "scales": folds}


@pytest.fixture
def few_recipes(monkeypatch) -> None:
    """No boosting and one simple method, so that training again does not take long."""
    monkeypatch.setattr(model, "build_taught", lambda _config: RIDGE)
    monkeypatch.setattr(model, "simple", lambda _config: {"ridge": {"simple": RIDGE}})


def test_what_is_held_out_changes_nothing_of_what_is_trained(copy: Workspace, few_recipes) -> None:
    train.run(copy)
    before = [path.read_bytes() for path in sorted(copy.models.glob("*.skops"))]
    change(copy, "test", lambda row: row | {"text": CANARY, "rating": -row["rating"]})
    train.run(copy)
    assert [path.read_bytes() for path in sorted(copy.models.glob("*.skops"))] == before
    assert len(before) == 2


def test_a_kind_that_is_left_out_plays_no_part_in_its_model(copy: Workspace, few_recipes) -> None:
    """Neither its ratings nor its words, in no part of the data."""
    test = pd.read_json(copy.processed / "test.jsonl", lines=True)
    films = test[test.kind == "movies"]
    train.run(copy)
    before = rate_elsewhere(copy, films).tolist()

    def spoil(row: dict) -> dict:
        spoilt = {"text": f"{CANARY} {row['id']}", "rating": -row["rating"]}
        return row | (spoilt if row["kind"] == "movies" else {})

    change(copy, "train", spoil)
    train.run(copy)
    assert rate_elsewhere(copy, films).tolist() == before


def test_the_simple_methods_are_tuned_for_a_kind_without_it(copy: Workspace, snippets) -> None:
    turned = snippets.assign(rating=snippets.rating.where(snippets.kind != "nyt", -snippets.rating))
    counts = count(snippets.text)
    honest, spoilt = (train.compare_simple(copy, rows, counts) for rows in (snippets, turned))
    assert {name: row["nyt"] for name, row in honest.items()} == {
        name: row["nyt"] for name, row in spoilt.items()
    }
    assert honest != spoilt


def test_ratings_of_the_test_set_change_the_score_and_not_the_model(copy: Workspace) -> None:
    """With the test set's ratings turned round, an honest score turns round too."""
    before = read_results(copy)
    change(copy, "test", lambda row: row | {"rating": -row["rating"]})
    evaluate.run(copy)
    after = read_results(copy)
    for name in ("transfer_r", *(f"pearson_r_{kind}" for kind in data.KINDS)):
        turned = after["metrics"][name]["value"]
        assert turned == pytest.approx(-before["metrics"][name]["value"]), name


def test_no_refit_has_seen_what_it_rates(copy: Workspace, monkeypatch) -> None:
    """A kind that is left out is left out whole; groups never stand on both sides."""
    jobs = []

    def watch(recipes, rows, counts, cut, terms, seed, *, adapted):
        jobs.append([rows.iloc[part] for part in cut])
        return np.zeros((len(recipes), len(cut[1])))

    monkeypatch.setattr(evaluate, "rate_unseen", watch)
    parts = [data.load(copy, part, reader="evaluate") for part in ("train", "test")]
    training = read_json(copy.models / "training.json", made_by="train")
    evaluate.refit(copy, training["simple"], *parts)
    known, test = parts
    carry.teach_one_kind(copy, SimpleNamespace(train=known, snippets=test))
    assert all(set(known.group).isdisjoint(unseen.group) for known, unseen in jobs)
    learned_from = [frozenset(known.kind) for known, _ in jobs]
    for kind in data.KINDS:
        assert frozenset({kind}) in learned_from
        assert frozenset(data.KINDS) - {kind} in learned_from
    for known, unseen in jobs:
        assert set(known.id) == set(parts[0].id[parts[0].kind.isin(known.kind.unique())])
        assert list(unseen.id) == list(parts[1].id)


def test_the_unit_of_the_bootstrap_is_the_review_or_editorial(trained: Workspace) -> None:
    rows = pd.read_csv(trained.reports / "predictions.csv", dtype={"group": str})
    reviews = rows.id.str.extract(r"^(.*)_")[0]
    assert rows.groupby(reviews).group.nunique().max() == 1
    assert rows.group.nunique() < len(rows)


def test_boosting_learns_from_ratings_of_rows_the_ridge_had_not_seen(
    snippets: pd.DataFrame,
) -> None:
    rows = snippets.assign(target=snippets.rating, weight=1)
    held_out = model.predict_held_out(BOOSTED, rows, count(rows.text), TERMS, (), seed=0)
    seen = fit(RIDGE, snippets, adapted=False).predict(snippets.text, snippets.kind)
    assert train.pearson_r(rows.target, held_out) < train.pearson_r(rows.target, seen) - 0.1


def test_a_kind_that_was_not_taught_gets_the_other_model(trained: Workspace, snippets) -> None:
    rater = SentimentRater.load(trained)
    texts, kinds = ["great fun", "a dull mess"], ["movies", "other"]
    first, second = rater.rate(texts, kinds)
    assert first == rater.taught.predict(texts[:1], kinds[:1])[0]
    assert second == rater.untaught.predict(texts[1:], kinds[1:])[0]
    assert rater.untaught.kinds == ()


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
        people.human_agreement(pd.DataFrame({"ratings": ratings}))["ceiling"]
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
    note = contradicted.contrived_note(tweets)
    assert note.startswith("1 of the 4 tweets")
    assert note.endswith("is 1.000 (VADER -1.000) instead of -0.154 (VADER 0.154).")


def test_every_model_is_fitted_to_all_rows_that_it_may_see(
    copy: Workspace, few_recipes, monkeypatch
) -> None:
    """What is served to all of them, what is measured on a kind to all of the other three."""
    fitted: list[frozenset[str]] = []
    original = model.fit_raters

    def spy(recipes, rows, counts, terms, seed, *, adapted):
        assert counts.shape[0] == len(rows)
        assert seed == copy.seed
        fitted.append(frozenset(rows.id))
        return original(recipes, rows, counts, terms, seed, adapted=adapted)

    monkeypatch.setattr(model, "fit_raters", spy)
    train.run(copy)
    rows = pd.read_json(copy.processed / "train.jsonl", lines=True)
    everything = frozenset(rows.id)
    others = [frozenset(rows.id[rows.kind != kind]) for kind in data.KINDS]
    assert sorted(map(len, fitted[-4:])) == sorted(map(len, others))
    assert set(fitted[-4:]) == set(others)
    assert fitted[-6:-4] == [everything, everything]
    pairs = {frozenset(rows.id[rows.kind.isin(pair)]) for pair in combinations(data.KINDS, 2)}
    assert pairs <= set(fitted[:-6])
    assert len(fitted) == copy.config["train"]["folds"] + len(pairs) + 6


def test_the_range_of_a_kind_holds_the_share_that_was_asked_for(trained: Workspace) -> None:
    """Of ratings held out in training: as many as asked for, and hardly more."""
    training = read_json(trained.models / "training.json", made_by="train")
    rows = pd.read_json(trained.processed / "train.jsonl", lines=True)
    missed = (rows.rating - training["reference_scores"]).abs()
    for kind, part in missed.groupby(rows.kind):
        held = (part <= training["ranges"][kind] + 1e-3).mean()
        asked = training["settings"]["coverage"]
        assert asked <= held <= asked + 5 / len(part), kind


def test_the_simple_methods_are_tuned_as_training_json_says(trained: Workspace) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    found = training["elsewhere"]
    for name, tried in model.simple(CONFIG).items():
        for kind, setting in training["simple"][name].items():
            assert found[setting][kind] == max(found[other][kind] for other in tried)
    strength = {
        name: sum(found[tuned[kind]][kind] for kind in data.KINDS)
        for name, tuned in training["simple"].items()
    }
    assert list(training["simple"]) == sorted(strength, key=strength.get, reverse=True)
    assert read_results(trained)["comparison"]["baseline"] == max(strength, key=strength.get)


def test_attempts_rate_each_kind_by_what_learned_from_others_alone(
    without_test: Workspace, monkeypatch
) -> None:
    """Neither the kind nor what belongs together with its rows, and no row of the test set."""
    jobs = []
    original = train.rate_unseen

    def watch(recipes, rows, counts, cut, *rest, adapted):
        jobs.append([rows.iloc[part] for part in cut])
        return original(recipes, rows, counts, cut, *rest, adapted=adapted)

    monkeypatch.setattr(train, "rate_unseen", watch)
    said = train.held_out(without_test)
    assert len(jobs) == len(data.KINDS)
    for known, unseen in jobs:
        assert set(known.kind) == set(data.KINDS) - set(unseen.kind)
        assert unseen.kind.nunique() == 1
        assert set(known.group).isdisjoint(unseen.group)
    found = train.r_by_kind(said.rows.assign(kind=said.rows.stratum, rating=said.rows.truth),
                            said.rows.model.to_numpy())  # fmt: skip
    assert min(found.values()) > 0.3
    assert (said.rows.fold == said.rows.stratum.map(data.KINDS.index)).all()


def test_attempts_are_compared_with_the_strongest_simple_method(without_test: Workspace) -> None:
    """Each kind by the setting that did best without it, taught the other three."""
    rows = data.load(without_test, "train", reader="train")
    counts, methods = count(rows.text), model.simple(without_test.config)
    tuned = train.rank_simple(train.compare_simple(without_test, rows, counts), methods)
    strongest = next(iter(tuned))
    name = next(iter(train.held_out(without_test).baselines))
    assert name == "ridge on VADER's numbers or ridge on TF-IDF or VADER"
    said = train.held_out_baseline(without_test)
    for kind, setting in tuned[strongest].items():
        own = (rows.kind == kind).to_numpy()
        if strongest == train.VADER:
            expected = lexicon.vader_ratings(list(rows.text[own]))
        else:
            others = rows[~own & ~rows.group.isin(rows.group[own])]
            rater = fit(methods[strongest][setting], others, adapted=False, seed=without_test.seed)
            expected = rater.predict(rows.text[own], rows.kind[own])
        assert said[own] == pytest.approx(expected)


def test_exploring_sees_the_training_set_alone(without_test: Workspace) -> None:
    explore.run(without_test)
    written = read_json(without_test.reports / "exploration.json", made_by="explore")
    assert set(written["tables"]) == {"kinds", "faults", "telling"}
    for name in written["figures"]:
        assert (without_test.figures / f"{name}.svg").exists()
