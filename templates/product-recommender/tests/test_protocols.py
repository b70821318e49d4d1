import numpy as np
import pandas as pd
import pytest

from project_package import data, evaluate, ranking, train
from project_package.evaluate import Evidence
from project_package.kit.provenance import TRAINING
from project_package.kit.workspace import ProjectError, Workspace, read_json
from project_package.model import MODEL, RECENT, Interactions, SameForAll
from project_package.persistence import load_model
from project_package.protocols import (
    Origin,
    asked_periods,
    attempted_periods,
    periods_of,
)
from project_package.ranking import make_lists
from project_package.studies import protocols
from project_package.studies.protocols import random_split
from project_package.train import model_file

from conftest import reseal

ORIGINS, SEALED = range(5, 10), 9
EARLIER = range(2, 5)  # of attempts


@pytest.fixture
def interactions() -> Interactions:
    """Forty people who come at different times, some of them at the very same second."""
    random = np.random.default_rng(0)
    people = np.repeat(np.arange(40), 25)
    films = np.concatenate([random.permutation(60)[:25] for _ in range(40)])
    times = random.integers(0, 300, 1_000)
    return Interactions(people, films, times, periods_of(times, 10), (40, 60))


@pytest.fixture
def evidence(copy: Workspace) -> Evidence:
    return evaluate.measure(copy)


def test_periods_are_tenths_in_order_and_never_part_one_second(interactions: Interactions) -> None:
    times, periods = interactions.times, interactions.periods
    assert sorted(set(periods)) == list(range(10))
    assert np.bincount(periods).min() > 80
    for period in range(1, 10):
        assert times[periods < period].max() < times[periods == period].min()


def test_no_training_row_is_younger_than_the_day_of_its_origin(evidence: Evidence) -> None:
    assert [origin.period for origin in evidence.origins] == list(ORIGINS)
    for origin, saved in zip(evidence.origins, evidence.models, strict=True):
        first = np.concatenate([origin.future.times, origin.newcomers.times]).min()
        assert origin.past.times.max() < first
        before = evidence.everything.where(evidence.everything.times < first)
        assert (saved.popularity == before.popularity).all(), "the model has met the future"


def test_the_sealed_part_is_the_newest_tenth(prepared: Workspace) -> None:
    train, test = (pd.read_csv(prepared.processed / f"{part}.csv") for part in data.PARTS)
    assert train.timestamp.max() < test.timestamp.min()
    assert len(test) == pytest.approx((len(train) + len(test)) / 10, rel=0.05)
    assert set(test.period) == {SEALED}


def test_each_origin_asks_everybody_with_a_past_once(evidence: Evidence) -> None:
    for origin, lists in zip(evidence.origins, evidence.lists[MODEL], strict=True):
        periods, people = evidence.everything.periods, evidence.everything.people
        past, after = set(people[periods < origin.period]), set(people[periods == origin.period])
        assert list(lists.people) == sorted(past & after)
        assert set(origin.newcomers.people) == after - past


def test_the_ledger_begins_with_every_rating_after_the_first_origin(evidence: Evidence) -> None:
    begin, counted = evaluate.count_lists(evidence).entries
    ratings = sum((evidence.everything.periods == period).sum() for period in ORIGINS)
    known = sum(len(origin.future.people) for origin in evidence.origins)
    assert begin["rows_in"] == ratings
    assert begin["dropped"] == ratings - known
    assert counted["rows_in"] == known


def test_every_film_that_a_person_has_not_met_is_a_candidate(evidence: Evidence) -> None:
    """With sampled negatives, or a film left out, some film could not come first."""
    origin = evidence.origins[-1]
    met = origin.past.matrix.toarray() > 0
    for film in range(met.shape[1]):
        only_this = SameForAll((np.arange(met.shape[1]) == film).astype(float))
        lists = make_lists(only_this, origin.past.matrix, origin.future.matrix)
        assert ((lists.films[:, 0] == film) == ~met[lists.people, film]).all()


def test_every_list_of_the_run_ranks_the_whole_catalogue(evidence: Evidence, monkeypatch) -> None:
    original, widths = ranking.best, []

    def spy(scores, seen, *length):
        widths.append((scores.shape[1], seen.nnz))
        return original(scores, seen, *length)

    monkeypatch.setattr(ranking, "best", spy)
    origin = evidence.origins[0]
    lists = make_lists(evidence.models[0].recommender, origin.past.matrix, origin.future.matrix)
    assert widths == [(len(evidence.films), origin.past.matrix[lists.people].nnz)]


