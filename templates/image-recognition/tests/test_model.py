import dataclasses
import inspect
import itertools
import json
import threading
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch

from project_package import data, evaluate, explore, fit, model, train
from project_package.data import CLASSES, Images
from project_package.fit import Recipe, Trainer, watch
from project_package.kit import training as steps
from project_package.kit.results import read_results
from project_package.kit.workspace import Workspace, read_json
from project_package.predict import ImageRecogniser
from project_package.studies import corruption

from conftest import reseal


@pytest.fixture
def images(prepared: Workspace) -> Images:
    return data.load(prepared, "train", reader="train")


@pytest.fixture
def recipe(prepared: Workspace) -> Recipe:
    short = Workspace(prepared.root, overrides={"train.steps": 12})
    return Recipe.from_config(short.config, seed=3)


@pytest.fixture
def look(prepared: Workspace) -> steps.Look:
    return watch(data.load(prepared, "validation", reader="train"))


def test_a_checkpoint_is_of_these_images_and_labels_only(images: Images, recipe: Recipe) -> None:
    others = dataclasses.replace(images, pixels=images.pixels[::-1].copy())
    relabelled = dataclasses.replace(images, labels=images.labels[::-1].copy())
    known = {Trainer(each, recipe).identity for each in (images, others, relabelled, images)}
    assert len(known) == 3


def run_steps(trainer: Trainer) -> list[dict]:
    return [trainer.step(number) for number in range(trainer.recipe.steps)]


def change(workspace: Workspace, part: str, edit) -> None:
    """Edit one part's images in place."""
    edited = edit(data.read_part(workspace.processed / f"{part}.npz"))
    data.write_part(workspace, part, edited)
    reseal(workspace, part)


def test_an_untrained_network_gives_every_class_about_the_same(recipe, images) -> None:
    logits = fit.predict(Trainer(images, recipe).network, images.pixels[:50])
    assert logits.shape == (50, len(CLASSES))
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(images.labels[:50]))
    assert loss == pytest.approx(np.log(len(CLASSES)), abs=0.5)


def test_the_network_can_learn_one_batch_by_heart(recipe, images) -> None:
    batch = images.take(slice(32))
    trainer = Trainer(batch, dataclasses.replace(recipe, steps=60, shift=0, peak_rate=0.1))
    trainer.batch_size = len(batch)
    run_steps(trainer)
    assert fit.predict(trainer.network, batch.pixels).argmax(1).tolist() == batch.labels.tolist()


def test_every_weight_of_the_network_learns(recipe, images) -> None:
    """A ReLU behind a normalisation that starts at zero stays there, and nobody is told."""
    trainer = Trainer(images, recipe)
    run_steps(trainer)
    for name, weight in trainer.network.named_parameters():
        assert weight.grad.abs().max() > 0, f"{name} has learned nothing"


def test_shuffled_labels_score_no_better_than_chance(prepared: Workspace, recipe, images) -> None:
    unseen = data.load(prepared, "validation", reader="train")
    shuffled = np.random.default_rng(0).permutation(images.labels)
    longer = dataclasses.replace(recipe, steps=60)
    trainer = Trainer(dataclasses.replace(images, labels=shuffled), longer)
    run_steps(trainer)
    found = fit.predict(trainer.network, unseen.pixels).argmax(1).numpy()
    assert np.mean(found == unseen.labels) < 0.3


