from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from project_package import data, evaluate, explore, model, network, train
from project_package.data import Faces
from project_package.kit import sample
from project_package.kit.results import read_results
from project_package.kit.statistics import tar_at_far_1
from project_package.kit.workspace import Workspace, read_json
from project_package.model import MODEL, SIMPLE, Encoder
from project_package.predict import Recogniser
from project_package.studies import identification, leakage, people, splits

from conftest import reseal


@pytest.fixture
def known(prepared: Workspace) -> Faces:
    return data.load(prepared, "train", reader="train")


def training(workspace: Workspace) -> dict:
    return read_json(workspace.models / "training.json", made_by="train")


def change(workspace: Workspace, part: str, edit) -> None:
    """Edit one part's faces in place."""
    edited = edit(data.read_part(workspace.processed / f"{part}.npz"))
    data.write_part(workspace, part, edited)
    reseal(workspace, part)


def test_people_of_one_fold_are_in_no_other(known: Faces, prepared: Workspace) -> None:
    fold = train.folds_of(known.people, prepared)
    assert set(fold) == set(range(prepared.config["train"]["folds"]))
    for name in set(known.people):
        assert len(set(fold[known.people == name])) == 1, name
    sizes = [len(set(known.people[fold == number])) for number in set(fold)]
    assert max(sizes) - min(sizes) <= 1


def test_no_encoder_is_asked_for_people_that_it_learned_from(
    known: Faces, prepared: Workspace
) -> None:
    learned: list[set[str]] = []

    def fit(pixels: np.ndarray, whose: np.ndarray) -> Encoder:
        learned.append(set(whose))
        return model.simple(model.PIXELS, {}, prepared.config)(pixels, whose)

    held = train.by_fold(known, fit, prepared)
    assert len(held) == len(learned) == prepared.config["train"]["folds"]
    asked = [set(known.people[rows]) for rows, _ in held]
    assert all(not one & other for one, other in zip(asked, learned, strict=True))
    assert set.union(*asked) == set(known.people)
    assert sorted(np.concatenate([rows for rows, _ in held])) == list(range(len(known)))


def test_the_model_and_its_threshold_know_nothing_of_the_test_part(
    copy: Workspace, trained: Workspace
) -> None:
    change(copy, "test", lambda faces: replace(faces, pixels=255 - faces.pixels[::-1]))
    train.run(copy)
    before, after = (Recogniser.load(each) for each in (trained, copy))
    assert np.array_equal(before.encoder.directions, after.encoder.directions)
    assert (before.threshold, before.usual) == (after.threshold, after.usual)
    assert training(copy)["simple"] == training(trained)["simple"]


def test_the_model_is_that_of_the_configuration_fitted_to_the_training_people(
    trained: Workspace, known: Faces
) -> None:
    expected = model.build(trained.config)(known.pixels, known.people)
    saved = Recogniser.load(trained).encoder
    assert np.array_equal(saved.mean, expected.mean)
    assert np.array_equal(saved.directions, expected.directions)
    few = known.pixels[:5]
    assert np.array_equal(saved.embed(few), expected.embed(few))


def test_the_threshold_is_what_held_out_people_ask_for(trained: Workspace, known: Faces) -> None:
    """At the configured share of false accepts, of pairs whose people the encoder never saw."""
    held = train.by_fold(known, model.build(trained.config), trained)
    said = train.out_of_fold(known, held)
    rate = trained.config["service"]["false_accepts"]
    apart = said[said.truth == 0].model
    threshold = Recogniser.load(trained).threshold
    assert threshold in set(apart)
    assert (apart > threshold).mean() <= rate < (apart >= threshold).mean() + 1e-9
    distances = np.concatenate([encoder.distance(known.pixels[rows]) for rows, encoder in held])
    usual = np.quantile(distances, trained.config["service"]["usual"])
    assert Recogniser.load(trained).usual == pytest.approx(usual)
    assert sorted(training(trained)["reference_scores"]) == pytest.approx(sorted(distances))


def test_a_stricter_share_gives_a_higher_threshold(copy: Workspace) -> None:
    lax = Recogniser.load(copy).threshold
    asked = Workspace(copy.root, overrides={"service.false_accepts": 0.0005, "service.usual": 0.5})
    train.run(asked)
    assert Recogniser.load(asked).threshold > lax
    assert Recogniser.load(asked).usual < Recogniser.load(Workspace(copy.root)).usual + 1e-9


