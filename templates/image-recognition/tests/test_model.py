import dataclasses
import inspect
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from project_package import checkpoint, data, evaluate, fit, hardware, model, train
from project_package.data import CLASSES, Images
from project_package.fit import Recipe, Trainer
from project_package.hardware import Setting
from project_package.pace import Clock, Steps
from project_package.predict import ImageRecogniser
from project_package.results import read_results
from project_package.workspace import Workspace, read_json

from conftest import reseal

EXACT = Setting(threads=1)
CPU = torch.device("cpu")


@pytest.fixture
def images(prepared: Workspace) -> Images:
    return data.load(prepared, "train", reader="train")


@pytest.fixture
def recipe(prepared: Workspace) -> Recipe:
    return Recipe.from_settings(prepared.config["train"], seed=3)


def run_steps(trainer: Trainer, first: int, last: int, of: int) -> list[float]:
    return [trainer.step(number, number / of, EXACT) for number in range(first, last)]


def change(workspace: Workspace, part: str, edit) -> None:
    """Edit one part's images in place."""
    edited = edit(data.read_part(workspace.processed / f"{part}.npz"))
    data.write_part(workspace, part, edited)
    reseal(workspace, part)


def test_an_untrained_network_gives_every_class_about_the_same(recipe, images) -> None:
    logits = fit.predict(Trainer(images, recipe, CPU).network, images.pixels[:50])
    assert logits.shape == (50, len(CLASSES))
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(images.labels[:50]))
    assert loss == pytest.approx(np.log(len(CLASSES)), abs=0.5)


def test_the_network_can_learn_one_batch_by_heart(recipe, images) -> None:
    batch = images.take(slice(32))
    by_heart = dataclasses.replace(recipe, shift=0, peak_rate=0.1)
    trainer = Trainer(batch, by_heart, CPU)
    trainer.batch_size = len(batch)
    run_steps(trainer, 0, 60, of=60)
    assert fit.predict(trainer.network, batch.pixels).argmax(1).tolist() == batch.labels.tolist()


def test_every_weight_of_the_network_learns(recipe, images) -> None:
    """A ReLU behind a normalisation that starts at zero stays there, and nobody is told."""
    trainer = Trainer(images, recipe, CPU)
    run_steps(trainer, 0, 5, of=5)
    for name, weight in trainer.network.named_parameters():
        assert weight.grad.abs().max() > 0, f"{name} has learned nothing"


def test_shuffled_labels_score_no_better_than_chance(prepared: Workspace, recipe, images) -> None:
    unseen = data.load(prepared, "validation", reader="train")
    shuffled = np.random.default_rng(0).permutation(images.labels)
    trainer = Trainer(dataclasses.replace(images, labels=shuffled), recipe, CPU)
    run_steps(trainer, 0, 60, of=60)
    found = fit.predict(trainer.network, unseen.pixels).argmax(1).numpy()
    assert np.mean(found == unseen.labels) < 0.3


def test_the_same_seed_and_steps_give_the_same_network(recipe, images) -> None:
    first, second = (Trainer(images, recipe, CPU) for _ in range(2))
    assert run_steps(first, 0, 8, of=8) == run_steps(second, 0, 8, of=8)
    for one, other in zip(first.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_interrupted_training_ends_as_if_nothing_had_happened(
    prepared: Workspace, recipe, images, tmp_path: Path, monkeypatch
) -> None:
    validation = data.load(prepared, "validation", reader="train")
    whole = Trainer(images, recipe, CPU)
    fit.fit(whole, validation, Steps(12), EXACT, tmp_path / "whole.safetensors", "whole")

    path = tmp_path / "broken.safetensors"
    broken, step = Trainer(images, recipe, CPU), Trainer.step

    def until_ctrl_c(self: Trainer, number: int, progress: float, setting: Setting) -> float:
        if number == 7:
            raise KeyboardInterrupt
        return step(self, number, progress, setting)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", until_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            fit.fit(broken, validation, Steps(12), EXACT, path, "broken")
    standing = checkpoint.read_standing(path)
    assert standing is not None
    assert (standing.step, standing.finished) == (7, False)

    resumed = Trainer(images, recipe, CPU)
    assert fit.fit(resumed, validation, Steps(12), EXACT, path, "resumed").step == 12
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_checkpoint_of_another_recipe_is_not_gone_on_with(
    prepared: Workspace, recipe, images, tmp_path: Path
) -> None:
    validation = data.load(prepared, "validation", reader="train")
    path = tmp_path / "checkpoint.safetensors"
    fit.fit(Trainer(images, recipe, CPU), validation, Steps(2), EXACT, path, "first")
    other = Trainer(images, dataclasses.replace(recipe, peak_rate=0.01), CPU)
    standing = checkpoint.read_standing(path)
    assert standing is not None
    assert not standing.can_become(other.identity, budget=2)


def test_the_clock_ends_a_training_in_its_time_and_counts_earlier_runs() -> None:
    assert Clock(budget=1000).progress(step=10**9) < 0.01
    assert Clock(budget=1000, spent=500).progress(step=0) == pytest.approx(0.5, abs=0.01)
    assert Clock(budget=1, spent=2).progress(step=0) == 1


def test_the_learning_rate_follows_one_cycle(recipe) -> None:
    rates = [recipe.rate(progress) for progress in np.linspace(0, 1, 101)]
    assert rates[0] == rates[-1] == 0
    assert max(rates) == pytest.approx(recipe.peak_rate)
    assert rates.index(max(rates)) == round(100 * recipe.warm_up)


def test_the_faster_setting_is_chosen(monkeypatch) -> None:
    monkeypatch.setattr(hardware, "_time", lambda _, setting: 9 if setting.bfloat16 else 5)
    assert not hardware.fastest(lambda _: None)[0].bfloat16
    monkeypatch.setattr(hardware, "_time", lambda _, setting: 4 if setting.bfloat16 else 5)
    assert hardware.fastest(lambda _: None)[0].bfloat16


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
    network = model.ResidualNetwork(len(CLASSES), 0.0, 1.0)
    checkpoint.restore(trained.models / "model.safetensors", network)
    grey = images.pixels / 255.0
    assert float(network.mean) == pytest.approx(grey.mean(), rel=1e-6)
    assert float(network.deviation) == pytest.approx(grey.std(), rel=1e-6)


def test_the_export_agrees_with_pytorch(trained: Workspace) -> None:
    network = model.ResidualNetwork(len(CLASSES), 0.0, 1.0)
    checkpoint.restore(trained.models / "model.safetensors", network)
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


def test_nothing_that_is_chosen_comes_from_the_test_part(copy: Workspace) -> None:
    """With the labels of the test part replaced, training must end with the same choices."""
    change(copy, "test", lambda part: dataclasses.replace(part, labels=(part.labels + 1) % 10))
    before = read_json(copy.models / "training.json", made_by="train")
    evaluate.run(copy)
    assert read_json(copy.models / "training.json", made_by="train") == before
    assert ImageRecogniser.load(copy).threshold == pytest.approx(before["threshold"])
    assert read_results(copy)["primary"]["value"] < 0.3


def test_training_gives_the_same_model_again_and_never_opens_the_test_part(
    copy: Workspace,
) -> None:
    (copy.processed / "test.npz").unlink()
    before = read_json(copy.models / "training.json", made_by="train")
    train.run(copy)
    after = read_json(copy.models / "training.json", made_by="train")
    for key in ("threshold", "temperature", "reference_scores"):
        assert after[key] == pytest.approx(before[key], abs=1e-5), key