def test_the_same_seed_and_steps_give_the_same_network(recipe, images) -> None:
    first, second = (Trainer(images, recipe) for _ in range(2))
    assert run_steps(first) == run_steps(second)
    for one, other in zip(first.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_interrupted_training_ends_as_if_nothing_had_happened(
    look, recipe, images, tmp_path: Path, monkeypatch
) -> None:
    whole = Trainer(images, recipe)
    steps.finish(whole, look, tmp_path / "whole.safetensors")

    path, stop = tmp_path / "broken.safetensors", threading.Event()
    broken, step = Trainer(images, recipe), Trainer.step

    def until_ctrl_c(self: Trainer, number: int) -> dict:
        if number == 6:
            stop.set()
        return step(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", until_ctrl_c)
        assert steps.finish(broken, look, path, stop).step == 7

    resumed = Trainer(images, recipe)
    assert steps.finish(resumed, look, path).step == 12
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)
    standing = steps.read_standing(path)
    assert standing == steps.read_standing(tmp_path / "whole.safetensors")


def test_ctrl_c_keeps_every_network_as_far_as_it_has_come(
    look, recipe, images, tmp_path: Path, monkeypatch
) -> None:
    trainers = {
        f"seed-{seed}": Trainer(images, dataclasses.replace(recipe, seed=seed, steps=10_000))
        for seed in (1, 2)
    }

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        steps.finish_all(trainers, look, tmp_path)
    for name, trainer in trainers.items():
        standing = steps.read_standing(tmp_path / f"{name}.safetensors")
        assert standing is not None
        assert standing.identity == trainer.identity
        assert standing.step < 10_000


@pytest.mark.parametrize("change", [{"peak_rate": 0.01}, {"steps": 5}])
def test_a_checkpoint_of_another_recipe_is_not_gone_on_with(
    look, recipe, images, tmp_path: Path, change
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    steps.finish(Trainer(images, dataclasses.replace(recipe, steps=2)), look, path)
    other, fresh = (Trainer(images, dataclasses.replace(recipe, **change)) for _ in range(2))
    steps.finish(other, look, path)
    steps.finish(fresh, look, tmp_path / "fresh.safetensors")
    for one, another in zip(fresh.network.parameters(), other.network.parameters(), strict=True):
        assert torch.equal(one, another)


def test_networks_trained_side_by_side_are_those_trained_alone(
    look, recipe, images, tmp_path: Path
) -> None:
    """A busy machine and one with other cores must find the same numbers."""
    recipes = {f"seed-{seed}": dataclasses.replace(recipe, seed=seed) for seed in (1, 2)}
    together = {name: Trainer(images, one) for name, one in recipes.items()}
    steps.finish_all(together, look, tmp_path)
    for name, one in recipes.items():
        alone = Trainer(images, one)
        run_steps(alone)
        for left, right in zip(
            alone.network.parameters(), together[name].network.parameters(), strict=True
        ):
            assert torch.equal(left, right), name


def test_no_clock_decides_anything(look, recipe, images, tmp_path: Path, monkeypatch) -> None:
    """On a machine that takes weeks for a step, the network is the same."""
    quick, slow = (Trainer(images, recipe) for _ in range(2))
    steps.finish(quick, look, tmp_path / "quick.safetensors")
    monkeypatch.setattr(steps.time, "monotonic", itertools.count(0, 1e6).__next__)
    assert steps.finish(slow, look, tmp_path / "slow.safetensors").step == recipe.steps
    for one, other in zip(quick.network.parameters(), slow.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_learning_rate_follows_one_cycle(recipe) -> None:
    recipe = dataclasses.replace(recipe, steps=100)
    rates = [recipe.rate(step) for step in range(101)]
    assert rates[0] == rates[-1] == 0
    assert max(rates) == pytest.approx(recipe.peak_rate)
    assert rates.index(max(rates)) == round(100 * recipe.warm_up)


def test_augmentation_moves_and_mirrors_but_keeps_the_garment(images) -> None:
    pixels = torch.from_numpy(images.pixels[:100])
    random = torch.Generator().manual_seed(0)
    unmoved = model.augment(pixels, 0, random)
    mirrored = (unmoved != pixels).flatten(1).any(1)
    assert 20 < int(mirrored.sum()) < 80
    assert torch.equal(unmoved[mirrored], pixels[mirrored].flip(2))
    padded = torch.nn.functional.pad(pixels, (4, 4, 4, 4))
    moved = model.augment(padded, 2, random)
    assert torch.equal(moved.flatten(1).sum(1), padded.flatten(1).sum(1))


def test_augmentation_happens_in_training_alone() -> None:
    for read in (data.run, data.split, fit.predict, evaluate.run):
        assert "augment" not in inspect.getsource(read)


def test_mean_and_deviation_come_from_the_training_part_alone(trained: Workspace, images) -> None:
    """A network scaled by all rows has seen the brightness of the images it is tested on."""
    network = model.ResidualNetwork(len(CLASSES), **trained.config["model"])
    steps.restore(trained.models / "model.safetensors", network)
    grey = images.pixels / 255.0
    assert float(network.mean) == pytest.approx(grey.mean(), rel=1e-6)
    assert float(network.deviation) == pytest.approx(grey.std(), rel=1e-6)


def test_the_export_agrees_with_pytorch(trained: Workspace) -> None:
    network = model.ResidualNetwork(len(CLASSES), **trained.config["model"])
    steps.restore(trained.models / "model.safetensors", network)
    training = read_json(trained.models / "training.json", made_by="train")
    pixels = data.load(trained, "validation", reader="train").pixels
    logits = fit.predict(network, pixels) / training["temperature"]
    served = ImageRecogniser.load(trained).probabilities(pixels)
    assert np.abs(torch.softmax(logits, dim=1).numpy() - served).max() < 1e-4


def test_the_exported_file_is_whole_and_small(trained: Workspace) -> None:
    path = trained.models / "model.onnx"
    assert path.stat().st_size < 3_000_000
    session = onnxruntime.InferenceSession(path.read_bytes())
    assert [entry.name for entry in session.get_inputs()] == ["images"]


def test_the_temperature_undoes_overconfidence() -> None:
    random = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 10, (4_000,), generator=random)
    honest = torch.randn(4_000, 10, generator=random)
    honest[torch.arange(4_000), labels] += 1.0  # so that softmax(honest) is calibrated
    assert model.fit_temperature(honest * 3, labels) == pytest.approx(3, rel=0.1)


def test_a_dearer_error_asks_more_often() -> None:
    random = np.random.default_rng(0)
    confidence = random.uniform(0.3, 1, 5_000)
    right = random.uniform(size=5_000) < confidence
    cheap, dear = (model.cheapest_threshold(confidence, right, cost) for cost in (2, 20))
    assert cheap == pytest.approx(1 - 1 / 2, abs=0.06)
    assert dear == pytest.approx(1 - 1 / 20, abs=0.04)


def test_nothing_that_is_chosen_comes_from_the_test_set(copy: Workspace) -> None:
    """With the labels of the test set replaced, training must end with the same choices."""
    before = (copy.models / "training.json").read_bytes()
    labels = data.read_part(copy.processed / "test.npz").labels
    change(copy, "test", lambda part: dataclasses.replace(part, labels=(labels + 1) % 10))
    train.run(copy)
    evaluate.run(copy)
    after, kept = read_json(copy.models / "training.json", made_by="train"), json.loads(before)
    for training in (after, kept):
        training.pop("digests")  # of a manifest that has changed
    assert after == kept
    assert read_results(copy)["primary"]["value"] < 0.3


def test_training_gives_the_same_model_again_and_never_opens_the_test_set(
    copy: Workspace,
) -> None:
    (copy.processed / "test.npz").unlink()
    before = (copy.models / "training.json").read_bytes()
    train.run(copy)
    assert (copy.models / "training.json").read_bytes() == before


def test_the_network_that_is_shipped_is_that_of_the_runs_own_seed(trained: Workspace) -> None:
    """Not the luckiest of the repeats, which differ in their seed and in nothing else."""
    training = read_json(trained.models / "training.json", made_by="train")
    networks = training["networks"]
    seeds = [made["seed"] for made in networks.values()]
    assert seeds == list(range(trained.seed, trained.seed + len(networks)))
    assert len({made["steps"] for made in networks.values()}) == 1
    pixels = data.load(trained, "validation", reader="train").pixels[:20]
    said = {}
    for name in networks:
        network = model.ResidualNetwork(len(CLASSES), **trained.config["model"])
        steps.restore(trained.models / f"{name}.safetensors", network)
        logits = fit.predict(network, pixels) / training["temperature"]
        said[name] = torch.softmax(logits, dim=1).numpy()
    served = ImageRecogniser.load(trained).probabilities(pixels)
    assert np.abs(said.pop("model") - served).max() < 1e-4
    others = list(said.values())
    assert all(np.abs(other - served).max() > 1e-3 for other in others)
    assert np.abs(others[0] - others[-1]).max() > 1e-3


def test_threshold_and_temperature_are_the_cheapest_and_likeliest_of_the_validation_part(
    trained: Workspace,
) -> None:
    training = read_json(trained.models / "training.json", made_by="train")
    unseen = data.load(trained, "validation", reader="train")
    served = ImageRecogniser.load(trained)
    chances = served.probabilities(unseen.pixels).astype(float)
    confidence, right = chances.max(axis=1), chances.argmax(axis=1) == unseen.labels
    assert np.allclose(confidence, training["reference_scores"], atol=1e-4)
    assert served.threshold == pytest.approx(training["threshold"])
    price = trained.config["costs"]["error"]

    def cost(threshold: float) -> float:
        return float(np.where(confidence >= threshold, ~right * price, 1.0).sum())

    tried = [0.0, *(confidence + 1e-6), *(confidence - 1e-6)]
    assert cost(training["threshold"]) <= min(map(cost, tried)) + price

    def loss(power: float) -> float:
        other = chances**power
        other /= other.sum(axis=1, keepdims=True)
        return float(-np.log(other[np.arange(len(other)), unseen.labels]).mean())

    assert loss(1.0) <= min(loss(0.9), loss(1.1)) + 1e-4


def test_network_and_rivals_learn_from_the_whole_training_part_and_nothing_else(
    copy: Workspace, monkeypatch
) -> None:
    parts = {name: data.read_part(copy.processed / f"{name}.npz") for name in data.PARTS}
    given: list[tuple[str, list[str]]] = []
    name_of = {
        image.tobytes(): str(row)
        for part in parts.values()
        for image, row in zip(part.pixels, part.ids, strict=True)
    }

    class EnoughError(Exception):
        pass

    def spy_on_networks(trainers, look, folder):
        for name, trainer in trainers.items():
            pixels = trainer.pixels.numpy().astype(np.uint8).reshape(-1, 28, 28)
            given.append((name, [name_of[image.tobytes()] for image in pixels]))
            assert len(trainer.labels) == len(pixels)
        raise EnoughError

    monkeypatch.setattr(train, "finish_all", spy_on_networks)
    with pytest.raises(EnoughError):
        train.run(copy)
    for name, ids in given:
        assert ids == [name_of[image.tobytes()] for image in parts["train"].pixels], name
    assert len(given) == copy.config["train"]["repeats"] + 1


def test_both_are_shown_the_same_corrupted_images(trained: Workspace) -> None:
    test = data.read_part(trained.processed / "test.npz").take(slice(30))
    seen: dict[str, list[bytes]] = {"network": [], corruption.HOG: []}

    def method(name: str, said: np.ndarray):
        def look(pixels: np.ndarray) -> np.ndarray:
            seen[name].append(pixels.tobytes())
            return said

        return look

    said = {"network": test.labels, corruption.HOG: (test.labels + 1) % len(CLASSES)}
    methods = {name: method(name, answer) for name, answer in said.items()}
    levels = trained.config["evaluate"]["corruption"]
    table = corruption.measure(test, methods, levels, seed=1)
    assert seen["network"] == seen[corruption.HOG]
    assert len(set(seen["network"])) == len(table) - len(set(table.kind)) + 1
    assert (table.network == 1).all()
    assert (table[corruption.HOG] == 0).all()


def test_a_corruption_is_shown_to_the_network_as_to_the_baseline(
    copy: Workspace, monkeypatch
) -> None:
    evaluated = evaluate.measure(copy)
    seen: list[dict] = []
    kept = corruption.measure

    def spy(test, methods, levels, seed):
        shifted = np.roll(test.pixels, 3, axis=2)
        direct = evaluated.recogniser.probabilities(shifted).argmax(1)
        seen.append({"same": (methods["network"](shifted) == direct).all()})
        return kept(test, methods, levels, seed)

    monkeypatch.setattr(corruption, "measure", spy)
    corruption.study(copy, evaluated)
    assert seen == [{"same": True}]


def test_an_attempt_scores_the_validation_set_and_never_opens_the_test_set(
    copy: Workspace,
) -> None:
    (copy.processed / "test.npz").unlink()
    unseen = data.load(copy, "validation", reader="train")
    said = train.held_out(copy)
    assert list(said.rows.id) == list(unseen.ids)
    assert list(said.rows.truth) == list(unseen.labels)
    pd.testing.assert_frame_equal(said.rows, train.held_out(copy).rows)
    other = Workspace(copy.root, overrides={"train.peak_rate": 0.001})
    assert list(train.held_out(other).rows.model) != list(said.rows.model)
    baseline = train.held_out_baseline(copy)
    assert baseline.shape == (len(unseen),)
    assert np.mean(baseline == unseen.labels) > 0.5


def test_an_attempt_is_scored_on_images_that_neither_it_nor_the_baseline_learned_from(
    copy: Workspace, monkeypatch
) -> None:
    learned: list[np.ndarray] = []
    fit_baseline = train.baselines.fit

    class Spied(Trainer):
        def __init__(self, images: Images, recipe: Recipe) -> None:
            learned.append(images.pixels)
            super().__init__(images, recipe)

    def spied(name: str, pixels: np.ndarray, *others):
        learned.append(pixels)
        return fit_baseline(name, pixels, *others)

    monkeypatch.setattr(train, "Trainer", Spied)
    monkeypatch.setattr(train.baselines, "fit", spied)
    said, _ = train.held_out(copy), train.held_out_baseline(copy)
    unseen = data.load(copy, "validation", reader="train")
    assert list(said.rows.id) == list(unseen.ids)
    network, baseline = ({image.tobytes() for image in pixels} for pixels in learned)
    assert network == baseline
    assert not network & {image.tobytes() for image in unseen.pixels}
    assert (said.metric, said.higher_is_better) == ("accuracy", True)


def test_what_is_explored_is_the_training_set_alone(copy: Workspace) -> None:
    (copy.processed / "test.npz").unlink()
    (copy.processed / "validation.npz").unlink()
    explore.run(copy)
    seen = read_json(copy.reports / "exploration.json", made_by="explore")
    train_part = data.load(copy, "train", reader="explore")
    rows = {row[0]: row[1] for row in seen["tables"]["explored-classes"]["rows"]}
    assert rows == {name: int((train_part.labels == k).sum()) for k, name in enumerate(CLASSES)}
    for name in seen["figures"]:
        assert (copy.figures / f"{name}.svg").stat().st_size > 1_000