def test_each_simple_method_is_tuned_over_all_its_settings_by_the_headlines_metric(
    trained: Workspace, known: Faces
) -> None:
    found = training(trained)
    grids = trained.config["baselines"]
    assert set(found["simple"]) == set(SIMPLE)
    for name in SIMPLE:
        tried = [*train.settings_of(name, grids)]
        assert len(found["candidates"][name]) == len(tried)
        best = max(found["candidates"][name].values())
        fit = model.simple(name, found["chosen"][name], trained.config)
        said = train.out_of_fold(known, train.by_fold(known, fit, trained))
        assert tar_at_far_1(said.truth.to_numpy(), said.model.to_numpy()) == pytest.approx(best)
    assert len([*train.settings_of(model.PATTERNS, grids)]) >= 8
    levels = [max(found["candidates"][name].values()) for name in found["simple"]]
    assert levels == sorted(levels, reverse=True)
    assert read_results(trained)["comparison"]["baseline"] == found["simple"][0]


def test_shuffled_people_teach_nothing(prepared: Workspace) -> None:
    """Whitened by a stranger's variation, people never seen are told apart less well."""
    whole, fit = data.read_part(prepared.sample / sample.FACES), model.build(prepared.config)
    random, gains = np.random.default_rng(0), []
    for seed in (1, 2):  # halves that do not depend on the project's own seed
        known, test = data.split(whole, seed, prepared.config["data"]).values()
        one, other, same = model.pairs(test.people)
        measured = []
        for whose in (known.people, random.permutation(known.people)):
            vectors = fit(known.pixels, whose).embed(test.pixels)
            scores = np.einsum("ij,ij->i", vectors[one], vectors[other])
            measured.append(tar_at_far_1(same.astype(int), scores))
        gains.append(measured[0] - measured[1])
    assert np.mean(gains) > 0.1


def test_a_short_training_finds_its_own_people(known: Faces, prepared: Workspace) -> None:
    vectors = model.build(prepared.config)(known.pixels, known.people).embed(known.pixels)
    one, other, same = model.pairs(known.people)
    scores = np.einsum("ij,ij->i", vectors[one], vectors[other])
    assert evaluate.area_under_curve(same, scores) > 0.98


def test_a_pair_belongs_to_both_of_its_people_alike(known: Faces) -> None:
    """Half of the pairs of two people to the one, half to the other: people are drawn fairly."""
    rows = train.score_pairs(known, {"model": known.pixels.reshape(len(known), -1).astype(float)})
    assert len(rows) == len(known) * (len(known) - 1) // 2
    first = rows.id.str.split(" ").str[0].str.rsplit("/").str[0]
    apart = rows[rows.truth == 0]
    assert (apart.group == first[apart.index]).mean() == pytest.approx(0.5, abs=0.02)
    counts = apart.group.value_counts()
    assert counts.max() / counts.min() < 1.2
    own = rows[rows.truth == 1]
    assert (own.group == first[own.index]).all()


def test_attempts_are_scored_on_pairs_of_held_out_training_people(
    without_test: Workspace, known: Faces
) -> None:
    said = train.held_out(without_test)
    assert said.metric == "tar_at_far_1"
    assert set(said.rows.group) <= set(known.people)
    assert set(said.rows.id) <= set(known.ids)
    baseline = train.held_out_baseline(without_test)
    assert len(baseline) == len(said.rows)
    truth = said.rows.truth.to_numpy()
    best = max(max(tried.values()) for tried in train.tune(known, without_test)[1].values())
    assert tar_at_far_1(truth, baseline) == pytest.approx(best)


def test_every_direction_of_the_moved_pictures_is_shown(prepared: Workspace, known: Faces) -> None:
    """Ten pictures for one: five places, and their mirror images."""
    seen: list[int] = []
    original = model.whiten

    def spy(found, whose, settings):
        seen.extend(found.shape[:1])
        assert len(whose) == len(found)
        shown = np.split(found, 10)
        alike = [np.allclose(one, other) for one, other in combinations(shown, 2)]
        assert not any(alike), "the same pictures twice"
        return original(found, whose, settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "whiten", spy)
        model.build(prepared.config)(known.pixels[:24], known.people[:24])
    assert seen == [240]
    assert len({*model.steps(3)}) == 5