def test_choices_depend_on_nothing_after_the_origin(copy: Workspace) -> None:
    """Settings and model of an origin stay as they are when all that comes later is replaced."""
    before = read_json(copy.models / TRAINING, made_by="train")["chosen"]
    kept = load_model(copy, model_file(7, copy.config))
    path = copy.processed / "train.csv"
    ratings = pd.read_csv(path)
    later = ratings.period >= 7
    films = np.random.default_rng(0).permutation(ratings.film[later])
    ratings.loc[later, "film"] = films
    ratings = ratings.sort_values("period", kind="stable").drop_duplicates(["user", "film"])
    data.write_table(ratings.sort_index(), path)
    reseal(copy, "train")
    train.run(copy)
    after = read_json(copy.models / TRAINING, made_by="train")["chosen"]
    for period in ("5", "6", "7"):
        assert after[period] == before[period]
    np.testing.assert_array_equal(
        load_model(copy, model_file(7, copy.config)).recommender.weights, kept.recommender.weights
    )


def test_people_without_a_past_are_counted_and_not_measured() -> None:
    people = np.array([0, 0, 1, 1, 0, 2, 2, 1, 3, 3])
    everything = Interactions(people, np.arange(10), np.arange(10), np.arange(10), (4, 10))
    origin = Origin.before(everything, 5)
    assert len(origin.future.people) == 0
    assert set(origin.newcomers.people) == {2}


def test_the_random_split_depends_on_the_seed_alone(interactions: Interactions) -> None:
    people = interactions.people
    assert (random_split(people, 0.2, 0.1, 1) == random_split(people, 0.2, 0.1, 1)).all()
    assert (random_split(people, 0.2, 0.1, 1) != random_split(people, 0.2, 0.1, 2)).any()


def test_the_random_split_holds_out_a_fifth_of_everybody(interactions: Interactions) -> None:
    part = random_split(interactions.people, 0.2, 0.1, 1)
    for person in range(40):
        assert list(np.bincount(part[interactions.people == person])) == [18, 2, 5]


def pairs(seen: Interactions) -> set[tuple[int, int]]:
    return set(zip(seen.people.tolist(), seen.films.tolist(), strict=True))


def test_under_the_random_protocol_nothing_is_chosen_or_fitted_on_what_is_held_out(
    copy: Workspace, evidence: Evidence, monkeypatch
) -> None:
    everything = evidence.everything
    part = random_split(everything.people, 0.2, 0.1, evidence.seed)
    train_rows, validation, test = (pairs(everything.where(part == n)) for n in range(3))
    chosen_on, measured_on = [], []
    choose, rate = protocols.best_settings, protocols.make_lists

    def spy_on_choice(fit, values, known, future):
        chosen_on.append((pairs(known), pairs(future)))
        return choose(fit, {name: tried[:1] for name, tried in values.items()}, known, future)

    def spy_on_measure(recommender, history, held_out, *hidden):
        found = tuple(set(zip(*map(list, each.nonzero()), strict=True)) for each in
                      (history, held_out))  # fmt: skip
        measured_on.append(found)
        return rate(recommender, history, held_out, *hidden)

    monkeypatch.setattr(protocols, "best_settings", spy_on_choice)
    monkeypatch.setattr(protocols, "make_lists", spy_on_measure)
    for name in ("fit_popularity", "fit_item_knn", "fit_ease"):
        original = getattr(protocols, name)

        def spy_on_fit(known, *args, original=original, **settings):
            assert pairs(known) in (train_rows, train_rows | validation)
            return original(known, *args, **settings)

        monkeypatch.setattr(protocols, name, spy_on_fit)
    found = protocols.random_lists(everything, copy.config)
    assert chosen_on == [(train_rows, validation)] * 2
    assert measured_on == [(train_rows | validation, test)] * 3
    assert len(found) == 3


