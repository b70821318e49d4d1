from dataclasses import replace

import numpy as np
import pytest
import torch

from project_package import data, evaluate, model, train
from project_package.data import Recordings
from project_package.kit.results import read_results
from project_package.kit.workspace import ProjectError, Workspace
from project_package.predict import NONE, Recogniser, read_training
from project_package.studies import strangers

from conftest import reseal


@pytest.fixture(scope="module")
def known(prepared: Workspace) -> Recordings:
    return data.load(prepared, "train", reader="train")


@pytest.fixture(scope="module")
def seen(prepared: Workspace, known: Recordings) -> np.ndarray:
    return model.see(known.sounds, prepared.config["sound"])


@pytest.fixture(scope="module")
def measured(trained: Workspace, tmp_path_factory: pytest.TempPathFactory) -> evaluate.Evaluated:
    import shutil

    root = tmp_path_factory.mktemp("measured") / "copy"
    return evaluate.measure(Workspace(shutil.copytree(trained.root, root)))


def short(workspace: Workspace, **settings) -> dict:
    config = workspace.config
    config["train"] |= {"steps": train.POINTS, **settings}
    return config


def test_no_network_learns_from_the_speaker_it_is_asked_about(
    copy: Workspace, known: Recordings, monkeypatch
) -> None:
    """Every training that `train` makes, by the rows and the sounds that it is given."""
    taught: list[tuple[frozenset, frozenset]] = []
    original, no_digits = train.fit, model.no_digits

    def spy(recordings, pictures, rows, seed, config):
        taught.append((frozenset(recordings.speakers[rows]), frozenset(recordings.digits[rows])))
        return original(recordings, pictures, rows, seed, short(copy))

    def noted(own, rows, random):
        given.append(frozenset(own.speakers))
        return no_digits(own, rows, random)

    given: list[frozenset] = []
    monkeypatch.setattr(train, "fit", spy)
    monkeypatch.setattr(model, "no_digits", noted)
    train.run(copy)
    people, config = frozenset(known.speakers), copy.config
    without = [people - whom for whom, _ in taught]
    repeats = config["train"]["repeats"] + 1
    assert sorted(map(len, without)) == sorted(
        [0] + [1] * len(people) * repeats + [2] * len(config["strangers"]["words"])
    )
    for who in people:
        assert without.count(frozenset([who])) == repeats
    assert sorted(map(sorted, given)) == sorted(sorted(whom) for whom, _ in taught)


def test_the_network_without_a_speaker_does_not_change_with_that_speaker(
    trained: Workspace, known: Recordings, seen: np.ndarray
) -> None:
    who = sorted(set(known.speakers))[0]
    rows, config = known.speakers != who, short(trained)
    changed = seen.copy()
    changed[~rows] = 1 - changed[~rows]
    digits = np.where(rows, known.digits, 0)
    one, _ = train.fit(known, seen, rows, 3, config)
    other, _ = train.fit(replace(known, digits=digits), changed, rows, 3, config)
    for name, array in one.fold().items():
        assert np.array_equal(array, other.fold()[name]), name