def test_the_networks_slope_is_that_of_its_loss() -> None:
    """By finite differences, weight by weight."""
    random = np.random.default_rng(0)
    faces, whose = random.normal(size=(8, 5)), np.repeat([0, 1, 2, 3], 2)
    layers = [random.normal(size=(5, 4)), random.normal(size=(4, 3))]

    def loss() -> float:
        vectors = model.unit(np.tanh(faces @ layers[0]) @ layers[1])
        return network.loss_of(vectors, whose, 0.5)[0]

    slopes = network.gradients_of(faces, whose, layers, 0.5)
    for layer, slope in zip(layers, slopes, strict=True):
        for place in [(0, 0), (2, 1), (3, 2)]:
            before = layer[place]
            layer[place] = before + 1e-5
            above = loss()
            layer[place] = before - 1e-5
            below = loss()
            layer[place] = before
            assert slope[place] == pytest.approx((above - below) / 2e-5, abs=1e-6)


def test_the_network_learns_to_tell_people_apart(prepared: Workspace, known: Faces) -> None:
    one, other, same = model.pairs(known.people)
    areas = []
    for steps in (0, 60):
        config = {**prepared.config, "network": {**prepared.config["network"], "steps": steps}}
        vectors = network.fit(known.pixels, known.people, config, seed=1).embed(known.pixels)
        scores = np.einsum("ij,ij->i", vectors[one], vectors[other])
        areas.append(evaluate.area_under_curve(same, scores))
    assert areas[1] > areas[0] + 0.05
    assert areas[1] > 0.9


def test_strangers_are_enrolled_in_no_gallery(trained: Workspace) -> None:
    whose = np.repeat(np.array(["a", "b", "c"]), 4)
    strangers = whose == "b"
    enrolled = identification.drawn(whose, strangers, 3, np.random.default_rng(0))
    assert not enrolled[strangers].any()
    assert {name: int(enrolled[whose == name].sum()) for name in "ac"} == {"a": 3, "c": 3}


@pytest.fixture(scope="module")
def measured(trained: Workspace, tmp_path_factory: pytest.TempPathFactory) -> evaluate.Evaluated:
    import shutil

    root = tmp_path_factory.mktemp("measured") / "copy"
    return evaluate.measure(Workspace(shutil.copytree(trained.root, root)))


def test_a_picture_that_is_enrolled_is_not_asked_for(
    measured: evaluate.Evaluated, trained: Workspace
) -> None:
    settings = trained.config["evaluate"]
    for trial in identification.open_set(measured, "model", 3, settings, 0.01):
        known_people, _ = trial["known"]
        strangers, _ = trial["strangers"]
        assert not set(known_people) & set(strangers)
        each = len(measured.test) // len(set(measured.test.people))
        assert set(pd.Series(known_people).value_counts()) == {each - 3}


def test_more_pictures_enrolled_help_and_strangers_stay_at_their_share(
    measured: evaluate.Evaluated, trained: Workspace
) -> None:
    """Of vectors that scatter alike around each person: their mean is nearer to the next."""
    random, whose = np.random.default_rng(0), measured.test.people
    names, number = np.unique(whose, return_inverse=True)
    middle = random.normal(size=(len(names), 30))
    vectors = model.unit(middle[number] + random.normal(0, 1.2, (len(whose), 30)))
    scattered = replace(measured, vectors={"model": vectors})
    settings = {**trained.config["evaluate"], "galleries": 30}
    found = [identification.open_set(scattered, "model", n, settings, 0.05) for n in (1, 5)]
    known = [np.mean([trial["known"][1].mean() for trial in trials]) for trials in found]
    assert known[1] > known[0] + 0.1


def test_the_closed_set_asks_for_no_picture_that_it_enrolled() -> None:
    whose = np.array(["a"] * 7 + ["b"] * 6)
    faces = Faces(np.zeros((13, 2, 2), np.uint8), whose, np.arange(13).astype(str))
    vectors = np.eye(13)
    assert len(identification.closed_set(faces, vectors, 5)) == 3
    assert identification.first(whose, 5).sum() == 10