def test_in_time_every_method_is_fitted_to_the_whole_past_of_its_origin(
    copy: Workspace, monkeypatch
) -> None:
    """Model, settings and baselines alike: as many rows, and none of them from after the day."""
    everything = pd.concat(pd.read_csv(copy.processed / f"{part}.csv") for part in data.PARTS)
    size = {period: (everything.period < period).sum() for period in range(11)}
    fitted: list[tuple[str, int, int]] = []
    for module, name in ((evaluate, "fit_baselines"), (evaluate, "fit_ease"),
                         (train, "fit_model"), (train, "choose")):  # fmt: skip
        original = getattr(module, name)

        def spy(past, *args, name=name, original=original, **settings):
            fitted.append((name, int(past.periods.max()) + 1, len(past.people)))
            return original(past, *args, **settings)

        monkeypatch.setattr(module, name, spy)
    train.run(copy)
    evaluate.measure(copy)
    for name in ("fit_baselines", "fit_ease", "fit_model", "choose"):
        own = [(period, rows) for called, period, rows in fitted if called == name]
        expected = [(period, size[period]) for period in ORIGINS]
        assert set(expected) <= set(own) or name == "fit_ease", name
        assert all(rows == size[period] for period, rows in own), name


def test_settings_of_an_origin_are_chosen_one_origin_earlier(
    trained: Workspace, monkeypatch
) -> None:
    """For each baseline on the same rows, over every value that the file names."""
    ratings = pd.read_csv(trained.processed / "train.csv")
    known = data.index(ratings, data.load_films(trained), data.load_users(trained))
    asked = []

    def spy(fit, values, past, future):
        asked.append((len(past.people), set(past.periods), set(future.periods), dict(values)))
        return {name: tried[0] for name, tried in values.items()}

    monkeypatch.setattr(train, "best_settings", spy)
    grids = trained.config["baselines"]
    for period in ORIGINS:
        asked.clear()
        train.choose(known.where(known.periods < period), grids)
        rows = int((ratings.period < period - 1).sum())
        assert [each[:3] for each in asked] == [(rows, set(range(period - 1)), {period - 1})] * len(
            asked
        )
        tried = [each[3] for each in asked]
        assert all(grids[name] in tried for name in ("recent", "neighbours"))


def test_attempts_are_scored_before_everything_that_the_headline_asks(
    copy: Workspace, monkeypatch
) -> None:
    """Periods that the headline measures are dealt anew, the test set is away: nothing changes."""
    config = copy.config
    assert (asked_periods(config), attempted_periods(config)) == ([*ORIGINS], [*EARLIER])
    before, baseline = train.held_out(copy), train.held_out_baseline(copy)
    path = copy.processed / "train.csv"
    ratings = pd.read_csv(path)
    headline = ratings.period >= ORIGINS[0]
    ratings.loc[headline, "film"] = ratings.film[headline].iloc[0]
    data.write_table(ratings, path)
    reseal(copy, "train")
    (copy.processed / "test.csv").unlink()
    after = train.held_out(copy)
    pd.testing.assert_frame_equal(after.rows, before.rows)
    np.testing.assert_array_equal(train.held_out_baseline(copy), baseline)
    assert len(baseline) == len(before.rows)
    assert set(before.rows.fold) == set(EARLIER)


def test_attempts_that_no_period_is_left_for_are_refused(copy: Workspace) -> None:
    settings = {"evaluate.origins": 8}
    with pytest.raises(ProjectError, match=r"lower evaluate\.origins"):
        train.held_out(Workspace(copy.root, overrides=settings))


def test_an_attempt_scores_each_list_by_a_model_of_what_came_before(trained: Workspace) -> None:
    ratings = pd.read_csv(trained.processed / "train.csv")
    said = train.held_out(trained)
    expected = [
        (period, user, ratings.id[(ratings.period == period) & (ratings.user == user)].min())
        for period in EARLIER
        for user in sorted(set(ratings.user[ratings.period < period])
                           & set(ratings.user[ratings.period == period]))
    ]  # fmt: skip
    rows = said.rows
    assert list(zip(rows.fold, rows.group, rows.id, strict=True)) == expected
    assert (said.metric, list(said.baselines), said.higher_is_better) == ("mean", [RECENT], True)
    other = Workspace(trained.root, overrides={"model.penalty": 5.0, "model.recent": 0.0})
    assert (train.held_out(other).rows.model != said.rows.model).any()