def test_the_same_seed_gives_the_same_network_and_another_does_not(
    trained: Workspace, known: Recordings, seen: np.ndarray
) -> None:
    rows, config = np.ones(len(known), bool), short(trained)
    one, two, other = (train.fit(known, seen, rows, seed, config)[0].fold() for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert not np.array_equal(one["head"], other["head"])


def test_networks_side_by_side_are_those_one_after_the_other(
    trained: Workspace, known: Recordings, seen: np.ndarray
) -> None:
    rows, config = np.ones(len(known), bool), short(trained)
    alone = [train.fit(known, seen, rows, seed, config)[0].fold() for seed in range(4)]
    beside = train.in_threads(lambda seed: train.fit(known, seen, rows, seed, config), range(4))
    for one, (other, _) in zip(alone, beside, strict=True):
        assert all(np.array_equal(one[name], other.fold()[name]) for name in one)


def test_a_network_can_learn_one_batch_by_heart(
    known: Recordings, seen: np.ndarray, trained
) -> None:
    config = trained.config
    config["train"] |= {"steps": 80, "batch_size": 20, "nothing": 0.0, "smoothing": 0.0}
    config["augment"] = dict.fromkeys(config["augment"], 0.0) | {"masks": 0}
    rows = np.zeros(len(known), bool)
    rows[np.random.default_rng(0).choice(len(known), 20, replace=False)] = True
    network, curve = train.fit(known, seen, rows, 1, config)
    with torch.inference_mode():
        said = network(torch.from_numpy(seen[rows])).argmax(1).numpy()
    assert (said == known.digits[rows]).mean() > 0.9
    assert curve[-1] < curve[0] / 2


def test_shuffled_digits_teach_nothing(trained: Workspace, known: Recordings, seen) -> None:
    random = np.random.default_rng(0)
    who = sorted(set(known.speakers))[1]
    own = known.speakers == who
    shuffled = replace(known, digits=random.permutation(known.digits))
    network, _ = train.fit(shuffled, seen, ~own, 1, trained.config)
    said = train.recogniser(network, trained.config).chances(seen[own])[:, :NONE].argmax(axis=1)
    assert (said == known.digits[own]).mean() < 0.35


def test_arrays_answer_as_pytorch_does(trained: Workspace, known: Recordings, seen) -> None:
    network, _ = train.fit(known, seen, np.ones(len(known), bool), 1, short(trained))
    plain = train.recogniser(network, {**trained.config, "model": {"warps": [1.0]}})
    with torch.inference_mode():
        expected = torch.softmax(network(torch.from_numpy(seen[:40])), 1).numpy()
    assert plain.chances(seen[:40]) == pytest.approx(expected, abs=1e-5)
    assert train.require_parity(network, plain, seen[:40]) < 1e-5
    spoilt = replace(plain, arrays={**plain.arrays, "bias0": plain.arrays["bias0"] + 0.5})
    with pytest.raises(ProjectError, match="differ"):
        train.require_parity(network, spoilt, seen[:40])


def test_a_voice_is_imitated_by_moving_bands_and_time(prepared: Workspace) -> None:
    sound = prepared.config["sound"]
    seen = torch.zeros(1, sound["bands"], sound["frames"])
    seen[0, 10, 15:25] = 1.0
    settings = {"tract": 0.2, "speed": 0.3, "shift": 0.2}

    def moved(*how: float) -> np.ndarray:
        return model.warp(seen, sound, torch.tensor([how]), settings)[0].numpy()

    assert moved(0, 0, 0) == pytest.approx(seen[0].numpy(), abs=1e-4)
    height = [float(moved(how, 0, 0).sum(axis=1) @ np.arange(sound["bands"])) for how in (-1, 0, 1)]
    assert height[0] < height[1] < height[2], "a shorter tract sounds higher"
    length = [float((moved(0, how, 0)[10] > 0.5).sum()) for how in (-1, 0, 1)]
    assert length[0] > length[1] > length[2], "faster is shorter"
    assert moved(0, 0, 1)[10].argmax() < 15 < moved(0, 0, -1)[10].argmax() + 1


def test_imitation_stays_within_what_can_be_seen_and_may_be_switched_off(
    prepared: Workspace, seen: np.ndarray
) -> None:
    config = prepared.config
    given, random = torch.from_numpy(seen[:16]), torch.Generator().manual_seed(0)
    heard = model.augment(given, config["augment"], config["sound"], random)
    assert heard.shape == given.shape
    assert float(heard.min()) >= 0
    assert float(heard.max()) <= 1
    assert not torch.allclose(heard, given)
    off = dict.fromkeys(config["augment"], 0.0) | {"masks": 0}
    same = model.augment(given, off, config["sound"], random)
    assert torch.allclose(same, given, atol=1e-4)


def test_stripes_are_put_out_along_both_axes(prepared: Workspace) -> None:
    given, random = torch.ones(200, 24, 40), torch.Generator().manual_seed(0)
    found = model.mask(given, {"masks": 1, "mask": 0.5}, random)
    assert (found == 0).all(dim=2).any(dim=1).float().mean() > 0.5
    assert (found == 0).all(dim=1).any(dim=1).float().mean() > 0.5
    assert 0.3 < float(found.mean()) < 0.9


def test_simple_methods_are_tuned_without_the_speaker_they_are_asked_about(
    trained: Workspace, known: Recordings, seen: np.ndarray
) -> None:
    """Whatever a speaker says, their own settings stay."""
    settings, who = trained.config["baselines"], sorted(set(known.speakers))[2]
    chosen, table = train.tune(known, seen, settings)
    random = np.random.default_rng(0)
    digits = known.digits.copy()
    own = known.speakers == who
    digits[own] = random.permutation(digits[own])
    again, other = train.tune(replace(known, digits=digits), seen, settings)
    assert again[who] == chosen[who]
    assert table != other
    assert len(table) == len(settings["costs"]) * len(settings["segments"])
    assert read_training(trained)["chosen"] == chosen


def test_threshold_and_temperature_come_from_training_takes_of_unheard_speakers(
    trained: Workspace, measured: evaluate.Evaluated, known: Recordings, seen: np.ndarray
) -> None:
    networks = {who: measured.network(f"{who}/0") for who in measured.speakers}
    chances = train.say_without(known, seen, networks)
    said = chances[:, :NONE].argmax(axis=1)
    confidence = chances[np.arange(len(said)), said]
    cost = trained.config["costs"]["error"]
    expected = model.cheapest_threshold(confidence, said == known.digits, cost)
    assert Recogniser.load(trained).threshold == pytest.approx(expected, abs=1e-6)
    assert model.fit_temperature(chances, known.digits) == pytest.approx(1, abs=0.02)
    assert read_training(trained)["reference_scores"] == pytest.approx(
        confidence.tolist(), abs=1e-5
    )


def test_training_knows_nothing_of_the_test_part(copy: Workspace, trained: Workspace) -> None:
    path = copy.processed / "test.npz"
    part = data.read_part(path)
    data.write_part(copy, "test", replace(part, digits=(part.digits + 1) % 10))
    reseal(copy, "test")
    train.run(copy)
    before, after = (Recogniser.load(each) for each in (trained, copy))
    assert np.array_equal(before.arrays["head"], after.arrays["head"])
    assert (before.threshold, before.temperature) == (after.threshold, after.temperature)
    assert read_training(copy)["chosen"] == read_training(trained)["chosen"]


def test_attempts_are_scored_on_training_takes_of_unheard_speakers(
    without_test: Workspace, known: Recordings
) -> None:
    said = train.held_out(without_test)
    assert said.metric == "accuracy_new_speaker"
    assert list(said.rows.id) == list(known.ids)
    assert (said.rows.group == known.speakers).all()
    assert said.rows.fold.nunique() == len(set(known.speakers))
    assert (said.rows.truth == said.rows.model).mean() > 0.2
    baseline = train.held_out_baseline(without_test)
    assert (baseline == known.digits).mean() > 0.5


def test_a_simple_method_has_not_learned_from_whom_it_is_asked_about(
    copy: Workspace, monkeypatch
) -> None:
    original, asked = train.fit_simple, []

    def spy(name, recordings, pictures, rows, *settings):
        fitted = original(name, recordings, pictures, rows, *settings)

        def noted(given):
            asked.append((frozenset(recordings.speakers[rows]), len(given)))
            return fitted(given)

        return noted

    monkeypatch.setattr(evaluate, "fit_simple", spy)
    found = evaluate.measure(copy)
    people = frozenset(found.speakers)
    assert len(asked) == 2 * len(people)
    assert {people - known for known, _ in asked} == {frozenset([who]) for who in people}


def test_the_leak_of_a_known_speaker_shows_on_the_sample(trained: Workspace) -> None:
    """A split by recordings promises far more than is kept with a new voice."""
    metrics = read_results(trained)["metrics"]
    known, new = metrics["accuracy_known_speaker"], metrics["accuracy_new_speaker"]
    assert known["baseline"] > new["baseline"] + 0.05


def test_every_network_that_was_planned_is_kept(trained: Workspace, known: Recordings) -> None:
    with np.load(trained.models / train.NETWORKS) as stored:
        names = {key.rsplit("/", 1)[0] for key in stored}
    assert names == set(train.plan(known, trained)) - {train.MODEL}
    assert set(read_training(trained)["curves"]) == set(train.plan(known, trained))


def test_made_noises_are_no_recordings_of_anybody(measured: evaluate.Evaluated) -> None:
    kinds = strangers.make_noises(5, np.random.default_rng(0))
    assert {name: len(sounds) for name, sounds in kinds.items()} == {
        "white noise": 5, "hum": 5, "near silence": 5,
    }  # fmt: skip
    for name, sounds in kinds.items():
        quiet = max(np.abs(sound.astype(int)).max() for sound in sounds) < 300
        assert quiet == (name == "near silence")