def test_a_mirror_image_of_itself_is_not_turned() -> None:
    random = np.random.default_rng(0)
    half = random.integers(0, 255, (2, 112, 46)).astype(np.uint8)
    even = np.concatenate([half, half[:, :, ::-1]], axis=2)
    assert people.asymmetry(even) == pytest.approx(0, abs=1e-9)
    assert (people.asymmetry(np.concatenate([half, half], axis=2)) > 0.1).all()


def test_the_interval_by_both_sides_holds_the_headline(measured: evaluate.Evaluated) -> None:
    low, high = people.both_sides(measured)
    rows = measured.rows
    value = tar_at_far_1(rows.truth.to_numpy(), rows.model.to_numpy())
    assert low <= value <= high
    assert low < high


def test_other_splits_learn_from_nobody_whom_they_test(
    measured: evaluate.Evaluated, trained: Workspace, monkeypatch
) -> None:
    sides: list[tuple[set, set]] = []
    original = data.split

    def spy(faces: Faces, seed: int, settings: dict) -> dict[str, Faces]:
        parts = original(faces, seed, settings)
        assert len(faces) == sum(map(len, parts.values()))
        sides.append((set(parts["train"].people), set(parts["test"].people)))
        return parts

    learned: list[set] = []

    def fit(pixels, whose):
        learned.append(set(whose))
        return measured.recogniser.encoder

    monkeypatch.setattr(data, "split", spy)
    study = splits.study(trained, replace(measured, fit=fit))
    assert len(sides) == len(learned) == trained.config["evaluate"]["splits"]
    assert [known for known, _ in sides] == learned
    assert len({frozenset(test) for _, test in sides}) == len(sides)
    assert len(study.tables["splits"].rows) == len(sides) + 1


def test_the_leak_is_shown_as_one_and_no_other_fit_knows_the_test_people(
    measured: evaluate.Evaluated, trained: Workspace, monkeypatch
) -> None:
    fits: list[np.ndarray] = []

    def fit(pixels, whose):
        fits.append(whose)
        return measured.recogniser.encoder

    monkeypatch.setattr(model, "build", lambda _: fit)
    study = leakage.study(trained, replace(measured, fit=fit))
    known, test = set(measured.train.people), set(measured.test.people)
    assert [set(whose) for whose in fits] == [known | test, known, known]
    assert sorted(fits[1]) == sorted(fits[2])
    assert list(fits[1]) != list(measured.train.people) == list(fits[2])
    values = [row[1].value for row in study.tables["leakage"].rows]
    headline = read_results(trained)["primary"]["value"]
    assert values[:4] == pytest.approx([headline] * 4), "in the table's order"
    assert study.notes["leakage"].startswith("Training and test part share 0 people and 0 pictures")


def test_the_exploration_shows_no_face(copy: Workspace, monkeypatch) -> None:
    """Means and directions over everybody; never a picture of one person."""
    drawn: list[np.ndarray] = []
    from matplotlib.axes import Axes

    original = Axes.imshow

    def spy(self, image, *args, **kwargs):
        drawn.append(np.asarray(image, dtype=float))
        return original(self, image, *args, **kwargs)

    monkeypatch.setattr(Axes, "imshow", spy)
    explore.run(copy)
    faces = data.load(copy, "train", reader="train").pixels
    thumbs = model.thumbnails(faces, 4)
    assert len(drawn) == 1 + explore.EIGENFACES
    for image in drawn:
        flat = image.ravel()
        others = faces.reshape(len(faces), -1).astype(float) if flat.size > 2000 else thumbs
        centred = flat - flat.mean()
        alike = [abs(np.corrcoef(centred, other)[0, 1]) for other in others]
        assert max(alike) < 0.98


def test_the_label_of_the_model_is_one_word_for_one_thing(trained: Workspace) -> None:
    assert MODEL in training(trained)["candidates"]
    assert MODEL not in SIMPLE
    rows = read_results(trained)["tables"]["methods"]["rows"]
    seeds = trained.config["network"]["seeds"]
    assert [row[0] for row in rows][: 1 + len(SIMPLE)] == [MODEL, *training(trained)["simple"]]
    assert sum(row[0].startswith("network from scratch") for row in rows) == seeds == 3
